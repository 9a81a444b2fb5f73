"""FastAGI against a scripted channel: what Asterisk would be told, down to the bytes."""
import socket
import threading
import unittest

from support.agi import AgiChannel
from support.case import DialhookTest
from support.configuration import configuration
from support.patience import PATIENCE, ample, phase
from support.places import ReservedPort
from support.replies import hang, held, respond
from support.webserver import WebServer

IVR = {"start_message": "enter-code", "incorrect_message": "wrong", "timeout_message": "late", "timeout": "3s",
       "max_digits": 4}
ANSWERED = "200 result=0"


class FastAgiTest(DialhookTest):
    server = {}
    dialplans = {}

    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("status=ACK&destination=%2B31201234567&callername=Jan&queue-id=7")))
        self.port = self.use(ReservedPort()).port
        hook = {"url": self.web.url("/?did={did}&from={callerid}&name={callername}"), "timeout": ample()}
        coded = {**hook, "url": self.web.url("/code?code={code}")}
        self.daemon = self.start(configuration({
            "CRM connection": hook, "short": {**hook, "timeout": phase(300)},
            "called": {**hook, "callerid": "called"}, "suppressed": {**hook, "callerid": "suppressed"},
            "several": {**hook, "max_destinations": 10},
            "ivr": {**coded, "ivr": IVR}, "star": {**coded, "ivr": {**IVR, "terminator": "*"}},
        }, server={"fastagi": f"127.0.0.1:{self.port}", **self.server}, dialplans=self.dialplans))

    def channel(self, script, **environment):
        return self.use(AgiChannel(self.port, script, **environment))

    def run_webhook(self, script, replies=(), **environment):
        channel = self.channel(script, **environment)
        return channel.play_through(replies), channel.variables

    def codes_sent(self):
        return [request.query.removeprefix("code=") for request in self.web.requests_for("/code")]


