"""Out of descriptors: calls are answered with `overload`, who wants to connect waits, no CPU is burnt, and all is well
again as soon as there are descriptors."""
import resource
import unittest

from support.case import DialhookTest
from support.certificates import Certificates
from support.configuration import configuration
from support.dnsserver import DnsServer
from support.engine import call
from support.patience import SLACK, ample
from support.process import cpu_seconds, descriptors
from support.replies import hang, once_per_connection, respond
from support.webserver import WebServer

CLOSING = respond("status=ACK&destination=101", headers=[("Connection", "close")])
CLOCK = 1.0 * SLACK


class OutOfDescriptors(DialhookTest):
    def setUp(self):
        super().setUp()
        files = self.scratch()
        made = Certificates(files.path)
        web = self.use(WebServer().on("/", CLOSING))
        secure = self.use(WebServer(tls=made.server_context(*made.issue("server"))).on("/", CLOSING))
        dns = self.use(DnsServer())
        dns.set("crm.test", a=["127.0.0.1"], ttl=0)
        # A webhook whose connection is open already: nothing is needed for it, and its time-out is the clock of the test.
        kept = {"url": self.use(WebServer().on("/", once_per_connection(hang))).url(), "timeout": ample()}
        clock = {**kept, "timeout": f"{CLOCK}s"}
        common = {"timeout": ample(), "connect_timeout": ample()}
        self.closed = {"address": {"url": web.url(), **common}, "name": {"url": web.url("/", "crm.test"), **common},
                       "tls": {"url": secure.url(), "tls": {"ca_file": made.ca_file}, **common},
                       "retried": {"url": web.url(), "retries": 3, **common},
                       "guarded": {"url": web.url(), "circuit_breaker": {"failures": 1, "open_for": "1h"}, **common}}
        self.daemon = self.start(configuration({**self.closed, "kept": kept, "clock": clock}, server={"dns": {"servers": [dns.address]}}))
        self.pid = self.daemon.process.pid
        self.limit = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)
        self.asking = self.engine(self.daemon)
        self.assert_success(self.asking.route("kept"))

    def set_limit(self, soft):
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (soft, self.limit[1]))

    def test_definite_answers_and_no_spinning_until_there_are_descriptors_again(self):
        self.set_limit(descriptors(self.pid))
        self.assert_overload()
        waiting = [self.engine(self.daemon) for _ in range(20)]    # the kernel connects them, the daemon cannot take them
        asked = [engine.start_route("address") for engine in waiting]
        used = cpu_seconds(self.pid)
        self.assert_failure(self.asking.route("clock"), "timeout")
        used = cpu_seconds(self.pid) - used
        print(f"{used:.2f} s of CPU time in {CLOCK:.1f} s with 20 engines at the door")
        self.assertLess(used, CLOCK / 4, "whoever cannot accept waits")
        self.daemon.wait_logged("cannot accept")
        self.assertEqual(len([line for line in self.daemon.log if "cannot accept" in line]), 1, "and says so once")

        self.set_limit(self.limit[0])
        refused = []
        for engine, one in zip(waiting, asked):
            answer = engine.answer()
            self.assertEqual(answer["id"], one)
            if answer["result"]["reason"] == "overload":
                refused.append(answer)
            else:
                self.assert_success(answer["result"], destination="101")
        # The call that timed out left one descriptor: an engine may have come in by it, before there was one for its call.
        self.assertLessEqual(len(refused), 1)
        for name in self.closed:
            with self.subTest(name, then="there are descriptors again"):
                self.assert_success(self.asking.route(name), destination="101")

    def assert_overload(self):
        for (result, seconds), name in zip(self.asking.route_all(map(call, self.closed)), self.closed):
            with self.subTest(name):
                self.assert_failure(result, "overload", source=None, http_status=None)
                self.assert_prompt(seconds, f"overload of {name}")
        self.assertEqual(self.asking.route("guarded")["reason"], "overload", "it is not the web server's fault: the breaker stays closed")


if __name__ == "__main__":
    unittest.main()
