"""What happens to calls through the real Kamailio as a proxy, as a web server is told of it: config/kamailio/events.cfg says it."""
import json
import sys
import unittest

from support import ROOT
from support.case import DialhookTest
from support.events import EventsTest
from support.kamailio import EventsProxy
from support.patience import SLACK
from support.telephone import ANSWERS, BUSY, DECLINES, NOT_FOUND, RINGS, Telephone

sys.path.insert(0, str(ROOT / "tests" / "clients"))
from scripted_daemon import ScriptedDaemon, reply_to, storing  # noqa: E402

PROGRESS = 183
RING = 2 * SLACK  # seconds


class Proxied(EventsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kamailio = cls.share(EventsProxy(cls.daemon.socket_path, RING))

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


def answer_batch(connection, **members):
    line = connection.read()
    connection.send(b"[" + b",".join(reply_to(json.dumps(request), **members).strip() for request in json.loads(line)) + b"]\n")


def storing_batches(connection):
    while True:
        answer_batch(connection, result={"stored": True})


def full_then_storing(connection):
    answer_batch(connection, error={"code": -32007, "message": "no space left"})
    storing_batches(connection)


def refusing_the_first(connection):
    answer_batch(connection, error={"code": -32602, "message": "wrong"})
    storing_batches(connection)


if __name__ == "__main__":
    unittest.main()
