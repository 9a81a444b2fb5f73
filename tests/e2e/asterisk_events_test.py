"""What happens to calls in the real Asterisk, as a web server is told of it: the contexts of the sample say it, for telephones on SIP."""
import sys
import threading
import unittest

from support import ROOT
from support.asterisk_case import TelephonesTest
from support.configuration import configuration
from support.events import Told, with_notification
from support.patience import ample
from support.replies import held, respond
from support.telephone import BUSY, DECLINES, NOT_FOUND, RINGS

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from elsewhere import dialplans_of_asterisk  # noqa: E402

CALLER = "+31612345678"
PROGRESS = 183


class Events(Told, TelephonesTest):
    """Calls come in by `dialhook-webhook`, and the web server sends them to telephone 701."""
    IDLE = "4h"

    @classmethod
    def webhooks(cls):
        return {"crm": {"url": cls.web.url("/crm?did={did}"), "timeout": ample(), "max_destinations": 2}}

    @classmethod
    def dialplans(cls):
        return {"600": [{"dial": "701"}, {"dial": "702"}], "601": [{"webhook": "crm", "on_success": [{"dial": "701"}], "on_failure": ["hangup"]}]}

    @classmethod
    def start_daemon(cls):
        cls.daemon = cls.share_daemon(cls.configuration(), arguments=["--state", cls.share_scratch().path])

    @classmethod
    def configuration(cls):
        content = configuration(cls.webhooks(), dialplans=cls.dialplans(),
                                server={"fastagi": f"127.0.0.1:{cls.fastagi_port}", "drain": "2s", "event_idle": cls.IDLE})
        return with_notification(content, cls.web.url("/events"))

    @classmethod
    def extensions(cls):
        """The administrator's own Dial, as docs/asterisk.md has it."""
        dial = dialplans_of_asterisk()[1].text.replace("[from-internal]", "[from-internal](+)").replace("_1XX", "_7XX")
        dial = dial.replace("PJSIP/${EXTEN},30", "PJSIP/telephone/sip:${EXTEN}@127.0.0.1:${PHONE_${EXTEN}},${RING_${EXTEN}}")
        assert "PHONE_" in dial and "_7XX" in dial, dial
        return dial + """
[globals](+)
DIALHOOK_EVENTS=yes
DIALHOOK_UNANSWERED=799

[from-internal](+)
exten => 799,1,Hangup(18)

[outgoing]
exten => _7XX,1,Gosub(dialhook-created,s,1(${EXTEN},outbound))
 same => n,Goto(from-internal,${EXTEN},1)
"""

    ENTRIES = (*TelephonesTest.ENTRIES, "outgoing")

    def setUp(self):
        super().setUp()
        self.web.on("/events", respond(""))
        self.web.on("/crm", respond("status=ACK&destination=701"))

    def wait_told(self, *expected):
        """What must hold of the one call of this test, whose channels are all gone; the data of its events."""
        self.wait_end()
        self.wait_quiet()
        return super().wait_told(*expected)

    def talk(self, number="+31502102544", **options):
        """The legs of the caller and of telephone 701, which talk: a transfer of one who is not in a bridge yet is passed over."""
        self.first = self.telephone("701")
        before = len(self.asterisk.ami.events)
        caller = self.dial(number, **options)
        self.assertEqual(caller.wait_final().code, 200)
        callee = self.first.wait_call()
        self.wait_event("answered")
        self.asterisk.ami.events.wait(lambda events: self.count_in_bridges(events[before:]) >= 2, "a bridge")
        return caller, callee

    @staticmethod
    def count_in_bridges(events):
        """How many telephones are in one; Local channels between them do not count."""
        return sum(event.get("Event") == "BridgeEnter" and event["Channel"].startswith("PJSIP/") for event in events)


