"""The log: one line for every decision, with fields, and nothing in it that nobody should read there."""
import base64
import unittest

from support import replies
from support.case import DialhookTest
from support.configuration import configuration
from support.conversation import refusal
from support.daemon import Daemon
from support.patience import ample, phase
from support.places import RefusingPort
from support.replies import respond
from support.webserver import WebServer

CALLER, DID, NAME = "+31612345678", "+31502102544", "Jan Janszoon van Dijk"


def log(**settings):
    return {"log": {"level": "info", "decisions": "all", "format": "json", **settings}}


class LogTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.refusing = f"127.0.0.1:{self.use(RefusingPort()).port}"
        self.web = self.use(WebServer().on("/ack", respond("status=ACK&destination=101")).on("/nak", respond("status=NAK", 404))
                            .on("/never", replies.hang))
        self.hooks = {"crm": {"url": self.web.url("/ack"), "timeout": ample()},
                      "refuses": {"url": self.web.url("/nak"), "timeout": ample()},
                      "stalls": {"url": self.web.url("/never"), "timeout": phase(100)}}

    def decisions_of(self, server, *webhooks, **params):
        """The decision lines of one call for each webhook, read when the daemon has ended and all is written."""
        daemon = self.start(configuration(self.hooks, server=server))
        engine = self.engine(daemon)
        for n, webhook in enumerate(webhooks):
            engine.route(webhook, **{"call_id": f"call-{n}", **params})
        daemon.stop()
        return daemon


class Decisions(LogTest):
    def test_every_decision_is_one_line_with_fields(self):
        daemon = self.decisions_of(log(), "crm", "refuses", "stalls")
        lines = {line["call_id"]: line for line in daemon.decision_lines()}
        self.assertEqual(len(daemon.decision_lines()), 3)
        expected = {"call-0": ("crm", "success", None, 200), "call-1": ("refuses", "failure", "nak", 404),
                    "call-2": ("stalls", "failure", "timeout", None)}
        for call_id, (webhook, branch, reason, status) in expected.items():
            with self.subTest(webhook):
                line = lines[call_id]
                self.assertEqual((line["webhook"], line["branch"], line.get("reason") or None, line.get("http_status") or None),
                                 (webhook, branch, reason, status))
                self.assertGreaterEqual(line["elapsed_ms"], 0)

    def test_several_destinations_have_a_field_of_their_own(self):
        self.hooks["several"] = {**self.hooks["crm"], "url": self.web.url("/several"), "max_destinations": 3}
        self.web.on("/several", respond("status=ACK&destination=101&destination=sip:jan@pbx.lan&destination=102&ring=20"))
        several, one = self.decisions_of(log(), "several", "crm").decision_lines()
        self.assertEqual((several["destination"], several["destinations"]), ("101", "101, sip:jan@pbx.lan, 102"))
        self.assertEqual((one["destination"], one.get("destinations")), ("101", None))
        masked, _ = self.decisions_of({"redact": True, **log()}, "several", "crm").decision_lines()
        self.assertEqual((masked["destination"], masked["destinations"]), ("***", "***"))

    def test_of_too_many_destinations_for_a_line_the_first_ones_are_logged_whole(self):
        uris = [f"sip:{at}{'x' * 80}@pbx.example" for at in range(10)]
        self.hooks["several"] = {**self.hooks["crm"], "url": self.web.url("/several"), "max_destinations": 10}
        self.web.on("/several", respond("status=ACK&" + "&".join(f"destination={uri}" for uri in uris)))
        (line,) = self.decisions_of(log(), "several").decision_lines()
        self.assertEqual((line["destination"], line["destinations"]), (uris[0], f"{uris[0]}, {uris[1]}, …"))

    def test_which_decisions_are_logged(self):
        webhooks = ("crm", "refuses", "stalls", "crm")
        for setting, logged in (("all", list(webhooks)), ("failures", ["refuses", "stalls"]), ("none", [])):
            with self.subTest(setting):
                daemon = self.decisions_of(log(decisions=setting), *webhooks)
                self.assertEqual([line["webhook"] for line in daemon.decision_lines()], logged)

    def test_the_setting_changes_at_a_reload(self):
        daemon = self.start(configuration(self.hooks, server=log()))
        engine = self.engine(daemon)
        engine.route("crm", call_id="first")
        daemon.reload(configuration(self.hooks, server=log(decisions="none")))
        engine.route("crm", call_id="second")
        daemon.stop()
        self.assertEqual([line["call_id"] for line in daemon.decision_lines()], ["first"])

    def test_a_failure_says_what_happened_in_words(self):
        self.hooks["down"] = {"url": f"http://{self.refusing}/", "timeout": ample()}
        daemon = self.decisions_of(log(), "down")
        (line,) = daemon.decision_lines()
        self.assertEqual(line["reason"], "connect")
        self.assertIn("127.0.0.1", " ".join(str(value) for value in line.values()))

    def test_text_has_the_same_fields(self):
        daemon = self.decisions_of(log(format="text"), "refuses")
        (line,) = [line for line in daemon.log if "call-0" in line]
        for word in ("refuses", "failure", "nak", "404"):
            self.assertIn(word, line)

    def test_a_call_cannot_write_lines_of_its_own(self):
        evil = "x\nFORGED branch=success\r\x1b[2J"
        self.hooks["crm"]["url"] = self.web.url("/evil")
        self.web.on("/evil", respond("status=ACK&callername=a%0AFORGED&v=%0AFORGED&destination=101"))
        for kind in ("text", "json"):
            with self.subTest(kind):
                daemon = self.decisions_of(log(format=kind), "crm", call_id=evil, callername=evil, callerid=evil, did=evil)
                self.assertEqual([line for line in daemon.log if line.lstrip().startswith("FORGED")], [])
                self.assertNotIn("\x1b", daemon.stderr())
                if kind == "json":
                    self.assertEqual(len(daemon.decision_lines()), 1)


