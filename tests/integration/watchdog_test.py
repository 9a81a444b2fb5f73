"""The watchdog of systemd: told as long as every event loop turns, and no longer."""
import signal
import threading
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import Daemon
from support.patience import SLACK

# Told twice in so many microseconds.
LIMIT = int(200_000 * SLACK)


class Watchdog(DialhookTest):
    def started(self, **server):
        daemon = Daemon(configuration({}, server=server),
                        environment={"WATCHDOG_USEC": str(LIMIT)})
        self.addCleanup(daemon.kill)
        return daemon

    def told(self, daemon):
        return daemon.notify.messages.entries().count("WATCHDOG=1")

    def wait_told(self, daemon, times):
        daemon.notify.messages.wait(lambda lines: lines.count("WATCHDOG=1") >= times, f"{times} times WATCHDOG=1")

    def wait_ten_limits(self):
        """Long enough for twenty messages."""
        threading.Event().wait(10 * LIMIT / 1e6)

    def test_it_is_told_again_and_again(self):
        for threads in (1, 3):
            with self.subTest(threads=threads):
                self.wait_told(self.started(threads=threads), 4)

    def test_it_is_told_no_more_when_one_event_loop_blocks(self):
        for blocked, number in (("main", signal.SIGUSR1), ("worker", signal.SIGUSR2)):
            with self.subTest(blocked):
                daemon = self.started(threads=2)
                self.wait_told(daemon, 1)
                daemon.signal(number)
                daemon.wait_logged("test switch")
                self.wait_ten_limits()    # what was under way has come
                before = self.told(daemon)
                self.wait_ten_limits()
                self.assertEqual(self.told(daemon), before)

    def test_nothing_is_told_where_no_watchdog_is_set(self):
        daemon = self.start(configuration({}))
        daemon.reload()
        self.assertEqual(self.told(daemon), 0)


if __name__ == "__main__":
    unittest.main()
