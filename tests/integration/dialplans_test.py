"""Dialplans: steps in order and resolved, names composed, the branch that is taken, and which number has which dialplan."""
import unittest

from support import replies
from support.case import DialhookTest, RESULT_KEYS
from support.configuration import configuration
from support.conversation import CALLER, DID, IVR, ask, begin, enter, go_on, refusal
from support.patience import ample
from support.replies import respond
from support.webserver import WebServer

FULL = respond("status=ACK&destination=%2B31502100001&callername=Jan&account=4711")
FROM_WEBHOOK, VARIABLE = {"callername": {"from": "webhook"}}, {"dial": {"destination": "variable"}}


def prefix(text):
    return {"callername": {"prefix": text}}


def replace(text):
    return {"callername": {"replace": text}}


class DialplanTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/full", FULL).on("/bare", respond("status=ACK"))
                            .on("/nak", respond("status=NAK&callername=Nobody", 404)))
        self.hooks = {name: {"url": self.web.url(f"/{name}"), "timeout": ample()} for name in ("full", "bare", "nak")}
        self.hooks["ivr"] = {"url": self.web.url("/{code}"), "timeout": ample(), "ivr": IVR}

    def engine_of(self, *plan, **hooks):
        self.hooks.update(hooks)
        return self.engine(self.start(configuration(self.hooks, dialplans={DID: list(plan)})))

    def webhook(self, name, success=(), failure=()):
        return {"webhook": name, "on_success": list(success), "on_failure": list(failure)}

    def steps_of(self, *plan, **params):
        """Steps and name of the decision, when nothing stands in front of the webhook."""
        result = begin(self.engine_of(*plan), **params)
        self.assertEqual(result["action"], "route", result)
        return result["steps"], result["callername"]


class Walk(DialplanTest):
    def test_steps_in_front_are_run_before_anything_is_fired(self):
        engine = self.engine_of({"play": "welcome"}, {"dial": "101"}, self.webhook("full", [VARIABLE], [{"hangup": None}]))
        run = begin(engine)
        self.assertEqual(set(run), {"action", "steps", "callerid", "callername", "state"})
        self.assertEqual((run["callerid"], run["callername"]), ({"number": CALLER, "presentation": "allowed"}, None))
        self.assertEqual((run["action"], run["steps"]), ("run", [{"play": "welcome"}, {"dial": "101"}]))
        self.assertEqual(len(self.web.requests), 0, "the call may end in these steps")
        decision = go_on(engine, run)
        self.assert_success(decision, action="route", steps=[{"dial": "+31502100001"}], destination="+31502100001",
                            callername=None, variables={"account": "4711"}, webhook="full", http_status=200, play=None)

    def test_a_webhook_alone_fires_at_once(self):
        self.assert_success(begin(self.engine_of(self.webhook("full", [{"queue": "sales"}]))), steps=[{"queue": "sales"}])
        self.assertEqual(len(self.web.requests), 1)

    def test_the_failure_branch(self):
        self.web.on("/err", respond("status=ERR")).on("/500", respond("", 500)).on("/close", replies.close)
        for name, reason in (("nak", "nak"), ("err", "err"), ("500", "http_status"), ("close", "connect")):
            with self.subTest(name):
                hook = {"url": self.web.url(f"/{name}"), "timeout": ample()}
                engine = self.engine_of(self.webhook("hook", [{"dial": "1"}], [{"voicemail": "007"}, {"dial": "2"}]), hook=hook)
                self.assert_failure(begin(engine), reason, steps=[{"voicemail": "007"}, {"dial": "2"}])

    def test_branches_may_be_left_out(self):
        for step, name in (({"webhook": "full"}, "success"), ({"webhook": "nak"}, "failure"),
                           ({"webhook": "full", "on_failure": [{"dial": "1"}]}, "success"),
                           ({"webhook": "nak", "on_success": [{"dial": "1"}]}, "failure")):
            with self.subTest(step):
                self.assert_decision(begin(self.engine_of(step)), branch=name, steps=[])

    def test_without_a_webhook_it_is_answered_at_once(self):
        engine = self.engine_of({"play": "welcome"}, prefix("Sales "), {"queue": "sales"})
        result = begin(engine, callername="Jan")
        self.assertEqual(set(result), RESULT_KEYS)
        self.assert_decision(result, action="route", branch=None, status=None, reason=None, destination=None, play=None,
                             webhook=None, source=None, http_status=None, variables={}, callername="Sales Jan",
                             callerid={"number": CALLER, "presentation": "allowed"},
                             steps=[{"play": "welcome"}, {"callername": "Sales Jan"}, {"queue": "sales"}])

    def test_without_a_webhook_nothing_was_tried(self):
        result = begin(self.engine_of({"dial": "101"}), explain=True)
        self.assertEqual(result["tries"], [])

    def test_code_or_timeout_after_run_is_an_invalid_parameter(self):
        engine = self.engine_of({"play": "welcome"}, self.webhook("ivr", [{"dial": "1"}]))
        run = begin(engine)
        for params in ({"code": "1"}, {"code": ""}, {"timeout": True}, {"code": "1", "timeout": True}):
            with self.subTest(params):
                self.assertEqual(refusal(engine, "call.continue", state=run["state"], **params)["code"], -32602)
        self.assertEqual(go_on(engine, run)["action"], "collect")

    def test_an_ivr_in_a_dialplan(self):
        self.web.on("/1", FULL).on("/2", respond("status=NAK"))
        engine = self.engine_of({"answer": None}, self.webhook("ivr", [VARIABLE], [{"dial": "100"}]))
        asked = go_on(engine, begin(engine))
        self.assertEqual((asked["action"], asked["play"], asked["webhook"]), ("collect", "enter-code", "ivr"))
        self.assert_success(enter(engine, asked, "2", "1"), steps=[{"dial": "+31502100001"}], play=None)
        self.assert_failure(enter(engine, asked, "2", "2", "2"), "ivr_attempts", steps=[{"dial": "100"}], play="wrong-code")
        self.assert_failure(enter(engine, asked, None, None, None), "ivr_timeout", steps=[{"dial": "100"}], play="too-slow")

    def test_an_ivr_asks_at_once_when_nothing_stands_in_front(self):
        self.assertEqual(begin(self.engine_of(self.webhook("ivr")))["action"], "collect")

    def test_explain_is_carried_through(self):
        engine = self.engine_of({"play": "welcome"}, self.webhook("full"))
        self.assertEqual(len(go_on(engine, begin(engine, explain=True))["tries"]), 1)
        self.assertNotIn("tries", go_on(engine, begin(engine)))

    def test_the_webhook_parameter_passes_the_dialplan_by(self):
        engine = self.engine_of({"dial": "999"}, self.webhook("full", [{"dial": "1"}]))
        self.assert_success(begin(engine, webhook="full"), steps=[], callername="Jan", destination="+31502100001")


