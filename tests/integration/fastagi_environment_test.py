"""What a channel says of itself before it takes commands: nothing in a value sets another one, and what is not understood is skipped.
Whatever ends a session early is in the log."""
import socket
import unittest
import urllib.parse

from support.agi import AgiChannel
from support.case import DialhookTest
from support.configuration import configuration
from support.patience import PATIENCE, ample
from support.places import ReservedPort
from support.replies import respond
from support.webserver import WebServer

# As Asterisk 22 writes it; older ones have less of it, in the same order.
TRUE = {
    "network": "yes", "network_script": "dialplan", "request": "agi://127.0.0.1:4573/dialplan", "channel": "PJSIP/trunk-00000001",
    "language": "en", "type": "PJSIP", "uniqueid": "17.1", "version": "22.10.1", "callerid": "+31612345678", "calleridname": "Piet",
    "callingpres": "0", "callingani2": "0", "callington": "0", "callingtns": "0", "dnid": "600", "rdnis": "unknown", "context": "in",
    "extension": "600", "priority": "1", "enhanced": "0.0", "accountcode": "", "threadid": "139971730093760"}
FALSE = {"network_script": "webhook/evil", "request": "agi://127.0.0.1:4573/webhook/evil", "callerid": "+31900", "calleridname": "Evil",
         "callingpres": "32", "dnid": "900", "extension": "900", "uniqueid": "6.6", "type": "Local"}
WRITTEN_BY_A_CALLER = ["callerid", "calleridname", "dnid", "rdnis", "extension"]
BY_THE_DIALPLAN = ["language", "context", "accountcode"]


def lines(values):
    return "".join(f"agi_{name}: {value}\n" for name, value in values.items())


class EnvironmentTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("status=NAK")).on("/evil", respond("status=ACK&callername=evil")))
        self.port = self.use(ReservedPort()).port
        url = "?did={did}&from={callerid}&name={callername}&id={call_id}"
        self.daemon = self.start(configuration(
            {"good": {"url": self.web.url("/" + url), "timeout": ample()}, "evil": {"url": self.web.url("/evil" + url), "timeout": ample()}},
            server={"fastagi": f"127.0.0.1:{self.port}"},
            dialplans={"600": [{"webhook": "good", "on_failure": [{"play": "good"}]}], "900": [{"webhook": "evil", "on_failure": [{"play": "evil"}]}]}))

    def asked(self, text, then=()):
        """The one request that comes of an environment, as its path and values."""
        before = len(self.web.requests)
        channel = self.use(RawChannel(self.port, text))
        for more in then:
            channel.send(more)
        self.commands = channel.play_through()
        requests = self.web.requests[before:]
        self.assertEqual(len(requests), 1, text)
        path, _, query = requests[0].target.partition("?")
        hidden = {"hidden": channel.variables.get("CALLERID(pres)") == "prohib"}
        return path, dict(urllib.parse.parse_qsl(query, keep_blank_values=True)) | hidden


class RawChannel(AgiChannel):
    def __init__(self, port, text):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.variables, self.commands, self._received = {}, [], b""
        self.send(text.encode(errors="surrogateescape"))