class Webhook(FastAgiTest):
    def test_a_success_sets_all_variables_and_the_channel(self):
        commands, variables = self.run_webhook("webhook/CRM%20connection")
        self.assertEqual(commands, [], "a webhook without IVR neither answers nor plays")
        self.assertEqual(variables, {
            "DIALHOOK_BRANCH": "success", "DIALHOOK_STATUS": "ACK", "DIALHOOK_REASON": "", "DIALHOOK_DESTINATION": "+31201234567",
            "DIALHOOK_CALLERNAME": "Jan", "DIALHOOK_VAR_queue_id": "7", "CALLERID(name)": "Jan", "CALLERID(num)": "+31612345678"})
        self.assertEqual(list(variables)[-1], "DIALHOOK_BRANCH", "whoever sees the branch sees all the rest")
        self.assertEqual(self.web.requests[0].target, "/?did=%2B31502102544&from=%2B31612345678&name=")

    def test_several_destinations_and_a_ring_time(self):
        cases = {"status=ACK&destination=101&destination=*21%23&ring=20": ("101&*21#", "parallel", "20"),
                 "status=ACK&destination=101&destination=sip:jan@[::1]:5062&strategy=sequential": ("101&sip:jan@[::1]:5062", "sequential", ""),
                 "status=ACK&destination=101&ring=5": ("101", "parallel", "5")}
        for reply, expected in cases.items():
            with self.subTest(reply):
                self.web.on("/", respond(reply))
                _, variables = self.run_webhook("webhook/several")
                self.assertEqual([variables[f"DIALHOOK_{name}"] for name in ("DESTINATIONS", "STRATEGY", "RING")], list(expected))
                self.assertEqual((variables["DIALHOOK_DESTINATION"], list(variables)[-1]), ("101", "DIALHOOK_BRANCH"))

    def test_one_destination_leaves_nothing_of_several_before_it(self):
        self.web.on("/", respond("status=ACK&destination=101&destination=102&ring=20"), respond("status=ACK&destination=103"),
                    respond("status=ACK&destination=104"))
        asked = dict(uniqueid="several.1", channel="PJSIP/trunk-1")
        self.run_webhook("webhook/several", **asked)
        _, variables = self.run_webhook("webhook/several", **asked)
        self.assertEqual([variables[f"DIALHOOK_{name}"] for name in ("DESTINATION", "DESTINATIONS", "STRATEGY", "RING")], ["103", "", "", ""])
        _, variables = self.run_webhook("webhook/several", **asked)
        self.assertNotIn("DIALHOOK_DESTINATIONS", variables, "it was emptied already")

    def test_of_more_than_a_line_holds_the_first_ones_are_set_whole(self):
        uris = [f"sip:{'x' * 230}{at}@pbx.example" for at in range(10)]
        self.web.on("/", respond("status=ACK&" + "&".join(f"destination={uri}" for uri in uris)))
        _, variables = self.run_webhook("webhook/several")
        joined = variables["DIALHOOK_DESTINATIONS"]
        self.assertEqual(joined, "&".join(uris[:joined.count("&") + 1]))
        self.assertGreater(joined.count("&"), 6)

    def test_failures_have_their_reason(self):
        cases = {"nak": respond("status=NAK"), "err": respond("status=ERR"), "bad_reply": respond("hello"),
                 "http_status": respond(status=500), "connect": lambda connection: "close"}
        for reason, script in cases.items():
            with self.subTest(reason):
                self.web.on("/", script)
                _, variables = self.run_webhook("webhook/CRM%20connection")
                self.assertEqual((variables["DIALHOOK_BRANCH"], variables["DIALHOOK_REASON"]), ("failure", reason))
                self.assertEqual(variables["DIALHOOK_DESTINATION"], "", "nothing of an earlier webhook stays")

    def test_a_hung_web_server_ends_in_time(self):
        self.web.on("/", hang)
        _, variables = self.run_webhook("webhook/short")
        self.assertEqual((variables["DIALHOOK_BRANCH"], variables["DIALHOOK_REASON"]), ("failure", "timeout"))

    def test_the_query_string_overrides(self):
        self.run_webhook("webhook/CRM%20connection?did=+3188&callerid=&callername=Jan%20%26%20Piet")
        self.assertEqual(self.web.requests[0].target, "/?did=%2B3188&from=&name=Jan%20%26%20Piet")

    def test_unknown_values_are_none_and_latin1_is_converted(self):
        self.run_webhook("webhook/CRM%20connection", dnid="+311", callerid="unknown", calleridname="M\udcfcller")
        self.assertEqual(self.web.requests[0].target, "/?did=%2B311&from=&name=M%C3%BCller")

    def test_caller_id_is_forwarded_as_the_webhook_says(self):
        _, called = self.run_webhook("webhook/called")
        self.assertEqual((called["CALLERID(num)"], called["CALLERID(pres)"]), ("+31502102544", "allowed"))
        _, suppressed = self.run_webhook("webhook/suppressed")
        self.assertEqual(suppressed["CALLERID(pres)"], "prohib")

    def test_hostile_replies_stay_values(self):
        hostile = 'a"b\\c ${SHELL(id)} $[1+1],d&e;f'
        self.web.on("/", respond('status=ACK&callername=a"b\\c ${SHELL(id)} $[1%2B1],d%26e;f%0AHANGUP&evil=x%0D%0AEXEC System id'))
        commands, variables = self.run_webhook("webhook/CRM%20connection")
        self.assertEqual(commands, [])
        self.assertEqual(variables["DIALHOOK_CALLERNAME"], hostile + "HANGUP")
        self.assertEqual(variables["DIALHOOK_VAR_evil"], "xEXEC System id")

    def test_a_hang_up_cancels_the_request(self):
        self.web.on("/", hang)
        for ending in ("HANGUP", "close"):
            with self.subTest(ending):
                before = len(self.web.requests)
                channel = self.channel("webhook/CRM%20connection")
                self.web.requests.wait_entry(lambda request: True, "a request", before)
                if ending == "HANGUP":
                    channel.send(b"HANGUP\n")
                    self.assertIsNone(channel.line())
                channel.close()
                connection = self.web.connections[self.web.requests[before].connection - 1]
                self.assertTrue(connection.closed_by_peer.wait(PATIENCE), "the web server sees that nobody waits")

    def test_unknown_webhooks_and_scripts_leave_no_branch(self):
        for script in ("webhook/none", "dialplan", "", "webhook", "other/CRM%20connection", "webhook/CRM%20connection?did="):
            with self.subTest(script):
                commands, variables = self.run_webhook(script, ["200 result=1"])
                self.assertEqual(variables, {"DIALHOOK_BRANCH": ""})
                self.assertEqual(commands[0][0], "VERBOSE")
        self.assertEqual(len(self.web.requests), 0)

    def test_what_is_no_asterisk_is_disconnected(self):
        for greeting in (b"GET / HTTP/1.1\r\n\r\n", b"agi_x\n\n", b"\0" * 9000, b"agi_" + b"a" * 9000, b"agi_a: b\n" * 3):
            with self.subTest(greeting[:20]):
                with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as peer:
                    peer.sendall(greeting)
                    peer.shutdown(socket.SHUT_WR)
                    self.assertEqual(peer.recv(100), b"")
        self.daemon.wait_logged("FastAGI session ended early", "longer than any of Asterisk's")

    def test_what_is_no_reply_is_passed_over(self):
        for noise in (b"nonsense\n", b"\n", b"100 Trying\n", b"agi_arg_1: x\n", b"100 Trying...\n\n\nagi_threadid: 1\n"):
            with self.subTest(noise):
                channel = self.channel("webhook/CRM%20connection")
                self.assertIsNotNone(channel.line())
                channel.send(noise + b"200 result=1\n")
                channel.play_through()
                self.assertEqual(channel.variables["DIALHOOK_BRANCH"], "success")

    def test_what_never_becomes_a_reply_ends_the_session_and_is_logged(self):
        channel = self.channel("webhook/CRM%20connection")
        self.assertIsNotNone(channel.line())
        channel.send(b"nonsense\n" * 300)
        self.assertIsNone(channel.line())
        self.daemon.wait_logged("FastAGI session ended early", "256 lines", "1795436908.1")

    def test_many_channels_at_once(self):
        event = threading.Event()
        self.web.on("/", held(event, respond("status=ACK&destination=101")))
        channels = [self.channel("webhook/CRM%20connection") for _ in range(200)]
        event.set()
        for channel in channels:
            channel.play_through()
            self.assertEqual(channel.variables["DIALHOOK_DESTINATION"], "101")

    def test_only_the_loopback_device_may_connect_unless_said(self):
        self.daemon.reload(configuration({"w": {"url": self.web.url()}}, server={
            "fastagi": f"127.0.0.1:{self.port}", "fastagi_allow": ["192.0.2.0/24"]}))
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as peer:
            self.assertEqual(peer.recv(100), b"")
        self.daemon.wait_logged("fastagi_allow", "127.0.0.1")


