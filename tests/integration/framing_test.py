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


def with_length(length, body=ACK):
    return head(headers=[("Content-Length", length)]) + body


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
    "extra bytes after the reply": raw(message(ACK) + b"and more", then=KEEP),
    "a second reply after the reply": raw(message(ACK) + message(b"status=NAK"), then=KEEP),
    "a length that is too short": raw(with_length(26, ACK + b"&status=NAK"), then=KEEP),
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
    "chunk longer than its size": (raw(head(headers=[CHUNKED]) + b"5\r\n" + ACK + b"\r\n0\r\n\r\n", then=KEEP), "bad_reply"),
    # Coded, though nobody asked for it
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
    "header line without a colon": (raw(b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 26\r\n\r\n" + ACK, then=replies.hang),
                                    "bad_reply"),
    "no content": (raw(head(204), then=KEEP), "bad_reply"),
}

# After these nobody can tell where the next reply would begin
NEVER_REUSED = [
    *(name for name, (_, reason) in FAILED.items() if reason == "bad_reply" and name != "no content"
      and not name.startswith("said to be") and name != "gzip"),
    "extra bytes after the reply", "a second reply after the reply", "a length that is too short",
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

    def decide(self, script, webhook="crm"):
        path = f"case{len(self.web.requests)}"
        self.web.on(f"/{path}", script)
        return self.asking.route(webhook, call_id=path)

    def test_whole_replies_are_read_however_they_are_framed(self):
        for name, script in READ.items():
            with self.subTest(name):
                self.assert_success(self.decide(script), destination="101", http_status=200)

    def test_what_is_broken_or_ambiguous_fails_with_its_reason(self):
        for name, (script, reason) in FAILED.items():
            with self.subTest(name):
                self.assert_failure(self.decide(script), reason, destination=None)

    def test_a_length_that_is_never_reached_fails_as_timeout(self):
        result = self.decide(raw(with_length(50), then=replies.hang), "short")
        self.assert_failure(result, "timeout", destination=None)

    def test_a_connection_is_given_up_when_the_end_of_its_reply_is_not_certain(self):
        scripts = {**READ, **{name: script for name, (script, _) in FAILED.items()}}
        for name in NEVER_REUSED:
            with self.subTest(name):
                self.decide(scripts[name])
                used = self.web.requests[-1].connection
                self.assert_success(self.decide(raw(message(ACK), then=KEEP)), destination="101")
                self.assertNotEqual(self.web.requests[-1].connection, used)


if __name__ == "__main__":
    unittest.main()
