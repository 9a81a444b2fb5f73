"""Whole conversations through the real Asterisk, between telephones on SIP: an answered call ends the steps, no matter who ends or
transfers it, and a caller who is gone asks nothing more.
"""
import time
import unittest

from support.asterisk_case import TelephonesTest
from support.daemon import Daemon
from support.patience import ample
from support.replies import respond
from support.telephone import BUSY, RINGS, Telephone


class Conversations(TelephonesTest):
    ENTRY = "dialhook-dialplan"

    @classmethod
    def webhooks(cls):
        return {"crm": {"url": cls.web.url("/crm?did={did}"), "timeout": ample()}}

    @classmethod
    def dialplans(cls):
        cls.direct = cls.share(Telephone(0))
        asks = {"webhook": "crm", "on_success": [{"dial": "702"}], "on_failure": [{"dial": "702"}]}
        return {"600": [{"dial": "701"}, {"dial": "702"}, asks],
                "601": [{"dial": "701"}, {"voicemail": "101"}],
                "602": [{"queue": "sales"}, {"dial": "702"}, asks],
                "603": [{"play": "nosuchfile"}, {"dial": "702"}],
                "604": [{"webhook": "crm", "on_success": [{"dial": "701"}, {"dial": "702"}], "on_failure": []}],
                "605": [{"dial": "701"}, {"exec": {"app": "UserEvent", "args": "Step"}}],
                "606": [{"dial": "703"}],
                "607": [{"dial": f"sip:701@127.0.0.1:{cls.direct.port}"}]}

    def setUp(self):
        super().setUp()
        self.web.on("/crm", respond("status=ACK"))

    def talk(self, number="600"):
        """The telephones of a call that 701 has answered, and the legs of caller and callee."""
        self.first, self.second = self.telephone("701"), self.telephone("702")
        before = len(self.asterisk.ami.events)
        leg = self.dial(number)
        self.assertEqual(leg.wait_final().code, 200)
        self.asterisk.ami.events.wait(  # the caller's bridge with the inside of Local, and the callee's
            lambda events: sum(event.get("Event") == "BridgeEnter" for event in events[before:]) >= 4, "two bridges")
        return leg, self.first.wait_call()

    def assert_nothing_more(self, asked=0):
        self.wait_quiet()
        self.assertEqual([invite.first for invite in self.second.invites], [])
        self.assertEqual(len(self.first.invites), 1)
        self.assertEqual(len(self.requests()), asked)

    # The end of a conversation

    def test_the_callee_hangs_up(self):
        caller, callee = self.talk()
        callee.hang_up()
        caller.wait_ended()
        self.assert_nothing_more()

    def test_the_caller_hangs_up(self):
        caller, callee = self.talk()
        caller.hang_up()
        callee.wait_ended()
        self.assert_nothing_more()

    def test_the_callee_hangs_up_and_there_is_a_mailbox(self):
        caller, callee = self.talk("601")
        callee.hang_up()
        caller.wait_ended()
        self.assert_nothing_more()
        self.assertNotIn("VoiceMail", self.asterisk.log()[self.logged:])

    def test_the_callee_hangs_up_in_the_branch_of_a_webhook(self):
        caller, callee = self.talk("604")
        callee.hang_up()
        caller.wait_ended()
        self.assert_nothing_more(asked=1)

    def test_the_callee_hangs_up_and_any_step_follows(self):
        caller, callee = self.talk("605")
        callee.hang_up()
        caller.wait_ended()
        self.assert_nothing_more()
        self.assertEqual([event for event in self.asterisk.ami.events[self.begin:] if event.get("UserEvent") == "Step"], [])

    def test_a_queue_that_was_answered(self):
        for hangs_up in ("caller", "callee"):
            with self.subTest(hangs_up):
                caller, callee = self.talk("602")
                (caller if hangs_up == "caller" else callee).hang_up()
                (callee if hangs_up == "caller" else caller).wait_ended()
                self.assert_nothing_more()

    # Transfers

    def test_the_callee_transfers_blind(self):
        third = self.telephone("703")
        caller, callee = self.talk()
        callee.refer("703")
        other = third.wait_call()
        callee.hang_up()
        other.hang_up()
        caller.wait_ended()
        self.assert_nothing_more()

    def test_the_caller_transfers_blind(self):
        third = self.telephone("703")
        caller, callee = self.talk()
        caller.refer("703")
        other = third.wait_call()
        caller.hang_up()
        other.hang_up()
        callee.wait_ended()
        self.assert_nothing_more()

    def test_the_callee_transfers_attended(self):
        third = self.telephone("703")
        caller, callee = self.talk()
        consultation = self.first.call("703", headers=["X-Entry: from-internal"])
        self.assertEqual(consultation.wait_final().code, 200)
        callee.refer("703", replaces=consultation)
        callee.wait_request("NOTIFY")
        callee.hang_up()
        third.wait_call().hang_up()
        caller.wait_ended()
        self.assert_nothing_more()

    def test_the_caller_transfers_attended(self):
        third = self.telephone("703")
        caller, callee = self.talk()
        consultation = self.caller.call("703", headers=["X-Entry: from-internal"])
        self.assertEqual(consultation.wait_final().code, 200)
        caller.refer("703", replaces=consultation)
        caller.wait_request("NOTIFY")
        caller.hang_up()
        third.wait_call().hang_up()
        callee.wait_ended()
        self.assert_nothing_more()

    def test_the_administrator_takes_the_caller_elsewhere(self):
        """The channel leaves the steps and lives on, outside of Dialhook."""
        third = self.telephone("703")
        caller, _ = self.talk()
        channel = self.asterisk.ami.wait_event("Newchannel", self.begin)["Channel"]
        self.asterisk.ami.act("Redirect", Channel=channel, Context="from-internal", Exten="703", Priority="1")
        third.wait_call().hang_up()
        caller.wait_ended()
        self.assert_nothing_more()

    def test_a_blind_transfer_to_another_number_follows_that_number_s_plan(self):
        """Asterisk still has the number that was dialled first (agi_dnid), whose plan would ring the telephone again that transfers."""
        self.direct.server_port = self.asterisk.sip_port
        third = self.telephone("703")
        caller = self.dial("607")
        self.assertEqual(caller.wait_final().code, 200)
        self.asterisk.ami.events.wait(
            lambda events: sum(event.get("Event") == "BridgeEnter" for event in events[self.begin:]) >= 2, "a bridge")
        callee = self.direct.wait_call()
        callee.refer("799")
        other = third.wait_call()
        callee.hang_up()
        other.hang_up()
        caller.wait_ended()
        self.wait_quiet()
        self.assertEqual((len(self.direct.invites), len(third.invites)), (1, 1))

    # What goes on

    def test_a_telephone_that_is_busy(self):
        self.telephone("701", BUSY)
        second = self.telephone("702")
        caller = self.dial("600")
        self.assertEqual(caller.wait_final().code, 200)
        second.wait_call().hang_up()
        caller.wait_ended()
        self.wait_quiet()
        self.assertEqual(self.requests(), [])

    def test_a_telephone_that_nobody_answers(self):
        first, second = self.telephone("701", RINGS, ring=1), self.telephone("702")
        caller = self.dial("600")
        first.wait_call().wait_request("CANCEL")
        self.assertEqual(caller.wait_final().code, 200)
        second.wait_call().hang_up()
        caller.wait_ended()
        self.wait_quiet()
        self.assertEqual(self.requests(), [])

    def test_telephones_that_are_all_busy(self):
        """The webhook is asked when the caller is still there."""
        self.telephone("701", BUSY)
        second = self.telephone("702", BUSY)
        self.dial("600").wait_final()
        self.wait_quiet()
        self.assertEqual((len(self.requests()), len(second.invites)), (1, 2))

    def test_a_message_that_is_not_there(self):
        second = self.telephone("702")
        caller = self.dial("603")
        self.assertEqual(caller.wait_final().code, 200)
        second.wait_call().hang_up()
        caller.wait_ended()
        self.wait_quiet()

    def test_a_caller_who_gives_up_fires_nothing_more(self):
        first, self.second = self.telephone("701", RINGS), self.telephone("702")
        caller = self.dial("600")
        ringing = first.wait_call()
        caller.cancel()
        ringing.wait_request("CANCEL")
        self.assertEqual(caller.wait_final().code, 487)
        self.first = first
        self.assert_nothing_more()


