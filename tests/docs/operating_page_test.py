"""docs/operating-call-events.md shows what `dialhookctl notifications` prints, and has an answer to each alert on events."""

import re
import subprocess
import unittest

from markdown import ROOT, blocks_of
from page_case import PageTest
from programs import BIN, PATIENCE
from session import commands_of

from support.configuration import configuration
from support.patience import Deadline, ample
from support.replies import respond

PAGE = ROOT / "docs" / "operating-call-events.md"
RULES = ROOT / "config" / "prometheus" / "dialhook-rules.yaml"


def plays():
    return [block for block in blocks_of(PAGE) if block.info == ("console",)]


def shape(line):
    """The cells of a row, without numbers, times and hosts, which differ."""
    cells = re.split(r" {2,}", line.strip())
    return [re.sub(r"https?://[^/]*", "URL", re.sub(r"^\d+( \w+)?$", "N", cell)) for cell in cells]


class OperatingPage(PageTest):
    def test_what_it_is_shown_to_print(self):
        ((command, shown),) = commands_of(plays()[0].text)
        self.web.on("/calls", respond(""))
        broken = type(self.web)()
        self.use(broken).on("/calls", respond(status=503))
        files = self.scratch()
        daemon = self.start(configuration({}, notifications={"bus": {"url": self.web.url("/calls"), "timeout": ample()},
                                                             "crm": {"url": broken.url("/calls"), "timeout": ample()}}),
                            scratch=files, arguments=("--state", str(files.path / "state")))
        self.engine(daemon).report("1", "created")
        words = command.removeprefix("sudo dialhookctl ").split()
        deadline = Deadline()
        while True:
            printed = subprocess.run([BIN / "dialhookctl", "--control", files.path / "control.sock", *words],
                                     capture_output=True, text=True, timeout=PATIENCE, check=True).stdout.splitlines()
            if [shape(line) for line in printed] == [shape(line) for line in shown]:
                return
            self.assertFalse(deadline.over(), f"{printed}\nis not\n{shown}")

    def test_each_alert_on_events_has_an_answer(self):
        alerts = re.findall(r"alert: (Dialhook(?:Events|Notification|Spool)\w+)", RULES.read_text(encoding="utf-8"))
        self.assertGreater(len(alerts), 3)
        self.assertEqual(re.findall(r"^\| `(Dialhook\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE), alerts)


if __name__ == "__main__":
    unittest.main()
