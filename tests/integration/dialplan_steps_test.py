"""Steps of the engine's own pass through whatever their YAML shape, and nothing else ever comes out."""
import json
import os
import random
import re
import unicodedata
import unittest

from support.case import DialhookTest
from support.configuration import LOOPBACK, configuration
from support.daemon import check
from support.patience import ample
from support.replies import respond
from support.webserver import WebServer

# A step in YAML -> what the engine gets, as JSON.
SHAPES = {
    "play: welcome": {"play": "welcome"},
    "hangup": "hangup",
    "hangup:": {"hangup": None},
    "wait: 20": {"wait": 20},
    'wait: "20"': {"wait": "20"},
    "wait: '20'": {"wait": "20"},
    "wait: -5": {"wait": -5},
    "wait: 1.5": {"wait": 1.5},
    "wait: 1e3": {"wait": 1000.0},
    "wait: 0": {"wait": 0},
    "wait: 0.5": {"wait": 0.5},
    "queue: 007": {"queue": "007"},
    "queue: +31": {"queue": "+31"},
    "queue: 00": {"queue": "00"},
    "queue: +1.5": {"queue": "+1.5"},
    "queue: -01": {"queue": "-01"},
    "queue: 1.2.3": {"queue": "1.2.3"},
    "queue: 12345678901234567890123": {"queue": 12345678901234567890123},
    "flag: true": {"flag": True},
    "flag: FALSE": {"flag": False},
    'flag: "true"': {"flag": "true"},
    "flag: yes": {"flag": "yes"},
    "flag: on": {"flag": "on"},
    "nothing: null": {"nothing": None},
    "nothing: ~": {"nothing": None},
    'nothing: "null"': {"nothing": "null"},
    'nothing: ""': {"nothing": ""},
    "exec: { app: Playback, args: [welcome, 20, \"20\", null, true] }":
        {"exec": {"app": "Playback", "args": ["welcome", 20, "20", None, True]}},
    "exec: {}": {"exec": {}},
    "exec: []": {"exec": []},
    "deep: [[[1, [2]], { a: { b: [ { c: 3 } ] } }]]": {"deep": [[[1, [2]], {"a": {"b": [{"c": 3}]}}]]},
    "menu: { 1: sales, 2: support, \"#\": again }": {"menu": {"1": "sales", "2": "support", "#": "again"}},
    "{ menu: sales, retries: 3 }": {"menu": "sales", "retries": 3},
    "say: \"quote \\\" backslash \\\\ slash / é \\u20ac \\U0001F4DE\"": {"say": "quote \" backslash \\ slash / é € \U0001F4DE"},
    "say: 'it''s'": {"say": "it's"},
    "say: >-\n        folded\n        text": {"say": "folded text"},
    "goto: { dial: \"0900\", callername: { from: webhook }, webhook: nobody }":
        {"goto": {"dial": "0900", "callername": {"from": "webhook"}, "webhook": "nobody"}},
    "text: \"${DIALPLAN} {did} {{code}}\"": {"text": "${DIALPLAN} {did} {{code}}"},
    # What the daemon knows is text as written.
    "dial: 101": {"dial": "101"},
    "dial: 007": {"dial": "007"},
    "dial: +31502102544": {"dial": "+31502102544"},
    "dial: 1e3": {"dial": "1e3"},
    'dial: "101"': {"dial": "101"},
    "dial: { destination: 101 }": {"dial": "101"},
    "dial: sip:jan@pbx.example": {"dial": "sip:jan@pbx.example"},
    "voicemail: 101": {"voicemail": "101"},
    "voicemail: 0101": {"voicemail": "0101"},
    'voicemail: "101"': {"voicemail": "101"},
    "voicemail: 1.50": {"voicemail": "1.50"},
    "voicemail: { box: 101, greeting: \"20\" }": {"voicemail": {"box": 101, "greeting": "20"}},
    "callername: { replace: 007 }": {"callername": "007"},
}


