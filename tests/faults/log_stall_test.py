"""A log that cannot be written never stalls a call, nor the end of the daemon."""
import os
import unittest

from support.case import DialhookTest, stopwatch
from support.configuration import configuration
from support.engine import call
from support.patience import LATENESS, ample
from support.replies import respond
from support.webserver import WebServer

CALLS, IN_ONE_BREATH = 20000, 500


class LogStall(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("status=ACK&destination=101")))

    def serve(self, stderr, environment=None, log_format="text"):
        log = {"level": "debug", "decisions": "all", "format": log_format}
        content = configuration({"crm": {"url": self.web.url(), "timeout": ample()}, "closed": {"url": "http://10.0.0.1/"}},
                                server={"log": log})
        self.daemon = self.start(content, stderr=stderr, environment=environment)

    def blocked_pipe(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        return writing

    def assert_calls_are_not_stalled(self):
        engine = self.engine(self.daemon)
        slowest = 0
        for _ in range(CALLS // IN_ONE_BREATH):    # a log line for each: several times what the log holds
            for result, _ in engine.route_all([call("closed")] * IN_ONE_BREATH):
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


if __name__ == "__main__":
    unittest.main()
