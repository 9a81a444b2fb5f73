"""What one customer's webhook, name or engine does to the others: nothing."""
import concurrent.futures
import contextlib
import json
import select
import socket
import threading
import unittest

from hostile_dns import HostileDns
from silent_port import SilentPort
from support.case import DialhookTest, stopwatch
from support.configuration import configuration
from support.dnsserver import DnsServer
from support.engine import call
from support.patience import LATENESS, PATIENCE, SLACK, ample, wait_until
from support.ports import free_port
from support.process import cpu_seconds, descriptors, resident
from support.replies import redirect, reset, respond
from support.threads import join
from support.webserver import WebServer

DEAD, CALLS_OF_EACH = 10, 1000

LONG = 5 * PATIENCE

# Nothing reads the answers while calls are sent, so all must be under way before the first one ends: the first of these
# (in seconds) that is thrice what it took this machine is what they are given. Calls that end otherwise get ten minutes.
TIMEOUTS, FOREVER = (8, 24, 72), 600

# What a call that waits may cost, its connection and buffers included.
MEMORY_OF_A_CALL = 24 * 1024


class NeighboursTest(DialhookTest):
    def serve(self, hooks, descriptors=None, **server):
        self.web = self.use(WebServer().on("/", respond("status=ACK&destination=101")))
        hooks = {**hooks, "healthy": {"url": self.web.url(), "timeout": ample()}}
        self.daemon = self.start(configuration(hooks, server={"log": {"decisions": "none", "format": "json"}, **server}),
                                 descriptors=descriptors)
        self.pid = self.daemon.process.pid
        self.asking = self.engine(self.daemon)
        self.assert_success(self.asking.route("healthy"))

    def assert_healthy(self, during, calls=200):
        slowest = 0
        for _ in range(calls):
            result, seconds = self.asking.route_timed("healthy")
            self.assert_success(result, destination="101")
            slowest = max(slowest, seconds)
        self.assert_prompt(slowest, f"slowest of {calls} healthy calls {during}")

    def in_flight(self):
        return self.daemon.status()["in_flight"]