class Ivr(FastAgiTest):
    def test_a_right_code_after_a_wrong_one(self):
        self.web.on("/code", respond("status=NAK"), respond("status=ACK&destination=101"))
        commands, variables = self.run_webhook("webhook/ivr", [ANSWERED, "200 result=12", "200 result=123 (timeout)"])
        self.assertEqual(commands, [["ANSWER"], ["GET", "DATA", "enter-code", "3000", "4"], ["GET", "DATA", "wrong", "3000", "4"]])
        self.assertEqual(self.codes_sent(), ["12", "123"])
        self.assertEqual((variables["DIALHOOK_BRANCH"], variables["DIALHOOK_DESTINATION"]), ("success", "101"))

    def test_three_wrong_codes(self):
        self.web.on("/code", respond("status=NAK"))
        commands, variables = self.run_webhook("webhook/ivr", [ANSWERED, *["200 result=1"] * 3, "200 result=0 endpos=9"])
        self.assertEqual([command[2] for command in commands[1:]], ["enter-code", "wrong", "wrong", "wrong"])
        self.assertEqual(commands[-1], ["STREAM", "FILE", "wrong", ""])
        self.assertEqual((variables["DIALHOOK_REASON"], variables["DIALHOOK_STATUS"]), ("ivr_attempts", "NAK"))

    def test_silence_ends(self):
        commands, variables = self.run_webhook("webhook/ivr", [ANSWERED, *["200 result= (timeout)"] * 3])
        self.assertEqual([command[2] for command in commands[1:]], ["enter-code", "late", "late", "late"])
        self.assertEqual((variables["DIALHOOK_REASON"], variables["DIALHOOK_STATUS"]), ("ivr_timeout", ""))
        self.assertEqual(len(self.web.requests), 0)

    def test_the_terminator_alone_is_a_refused_code(self):
        self.web.on("/code", respond("status=ACK"))
        commands, _ = self.run_webhook("webhook/ivr", [ANSWERED, "200 result=", "200 result=7"])
        self.assertEqual(commands[2][2], "wrong")
        self.assertEqual(self.codes_sent(), ["7"])

    def test_a_full_code_may_still_be_followed_by_its_terminator(self):
        self.web.on("/code", respond("status=NAK"), respond("status=ACK"))
        commands, variables = self.run_webhook("webhook/ivr", [ANSWERED, "200 result=1234", "200 result=35", "200 result=5678"])
        self.assertEqual(commands[2], ["WAIT", "FOR", "DIGIT", "500"])
        self.assertEqual(variables["DIALHOOK_BRANCH"], "success")

    def test_another_terminator_is_collected_key_by_key(self):
        self.web.on("/code", respond("status=ACK"))
        commands, _ = self.run_webhook("webhook/star", [ANSWERED, "200 result=49 endpos=800", "200 result=35", "200 result=42"])
        self.assertEqual(commands[1:], [["STREAM", "FILE", "enter-code", "0123456789*#ABCD"], *[["WAIT", "FOR", "DIGIT", "3000"]] * 2])
        self.assertEqual(self.codes_sent(), ["1%23"])

    def test_a_missing_audio_file_does_not_lose_the_call(self):
        self.web.on("/code", respond("status=ACK"))
        commands, variables = self.run_webhook(
            "webhook/ivr", [ANSWERED, "200 result=-1", "200 result=6", "200 result=49", "200 result=0"])
        self.assertEqual(commands[2:], [["CHANNEL", "STATUS"], *[["WAIT", "FOR", "DIGIT", "3000"]] * 2])
        self.assertEqual((self.codes_sent(), variables["DIALHOOK_BRANCH"]), (["1"], "success"))
        self.daemon.wait_logged("audio file", "enter-code")

    def test_a_hang_up_during_the_message_ends_it(self):
        channel = self.channel("webhook/ivr")
        channel.next_command()
        channel.reply(ANSWERED)
        channel.next_command()
        channel.send(b"200 result=-1\nHANGUP\n")
        self.assertIn(channel.next_command(), (None, ["CHANNEL", "STATUS"]))
        self.assertEqual(len(self.web.requests), 0)

    def test_codes_are_in_no_log(self):
        self.web.on("/code", respond("status=NAK"))
        self.run_webhook("webhook/ivr", [ANSWERED, *["200 result=8642"] * 6])
        self.daemon.wait_logged("ivr_attempts")
        self.assertNotIn("8642", self.daemon.stderr())


