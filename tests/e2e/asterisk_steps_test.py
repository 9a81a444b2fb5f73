"""Each step of a dialplan on a real channel of Asterisk: what it does, and the state of the channel before and after it."""
import unittest

from support.asterisk_case import TelephonesTest
from support.patience import ample
from support.telephone import BUSY

RINGS, UP = "Ring", "Up"
MARK = {"exec": {"app": "UserEvent", "args": ["Mark"]}}

# A step, the state of a channel after it that was not answered before it, and the command that Asterisk got.
STEPS = {
    "play": ({"play": "welcome"}, UP, 'EXEC "Playback" "welcome"'),
    "play, a number": ({"play": 101}, UP, 'EXEC "Playback" "101"'),
    "play, a file that is not there": ({"play": "nosuchfile"}, UP, 'EXEC "Playback" "nosuchfile"'),
    "dial, busy": ({"dial": "702"}, RINGS, 'EXEC "Dial" "Local/702@from-internal/n,30"'),
    "dial, nobody has this number": ({"dial": "nobody"}, RINGS, 'EXEC "Dial" "Local/nobody@from-internal/n,30"'),
    "queue": ({"queue": "empty"}, UP, 'EXEC "Queue" "empty"'),
    "queue, a number": ({"queue": 500}, UP, 'EXEC "Queue" "500"'),
    "voicemail": ({"voicemail": "101"}, UP, 'EXEC "VoiceMail" "101"'),
    "voicemail, nobody has it": ({"voicemail": "999"}, UP, 'EXEC "VoiceMail" "999"'),
    "answer": ("answer", UP, "ANSWER"),
    "answer, null": ({"answer": None}, UP, "ANSWER"),
    "callername, prefix": ({"callername": {"prefix": "VIP "}}, RINGS, 'SET VARIABLE "CALLERID(name)" "VIP Tester"'),
    "callername, replace": ({"callername": {"replace": 'A "B"'}}, RINGS, 'SET VARIABLE "CALLERID(name)" "A \\"B\\""'),
    "exec": ({"exec": {"app": "NoOp"}}, RINGS, 'EXEC "NoOp" ""'),
    "exec, of an application that answers": ({"exec": {"app": "Answer"}}, UP, 'EXEC "Answer" ""'),
    "exec, of an application that is not there": ({"exec": {"app": "NoSuchApp", "args": "x"}}, RINGS, 'EXEC "NoSuchApp" "x"'),
}
# The arguments of `exec` as YAML has them, and as the application gets them.
ARGUMENTS = [("text, with a comma", "text, with a comma"), ("", ""), (7, "7"), (0, "0"), (-3, "-3"), (1.5, "1.5"), (300.25, "300.25"), (True, "true"),
             (False, "false"), (None, ""), ([], ""), (["a"], "a"), ([300], "300"), (["x=a", 2, True], "x=a,2,true"),
             (["a", 2, 1.5, False, None, "", "ü"], "a,2,1.5,false,,,ü"), ([None], ""),
             ('say "hi" \\ there', 'say \\"hi\\" \\\\ there'), ("${EXTEN}", "${EXTEN}")]
# What Asterisk cannot do with a step is left out, and the next one runs.
LEFT_OUT = [{"play": "a,b"}, {"play": ""}, {"play": ["a", "b"]}, {"queue": "sales&x"}, {"voicemail": "101,u"}, {"hangup": "busy"}, {"hangup": -1},
            {"sing": "a song"}, "sing", {"exec": "NoOp"}, {"exec": {"app": "No Op"}}, {"exec": {"args": "x"}}, {"exec": {"app": "NoOp", "args": {"a": 1}}},
            {"exec": {"app": "NoOp", "args": [["a"]]}}, {"dial": "702,30"}, {"dial": "${EXTEN}"}]
HANGUPS = [("hangup", 603), ({"hangup": None}, 603), ({"hangup": 17}, 486), ({"hangup": "17"}, 486), ({"hangup": 1}, 404), ({"hangup": 34}, 503)]


