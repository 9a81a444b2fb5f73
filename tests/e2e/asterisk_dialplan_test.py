"""The real Asterisk follows a dialplan of dialhook.yaml: the steps are run on the channel."""
import unittest

from support import replies
from support.asterisk_case import AsteriskTest
from support.patience import ample
from support.places import RefusingPort
from support.replies import respond

AWAY = "102"  # of config/asterisk/extensions.conf
MESSAGES = {"start_message": "enter", "incorrect_message": "wrong", "timeout_message": "late"}
BRANCHES = {"on_success": [{"callername": {"from": "webhook"}}, {"dial": {"destination": "variable"}}],
            "on_failure": [{"callername": {"prefix": "[no CRM] "}}, {"dial": "109"}]}


class Dialplans(AsteriskTest):
    ENTRY = "dialhook-dialplan"

    @classmethod
    def webhooks(cls):
        cls.refusing = cls.share(RefusingPort())
        return {"crm": {"url": cls.web.url("/crm?name={callername}"), "timeout": ample()},
                "down": {"url": f"http://127.0.0.1:{cls.refusing.port}/"},
                "suppressed": {"url": cls.web.url("/crm"), "timeout": ample(), "callerid": "suppressed"},
                "ivr": {"url": cls.web.url("/ivr?code={code}"), "timeout": ample(), "ivr": {**MESSAGES, "timeout": "60s"}}}

    @classmethod
    def dialplans(cls):
        event = {"exec": {"app": "UserEvent", "args": ["Step", "Word: seen"]}}
        return {"200": [{"play": "welcome"}, {"webhook": "crm", **BRANCHES}],
                "201": [{"webhook": "down", **BRANCHES}],
                "202": [{"webhook": "ivr", **BRANCHES}],
                "203": [{"callername": {"prefix": "Sales "}}, {"dial": "115"}],
                "204": [{"callername": {"prefix": "Sales "}}, event, {"webhook": "crm", **BRANCHES}],
                "205": [{"webhook": "crm", "on_success": [event, {"hangup": 17}, {"dial": "115"}], "on_failure": []}],
                "206": [{"webhook": "suppressed", **BRANCHES}],
                "207": [{"webhook": "crm", "on_success": [{"dial": "116"}, event], "on_failure": []}],
                "208": [event]}

    def test_the_success_branch(self):
        self.web.on("/crm", respond("status=ACK&destination=%2B31201234567&callername=Zo%C3%AB+%22Q%22"))
        call = self.call("200")
        sight = call.callee()
        self.assertEqual((sight.extension, sight.name), ("+31201234567", 'Zoë "Q"'))
        self.assertTrue(any("welcome" in command for command in call.commands()), call.commands())

    def test_the_failure_branch(self):
        sight = self.call("201", name="Jan").callee()
        self.assertEqual((sight.extension, sight.name), ("109", "[no CRM] Jan"))

    def test_an_ivr(self):
        self.web.on("/ivr", respond("status=ACK&destination=103"))
        call = self.call("202")
        call.wait_message("enter")
        call.press("12#")
        self.assertEqual(call.callee().extension, "103")
        self.assertEqual([request.query for request in self.requests()], ["code=12"])

    def test_without_a_webhook(self):
        sight = self.call("203", name="Jan").callee()
        self.assertEqual((sight.extension, sight.name), ("115", "Sales Jan"))

    def test_steps_after_which_the_caller_is_still_there(self):
        """They were the number's dialplan: this is no call for the fallback."""
        call = self.call("208")
        call.wait_ended()
        self.assertEqual([command for command in call.commands() if "UserEvent" in command], ['EXEC "UserEvent" "Step,Word: seen"'])
        self.assertEqual([sight for sight in self.asterisk.recorder.sights if sight.variables["ID"] == call.identity], [])

    def test_steps_in_front_of_the_webhook(self):
        self.web.on("/crm", respond("status=ACK&destination=103"))
        seen = len(self.asterisk.ami.events)
        sight = self.call("204", name="Jan").callee()
        self.assertEqual((sight.extension, sight.name), ("103", "Sales Jan"))
        self.asterisk.ami.wait_event("UserEvent", seen, UserEvent="Step", Word="seen")
        self.assertEqual([request.query for request in self.requests()], ["name=Sales%20Jan"])

    def test_a_hangup_ends_the_steps(self):
        self.web.on("/crm", respond("status=ACK"))
        call = self.call("205")
        call.wait_ended()
        self.assertEqual(len([command for command in call.commands() if "UserEvent" in command]), 1)
        self.assertEqual([sight for sight in self.asterisk.recorder.sights if sight.variables["ID"] == call.identity], [])

    def test_the_suppressed_number(self):
        self.web.on("/crm", respond("status=ACK&destination=103"))
        self.assert_prohibited(self.call("206").callee())

    def test_a_number_without_a_dialplan(self):
        self.assertEqual(self.call("299").callee().extension, AWAY)

    def test_after_a_call_that_was_answered_no_further_step(self):
        """The callee has hung up: so does Asterisk, and the caller gets no second round."""
        self.web.on("/crm", respond("status=ACK"))
        call = self.call("207")
        self.assertEqual(call.callee().extension, "116")
        call.wait_ended()
        sights = [sight for sight in self.asterisk.recorder.sights if sight.variables["ID"] == call.identity]
        self.assertEqual([(sight.place, sight.extension) for sight in sights], [("routed", "116"), ("callee", "116")])

    def test_hanging_up_during_a_step(self):
        call = self.call("202")
        call.wait_message("enter")
        call.hang_up()
        call.wait_ended()
        self.assertEqual(self.requests(), [])

    def test_a_destination_that_asterisk_would_read_otherwise(self):
        for destination in ("103&Local/104@callee", "103,30,G(x)", "${EXTEN}"):
            with self.subTest(destination):
                self.web.on("/crm", replies.respond(b"status=ACK&destination=" + destination.encode()))
                self.assertEqual(self.call("200", name="Jan").callee().extension, "109")


if __name__ == "__main__":
    unittest.main()
