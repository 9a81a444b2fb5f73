"""The real Asterisk asks the real daemon over FastAGI, as config/asterisk sets it up: plain webhooks."""
import pathlib
import socket
import time
import unittest
import urllib.parse

from support import replies
from support.asterisk import Asterisk
from support.asterisk_case import AsteriskTest
from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import Daemon
from support.patience import PATIENCE, ample, wait_until
from support.places import RefusingPort
from support.ports import free_port
from support.replies import respond
from support.webserver import WebServer

REFUSED, UNDECIDED, AWAY = "100", "101", "102"  # of config/asterisk/extensions.conf


def ack(**keys):
    """An ACK with these keys."""
    return respond("status=ACK&" + urllib.parse.urlencode(keys))


class Webhooks(AsteriskTest):
    @classmethod
    def extensions(cls):
        """Dialplans of one's own: one says who calls whom, one asks twice."""
        return """
[overrides]
exten => _X.,1,AGI(${DIALHOOK_AGI}/webhook/crm?did=%2B31999&callerid=4711&callername=A%20%26%20B)
 same => n,Goto(from-internal,${DIALHOOK_DESTINATION},1)
[twice]
exten => _X.,1,AGI(${DIALHOOK_AGI}/webhook/suppressed?did=${EXTEN})
 same => n,AGI(${DIALHOOK_AGI}/webhook/crm?did=${EXTEN})
 same => n,Goto(from-internal,${EXTEN},1)
"""

    @classmethod
    def webhooks(cls):
        cls.refusing = cls.share(RefusingPort())
        url = "/crm?did={did}&from={callerid}&name={callername}"
        hooks = {name: {"url": cls.web.url(url), "timeout": ample(), "callerid": name} for name in ("caller", "called", "suppressed")}
        return {**hooks, "crm": {"url": cls.web.url(url), "timeout": ample()},
                "CRM connection": {"url": cls.web.url("/spaced"), "timeout": ample()},
                "down": {"url": f"http://127.0.0.1:{cls.refusing.port}/"},
                "hung": {"url": cls.web.url("/hung"), "timeout": "1s"},
                "slow": {"url": cls.web.url("/slow"), "timeout": "60s"}}


