"""The alert rules, the dashboard and docs/monitoring.md, held against a real scrape."""
import json
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

from support.case import DialhookTest
from support.configuration import configuration
from support.patience import PATIENCE, Deadline, ample
from support.ports import free_port
from support.prometheus import Metrics
from support.replies import respond
from support.webserver import WebServer

RULES = ROOT / "config" / "prometheus" / "dialhook-rules.yaml"
NAME = re.compile(r"\b(?:dialhook|process)_[a-z_]+[a-z]\b")


def promtool(*arguments, text=None):
    done = subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True, text=True,
                          timeout=10 * PATIENCE, cwd=HERE)
    return done.returncode, done.stdout + done.stderr


class Shipped(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        web = cls.share(WebServer().on("/", respond("status=ACK")).on("/broken", respond(status=500)).on("/events", respond("")))
        port = free_port()
        daemon = cls.share_daemon(configuration(
            {"CRM connection": {"url": web.url(), "timeout": ample(), "cache": "1h"},
             "broken": {"url": web.url("/broken"), "timeout": ample(), "circuit_breaker": {"failures": 1}}},
            notifications={"crm": {"url": web.url("/events"), "timeout": ample()}}, server={"http": f"127.0.0.1:{port}"}),
            arguments=("--state", str(cls.share_scratch().path / "state")))
        with daemon.engine() as engine:
            for webhook in ("CRM connection", "CRM connection", "broken", "broken"):
                engine.route(webhook)
            engine.report("1", "created")
        deadline = Deadline()
        while not (metrics := Metrics(port))("dialhook_event_seconds_count", notification="crm"):
            assert not deadline.over(), "an event that was delivered"
        cls.metrics = metrics

    def test_prometheus_finds_nothing_to_complain_about_in_a_scrape(self):
        self.assertEqual(promtool("check", "metrics", text=self.metrics.text), (0, ""))

    def test_the_rules_are_well_formed_and_fire_when_they_should(self):
        for arguments in (("check", "rules", RULES), ("test", "rules", HERE / "rules_test.yaml")):
            code, said = promtool(*arguments)
            self.assertEqual(code, 0, said)
            self.assertIn("SUCCESS", said)

    def test_the_dashboard_asks_for_nothing_that_does_not_exist(self):
        dashboard = json.loads((ROOT / "config" / "grafana" / "dialhook.json").read_text())
        expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
        expressions += [variable["query"] for variable in dashboard["templating"]["list"][1:]]
        asked = {name for expression in expressions for name in NAME.findall(expression)}
        self.assertGreater(len(asked), 15)
        self.assertEqual(asked - self.metrics.names(), set())
        identifiers = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(identifiers), len(set(identifiers)))

    def test_the_rules_ask_for_nothing_that_does_not_exist(self):
        asked = set(NAME.findall("\n".join(line for line in RULES.read_text().splitlines() if "#" not in line)))
        self.assertEqual(asked - self.metrics.names(), set())

    def test_the_manual_names_each_metric_and_no_other(self):
        families = set(re.findall(r"^# TYPE (\w+)", self.metrics.text, re.MULTILINE))
        page = (ROOT / "docs" / "monitoring.md").read_text()
        told = set(re.findall(r"^\| `((?:dialhook|process)_\w+)", page, re.MULTILINE))
        self.assertEqual(told, families)


if __name__ == "__main__":
    unittest.main()
