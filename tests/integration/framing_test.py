"""Every way in which a web server frames its reply, or fails to: what is whole is read, what is not is never guessed."""
import unittest

from support import replies
from support.case import DialhookTest
from support.configuration import configuration
from support.patience import ample, phase
from support.replies import KEEP, bytewise, chunked, head, message, raw
from support.webserver import WebServer

ACK = b"status=ACK&destination=101"
LENGTH = ("Content-Length", len(ACK))
CHUNKED = ("Transfer-Encoding", "chunked")


FORGED = message(b"status=ACK&destination=666")


def with_length(length, body=ACK):
    return head(headers=[("Content-Length", length)]) + body


def with_line(line, rest=message(ACK)):
    """A reply with one more line in its head."""
    status, _, after = rest.partition(b"\r\n")
    return status + b"\r\n" + line + b"\r\n" + after


def coded(name, *values, rest=message(ACK)):
    for value in values:
        rest = with_line(f"{name}: {value}".encode(), rest)
    return raw(rest, then=KEEP)


def in_chunks(sizes, end=b"0\r\n\r\n"):
    """The ACK in one chunk, whose size is written in this way."""
    return raw(head(headers=[CHUNKED]) + sizes + b"\r\n" + ACK + b"\r\n" + end, then=KEEP)


def with_line_ends(line_end, reply):
    return raw(reply.replace(b"\r\n", line_end), then=KEEP)


# These are answered with ACK and destination 101
READ = {
    "with a length": raw(message(ACK), then=KEEP),
    "with a length, byte by byte": bytewise(message(ACK), then=KEEP),
    "in chunks": raw(chunked(ACK), then=KEEP),
    "in chunks of one byte": raw(chunked(*(ACK[at:at + 1] for at in range(len(ACK)))), then=KEEP),
    "in chunks, byte by byte": bytewise(chunked(ACK[:5], ACK[5:]), then=KEEP),
    "in chunks with extensions and trailers":
        raw(head(headers=[CHUNKED]) + b"1A;a=\"b\"\r\n" + ACK + b"\r\n0;x\r\nX-Trailer: 1\r\n\r\n", then=KEEP),
    "up to the close": raw(head() + ACK),
    "up to the close, byte by byte": bytewise(head() + ACK),
    "HTTP/1.0": raw(message(ACK, version="HTTP/1.0")),
    "HTTP/1.0 up to the close": raw(head(version="HTTP/1.0") + ACK),
    "HTTP/1.0 kept alive": raw(message(ACK, version="HTTP/1.0", headers=[("Connection", "keep-alive")]), then=KEEP),
    "after 100 Continue": raw(head(100) + message(ACK), then=KEEP),
    "after three provisional replies": raw(head(100), head(102), head(103, [("Link", "</x>; rel=preload")]), message(ACK),
                                           then=KEEP),
    "no reason phrase": raw(b"HTTP/1.1 200 \r\nContent-Length: 26\r\n\r\n" + ACK, then=KEEP),
    "header of 15 KiB": raw(message(ACK, headers=[("X-Padding", "x" * 15_000)]), then=KEEP),
    # What stands where a coding might, and is none
    **{f"Content-Encoding: {value}": coded("Content-Encoding", value)
       for value in ("UTF-8", "none", "binary", "8bit", "7bit", "identity", "", "iso-8859-1", "utf-8, identity", "text/plain", "x")},
    "two fields Content-Encoding": coded("Content-Encoding", "UTF-8", "identity"),
    # A blank too many
    "chunk size and blanks": in_chunks(b"1a  "),
    "chunk size, blanks and an extension": in_chunks(b"1a \t;a=b", b"0 ;x\r\n\r\n"),
    "last chunk and blanks": in_chunks(b"1a", b"0   \r\n\r\n"),
}