class Phases(Events):
    def test_the_callee_hangs_up(self):
        caller, callee = self.talk()
        callee.hang_up()
        caller.wait_ended()
        created, *_, ended = self.wait_told("created", "ringing 701", "answered 701", "ended completed")
        self.assertEqual([created[name] for name in ("direction", "did", "callerid", "callername", "presentation")],
                         ["inbound", "+31502102544", CALLER, "Tester", "allowed"])
        self.assertEqual([ended[name] for name in ("did", "callerid", "callername", "answered_by")],
                         ["+31502102544", CALLER, "Tester", "701"])

    def test_the_caller_hangs_up(self):
        caller, callee = self.talk()
        caller.hang_up()
        callee.wait_ended()
        self.wait_told("created", "ringing 701", "answered 701", "ended completed")

    def test_the_name_that_a_webhook_gives_is_not_the_caller_s(self):
        self.web.on("/crm", respond("status=ACK&destination=701&callername=CRM"))
        caller, callee = self.talk()
        callee.hang_up()
        caller.wait_ended()
        told = self.wait_told("created", "ringing 701", "answered 701", "ended completed")
        self.assertEqual({event["callername"] for event in told}, {"Tester"})

    def test_nobody_talks(self):
        cases = {BUSY: "busy", 600: "busy", DECLINES: "declined", 403: "declined", 480: "no-answer", 408: "no-answer", NOT_FOUND: "failed",
                 500: "failed", 503: "failed"}
        for manner, reason in cases.items():
            with self.subTest(manner):
                self.seen, self.begin = len(self.web.requests), len(self.asterisk.ami.events)
                self.telephone("701", manner)
                self.dial("+31502102544").wait_final()
                self.wait_told("created", "ringing 701", f"ended {reason}")

    def test_nobody_answers_in_time(self):
        phone = self.telephone("701", RINGS, ring=1)
        caller = self.dial("+31502102544")
        phone.wait_call().wait_request("CANCEL")
        caller.wait_final()
        self.wait_told("created", "ringing 701", "ended no-answer")

    def test_the_caller_gives_up_while_it_rings(self):
        phone = self.telephone("701", RINGS)
        caller = self.dial("+31502102544")
        phone.wait_call()
        caller.cancel()
        self.assertEqual(caller.wait_final().code, 487)
        self.wait_told("created", "ringing 701", "ended cancelled")

    def test_the_caller_gives_up_before_anything_rings(self):
        released = threading.Event()
        self.addCleanup(released.set)
        self.web.on("/crm", held(released, respond("status=NAK")))
        caller = self.dial("+31502102544")
        self.wait_request("/crm")
        caller.cancel()
        self.assertEqual(caller.wait_final().code, 487)
        self.wait_told("created", "ended cancelled")

    def test_early_media_and_no_ringing(self):
        phone = self.telephone("701", PROGRESS)
        caller = self.dial("+31502102544")
        callee = phone.wait_call()
        phone.answer(callee)
        self.assertEqual(caller.wait_final().code, 200)
        self.wait_event("answered")
        callee.hang_up()
        caller.wait_ended()
        self.wait_told("created", "ringing 701", "answered 701", "ended completed")

    def test_the_pbx_sends_a_call_away(self):
        self.web.on("/crm", respond("status=NAK"))  # to 100, which the web server is not asked for, and who has no telephone
        caller = self.dial("+31502102544", "from-internal")  # says no events
        self.telephone("702", BUSY)
        caller.cancel()
        caller.wait_final()
        self.assertEqual(self.told(), [])

    def test_an_outgoing_call(self):
        self.telephone("701", BUSY)
        self.dial("701", "outgoing").wait_final()
        created, *_ = self.wait_told("created", "ringing 701", "ended busy")
        self.assertEqual((created["direction"], created["did"], created["callerid"]), ("outbound", "701", CALLER))

    def test_several_telephones(self):
        self.web.on("/crm", respond("status=ACK&destination=701&destination=702&strategy=sequential"))
        self.telephone("701", BUSY)
        phone = self.telephone("702")
        caller = self.dial("+31502102544")
        self.assertEqual(caller.wait_final().code, 200)
        self.wait_event("answered")
        phone.wait_call().hang_up()
        caller.wait_ended()
        self.wait_told("created", "ringing 701", "ringing 702", "answered 702", "ended completed")

    def test_a_dialplan_of_dialhook(self):
        for number in ("600", "601"):
            with self.subTest(number):
                self.seen, self.begin = len(self.web.requests), len(self.asterisk.ami.events)
                caller, callee = self.talk(number, entry="dialhook-dialplan")
                callee.hang_up()
                caller.wait_ended()
                self.wait_told("created", "ringing 701", "answered 701", "ended completed")


