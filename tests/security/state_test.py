"""A `state` out of its place: beside other parameters, on another leg, in another configuration, damaged, or made up.

Whatever it is presented for, it speaks of its own call alone, and a code goes to the webhook that its call asks and to no other.
"""
import base64
import unittest
import zlib

from support.case import DialhookTest
from support.configuration import configuration
from support.conversation import CALLER, DID, IVR, begin, decoded, enter, go_on, refusal
from support.patience import ample
from support.replies import respond
from support.webserver import WebServer

OTHER_DID, OTHER_CALLER = "+31502109999", "+31687654321"
CODE = "4711"


def plan(webhook):
    return [{"webhook": webhook, "on_success": [{"dial": {"destination": "variable"}}], "on_failure": [{"dial": "9"}]}]


def state_of(fields):
    """A state whose checksum is right, whatever is in it (docs/state.md)."""
    checksum = zlib.crc32(b"dh1." + fields).to_bytes(4, "big")
    return "dh1." + base64.urlsafe_b64encode(fields + checksum).decode().rstrip("=")


def text(value):
    return len(value).to_bytes(2, "big") + value.encode()


def made_up(webhook, attempt, key=None, did=DID):
    flags = 0 if key is None else 4
    fields = bytes([flags]) + attempt.to_bytes(2, "big") + b"\0\0" + text(did) + text(CALLER) + text("") + text("") + text(webhook)
    return state_of(fields if key is None else fields + text(key))


class StateTest(DialhookTest):
    """Two customers on one PBX: `crm` and `bank`, each with a dialplan and a web server that must not hear of the other."""

    def setUp(self):
        super().setUp()
        self.crm, self.bank = self.use(WebServer()), self.use(WebServer())
        self.crm.on(f"/{CODE}", respond("status=ACK&destination=201")).on("/1", respond("status=NAK"))
        self.bank.on(f"/{CODE}", respond("status=ACK&destination=301")).on("/1", respond("status=NAK"))

    def content(self, dialplans=None, **hooks):
        hook = {"timeout": ample(), "ivr": IVR}
        webhooks = {"crm": {**hook, "url": self.crm.url("/{code}?{did}")}, "bank": {**hook, "url": self.bank.url("/{code}?{did}")},
                    "plain": {"timeout": ample(), "url": self.bank.url("/plain")}}
        return configuration({**webhooks, **hooks}, dialplans=dialplans or {DID: plan("crm"), OTHER_DID: plan("bank")})

    def run_daemon(self):
        self.daemon = self.start(self.content())
        return self.engine(self.daemon)

    def assert_refused(self, engine, expected, /, **params):
        error = refusal(engine, "call.continue", **params)
        self.assertEqual(error["code"], expected, error)

    def assert_unheard(self, web):
        self.assertEqual([request.target for request in web.requests], [])


class OutOfPlace(StateTest):
    def test_what_stands_beside_a_state_does_not_lead_it_elsewhere(self):
        engine = self.run_daemon()
        asked = begin(engine)
        again = go_on(engine, asked, code="1", webhook="bank", did=OTHER_DID, callerid=OTHER_CALLER, attempt=1, key=OTHER_DID)
        self.assertEqual((again["webhook"], again["attempt"]), ("crm", 2))
        decision = go_on(engine, again, code=CODE, webhook="bank", did=OTHER_DID, callerid=OTHER_CALLER)
        self.assert_success(decision, webhook="crm", destination="201", steps=[{"dial": "201"}],
                            callerid={"number": CALLER, "presentation": "allowed"})
        self.assertEqual([request.query for request in self.crm.requests], ["%2B31502102544"] * 2)
        self.assert_unheard(self.bank)

    def test_a_state_on_another_leg_speaks_of_its_own_call(self):
        one = self.run_daemon()
        other = self.engine(self.daemon)
        ours, theirs = begin(one), begin(other, did=OTHER_DID, callerid=OTHER_CALLER)
        self.assert_success(enter(other, ours, "1", CODE), webhook="crm", destination="201", steps=[{"dial": "201"}],
                            callerid={"number": CALLER, "presentation": "allowed"})
        self.assert_unheard(self.bank)
        self.assert_success(enter(one, theirs, CODE), webhook="bank", destination="301", steps=[{"dial": "301"}],
                            callerid={"number": OTHER_CALLER, "presentation": "allowed"})
        self.assertEqual([request.query for request in self.bank.requests], ["%2B31502109999"])
        self.assertEqual({request.query for request in self.crm.requests}, {"%2B31502102544"})

    def test_no_reply_leads_a_dialogue_elsewhere(self):
        engine = self.run_daemon()
        theirs = begin(engine, did=OTHER_DID)["state"]
        leading = f"&state={theirs}&webhook=bank&did={OTHER_DID}&attempt=1&action=route&branch=success&max_attempts=99"
        self.crm.on("/1", respond("status=NAK" + leading)).on(f"/{CODE}", respond("status=ACK&destination=201" + leading))
        asked = enter(engine, begin(engine), "1")
        self.assertEqual((asked["action"], asked["webhook"], asked["attempt"], asked["max_attempts"]), ("collect", "crm", 2, 3))
        self.assertNotEqual(asked["state"], theirs)
        self.assertNotIn(b"bank", decoded(asked["state"]))
        decision = enter(engine, asked, CODE)
        self.assert_success(decision, action="route", webhook="crm", destination="201")
        self.assertEqual(decision["variables"]["state"], theirs, "text among the variables, as any other key")
        self.assertNotIn("state", decision)
        self.assert_unheard(self.bank)