class Restart(TelephonesTest):
    """The daemon ends while a telephone rings, or two people talk. Asterisk goes on with what it does; only the rest of the steps is lost."""
    ENTRY = "dialhook-dialplan"
    AWAY = "102"  # of config/asterisk/extensions.conf

    @classmethod
    def start_daemon(cls):
        """Each test has its own."""

    @classmethod
    def webhooks(cls):
        return {"crm": {"url": cls.web.url("/"), "timeout": ample()}}

    @classmethod
    def dialplans(cls):
        return {"600": [{"dial": "701"}, {"dial": "702"}], "601": [{"dial": "701"}]}

    def begin_call(self, number="600", ring=30):
        """The daemon, the caller's leg, the first telephone and its leg, which rings."""
        self.begin, self.seen_sights = len(self.asterisk.ami.events), len(self.asterisk.recorder.sights)
        content = self.configuration()
        content["server"]["drain"] = "60s"
        daemon = self.start(content)
        telephone = self.telephone("701", RINGS, ring)
        leg = self.dial(number)
        return daemon, leg, telephone, telephone.wait_call()

    def stop(self, daemon):
        begin = time.monotonic()
        daemon.stop()
        self.assert_prompt(time.monotonic() - begin, "a stop while Asterisk runs a step", 5)

    def reached(self):
        self.wait_quiet()
        return [sight.extension for sight in self.asterisk.recorder.sights[self.seen_sights:] if sight.place == "routed"]

    def test_nobody_answers_and_the_call_goes_to_the_fallback(self):
        for end in (self.stop, Daemon.kill):
            with self.subTest(end=end):
                daemon, leg, _, _ = self.begin_call(ring=1)
                end(daemon)
                self.assertEqual(leg.wait_final().code, 200)
                leg.wait_ended()
                self.assertEqual(self.reached(), ["701", self.AWAY])

    def test_nobody_answers_the_last_step_and_nothing_was_lost(self):
        daemon, leg, _, _ = self.begin_call("601", ring=1)
        self.stop(daemon)
        self.assertGreaterEqual(leg.wait_final().code, 300)
        self.assertEqual(self.reached(), ["701"])

    def test_somebody_answers_and_the_conversation_is_the_end(self):
        for end in (self.stop, Daemon.kill):
            with self.subTest(end=end):
                daemon, leg, telephone, ringing = self.begin_call()
                end(daemon)
                telephone.answer(ringing)
                self.assertEqual(leg.wait_final().code, 200)
                ringing.hang_up()
                leg.wait_ended()
                self.assertEqual(self.reached(), ["701"])

    def test_a_conversation_goes_on(self):
        daemon, leg, telephone, ringing = self.begin_call()
        telephone.answer(ringing)
        self.assertEqual(leg.wait_final().code, 200)
        self.stop(daemon)
        self.assertEqual(len(ringing.requests) + len(leg.requests), 0)
        leg.hang_up()
        ringing.wait_ended()
        self.assertEqual(self.reached(), ["701"])


if __name__ == "__main__":
    unittest.main()
