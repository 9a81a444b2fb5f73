"""The test case that all suites build on: starts things and ends them, ends itself when it hangs, and shows the daemon's log of a failed test."""
import sys
import time
import unittest

from .daemon import Daemon
from .hanging import LONGEST, no_longer_than
from .patience import LATENESS
from .scratch import Scratch

# The daemon's own promise (besides `timeout`), in seconds.
GRACE = 0.050

RESULT_KEYS = {"action", "branch", "status", "reason", "destination", "callername", "callerid", "variables", "steps",
               "play", "webhook", "source", "http_status", "elapsed_ms"}


class DialhookTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self._own_daemons = []

    @classmethod
    def setUpClass(cls):
        cls._shared_daemons = []

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        with no_longer_than(LONGEST, self.id()):
            super().run(result)
        if len(result.failures) + len(result.errors) > before:
            for daemon in [*self._own_daemons, *self._shared_daemons]:
                print(f"--- standard error of the daemon in {self.id()}:\n{daemon.stderr()}\n---", file=sys.stderr)
        return result

    # Starting. What a class shares is ended when the class is done, the rest after its test.

    @classmethod
    def share(cls, thing):
        """Ends a server (anything with `close`) after the class."""
        cls.addClassCleanup(thing.close)
        return thing

    @classmethod
    def share_daemon(cls, content, **options):
        daemon = Daemon(content, **options)
        cls._shared_daemons.append(daemon)
        cls.addClassCleanup(daemon.stop)
        return daemon

    @classmethod
    def share_scratch(cls):
        scratch = Scratch()
        cls.addClassCleanup(scratch.remove)
        return scratch

    def use(self, thing):
        self.addCleanup(thing.close)
        return thing

    def scratch(self):
        scratch = Scratch()
        self.addCleanup(scratch.remove)
        return scratch

    def start(self, content, **options):
        """A daemon of this test. Unless the test ends it, it must end in an orderly way afterwards."""
        daemon = Daemon(content, **options)
        self._own_daemons.append(daemon)
        self.addCleanup(daemon.stop)
        return daemon

    def engine(self, daemon):
        return self.use(daemon.engine())

    # Judging decisions

    def assert_decision(self, result, **expected):
        """All of `expected` at once, so that a failure shows the whole of what differs."""
        self.assertEqual(set(result) - {"timing", "tries", "destinations", "strategy", "ring_s"}, RESULT_KEYS)
        self.assertEqual({key: result[key] for key in expected}, expected, result)

    def assert_success(self, result, **expected):
        self.assert_decision(result, branch="success", status="ACK", reason=None, source="url", **expected)

    def assert_failure(self, result, reason, **expected):
        self.assert_decision(result, branch="failure", reason=reason, **expected)

    def assert_in_time(self, seconds, limit, what):
        """`limit`: seconds of the webhook's timeout. The exact figure is printed, the judgement has slack."""
        late = (seconds - limit) * 1000
        print(f"in time: {what}: answered {seconds * 1000:.1f} ms, {late:+.1f} ms beside its limit of {limit * 1000:.0f} ms")
        self.assertLessEqual(seconds, limit + GRACE + LATENESS, what)

    def assert_prompt(self, seconds, what, limit=0.5):
        """For what has to come at once, well before any limit."""
        print(f"in time: {what}: answered {seconds * 1000:.1f} ms")
        self.assertLessEqual(seconds, limit + LATENESS, what)


def stopwatch():
    begin = time.monotonic()
    return lambda: time.monotonic() - begin