class AfterAReload(StateTest):
    def test_a_webhook_that_is_gone_does_not_become_another_one(self):
        engine = self.run_daemon()
        for params in ({"webhook": "crm"}, {}):
            asked = begin(engine, **params)
            content = self.content(dialplans={DID: plan("bank")})
            del content["webhooks"]["crm"]
            self.daemon.reload(content)
            with self.subTest(params):
                self.assert_refused(engine, -32001 if params else -32003, state=asked["state"], code=CODE)
            self.daemon.reload(self.content())
        self.assert_unheard(self.bank)
        self.assert_unheard(self.crm)

    def test_a_number_that_has_another_dialplan_now(self):
        for now in ("+31502102544", "+3150210254*", "default"):
            engine = self.run_daemon()
            self.daemon.reload(self.content(dialplans={"+315021*": plan("crm")}))
            asked = begin(engine)
            with self.subTest("it is still there, though the number has one of its own", now=now):
                self.daemon.reload(self.content(dialplans={"+315021*": plan("crm"), now: plan("bank")}))
                self.assert_success(enter(engine, asked, CODE), webhook="crm", destination="201")
            with self.subTest("it is gone", now=now):
                self.daemon.reload(self.content(dialplans={now: plan("bank")}))
                self.assert_refused(engine, -32002, state=asked["state"], code=CODE)
            self.assert_unheard(self.bank)

    def test_a_webhook_that_changed_is_asked_as_it_is_now(self):
        engine = self.run_daemon()
        asked = begin(engine)
        moved = self.use(WebServer().on(f"/moved/{CODE}", respond("status=ACK&destination=202")))
        self.daemon.reload(self.content(crm={"timeout": ample(), "ivr": IVR, "url": moved.url("/moved/{code}")}))
        self.assert_success(enter(engine, asked, CODE), destination="202")
        self.assert_unheard(self.crm)
        self.daemon.reload(self.content(crm={"timeout": ample(), "url": moved.url("/")}))
        self.assert_refused(engine, -32003, state=asked["state"], code=CODE)


class Damaged(StateTest):
    def test_one_bit_that_flipped(self):
        engine = self.run_daemon()
        state = begin(engine, callername="Jan")["state"]
        whole = decoded(state)
        flipped = []
        for bit in range(8 * len(whole)):
            changed = bytearray(whole)
            changed[bit // 8] ^= 1 << bit % 8
            flipped.append("dh1." + base64.urlsafe_b64encode(changed).decode().rstrip("="))
        for at in range(len(state)):
            flipped += [state[:at] + chr(ord(state[at]) ^ 1 << bit) + state[at + 1:] for bit in range(7)]
        requests = [engine.request("call.continue", {"state": text, "code": CODE}) for text in flipped]
        engine.send_json(*requests)
        codes = {answer.get("error", {}).get("code") for answer in (engine.answer() for _ in requests)}
        self.assertEqual(codes, {-32003})
        self.assert_unheard(self.crm)
        self.assert_success(enter(engine, {"state": state}, CODE))

    def test_a_replay_fires_again_and_gives_nothing_that_the_first_one_did_not(self):
        engine = self.run_daemon()
        first = begin(engine)
        again = [enter(engine, first, "1") for _ in range(5)]
        self.assertEqual([asked["attempt"] for asked in again], [2] * 5)
        self.assertEqual({asked["state"] for asked in again}, {again[0]["state"]})
        last = enter(engine, again[0], "1")
        for _ in range(3):
            self.assert_failure(enter(engine, last, "1"), "ivr_attempts", steps=[{"dial": "9"}])
        self.assert_unheard(self.bank)


class MadeUp(StateTest):
    """Whoever may send a state may send `call.route` as well. All that a made-up one can do is a call that could be asked for."""

    def test_only_places_that_the_configuration_has(self):
        engine = self.run_daemon()
        for name, state, code in (("no such webhook", made_up("nobody", 1), -32001),
                                  ("a webhook without ivr", made_up("plain", 1), -32003),
                                  ("no such dialplan", made_up("crm", 1, "+31999"), -32002),
                                  ("a dialplan of another webhook", made_up("bank", 1, DID), -32003),
                                  ("a webhook without ivr in a dialplan of another", made_up("plain", 0, DID), -32003),
                                  ("steps in front of a webhook alone", made_up("crm", 0), -32003)):
            with self.subTest(name):
                self.assert_refused(engine, code, state=state, code=CODE)
        self.assert_unheard(self.bank)
        self.assert_unheard(self.crm)

    def test_a_code_goes_to_a_webhook_with_ivr_alone(self):
        engine = self.run_daemon()
        self.daemon.reload(self.content(dialplans={DID: [{"play": "welcome"}, *plan("plain")]}))
        self.assert_refused(engine, -32602, state=made_up("plain", 0, DID), code=CODE)
        self.assert_unheard(self.bank)

    def test_an_attempt_beyond_the_last_one_ends_the_dialogue(self):
        engine = self.run_daemon()
        for attempt in (4, 255, 256, 65535):
            with self.subTest(attempt):
                state = made_up("crm", attempt, DID)
                self.assert_failure(enter(engine, {"state": state}, "1"), "ivr_attempts", steps=[{"dial": "9"}])
                self.assert_failure(enter(engine, {"state": state}, None), "ivr_timeout", steps=[{"dial": "9"}])


if __name__ == "__main__":
    unittest.main()