class Shapes(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/ack", respond("status=ACK")).on("/nak", respond("status=NAK")))

    def plan_text(self, indent, steps):
        return "".join(f"{indent}- {step}\n" for step in steps)

    def engine_of(self, plans):
        egress, files = json.dumps(LOOPBACK), self.scratch()
        hooks = {name: {"url": self.web.url(f"/{name}"), "timeout": ample()} for name in ("ack", "nak")}
        text = (f"server: {{ socket: {files.path}/engine.sock, control: {files.path}/control.sock }}\n"
                f"egress: {egress}\nwebhooks: {json.dumps(hooks)}\ndialplans:\n{plans}")
        return self.engine(self.start(text, scratch=files))

    def same(self, given, expected):
        """Equal in JSON: 1 and true differ, and so do 1 and 1.0 as little as JSON's numbers do."""
        return json.dumps(given, sort_keys=True) == json.dumps(expected, sort_keys=True)

    def assert_steps(self, steps):
        self.assertEqual(len(steps), len(SHAPES))
        for (written, expected), step in zip(SHAPES.items(), steps):
            with self.subTest(written):
                self.assertTrue(self.same(step, expected), f"{step!r} instead of {expected!r}")

    def test_in_every_place(self):
        shapes = list(SHAPES)
        branch = self.plan_text("        ", [shape.replace("\n", "\n    ") for shape in shapes])
        engine = self.engine_of(f"  \"1\":\n{self.plan_text('    ', shapes)}"
                                f"  \"2\":\n{self.plan_text('    ', shapes)}    - webhook: ack\n"
                                f"  \"3\":\n    - webhook: ack\n      on_success:\n{branch}"
                                f"  \"4\":\n    - webhook: nak\n      on_failure:\n{branch}")
        for did, action in (("1", "route"), ("2", "run"), ("3", "route"), ("4", "route")):
            with self.subTest(did):
                result = engine.route(None, did=did)
                self.assertEqual(result["action"], action)
                self.assert_steps(result["steps"])

    def test_anchors_and_aliases(self):
        engine = self.engine_of("  \"1\":\n    - &step { exec: { app: X, args: &list [1, \"1\"] } }\n    - *step\n"
                                "    - { again: *list }\n")
        exec_step = {"exec": {"app": "X", "args": [1, "1"]}}
        self.assertEqual(engine.route(None, did="1")["steps"], [exec_step, exec_step, {"again": [1, "1"]}])

    def test_a_number_that_no_computer_holds_can_be_read_all_the_same(self):
        """JSON has no largest number, its readers do: it stays text, or is a fault with its place."""
        steps = "    - wait: 1e999\n"
        code, said = check(self.scratch().write("dialhook.yaml", f"webhooks: {{}}\ndialplans:\n  \"1\":\n{steps}"))
        if code != 0:
            self.assertIn("dialhook.yaml:4:13:", said)
            return
        self.assertEqual(self.engine_of(f"  \"1\":\n{steps}").route(None, did="1")["steps"], [{"wait": "1e999"}])

    def test_dids_are_text_as_written(self):
        engine = self.engine_of("  0101: [ { is: a } ]\n  101: [ { is: b } ]\n  +31: [ { is: c } ]\n  1e3: [ { is: d } ]\n"
                                "  \"true\": [ { is: e } ]\n  null: [ { is: f } ]\n")
        for did, which in {"0101": "a", "101": "b", "+31": "c", "1e3": "d", "true": "e", "null": "f"}.items():
            with self.subTest(did):
                self.assertEqual(engine.route(None, did=did)["steps"], [{"is": which}])


class Hostile(DialhookTest):
    """Whatever a web server replies and a caller is called, the engine is told to run nothing but configured steps."""

    PLANS, CALLS = 40, 600
    DESTINATION = re.compile(r"\+?[0-9]{1,32}|[0-9*#]{1,32}|sips?:[A-Za-z0-9._+~*#-]+@[A-Za-z0-9.:\[\]-]+")
    TEXTS = ["Jan", "é€\U0001F4DE", "a b", "\"}],\"x\":[{\"dial\":\"0900\"}", "\\", "${SHELL(x)}", "{code}", "'; DROP", "%0A", "", "0"]
    PIECES = [b"status=ACK", b"status=NAK", b"STATUS=ack", b"destination=101", b"destination=%2B31900",
              b"destination=sip:a@b.example", b"destination=1%0A2", b"destination=101,hangup", b"destination={\"dial\":1}",
              b"destination=sip:a@b;x=%0d%0ay", b"callername=a%0A%00%1b%C2%85b", b"callername=\x00\x01\x02",
              b"callername=%22%7D%5D%7B", b"callername=" + b"x" * 500, b"callername=\xc3\x28\xff", b"callername=%F0%9F%93%9E",
              b"steps=[{\"dial\":\"0900\"}]", b"action=run", b"play=%07evil", b"dial=0900", b"x%0Ay=1", b"state=dh1.AAAA",
              b"v=%01%02\r\nInjected: yes", b"webhook=other", b"callername", b"=", b"%", b"\xef\xbb\xbf"]
    NAMES = ["a", "\0", "\n", "\x1b", "\x85", "\u2028", "\"", "é", " "]
    STARTS = [b"", b"status=ACK&", b"status=ACK&destination=101&", b"status=ACK&destination=%2B31&callername=Jan&"]

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("DIALHOOK_SEED") or random.SystemRandom().randrange(2 ** 32))
        print(f"seed of the dialplans and replies: {seed} (DIALHOOK_SEED repeats it)")
        self.chance = random.Random(seed)

    # Making them up

    def value(self, depth=0):
        chance = self.chance
        if depth < 3 and chance.random() < 0.3:
            return [self.value(depth + 1) for _ in range(chance.randrange(4))]
        if depth < 3 and chance.random() < 0.3:
            return {f"k{n}": self.value(depth + 1) for n in range(chance.randrange(4))}
        return chance.choice([None, True, False, 0, -7, 20, "20", "+31", "dial", *self.TEXTS])

    def step(self, on_success):
        chance = self.chance
        kind = chance.randrange(6 if on_success else 4)
        if kind < 2:
            return {chance.choice(["play", "queue", "exec", "goto", "état"]): self.value()}
        if kind == 2:
            return {"dial": chance.choice(["101", "+31502100002", "sip:x@y.example", "Local/1@x"])}
        if kind == 3:
            return {"callername": {chance.choice(["prefix", "replace"]): chance.choice(self.TEXTS)}}
        return {"callername": {"from": "webhook"}} if kind == 4 else {"dial": {"destination": "variable"}}

    def steps(self, on_success=False, least=0):
        return [self.step(on_success) for _ in range(self.chance.randrange(least, 5))]

    def plan(self):
        if self.chance.random() < 0.1:
            return self.steps(least=1)
        return [*self.steps(), {"webhook": "crm", "on_success": self.steps(True), "on_failure": self.steps()}]

    def reply(self):
        chance = self.chance
        body = b"&".join(chance.choice(self.PIECES) for _ in range(chance.randrange(1, 8)))
        mutated = bytearray(chance.choice(self.STARTS) + body)
        for _ in range(chance.choice([0, 0, 1, 5])):
            mutated[chance.randrange(len(mutated))] = chance.randrange(256)
        return respond(bytes(mutated), chance.choice([200, 200, 200, 404, 500]))

    def name(self):
        return "".join(self.chance.choice(self.NAMES) for _ in range(self.chance.randrange(30)))

    # Judging

    def assert_clean(self, value):
        if isinstance(value, dict):
            value = [*value.keys(), *value.values()]
        if isinstance(value, list):
            for one in value:
                self.assert_clean(one)
        elif isinstance(value, str):
            self.assertEqual([c for c in value if unicodedata.category(c) == "Cc"], [], value)

    def assert_steps(self, configured, answered, name):
        """Step by step the ones that are configured; gives the name in force after the last."""
        self.assertEqual(len(answered), len(configured), (configured, answered))
        for plan, step in zip(configured, answered):
            if "callername" in plan:
                self.assertEqual(list(step), ["callername"])
                ((way, text),) = plan["callername"].items()
                expected = {"prefix": text + name, "replace": text}.get(way, step["callername"])
                self.assertEqual(step["callername"], expected)
                name = expected
            elif plan.get("dial") == {"destination": "variable"}:
                self.assertEqual(list(step), ["dial"])
                self.assertRegex(step["dial"], r"\A(?:" + self.DESTINATION.pattern + r")\Z")
            else:
                self.assertEqual(json.dumps(step, sort_keys=True), json.dumps(plan, sort_keys=True))
        return name

    def assert_decision_of(self, plan, result, name):
        self.assert_clean(result)
        webhook = plan[-1] if "webhook" in plan[-1] else None
        if webhook:
            plan = webhook["on_success" if result["branch"] == "success" else "on_failure"]
        self.assertEqual(self.assert_steps(plan, result["steps"], name) or None, result["callername"])
        self.assertEqual(result["branch"] is None, webhook is None)

    def test_nothing_but_configured_steps_comes_out(self):
        web = self.use(WebServer())
        for n in range(self.CALLS):
            web.on(f"/{n}", self.reply())
        plans = {str(n): self.plan() for n in range(self.PLANS)}
        hook = {"url": web.url("/{call_id}?n={callername}"), "timeout": ample()}
        engine = self.engine(self.start(configuration({"crm": hook}, dialplans=plans)))
        branches = {}
        for n in range(self.CALLS):
            plan, name = plans[str(n % self.PLANS)], self.name()
            result = engine.route(None, did=str(n % self.PLANS), call_id=str(n), callername=name)
            clean = "".join(c for c in name if unicodedata.category(c) != "Cc")
            if result["action"] == "run":
                front = {key: value for key, value in result.items() if key != "state"}
                self.assert_clean(front)
                clean = self.assert_steps(plan[:-1], result["steps"], clean)
                engine.send_json(engine.request("call.continue", {"state": result["state"]}))
                result = engine.answer()["result"]
            self.assert_decision_of(plan, result, clean)
            branches[result["branch"]] = branches.get(result["branch"], 0) + 1
        print(f"branches that were taken: {branches}")
        self.assertGreater(branches["success"], self.CALLS // 10, "most replies are worth nothing: the test shows little")
        self.assertGreater(branches["failure"], self.CALLS // 10, "no reply fails: the test shows little")


if __name__ == "__main__":
    unittest.main()
