"""`state` carries a conversation: through a crash, to another instance, over a reload; and what is no state is refused."""
import random
import resource
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.conversation import CALLER, DID, IVR, begin, decoded, enter, go_on, refusal
from support.daemon import Daemon
from support.patience import ample
from support.replies import respond
from support.webserver import WebServer

PLAN = [{"play": "welcome"}, {"callername": {"prefix": "IVR "}},
        {"webhook": "crm", "on_success": [{"callername": {"from": "webhook"}}, {"dial": {"destination": "variable"}}],
         "on_failure": [{"dial": "101"}]}]


class StateTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/1", respond("status=ACK&destination=201&callername=Jan"))
                            .on("/2", respond("status=NAK", 404)))

    def content(self, plan=PLAN, **hook):
        settings = {"url": self.web.url("/{code}"), "timeout": ample(), "ivr": IVR, "max_in_flight": 5000, **hook}
        return configuration({"crm": settings, "other": settings}, dialplans={DID: plan})

    def assert_refused(self, engine, expected, /, **params):
        error = refusal(engine, "call.continue", **params)
        self.assertEqual(error["code"], expected, error)
        return error["message"]


class Survival(StateTest):
    """The whole conversation: steps, a wrong code, silence, the right code; something happens before every question."""

    def play(self, next_engine):
        asked = begin(next_engine(), callername="x", call_id="call-7", explain=True, presentation="prohibited")
        self.assertEqual((asked["action"], asked["steps"]), ("run", [{"play": "welcome"}, {"callername": "IVR "}]), "private")
        asked = go_on(next_engine(), asked)
        self.assertEqual((asked["action"], asked["play"], asked["attempt"]), ("collect", "enter-code", 1))
        asked = enter(next_engine(), asked, "2")
        self.assertEqual((asked["play"], asked["attempt"]), ("wrong-code", 2))
        asked = enter(next_engine(), asked, None)
        self.assertEqual((asked["play"], asked["attempt"]), ("too-slow", 3))
        decision = enter(next_engine(), asked, "1")
        self.assert_success(decision, callername="Jan", steps=[{"callername": "Jan"}, {"dial": "201"}],
                            callerid={"number": CALLER, "presentation": "prohibited"})
        self.assertIn("tries", decision)
        last = enter(next_engine(), asked, "")
        self.assert_failure(last, "ivr_attempts", http_status=404, steps=[{"dial": "101"}], callername="IVR ")

    def test_kill_9_between_two_questions(self):
        scratch = self.scratch()
        running = []

        def after_a_crash():
            if running:
                running.pop().kill()
            daemon = Daemon(self.content(), scratch=scratch)
            self.addCleanup(daemon.kill)
            running.append(daemon)
            return self.engine(daemon)

        self.play(after_a_crash)

    def test_another_instance_goes_on(self):
        engines = [self.engine(self.start(self.content())) for _ in range(2)]
        turns = iter(engines * 10)
        self.play(lambda: next(turns))

    def test_a_reload_in_mid_dialogue(self):
        daemon = self.start(self.content())
        engine = self.engine(daemon)

        def after_a_reload():
            daemon.reload(self.content())
            return engine

        self.play(after_a_reload)

    def test_every_question_on_a_connection_of_its_own(self):
        daemon = self.start({**self.content(), "server": {"threads": 3}})
        self.play(lambda: self.engine(daemon))

    def test_the_new_configuration_is_followed_after_a_reload(self):
        daemon = self.start(self.content())
        engine = self.engine(daemon)
        asked = go_on(engine, begin(engine))
        daemon.reload(self.content(ivr={**IVR, "timeout": "3s", "incorrect_message": "no-no", "max_attempts": 2}))
        asked = enter(engine, asked, "2")
        self.assertEqual((asked["play"], asked["timeout_ms"], asked["attempt"], asked["max_attempts"]), ("no-no", 3000, 2, 2))
        self.assert_failure(enter(engine, asked, None), "ivr_timeout", play="too-slow")

    def test_fewer_attempts_than_were_used_already_end_it(self):
        daemon = self.start(self.content())
        engine = self.engine(daemon)
        asked = enter(engine, go_on(engine, begin(engine)), None, None)
        self.assertEqual(asked["attempt"], 3)
        daemon.reload(self.content(ivr={**IVR, "max_attempts": 1}))
        self.assert_failure(enter(engine, asked, "2"), "ivr_attempts")
        self.assert_success(enter(engine, asked, "1"))


