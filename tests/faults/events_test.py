"""Call events while things fail: each call keeps one beginning, one end and its order at the web server that is told of it."""
import contextlib
import mmap
import os
import random
import struct
import threading
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.engine import Engine
from support.histories import Histories
from support.patience import PATIENCE, SLACK, ample, wait_until
from support.replies import hang, respond
from support.threads import join
from support.webserver import WebServer

DID = "+31502102544"
EVENTS = ("created", "ringing", "answered", "ended")
DAY = 86400
NOT_STORED = -32007
SEED = 20261129

# A daemon of a sanitizer needs a second to start.
KILLS = 200 if SLACK == 1 else 15
LONGEST_LIFE = 0.12 * SLACK


class Switch:
    """A few bytes that a library within the daemon looks at."""

    def __init__(self, scratch, name, size):
        self.path = scratch.write(name, bytes(size))
        with open(self.path, "r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), size)
        self.close = self._bytes.close

    def set(self, content):
        self._bytes[:] = content


def histories(web):
    made = Histories()
    for request in web.requests:
        made.add_request(request)
    return made


class EventsTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("")))
        self.files = self.scratch()
        self.notifications = {"crm": {"url": self.web.url(), "timeout": ample(), "connect_timeout": ample()}}

    def begin(self, **options):
        self.daemon = self.start(configuration({}, notifications=self.notifications, server={"drain": "100ms"}), scratch=self.files,
                                 arguments=("--state", str(self.files.path / "state")), **options)

    def report_all(self, calls, *events):
        asking = self.engine(self.daemon)
        for call in calls:
            asking.report(call, *events, did=DID)

    def assert_all_told(self, calls, web=None):
        """Of all `calls` in the end, each of them as it was."""
        web = web or self.web
        wait_until(lambda: histories(web).ended() >= calls, "each call has ended at the web server", 3 * PATIENCE)
        told = histories(web)
        self.assertEqual(told.faults(), [])
        self.assertEqual(set(told.calls), calls)


class Reporter(threading.Thread):
    """An engine with a few calls at once. What was not confirmed it says again, to whichever daemon is there then."""
    AT_ONCE = 5

    def __init__(self, name, path):
        super().__init__(daemon=True)
        self._name, self._path, self._stopping = name, path, threading.Event()
        self.calls = set()
        self.start()

    def run(self):
        going = []    # each a call and how many of its events are confirmed
        while going or not self._stopping.is_set():
            while len(going) < self.AT_ONCE and not self._stopping.is_set():
                going.append([f"{self._name}{len(self.calls)}", 0])
                self.calls.add(going[-1][0])
            # The daemon may end in the middle of an answer too.
            with contextlib.suppress(AssertionError, OSError), Engine(self._path) as asking:
                while going:
                    for call in going:
                        asking.report(call[0], EVENTS[call[1]], did=DID)
                        call[1] += 1
                    going = [call for call in going if call[1] < len(EVENTS)]
            going = [call for call in going if call[1] < len(EVENTS)]

    def finish(self):
        self._stopping.set()
        join(self, "an engine that reports", 3 * PATIENCE)


class Killed(EventsTest):
    def test_at_any_moment_nothing_is_lost(self):
        moments = random.Random(SEED)
        self.begin()
        reporters = [Reporter(f"{name}.", self.daemon.socket_path) for name in range(2)]
        for _ in range(KILLS):
            threading.Event().wait(moments.uniform(0, LONGEST_LIFE))
            self.daemon.kill()
            self.begin()
        for reporter in reporters:
            reporter.finish()
        calls = set().union(*(reporter.calls for reporter in reporters))
        self.assert_all_told(calls)
        print(f"{KILLS} kills, {len(calls)} calls, {len(self.web.requests)} requests")


class Failing(EventsTest):
    CALLS = {str(number) for number in range(30)}

    def test_a_web_server_that_is_down_for_a_while_beside_one_that_hangs(self):
        hanging = self.use(WebServer().on("/", hang))
        self.notifications["hanging"] = {"url": hanging.url(), "timeout": ample()}
        self.web.close()
        self.begin()
        self.report_all(self.CALLS, *EVENTS)
        self.daemon.wait_logged("crm", "connect")
        web = self.use(WebServer(port=self.web.port).on("/", respond("")))
        self.assert_all_told(self.CALLS, web)
        self.assertEqual({int(request.header("webhook-sequence")) for request in hanging.requests}, {1})

    def test_the_clock_goes_back(self):
        clock = self.use(Switch(self.scratch(), "shift", 16))
        self.web.on("/", respond(status=503))
        self.begin(environment={"LD_PRELOAD": os.environ["DIALHOOK_SHIFTED_CLOCK"], "DIALHOOK_CLOCK_SHIFT": str(clock.path)})
        self.report_all(self.CALLS, *EVENTS[:2])
        self.web.requests.wait_count(len(self.CALLS), "first attempts")
        clock.set(struct.pack("=qq", -30 * DAY, 0))
        self.report_all(self.CALLS, *EVENTS[2:])
        refused = len(self.web.requests)
        self.web.on("/", respond(""))
        self.assert_all_told(self.CALLS)
        self.assertGreater(len(self.web.requests), refused)

    def test_the_disk_is_full_for_a_while(self):
        disk = self.use(Switch(self.scratch(), "full", 1))
        self.begin(environment={"LD_PRELOAD": os.environ["DIALHOOK_FULL_DISK"], "DIALHOOK_DISK_IS_FULL": str(disk.path)})
        self.report_all(self.CALLS, EVENTS[0])
        disk.set(b"1")
        asking = self.engine(self.daemon)
        for call in sorted(self.CALLS):
            self.assertEqual(asking.ask("call.event", call_id=call, event="answered")["error"]["code"], NOT_STORED)
        self.daemon.wait_logged("full")
        disk.set(b"\0")
        self.report_all(self.CALLS, *EVENTS[1:])
        self.assert_all_told(self.CALLS)


if __name__ == "__main__":
    unittest.main()