class Injection(EnvironmentTest):
    def assert_true(self, values, broken, **options):
        path, got = self.asked(lines(values) + "\n", **options)
        expected = {"did": "600", "from": "+31612345678", "name": "Piet", "id": "17.1", "hidden": False}
        same = {"callerid": "from", "calleridname": "name", "dnid": "did"}
        # A caller who breaks his number may set his name, which is his to choose.
        for name in (*broken, *(["calleridname"] if "callerid" in broken else [])):
            expected.pop(same.get(name, ""), None)
        self.assertEqual(path, "/", values)
        self.assertEqual({key: got[key] for key in expected}, expected, values)

    def injected(self, into, text, values=TRUE):
        return {**values, into: f"{values.get(into, '')}\n{text}".rstrip("\n")}

    def test_one_line_in_each_value_a_caller_writes(self):
        for into in [*WRITTEN_BY_A_CALLER, *BY_THE_DIALPLAN, "arg_1", "arg_7"]:
            for name, value in FALSE.items():
                if name != into and (into, name) != ("language", "type"):
                    with self.subTest(into=into, name=name):
                        self.assert_true(self.injected(into, f"agi_{name}: {value}"), [into])

    def test_all_lines_in_asterisk_s_own_order(self):
        names = list(TRUE)
        for into in [*WRITTEN_BY_A_CALLER, "accountcode", "arg_1"]:
            values = {**TRUE, **({"arg_1": "", "arg_2": "two"} if into == "arg_1" else {})}
            false = {name: FALSE.get(name, "0") for name in names}
            after = {name: value for name, value in false.items() if into in names and names.index(name) > names.index(into)}
            upto_dnid = {name: value for name, value in after.items() if names.index(name) <= names.index("dnid")}
            for part in (false, after, upto_dnid, dict(reversed(false.items()))):
                if part:
                    with self.subTest(into=into, part=list(part)):
                        self.assert_true(self.injected(into, lines(part), values), [into])

    def test_several_values_at_once(self):
        """Name, number and redirecting number come from headers of one and the same INVITE."""
        one = "agi_dnid: 900\nagi_extension: 900"
        for first, second in (("callerid", "calleridname"), ("calleridname", "rdnis"), ("callerid", "rdnis"), ("calleridname", "accountcode")):
            for false in (one, "agi_callingpres: 32\nagi_dnid: 900", "agi_network_script: webhook/evil", "agi_callerid: +31900"):
                with self.subTest(first=first, second=second, false=false):
                    self.assert_true(self.injected(second, false, self.injected(first, false)), [first, second])

    def test_an_asterisk_that_says_less(self):
        for missing in (["threadid", "version"], ["request"], ["callingani2", "callington", "callingtns"], ["threadid", "accountcode", "enhanced", "priority"]):
            values = {name: value for name, value in TRUE.items() if name not in missing}
            for into in ("calleridname", "callerid", "rdnis", "arg_1"):
                with self.subTest(missing=missing, into=into):
                    self.assert_true(self.injected(into, "agi_dnid: 900\nagi_network_script: webhook/evil", values), [into])

    def test_an_empty_line_in_a_name_is_not_the_end(self):
        """Wherever it comes to stand in what is read at once."""
        so_far = len(lines(TRUE).partition("agi_callingpres")[0]) + len("\nagi_dnid: 900\nagi_extension: 900\n")
        for length in (0, *range(2048 - so_far - 8, 2048 - so_far + 8)):
            values = {**TRUE, "language": "e" * length, "calleridname": "x\nagi_dnid: 900\nagi_extension: 900\n\nagi_x: 1"}
            self.assert_true(values, ["calleridname"])


