"""Several destinations on the real Asterisk, with telephones on SIP: in dial steps, in replies that a step dials, and in the sample that asks
one webhook. At once the first that answers has the call; in turn, the next one rings when one is busy or its time is over.
"""
import json
import unittest

from support.asterisk_case import TelephonesTest
from support.patience import ample
from support.replies import respond
from support.telephone import ANSWERS, BUSY, RINGS, Telephone


class Several(TelephonesTest):
    """The same telephones, told by a step, a reply as a form or in JSON, or the sample: `way` names the number that is called."""
    ENTRY = "dialhook-dialplan"
    LATER = "703"  # rings when nobody answered

    @classmethod
    def webhooks(cls):
        return {"crm": {"url": cls.web.url("/crm?did={did}"), "timeout": ample(), "max_destinations": 3}}

    @classmethod
    def extensions(cls):
        return f"\n[globals](+)\nDIALHOOK_UNANSWERED={cls.LATER}\n{super().extensions()}"

    @classmethod
    def endpoints(cls):
        return super().endpoints() + "\n[trunk](endpoint)\n"  # of the sample, for SIP URIs

    @classmethod
    def dialplans(cls):
        later = {"dial": cls.LATER}
        asks = {"webhook": "crm", "on_success": [{"dial": {"destination": "variable"}}, later], "on_failure": []}
        plans = {}
        for at, strategy in enumerate(("parallel", "sequential")):
            for ring in (30, 1):
                plans[f"6{at}{ring:02}"] = [{"dial": {"to": ["701", "702"], "strategy": strategy, "ring": f"{ring}s"}}, later]
        return {**plans, "700": [asks], "799": [{"dial": {"to": ["701"], "ring": "1s"}}, later]}

    def ways(self, strategy, ring):
        """Each way to ring 701 and 702: what is dialled, and where the call comes in."""
        yield "step", f"6{int(strategy == 'sequential')}{ring:02}", "dialhook-dialplan"
        form = f"status=ACK&destination=701&destination=702&strategy={strategy}&ring={ring}"
        text = json.dumps({"status": "ACK", "destination": ["701", "702"], "strategy": strategy, "ring": ring})
        for title, reply, entry in (("form", form, "dialhook-dialplan"), ("JSON", text, "dialhook-dialplan"), ("sample", form, "dialhook-webhook")):
            self.web.on("/crm", respond(reply))
            yield title, "700", entry

    def each_way(self, strategy, play, ring=30):
        for title, number, entry in self.ways(strategy, ring):
            with self.subTest(title, strategy=strategy):
                self.begin = len(self.asterisk.ami.events)
                play(lambda number=number, entry=entry: self.dial(number, entry))

    def assert_over(self, caller, *silent):
        """The caller is gone, and none of these telephones has rung."""
        caller.wait_ended()
        self.wait_quiet()
        self.assertEqual([len(telephone.invites) for telephone in silent], [0] * len(silent))

    def test_at_once_the_first_that_answers_has_the_call(self):
        def play(dial):
            first, second, later = self.telephone("701", RINGS), self.telephone("702", RINGS), self.telephone(self.LATER)
            caller = dial()
            loses, wins = first.wait_call(), second.wait_call()
            second.answer(wins)
            self.assertEqual(caller.wait_final().code, 200)
            loses.wait_request("CANCEL")
            wins.hang_up()
            self.assert_over(caller, later)
        self.each_way("parallel", play)

    def test_at_once_a_busy_one_does_not_end_the_others(self):
        def play(dial):
            first, second, later = self.telephone("701", BUSY), self.telephone("702", RINGS), self.telephone(self.LATER)
            caller = dial()
            wins = second.wait_call()
            first.wait_call()
            self.assertEqual([answer.code for answer in caller.answers if answer.code >= 200], [])
            second.answer(wins)
            self.assertEqual(caller.wait_final().code, 200)
            wins.hang_up()
            self.assert_over(caller, later)
        self.each_way("parallel", play)

    def test_at_once_nobody_answers_in_the_ring_time_and_the_next_step_follows(self):
        def play(dial):
            telephones = self.telephone("701", RINGS), self.telephone("702", RINGS)
            later = self.telephone(self.LATER)
            caller = dial()
            for telephone in telephones:
                telephone.wait_call().wait_request("CANCEL")
            self.assertEqual(caller.wait_final().code, 200)
            later.wait_call().hang_up()
            self.assert_over(caller)
        self.each_way("parallel", play, 1)

    def test_all_are_busy_and_the_next_step_follows(self):
        def play(dial):
            for number in ("701", "702"):
                self.telephone(number, BUSY)
            later = self.telephone(self.LATER)
            caller = dial()
            self.assertEqual(caller.wait_final().code, 200)
            later.wait_call().hang_up()
            self.assert_over(caller)
        for strategy in ("parallel", "sequential"):
            self.each_way(strategy, play)

    def test_in_turn_the_next_one_rings_when_the_time_of_one_is_over(self):
        def play(dial):
            first, second, later = self.telephone("701", RINGS), self.telephone("702", ANSWERS), self.telephone(self.LATER)
            caller = dial()
            rings = first.wait_call()
            self.assertEqual(len(second.invites), 0, "the second one rings with the first")
            rings.wait_request("CANCEL")
            self.assertEqual(caller.wait_final().code, 200)
            second.wait_call().hang_up()
            self.assert_over(caller, later)
        self.each_way("sequential", play, 1)

    def test_in_turn_nobody_rings_after_one_that_answered(self):
        def play(dial):
            first, second, later = self.telephone("701", ANSWERS), self.telephone("702"), self.telephone(self.LATER)
            caller = dial()
            self.assertEqual(caller.wait_final().code, 200)
            first.wait_call().hang_up()
            self.assert_over(caller, second, later)
        self.each_way("sequential", play)

    def test_in_turn_each_has_its_time_and_then_the_next_step_follows(self):
        def play(dial):
            first, second, later = self.telephone("701", RINGS), self.telephone("702", RINGS), self.telephone(self.LATER)
            caller = dial()
            for telephone in (first, second):
                telephone.wait_call().wait_request("CANCEL")
            self.assertEqual(caller.wait_final().code, 200)
            later.wait_call().hang_up()
            self.assert_over(caller)
        self.each_way("sequential", play, 1)

    def test_a_caller_who_gives_up_ends_them_all(self):
        def play(dial):
            telephones, later = (self.telephone("701", RINGS), self.telephone("702", RINGS)), self.telephone(self.LATER)
            caller = dial()
            legs = [telephone.wait_call() for telephone in telephones]
            caller.cancel()
            for leg in legs:
                leg.wait_request("CANCEL")
            self.assertEqual(caller.wait_final().code, 487)
            self.wait_quiet()
            self.assertEqual(len(later.invites), 0)
        self.each_way("parallel", play)

    # One destination

    def test_one_with_a_ring_time(self):
        self.web.on("/crm", respond("status=ACK&destination=701&ring=1"))
        for number, entry in (("799", "dialhook-dialplan"), ("700", "dialhook-dialplan"), ("700", "dialhook-webhook")):
            with self.subTest(number, entry=entry):
                self.begin = len(self.asterisk.ami.events)
                first, later = self.telephone("701", RINGS), self.telephone(self.LATER)
                caller = self.dial(number, entry)
                first.wait_call().wait_request("CANCEL")
                self.assertEqual(caller.wait_final().code, 200)
                later.wait_call().hang_up()
                self.assert_over(caller)

    def test_a_sip_uri_among_them(self):
        """By its own endpoint, in the step and in the sample."""
        direct = self.use(Telephone(self.asterisk.sip_port, RINGS))
        self.web.on("/crm", respond(f"status=ACK&destination=701&destination=sip:702@127.0.0.1:{direct.port}"))
        for entry in ("dialhook-dialplan", "dialhook-webhook"):
            with self.subTest(entry):
                self.begin = len(self.asterisk.ami.events)
                first = self.telephone("701", RINGS)
                caller = self.dial("700", entry)
                loses, wins = first.wait_call(), direct.wait_call(1 + (entry == "dialhook-webhook"))
                direct.answer(wins)
                self.assertEqual(caller.wait_final().code, 200)
                loses.wait_request("CANCEL")
                wins.hang_up()
                self.assert_over(caller)


if __name__ == "__main__":
    unittest.main()
