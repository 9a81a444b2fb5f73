"""Calls by sipp: one or many, and what came back for each."""
import csv
import re
import subprocess

from . import ROOT
from .phone import Message
from .ports import free_port
from .program import find_program
from .scratch import Scratch

SCENARIOS = ROOT / "tests" / "e2e" / "sipp"
LIMIT = 60  # seconds for all calls of one run


class Sipp:
    """Runs a scenario of tests/e2e/sipp, whose `${...}` are filled in; every call must go as the scenario says."""

    def __init__(self, server_port, scenario, *, number="100", name='"Tester"', user="+31612345678", code=302, headers="",
                 calls=1, rate=10):
        self._scratch = Scratch()
        text = (SCENARIOS / scenario).read_text("utf-8")
        values = {"code": str(code), "name": name, "user": user, "headers": headers}
        text = re.sub(r"\$\{(\w+)\}", lambda match: values[match[1]], text)
        self._scratch.write("scenario.xml", text)
        self._messages = self._scratch.path / "messages"
        self.process = subprocess.Popen(
            [find_program("sipp"), f"127.0.0.1:{server_port}", "-sf", "scenario.xml", "-s", number, "-i", "127.0.0.1",
             "-p", str(free_port()), "-m", str(calls), "-r", str(rate), "-l", str(max(calls, 10)), "-nostdin",
             "-timeout", str(LIMIT), "-timeout_error", "-recv_timeout", "30000", "-trace_err", "-error_file", "errors",
             "-trace_msg", "-message_file", self._messages.name, "-trace_rtt", "-rtt_freq", "1"],
            cwd=self._scratch.path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def wait(self):
        """All calls are over, and as the scenario says."""
        output = self.process.communicate(timeout=LIMIT + 10)[0].decode("utf-8", "replace")
        errors = self._scratch.path / "errors"
        shown = errors.read_text("utf-8", "replace") if errors.exists() else output[-3000:]
        assert self.process.returncode == 0, f"sipp: {self.process.returncode}\n{shown}"
        return self

    def answers(self):
        """The final answers that came, in order."""
        pieces = re.split(rb"-{10,}[^\n]*\n", self._messages.read_bytes())
        received = [piece.partition(b"\n\n")[2] for piece in pieces if b"message received" in piece.partition(b"\n\n")[0]]
        messages = [Message(piece.strip(b"\n") + b"\r\n\r\n") for piece in received]
        return [message for message in messages if message.code >= 200]

    def seconds(self):
        """How long each call waited for its final answer."""
        files = list(self._scratch.path.glob("*_rtt.csv"))
        assert len(files) == 1, files
        with open(files[0], encoding="ascii") as file:
            rows = list(csv.reader(file, delimiter=";"))
        return [float(row[1]) / 1000 for row in rows[1:] if len(row) >= 2]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self._scratch.remove()