class Together(StateTest):
    def test_two_calls_interleaved_on_one_connection(self):
        self.web.on("/3", respond("status=ACK&destination=203&callername=Piet"))
        engine = self.engine(self.start(self.content()))
        first, second = begin(engine, callername="a"), begin(engine, callername="b", callerid="+31687654321")
        self.assertEqual((first["steps"][1], second["steps"][1]), ({"callername": "IVR a"}, {"callername": "IVR b"}))
        first, second = go_on(engine, first), go_on(engine, second)
        second = enter(engine, second, "2")
        first = enter(engine, first, None)
        self.assertEqual((first["play"], second["play"]), ("too-slow", "wrong-code"))
        second, first = enter(engine, second, "3"), enter(engine, first, "1")
        self.assert_success(first, callername="Jan", destination="201", callerid={"number": CALLER, "presentation": "allowed"})
        self.assert_success(second, callername="Piet", destination="203",
                            callerid={"number": "+31687654321", "presentation": "allowed"})

    def ask_all(self, engine, requests):
        """Sends all requests at once; the results in the order asked."""
        requests = [engine.request(method, params) for method, params in requests]
        engine.send_json(*requests)
        came = {answer["id"]: answer for answer in (engine.answer() for _ in requests)}
        self.assertEqual([answer for answer in came.values() if "result" not in answer], [])
        return [came[request["id"]]["result"] for request in requests]

    def test_a_thousand_dialogues_at_once_on_one_connection(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        for n in range(10):
            self.web.on(f"/77{n}", respond(f"status=ACK&destination=30{n}"))
        engine = self.engine(self.start(self.content()))
        callers = [f"+31600{n:06}" for n in range(1000)]
        asked = self.ask_all(engine, [("call.route", {"did": DID, "webhook": "crm", "callerid": caller}) for caller in callers])
        for play, code in (("enter-code", "2"), ("wrong-code", "2")):
            self.assertEqual({result["play"] for result in asked}, {play})
            asked = self.ask_all(engine, [("call.continue", {"state": one["state"], "code": code}) for one in asked])
        self.assertEqual({result["attempt"] for result in asked}, {3})
        decisions = self.ask_all(engine, [("call.continue", {"state": one["state"], "code": f"77{n % 10}"})
                                          for n, one in enumerate(asked)])
        self.assertEqual([(decision["branch"], decision["destination"], decision["callerid"]["number"]) for decision in decisions],
                         [("success", f"30{n % 10}", caller) for n, caller in enumerate(callers)])

    def test_a_state_replayed_is_answered_each_time(self):
        daemon = self.start(self.content())
        engine = self.engine(daemon)
        first = begin(engine)
        self.assertEqual(go_on(engine, first), go_on(engine, first))
        asked = go_on(engine, first)
        again = [enter(engine, asked, "2") for _ in range(3)]
        self.assertEqual(again[1:], again[:1] * 2, "nothing was stored, so nothing was counted")
        for _ in range(2):
            self.assert_success(enter(engine, asked, "1"))
            self.assert_success(enter(engine, again[0], "1"))
        self.assertEqual(len(self.web.requests_for("/1")), 4)


class Refusals(StateTest):
    def asked(self, engine, **params):
        return begin(engine, webhook="crm", **params)

    def test_what_is_no_state(self):
        engine = self.engine(self.start(self.content()))
        state = self.asked(engine, callername="Jan", call_id="call-7")["state"]
        self.assertTrue(state.startswith("dh1."), state)
        body = state[4:]
        middle = len(body) // 2
        wrong = {"empty": "", "nonsense": "hello", "white space around it": f" {state}", "a line end behind it": state + "\n",
                 "upside down": state[::-1], "twice": state * 2, "only the version": "dh1.", "JSON": "{\"attempt\":1}",
                 "an older version": "dh0." + body, "a newer version": "dh2." + body, "no version": body,
                 "padding": state + "=", "in capitals": state.upper(), "the other alphabet": "dh1.+/" + body[2:],
                 "control characters": "dh1.\0\n" + body, "not ASCII": "dh1.é" + body, "long": "dh1." + "A" * 60000,
                 "a byte more": state + "A", "the middle left out": "dh1." + body[:middle] + body[middle + 4:]}
        for name, text in wrong.items():
            with self.subTest(name):
                self.assert_refused(engine, -32003, state=text, code="1")
        self.assertEqual(len(self.web.requests), 0)
        self.assert_success(go_on(engine, {"state": state}, code="1"))

    def test_cut_and_changed_anywhere(self):
        engine = self.engine(self.start(self.content()))
        state = self.asked(engine, callername="Jan")["state"]
        changed = [state[:at] for at in range(len(state))]
        seed = random.SystemRandom().randrange(2 ** 32)
        print(f"seed of the changes: {seed}")
        chance = random.Random(seed)
        for at, character in enumerate(state):
            other = chance.choice([c for c in "ABCDabcd0123-_." if c != character])
            changed.append(state[:at] + other + state[at + 1:])
        requests = [engine.request("call.continue", {"state": text, "code": "1"}) for text in changed]
        engine.send_json(*requests)
        answers = {answer["id"]: answer for answer in (engine.answer() for _ in requests)}
        for request in requests:
            self.assertEqual(answers[request["id"]].get("error", {}).get("code"), -32003, request)
        self.assertEqual(len(self.web.requests), 0)

    def test_a_webhook_that_is_gone(self):
        daemon = self.start(self.content())
        engine = self.engine(daemon)
        state = self.asked(engine)["state"]
        content = self.content(plan=[{"play": "closed"}])
        del content["webhooks"]["crm"]
        daemon.reload(content)
        self.assertIn("webhook", self.assert_refused(engine, -32001, state=state, code="1"))
        self.assertIn("webhook", self.assert_refused(engine, -32001, state=state, timeout=True))

    def test_a_dialplan_that_is_gone(self):
        daemon = self.start(self.content())
        engine = self.engine(daemon)
        run = begin(engine)
        collect = go_on(engine, run)
        content = self.content()
        content["dialplans"] = {"+31999": PLAN}
        daemon.reload(content)
        self.assertIn("dialplan", self.assert_refused(engine, -32002, state=run["state"]))
        self.assertIn("dialplan", self.assert_refused(engine, -32002, state=collect["state"], code="1"))

    def test_a_webhook_step_that_changed(self):
        for name, plan in {"another webhook": [*PLAN[:2], {"webhook": "other"}], "none any more": PLAN[:2]}.items():
            with self.subTest(name):
                daemon = self.start(self.content())
                engine = self.engine(daemon)
                run = begin(engine)
                collect = go_on(engine, run)
                daemon.reload(self.content(plan))
                self.assert_refused(engine, -32003, state=run["state"])
                self.assert_refused(engine, -32003, state=collect["state"], code="1")

    def test_a_webhook_that_lost_its_ivr(self):
        daemon = self.start(self.content())
        engine = self.engine(daemon)
        run = begin(engine)
        collect, alone = go_on(engine, run), self.asked(engine)
        content = self.content()
        content["webhooks"]["crm"] = {"url": self.web.url("/1"), "timeout": ample()}
        daemon.reload(content)
        for asked in (collect, alone):
            self.assert_refused(engine, -32003, state=asked["state"], code="1")
            self.assert_refused(engine, -32003, state=asked["state"], timeout=True)
        self.assert_success(go_on(engine, run), steps=[{"callername": "Jan"}, {"dial": "201"}])


class Size(StateTest):
    def test_an_ordinary_call_takes_less_than_2_kib_and_any_channel_can_carry_it(self):
        engine = self.engine(self.start(self.content()))
        for params in ({}, {"callername": "Jan Janszoon van Dijk", "call_id": "pbx7-1700000000.42"},
                       {"callername": "é" * 40, "call_id": "c" * 64}):
            for asked in (begin(engine, **params), begin(engine, webhook="crm", **params)):
                self.assertLess(len(asked["state"]), 2048)
                self.assertRegex(asked["state"], r"\A[A-Za-z0-9._-]+\Z")
                self.assertIn(DID.encode(), decoded(asked["state"]))

    def test_the_widest_call_goes_through_too(self):
        wide = "".join(chr(0x20 + n % 95) for n in range(256))
        self.web.on("/wide/1", respond("status=ACK"))
        hook = {"url": self.web.url("/wide/{code}?d={did}&c={callerid}&n={callername}&i={call_id}"), "headers": {}}
        engine = self.engine(self.start(self.content(**hook)))
        asked = begin(engine, webhook="crm", did=wide, callerid=wide, callername=wide, call_id=wide)
        self.assert_success(enter(engine, asked, "1"), callername=wide)
        query = self.web.wait_request("/wide/1").query
        self.assertEqual(len(set(part.partition("=")[2] for part in query.split("&"))), 1)


if __name__ == "__main__":
    unittest.main()
