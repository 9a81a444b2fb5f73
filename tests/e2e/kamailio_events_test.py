"""What happens to calls through the real Kamailio as a proxy, as a web server is told of it: config/kamailio/events.cfg says it."""
import json
import sys
import unittest

from support import ROOT
from support.case import DialhookTest
from support.events import EventsTest
from support.kamailio import EventsProxy
from support.patience import SLACK
from support.phone import Phone, Request
from support.telephone import ANSWERS, BUSY, DECLINES, NOT_FOUND, RINGS, Telephone

sys.path.insert(0, str(ROOT / "tests" / "clients"))
from scripted_daemon import ScriptedDaemon, answering_batches  # noqa: E402

PROGRESS = 183
RING = 2 * SLACK  # seconds


class Proxied(EventsTest):
    SETTINGS = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kamailio = cls.share(EventsProxy(cls.daemon.socket_path, RING, **cls.SETTINGS))

    def setUp(self):
        super().setUp()
        self.caller = self.use(Telephone(self.kamailio.port))

    def telephone(self, number, manner=ANSWERS):
        phone = self.use(Telephone(self.kamailio.port, manner))
        phone.address = f"{number}@127.0.0.1:{phone.port}"
        return phone

    def dial(self, *phones, then=None, **options):
        headers = [f"X-Ring: {','.join(phone.address for phone in phones)}", *([f"X-Then: {then.address}"] if then else [])]
        return self.caller.call("+31502102544", headers=headers, **options)

    def talk(self):
        self.first = self.telephone("701")
        caller = self.dial(self.first)
        self.assertEqual(caller.wait_final().code, 200)
        return caller, self.first.wait_call()


class Phases(Proxied):
    def test_the_callee_hangs_up(self):
        caller, callee = self.talk()
        callee.hang_up()
        caller.wait_ended()
        created, *_ = self.wait_told("created", "answered 701", "ended completed")
        self.assertEqual([created[name] for name in ("call_id", "direction", "did", "callerid", "callername", "presentation")],
                         [caller.call_id, "inbound", "+31502102544", "+31612345678", "Tester", "allowed"])

    def test_the_caller_hangs_up(self):
        caller, callee = self.talk()
        caller.hang_up()
        callee.wait_ended()
        self.wait_told("created", "answered 701", "ended completed")

    def test_it_rings_and_is_answered(self):
        for manner in (RINGS, PROGRESS):
            with self.subTest(manner):
                self.seen = len(self.web.requests)
                phone = self.telephone("701", manner)
                caller = self.dial(phone)
                callee = phone.wait_call()
                phone.ring(callee)  # again
                self.wait_event("ringing")
                phone.answer(callee)
                self.assertEqual(caller.wait_final().code, 200)
                callee.hang_up()
                caller.wait_ended()
                self.wait_told("created", "ringing 701", "answered 701", "ended completed")

    def test_nobody_talks(self):
        cases = {BUSY: "busy", 600: "busy", DECLINES: "declined", 480: "no-answer", 408: "no-answer", NOT_FOUND: "failed", 500: "failed",
                 503: "failed"}
        for manner, reason in cases.items():
            with self.subTest(manner):
                self.seen = len(self.web.requests)
                self.dial(self.telephone("701", manner)).wait_final()
                self.wait_told("created", f"ended {reason}")

    def test_nobody_answers_in_time(self):
        phone = self.telephone("701", RINGS)
        caller = self.dial(phone)
        phone.wait_call().wait_request("CANCEL")
        caller.wait_final()
        self.wait_told("created", "ringing 701", "ended no-answer")

    def test_the_caller_gives_up_while_it_rings(self):
        phone = self.telephone("701", RINGS)
        caller = self.dial(phone)
        phone.wait_call()
        self.wait_event("ringing")
        caller.cancel()
        self.assertEqual(caller.wait_final().code, 487)
        self.wait_told("created", "ringing 701", "ended cancelled")

    def test_the_caller_gives_up_before_anything_rings(self):
        phone = self.telephone("701", 100)
        caller = self.dial(phone)
        phone.wait_call()
        caller.cancel()
        self.assertEqual(caller.wait_final().code, 487)
        self.wait_told("created", "ended cancelled")

    def test_a_call_that_is_sent_nowhere(self):
        self.caller.call("+31502102544")
        self.wait_told("created", "ended failed")

    def test_several_at_once(self):
        first, second = self.telephone("701", RINGS), self.telephone("702", RINGS)
        caller = self.dial(first, second)
        loses, wins = first.wait_call(), second.wait_call()
        self.wait_event("ringing", 2)
        second.answer(wins)
        self.assertEqual(caller.wait_final().code, 200)
        loses.wait_request("CANCEL")
        wins.hang_up()
        caller.wait_ended()
        told = self.wait_end()
        self.assertEqual((told[0], sorted(told[1:3]), told[3:]),
                         ("created", ["ringing 701", "ringing 702"], ["answered 702", "ended completed"]))

    def test_one_after_the_other(self):
        first, second = self.telephone("701", BUSY), self.telephone("702", RINGS)
        caller = self.dial(first, then=second)
        callee = second.wait_call()
        self.wait_event("ringing")
        second.answer(callee)
        self.assertEqual(caller.wait_final().code, 200)
        caller.hang_up()
        callee.wait_ended()
        self.wait_told("created", "ringing 702", "answered 702", "ended completed")

    def test_a_call_id_and_a_name_of_any_kind(self):
        phone = self.telephone("701", BUSY)
        self.dial(phone, caller='"M\udcfcller \\"Q\\"" <sip:anonymous@anonymous.invalid>').wait_final()
        created, *_ = self.wait_told("created", "ended busy")
        self.assertEqual((created["callername"], created["presentation"]), ('Müller "Q"', "prohibited"))


