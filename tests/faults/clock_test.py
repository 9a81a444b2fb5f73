"""Somebody turns the clock: no deadline, pause or keeping time changes, forwards or backwards."""
import mmap
import os
import signal
import struct
import threading
import time
import unittest

from support.case import DialhookTest, stopwatch
from support.configuration import configuration
from support.dnsserver import DnsServer
from support.patience import LATENESS, PATIENCE, SLACK, ample
from support.places import BlackHole
from support.replies import hang, held, respond
from support.webserver import WebServer

HOUR, DAY = 3600, 86400
JUMPS = (2 * HOUR, -30 * DAY, 10 * 365 * DAY, 0)
TIMEOUT = 1.0 * SLACK
DRAIN = 0.7 * SLACK
ACK = respond("status=ACK&destination=101")


class Turned(DialhookTest):
    def setUp(self):
        super().setUp()
        path = self.scratch().write("shift", bytes(16))
        with open(path, "r+b") as file:
            self.shift = mmap.mmap(file.fileno(), 16)
        self.addCleanup(self.shift.close)
        self.environment = {"LD_PRELOAD": os.environ["DIALHOOK_SHIFTED_CLOCK"], "DIALHOOK_CLOCK_SHIFT": str(path)}

    def turn_clock(self, seconds, steady=0):
        self.shift[:] = struct.pack("=qq", seconds, steady)


class Jumps(Turned):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", ACK).on("/never", hang).on("/kept", ACK, respond(status=500))
                            .on("/down", respond(status=500)))
        self.dns = self.use(DnsServer())
        self.dns.set("crm.test", a=["127.0.0.1"], ttl=600)

    def serve(self, **server):
        hole = self.use(BlackHole())
        hooks = {"signed": {"url": self.web.url(), "timeout": ample(), "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
                 "never": {"url": self.web.url("/never"), "timeout": f"{TIMEOUT}s"},
                 "closed": {"url": f"http://127.0.0.1:{hole.port}/", "timeout": ample(), "connect_timeout": f"{TIMEOUT}s"},
                 "kept": {"url": self.web.url("/kept"), "timeout": ample(), "cache": "1h"},
                 "down": {"url": self.web.url("/down"), "timeout": ample(), "circuit_breaker": {"failures": 1, "open_for": "1h"}},
                 "named": {"url": self.web.url("/", "crm.test"), "timeout": ample()}}
        self.daemon = self.start(configuration(hooks, server={"dns": {"servers": [self.dns.address]}, **server}),
                                 environment=self.environment)
        self.asking = self.engine(self.daemon)

    def told_time(self):
        """What the daemon takes for the time of day."""
        self.assert_success(self.asking.route("signed"))
        return int(self.web.requests[-1].header("webhook-timestamp"))

    def test_deadlines_are_met_whatever_the_clock_says(self):
        self.serve()
        for jump in JUMPS:
            for webhook, reason in (("never", "timeout"), ("closed", "connect")):
                with self.subTest(webhook, jump=jump):
                    watch = stopwatch()
                    self.asking.start_route(webhook)
                    self.turn_clock(jump)
                    answer = self.asking.answer()["result"]
                    self.assert_failure(answer, reason)
                    self.assertGreater(watch(), TIMEOUT - 0.1, "not too early")
                    self.assertLess(watch(), TIMEOUT + LATENESS, "nor too late")
                    self.assertAlmostEqual(answer["elapsed_ms"] / 1000, TIMEOUT, delta=LATENESS)
            with self.subTest("the clock was turned", jump=jump):
                self.assertAlmostEqual(self.told_time(), time.time() + jump, delta=60)

    def test_what_is_kept_for_an_hour_is_kept_so_long(self):
        self.serve()
        self.assert_success(self.asking.route("kept"))
        self.assert_failure(self.asking.route("down"), "http_status")
        self.assert_success(self.asking.route("named"))
        for jump in JUMPS:
            with self.subTest(jump=jump):
                self.turn_clock(jump)
                self.assert_decision(self.asking.route("kept"), source="cache", destination="101")
                self.assert_failure(self.asking.route("down"), "circuit_open")
                self.assert_success(self.asking.route("named"))
        self.assertEqual(self.dns.count("crm.test"), 1)

    def test_a_stop_takes_as_long_as_drain_says(self):
        self.serve(drain=f"{DRAIN * 1000:.0f}ms")
        self.asking.start_route("closed")
        self.asking.ask_raw("{}")    # the call was begun
        watch = stopwatch()
        self.daemon.signal(signal.SIGTERM)
        self.daemon.notify.wait("STOPPING=1")
        self.turn_clock(-30 * DAY)
        self.assert_failure(self.asking.answer()["result"], "shutdown")
        self.assertEqual(self.daemon.wait_exit(), 0)
        self.assertGreater(watch(), DRAIN - 0.1)
        self.assertLess(watch(), DRAIN + LATENESS)


class Lives(Turned):
    """Time that passes for the daemon alone."""

    def test_no_connection_lives_longer_than_five_minutes_however_busy_it_is(self):
        events = [(minutes, threading.Event()) for minutes in (0, 4, 5)]
        for _, event in events:
            self.addCleanup(event.set)
        web = self.use(WebServer().on("/", *[held(event) for _, event in events], ACK))
        daemon = self.start(configuration({"crm": {"url": web.url(), "timeout": "1h"}}), environment=self.environment)
        asking = self.engine(daemon)
        for turn, (minutes, event) in enumerate(events, start=1):
            asking.start_route("crm")
            web.requests.wait_count(turn, "requests")
            self.turn_clock(0, steady=60 * minutes)
            event.set()
            self.assert_success(asking.answer()["result"])
            self.assertEqual(len(web.connections), 1, "a request under way is not cut")
        self.assertTrue(web.connections[0].closed_by_peer.wait(PATIENCE))
        self.assertFalse(web.connections[0].reset_by_peer, "an orderly end")
        self.assert_success(asking.route("crm"))
        self.assertEqual(len(web.connections), 2)


if __name__ == "__main__":
    unittest.main()
