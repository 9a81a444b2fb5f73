"""docs/monitoring.md: what `dialhookctl tail` is shown to print, and what is given to Prometheus."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import textwrap
import unittest

from markdown import ROOT, blocks_of
from page_case import PageTest
from programs import BIN, PATIENCE
from session import commands_of

from support.configuration import configuration
from support.replies import hang, respond

PAGE = ROOT / "docs" / "monitoring.md"
RULES = ROOT / "config" / "prometheus" / "dialhook-rules.yaml"


def blocks(*info):
    return [block for block in blocks_of(PAGE) if block.info == info]


def plays():
    return blocks("console") + blocks("yaml", "prometheus") + blocks("yaml", "prometheus-alert")


def shape(line):
    return re.sub(r"^[\d:.]+", "TIME", re.sub(r" +\d+\.\d", " N", line.strip()))


class Tail(PageTest):
    def test_what_it_is_shown_to_print(self):
        (block,) = blocks("console")
        (failures, shown), (slow, nothing) = commands_of(block.text)
        self.web.on("/", respond(), hang)
        daemon = self.start(configuration({"crm": {"url": self.web.url("/"), "timeout": "1100ms"}}))
        engine = self.engine(daemon)
        engine.route("crm")    # the connection is open then
        engine.route("crm")
        control = f"--control {daemon.scratch.path / 'control.sock'}"
        printed = [self.run_once(command.replace("dialhookctl tail", f"{BIN.resolve()}/dialhookctl tail --once {control}"))
                   for command in (failures, slow)]
        self.assertEqual([shape(line) for line in printed[0].splitlines()], [shape(line) for line in shown])
        self.assertEqual((json.loads(printed[1])["reason"], nothing), ("timeout", []))

    def run_once(self, command):
        """`--once`: those made before, and no more; the page's commands follow until they are interrupted."""
        return subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout


class Prometheus(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def promtool(self, *arguments):
        done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_takes_the_configuration_with_the_rules_beside_it(self):
        (block,) = blocks("yaml", "prometheus")
        shutil.copy(RULES, self.folder)
        (self.folder / "prometheus.yml").write_text(block.text, encoding="utf-8")
        self.promtool("check", "config", self.folder / "prometheus.yml")

    def test_alerts_as_the_page_says(self):
        (block,) = blocks("yaml", "prometheus-alert")
        (self.folder / "rules.yaml").write_text("groups:\n- name: page\n  rules:\n  -\n" + textwrap.indent(block.text, "    "), encoding="utf-8")
        series = 'dialhook_decisions_total{webhook="crm", branch="success", reason=""}'
        # From midnight on; successes end at half past seven. At six nobody called either.
        (self.folder / "test.yaml").write_text(json.dumps({"rule_files": ["rules.yaml"], "tests": [{
            "interval": "1m", "input_series": [{"series": series, "values": "0x420 1+1x30 31x600"}],
            "alert_rule_test": [{"eval_time": time, "alertname": "CrmSilent", "exp_alerts": alerts} for time, alerts in (
                ("6h", []), ("7h20m", []), ("8h", [{"exp_labels": {"webhook": "crm", "branch": "success"}}]), ("17h30m", []))]}]}))
        self.promtool("test", "rules", self.folder / "test.yaml")


if __name__ == "__main__":
    unittest.main()
