"""The worked examples of docs/dialplans.md, the conversation of docs/engine-protocol.md and the state of docs/state.md: each
configuration is loaded as it stands, but for the address of its web server, and plays the calls that the text describes. What
the page says of requests, replies and steps is taken from the page."""

import json
import shlex
import subprocess
import unittest

from markdown import ROOT
from page_case import PageTest, blocks_shown_in, shows
from programs import BIN, PATIENCE

from support.configuration import configuration
from support.conversation import begin, enter, go_on
from support.replies import close, hang, respond

PAGE = ROOT / "docs" / "dialplans.md"
PROTOCOL = ROOT / "docs" / "engine-protocol.md"
STATE = ROOT / "docs" / "state.md"


def plays():
    return blocks_shown_in(__name__)


class Dialplans(PageTest):
    @shows("### A customer's name on the display", PAGE)
    def test_a_name_on_the_display(self, example):
        known, unknown = example.json
        engine = self.engine_of(example.configuration)
        self.web.on("/caller", respond(example.says("status=ACK&callername=Jan%20de%20Vries")), respond(example.says("status=NAK")), close)
        decision = begin(engine, did="+31502102544", callername="Piet")
        self.assert_success(decision, steps=known, callername=example.says("CRM Jan de Vries"))
        self.assertEqual(self.web.requests[-1].query, "number=%2B31612345678")
        for reason in ("nak", "connect"):
            self.assert_failure(begin(engine, did="+31502102544", callername="Piet"), reason, steps=unknown)

    @shows("### Routing by an external database", PAGE)
    def test_routing_by_a_database(self, example):
        (routed,) = example.json
        engine = self.engine_of(example.configuration)
        forbidden = "status=ACK&destination=%2B" + example.says("+44900123456").removeprefix("+")
        self.web.on("/lookup", respond(example.says("status=ACK&destination=%2B31612345678")), respond("status=NAK"),
                    respond("status=ACK"), respond(forbidden), close)
        run = begin(engine, did="+31502102544")
        self.assertEqual((run["action"], run["steps"]), ("run", json.loads(example.says('[{"play":"one-moment-please"}]'))))
        self.assert_success(go_on(engine, run), steps=routed)
        self.assertEqual(self.web.requests[-1].query, "called=%2B31502102544&caller=%2B31612345678")
        reception = json.loads(example.says('[{"queue":"reception"}]'))
        for reason in ("nak", example.says("bad_reply"), example.says("destination"), "connect"):
            self.assert_failure(go_on(engine, run), reason, steps=reception)

    @shows("### A customer number by IVR", PAGE)
    def test_a_customer_number(self, example):
        (customer,) = example.json
        engine = self.engine_of(example.configuration)
        self.web.on("/customer", respond(example.says("status=NAK")),
                    respond(example.says("status=ACK&destination=120&callername=Jansen%20BV")))
        run = begin(engine, did="+31502102500", callername="Piet")
        self.assertEqual(run["steps"], json.loads(example.says('[{"answer":null}]')))
        asked = go_on(engine, run)
        self.assertEqual((asked["play"], asked["max_digits"]), (example.says("enter-customer-number"), 6))
        again = enter(engine, asked, example.says("4712"))
        self.assertEqual((again["action"], again["play"]), ("collect", example.says("customer-number-unknown")))
        self.assert_success(enter(engine, again, example.says("4711#")), steps=customer, callername="Jansen BV")
        self.assertEqual([request.query for request in self.web.requests],
                         [f"code={code}&caller=%2B31612345678" for code in ("4712", "4711")])
        silent = enter(engine, asked, None)
        self.assertEqual((silent["action"], silent["play"]), ("collect", example.says("nothing-entered")))
        self.assert_failure(enter(engine, silent, None, None), example.says("ivr_timeout"), play="nothing-entered",
                            steps=[{"callername": "[new] Piet"}, {"queue": "new-customers"}])

    @shows("### Measuring a campaign", PAGE)
    def test_measuring_a_campaign(self, example):
        request, steps = example.json
        engine = self.engine_of(example.configuration)
        self.web.on("/calls", respond(example.says("status=ACK")), close)
        did = example.says("+31502101007")
        self.assert_success(begin(engine, did=did), steps=steps)
        self.assertEqual(self.web.requests[-1].json(), request)
        self.assert_failure(begin(engine, did=did), "connect", steps=steps)

    @shows("## What a dialplan is", PAGE)
    def test_the_first_one(self, example):
        engine = self.engine_of(example.configuration)
        self.web.on("/route", respond("status=ACK&destination=120&callername=Jan"), respond("status=ERR"))
        run = begin(engine, did="+31502102544", callername="Piet")
        self.assertEqual(run["steps"], [{"play": "welcome"}])
        self.assert_success(go_on(engine, run), steps=[{"callername": "Jan"}, {"dial": "120"}])
        self.assert_failure(go_on(engine, run), "err", steps=[{"callername": "[no CRM] Piet"}, {"dial": "101"}])

    @shows("## A code from the caller", PAGE)
    def test_a_code_from_the_caller(self, example):
        engine = self.engine_of(example.configuration)
        self.web.on("/member", respond("status=NAK"), respond("status=ACK"))
        asked = begin(engine, webhook="members")
        self.assertEqual((asked["play"], asked["timeout_ms"], asked["max_digits"]), ("enter-your-number", 10000, 8))
        self.assert_success(enter(engine, asked, "12345678#", "1"))

    @shows("## Which number has which dialplan", PAGE)
    def test_numbers(self, example):
        engine = self.engine_of(example.configuration)
        expected = {"+31502102544": "101", example.says("tel:+31-50-2102544;phone-context=example.com"): "101",
                    example.says("sip:+31502102544@pbx.example;user=phone"): "101", example.says("0031502102544"): "101",
                    "+31502102545": "102", "+31201234567": "103", "+32": "100", "0502102544": "101", "31502102544": "100"}
        self.assertEqual({did: begin(engine, did=did)["steps"][0]["dial"] for did in expected}, expected)

    @shows("## Trying it", PAGE)
    @shows("### A customer number by IVR", PAGE)
    def test_a_plan_in_words(self, trying, customer_number):
        """`dialhookctl plan` prints what the page shows of it."""
        command, shown = trying.only("console").split("\n", 1)
        files = self.scratch()
        sockets = f"server: {{ socket: {files.path}/engine.sock, control: {files.path}/control.sock }}\n"
        self.start(customer_number.configuration + sockets, scratch=files)
        done = subprocess.run([BIN / "dialhookctl", *shlex.split(command)[2:], "--control", files.path / "control.sock"],
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, shown), done.stderr)