class Refused(FastAgiTest):
    server = {"log": {"format": "json"}}
    dialplans = {"+31502102544": [{"webhook": "CRM connection"}]}

    def refused(self, script, **environment):
        """What Asterisk's console is told, and what the log says of it."""
        start = len(self.daemon.log_lines())
        commands, variables = self.run_webhook(script, uniqueid="1700000000.7", **environment)
        self.assertEqual(variables["DIALHOOK_BRANCH"], "")
        self.daemon.wait_logged("FastAGI request refused", start=start)
        lines = [line for line in self.daemon.log_lines()[start:] if line["message"] == "FastAGI request refused"]
        self.assertEqual(len(lines), 1)
        return commands[-1][1], lines[0]

    def test_what_was_asked_for_is_named_with_the_nearest_name(self):
        cases = (("webhook/CRM%20conection", {}, -32001, "CRM conection", "+31502102544", 'did you mean "CRM connection"?'),
                 ("dialplan?did=31502102544", {}, -32002, "31502102544", "31502102544", 'the nearest is "+31502102544"'),
                 ("webhok/ivr", {}, -32602, "webhok/ivr", "+31502102544", "must end in /webhook/NAME, /dialplan or /event/NAME"),
                 ("webhook/x%0Aerror%FF", {}, -32001, "x\nerror\xff", "+31502102544", 'there is no webhook "x'))
        for script, environment, code, asked_for, did, words in cases:
            with self.subTest(script):
                told, line = self.refused(script, **environment)
                self.assertEqual((line["code"], line["asked_for"], line["did"], line["call_id"]), (code, asked_for, did, "1700000000.7"))
                self.assertIn(words, line["detail"])
                self.assertIn(words, told)
                self.assertNotIn("\n", told)