class Transfers(Proxied):
    """A proxy sees that one side asks the other to call somebody else; the call that follows has a Call-ID of its own."""

    def test_the_callee_transfers(self):
        for replaces, word in ((False, "blind"), (True, "attended")):
            with self.subTest(word):
                self.seen = len(self.web.requests)
                caller, callee = self.talk()
                callee.refer("703", replaces=caller if replaces else None)
                callee.hang_up()
                caller.wait_ended()
                self.wait_told("created", "answered 701", f"transferred {word} 701", "ended completed")

    def test_the_caller_transfers(self):
        for replaces, word in ((False, "blind"), (True, "attended")):
            with self.subTest(word):
                self.seen = len(self.web.requests)
                caller, callee = self.talk()
                caller.refer("703", replaces=callee if replaces else None)
                caller.hang_up()
                callee.wait_ended()
                self.wait_told("created", "answered 701", f"transferred {word} +31612345678", "ended completed")


class Challenged(Proxied):
    """Somebody behind the proxy asks for credentials: the INVITE that has them is of the same call."""

    def challenge(self, *others):
        phone = self.telephone("701", 407)
        caller = self.dial(phone, *others)
        self.assertEqual(caller.wait_final().code, 407)
        return caller, phone


class Challenges(Challenged):
    def test_a_caller_with_credentials(self):
        caller, phone = self.challenge()
        caller.request("INVITE", "Proxy-Authorization: Digest x", f"X-Ring: {phone.address}")
        caller.answers.wait_entry(lambda answer: answer.code == 200, "an answer to the credentials")
        caller.hang_up()
        phone.wait_call().wait_ended()
        self.wait_told("created", "answered 701", "ended completed")

    def test_a_challenge_and_then_a_busy_telephone(self):
        self.assertEqual(self.dial(self.telephone("701", 407), then=self.telephone("702", BUSY)).wait_final().code, BUSY)
        self.wait_told("created", "ended busy")


class ChallengesInVain(Challenged):
    IDLE = "3s"

    def test_a_caller_without_credentials(self):
        self.challenge()
        self.wait_told("created", "ended unknown")

    def test_a_challenge_beside_a_busy_telephone(self):
        """The challenge is what the caller gets, whichever comes first."""
        self.challenge(self.telephone("702", BUSY))
        self.wait_told("created", "ended unknown")


