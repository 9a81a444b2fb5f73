"""The steps of a dialplan on a channel: what ends them, what goes on, what is left out, and what a stop of the daemon leaves."""
import signal
import threading
import unittest

from support.agi import AgiChannel
from support.case import DialhookTest, stopwatch
from support.configuration import configuration
from support.patience import ample
from support.places import ReservedPort
from support.replies import held, respond
from support.webserver import WebServer

DIAL = ["EXEC", "Dial", "Local/101@from-internal/n,30"]
AGAIN = ["EXEC", "Dial", "Local/102@from-internal/n,30"]
BUSY, OVER, UNKNOWN, DEAD = "200 result=0", "200 result=-1", "200 result=-2", "511 Command Not Permitted on a dead channel or intercept routine"

ARGUMENTS = [("text, with a comma", "text, with a comma"), ("", ""), (700, "700"), (-3, "-3"), (1.5, "1.5"), (True, "true"), (False, "false"), (None, ""),
             ([], ""), ([300], "300"), (["x=a", 2, True], "x=a,2,true"), (["a", 1.5, None, "", "ü"], "a,1.5,,,ü"), ("${EXTEN}", "${EXTEN}")]
LEFT_OUT = {"301": {"play": "a,b"}, "302": {"queue": "sales&x"}, "303": {"voicemail": "101,u"}, "304": {"hangup": "busy"}, "305": {"sing": "song"},
            "306": {"exec": {"app": "No Op"}}, "307": {"exec": {"app": "NoOp", "args": {"a": 1}}}, "308": {"dial": "702,30"}, "309": "dance"}


class StepsTest(DialhookTest):
    server = {}

    def setUp(self):
        super().setUp()
        self.event = threading.Event()
        self.addCleanup(self.event.set)
        answer = respond("status=ACK&destination=102&callername=Jan")
        self.web = self.use(WebServer().on("/", answer).on("/held", held(self.event, answer)))
        self.port = self.use(ReservedPort()).port
        webhook = {"webhook": "crm", "on_success": [{"dial": "102"}, {"voicemail": "102"}], "on_failure": [{"voicemail": "9"}]}
        plans = {"100": [{"dial": "101"}, {"voicemail": "101"}], "101": [{"dial": "101"}, webhook], "102": [{"queue": "sales"}, webhook],
                 "103": [{"exec": {"app": "Dial", "args": "X"}}, {"dial": "102"}], "104": [webhook], "105": [{"queue": "sales"}], "106": ["answer", {"play": "a"}],
                 "107": [{"answer": None}], "108": [{"exec": {"app": "NoSuchApp"}}, {"play": "a"}], "109": [{"webhook": "held", "on_success": [{"dial": "102"}, {"voicemail": "1"}]}],
                 "110": [{"dial": "sip:jan@pbx.lan"}], "111": [{"play": "a"}, {"play": "b"}, {"play": "c"}],
                 "112": [{"dial": {"to": ["101", "102"], "strategy": "sequential", "ring": "30s"}}],
                 "113": [{"dial": {"to": ["703,30", "102"], "ring": "30s"}}], "114": [{"dial": "sip:jan@[2001:db8::1]"}], **{number: [step, {"play": "end"}] for number, step in LEFT_OUT.items()},
                 **{f"2{at:02}": [{"exec": {"app": "NoOp", "args": arguments}}] for at, (arguments, _) in enumerate(ARGUMENTS)}}
        self.daemon = self.start(configuration(
            {"crm": {"url": self.web.url("/"), "timeout": ample()}, "held": {"url": self.web.url("/held"), "timeout": ample()}},
            server={"fastagi": f"127.0.0.1:{self.port}", **self.server}, dialplans=plans))

    def channel(self, did):
        return self.use(AgiChannel(self.port, f"dialplan?did={did}", uniqueid=f"17.{did}"))

    def run_plan(self, did, *replies):
        channel = self.channel(did)
        return [command for command in channel.play_through(replies) if command[0] != "VERBOSE"], channel.variables


