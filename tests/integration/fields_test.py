"""What an administrator sends in a shape of his own: forms of numbers, what the engine sends along, fields of a body, headers."""
import json
import subprocess
import unittest
import urllib.parse

from support.agi import AgiChannel
from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import sibling
from support.patience import PATIENCE, ample
from support.places import ReservedPort
from support.replies import respond
from support.webserver import WebServer

VARS = ["tenant", "verstat", "diversion"]
NETHERLANDS = {"numbers": {"country": "31"}}
HOSTILE = "x\r\nX-Evil: 1\r\n\r\n\"},{&tenant=evil#?/../\u0000é"


def ask(engine, method, params):
    engine.send_json(engine.request(method, params))
    return engine.answer()


class FieldsTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("status=ACK")))

    def serve(self, path="/", server=None, **keys):
        hook = {"url": self.web.url(path), "timeout": ample(), **keys}
        self.daemon = self.start(configuration({"crm": hook}, server=server, vars=VARS))
        return self.engine(self.daemon)

    def asked(self, engine, **params):
        """The request that a call leads to."""
        engine.route("crm", **params)
        return self.web.requests[-1]


class Numbers(FieldsTest):
    def test_forms_in_a_url(self):
        engine = self.serve("/?{did:e164}&{callerid:national}&{callerid:digits}&{callerid}", server=NETHERLANDS)
        for did, callerid, target in (("0502102544", "+31612345678", "/?%2B31502102544&0612345678&31612345678&%2B31612345678"),
                                      ("0031502102544", "004930123456", "/?%2B31502102544&%2B4930123456&4930123456&004930123456"),
                                      ("101", "anonymous", "/?101&anonymous&anonymous&anonymous"),
                                      ("112", "", "/?112&&&")):
            with self.subTest(did):
                self.assertEqual(self.asked(engine, did=did, callerid=callerid).target, target)

    def test_send_is_the_form_of_all_others(self):
        engine = self.serve("/?{did}&{did:as_is}", server={"numbers": {"country": "31", "send": "national"}}, method="POST")
        request = self.asked(engine, did="+31502102544", callerid="0031612345678")
        self.assertEqual(request.target, "/?0502102544&%2B31502102544")
        self.assertTrue(request.body.startswith(b"did=0502102544&callerid=0612345678&"), request.body)

    def test_send_of_a_webhook_comes_first(self):
        engine = self.serve("/?{did}", server={"numbers": {"country": "31", "send": "national"}}, send="e164")
        self.assertEqual(self.asked(engine, did="0502102544").target, "/?%2B31502102544")

    def test_destinations_are_judged_in_e164_and_dialled_as_written(self):
        engine = self.serve(server=NETHERLANDS, destinations=["+31*", "1??"])
        for destination, reason in (("0612345678", None), ("0031612345678", None), ("+31612345678", None), ("101", None),
                                    ("0044201234567", "destination"), ("00881612345678", "destination"), ("0900123", "destination")):
            with self.subTest(destination):
                self.web.on("/", respond(f"status=ACK&destination={urllib.parse.quote(destination)}"))
                decision = engine.route("crm")
                self.assertEqual((decision["reason"], decision["destination"]), (reason, None if reason else destination))

    def test_so_is_each_of_several_destinations(self):
        engine = self.serve(server=NETHERLANDS, destinations=["+31*"], max_destinations=3)
        for second, is_allowed in (("0612345678", True), ("0031612345678", True), ("0044201234567", False), ("101", False)):
            with self.subTest(second):
                self.web.on("/", respond(f"status=ACK&destination=0502102544&destination={second}"))
                decision = engine.route("crm")
                self.assertEqual(decision["reason"], None if is_allowed else "destination")
                self.assertEqual(decision.get("destinations"), ["0502102544", second] if is_allowed else None)


