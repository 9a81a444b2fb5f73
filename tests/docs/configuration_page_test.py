"""What docs/configuration.md quotes of the daemon: lines of its log, and faults of a file."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from markdown import ROOT
from page_case import blocks_shown_in, shows
from programs import BIN, PATIENCE

from support.case import DialhookTest
from support.configuration import configuration
from support.places import RefusingPort

PAGE = ROOT / "docs" / "configuration.md"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

# Has the three faults that the page lists, at their lines and columns.
FAULTY = """\
webhooks:
  crm:
    tiemout: 3s
    url: https://crm.example.com/




    timeout: 5 sec


  acme: { url: https://acme.example.com/ }
include: conf.d/*.yaml
"""


# Has the two warnings that the page lists.
DOUBTFUL = """\
webhooks:
  crm:
    url: https://crm.example.com/route?did={{did}}
dialplans:
  "+31502102544":
    - dail: "101"
"""


def without_figures(line):
    """A line of the log without its time, the port, and how long things took."""
    line = re.sub(r"^\S+Z ", "TIME ", line)
    return re.sub(r"_ms=[\d.]+", "_ms=N", re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", line))


def plays():
    return blocks_shown_in(__name__)


class Quoted(DialhookTest):
    @shows("#### What a line tells", PAGE)
    def test_lines_of_the_log(self, example):
        expected = list(map(without_figures, example.only("text").splitlines()))
        port = self.use(RefusingPort()).port
        daemon = self.start(configuration({"crm": {"url": f"http://127.0.0.1:{port}/"}}, server={"log": {"format": "text"}}))
        self.engine(daemon).route("crm", callerid=None, call_id="1700000000.42", traceparent=TRACE)
        lines = daemon.log.wait(lambda lines: [line for line in lines if "webhook=crm" in line][1:] and list(lines), "two lines")
        # A decision and a warning of one moment come by two ways, in either order.
        self.assertCountEqual([without_figures(line) for line in lines if "webhook=crm" in line], expected)

    @shows("## Faults", PAGE)
    def test_faults_of_a_file(self, example):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "conf.d").mkdir()
            (folder / "dialhook.yaml").write_text(FAULTY, encoding="utf-8")
            (folder / "conf.d" / "acme.yaml").write_text("webhooks:\n  acme: { url: https://acme.example.com/ }\n", encoding="utf-8")
            done = subprocess.run([BIN.resolve() / "dialhookd", "--config", "dialhook.yaml", "--check"], cwd=folder, capture_output=True,
                                  text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertLessEqual(set(example.only("text").splitlines()), set((done.stdout + done.stderr).splitlines()))

    @shows("## Warnings", PAGE)
    def test_warnings_of_a_file(self, example):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "dialhook.yaml").write_text(DOUBTFUL, encoding="utf-8")
            done = subprocess.run([BIN.resolve() / "dialhookd", "--config", "dialhook.yaml", "--check"], cwd=folder, capture_output=True,
                                  text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLessEqual(set(example.only("text").splitlines()), set(done.stderr.splitlines()))



if __name__ == "__main__":
    unittest.main()