class Names(DialplanTest):
    def test_prefixes_and_replacements_compose_in_order(self):
        cases = {"a prefix of a prefix": ([prefix("B "), prefix("A ")], ["B Jan", "A B Jan"]),
                 "replace, then prefix": ([replace("Sales"), prefix("[NL] ")], ["Sales", "[NL] Sales"]),
                 "prefix, then replace": ([prefix("x"), replace("Sales")], ["xJan", "Sales"]),
                 "a name that holds another's step": ([prefix('{"dial":"0900"}')], ['{"dial":"0900"}Jan'])}
        for name, (steps, shown) in cases.items():
            with self.subTest(name):
                self.assertEqual(self.steps_of(*steps, callername="Jan"), ([{"callername": text} for text in shown], shown[-1]))

    def test_a_prefix_of_no_name_is_the_prefix(self):
        for callername in (None, ""):
            self.assertEqual(self.steps_of(prefix("CRM "), callername=callername), ([{"callername": "CRM "}], "CRM "))

    def test_without_steps_the_name_of_the_call_stays(self):
        """Of a dialplan's decision; the reply's name counts where a step takes it."""
        self.assertEqual(self.steps_of(self.webhook("full"), callername="own"), ([], "own"))
        self.assertEqual(self.steps_of(self.webhook("full")), ([], None))
        self.assertEqual(self.steps_of(self.webhook("nak"), callername="own"), ([], "own"))
        self.assertEqual(self.steps_of({"play": "x"}), ([{"play": "x"}], None))

    def test_the_name_of_the_reply(self):
        steps, name = self.steps_of(self.webhook("full", [FROM_WEBHOOK, prefix("CRM ")]), callername="own")
        self.assertEqual((steps, name), ([{"callername": "Jan"}, {"callername": "CRM Jan"}], "CRM Jan"))
        steps, name = self.steps_of(self.webhook("full", [prefix("CRM "), FROM_WEBHOOK]), callername="own")
        self.assertEqual((steps, name), ([{"callername": "CRM own"}, {"callername": "Jan"}], "Jan"))

    def test_a_reply_without_a_name_leaves_it_as_it_was(self):
        steps, name = self.steps_of(self.webhook("bare", [FROM_WEBHOOK, prefix("CRM ")]), callername="own")
        self.assertEqual((steps[-1], name), ({"callername": "CRM own"}, "CRM own"))
        self.assertEqual(self.steps_of(self.webhook("bare", [FROM_WEBHOOK]), callername="own")[1], "own")
        self.assertEqual(self.steps_of(self.webhook("bare", [FROM_WEBHOOK]))[1], None)

    def test_names_in_front_are_in_force_when_it_fires_and_after(self):
        for method in ("GET", "POST"):
            with self.subTest(method):
                path = f"/{method.lower()}"
                self.web.on(path, respond("status=ACK"))
                hook = {"url": self.web.url(path + "?n={callername}"), "timeout": ample(), "method": method}
                plan = [prefix("b "), prefix("a "), self.webhook("hook", [prefix("c ")])]
                engine = self.engine_of(*plan, hook=hook)
                run = begin(engine, callername="Jan")
                self.assertEqual(run["steps"], [{"callername": "b Jan"}, {"callername": "a b Jan"}])
                self.assert_success(go_on(engine, run), callername="c a b Jan", steps=[{"callername": "c a b Jan"}])
                request = self.web.wait_request(path)
                self.assertEqual(request.query, "n=a%20b%20Jan")
                if method == "POST":
                    self.assertEqual(request.form()["callername"], "a b Jan")

    def test_names_in_front_reach_an_ivr_too(self):
        self.web.on("/ivr", respond("status=ACK"))
        hook = {"url": self.web.url("/ivr?n={callername}&c={code}"), "timeout": ample(), "ivr": IVR}
        engine = self.engine_of(replace("Ms. & Mr. é"), self.webhook("hook"), hook=hook)
        enter(engine, go_on(engine, begin(engine)), "12")
        self.assertEqual(self.web.wait_request("/ivr").query, "n=Ms.%20%26%20Mr.%20%C3%A9&c=12")

    def test_a_private_call_shows_no_name_of_its_own(self):
        private = {"presentation": "prohibited", "callername": "Jan Geheim"}
        for plan, steps, shown in (
                ([{"play": "x"}], [{"play": "x"}], None),
                ([prefix("CRM ")], [{"callername": "CRM "}], "CRM "),
                ([prefix("CRM "), replace("Sales"), prefix("A ")], [{"callername": name} for name in ("CRM ", "Sales", "A Sales")], "A Sales"),
                ([self.webhook("bare")], [], None),
                ([self.webhook("bare", [FROM_WEBHOOK])], [{"callername": ""}], None),
                ([self.webhook("full", [FROM_WEBHOOK])], [{"callername": "Jan"}], "Jan"),
                ([self.webhook("nak", [], [prefix("no CRM ")])], [{"callername": "no CRM "}], "no CRM ")):
            with self.subTest(plan=plan):
                self.assertEqual(self.steps_of(*plan, **private), (steps, shown))

    def test_the_web_server_is_told_the_name_of_a_private_call(self):
        self.web.on("/told", respond("status=ACK"))
        hook = {"url": self.web.url("/told?n={callername}"), "timeout": ample()}
        engine = self.engine_of(prefix("b "), {"play": "x"}, self.webhook("hook", [prefix("c ")]), hook=hook)
        run = begin(engine, presentation="prohibited", callername="Jan")
        self.assertEqual((run["steps"], run["callername"]), ([{"callername": "b "}, {"play": "x"}], "b "))
        self.assert_success(go_on(engine, run), callername="c b ", steps=[{"callername": "c b "}])
        self.assertEqual(self.web.wait_request("/told").query, "n=b%20Jan")

    def test_what_is_shown_by_steps_before_the_webhook(self):
        for shown, number in (("caller", {"number": CALLER, "presentation": "allowed"}), ("called", {"number": DID, "presentation": "allowed"}),
                              ("suppressed", {"number": CALLER, "presentation": "prohibited"})):
            with self.subTest(shown):
                hook = {"url": self.web.url("/full"), "timeout": ample(), "callerid": shown}
                run = begin(self.engine_of(prefix("A "), {"dial": "101"}, self.webhook("hook"), hook=hook), callername="Jan")
                self.assertEqual((run["callerid"], run["callername"]), (number, "A Jan"))

    def test_the_name_of_a_call_has_no_control_characters_in_a_step(self):
        steps, name = self.steps_of(prefix("> "), callername="a\nb\0c\x1b[2J\x85d")
        self.assertEqual((steps, name), ([{"callername": "> abc[2Jd"}], "> abc[2Jd"))