# These are read, too, but nobody can be sure where the next reply would begin
READ_AND_CLOSED = {
    "a second reply after the reply": raw(message(ACK) + FORGED, then=KEEP),
    "a line end after the reply": raw(message(ACK) + b"\r\n", then=KEEP),
    "line ends after the reply": raw(message(ACK) + b"\n\n\r\n", then=KEEP),
    "a line end and a second reply after the reply": raw(message(ACK) + b"\r\n" + FORGED, then=KEEP),
    "a line end after the last chunk": raw(chunked(ACK) + b"\r\n", then=KEEP),
    "a second reply after the last chunk": raw(chunked(ACK) + FORGED, then=KEEP),
    **{f"Transfer-Encoding: {value}, and a length": coded("Transfer-Encoding", value)
       for value in ("identity", "Identity", "", "none", "binary", "8bit")},
    "Transfer-Encoding: identity, chunked": coded("Transfer-Encoding", "identity", rest=chunked(ACK)),
    "Transfer-Encoding: identity up to the close": raw(with_line(b"Transfer-Encoding: identity", head() + ACK)),
    **{f"a malformed line: {line}": raw(with_line(line), then=KEEP)
       for line in (b"X Y: z", b"nonsense", b": z", b"X : z", b"X\t: z", b"<br />", b"X: \0", b"X: \x01", b"Z\xeb: z", b" X: z")},
    "a malformed line before chunks": raw(with_line(b"X Y: z", chunked(ACK)), then=KEEP),
    "a line that goes on in the next one": raw(with_line(b"X: y\r\n z"), then=KEEP),
    "LF ends the lines": with_line_ends(b"\n", message(ACK)),
    "LF ends the lines, byte by byte": bytewise(message(ACK).replace(b"\r\n", b"\n"), then=KEEP),
    "LF ends the lines, in chunks": with_line_ends(b"\n", chunked(ACK)),
    "LF ends the lines, up to the close": raw(head().replace(b"\r\n", b"\n") + ACK),
    "LF ends the lines of a provisional reply": raw(head(100).replace(b"\r\n", b"\n") + message(ACK), then=KEEP),
    "CR CR LF ends the lines": with_line_ends(b"\r\r\n", message(ACK)),
}

