"""A caller in the real Asterisk enters a code, as the webhook's IVR asks for it."""
import unittest

from support import replies
from support.asterisk_case import AsteriskTest
from support.patience import PATIENCE, ample
from support.replies import respond

REFUSED, UNDECIDED = "100", "101"  # of config/asterisk/extensions.conf

ACK, NAK = respond("status=ACK&destination=103&callername=Jan"), respond("status=NAK")


class Ivr(AsteriskTest):
    @classmethod
    def webhooks(cls):
        messages = {"start_message": "enter", "incorrect_message": "wrong", "timeout_message": "late"}
        kinds = {"code": {"timeout": "60s"}, "hasty": {"timeout": "500ms", "max_attempts": 2},
                 "four": {"timeout": "60s", "max_digits": 4}, "star": {"timeout": "60s", "terminator": "*"},
                 "long": {"timeout": "60s", "start_message": "long"}, "mute": {"timeout": "60s", "start_message": "nosuchfile"}}
        return {name: {"url": cls.web.url("/?code={code}"), "timeout": ample(), "ivr": {**messages, **kind}}
                for name, kind in kinds.items()}

    def codes(self):
        """The codes that the web server was asked for."""
        return [request.query for request in self.requests()]

    def messages(self, call):
        """The messages that were played, in order."""
        played = [command for command in call.commands() if command.startswith(("STREAM FILE", "GET DATA", "EXEC"))]
        names = ("enter", "wrong", "late", "long")
        return [name for command in played for name in names if name in command.replace('"', " ").replace(",", " ").split()]

    def test_the_right_code(self):
        self.web.on("/", ACK)
        call = self.call(webhook="code")
        call.wait_message("enter")
        call.press("1234#")
        self.assert_routed(call, "103", BRANCH="success", STATUS="ACK", REASON=None)
        self.assertEqual(call.callee().name, "Jan")
        self.assertEqual((self.codes(), self.messages(call)), (["code=1234"], ["enter"]))

    def test_the_channel_is_answered_before_the_first_message(self):
        self.web.on("/", ACK)
        call = self.call(webhook="code")
        call.wait_message("enter")
        self.assertEqual(call.commands()[0], "ANSWER")
        call.press("1#")
        self.assert_routed(call, "103", BRANCH="success")

    def test_a_wrong_code_and_then_the_right_one(self):
        self.web.on("/", NAK, ACK)
        call = self.call(webhook="code")
        call.wait_message("enter")
        call.press("1111#")
        call.wait_message("wrong")
        call.press("2222#")
        self.assert_routed(call, "103", BRANCH="success", STATUS="ACK")
        self.assertEqual((self.codes(), self.messages(call)), (["code=1111", "code=2222"], ["enter", "wrong"]))

    def test_three_wrong_codes(self):
        self.web.on("/", NAK)
        call = self.call(webhook="code")
        for number, message in enumerate(("enter", "wrong", "wrong")):
            call.wait_message(message, max(number, 1))
            call.press(f"{number}{number}#")
        self.assert_routed(call, REFUSED, BRANCH="failure", STATUS="NAK", REASON="ivr_attempts", DESTINATION=None)
        self.assertEqual(self.codes(), ["code=00", "code=11", "code=22"])
        self.assertEqual(self.messages(call), ["enter", "wrong", "wrong", "wrong"])

    def test_a_silent_caller(self):
        call = self.call(webhook="hasty")
        self.assert_routed(call, REFUSED, BRANCH="failure", STATUS=None, REASON="ivr_timeout")
        self.assertEqual((self.codes(), self.messages(call)), ([], ["enter", "late", "late"]))

    def test_silence_and_then_the_right_code(self):
        self.web.on("/", ACK)
        call = self.call(webhook="hasty")
        call.wait_message("late")
        call.press("1#")
        self.assert_routed(call, "103", BRANCH="success")
        self.assertEqual(self.codes(), ["code=1"])

    def test_digits_during_the_message_count_and_end_it(self):
        self.web.on("/", ACK)
        call = self.call(webhook="long")  # its message takes longer than this test may
        call.wait_message("long")
        call.press("9876#")
        self.assert_routed(call, "103", BRANCH="success")
        self.assertEqual(self.codes(), ["code=9876"])

    def test_the_longest_code_needs_no_terminator(self):
        self.web.on("/", ACK)
        call = self.call(webhook="four")
        call.wait_message("enter")
        call.press("1234")
        self.assert_routed(call, "103", BRANCH="success")
        self.assertEqual(self.codes(), ["code=1234"])

    def test_the_longest_code_with_its_terminator_leaves_nothing_for_the_next_question(self):
        self.web.on("/", NAK, ACK)
        call = self.call(webhook="four")
        call.wait_message("enter")
        call.press("1111#")
        call.wait_message("wrong")
        call.press("2222")
        self.assert_routed(call, "103", BRANCH="success")
        self.assertEqual((self.codes(), self.messages(call)), (["code=1111", "code=2222"], ["enter", "wrong"]))

    def test_a_code_without_its_terminator_is_taken_when_nothing_more_comes(self):
        self.web.on("/", ACK)
        call = self.call(webhook="hasty")
        call.wait_message("enter")
        call.press("12")
        self.assert_routed(call, "103", BRANCH="success")
        self.assertEqual(self.codes(), ["code=12"])

    def test_a_message_that_is_not_there_is_only_not_heard(self):
        self.web.on("/", ACK)
        call = self.call(webhook="mute")
        call.wait_command("WAIT")
        call.press("12#")
        self.assert_routed(call, "103", BRANCH="success")
        self.assertEqual(self.codes(), ["code=12"])
        self.daemon.wait_logged("nosuchfile")

    def test_another_terminator(self):
        self.web.on("/", ACK)
        call = self.call(webhook="star")
        call.wait_message("enter")
        call.press("12#3*")
        self.assert_routed(call, "103", BRANCH="success")
        self.assertEqual(self.codes(), ["code=12%233"])

    def test_the_terminator_alone_is_a_wrong_code_that_nobody_is_asked_about(self):
        self.web.on("/", ACK)
        call = self.call(webhook="code")
        call.wait_message("enter")
        call.press("#")
        call.wait_message("wrong")
        call.press("5#")
        self.assert_routed(call, "103", BRANCH="success")
        self.assertEqual((self.codes(), self.messages(call)), (["code=5"], ["enter", "wrong"]))

    def test_err_ends_it_at_once(self):
        self.web.on("/", respond("status=ERR"))
        call = self.call(webhook="code")
        call.wait_message("enter")
        call.press("1#")
        self.assert_routed(call, UNDECIDED, BRANCH="failure", STATUS="ERR", REASON="err")
        self.assertEqual(self.messages(call), ["enter"])

    def test_hanging_up_during_the_message(self):
        call = self.call(webhook="long")
        call.wait_message("long")
        call.hang_up()
        call.wait_ended()
        self.assertEqual(self.codes(), [])
        self.assertEqual([sight for sight in self.asterisk.recorder.sights if sight.variables["ID"] == call.identity], [])

    def test_hanging_up_after_some_digits(self):
        call = self.call(webhook="code")
        call.wait_message("enter")
        call.press("12")
        call.hang_up()
        call.wait_ended()
        self.assertEqual(self.codes(), [])

    def test_hanging_up_during_the_request(self):
        self.web.on("/", replies.hang)
        call = self.call(webhook="code")
        call.wait_message("enter")
        call.press("1234#")
        request = self.wait_request("/")
        call.hang_up()
        connection = self.web.connections[request.connection - 1]
        self.assertTrue(connection.closed_by_peer.wait(PATIENCE), "the request goes on without its caller")
        call.wait_ended()

    def test_a_code_is_in_no_log(self):
        self.web.on("/", ACK)
        call = self.call(webhook="code")
        call.wait_message("enter")
        call.press("73571#")
        call.callee()
        self.daemon.wait_logged(call.call_id)
        self.assertNotIn("73571", self.daemon.stderr())


if __name__ == "__main__":
    unittest.main()