class Dialplan(FastAgiTest):
    server = {"numbers": {"country": "31"}}
    dialplans = {
        "+31502102544": [
            {"play": "welcome"}, {"callername": {"prefix": "VIP "}},
            {"webhook": "CRM connection",
             "on_success": [{"callername": {"from": "webhook"}}, {"callername": {"prefix": "CRM "}}, {"dial": {"destination": "variable"}}],
             "on_failure": [{"voicemail": "0101"}, "hangup"]}],
        "100": [{"callername": {"replace": "Sales"}}, {"dial": "101"}, {"queue": "sales"},
                {"exec": {"app": "Set", "args": ["X=1", "Y=2"]}}, {"unheard": "of"}, {"voicemail": "a,b"}, {"hangup": 17}],
        "200": [{"webhook": "ivr", "on_failure": [{"dial": "102"}]}],
    }

    def test_steps_run_in_order_around_the_webhook(self):
        commands, variables = self.run_webhook("dialplan", calleridname="Piet")
        self.assertEqual(commands, [["EXEC", "Playback", "welcome"], ["EXEC", "Dial", "Local/+31201234567@from-internal/n,30"]])
        self.assertEqual(self.web.requests[0].query.partition("name=")[2], "VIP%20Piet")
        self.assertEqual((variables["CALLERID(name)"], variables["DIALHOOK_DIALPLAN"]), ("CRM Jan", "+31502102544"))

    def test_the_failure_branch(self):
        self.web.on("/", respond("status=NAK"))
        commands, variables = self.run_webhook("dialplan", extension="0031502102544")
        self.assertEqual(commands[1:], [["EXEC", "VoiceMail", "0101"], ["EXEC", "Hangup", ""]])
        self.assertEqual(variables["DIALHOOK_REASON"], "nak")

    def test_a_dialplan_without_a_webhook(self):
        commands, variables = self.run_webhook("dialplan?did=100")
        self.assertEqual([command for command in commands if command[0] != "VERBOSE"], [
            ["EXEC", "Dial", "Local/101@from-internal/n,30"], ["ANSWER"], ["EXEC", "Queue", "sales"], ["EXEC", "Set", "X=1,Y=2"], ["EXEC", "Hangup", "17"]])
        self.assertEqual(len(commands), 7, "two steps that Asterisk cannot do are told of, and left out")
        self.assertEqual((variables["CALLERID(name)"], variables["DIALHOOK_DIALPLAN"]), ("Sales", "100"))

    def test_an_ivrs_last_message_comes_before_the_steps(self):
        commands, _ = self.run_webhook("dialplan?did=200", [ANSWERED, *["200 result= (timeout)"] * 3])
        self.assertEqual(commands[-2:], [["STREAM", "FILE", "late", ""], ["EXEC", "Dial", "Local/102@from-internal/n,30"]])

    def test_a_caller_who_hangs_up_between_two_steps_gets_no_more(self):
        channel = self.channel("dialplan?did=100")
        self.assertEqual(channel.next_command()[1], "Dial")
        channel.send(b"200 result=-1\nHANGUP\n")
        self.assertIn(channel.next_command(), (None, ["EXEC", "Queue", "sales"]))

    def test_a_stop_does_not_wait_for_a_conversation(self):
        channel = self.channel("dialplan")
        channel.next_command()
        channel.reply(ANSWERED)
        self.assertEqual(channel.next_command()[1], "Dial")
        self.daemon.stop()
        self.assertIsNone(channel.line())


if __name__ == "__main__":
    unittest.main()