class Routing(Webhooks):
    def test_ack_with_a_destination_reaches_that_extension(self):
        self.web.on("/crm", ack(destination="+31201234567"))
        call = self.call(webhook="crm")
        self.assertEqual(call.callee().extension, "+31201234567")
        self.assert_routed(call, "+31201234567", BRANCH="success", STATUS="ACK", REASON=None, DESTINATION="+31201234567")

    def test_internal_destination(self):
        self.web.on("/crm", ack(destination="*21#"))
        self.assertEqual(self.call(webhook="crm").callee().extension, "*21#")

    def test_the_web_server_is_told_of_the_call(self):
        self.web.on("/crm", ack(destination="103"))
        self.call("+31502102544", webhook="crm", name="Zoë", caller="+31612345678").callee()
        self.assertEqual([request.target for request in self.requests()],
                         ["/crm?did=%2B31502102544&from=%2B31612345678&name=Zo%C3%AB"])

    def test_ack_without_a_destination_goes_to_the_number_called(self):
        self.web.on("/crm", respond("status=ACK"))
        self.assert_routed(self.call("+31502102544", webhook="crm"), "+31502102544", BRANCH="success", DESTINATION=None)

    def test_a_webhook_whose_name_has_a_space(self):
        self.web.on("/spaced", ack(destination="103"))
        self.assert_routed(self.call(webhook="CRM%20connection"), "103", BRANCH="success")

    def test_the_query_string_overrides_the_call(self):
        self.web.on("/crm", ack(destination="103"))
        call = self.call("200", entry="overrides")
        self.assert_routed(call, "103", BRANCH="success")
        self.assertEqual([request.target for request in self.requests()], ["/crm?did=%2B31999&from=4711&name=A%20%26%20B"])

    def test_other_keys_of_the_reply_become_variables(self):
        self.web.on("/crm", respond("status=ACK&destination=103&note=a+%22b%22,+c&a-b=2"))
        sight = self.call(webhook="crm").routed()
        self.assertEqual((sight.variables["DIALHOOK_VAR_note"], sight.variables["DIALHOOK_VAR_a_b"]), ('a "b", c', "2"))

    def test_a_second_question_on_a_channel_keeps_nothing_of_the_first(self):
        """The second one is asked about the same caller, whatever the first one put on the channel."""
        self.web.on("/crm", ack(destination="103", callername="Jan", note="a", **{"a-b": "2"}), respond("status=NAK"))
        sight = self.assert_routed(self.call("200", entry="twice", name="Zoë"), "200", BRANCH="failure", STATUS="NAK", REASON="nak",
                                   DESTINATION=None, VAR_note=None, VAR_a_b=None, CALLERNAME="Zoë")
        self.assertEqual((sight.name, sight.number), ("Zoë", "+31612345678"))
        self.assertEqual([request.target for request in self.requests()], ["/crm?did=200&from=%2B31612345678&name=Zo%C3%AB"] * 2)

    def test_a_plain_webhook_does_not_answer_the_channel(self):
        self.web.on("/crm", ack(destination="103"))
        call = self.call(webhook="crm")
        call.callee()
        self.assertNotIn("ANSWER", [command.split(" ")[0] for command in call.commands()])

    def test_nak(self):
        self.web.on("/crm", respond("status=NAK"))
        self.assert_routed(self.call(webhook="crm"), REFUSED, BRANCH="failure", STATUS="NAK", REASON="nak",
                           DESTINATION=None)

    def test_err(self):
        self.web.on("/crm", respond("status=ERR"))
        self.assert_routed(self.call(webhook="crm"), UNDECIDED, BRANCH="failure", STATUS="ERR", REASON="err")

    def test_a_web_server_that_is_down(self):
        self.assert_routed(self.call(webhook="down"), UNDECIDED, BRANCH="failure", STATUS=None, REASON="connect")

    def test_a_web_server_that_hangs(self):
        self.web.on("/hung", replies.hang)
        begin = time.monotonic()
        self.assert_routed(self.call(webhook="hung"), UNDECIDED, BRANCH="failure", STATUS=None, REASON="timeout")
        self.assert_in_time(time.monotonic() - begin, 1.0, "hung web server, call in Asterisk")

    def test_a_caller_who_hangs_up_ends_the_request(self):
        self.web.on("/slow", replies.hang)
        call = self.call(webhook="slow")
        request = self.wait_request("/slow")
        call.hang_up()
        connection = self.web.connections[request.connection - 1]
        self.assertTrue(connection.closed_by_peer.wait(PATIENCE), "the request goes on without its caller")
        call.wait_ended()

    def test_a_webhook_that_does_not_exist(self):
        self.assert_routed(self.call(webhook="nonesuch"), AWAY, BRANCH=None, REASON=None)


class CallerId(Webhooks):
    def test_the_callee_sees_the_name_of_the_reply(self):
        name = 'Zoë "Q" \\ Müller & Söhne, 📞'
        self.web.on("/crm", ack(destination="103", callername=name))
        call = self.call(webhook="crm")
        self.assertEqual(call.callee().name, name)
        self.assertEqual(call.routed().variables["DIALHOOK_CALLERNAME"], name)

    def test_a_longest_name(self):
        self.web.on("/crm", ack(destination="103", callername="ü" * 100))
        self.assertEqual(self.call(webhook="crm").callee().name, "ü" * 80)

    def test_the_callers_own_name_stays(self):
        self.web.on("/crm", ack(destination="103"))
        self.assertEqual(self.call(webhook="crm", name='Anna "Q" Müller').callee().name, 'Anna "Q" Müller')

    def test_the_callers_number_is_seen(self):
        self.web.on("/crm", ack(destination="103"))
        sight = self.call(webhook="caller", caller="+31612345678").callee()
        self.assertEqual(sight.number, "+31612345678")
        self.assert_prohibited(sight, False)

    def test_a_withheld_number_stays_withheld(self):
        """Marking it is not enough: number and name leave the channel (tests/e2e/asterisk_wire_test.py)."""
        self.web.on("/crm", ack(destination="103"))
        self.assert_prohibited(self.call(webhook="caller", presentation="prohib").callee())

    def test_the_called_number_is_forwarded(self):
        self.web.on("/crm", ack(destination="103"))
        sight = self.call("+31502102544", webhook="called", presentation="prohib").callee()
        self.assertEqual(sight.number, "+31502102544")

    def test_the_number_is_suppressed(self):
        self.web.on("/crm", ack(destination="103"))
        self.assert_prohibited(self.call(webhook="suppressed").callee())