class OwnRoutes(Proxied):
    SETTINGS = {"OWN_ROUTES": 1}

    @staticmethod
    def wait_over(caller, callee):
        caller.hang_up()
        callee.wait_ended()

    def kept(self):
        phone = self.use(Phone(self.kamailio.port))
        phone.options()
        return phone.receive().header("X-Kept")

    def test_nothing_is_kept_of_a_call_that_is_over(self):
        for _ in range(2):
            self.seen = len(self.web.requests)
            caller, callee = self.talk()
            self.assertNotEqual(self.kept(), "0")
            self.wait_over(caller, callee)
            self.wait_told("created", "answered 701", "ended completed")
            self.assertEqual(self.kept(), "0")

    def test_a_cancel_of_no_call_leaves_nothing(self):
        phone = self.use(Phone(self.kamailio.port))
        Request(phone, "INVITE", "+31502102544").cancel()
        phone.wait_for(481, "CANCEL")
        self.assertEqual(self.kept(), "0")

    def test_a_cancel_of_a_call_that_is_over_leaves_nothing(self):
        phone = self.use(Phone(self.kamailio.port))
        request = phone.invite("+31502102544")
        request.ack(phone.wait_for(404, "INVITE"))
        self.wait_told("created", "ended failed")
        request.cancel()
        while (answer := phone.receive()) and answer.method != "CANCEL":  # 200, or 481 where this took seconds
            pass
        self.assertIsNotNone(answer)
        self.assertEqual(self.kept(), "0")

    def test_what_else_is_accepted_is_no_transfer(self):
        caller, callee = self.talk()
        for number, method in enumerate(("UPDATE", "INFO", "INVITE"), 1):
            callee.request(method)
            callee.answers.wait_count(number, f"answers, the last to {method}")
        self.wait_over(caller, callee)
        self.wait_told("created", "answered 701", "ended completed")

    def test_a_request_in_no_call_makes_none(self):
        for method in ("SUBSCRIBE", "REFER"):
            answered = self.caller.call("100", method=method, headers=[f"X-Ring: {self.telephone('701').address}"], sound=False).answers
            answered.wait_entry(lambda answer: answer.code == 200, f"an answer to {method}")
        self.wait_over(*self.talk())
        self.wait_told("created", "answered 701", "ended completed")

    def test_a_transfer(self):
        caller, callee = self.talk()
        callee.refer("703")
        self.wait_over(caller, callee)
        self.wait_told("created", "answered 701", "transferred blind 701", "ended completed")


class KilledPbx(Proxied):
    IDLE = "3s"

    def test_a_proxy_that_is_killed_ends_its_calls_all_the_same(self):
        self.talk()
        self.wait_event("answered")
        self.kamailio.kill()
        self.assertEqual(self.wait_end(), ["created", "answered 701", "ended unknown"])


class WhileDialhookIsAway(DialhookTest):
    """Nothing is lost while nobody listens, or the disk is full; and no call waits."""

    def start(self, *scripts):
        daemon = self.use(ScriptedDaemon(*scripts))
        kamailio = self.use(EventsProxy(daemon.path, RING))
        return daemon, kamailio

    def said(self, daemon):
        return [request["params"] for line in daemon.questions for request in json.loads(line)]

    def kinds(self, daemon):
        return [event["event"] for event in self.said(daemon)]

    def play(self, kamailio, count):
        for _ in range(count):
            phone = self.use(Telephone(kamailio.port, BUSY))
            caller = self.use(Telephone(kamailio.port))
            leg = caller.call("100", headers=[f"X-Ring: 701@127.0.0.1:{phone.port}"])
            self.assertEqual(leg.wait_final().code, 486)

    def wait_said(self, daemon, count):
        with daemon.changed:
            assert daemon.changed.wait_for(lambda: len(self.said(daemon)) >= count, 30), self.said(daemon)
        return self.kinds(daemon)

    def test_nobody_listens_for_a_while(self):
        daemon, kamailio = self.start(storing_batches)
        daemon.close()
        self.play(kamailio, 3)
        daemon.folder.mkdir()
        daemon.listen()
        self.assertEqual(self.wait_said(daemon, 6), ["created", "ended"] * 3)

    def test_a_full_disk(self):
        daemon, kamailio = self.start(full_then_storing)
        self.play(kamailio, 1)
        # What was refused comes again, the end with it or after it.
        with daemon.changed:
            assert daemon.changed.wait_for(lambda: self.kinds(daemon)[-2:] == ["created", "ended"] and
                                           self.kinds(daemon).count("created") == 2, 30), self.said(daemon)

    def test_what_is_refused_stops_nothing(self):
        daemon, kamailio = self.start(refusing_the_first)
        self.play(kamailio, 2)
        self.assertEqual(self.wait_said(daemon, 4), ["created", "ended"] * 2)


STORED = {"result": {"stored": True}}
storing_batches = answering_batches(STORED)
full_then_storing = answering_batches({"error": {"code": -32007, "message": "no space left"}}, STORED)
refusing_the_first = answering_batches({"error": {"code": -32602, "message": "wrong"}}, STORED)


if __name__ == "__main__":
    unittest.main()