class DeadWebhooks(NeighboursTest):
    def setUp(self):
        super().setUp()
        urls = [self.use(SilentPort()).url for _ in range(DEAD)]
        self.serve({self.dead(n, seconds): {"url": url, "timeout": f"{seconds}s"}
                    for seconds in (*TIMEOUTS, FOREVER) for n, url in enumerate(urls)})

    @staticmethod
    def dead(number, timeout):
        return f"dead {number} {timeout}s"

    def hang(self, engine, timeout):
        """Back when all calls are under way, with the seconds that it took."""
        watch = stopwatch()
        engine.socket.settimeout(LONG)
        names = [self.dead(n, timeout) for n in range(DEAD)]
        engine.send_json(*(engine.request("call.route", call(name)) for name in names for _ in range(CALLS_OF_EACH)))
        wait_until(lambda: self.in_flight() == DEAD * CALLS_OF_EACH, "all calls hang", LONG)
        return watch()

    def collect(self, engine, timeout):
        for _ in range(DEAD * CALLS_OF_EACH):
            result = engine.answer(LONG)["result"]
            self.assertEqual(result["reason"], "timeout", result)
            self.assertLessEqual(result["elapsed_ms"] / 1000, timeout + 4 * LATENESS)    # ten thousand in one moment

    def test_ten_thousand_calls_that_hang_leave_the_healthy_ones_alone(self):
        before = resident(self.pid)
        memory, took = [], []
        for end in (self.leave, self.leave, self.wait_for_deadlines):
            timeout = FOREVER
            if end == self.wait_for_deadlines:
                timeout = next((seconds for seconds in TIMEOUTS if seconds >= 3 * max(took)), TIMEOUTS[-1])
            engine = self.engine(self.daemon)
            took.append(self.hang(engine, timeout))
            with self.subTest("one more of a dead webhook is refused at once, others are not"):
                self.assert_failure(self.asking.route(self.dead(0, timeout)), "overload", source=None)
            self.assert_healthy("while 10,000 hang")
            memory.append(resident(self.pid))
            end(engine, timeout)
            wait_until(lambda: self.in_flight() == 0, "nothing is under way any more")
            if SLACK == 1:    # a sanitizer keeps aside what was freed
                wait_until(lambda: resident(self.pid) - before < 0.4 * (memory[0] - before), "memory is given back", LONG)
        memory.append(resident(self.pid))
        print(f"under way after {', '.join(f'{seconds:.1f}' for seconds in took)} s, timeout {timeout} s")
        print(f"memory, MiB: {before / 2**20:.1f}, with 10,000 calls {', '.join(f'{size / 2**20:.1f}' for size in memory)}")
        if SLACK == 1:
            self.assertLess(memory[0] - before, DEAD * CALLS_OF_EACH * MEMORY_OF_A_CALL)
            self.assertLess(max(memory), memory[0] + 8 * 2**20, "the second and third ten thousand need no more")

    def leave(self, engine, _):
        engine.close()

    def wait_for_deadlines(self, engine, timeout):
        """Ten thousand at once, and the healthy calls go on beside them."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            ending = pool.submit(self.collect, engine, timeout)
            while not ending.done():
                self.assert_healthy("while 10,000 end", calls=10)
            ending.result()


class Names(NeighboursTest):
    def test_a_name_whose_answers_break_harms_no_other_name(self):
        """c-ares gives up all that a channel asks of a server when a TCP connection to it breaks."""
        dns = self.use(HostileDns())
        dns.over_tcp("broken.test", reset)
        dns.hold("slow.test")
        web = self.use(WebServer().on("/", respond("status=ACK&destination=101", headers=[("Connection", "close")])))
        hooks = {name: {"url": web.url("/", f"{name}.test"), "timeout": ample(), "connect_timeout": ample()} for name in ("broken", "slow")}
        self.serve(hooks, dns={"servers": [dns.address]})
        waiting = self.engine(self.daemon)
        waiting.start_route("slow")
        dns.queries.wait_entry(lambda query: query == ("slow.test", "A"), "a question for slow.test")
        self.assert_failure(self.asking.route("broken"), "dns")
        dns.release("slow.test")
        self.assert_success(waiting.answer()["result"], destination="101")


class Descriptors(NeighboursTest):
    """Whoever can make the daemon hold connections gets a part of its descriptors and never the last ones."""

    def test_a_web_server_that_leads_to_ever_other_origins_takes_no_descriptor_from_others(self):
        count, limit = 300, 200
        dns = self.use(DnsServer())
        for n in range(count):
            dns.set(f"n{n}.test", a=["127.0.0.1"], ttl=3600)
        crossroads = self.use(WebServer())
        crossroads.on("/", *(redirect(crossroads.url("/end", f"n{n}.test")) for n in range(count)))
        crossroads.on("/end", respond("status=ACK&destination=102"))
        self.serve({"crossroads": {"url": crossroads.url(), "timeout": ample()}}, descriptors=limit, dns={"servers": [dns.address]})
        for _ in range(count):
            self.assert_success(self.asking.route("crossroads"), destination="102")
        self.assert_healthy("after them", calls=10)
        self.assert_success(self.engine(self.daemon).route("healthy"), destination="101")
        self.assertLessEqual(self.daemon.status()["connections"]["idle"], limit // 2)
        self.assertLess(descriptors(self.pid), limit * 3 // 4)

    def test_neither_engines_nor_channels_take_all(self):
        port = free_port()
        # Enough for all who come at once: they are let in before they are turned away, and UBSan's check of objects
        # takes every object for a broken one when no descriptor is left.
        self.serve({}, descriptors=400, fastagi=f"127.0.0.1:{port}")
        held = []
        self.addCleanup(lambda: [one.close() for one in held])
        for _ in range(120):
            held.append(socket.create_connection(("127.0.0.1", port)))
            held.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            held[-1].connect(str(self.daemon.socket_path))
        self.daemon.wait_logged("engine connection refused")
        self.daemon.wait_logged("FastAGI connection refused")
        self.assert_healthy("beside them", calls=10)
        for one in held:
            one.close()
        wait_until(lambda: self.daemon.status()["engine_connections"] == 1, "only the asking engine is there")
        self.assert_success(self.engine(self.daemon).route("healthy"), destination="101")


class Floods(NeighboursTest):
    def test_an_engine_that_asks_more_than_its_share_is_told_so(self):
        self.serve({"dead": {"url": self.use(SilentPort()).url, "timeout": "10m", "max_in_flight": 100000}})
        flooding, most, more = self.engine(self.daemon), 16384, 3000
        flooding.socket.settimeout(LONG)
        flood = [flooding.request("call.route", call("dead")) for _ in range(most + more)]
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            sending = pool.submit(flooding.send_json, *flood)
            self.assert_healthy("beside a flood", calls=50)
            self.assertEqual({flooding.answer(LONG)["result"]["reason"] for _ in range(more)}, {"overload"})
            sending.result()
        self.assertEqual(self.in_flight(), most)
        flooding.close()
        wait_until(lambda: self.in_flight() == 0, "what the engine asked went with it")

    def test_engines_that_never_read_cost_what_they_sent_and_no_more(self):
        """Calls, nonsense, lines without end, batches: whatever the kernel takes of it, and not a byte is ever read."""
        # Their calls come so fast that max_in_flight is reached: that is the webhook's own, and no neighbour's.
        flooded = self.use(WebServer().on("/", respond("status=ACK&destination=102")))
        self.serve({"dead": {"url": self.use(SilentPort()).url, "timeout": ample()},
                    "flooded": {"url": flooded.url(), "timeout": ample()}})
        route = b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"webhook":"%s","did":"1"}}'
        floods = {"calls": route % b"flooded" + b"\n", "calls that hang": route % b"dead" + b"\n", "nonsense": b"\0\xff{]\n",
                  "empty lines": b"\n", "notifications": b'{"jsonrpc":"2.0","method":"nobody"}\n', "a line without end": b"x" * 64,
                  "batches": b"[" + b",".join([route % b"flooded"] * 50) + b"]\n"}
        before = resident(self.pid)
        stop = threading.Event()
        engines = {name: self.engine(self.daemon) for name in floods}
        senders = [threading.Thread(target=self.flood, args=(engines[name], line, stop)) for name, line in floods.items()]
        for sender in senders:
            sender.start()
        try:
            self.assert_healthy("beside engines that never read", calls=300)
            grown = resident(self.pid) - before
            print(f"grown by {grown / 2**20:.1f} MiB")
            self.assertLess(grown, len(floods) * 32 * 2**20 * SLACK)
        finally:
            stop.set()
            for sender in senders:
                join(sender, "an engine that floods")
        for engine in engines.values():
            engine.close()
        self.assert_healthy("after them", calls=10)
        wait_until(lambda: self.in_flight() == 0, "their calls are given up")

    def test_what_an_engine_s_calls_under_way_hold_is_bounded(self):
        """Ids and the answers of unfinished batches stay with the daemon until a call ends."""
        self.serve({"dead": {"url": self.use(SilentPort()).url, "timeout": "10m", "max_in_flight": 100000}})
        hanging = {"jsonrpc": "2.0", "method": "call.route", "params": call("dead")}
        nonsense = [{"jsonrpc": "2.0", "id": "x" * 100, "method": "nobody"}] * 250
        for name, line in {"long ids": {**hanging, "id": "x" * 60000}, "batches": [{**hanging, "id": 1}, *nonsense]}.items():
            with self.subTest(name):
                engine, before = self.engine(self.daemon), resident(self.pid)
                line, sent, most = json.dumps(line).encode() + b"\n", 0, 64 * 2**20
                while sent < most and select.select([], [engine.socket], [], 2 * SLACK)[1]:
                    sent += engine.socket.send(line[sent % len(line):], socket.MSG_DONTWAIT)
                self.assert_healthy(f"beside {name}", calls=10)
                grown = resident(self.pid) - before
                print(f"{name}: {sent / 2**20:.1f} MiB were taken, grown by {grown / 2**20:.1f} MiB")
                self.assertLess(sent, most, "the daemon reads no more")
                self.assertLess(grown, 32 * 2**20 * SLACK)
                engine.close()
                wait_until(lambda: self.in_flight() == 0, "its calls are given up")

    @staticmethod
    def flood(engine, line, stop):
        block = line * max(1, 65536 // len(line))
        engine.socket.setblocking(False)
        at = 0
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while not stop.is_set():
                if select.select([], [engine.socket], [], 0.02)[1]:
                    with contextlib.suppress(BlockingIOError):
                        at = (at + engine.socket.send(block[at:])) % len(block)

    def test_connections_that_come_and_go_leave_nothing(self):
        self.serve({})
        used = cpu_seconds(self.pid)
        watch = stopwatch()
        for _ in range(2000):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as passing:
                passing.connect(str(self.daemon.socket_path))
        print(f"2000 connections in {watch():.2f} s, {cpu_seconds(self.pid) - used:.2f} s of the daemon's CPU time")
        wait_until(lambda: self.daemon.status()["engine_connections"] == 1, "only the asking engine is there")
        self.assert_healthy("after them", calls=10)


if __name__ == "__main__":
    unittest.main()