class Hostile(Webhooks):
    """Replies and callers full of what means something to Asterisk, and would leave a file behind if it were carried out."""

    def setUp(self):
        super().setUp()
        self.trap = self.asterisk.folder / "evil"
        self.shell = f"touch {self.asterisk.inside}/evil"

    def tearDown(self):
        self.assertFalse(self.trap.exists(), "a command of the web server or the caller was carried out")

    def texts(self):
        return {"shell": f"${{SHELL({self.shell})}}", "expression": "$[1+1]", "commas": "a,b,,c|d^e", "ampersand": "A & B",
                "quotes": 'a" "b\\"', "second command": f'x"\nEXEC System "{self.shell}"\n', "carriage return": "a\r\nHANGUP\r\n",
                "semicolon": "a;b", "brackets": "200 result=1 (x)", "only a backslash": "\\"}

    def test_the_trap_works(self):
        """Asterisk can run such a command, when the administrator's own dialplan tells it to."""
        self.call(entry="trap").routed()
        self.assertTrue(self.trap.exists())
        self.trap.unlink()

    def test_a_name_in_a_reply_is_shown_and_nothing_else(self):
        for title, text in self.texts().items():
            with self.subTest(title):
                self.web.on("/crm", ack(destination="103", callername=text))
                sight = self.call(webhook="crm").callee()
                self.assertEqual((sight.extension, sight.name), ("103", without_controls(text)))

    def test_a_variable_in_a_reply_is_only_text(self):
        for title, text in self.texts().items():
            with self.subTest(title):
                self.web.on("/crm", ack(destination="103", note=text))
                sight = self.assert_routed(self.call(webhook="crm"), "103", BRANCH="success")
                self.assertEqual(sight.variables["DIALHOOK_VAR_note"], without_controls(text))

    def test_a_variable_cannot_take_another_ones_place(self):
        self.web.on("/crm", respond("status=ACK&destination=103&)=1&x),CALLERID(num=4711&__ID=stolen&branch=failure"))
        sight = self.assert_routed(self.call(webhook="crm"), "103", BRANCH="success")
        self.assertEqual(sight.number, "+31612345678")

    def test_a_destination_in_a_reply_is_a_number_or_refused(self):
        for title, text in self.texts().items():
            with self.subTest(title):
                self.web.on("/crm", ack(destination="103" + text))
                self.assert_routed(self.call(webhook="crm"), UNDECIDED, BRANCH="failure", REASON="bad_reply", DESTINATION=None)

    def test_a_callers_name_is_sent_and_shown_and_nothing_else(self):
        for title, text in self.texts().items():
            if without_controls(text) != text:
                continue  # the manager interface cannot make such a caller
            with self.subTest(title):
                self.web.on("/crm", ack(destination="103"))
                sight = self.call(webhook="crm", name=text).callee()
                asked = self.requests()[-1].target
                self.assertEqual(urllib.parse.unquote(asked.partition("&name=")[2]), sight.name)
                self.assertIn("?did=%2B31502102544&from=%2B31612345678&name=", asked)


class Crowd(Webhooks):
    def test_two_hundred_calls_at_once(self):
        self.web.on("/crm", ack(destination="+31201234567", callername="Jan"))
        begin = time.monotonic()
        calls = [self.call(f"+3150{number:04}", webhook="crm") for number in range(200)]
        for call in calls:
            sight = call.callee()
            self.assertEqual((sight.extension, sight.name), ("+31201234567", "Jan"))
        print(f"200 calls at once: all at their destination after {time.monotonic() - begin:.2f} s")
        self.assertEqual(len(self.requests()), 200)