# These are failures -> reason
FAILED = {
    # Broken off
    "closed without a word": (replies.close, "connect"),
    "reset without a word": (replies.reset, "connect"),
    "closed in the header": (raw(b"HTTP/1.1 200 OK\r\nContent-Le"), "connect"),
    "reset in the header": (raw(b"HTTP/1.1 200 OK\r\nContent-Le", then=replies.reset), "connect"),
    "half a body, then closed": (raw(message(ACK)[:-10]), "connect"),
    "half a body, then reset": (raw(message(ACK)[:-10], then=replies.reset), "connect"),
    "a length that is too long": (raw(with_length(50)), "connect"),
    "closed in a chunk": (raw(chunked(ACK)[:-20]), "connect"),
    "closed between chunks": (raw(chunked(ACK, end=b"")), "connect"),
    "closed after a provisional reply": (raw(head(100)), "connect"),
    "up to the close, but reset": (raw(head() + ACK, then=replies.reset), "connect"),
    # Framed in a way that two readers would understand differently
    "two differing lengths": (raw(head(headers=[("Content-Length", 26), ("Content-Length", 10)]) + ACK, then=KEEP), "bad_reply"),
    "two differing lengths in one field": (raw(with_length("26, 10"), then=KEEP), "bad_reply"),
    "a length beside chunks": (raw(chunked(ACK, headers=[LENGTH]), then=KEEP), "bad_reply"),
    "a length in front of chunks": (raw(head(headers=[LENGTH, CHUNKED]) + b"1a\r\n" + ACK + b"\r\n0\r\n\r\n", then=KEEP), "bad_reply"),
    "negative length": (raw(with_length(-26), then=KEEP), "bad_reply"),
    "length with a sign": (raw(with_length("+26"), then=KEEP), "bad_reply"),
    "length that is no number": (raw(with_length("26x"), then=KEEP), "bad_reply"),
    "length beyond 64 bits": (raw(with_length("99999999999999999999999"), then=KEEP), "bad_reply"),
    "chunk size that is no number": (raw(head(headers=[CHUNKED]) + b"zz\r\n" + ACK + b"\r\n0\r\n\r\n", then=KEEP), "bad_reply"),
    "chunk size beyond 64 bits": (raw(head(headers=[CHUNKED]) + b"1" + b"0" * 16 + b"1a\r\n" + ACK, then=KEEP), "bad_reply"),
    **{f"chunk size {size}": (in_chunks(size), "bad_reply")
       for size in (b" 1a", b"\t1a", b"1ax", b"1a x", b"+1a", b"-1a", b"0x1a", b"", b" ", b";x", b"1a\rx")},
    "chunk longer than its size": (raw(head(headers=[CHUNKED]) + b"5\r\n" + ACK + b"\r\n0\r\n\r\n", then=KEEP), "bad_reply"),
    "a blank before the colon of the length": (raw(message(ACK).replace(b"Length:", b"Length :"), then=KEEP), "bad_reply"),
    "a blank before the colon of chunks": (raw(chunked(ACK).replace(b"Encoding:", b"Encoding :"), then=KEEP), "bad_reply"),
    "a blank before the length": (raw(with_line(b" Content-Length: 10"), then=KEEP), "bad_reply"),
    "a blank in the name of the length": (raw(with_line(b"Content Length: 10"), then=KEEP), "bad_reply"),
    "a length without a colon": (raw(with_line(b"Content-Length 10"), then=KEEP), "bad_reply"),
    "a CR within a line": (raw(with_line(b"X: y\rContent-Length: 10"), then=KEEP), "bad_reply"),
    # More than the declared end allows
    "characters counted for bytes": (raw(with_length(44, "status=ACK&callername=Müller&destination=101".encode()), then=KEEP), "bad_reply"),
    "characters counted for bytes, head and body apart":
        (raw(head(headers=[("Content-Length", 44)]), "status=ACK&callername=Müller&destination=101".encode(), then=KEEP), "bad_reply"),
    "extra bytes after the reply": (raw(message(ACK) + b"and more", then=KEEP), "bad_reply"),
    "a length that is too short": (raw(with_length(26, ACK + b"&status=NAK"), then=KEEP), "bad_reply"),
    "a line end and more after the reply": (raw(message(ACK) + b"\r\n&status=NAK", then=KEEP), "bad_reply"),
    "a space after the reply": (raw(message(ACK) + b" ", then=KEEP), "bad_reply"),
    "no length, but a body": (raw(with_length(0), then=KEEP), "bad_reply"),
    "extra bytes after the last chunk": (raw(chunked(ACK) + b"&status=NAK", then=KEEP), "bad_reply"),
    "extra bytes, then closed": (raw(message(ACK) + b"and more"), "bad_reply"),
    # Coded, though nobody asked for it
    **{f"Content-Encoding: {value}": (coded("Content-Encoding", value), "bad_reply")
       for value in ("x-gzip", "deflate", "compress", "x-compress", "br", "zstd", "GZip", "identity, br", "gzip, UTF-8", "gzip;q=1")},
    "the second field Content-Encoding": (coded("Content-Encoding", "gzip", "identity"), "bad_reply"),
    **{f"Transfer-Encoding: {value}, without end": (raw(head(headers=[("Transfer-Encoding", value)]), then=replies.hang), "bad_reply")
       for value in ("chunked, chunked", "chunked, Chunked", "gzip, chunked", "chunked, gzip", "chunked, identity", "gzip", "chunked;q=1",
                     "xchunked", "\"chunked\"")},
    "two fields of chunks, without end":
        (raw(head(headers=[CHUNKED, CHUNKED]) + b"1a\r\n", then=replies.hang), "bad_reply"),
    "an unknown transfer coding and a length": (coded("Transfer-Encoding", "xchunked"), "bad_reply"),
    "gzip": (raw(message(b"\x1f\x8b\x08\0\0\0\0\0\0\3", headers=[("Content-Encoding", "gzip")]), then=KEEP), "bad_reply"),
    "said to be gzip": (raw(message(ACK, headers=[("Content-Encoding", "gzip")]), then=KEEP), "bad_reply"),
    "gzip as transfer coding": (raw(chunked(ACK).replace(b"chunked", b"gzip, chunked"), then=KEEP), "bad_reply"),
    # Too much
    "announced 64 KiB and one byte": (raw(with_length(65537, b""), then=replies.hang), "bad_reply"),
    "64 KiB and one byte in chunks": (raw(chunked(ACK.ljust(65537, b"&")), then=KEEP), "bad_reply"),
    "a body without end": (replies.endless(head() + ACK, b"x" * 65536), "bad_reply"),
    "chunks without end": (replies.endless(head(headers=[CHUNKED]), b"1000\r\n" + b"x" * 4096 + b"\r\n"), "bad_reply"),
    "header of 100 KB": (raw(message(ACK, headers=[("X-Padding", "x" * 100_000)]), then=KEEP), "bad_reply"),
    "header of many fields": (raw(message(ACK, headers=[(f"X-{n}", "x") for n in range(5000)]), then=KEEP), "bad_reply"),
    "a header without end": (replies.endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536), "bad_reply"),
    "provisional replies without end": (replies.endless(b"", head(100) * 500), "bad_reply"),
    # Not HTTP at all
    "SSH banner": (raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", then=replies.hang), "bad_reply"),
    "SMTP greeting": (raw(b"220 mail.example ESMTP\r\n", then=replies.hang), "bad_reply"),
    "binary": (raw(b"\0\1\2\3\xff\xfe" * 100, then=replies.hang), "bad_reply"),
    "a reply without HTTP around it": (raw(ACK + b"\r\n\r\n", then=replies.hang), "bad_reply"),
    "HTTP/2": (raw(message(ACK).replace(b"HTTP/1.1", b"HTTP/2.0"), then=replies.hang), "bad_reply"),
    "status that is no number": (raw(message(ACK).replace(b"200", b"abc"), then=replies.hang), "bad_reply"),
    "status of two digits": (raw(message(ACK).replace(b"200", b"20"), then=replies.hang), "bad_reply"),
    "no content": (raw(head(204), then=KEEP), "bad_reply"),
}