class Transfers(Events):
    def test_the_callee_transfers_blind(self):
        third = self.telephone("703")
        caller, callee = self.talk()
        callee.refer("703")
        other = third.wait_call()
        callee.hang_up()
        self.wait_event("answered", 2)
        other.hang_up()
        caller.wait_ended()
        self.wait_told("created", "ringing 701", "answered 701", "transferred blind 701", "ringing 703", "answered 703", "ended completed")

    def test_the_callee_transfers_blind_to_one_who_is_busy(self):
        self.telephone("703", BUSY)
        caller, callee = self.talk()
        callee.refer("703")
        caller.wait_ended()
        self.wait_told("created", "ringing 701", "answered 701", "transferred blind 701", "ringing 703", "ended completed")

    def test_the_callee_transfers_attended(self):
        third = self.telephone("703")
        caller, callee = self.talk()
        consultation = self.first.call("703", headers=["X-Entry: from-internal"])
        self.assertEqual(consultation.wait_final().code, 200)
        callee.refer("703", replaces=consultation)
        callee.wait_request("NOTIFY")
        callee.hang_up()
        self.wait_event("transferred")
        third.wait_call().hang_up()
        caller.wait_ended()
        self.wait_told("created", "ringing 701", "answered 701", "transferred attended 701", "ended completed")

    def test_the_caller_transfers_blind(self):
        """The call goes on without him, and ends with those who are left."""
        third = self.telephone("703")
        caller, callee = self.talk()
        caller.refer("703")
        other = third.wait_call()
        caller.hang_up()
        self.wait_event("answered", 2)
        other.hang_up()
        callee.wait_ended()
        told = self.wait_end()
        self.assertEqual(sorted(told), sorted(["created", "ringing 701", "answered 701", f"transferred blind {CALLER}", "ringing 703",
                                               "answered 703", "ended completed"]))
        self.assertEqual(told[-1], "ended completed")

    def test_the_caller_transfers_attended(self):
        third = self.telephone("703")
        caller, callee = self.talk()
        consultation = self.caller.call("703", headers=["X-Entry: from-internal"])
        self.assertEqual(consultation.wait_final().code, 200)
        caller.refer("703", replaces=consultation)
        caller.wait_request("NOTIFY")
        caller.hang_up()
        self.wait_event("transferred")
        third.wait_call().hang_up()
        callee.wait_ended()
        self.wait_told("created", "ringing 701", "answered 701", f"transferred attended {CALLER}", "ended completed")

    def test_in_a_dialplan_of_dialhook(self):
        third = self.telephone("703")
        caller, callee = self.talk("600", entry="dialhook-dialplan")
        callee.refer("703")
        other = third.wait_call()
        callee.hang_up()
        self.wait_event("answered", 2)
        other.hang_up()
        caller.wait_ended()
        self.wait_told("created", "ringing 701", "answered 701", "transferred blind 701", "ringing 703", "answered 703", "ended completed")


class SilentPbx(Events):
    IDLE = "3s"

    def test_a_pbx_that_is_killed_ends_its_calls_all_the_same(self):
        self.talk()
        self.asterisk.kill()
        self.assertEqual(self.wait_end(), ["created", "ringing 701", "answered 701", "ended unknown"])


if __name__ == "__main__":
    unittest.main()