class Away(DialhookTest):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.web = self.use(WebServer().on("/", ack(destination="103")).on("/slow", replies.hang))
        self.asterisk = self.use(Asterisk(self.port))

    def start_daemon(self, **server):
        hooks = {"crm": {"url": self.web.url(), "timeout": ample()}, "slow": {"url": self.web.url("/slow"), "timeout": "60s"}}
        plans = {"200": [{"webhook": "slow", "on_success": [], "on_failure": []}]}
        daemon = Daemon(configuration(hooks, server={"fastagi": f"127.0.0.1:{self.port}", **server}, dialplans=plans))
        self.addCleanup(daemon.stop)
        return daemon

    def routed(self, **options):
        call = self.asterisk.call(**options)
        sight = call.routed()
        call.wait_ended()
        return sight.extension, sight.variables["DIALHOOK_BRANCH"] or None

    def test_calls_follow_the_fallback_while_the_daemon_is_stopped(self):
        self.assertEqual(self.routed(webhook="crm"), (AWAY, None))
        daemon = self.start_daemon()
        self.assertEqual(self.routed(webhook="crm"), ("103", "success"))
        daemon.stop()
        self.assertEqual(self.routed(webhook="crm"), (AWAY, None))
        self.assertEqual(self.routed(entry="dialhook-dialplan"), (AWAY, "undecided"))
        self.start_daemon()
        self.assertEqual(self.routed(webhook="crm"), ("103", "success"))

    def test_what_a_channel_has_inherited_is_no_answer(self):
        inherited = {"DIALHOOK_BRANCH": "success", "DIALHOOK_DESTINATION": "103", "DIALHOOK_DIALPLAN": "200"}
        for entry in ("dialhook-webhook", "dialhook-dialplan"):
            with self.subTest(entry):
                self.assertEqual(self.routed(webhook="crm", entry=entry, variables=inherited)[0], AWAY)

    def test_a_daemon_that_dies_in_the_middle_of_a_call(self):
        daemon = self.start_daemon()
        calls = [self.asterisk.call(webhook="slow"), self.asterisk.call("200", entry="dialhook-dialplan")]
        self.web.requests.wait_count(2, "requests")
        daemon.kill()
        for call in calls:
            self.assertEqual(call.routed().extension, AWAY)
            call.wait_ended()

    def test_calls_follow_the_fallback_at_once_when_there_is_no_valid_configuration(self):
        """The service manager holds the port: who connects is taken whether a daemon runs or not."""
        listener = self.use(socket.create_server(("127.0.0.1", self.port)))
        waiting = [self.asterisk.call(webhook="crm"), self.asterisk.call(entry="dialhook-dialplan")]
        wait_until(lambda: len(connected(self.port)) == len(waiting), "both channels wait in the queue")
        begin = time.monotonic()
        daemon = Daemon("webhooks:\n  crm:\n    timout: 5s\n", passed=[("fastagi", listener)], wait_ready=False)
        self.addCleanup(daemon.kill)
        for call in waiting:
            self.assertEqual(call.routed().extension, AWAY)
            call.wait_ended()
        self.assert_prompt(time.monotonic() - begin, "both calls on their way without Dialhook", limit=1)
        self.assertEqual(daemon.wait_exit(), 1)

    def test_a_stop_in_the_middle_of_a_call_is_a_decision(self):
        daemon = self.start_daemon(drain="100ms")
        call = self.asterisk.call(webhook="slow")
        self.web.wait_request("/slow")
        daemon.stop()
        sight = call.routed()
        self.assertEqual((sight.extension, sight.variables["DIALHOOK_REASON"]), (UNDECIDED, "shutdown"), sight)
        call.wait_ended()


def connected(port):
    """The connections of this host to a port of its loopback device, from the client's side."""
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    return [line for line in lines if line.split()[2].endswith(f":{port:04X}") and line.split()[3] == "01"]


def without_controls(text):
    return "".join(character for character in text if character >= " " and character != "\x7f")


if __name__ == "__main__":
    unittest.main()