# After these nobody can tell where the next reply would begin
NEVER_REUSED = [
    *READ_AND_CLOSED,
    *(name for name, (_, reason) in FAILED.items() if reason == "bad_reply" and name not in ("no content", "gzip", "said to be gzip")
      and "Content-Encoding" not in name),
]


class Framing(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = cls.share(WebServer())
        # Limits of a webhook apply to all its calls: a case that stalls by mistake fails as `timeout`, and soon.
        cls.daemon = cls.share_daemon(configuration({
            "crm": {"url": cls.web.url("/{call_id}"), "timeout": ample()},
            "short": {"url": cls.web.url("/{call_id}"), "timeout": phase(300)},
        }))

    def setUp(self):
        super().setUp()
        self.asking = self.engine(self.daemon)

    def decide(self, script, webhook="crm", **params):
        path = f"case{len(self.web.requests)}"
        self.web.on(f"/{path}", script)
        return self.asking.route(webhook, call_id=path, **params)

    def test_whole_replies_are_read_however_they_are_framed(self):
        for name, script in {**READ, **READ_AND_CLOSED}.items():
            with self.subTest(name):
                self.assert_success(self.decide(script), destination="101", http_status=200)

    def test_what_is_broken_or_ambiguous_fails_with_its_reason(self):
        for name, (script, reason) in FAILED.items():
            with self.subTest(name):
                self.assert_failure(self.decide(script), reason, destination=None)

    def test_the_detail_says_that_the_length_is_wrong(self):
        for body, kept in (("status=ACK&callername=Müller&destination=101", 44), ("status=ACK", 0)):
            with self.subTest(body):
                result = self.decide(raw(with_length(kept, body.encode()), then=KEEP), explain=True)
                self.assert_failure(result, "bad_reply", http_status=200)
                self.assertIn("Content-Length counts bytes, not characters", result["tries"][0]["detail"])

    def test_a_body_that_is_not_needed_may_be_longer_than_its_length(self):
        """A redirect is followed, and who says no says no."""
        self.web.on("/end", raw(message(ACK), then=KEEP))
        self.assert_success(self.decide(raw(message(b"moved", 302, [("Location", "/end")]) + b"\xc3", then=KEEP)), destination="101")
        self.assert_failure(self.decide(raw(message(b"status=NAK", 404) + b"&x", then=KEEP)), "nak", http_status=404)
        self.assert_failure(self.decide(raw(message(b"sorry", 404) + b"!", then=KEEP)), "http_status", http_status=404)
        self.assert_failure(self.decide(raw(head(304) + ACK, then=KEEP)), "http_status", http_status=304)

    def test_a_length_that_is_never_reached_fails_as_timeout(self):
        result = self.decide(raw(with_length(50), then=replies.hang), "short")
        self.assert_failure(result, "timeout", destination=None)

    def test_a_connection_is_given_up_when_the_end_of_its_reply_is_not_certain(self):
        scripts = {**READ_AND_CLOSED, **{name: script for name, (script, _) in FAILED.items()}}
        for name in NEVER_REUSED:
            with self.subTest(name):
                self.decide(scripts[name])
                used = self.web.requests[-1].connection
                self.assert_success(self.decide(raw(message(ACK), then=KEEP)), destination="101")
                self.assertNotEqual(self.web.requests[-1].connection, used)


if __name__ == "__main__":
    unittest.main()
