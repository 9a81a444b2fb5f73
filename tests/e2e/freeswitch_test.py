"""config/freeswitch/dialhook.lua asks the real daemon. FreeSWITCH itself is a stub of its Lua API and of what mod_sofia writes: Debian has
none. All of it runs with each Lua that mod_lua can be built with."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

from support import ROOT, replies
from support.case import DialhookTest, stopwatch
from support.configuration import configuration
from support.patience import SLACK, ample
from support.places import RefusingPort
from support.program import find_program
from support.replies import respond
from support.webserver import WebServer

sys.path.insert(0, str(ROOT / "tests" / "clients"))
from scripted_daemon import ScriptedDaemon, saying  # noqa: E402

LUAS = ("lua5.1", "lua5.2", "lua5.3", "lua5.4")
INSTALLED = (ROOT / "config" / "freeswitch" / "dialhook.lua", ROOT / "config" / "clients" / "dialhook_client.lua")
STUB = ROOT / "tests" / "e2e" / "freeswitch" / "stub.lua"
MESSAGES = {"start_message": "enter", "incorrect_message": "wrong", "timeout_message": "late"}
BRANCHES = {"on_success": [{"callername": {"from": "webhook"}}, {"dial": {"destination": "variable"}}, {"voicemail": "20"}],
            "on_failure": [{"callername": {"prefix": "[no CRM] "}}, {"dial": "109"}]}


# Each step on a call that was not answered: what FreeSWITCH does, and whether the channel is answered then.
STEPS = {
    "play": ({"play": "welcome"}, [("answer",), ("play", "welcome")]),
    "play a number": ({"play": 700}, [("answer",), ("play", "700")]),
    "dial": ({"dial": "101"}, [("execute", "bridge", "sofia/gateway/trunk/101")]),
    "dial several at once": ({"dial": {"to": ["101", "sip:jan@10.1.2.3"], "ring": "20s"}},
                             [("execute", "bridge", "[leg_timeout=20]sofia/gateway/trunk/101,[leg_timeout=20]sofia/external/sip:jan@10.1.2.3")]),
    "dial several in turn": ({"dial": {"to": ["101", "102"], "strategy": "sequential"}},
                             [("execute", "bridge", "sofia/gateway/trunk/101|sofia/gateway/trunk/102")]),
    "dial for a while": ({"dial": {"to": ["101"], "ring": "5s"}}, [("execute", "bridge", "[leg_timeout=5]sofia/gateway/trunk/101")]),
    "queue": ({"queue": "sales"}, [("execute", "callcenter", "sales@default"), ("answer",)]),
    "queue of a number": ({"queue": 7}, [("execute", "callcenter", "7@default"), ("answer",)]),
    "voicemail": ({"voicemail": "020"}, [("answer",), ("execute", "voicemail", "default ${domain_name} 020")]),
    "answer": ("answer", [("answer",)]),
    "answer with null": ({"answer": None}, [("answer",)]),
    "callername": ({"callername": {"replace": "CRM"}}, []),
    "exec": ({"exec": {"app": "sleep", "args": 700}}, [("execute", "sleep", "700")]),
    "exec without arguments": ({"exec": {"app": "park"}}, [("execute", "park", "")]),
    "exec with a list": ({"exec": {"app": "x", "args": ["x=a", 2, True, None, 1.5, -3, False, "007"]}},
                         [("execute", "x", "x=a 2 true  1.5 -3 false 007")]),
    "exec with a list of one": ({"exec": {"app": "sleep", "args": [300]}}, [("execute", "sleep", "300")]),
    "exec with an empty list": ({"exec": {"app": "park", "args": []}}, [("execute", "park", "")]),
    "exec with text": ({"exec": {"app": "set", "args": "a=${b}"}}, [("execute", "set", "a=${b}")]),
    "exec with a boolean": ({"exec": {"app": "x", "args": True}}, [("execute", "x", "true")]),
    "exec with null": ({"exec": {"app": "x", "args": None}}, [("execute", "x", "")]),
    "exec with a large number": ({"exec": {"app": "x", "args": 31612345678}}, [("execute", "x", "31612345678")]),
    "exec with a small number": ({"exec": {"app": "x", "args": 0.1}}, [("execute", "x", "0.1")]),
}
# Each value of a hang-up after a telephone that did not answer (480): the cause for FreeSWITCH, and the SIP code for the caller.
HANGUPS = ((17, "17", "486"), ("17", "17", "486"), ("user_busy", "USER_BUSY", "486"), ("BUSY", "USER_BUSY", "486"), (34, "34", "503"),
           ("CONGESTION", "NORMAL_CIRCUIT_CONGESTION", "503"), (1, "1", "404"), (None, "NORMAL_CLEARING", "480"),
           (True, "NORMAL_CLEARING", "480"), (17.5, "NORMAL_CLEARING", "480"), (1700, "NORMAL_CLEARING", "480"),
           ({"a": 1}, "NORMAL_CLEARING", "480"), ("${x}", "NORMAL_CLEARING", "480"))
# Steps that cannot be done: the log names them, and the next one follows.
BAD_STEPS = ({"exec": {"args": "x"}}, {"exec": "park"}, {"exec": {"app": "x", "args": {"a": 1}}}, {"exec": {"app": "x", "args": [["a"]]}},
             {"play": ["a"]}, {"queue": None}, {"nonesuch": 1}, "nonesuch", {"dial": "a b"})
PLANS = {"crm": "210", "called": "211", "suppressed": "212"} # dial what the webhook says, else 109


class Outcome:
    def __init__(self, output):
        lines = [json.loads(line) for line in output.splitlines()]
        self.did = [tuple(line) for line in lines if line[0] not in ("variables", "log")]
        self.log = [line[2] for line in lines if line[0] == "log"]
        self.variables = next(line[1] for line in lines if line[0] == "variables")

    def invites(self):
        """The headers that each SIP leg was called with: {name: value}."""
        return [dict(line.split(": ", 1) for line in what[1].split("\r\n")) for what in self.did if what[0] == "invite"]

    def executed(self, application):
        return [what[2] for what in self.did if what[:2] == ("execute", application)]


class FreeswitchTest(DialhookTest):
    lua = "lua5.3" # as FreeSWITCH's own packages for Debian 12

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = cls.share(WebServer())
        refusing = cls.share(RefusingPort())
        crm = cls.web.url("/crm?did={did}&from={callerid}&name={callername}")
        hooks = {"crm": {"url": crm, "timeout": ample()}, "several": {"url": crm, "timeout": ample(), "max_destinations": 3}, "CRM connection": {"url": cls.web.url("/spaced"), "timeout": ample()},
                 "suppressed": {"url": crm, "timeout": ample(), "callerid": "suppressed"},
                 "called": {"url": crm, "timeout": ample(), "callerid": "called"},
                 "vars": {"url": cls.web.url("/vars?d={var.diversion}&v={var.verstat}"), "timeout": ample()},
                 "down": {"url": f"http://127.0.0.1:{refusing.port}/"},
                 "ivr": {"url": cls.web.url("/ivr?code={code}"), "timeout": ample(), "ivr": {**MESSAGES, "timeout": "7s"}}}
        # As the page says: both files in FreeSWITCH's folder of scripts, and nothing anywhere else.
        folder = tempfile.TemporaryDirectory(prefix="dh-")
        cls.addClassCleanup(folder.cleanup)
        cls.scripts = pathlib.Path(folder.name)
        cls.scripts.chmod(0o755)
        for file in INSTALLED:
            shutil.copy(file, cls.scripts)
        plans = {"200": [{"play": "welcome"}, {"webhook": "crm", **BRANCHES}], "201": [{"webhook": "down", **BRANCHES}],
                 "202": [{"webhook": "ivr", **BRANCHES}],
                 "203": [{"queue": "sales"}, {"voicemail": "20"}, {"exec": {"app": "set", "args": ["a=b", "c"]}}, {"hangup": 17}],
                 "204": [{"dial": "101"}, {"dial": "102"}, {"webhook": "crm", **BRANCHES}],
                 "205": [{"queue": "sales"}, {"dial": "102"}, {"webhook": "crm", **BRANCHES}]}
        plans |= {f"22{at}": [step, "answer"] for at, step in enumerate(step for step, _ in STEPS.values())}
        plans |= {f"23{at}": [step, "answer"] for at, step in enumerate(BAD_STEPS)}
        plans |= {f"24{at}": [{"dial": "101"}, {"hangup": value}] for at, (value, *_) in enumerate(HANGUPS)}
        for webhook, did in PLANS.items():
            shown = [{"callername": {"from": "webhook"}}, {"dial": {"destination": "variable"}}]
            plans[did] = [{"webhook": webhook, "on_success": shown, "on_failure": [{"dial": "109"}]}]
        cls.daemon = cls.share_daemon(configuration(hooks, dialplans=plans, vars=["diversion", "verstat"]))

    def call(self, *arguments, keys=(), answered=False, socket_path=None, stub=None, **variables):
        """What the script did with one call."""
        variables = {"destination_number": "+31502102544", "caller_id_number": "+31612345678", "caller_id_name": "Jan",
                     "uuid": "5f1c", "dialhook_socket": str(socket_path or self.daemon.socket_path),
                     "dialhook_seconds": f"{6 * SLACK:g}", **variables}
        call = {"variables": {name: value for name, value in variables.items() if value is not None}, "keys": list(keys),
                "answered": answered, "script_dir": str(self.scripts), **(stub or {})}
        path = self.scratch().write("call.json", json.dumps(call))
        done = subprocess.run([find_program(self.lua), STUB, self.scripts / "dialhook.lua", path, *arguments], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return Outcome(done.stdout)

    def assert_variables(self, outcome, **expected):
        self.assertEqual({name: outcome.variables.get(f"dialhook_{name}", "") for name in expected}, expected, outcome.log)


class Webhooks(FreeswitchTest):
    def test_success(self):
        self.web.on("/crm", respond("status=ACK&destination=%2B31201234567&callername=VoysTelecom&a-b=2"))
        seen = len(self.web.requests)
        outcome = self.call("webhook", "crm")
        self.assert_variables(outcome, branch="success", status="ACK", reason="", destination="+31201234567",
                              callername="VoysTelecom", var_a_b="2")
        self.assertEqual(outcome.variables["effective_caller_id_name"], "VoysTelecom")
        self.assertEqual(outcome.variables["effective_caller_id_number"], "+31612345678")
        self.assertEqual(outcome.did, [])
        self.assertEqual([request.target for request in self.web.requests[seen:]],
                         ["/crm?did=%2B31502102544&from=%2B31612345678&name=Jan"])

    def test_a_name_with_a_space(self):
        self.web.on("/spaced", respond("status=ACK"))
        self.assert_variables(self.call("webhook", "CRM", "connection"), branch="success")

    def test_failures(self):
        for body, reason in (("status=NAK", "nak"), ("status=ERR", "err"), ("<html>", "bad_reply")):
            with self.subTest(body):
                self.web.on("/crm", respond(body))
                self.assert_variables(self.call("webhook", "crm"), branch="failure", reason=reason, destination="")
        self.assert_variables(self.call("webhook", "down"), branch="failure", reason="connect")

    def test_several_destinations_and_a_ring_time(self):
        """As a dial string, and nothing of it is left for a second question."""
        for reply, expected in (
                ("status=ACK&destination=101&destination=sip:jan@10.1.2.3&ring=20",
                 "[leg_timeout=20]sofia/gateway/trunk/101,[leg_timeout=20]sofia/external/sip:jan@10.1.2.3"),
                ('{"status":"ACK","destination":["101","102"],"strategy":"sequential"}', "sofia/gateway/trunk/101|sofia/gateway/trunk/102"),
                ("status=ACK&destination=101&ring=5", "[leg_timeout=5]sofia/gateway/trunk/101")):
            with self.subTest(reply):
                self.web.on("/crm", respond(reply))
                outcome = self.call("webhook", "several")
                self.assert_variables(outcome, branch="success", destination="101", destinations=expected)
                again = {**outcome.variables}
                again.pop("dialhook_socket"), again.pop("dialhook_seconds")
                self.web.on("/crm", respond("status=ACK&destination=103"))
                self.assert_variables(self.call("webhook", "several", **again), destination="103", destinations="")

    def test_a_reply_is_never_expanded(self):
        for text in ("${system(id)}", "$${system(id)}", "$%24{x}", 'a"b\\c', "a\nb", "ü & ,|"):
            with self.subTest(text):
                self.web.on("/crm", respond(b"status=ACK&callername=" + percent(text) + b"&note=" + percent(text)))
                variables = self.call("webhook", "crm").variables
                for name in ("dialhook_callername", "dialhook_var_note", "effective_caller_id_name"):
                    self.assertNotIn("${", variables[name])
                    self.assertNotIn("\n", variables[name])
                self.assertNotRegex(variables["effective_caller_id_name"], r'["\\]')

    def test_a_hostile_caller(self):
        self.web.on("/crm", respond("status=ACK"))
        for name in ("${system(id)}", 'a","webhook":"down', "x" * 400):
            with self.subTest(name):
                self.assert_variables(self.call("webhook", "crm", caller_id_name=name), branch="success")

    def test_an_unknown_webhook_and_wrong_arguments(self):
        outcome = self.call("webhook", "nonesuch")
        self.assert_variables(outcome, branch="away", reason="error")
        self.assertIn("-32001", outcome.log[0])
        self.assert_variables(self.call("nonsense"), branch="away")


class Away(FreeswitchTest):
    def test_nobody_listens(self):
        outcome = self.call("webhook", "crm", socket_path="/tmp/dh-nobody.sock")
        self.assert_variables(outcome, branch="away", reason="away")

    def test_no_answer_in_time(self):
        with socket.socket(socket.AF_UNIX) as silent:
            path = self.scratch().path / "silent.sock"
            silent.bind(str(path))
            silent.listen()
            watch = stopwatch()
            outcome = self.call("webhook", "crm", socket_path=path, dialhook_seconds="0.2")
            self.assertGreaterEqual(watch(), 0.19)
        self.assert_variables(outcome, branch="away", reason="timeout")

    def test_a_dial_string_of_what_dialhook_does_not_give(self):
        """Nothing but numbers, plain SIP URIs and whole seconds gets into it."""
        route = {"action": "route", "branch": "success", "destination": "101", "steps": []}
        for more, expected in (({"destinations": ["101", "102,[api_on_answer='system id']user/1"]}, ""), ({"destinations": ["${system(id)}"]}, ""),
                               ({"destinations": []}, ""), ({"destinations": "101"}, ""), ({"destinations": [["101"]]}, ""),
                               ({"destinations": ["101"], "ring_s": "1,api_on_answer=x"}, "sofia/gateway/trunk/101"),
                               ({"destinations": ["101"], "ring_s": 1e300}, "sofia/gateway/trunk/101"),
                               ({"destinations": ["101", "102"], "ring_s": True, "strategy": {}}, "sofia/gateway/trunk/101,sofia/gateway/trunk/102")):
            with self.subTest(more):
                daemon = ScriptedDaemon(saying(json.dumps({"jsonrpc": "2.0", "id": 1, "result": {**route, **more}}).encode() + b"\n"))
                self.addCleanup(daemon.close)
                self.assert_variables(self.call("webhook", "crm", socket_path=daemon.path), branch="success", destinations=expected)

    def test_what_is_sent_along_is_what_the_dialplan_set(self):
        """As docs/freeswitch.md sets it; a name that no configuration declares, and one that is none, stop no call."""
        self.web.on("/vars", respond("status=ACK"))
        for text in ('"Office" <sip:+31201112233@carrier.example>;reason=unconditional', "a&verstat=x#", "${system(id)}", "x" * 5000):
            with self.subTest(text[:20]):
                outcome = self.call("webhook", "vars", dialhook_vars="diversion verstat, undeclared No-Name", dialhook_send_diversion=text,
                                    dialhook_send_verstat="TN-Validation-Passed", dialhook_send_undeclared="x")
                self.assert_variables(outcome, branch="success")
                self.assertEqual(urllib.parse.parse_qs(self.web.requests[-1].query), {"d": [text[:1024]], "v": ["TN-Validation-Passed"]})
        self.call("webhook", "vars", dialhook_vars="diversion verstat")
        self.assertEqual(self.web.requests[-1].query, "d=&v=")

    def test_answers_that_dialhook_does_not_give(self):
        """Whatever stands in them, the script ends and nothing of it is expanded or dialled."""
        route = {"action": "route", "branch": "success"}
        for result in ({}, [], {"action": 7}, {**route, "steps": "x", "callerid": 7, "variables": 7, "callername": 7},
                       {**route, "steps": [{"dial": "101@evil"}, {"dial": "sip:a@b;evil"}, {"dial": "${system(id)}"}, {"dial": 7.5},
                                           {"dial": ["101"]}]},
                       {**route, "destination": "${x}", "callerid": {"number": "${x}", "presentation": 7}, "play": 7}):
            with self.subTest(result):
                daemon = ScriptedDaemon(saying(json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode() + b"\n"))
                self.addCleanup(daemon.close)
                outcome = self.call("webhook", "crm", socket_path=daemon.path)
                self.assertEqual(outcome.executed("bridge"), [])
                self.assertFalse([value for value in outcome.variables.values() if "${" in value])
                self.assertEqual(outcome.variables["dialhook_branch"], "success" if result and result["action"] == "route" else "away")

    def test_a_caller_who_is_gone_is_not_waited_for(self):
        closed = threading.Event()

        def script(connection):
            connection.read()
            try:
                connection.read()
            finally:
                closed.set()

        daemon = ScriptedDaemon(script)
        self.addCleanup(daemon.close)
        outcome = self.call("webhook", "crm", socket_path=daemon.path, dialhook_seconds="50", stub={"gone_after": 0.3})
        self.assert_variables(outcome, branch="away", reason="unwanted")
        self.assertTrue(closed.wait(10), "the daemon keeps asking for a call whose connection stays open")

    def test_a_daemon_that_does_not_let_freeswitch_in(self):
        """As root everybody is let in, so the stub runs as nobody here."""
        with tempfile.TemporaryDirectory(prefix="dh-") as folder, socket.socket(socket.AF_UNIX) as listener:
            os.chmod(folder, 0o755)
            listener.bind(f"{folder}/engine.sock")
            listener.listen()
            os.chmod(f"{folder}/engine.sock", 0o660)
            call = pathlib.Path(folder) / "call.json"
            call.write_text(json.dumps({"script_dir": str(self.scripts), "variables": {
                "uuid": "5f1c", "destination_number": "1", "dialhook_socket": f"{folder}/engine.sock"}}))
            for file in (STUB, STUB.with_name("wire.lua")):
                shutil.copy(file, folder)
            done = subprocess.run([find_program(self.lua), f"{folder}/stub.lua", self.scripts / "dialhook.lua", call, "webhook", "crm"],
                                  stdout=subprocess.PIPE, text=True, timeout=60, user="nobody", group="nogroup", extra_groups=[], check=True)
        outcome = Outcome(done.stdout)
        self.assert_variables(outcome, branch="away", reason="away")
        self.assertEqual(outcome.log, [f"dialhook: 5f1c: no decision: away, {folder}/engine.sock: permission denied\n"])

    def test_a_client_that_is_not_there_or_broken(self):
        for content in (None, "error('x')", "return require 'nonesuch'", "this is no Lua"):
            with self.subTest(content), tempfile.TemporaryDirectory(prefix="dh-") as folder:
                if content:
                    (pathlib.Path(folder) / "dialhook_client.lua").write_text(content)
                outcome = self.call("webhook", "crm", stub={"script_dir": folder})
                self.assert_variables(outcome, branch="away", reason="away")
                self.assertRegex(outcome.log[0], "^dialhook: 5f1c: no client for mod_lua's Lua 5[.]")

    def test_a_second_question_knows_nothing_of_the_first(self):
        self.web.on("/crm", respond("status=ACK&destination=101&callername=CRM&tier=gold&a-b=1"))
        for webhook in ("suppressed", "called", "crm"):
            first = self.call("webhook", webhook, caller_id_name="Jan").variables
            self.assertEqual(first["dialhook_var_tier"], "gold")
            again = {**first, "dialhook_socket": "/tmp/dh-nobody.sock"}
            second = self.call("webhook", "crm", socket_path=again.pop("dialhook_socket"), **again)
            with self.subTest(webhook):
                self.assert_variables(second, branch="away", reason="away", status="", destination="", callername="", var_tier="", var_a_b="")
                self.assertFalse([name for name in second.variables if name.startswith("effective_") or name == "sip_copy_custom_headers"])
                self.assertEqual(second.executed("privacy"), ["no"] if webhook == "suppressed" else [])

    def test_a_webhook_that_takes_longer_than_the_script_waits(self):
        self.web.on("/crm", replies.hang)
        self.assert_variables(self.call("webhook", "crm", dialhook_seconds="0.3"), branch="away", reason="timeout")


class Wire(FreeswitchTest):
    """What a telephone is told about the caller: the headers of the INVITE of the next leg, as mod_sofia writes them."""

    def invite(self, webhook="crm", reply="status=ACK&destination=101", stub=None, **variables):
        self.web.on("/crm", respond(reply))
        outcome = self.call("dialplan", destination_number=PLANS[webhook], stub=stub, **variables)
        headers, = outcome.invites()
        return headers

    def test_names_arrive_as_they_were_written(self):
        for text, shown in (("Bäckerei Müller", None), ("100% Zoë", None), ("A/B: C@D", None), ("J%0d%0aX-Evil%3a 1", None),
                            ("%41%00%", None), ("sip:evil@example.com", None), ("From: x", None), ("<sip:a@b>;tag=1", None),
                            ("%22 <sip:evil@b>", None), ('Jan "de Vries"', "Jan 'de Vries'"), ("a\\b\\", "ab"), ("%%2540", None),
                            ("a\r\nX-Evil: 1", "aX-Evil: 1"), ("${system(id)}$", "{system(id)}")):
            for kind, header in (("pid", "P-Asserted-Identity"), ("rpid", "Remote-Party-ID")):
                with self.subTest(text, kind=kind):
                    reply = b"status=ACK&destination=101&callername=" + percent(text)
                    headers = self.invite(reply=reply, sip_cid_type=kind)
                    self.assertEqual(headers["From"], f'"{shown or text}" <sip:+31612345678@192.0.2.1>')
                    self.assertTrue(headers[header].startswith(f'"{shown or text}" <sip:+31612345678@'), headers)
                    self.assertLessEqual(headers.keys(), {"From", header, "Privacy"})

    def test_a_caller_whose_number_is_none(self):
        for number, escaped in (("jan.de-vries_1", "jan.de-vries_1"), ("a b", "a%20b"), ("x>\r\nX-Evil: 1", "x%3eX-Evil%3a%201"), ("a@b", "a%40b")):
            with self.subTest(number):
                headers = self.invite(caller_id_number=number, sip_cid_type="pid")
                self.assertIn(f"<sip:{escaped}@192.0.2.1>", headers["P-Asserted-Identity"])
                self.assertLessEqual(headers.keys(), {"From", "P-Asserted-Identity", "Privacy"})

    def test_the_caller_is_shown(self):
        self.assertEqual(self.invite(sip_cid_type="pid"), {
            "From": '"Jan" <sip:+31612345678@192.0.2.1>', "Privacy": "none",
            "P-Asserted-Identity": '"Jan" <sip:+31612345678@192.0.2.1>'})

    def test_the_called_number_is_shown(self):
        self.assertEqual(self.invite("called", "status=ACK&destination=101&callername=CRM"), {
            "From": '"CRM" <sip:211@192.0.2.1>', "Remote-Party-ID": '"CRM" <sip:211@192.0.2.1>;party=calling;screen=yes;privacy=off'})

    def test_neither_number_nor_name_of_a_hidden_caller_leaves(self):
        asked_for = {"privacy_hide_number": "true", "privacy_hide_name": "true"}
        anonymous = '"Anonymous" <sip:anonymous@192.0.2.1>'
        secrets = {"sip_h_P-Charge-Info": "<sip:+31612345678@c>", "sip_h_identity": "+31612345678", "sip_h_X-Name": "Jan"}
        for webhook, variables in (("suppressed", {}), ("crm", asked_for), ("suppressed", asked_for)):
            for kind, header, value in (("pid", "Privacy", "id"), ("rpid", "Remote-Party-ID", f"{anonymous};party=calling;screen=yes;privacy=full")):
                for reply in ("status=ACK&destination=101", "status=ACK&destination=101&callername=CRM%20Jan", "status=NAK"):
                    with self.subTest(webhook, kind=kind, reply=reply, **variables):
                        headers = self.invite(webhook, reply, sip_cid_type=kind, **variables, **secrets)
                        self.assertEqual((headers["From"], headers[header]), (anonymous, value))
                        self.assertNotRegex(" ".join(headers.values()), "612345678|Jan")

    def test_a_private_call_that_shows_the_called_number(self):
        """Its own name is not shown, one that a reply or a step gives is."""
        private = {"privacy_hide_number": "true", "privacy_hide_name": "true", "sip_cid_type": "pid"}
        for reply, shown in (("status=ACK&destination=101", ""), ("status=ACK&destination=101&callername=CRM", '"CRM" ')):
            with self.subTest(reply):
                self.assertEqual(self.invite("called", reply, **private), {
                    "From": f"{shown}<sip:211@192.0.2.1>", "P-Asserted-Identity": f"{shown}<sip:211@192.0.2.1>", "Privacy": "none"})


    def test_what_the_call_came_in_with_stays(self):
        for hides, screen, expected in (("true", True, "screen=yes;privacy=name"), ("false", False, "screen=no;privacy=off"),
                                        ("true", False, "screen=no;privacy=name")):
            with self.subTest(expected):
                headers = self.invite(stub={"screen": screen}, privacy_hide_name=hides)
                self.assertTrue(headers["Remote-Party-ID"].endswith(expected), headers)

    def test_before_the_webhook_a_private_call_is_private_too(self):
        self.web.on("/crm", respond("status=NAK"))
        outcome = self.call("dialplan", destination_number="204", privacy_hide_number="true", sip_h_identity="+31612345678")
        self.assertEqual(len(outcome.invites()), 3)
        self.assertNotRegex(str(outcome.invites()), "612345678|Jan")

    def test_what_the_decision_shows_follows_on_what_was_hidden_before_it(self):
        dial = [{"dial": "101"}]
        answers = ({"action": "run", "steps": dial, "state": "S", "callerid": {"number": "+31612345678", "presentation": "prohibited"}},
                   {"action": "route", "branch": "success", "steps": dial, "callername": "CRM",
                    "callerid": {"number": "207", "presentation": "allowed"}})

        def script(connection):
            for answer in answers:
                question = json.loads(connection.read())
                connection.send(json.dumps({"jsonrpc": "2.0", "id": question["id"], "result": answer}).encode() + b"\n")

        daemon = ScriptedDaemon(script)
        self.addCleanup(daemon.close)
        first, second = self.call("dialplan", socket_path=daemon.path, privacy_hide_number="true", sip_cid_type="pid").invites()
        self.assertEqual((first["From"], first["Privacy"]), ('"Anonymous" <sip:anonymous@192.0.2.1>', "id"))
        self.assertEqual((second["From"], second["Privacy"]), ('"CRM" <sip:207@192.0.2.1>', "none"))

    def test_each_way_to_be_private(self):
        self.web.on("/crm", respond("status=ACK"))
        for variables in ({"privacy_hide_number": "true"}, {"sip_Privacy": "user;critical"}, {"sip_Privacy": "id"}, {"sip_Privacy": "header"},
                          {"sip_from_host": "anonymous.invalid"}, {"sip_from_user": "Anonymous"}, {"caller_id_number": "anonymous"},
                          {"sip_Remote-Party-ID": '"a" <sip:1@b>;party=calling;privacy=full'}):
            with self.subTest(variables):
                outcome = self.call("webhook", "crm", **variables)
                self.assertEqual(outcome.variables["effective_caller_id_number"], "anonymous")
                self.assertEqual(outcome.executed("privacy"), ["full"])
        for variables in ({"sip_Privacy": "none"}, {"sip_Privacy": "none;critical"}, {"sip_from_host": "anonymous.example"},
                          {"sip_Remote-Party-ID": '"privacy=full;privacy=full" <sip:1@b>;privacy=off'}):
            with self.subTest(variables):
                outcome = self.call("webhook", "crm", **variables)
                self.assertEqual(outcome.variables["effective_caller_id_number"], "+31612345678")
                self.assertEqual(outcome.executed("privacy"), [])

    def test_a_name_that_is_none_is_not_sent(self):
        self.web.on("/crm", respond("status=ACK"))
        for variables, name in (({"caller_id_name": "+31612345678"}, ""), ({"caller_id_name": "Jan"}, "Jan"), ({"caller_id_name": None}, ""),
                                ({"caller_id_name": "unknown"}, ""), ({"caller_id_name": "unknown", "sip_from_display": "unknown"}, "unknown"),
                                ({"caller_id_name": "31", "sip_from_user": "31"}, ""), ({"privacy_hide_name": "true"}, "")):
            with self.subTest(variables):
                self.call("webhook", "crm", **variables)
                self.assertTrue(self.web.requests[-1].target.endswith(f"&name={name}"), self.web.requests[-1].target)


class Ivr(FreeswitchTest):
    def codes(self, seen):
        return [request.query for request in self.web.requests[seen:]]

    def test_wrong_then_silent_then_right(self):
        self.web.on("/ivr", respond("status=NAK"), respond("status=ACK&destination=103"))
        seen = len(self.web.requests)
        outcome = self.call("webhook", "ivr", keys=[{"digits": "1111", "terminator": "#"}, {"digits": ""}, {"digits": "2222"}])
        self.assert_variables(outcome, branch="success", destination="103")
        self.assertEqual([what for what in outcome.did if what[0] != "execute"],
                         [("answer",), ("read", "enter", 32, 7000, "#"), ("read", "wrong", 32, 7000, "#"), ("read", "late", 32, 7000, "#")])
        self.assertEqual(self.codes(seen), ["code=1111", "code=2222"])
        self.assertEqual(outcome.variables["sensitive_dtmf"], "true")
        self.assertFalse([value for value in outcome.variables.values() if "2222" in value])

    def test_three_wrong_ones(self):
        self.web.on("/ivr", respond("status=NAK"))
        outcome = self.call("webhook", "ivr", keys=[{"digits": "1", "terminator": "#"}] * 3)
        self.assert_variables(outcome, branch="failure", reason="ivr_attempts", status="NAK")
        self.assertIn(("play", "wrong"), outcome.did)

    def test_silence(self):
        outcome = self.call("webhook", "ivr")
        self.assert_variables(outcome, branch="failure", reason="ivr_timeout", status="")
        self.assertIn(("play", "late"), outcome.did)

    def test_the_terminator_alone_is_a_wrong_code(self):
        self.web.on("/ivr", respond("status=ACK"))
        seen = len(self.web.requests)
        outcome = self.call("webhook", "ivr", keys=[{"digits": "", "terminator": "#"}, {"digits": "5", "terminator": "#"}])
        self.assert_variables(outcome, branch="success")
        self.assertEqual([what[1] for what in outcome.did if what[0] == "read"], ["enter", "wrong"])
        self.assertEqual(self.codes(seen), ["code=5"])

    def test_a_terminator_after_the_longest_code_is_no_empty_code(self):
        self.web.on("/ivr", respond("status=NAK"), respond("status=ACK"))
        seen = len(self.web.requests)
        longest = "1" * 32
        outcome = self.call("webhook", "ivr", keys=[{"digits": longest}, {"digits": "", "terminator": "#"}, {"digits": "22", "terminator": "#"}])
        self.assert_variables(outcome, branch="success")
        self.assertEqual(self.codes(seen), [f"code={longest}", "code=22"])

    def test_a_message_that_is_missing_takes_no_attempt(self):
        self.web.on("/ivr", respond("status=ACK"))
        outcome = self.call("webhook", "ivr", keys=[{"digits": "12", "terminator": "#"}], stub={"missing": ["enter"]})
        self.assert_variables(outcome, branch="success")
        self.assertEqual([what[1] for what in outcome.did if what[0] == "read"], ["enter", "silence"])
        self.assertIn("cannot play enter", outcome.log[0])

    def test_keys_that_nobody_asked_for_are_dropped(self):
        """Those pressed before the message, and those pressed while the web server is asked."""
        self.web.on("/ivr", respond("status=NAK"), respond("status=ACK"))
        seen = len(self.web.requests)
        outcome = self.call("webhook", "ivr", keys=[{"early": "99", "digits": "1", "terminator": "#"},
                                                    {"early": "88", "digits": "22", "terminator": "#"}])
        self.assert_variables(outcome, branch="success")
        self.assertEqual(self.codes(seen), ["code=1", "code=22"])

    def test_hanging_up(self):
        seen = len(self.web.requests)
        outcome = self.call("webhook", "ivr", keys=["hangup"])
        self.assert_variables(outcome, branch="away")
        self.assertEqual(self.codes(seen), [])


class Dialplans(FreeswitchTest):
    def test_the_success_branch_in_which_nobody_answers(self):
        self.web.on("/crm", respond("status=ACK&destination=%2B31201234567&callername=Zo%C3%AB"))
        outcome = self.call("dialplan", destination_number="200", domain_name="pbx")
        self.assertEqual([what for what in outcome.did if what[0] != "invite"], [("answer",), ("play", "welcome"),
                                       ("execute", "bridge", "sofia/gateway/trunk/+31201234567"),
                                       ("execute", "voicemail", "default ${domain_name} 20")])
        self.assertEqual(outcome.variables["effective_caller_id_name"], "Zoë")

    def test_after_an_answered_call_there_is_no_further_step(self):
        self.web.on("/crm", respond("status=ACK&destination=sip:jan@10.1.2.3"))
        outcome = self.call("dialplan", destination_number="200", answered=True)
        self.assertEqual([what for what in outcome.did if what[0] != "invite"][-2:],
                         [("execute", "bridge", "sofia/external/sip:jan@10.1.2.3"), ("hangup",)])

    def test_several_destinations_beside_variables_of_their_own(self):
        for setting, expected in (("{a=b}[c=d]user/%s", "{a=b}[leg_timeout=20,c=d]user/101,[leg_timeout=20,c=d]user/sip"),
                                  ("{a=b}user/%s", "{a=b}[leg_timeout=20]user/101,[leg_timeout=20]user/sip")):
            at = list(STEPS).index("dial several at once")
            outcome = self.call("dialplan", destination_number=f"22{at}", dialhook_dial=setting, dialhook_dial_sip=setting.replace("%s", "sip"))
            self.assertEqual(outcome.executed("bridge"), [expected])
            self.assertEqual(outcome.variables.get("ignore_early_media", ""), "", "as it was")

    def test_the_failure_branch(self):
        outcome = self.call("dialplan", destination_number="201", dialhook_dial="user/%s")
        self.assert_variables(outcome, branch="failure", reason="connect")
        self.assertEqual(outcome.executed("bridge"), ["user/109"])
        self.assertEqual(outcome.variables["effective_caller_id_name"], "[no CRM] Jan")

    def test_an_ivr(self):
        self.web.on("/ivr", respond("status=ACK&destination=103"))
        outcome = self.call("dialplan", destination_number="202", keys=[{"digits": "12", "terminator": "#"}])
        self.assertEqual(outcome.executed("bridge"), ["sofia/gateway/trunk/103"])

    def test_steps_of_the_pbx(self):
        outcome = self.call("dialplan", destination_number="203")
        self.assert_variables(outcome, branch="none")
        self.assertEqual([what for what in outcome.did if what[:2] != ("execute", "privacy")],
                         [("execute", "callcenter", "sales@default"), ("answer",), ("execute", "voicemail", "default ${domain_name} 20"),
                          ("execute", "set", "a=b c"), ("hangup", "17")])

    def test_each_step_and_the_channel_after_it(self):
        """The step that follows shows that the plan goes on; it answers what the first one did not."""
        for at, (name, (_, expected)) in enumerate(STEPS.items()):
            with self.subTest(name):
                outcome = self.call("dialplan", destination_number=f"22{at}")
                self.assertEqual([what for what in outcome.did if what[0] != "invite"],
                                 expected if ("answer",) in expected else [*expected, ("answer",)])
                self.assertEqual(outcome.log, [])

    def test_a_mailbox_is_no_leg(self):
        """mod_voicemail decodes nothing, and takes _undef_ for a name. The next leg gets the encoded name again."""
        for text, callerid, left in ((b"A%2FB%3A%2050%25", "A/B: 50%", "A%2fB%3a 50%25"), (b"", "Jan", "Jan")):
            self.web.on("/crm", respond(b"status=ACK&destination=101&callername=" + text))
            variables = self.call("dialplan", destination_number="200").variables
            self.assertEqual((variables["stub_voicemail_name"], variables["effective_caller_id_name"]), (callerid, left))
        self.web.on("/crm", respond("status=ACK&destination=101"))
        variables = self.call("dialplan", destination_number="200", caller_id_name=None).variables
        self.assertEqual((variables["stub_voicemail_name"], variables["effective_caller_id_name"]), ("+31612345678", "_undef_"))
        variables = self.call("dialplan", destination_number="200", sip_from_user="anonymous").variables
        self.assertEqual(variables["stub_voicemail_name"], "Anonymous")

    def test_a_step_that_cannot_be_done_is_left_out(self):
        for at, step in enumerate(BAD_STEPS):
            with self.subTest(step):
                outcome = self.call("dialplan", destination_number=f"23{at}")
                self.assertEqual(outcome.did, [("answer",)])
                line, = outcome.log
                self.assertIn(step if isinstance(step, str) else next(iter(step)), line)
                self.assertIn("5f1c", line)

    def test_a_cause_goes_before_that_of_the_telephone_that_did_not_answer(self):
        for at, (value, cause, code) in enumerate(HANGUPS):
            with self.subTest(value):
                outcome = self.call("dialplan", destination_number=f"24{at}")
                self.assertEqual((outcome.did[-1], outcome.variables["stub_sip_code"]), (("hangup", cause), code))

    def test_a_conversation_ends_the_plan(self):
        """The telephone rings once, no other one after it, and the web server is not asked for a caller who has talked."""
        for did, what in (("204", {"answered": True}), ("205", {"queue_answered": True})):
            with self.subTest(did):
                seen = len(self.web.requests)
                outcome = self.call("dialplan", destination_number=did, stub=what)
                self.assertEqual(len(outcome.executed("bridge")) + len(outcome.executed("callcenter")), 1)
                self.assertEqual(outcome.did[-1], ("hangup",))
                self.assertEqual(self.web.requests[seen:], [])

    def test_a_caller_who_hangs_up_ends_the_plan(self):
        for did, application in (("204", "bridge"), ("205", "callcenter")):
            with self.subTest(application):
                seen = len(self.web.requests)
                outcome = self.call("dialplan", destination_number=did, stub={"gone_in": application})
                self.assertEqual(len(outcome.executed("bridge")) + len(outcome.executed("callcenter")), 1)
                self.assertNotIn("hangup", [what[0] for what in outcome.did])
                self.assertEqual(self.web.requests[seen:], [])

    def test_a_caller_who_is_transferred_is_not_cut_off(self):
        for did in ("204", "200"):
            with self.subTest(did):
                self.web.on("/crm", respond("status=ACK&destination=101"))
                outcome = self.call("dialplan", destination_number=did, stub={"answered": True, "transferred": True})
                self.assertEqual(len(outcome.executed("bridge")), 1)
                self.assertNotIn("hangup", [what[0] for what in outcome.did])

    def test_an_audio_file_that_is_missing(self):
        outcome = self.call("dialplan", destination_number="220", stub={"missing": ["welcome"]})
        self.assertEqual(outcome.did, [("answer",), ("play", "welcome")])
        self.assertIn("cannot play welcome", outcome.log[0])

    def test_a_number_without_a_dialplan(self):
        outcome = self.call("dialplan", destination_number="299")
        self.assert_variables(outcome, branch="away", reason="error")
        self.assertIn("-32002", outcome.log[0])


def percent(text):
    return "".join(f"%{byte:02X}" for byte in text.encode()).encode()


for case in [value for value in globals().values() if isinstance(value, type) and value.__module__ == __name__ and FreeswitchTest in value.__bases__]:
    for lua in LUAS:
        if lua != case.lua:
            name = f"{case.__name__}With{lua.title().replace('.', '')}"
            globals()[name] = type(name, (case,), {"lua": lua})
del case # else it would run once more under this name


if __name__ == "__main__":
    unittest.main()