class Faults(LogTest):
    def faults(self, content):
        """What a daemon that does not start says."""
        daemon = Daemon(content, wait_ready=False)
        self.addCleanup(daemon.kill)
        self.assertNotEqual(daemon.wait_exit(), 0)
        return daemon

    def test_those_of_a_start_are_json_lines_where_json_is_asked_for(self):
        for server in ("server:\n  log: { level: info, format: json }", 'server:\n  log:\n    "format" : "json"   # for the collector',
                       'server: {"log": {"format": "json"}}'):
            for rest, place in (("webhooks:\n  crm:\n    timout: 5s\n", "timout"), ("webhooks: [\n", "dialhook.yaml")):
                with self.subTest(server=server, rest=rest):
                    lines = self.faults(f"{server}\n{rest}").log_lines()
                    self.assertEqual({line["level"] for line in lines}, {"error"})
                    self.assertIn(place, " ".join(line["message"] for line in lines))

    def test_those_of_a_start_are_text_where_it_is_not(self):
        for server in ("server: {}", "server:\n  # log: { format: json }", "server:\n  log: { format: jsonl }",
                       "server: {}\nother:\n  format: json", "server:\n  log:\n    level: info\n  other: { format: json }"):
            with self.subTest(server):
                said = self.faults(f"{server}\nwebhooks:\n  crm:\n    timout: 5s\n").stderr()
                self.assertRegex(said, r"dialhook\.yaml:\d+:5: ")
                self.assertRegex(said, r"\d faults?$")