class Ends(StepsTest):
    def test_a_conversation_ends_the_steps(self):
        for did, first in {"100": DIAL, "101": DIAL, "103": ["EXEC", "Dial", "X"]}.items():
            for reply in (OVER, DEAD, f"{OVER} (x)"):
                with self.subTest(did=did, reply=reply):
                    commands, variables = self.run_plan(did, reply)
                    self.assertEqual(commands, [first])
                    self.assertEqual(variables["DIALHOOK_DONE"], "1")
                    self.assertEqual(variables.get("DIALHOOK_STATUS", ""), "")
        self.assertEqual(len(self.web.requests), 0, "a webhook was asked after a conversation")

    def test_an_answered_queue_ends_the_steps(self):
        commands, _ = self.run_plan("102", BUSY, OVER)
        self.assertEqual((commands, len(self.web.requests)), ([["ANSWER"], ["EXEC", "Queue", "sales"]], 0))

    def test_a_caller_who_leaves_before_the_answer_is_queued_nowhere(self):
        for reply in (OVER, DEAD):
            self.assertEqual(self.run_plan("105", reply)[0], [["ANSWER"]])
            self.assertEqual(self.run_plan("106", reply)[0], [["ANSWER"]])

    def test_a_conversation_in_a_branch_ends_the_steps(self):
        commands, variables = self.run_plan("104", OVER)
        self.assertEqual((commands, variables["DIALHOOK_DONE"]), ([AGAIN], "1"))

    def test_a_hang_up_ends_the_steps(self):
        for did in ("100", "101"):
            for ending in (b"HANGUP\n200 result=-1\n", b"200 result=-1\nHANGUP\n", b"HANGUP\n200 result=0\n"):
                channel = self.channel(did)
                self.assertEqual(channel.next_command(), DIAL)
                channel.send(ending)
                self.assertIsNone(channel.next_command())
        self.assertEqual(len(self.web.requests), 0)

    def test_nobody_answers_and_the_steps_go_on(self):
        commands, variables = self.run_plan("100", BUSY)
        self.assertEqual((commands, variables["DIALHOOK_DONE"]), ([DIAL, ["EXEC", "VoiceMail", "101"]], "1"))
        commands, _ = self.run_plan("101", BUSY, BUSY)
        self.assertEqual((commands, len(self.web.requests)), ([DIAL, AGAIN, ["EXEC", "VoiceMail", "102"]], 1))

    def test_an_application_that_is_not_there_is_logged_and_passed_over(self):
        commands, _ = self.run_plan("108", UNKNOWN)
        self.assertEqual(commands[1:], [["EXEC", "Playback", "a"]])
        self.daemon.wait_logged("NoSuchApp", "108", "17.108")


class Kinds(StepsTest):
    def test_a_queue_answers_first(self):
        self.assertEqual(self.run_plan("105")[0], [["ANSWER"], ["EXEC", "Queue", "sales"]])

    def test_answer(self):
        for did in ("106", "107"):
            commands, _ = self.run_plan(did)
            self.assertEqual(commands[0], ["ANSWER"])

    def test_arguments_of_every_kind(self):
        for at, (written, expected) in enumerate(ARGUMENTS):
            with self.subTest(written=written):
                self.assertEqual(self.run_plan(f"2{at:02}")[0], [["EXEC", "NoOp", expected]])

    def test_a_sip_uri_rings_for_a_limited_time(self):
        self.assertEqual(self.run_plan("110")[0], [["EXEC", "Dial", "PJSIP/dialhook/sip:jan@pbx.lan,30"]])
        self.assertEqual(self.run_plan("114")[0], [["EXEC", "Dial", "PJSIP/dialhook/sip:jan@[2001:db8::1],30"]])

    def test_of_several_telephones_only_what_is_none_is_left_out(self):
        self.assertEqual(self.run_plan("113")[0], [AGAIN])
        self.daemon.wait_logged("left out", "dial 703,30", '"113"', "17.113")

    def test_what_is_left_out_is_logged_with_step_number_and_call(self):
        for did, step in LEFT_OUT.items():
            with self.subTest(step):
                self.assertEqual(self.run_plan(did)[0], [["EXEC", "Playback", "end"]])
                self.daemon.wait_logged("left out", step if isinstance(step, str) else next(iter(step)), f'"{did}"', f"17.{did}")