class Conversation(PageTest):
    def without_what_differs(self, line):
        """The times and the states are the daemon's own."""
        answer = json.loads(line)
        for name in {"elapsed_ms", "state"} & set(answer["result"]):
            answer["result"][name] = None
        return answer

    @shows("## call.route", PROTOCOL)
    def test_a_decision(self, example):
        question, answer, explained = (block.text for block in example.blocks)
        self.web.on("/", respond("status=ACK&destination=%2B31502102544&callername=VoysTelecom"))
        self.web.on("/twice", respond("busy", 503), respond())
        engine = self.engine(self.start(configuration({"crm": {"url": self.web.url("/")},
                                                       "twice": {"url": self.web.url("/twice"), "retries": 1}})))
        engine.send(question.encode())
        self.assertEqual(self.without_what_differs(engine.line()), self.without_what_differs(answer))
        result = begin(engine, webhook="twice", explain=True)
        expected = json.loads(f"{{{explained}}}")
        self.assertEqual(list(result)[-2:], list(expected))
        self.assertEqual(list(result["timing"]), list(expected["timing"]))
        for one, other in zip(result["tries"], expected["tries"], strict=True):
            self.assertEqual({**one, "elapsed_ms": 0}, {**other, "elapsed_ms": 0})

    @shows("## collect", PROTOCOL)
    def test_a_question_for_a_code(self, example):
        ivr = {"start_message": "enter-code", "incorrect_message": "b", "timeout_message": "c"}
        engine = self.engine(self.start(configuration({"crm": {"url": self.web.url("/"), "ivr": ivr}})))
        engine.send_json(engine.request("call.route", {"webhook": "crm", "did": "1"}, 8))
        self.assertEqual(self.without_what_differs(engine.line()), self.without_what_differs(example.only("json")))

    @shows("## call.cancel", PROTOCOL)
    def test_a_call_that_is_given_up(self, example):
        self.web.on("/", hang)
        engine = self.engine(self.start(configuration({"crm": {"url": self.web.url("/"), "timeout": "600s"}})))
        asked, answered = ([json.loads(line) for line in block.text.splitlines()] for block in example.blocks)
        engine.send_json(*asked)
        self.assertEqual([engine.answer() for _ in answered], answered)

    @shows("## call.event", PROTOCOL)
    def test_what_happens_to_a_call(self, example):
        events, answer = (block.text for block in example.blocks)
        web = self.web.on("/", respond(""))
        engine = self.engine(self.start(configuration({}, notifications={"crm": {"url": web.url("/")}},
                                                      server={"spool": str(self.scratch().path / "spool.db")})))
        engine.send(events.encode())
        answers = [json.loads(engine.line()) for _ in events.splitlines()]
        self.assertEqual(answers, [{**json.loads(answer), "id": at} for at in (1, 2, 3, 4)])
        web.requests.wait_count(4, "events")
        self.assertEqual([request.json()["status"] for request in web.requests], ["created", "ringing", "in-progress", "ended"])

    @shows("## A worked conversation", PROTOCOL)
    def test_the_worked_one(self, example):
        engine = self.engine_of(example.configuration)
        self.web.on("/customer", respond("status=NAK"), respond("status=ACK&destination=120&callername=Jansen%20BV"))
        states = {}
        lines = example.only("text").splitlines()
        self.assertEqual([line[:2] for line in lines], ["> ", "< "] * 4)
        for asked, answered in zip(lines[::2], lines[1::2]):
            for name, state in states.items():
                asked = asked.replace(f'"{name}"', f'"{state}"')
            engine.send(asked[2:].encode() + b"\n")
            line = engine.line()
            self.assertEqual(self.without_what_differs(line), self.without_what_differs(answered[2:]))
            if "state" in json.loads(line)["result"]:
                states[json.loads(answered[2:])["result"]["state"]] = json.loads(line)["result"]["state"]
        self.assertEqual([request.query for request in self.web.requests], ["code=4712", "code=4711"])

    @shows("## An example", STATE)
    def test_the_state_of_the_page_is_what_the_daemon_makes(self, example):
        expected = example.only("text").strip()
        self.web.on("/", respond("status=NAK"))
        ivr = {"start_message": "a", "incorrect_message": "b", "timeout_message": "c"}
        engine = self.engine(self.start(configuration({"CRM connection": {"url": self.web.url("/"), "ivr": ivr}},
                                                      dialplans={"+31502102544": [{"webhook": "CRM connection"}]})))
        asked = begin(engine, did="+31502102544", callerid="+31612345678", callername="Jan", call_id="1700000000.42", explain=True)
        self.assertEqual(enter(engine, asked, "1")["state"], expected)


if __name__ == "__main__":
    unittest.main()