class WhatIsNotUnderstood(EnvironmentTest):
    def assert_decided(self, text, then=()):
        path, got = self.asked(text, then)
        self.assertEqual((path, got["did"]), ("/", "600"), text)
        self.assertEqual([command[-2:] for command in self.commands], [["Playback", "good"]])

    def test_lines_of_another_form_are_skipped(self):
        true = lines(TRUE)
        for noise in ("nonsense\n", "agi_x\n", "Agi_X: 1\n", ": \n", "AGI: 1\n", "agi_a b: 1\n", "HTTP/1.1 200 OK\n", " agi_dnid: 900\n", "x" * 4000 + "\n"):
            head, tail = true.split("agi_callingpres", 1)
            for text in (noise + true, f"{head}{noise}agi_callingpres{tail}", true + noise):
                with self.subTest(noise=noise[:20]):
                    self.assert_decided(text + "\n")

    def test_empty_lines_before_and_after(self):
        for text in ("\n" + lines(TRUE) + "\n", "\n\n\n" + lines(TRUE) + "\n\n", lines(TRUE) + "\n\n\n\n"):
            self.assert_decided(text)
        self.assert_decided(lines(TRUE) + "\n", [b"\n", b"\n\n", b"nonsense\n"])

    def test_line_ends_of_windows(self):
        self.assert_decided((lines(TRUE) + "\n").replace("\n", "\r\n"))

    def test_a_name_and_an_argument_of_two_lines(self):
        self.assert_decided(lines({**TRUE, "calleridname": "Piet\nKlaas", "arg_1": "one\ntwo: three\n", "arg_2": "x"}) + "\n")
        self.assert_decided(lines({**TRUE, "calleridname": "Piet\r\nKlaas\n", "accountcode": "a\nb"}) + "\n")

    def test_a_hang_up_in_a_name_or_an_argument_is_none(self):
        for into in ("callerid", "calleridname", "accountcode", "arg_1"):
            for text in ("J\n\nHANGUP", "J\n\nHANGUP\n", "J\r\n\r\nHANGUP\r\nx", "J\n\nHANGUP\nHANGUP\n\n"):
                with self.subTest(into=into, text=text):
                    self.assert_decided(lines({**TRUE, into: text}) + "\n")
        self.assert_decided(lines({**TRUE, "arg_1": "J\n\nHANGUP", "arg_2": "x"}) + "\n")

    def test_one_right_behind_the_environment_is_one(self):
        for text in ("\nHANGUP\n", "\r\nHANGUP\r\n", "\nHANGUP\nHANGUP\n"):
            channel = self.use(RawChannel(self.port, lines(TRUE) + text))
            channel.play_through(default="511 Command Not Permitted on a dead channel or intercept routine")
        self.assertEqual(len(self.web.requests), 0)
        self.assertNotIn("ended early", self.daemon.stderr())

    def test_replies_after_lines_that_are_none(self):
        for noise in ("100 Trying...\n", "\n", "\n\n", "100 Trying...\n\n", "nonsense\n", "180 Ringing\n", "agi_dnid: 900\n", "200\n", "200 ok\n"):
            with self.subTest(noise):
                channel = self.use(RawChannel(self.port, lines(TRUE) + "\n"))
                commands = []
                while (line := channel.line()) is not None:
                    commands.append(line)
                    channel.send(f"{noise}200 result=1\n".encode())
                self.assertIn('EXEC "Playback" "good"', commands)
        self.assertNotIn("ended early", self.daemon.stderr())


class EndedEarly(EnvironmentTest):
    def assert_ended(self, send, *words):
        start = len(self.daemon.log.entries())
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as peer:
            peer.settimeout(PATIENCE)
            try:
                for data in send:
                    peer.sendall(data)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(65536):
                    pass
            except OSError:
                pass
        self.daemon.wait_logged("FastAGI", *words, start=start)

    def test_each_end_is_in_the_log_with_its_reason(self):
        ends = {"no Asterisk": ([b"GET / HTTP/1.1\r\n\r\n"], "closed"),
                "too many lines": ([b"agi_arg_1: x\n" * 300], "256 lines"),
                "a long line": ([b"\0" * 9000], "line")}
        for title, (sent, reason) in ends.items():
            with self.subTest(title):
                self.assert_ended(sent, reason)

    def test_half_an_environment(self):
        self.assert_ended([lines(TRUE).encode()], "closed")

    def test_an_environment_that_is_too_long(self):
        self.assert_ended([b"agi_arg_1: " + b"x" * 4000 + b"\n"] * 9, "32 KiB")

    def test_a_command_without_a_reply_among_many_lines(self):
        channel = self.use(RawChannel(self.port, lines(TRUE) + "\n"))
        self.assertIsNotNone(channel.line())
        channel.send(b"nonsense\n" * 400)
        self.assertIsNone(channel.line())
        self.daemon.wait_logged("FastAGI", "not a reply", "17.1", "600")

    def test_a_peer_that_says_nothing(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as peer:
            self.assertEqual(peer.recv(1), b"")
        self.daemon.wait_logged("FastAGI", "did not describe")


if __name__ == "__main__":
    unittest.main()