class Vars(FieldsTest):
    URL = "/{var.tenant}?v={var.verstat}&p={presentation}"

    def test_go_into_the_url(self):
        engine = self.serve(self.URL)
        self.web.on("/acme", respond("status=ACK"))
        self.assertEqual(self.asked(engine, vars={"tenant": "acme", "verstat": "TN-Validation-Passed", "unheard_of": "x"}).target,
                         "/acme?v=TN-Validation-Passed&p=allowed")
        self.assertEqual(self.asked(engine, presentation="prohibited").target, "/?v=&p=prohibited")
        self.assertEqual(self.asked(engine, vars=None).target, "/?v=&p=allowed")

    def test_none_leaves_its_place(self):
        request = self.asked(self.serve("/?v={var.verstat}", headers={"X-Verstat": "<{var.verstat}>"}, method="POST", body="json",
                                        fields={"v": "{var.verstat}"}), vars={"verstat": HOSTILE})
        self.assertEqual(urllib.parse.unquote(request.target), "/?v=" + HOSTILE)
        self.assertEqual(json.loads(request.body), {"v": HOSTILE})
        self.assertEqual(request.header("X-Verstat"), "<x%0D%0AX-Evil: 1%0D%0A%0D%0A\"},{&tenant=evil#?/../%00%C3%A9>")
        self.assertIsNone(request.header("X-Evil"))

    def test_limits(self):
        engine = self.serve(self.URL)
        fine = [{}, {f"n{n}": "" for n in range(32)}, {"a" * 32: "x" * 1024}, {"tenant": "é" * 512}]
        for vars in fine:
            self.assertIn("result", ask(engine, "call.route", {"webhook": "crm", "did": "1", "vars": vars}), vars)
        wrong = [[], "x", 1, {"a": 1}, {"a": None}, {"a": {}}, {"A": "x"}, {"1a": "x"}, {"": "x"}, {"a-b": "x"}, {"a" * 33: "x"},
                 {"a": "x" * 1025}, {f"n{n}": "" for n in range(33)}, {"a": "\ud800"}]
        for vars in wrong:
            answer = ask(engine, "call.route", {"webhook": "crm", "did": "1", "vars": vars})
            self.assertEqual(answer.get("error", {}).get("code"), -32602, (vars, answer))

    def test_what_is_not_utf8_is_mended(self):
        engine = self.serve("/?v={var.verstat}&t={var.tenant}")
        engine.send(b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"vars" : { "verstat":"Ren\xe9","tenant":"\xfc"},'
                    b'"webhook":"crm","did":"1"}}\n')
        self.assertIn("result", engine.answer())
        self.assertEqual(self.web.requests[-1].target, "/?v=Ren%C3%A9&t=%C3%BC")
        for elsewhere in (b'"webhook":"crm","did":"\xe9"', b'"webhook":"crm","did":"1","vars":{"\xe9":"x"}',
                          b'"vars":{"tenant":"x"},"webhook":"crm\xe9","did":"1"'):
            engine.send(b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":{' + elsewhere + b"}}\n")
            self.assertEqual(engine.answer()["error"]["code"], -32700, elsewhere)

    def test_travel_in_the_state(self):
        self.web.on("/code", respond("status=ACK"))
        ivr = {"start_message": "a", "incorrect_message": "b", "timeout_message": "c"}
        engine = self.serve("/code?t={var.tenant}&c={code}", ivr=ivr)
        state = ask(engine, "call.route", {"webhook": "crm", "did": "1", "vars": {"tenant": "a c m e", "other": "x"}})["result"]["state"]
        ask(engine, "call.continue", {"state": state, "code": "12"})
        self.assertEqual(self.web.requests[-1].target, "/code?t=a%20c%20m%20e&c=12")

    def test_keep_replies_of_the_cache_apart(self):
        engine = self.serve("/", cache="1h")
        for tenant in ("acme", "acme", "other", None):
            engine.route("crm", **({"vars": {"tenant": tenant}} if tenant else {}))
        self.assertEqual(len(self.web.requests), 3)

    def test_from_dialhookctl(self):
        self.serve("/?t={var.tenant}")
        for socket, command in (("--socket", "route"), ("--control", "try")):
            path = self.daemon.scratch.path / ("control.sock" if command == "try" else "engine.sock")
            done = subprocess.run([sibling("dialhookctl"), socket, str(path), command, "crm", "--did", "1", "--var", "tenant=a=b",
                                   "--var", "verstat="], capture_output=True, text=True, timeout=PATIENCE * 4)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(self.web.requests[-1].target, "/?t=a%3Db")
        wrong = subprocess.run([sibling("dialhookctl"), "route", "crm", "--did", "1", "--var", "Tenant=x"], capture_output=True,
                               text=True, timeout=PATIENCE * 4)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("NAME=VALUE", wrong.stderr)