class Redacted(StepsTest):
    server = {"redact": True}

    def test_no_number_is_in_the_log(self):
        self.run_plan("308")
        self.run_plan("113")
        self.run_plan("108", UNKNOWN)
        with self.channel("100") as channel:
            self.assertEqual(channel.next_command(), DIAL)  # and the channel ends early
        for call, message, *secrets in (("308", "left out", "702,30"), ("113", "left out", "703,30"), ("108", "NoSuchApp"), ("100", "ended early")):
            with self.subTest(message=message, call=call):
                line = self.daemon.wait_logged(message, f"17.{call}")
                self.assertIn("***", line)
                for number in (f'"{call}"', *secrets):
                    self.assertNotIn(number, line)


class Stop(StepsTest):
    server = {"drain": ample()}

    def stop(self):
        self.daemon.signal(signal.SIGTERM)
        self.daemon.notify.wait("STOPPING=1")
        return stopwatch()

    def test_a_telephone_that_rings_is_not_waited_for(self):
        channel = self.channel("100")
        self.assertEqual(channel.next_command(), DIAL)
        watch = self.stop()
        self.assertEqual(self.daemon.wait_exit(), 0)
        self.assert_prompt(watch(), "a stop while a telephone rings", 2)
        self.assertEqual(channel.variables["DIALHOOK_DONE"], "", "the plan was lost, and the sample sees it")
        self.assertIsNone(channel.line())

    def test_nor_one_that_rings_after_the_stop_began(self):
        channel = self.channel("109")
        seen = []
        asterisk = threading.Thread(target=lambda: seen.append(channel.next_command()))
        asterisk.start()
        self.addCleanup(asterisk.join)
        self.web.wait_request("/held")
        watch = self.stop()
        self.event.set()
        asterisk.join()
        self.assertEqual(seen, [AGAIN])
        self.assertEqual((channel.variables["DIALHOOK_BRANCH"], channel.variables["DIALHOOK_DONE"]), ("success", ""))
        self.assertEqual(self.daemon.wait_exit(), 0)
        self.assert_prompt(watch(), "a stop before a telephone rings", 2)

    def test_the_last_step_goes_on_without_the_daemon(self):
        channel = self.channel("105")
        self.assertEqual(channel.next_command(), ["ANSWER"])
        channel.reply(BUSY)
        self.assertEqual(channel.next_command()[:2], ["EXEC", "Queue"])
        self.stop()
        self.assertEqual(self.daemon.wait_exit(), 0)
        self.assertEqual(channel.variables["DIALHOOK_DONE"], "1")

    def test_but_not_the_telephones_after_the_one_that_rings(self):
        channel = self.channel("112")
        self.assertEqual(channel.next_command(), DIAL)
        self.stop()
        self.assertEqual(self.daemon.wait_exit(), 0)
        self.assertEqual(channel.variables["DIALHOOK_DONE"], "", "the second one was lost, and the sample sees it")


class Done(StepsTest):
    def test_of_telephones_in_turn_the_last_one_is_the_last_step(self):
        channel = self.channel("112")
        for dial, done in ((DIAL, ""), (AGAIN, "1")):
            self.assertEqual(channel.next_command(), dial)
            self.assertEqual(channel.variables["DIALHOOK_DONE"], done)
            channel.reply(BUSY)
        self.assertIsNone(channel.next_command())

    def test_done_is_empty_from_the_start_and_set_at_the_end(self):
        channel = self.channel("111")
        for name in "abc":
            self.assertEqual(channel.next_command(), ["EXEC", "Playback", name])
            if name != "c":
                self.assertEqual(channel.variables["DIALHOOK_DONE"], "")
            channel.reply(BUSY)
        self.assertIsNone(channel.next_command())
        self.assertEqual(channel.variables["DIALHOOK_DONE"], "1")

    def test_a_daemon_that_dies_leaves_it_empty(self):
        channel = self.channel("111")
        channel.next_command()
        self.daemon.kill()
        self.assertIsNone(channel.line())
        self.assertEqual(channel.variables["DIALHOOK_DONE"], "")


if __name__ == "__main__":
    unittest.main()