class Steps(TelephonesTest):
    ENTRY = "dialhook-dialplan"

    @classmethod
    def webhooks(cls):
        return {"crm": {"url": cls.web.url("/"), "timeout": ample()}}

    @classmethod
    def dialplans(cls):
        ends = [MARK, {"hangup": 21}]
        plans = {f"1{at:02}": [MARK, step, *ends] for at, (step, _, _) in enumerate(STEPS.values())}
        plans.update({f"2{at:02}": [{"exec": {"app": "NoOp", "args": arguments}}, *ends] for at, (arguments, _) in enumerate(ARGUMENTS)})
        plans.update({f"3{at:02}": [step, *ends] for at, step in enumerate(LEFT_OUT)})
        plans.update({f"4{at:02}": [step, MARK] for at, (step, _) in enumerate(HANGUPS)})
        return {**plans, "500": [{"play": "welcome"}, "answer", *ends], "501": [{"dial": "701"}, MARK], "502": [{"queue": "sales"}, MARK]}

    def follows(self, number):
        """The answer that the caller got, the commands of the call, and the states of its channel at each mark."""
        leg = self.dial(number)
        answer = leg.wait_final()
        if answer.code == 200:
            leg.wait_ended()
        self.wait_quiet()
        events = self.asterisk.ami.events[self.begin:]
        self.begin = len(self.asterisk.ami.events)
        return (answer.code, [event["Command"] for event in events if event.get("Event") == "AGIExecStart"],
                [event["ChannelStateDesc"] for event in events if event.get("UserEvent") == "Mark"])

    def test_each_step_and_the_channel_s_state(self):
        self.telephone("702", BUSY)
        for at, (title, (_, state, command)) in enumerate(STEPS.items()):
            with self.subTest(title):
                code, commands, states = self.follows(f"1{at:02}")
                self.assertTrue(command in commands or command == "ANSWER" and 'EXEC "Answer" ""' in commands, commands)
                self.assertEqual(UP if code == 200 else RINGS, state)
                # Asterisk takes a caller whose telephone sends no sound for one who is gone, when his message is recorded.
                self.assertEqual(states, [RINGS] if title == "voicemail" else [RINGS, state])

    def test_arguments_of_every_kind(self):
        for at, (_, expected) in enumerate(ARGUMENTS):
            with self.subTest(expected):
                _, commands, states = self.follows(f"2{at:02}")
                self.assertIn(f'EXEC "NoOp" "{expected}"', commands)
                self.assertEqual(states, [RINGS])

    def test_what_asterisk_cannot_do_is_left_out_and_said(self):
        for at, step in enumerate(LEFT_OUT):
            with self.subTest(step=step):
                _, commands, states = self.follows(f"3{at:02}")
                self.assertEqual(states, [RINGS])
                self.assertEqual([command for command in commands if command.startswith("EXEC") and "UserEvent" not in command and "Hangup" not in command],
                                 [])
                said = [command for command in commands if command.startswith('VERBOSE "dialhook left out ')]
                self.assertEqual(len(said), 1, commands)
                name = step if isinstance(step, str) else next(iter(step))
                self.assertIn(name, said[0].removeprefix('VERBOSE "dialhook left out ').lower())
        self.daemon.wait_logged("left out", "a,b", "300")

    def test_a_hangup_and_its_cause(self):
        for at, (step, code) in enumerate(HANGUPS):
            with self.subTest(step=step):
                answered, _, states = self.follows(f"4{at:02}")
                self.assertEqual((answered, states), (code, []))

    def test_answering_twice_does_no_harm(self):
        code, _, states = self.follows("500")
        self.assertEqual((code, states), (200, [UP]))

    def test_a_dial_answers_when_the_telephone_does(self):
        """Not before: the caller hears the ringing of his own network, and pays nothing."""
        first = self.telephone("701", 180)
        leg = self.dial("501")
        ringing = first.wait_call()
        self.assertEqual([answer.code for answer in leg.answers if answer.code >= 200], [])
        first.answer(ringing)
        self.assertEqual(leg.wait_final().code, 200)
        ringing.hang_up()
        leg.wait_ended()
        self.wait_quiet()

    def test_a_queue_answers_first_so_that_its_music_is_heard(self):
        first = self.telephone("701", 180)
        leg = self.dial("502")
        self.assertEqual(leg.wait_final().code, 200)
        ringing = first.wait_call()
        leg.hang_up()
        ringing.wait_request("CANCEL")
        self.wait_quiet()


if __name__ == "__main__":
    unittest.main()