class Variable(DialplanTest):
    def test_without_a_destination_it_is_a_failure(self):
        engine = self.engine_of(self.webhook("bare", [{"play": "one-moment"}, VARIABLE], [{"dial": "101"}]))
        self.assert_failure(begin(engine), "bad_reply", destination=None, steps=[{"dial": "101"}], http_status=200)

    def test_without_a_variable_a_destination_is_not_missed(self):
        self.assert_success(begin(self.engine_of(self.webhook("bare", [{"dial": "7"}]))), steps=[{"dial": "7"}], destination=None)

    def test_every_variable_dial_gets_it(self):
        engine = self.engine_of(self.webhook("full", [VARIABLE, {"play": "busy"}, VARIABLE]))
        dial = {"dial": "+31502100001"}
        self.assertEqual(begin(engine)["steps"], [dial, {"play": "busy"}, dial])

    def test_a_destination_that_is_not_allowed(self):
        self.hooks["full"]["destinations"] = ["1??"]
        engine = self.engine_of(self.webhook("full", [VARIABLE], [{"dial": "101"}]))
        self.assert_failure(begin(engine), "destination", steps=[{"dial": "101"}])

    def test_an_ivr_without_a_destination(self):
        self.web.on("/1", respond("status=ACK"))
        engine = self.engine_of(self.webhook("ivr", [VARIABLE], [{"dial": "101"}]))
        self.assert_failure(enter(engine, begin(engine), "1"), "bad_reply", steps=[{"dial": "101"}], play=None)

    def test_a_sip_uri(self):
        self.web.on("/full", respond("status=ACK&destination=sip:jan@pbx.example:5070"))
        self.assertEqual(begin(self.engine_of(self.webhook("full", [VARIABLE])))["steps"], [{"dial": "sip:jan@pbx.example:5070"}])