class OverFastAgi(FieldsTest):
    def test_query_and_arguments(self):
        port = self.use(ReservedPort()).port
        self.serve("/?t={var.tenant}&v={var.verstat}&d={var.diversion}", server={"fastagi": f"127.0.0.1:{port}"})
        for script, arguments, target in (
                ("webhook/crm?did=1&tenant=a%26b&verstat=Ren%E9", {}, "/?t=a%26b&v=Ren%C3%A9&d="),
                ("webhook/crm?did=1", {"arg_1": "tenant=acme", "arg_2": "nothing", "arg_3": "diversion=+31=x", "arg_4": "Bad=x"},
                 "/?t=acme&v=&d=%2B31%3Dx"),
                ("webhook/crm?did=1&tenant=first&tenant=second", {"arg_1": "tenant=third"}, "/?t=first&v=&d="),
                ("webhook/crm?did=1&callername=x&tenant=", {"arg_1": "tenant=late"}, "/?t=&v=&d="),
                ("webhook/crm?did=1&verstat=" + "x" * 1500, {}, "/?t=&v=" + "x" * 1024 + "&d=")):
            with self.subTest(script[:60], **arguments):
                self.use(AgiChannel(port, script, **arguments)).play_through([])
                self.assertEqual(self.web.requests[-1].target, target)


class Fields(FieldsTest):
    def test_of_a_form(self):
        engine = self.serve(method="POST", fields={"From": "{callerid}", "To": "{did}", "Name": "{callername}", "a&b": "1 {{x}}"})
        request = self.asked(engine, callername="")
        self.assertEqual(request.body, b"From=%2B31612345678&To=%2B31502102544&a%26b=1%20%7Bx%7D")
        self.assertEqual(request.header("Content-Type"), "application/x-www-form-urlencoded")
        self.assertEqual(dict(urllib.parse.parse_qsl(self.asked(engine, callername=HOSTILE).body.decode()))["Name"], HOSTILE)

    def test_of_json(self):
        engine = self.serve(method="POST", body="json", server=NETHERLANDS,
                            fields={"call": {"from": "{callerid:e164}", "name": "{callername}"}, "hidden": {"code": "{callername}"},
                                    "tags": ["pbx", "{var.tenant}"], "n": 5})
        request = self.asked(engine, callerid="0612345678")
        self.assertEqual(json.loads(request.body), {"call": {"from": "+31612345678"}, "tags": ["pbx"], "n": "5"})
        self.assertEqual(request.header("Content-Type"), "application/json")
        request = self.asked(engine, callername=HOSTILE, vars={"tenant": "acme"})
        self.assertEqual(json.loads(request.body)["hidden"], {"code": HOSTILE})
        self.assertEqual(json.loads(request.body)["tags"], ["pbx", "acme"])


class Headers(FieldsTest):
    def test_with_variables_and_secrets(self):
        secret = self.scratch().path / "token"
        secret.write_text("s3cr{et}\n")
        engine = self.serve(headers={"Authorization": "Bearer ${file:%s}" % secret, "X-Call": "{did:digits} {{x}} ${file:%s}" % secret,
                                     "User-Agent": "pbx {var.tenant}", "Traceparent": "{call_id}"})
        request = self.asked(engine, vars={"tenant": "Zoë"}, call_id="own")
        self.assertEqual(request.header("Authorization"), "Bearer s3cr{et}")
        self.assertEqual(request.header("X-Call"), "31502102544 {x} s3cr{et}")
        self.assertEqual(request.header("User-Agent"), "pbx Zo%C3%AB")
        self.assertEqual(request.header("Traceparent"), "own")


if __name__ == "__main__":
    unittest.main()