class Details(LogTest):
    def test_a_line_has_the_phases_that_happened(self):
        daemon = self.start(configuration({"crm": self.hooks["crm"]}, server=log()))
        engine = self.engine(daemon)
        for n in range(2):
            engine.route("crm", call_id=str(n))
        daemon.stop()
        fresh, reused = daemon.decision_lines()
        self.assertLessEqual({"connect_ms", "send_ms", "wait_ms"}, set(fresh))
        self.assertNotIn("tls_ms", fresh)
        self.assertIn("wait_ms", reused)
        self.assertNotIn("connect_ms", reused)
        self.assertLessEqual(sum(value for key, value in fresh.items() if key.endswith("_ms") and key != "elapsed_ms"),
                             fresh["elapsed_ms"] + 1)

    def test_a_webhook_that_fails_is_warned_of_once_with_what_helps(self):
        self.hooks["down"] = {"url": f"http://{self.refusing}/", "timeout": ample()}
        for decisions in ("all", "none"):
            with self.subTest(decisions):
                daemon = self.decisions_of(log(decisions=decisions), *["down", "refuses", "crm"] * 5, "stalls")
                warnings = [line for line in daemon.log_lines() if line["message"] == "a webhook fails"]
                self.assertEqual([(line["webhook"], line["reason"], line["level"]) for line in warnings],
                                 [("down", "connect", "warning"), ("stalls", "timeout", "warning")])
                self.assertIn("check that the web server runs", warnings[0]["hint"])
                self.assertIn("127.0.0.1", warnings[0]["detail"])
                self.assertEqual(len(daemon.decision_lines()), 16 if decisions == "all" else 0)

    def test_refused_requests_are_summed_up(self):
        daemon = self.start(configuration(self.hooks, server=log()))
        engine = self.engine(daemon)
        for _ in range(20):
            refusal(engine, "call.route", webhook="nobody", did="1")
        daemon.stop()
        refused = [line for line in daemon.log_lines() if line["message"] == "request refused"]
        self.assertEqual([(line["code"], line["level"]) for line in refused], [(-32001, "warning")])

    def refused_by(self, *asked, **server):
        """The log lines about requests that are refused, each with its method and parameters."""
        daemon = self.start(configuration(self.hooks, dialplans={"+31502102544": [{"webhook": "crm"}]},
                                          server={**log(), **server}))
        engine = self.engine(daemon)
        said = [refusal(engine, method, **params)["message"] for method, params in asked]
        daemon.stop()
        return [line for line in daemon.log_lines() if line["message"] == "request refused"], said

    def test_a_refused_request_names_what_it_asked_for_and_the_nearest_name(self):
        lines, said = self.refused_by(
            ("call.route", {"webhook": "crmm", "did": "1", "call_id": "first"}),
            ("call.route", {"did": "31502102544", "call_id": "second"}),
            ("call.route", {"did": "1", "webhook": "crm", "call_id": "third", "presentation": "hidden"}),
            ("call.rout", {"did": "1"}),
            ("call.continue", {"state": "nonsense"}))
        self.assertEqual([(line["code"], line["asked_for"], line["did"], line["call_id"]) for line in lines],
                         [(-32001, "crmm", "1", "first"), (-32002, "31502102544", "31502102544", "second"),
                          (-32602, "crm", "1", "third"), (-32601, "call.rout", "", ""), (-32003, "", "", "")])
        self.assertEqual(lines[0]["webhook"], "crmm")
        self.assertEqual([line["detail"] for line in lines], said, "the log says what the engine is told")
        self.assertEqual(said[0], 'there is no webhook "crmm"; did you mean "crm"?')
        self.assertEqual(said[1], 'there is no dialplan for the did "31502102544"; add one, or name a webhook; '
                                  'the nearest is "+31502102544"')
        self.assertIn('did you mean "call.route"?', said[3])

    def test_each_name_that_is_refused_has_a_line_of_its_own(self):
        lines, _ = self.refused_by(*[("call.route", {"webhook": name, "did": "1"}) for name in ("one", "two", "one")] * 5)
        self.assertEqual([line["asked_for"] for line in lines], ["one", "two"])

    def test_made_up_names_do_not_flood_the_log(self):
        lines, _ = self.refused_by(*[("call.route", {"webhook": f"made up {number}", "did": "1"}) for number in range(300)])
        self.assertEqual(len(lines), 65, "64 names, and the others together")

    def test_a_name_that_is_refused_starts_no_line_and_is_cut(self):
        lines, said = self.refused_by(("call.route", {"webhook": "x\n" + "é" * 200, "did": "1"}))
        self.assertEqual(lines[0]["asked_for"], "x\n" + "é" * 31 + "...")
        self.assertLess(len(said[0]), 120)

    def test_redact_masks_what_was_refused(self):
        lines, said = self.refused_by(("call.route", {"did": "+31502102545"}), ("call.route", {"did": "999"}),
                                      ("call.route", {"did": "+31502102544", "webhook": "+31612345678"}),
                                      ("call.route", {"did": "+31502102544", "webhook": "crmm", "call_id": "kept"}), redact=True)
        text = "\n".join(map(str, lines))
        for number in ("502102545", "502102544", "999", "612345678"):
            self.assertNotIn(number, text)
        self.assertEqual([line["asked_for"] for line in lines], ["***", "***", "+***", "crmm"])
        self.assertEqual(lines[3]["call_id"], "kept")
        self.assertIn("+31502102545", said[0], "the engine knows its number")


