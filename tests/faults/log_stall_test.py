"""A log that cannot be written never stalls a call, nor the end of the daemon."""
import json
import os
import pathlib
import socket
import unittest

from support import namespaces
from support.case import DialhookTest, stopwatch
from support.configuration import configuration
from support.engine import call
from support.patience import LATENESS, PATIENCE, Deadline, ample
from support.replies import respond
from support.webserver import WebServer

# What a thread keeps for the log is 1 MiB: some 700 decisions with a name of this length. Several times as many are made.
CALLS, IN_ONE_BREATH, NAME = 3000, 250, "n" * 1000


class LogStall(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("status=ACK&destination=101")))

    def serve(self, stderr, environment=None, log_format="text", within=(), **more):
        log = {"level": "debug", "decisions": "all", "format": log_format, **more}
        content = configuration({"crm": {"url": self.web.url(), "timeout": ample()}, "closed": {"url": "http://10.0.0.1/"}},
                                server={"log": log})
        self.daemon = self.start(content, stderr=stderr, environment=environment, within=within)

    def blocked_pipe(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        return writing

    def assert_calls_are_not_stalled(self):
        engine = self.engine(self.daemon)
        slowest = 0
        for _ in range(CALLS // IN_ONE_BREATH):    # a log line for each
            for result, _ in engine.route_all([call("closed", callername=NAME)] * IN_ONE_BREATH):
                self.assertEqual(result["reason"], "egress")
            result, seconds = engine.route_timed("crm")
            self.assert_success(result)
            slowest = max(slowest, seconds)
        self.assert_prompt(slowest, "slowest call beside a stuck log")
        dropped = self.daemon.status()["log_dropped"]
        watch = stopwatch()
        self.daemon.stop()
        self.assertLess(watch(), 2 + LATENESS, "what cannot be written is given up after a second")
        return dropped

    def test_a_pipe_that_nobody_reads(self):
        self.serve(self.blocked_pipe())
        self.assertGreater(self.assert_calls_are_not_stalled(), 0, "what is lost is counted")

    def test_a_pipe_whose_reader_has_gone(self):
        reading, writing = os.pipe()
        os.close(reading)
        self.addCleanup(os.close, writing)
        self.serve(writing)
        self.assertGreater(self.assert_calls_are_not_stalled(), 0)

    def test_a_disk_that_is_full(self):
        with open("/dev/full", "wb") as full:
            self.serve(full.fileno())
        self.assertGreater(self.assert_calls_are_not_stalled(), 0)

    def test_a_journal_that_never_returns(self):
        pipe = self.blocked_pipe()
        status = os.fstat(pipe)
        self.serve(pipe, log_format="auto", environment={"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}",
                                                         "LD_PRELOAD": os.environ["DIALHOOK_BLOCKED_JOURNAL"]})
        self.assertGreater(self.assert_calls_are_not_stalled(), 0)

    def test_a_named_pipe_that_nobody_reads(self):
        path = self.scratch().path / "pipe"
        os.mkfifo(path)
        self.addCleanup(os.close, os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        self.serve(None, file=str(path))
        self.assertGreater(self.assert_calls_are_not_stalled(), 0)

    def test_a_file_on_a_full_device(self):
        self.serve(None, file="/dev/full")
        self.assertGreater(self.assert_calls_are_not_stalled(), 0)

    def wait_dropped(self, least):
        deadline = Deadline()
        while (dropped := self.daemon.status()["log_dropped"]) < least:
            self.assertFalse(deadline.over(), f"{dropped} lines were lost, expected {least}")
        return dropped

    def test_a_disk_that_fills_up_and_has_room_again(self):
        folder = self.scratch().path
        self.serve(None, log_format="json", within=namespaces.with_small_disk(folder, "128k"), file=f"{folder}/dialhook.log")
        seen = pathlib.Path(f"/proc/{self.daemon.process.pid}/root{folder}")    # as the daemon sees it
        (seen / "ballast").write_bytes(bytes(64 * 1024))
        engine = self.engine(self.daemon)
        calls = 0
        while self.daemon.status()["log_dropped"] == 0:
            engine.route_all([call("closed", call_id=f"call-{number}") for number in range(calls, calls + 50)])
            calls += 50
        (seen / "ballast").unlink()
        engine.route("closed", call_id="room-again")
        deadline = Deadline()
        while True:
            lines = [json.loads(line) for line in (seen / "dialhook.log").read_text().splitlines()]    # no line is cut
            decisions = [line["call_id"] for line in lines if "branch" in line]
            lost = sum(int(line["message"].split()[0]) for line in lines if "were dropped" in line["message"])
            if len(decisions) + lost == calls + 1:    # each is in the file or counted
                break
            self.assertFalse(deadline.over(), f"{len(decisions)} are in the file, {lost} reported as lost, of {calls + 1}")
        self.assertIn("room-again", decisions)
        self.assertGreater(lost, 0)

    def journald(self):
        """Takes what the daemon sends to the journal."""
        path = self.run_folder / "systemd/journal/socket"
        path.unlink(missing_ok=True)
        journal = self.use(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        journal.settimeout(PATIENCE)
        journal.bind(str(path))
        return journal

    def serve_with_journald(self):
        self.run_folder = self.scratch().path
        (self.run_folder / "systemd/journal").mkdir(parents=True)
        journal, pipe = self.journald(), self.blocked_pipe()
        status = os.fstat(pipe)
        self.serve(pipe, log_format="auto", environment={"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"},
                   within=namespaces.with_folder(self.run_folder, "/run"))
        self.entry(journal, b"MESSAGE=ready")
        return journal

    def entry(self, journal, wanted):
        while wanted not in (entry := journal.recv(65536)):
            pass
        return entry

    def test_a_journald_that_is_stopped_and_started(self):
        journal = self.serve_with_journald()
        engine = self.engine(self.daemon)
        engine.route("crm", call_id="before")
        self.assertIn(b"\nDIALHOOK_CALL_ID=before\n", self.entry(journal, b"DIALHOOK_BRANCH=success"))
        journal.close()
        for _ in range(10):
            self.assert_success(engine.route("crm"))
        with self.subTest("its socket is left"):
            self.wait_dropped(10)
        (self.run_folder / "systemd/journal/socket").unlink()
        with self.subTest("its socket is gone"):
            self.assert_success(engine.route("crm"))
            self.wait_dropped(11)
        journal = self.journald()
        engine.route("crm", call_id="after")
        self.entry(journal, b"DIALHOOK_CALL_ID=after")
        self.assertIn(b"MESSAGE=11 log records were dropped", self.entry(journal, b"were dropped"))

    def test_a_journald_that_is_stopped_while_systemd_keeps_its_socket(self):
        self.serve_with_journald()
        self.assertGreater(self.assert_calls_are_not_stalled(), 0)


if __name__ == "__main__":
    unittest.main()