class Numbers(DialplanTest):
    def plans(self, *keys, **server):
        """An engine of a daemon whose every dialplan says which one it is."""
        plans = {key: [{"is": key}] for key in keys}
        return self.engine(self.start(configuration({}, server=server, dialplans=plans)))

    def found(self, engine, did):
        """The key of the dialplan, or the code of the error."""
        answer = ask(engine, "call.route", did=did)
        return answer["error"]["code"] if "error" in answer else answer["result"]["steps"][0]["is"]

    def assert_found(self, engine, expected):
        self.assertEqual({did: self.found(engine, did) for did in expected}, expected)

    def test_as_written(self):
        self.assert_found(self.plans("+31502102544", "101", "jan", "0031"),
                          {"+31502102544": "+31502102544", "101": "101", "jan": "jan", "0031": "0031",
                           "31502102544": -32002, "+315021025441": -32002, "+3150210254": -32002, "Jan": -32002,
                           "0031502102544": -32002, " 101": -32002, "1": -32002})

    def test_tel_and_sip_are_reduced_to_their_number(self):
        number = "+31502102544"
        for did in ("tel:+31502102544", "TEL:+31-50-210.25(44)", "tel:+31502102544;phone-context=example.com",
                    "sip:+31502102544@pbx.example", "sips:+31502102544@pbx.example:5061;user=phone",
                    "SIP:+31502102544;npdi:secret@pbx.example", "sip:%2B31502102544@pbx.example"):
            with self.subTest(did):
                self.assert_found(self.plans(number, "default"), {did: number})
                self.assert_found(self.plans(did, "default"), {number: did, did: did})

    def test_both_sides_in_e164(self):
        engine = self.plans("0502102544", "+316*", "020*", "101", "default", numbers={"country": "31"})
        self.assert_found(engine, {"+31502102544": "0502102544", "0502102544": "0502102544", "0031502102544": "0502102544",
                                   "0612345678": "+316*", "+31201234567": "020*", "0201": "020*", "101": "101",
                                   "502102544": "default", "+32502102544": "default"})
        self.assert_found(self.plans("0612345678", numbers={"country": "39", "trunk": ""}),
                          {"+390612345678": "0612345678", "+39612345678": -32002})

    def test_international_prefix(self):
        engine = self.plans("+31502102544", "+32*", numbers={"international": "00"})
        self.assert_found(engine, {"0031502102544": "+31502102544", "tel:0031502102544": "+31502102544",
                                   "sip:0031502102544@pbx.example": "+31502102544", "003211": "+32*", "31502102544": -32002,
                                   "031502102544": -32002})
        self.assert_found(self.plans("0031502102544", "0032*", numbers={"international": "00"}),
                          {"+31502102544": "0031502102544", "+3211": "0032*", "0031502102544": "0031502102544"})

    def test_the_number_itself_then_the_longest_prefix_then_default(self):
        engine = self.plans("default", "+31*", "+3150210*", "+315021*", "+31502102544")
        self.assert_found(engine, {"+31502102544": "+31502102544", "+31502102545": "+3150210*", "+3150210": "+3150210*",
                                   "+31502199999": "+315021*", "+3120": "+31*", "+31": "+31*", "+32": "default",
                                   "+3": "default", "x": "default", "default": "default", "tel:+31502102599": "+3150210*"})

    def test_no_dialplan(self):
        for engine in (self.plans("101"), self.engine(self.start(configuration(self.hooks)))):
            error = refusal(engine, "call.route", did=DID)
            self.assertEqual(error["code"], -32002)
            self.assertTrue(error["message"])

    def test_a_webhook_needs_no_dialplan(self):
        self.assert_success(begin(self.engine_of({"dial": "1"}), webhook="bare", did="no dialplan has it"))