class Secrets(LogTest):
    def test_redact_masks_numbers_and_names(self):
        self.hooks["crm"]["url"] = self.web.url("/ack?did={did}&cid={callerid}&name={callername}")
        self.web.on("/ack", respond(f"status=ACK&destination=%2B31209876543&callername={NAME.replace(' ', '+')}"))
        self.hooks["stalls"]["url"] = self.web.url("/never/{did}/{callerid}/{callername}")
        self.hooks["down"] = {"url": f"http://{self.refusing}/{{did}}?cid={{callerid}}&n={{callername}}", "timeout": ample()}
        daemon = self.decisions_of({"redact": True, **log(level="debug")}, "crm", "stalls", "down", "refuses",
                                   did=DID, callerid=CALLER, callername=NAME)
        self.assertEqual(len(daemon.decision_lines()), 4)
        said = daemon.stderr()
        for secret in (CALLER[1:], DID[1:], "31209876543", NAME, NAME.replace(" ", "%20"), "Janszoon"):
            with self.subTest(secret):
                self.assertNotIn(secret, said)

    def test_header_values_and_user_info_are_in_no_log_and_no_answer(self):
        files = self.scratch()
        files.write("token", "t0ken-from-credentials\n")
        secrets = ["t0ken-from-credentials", "h3ader-in-clear", "passw0rd", base64.b64encode(b"jan:passw0rd").decode()]
        headers = {"Authorization-2": "Bearer ${credential:token}", "X-Key": "h3ader-in-clear"}
        paths = ("/ack", "/nak", "/never", "/nonsense", "/redirect")
        self.web.on("/nonsense", replies.raw(b"\0\1")).on("/redirect", replies.redirect("/redirect"))
        hooks = {f"hook{n}": {"url": self.web.url(path, user_info="jan:passw0rd@"), "timeout": phase(300), "headers": headers}
                 for n, path in enumerate(paths)}
        hooks["down"] = {"url": f"http://jan:passw0rd@{self.refusing}/", "timeout": ample(), "headers": headers}
        hooks["closed"] = {"url": "http://jan:passw0rd@10.0.0.1/", "timeout": ample(), "headers": headers}
        daemon = self.start(configuration(hooks, server=log(level="debug")), environment={"CREDENTIALS_DIRECTORY": str(files.path)})
        engine = self.engine(daemon)
        answers = "".join(str(engine.route(webhook, explain=True)) for webhook in hooks)
        self.assertEqual(self.web.wait_request("/ack").header("Authorization-2"), "Bearer t0ken-from-credentials")
        faulty = "    url: http://jan:passw0rd@127.0.0.1:port/\n    headers: { \"X Key\": h3ader-in-clear }\n"
        logged = daemon.reload(f"webhooks:\n  crm:\n{faulty}")
        daemon.wait_logged("dialhook.yaml:", start=logged)
        daemon.stop()
        for secret in secrets:
            with self.subTest(secret):
                self.assertNotIn(secret, daemon.stderr())
                self.assertNotIn(secret, answers)


if __name__ == "__main__":
    unittest.main()