class Protocol(DialplanTest):
    def test_a_batch_of_both_methods(self):
        self.web.on("/1", FULL)
        engine = self.engine_of({"play": "x"}, self.webhook("ivr", [VARIABLE]))
        run = begin(engine)
        collect = go_on(engine, run)
        batch = [engine.request("call.route", {"did": DID}, "route"),
                 engine.request("call.continue", {"state": run["state"]}, "run"),
                 engine.request("call.continue", {"state": collect["state"], "code": "1"}, "code"),
                 engine.request("call.continue", {"state": collect["state"]}, "neither"),
                 engine.request("call.continue", {"state": "cut"}, "cut"),
                 engine.request("call.route", {"did": "unknown"}, "unknown"),
                 {"jsonrpc": "2.0", "method": "call.continue", "params": {"state": "cut"}}]
        engine.send_json(batch)
        answers = {answer["id"]: answer for answer in engine.answer()}
        self.assertEqual({name: answer.get("error", {}).get("code") or answer["result"]["action"] for name, answer in answers.items()},
                         {"route": "run", "run": "collect", "code": "route", "neither": -32602, "cut": -32003, "unknown": -32002})

    def test_a_notification_is_carried_out_and_not_answered(self):
        self.web.on("/1", FULL)
        engine = self.engine_of(self.webhook("ivr", [VARIABLE]))
        asked = begin(engine)
        engine.send_json({"jsonrpc": "2.0", "method": "call.continue", "params": {"state": asked["state"], "code": "1"}},
                         {"jsonrpc": "2.0", "method": "call.continue", "params": {"state": "cut", "code": "1"}})
        self.web.wait_request("/1")
        self.assert_success(enter(engine, asked, "1"))

    def test_unknown_parameters_are_ignored(self):
        engine = self.engine_of({"play": "x"}, self.webhook("full"))
        run = begin(engine, colour="red")
        self.assert_success(go_on(engine, run, colour="red", did="1", webhook="nak", code=None))


class Logged(DialplanTest):
    def lines_of_two_calls(self, **server):
        plan = [prefix("Janszoon "), self.webhook("nak", failure=[{"dial": "+31687654321"}])]
        content = configuration(self.hooks, dialplans={DID: plan, "+31509876543": [prefix("Janszoon "), {"dial": "+31687654321"}]},
                                server={**server, "log": {"level": "debug", "decisions": "all", "format": "json"}})
        daemon = self.start(content)
        engine = self.engine(daemon)
        go_on(engine, begin(engine, call_id="first"))
        begin(engine, did="+31509876543", call_id="second")
        daemon.stop()
        return [line for line in daemon.log_lines() if line["message"] == "decision"], daemon.stderr()

    def test_every_decision_is_one_line_that_names_its_dialplan(self):
        lines, _ = self.lines_of_two_calls()
        self.assertEqual([(line["call_id"], line["dialplan"], line.get("webhook"), line.get("reason")) for line in lines],
                         [("first", DID, "nak", "nak"), ("second", "+31509876543", None, None)])

    def test_redact_masks_numbers_and_names_of_dialplans_too(self):
        lines, said = self.lines_of_two_calls(redact=True)
        self.assertEqual(len(lines), 2)
        for secret in (DID[1:], CALLER[1:], "31509876543", "31687654321", "Janszoon"):
            self.assertNotIn(secret, said)


if __name__ == "__main__":
    unittest.main()
