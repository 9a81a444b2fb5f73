"""Ten thousand calls whose web server hangs: what each of them holds, and what the healthy calls beside them feel."""

import json
import math
import resource
import selectors
import socket
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from .dialhook import Dialhook, Settings
from .generator import Generator, read_samples
from .process import Failure
from .web import PLAIN, WebServer

HUNG = 10_000
STEPS = (1_000, 2_500, 5_000, HUNG)  # where memory is read on the way
TIMEOUT = 10.0                       # seconds, of the webhook that hangs
HEALTHY_RATE = 5_000                 # calls a second beside them, in an open loop
LATE = 0.05                          # seconds after the time-out from which an answer to a call that hangs counts as late
MARGIN = 0.1                         # seconds between the end of one window and what disturbs it
QUIET = 4.0                          # seconds of healthy calls before the others hang
SETTLED = 2.0                        # seconds after the last call came to hang
RESTORED = 1.5                       # seconds after the last time-out until memory is read again
DESCRIPTORS = HUNG + 1_000
BURST = 100                          # calls pipelined on one engine connection

BATCHES = HUNG // BURST              # of calls that come one batch after the other, and time out together
APART = 0.025                        # seconds between two batches
WEBHOOK = """  {name}:
    url: "http://127.0.0.1:{port}/hang?id={{call_id}}"
    timeout: {timeout:g}s
    connect_timeout: {timeout:g}s
    max_in_flight: 20000
    max_connections: 10000
"""


@dataclass(frozen=True)
class Hanging:
    """What one daemon went through."""

    memory: list           # [(calls that hang, bytes of the daemon's own)], from none on
    given_back: float      # share of what the hung calls held that was given back after their end
    p99_without_us: float  # of healthy calls while none hangs
    p99_beside_us: float   # while all hang
    p99_timing_out_us: float  # from the first time-out to the last
    late: int              # answers of those that came later than their time-out and LATE

    @property
    def bytes_each(self):
        (_, before), *_, (hung, held) = self.memory
        return (held - before) / hung


class HangingServer:
    """Takes every connection and never answers."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port = self._listener.getsockname()[1]
        self._held = []
        threading.Thread(target=self._take_all, daemon=True).start()

    def _take_all(self):
        try:
            while True:
                self._held.append(self._listener.accept()[0])
        except OSError:
            return  # closed

    def hang_up(self):
        """Closes what it holds; the other sides are long gone."""
        while self._held:
            self._held.pop().close()

    def close(self):
        self._listener.close()
        self.hang_up()


def run_hanging(options, folder: Path) -> list:
    raise_descriptor_limit()
    results = []
    with WebServer(folder / "web-hanging", PLAIN, options.scenario) as web:
        for number in range(options.repeats):
            with tempfile.TemporaryDirectory(dir=folder, prefix="hanging-") as place:
                results.append(one(web, Path(place), options))
            show(number + 1, results[-1])
    return results


def raise_descriptor_limit():
    """The hanging server lives in this process, and the daemon inherits its hard limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < DESCRIPTORS:
        raise Failure(f"a process may open {hard} files, {DESCRIPTORS} are needed: ulimit -Hn {DESCRIPTORS}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def one(web, folder: Path, options) -> Hanging:
    server = HangingServer()
    webhooks = {"hanging": TIMEOUT, **{f"hanging-{batch}": timeout_of(batch) for batch in range(BATCHES)}}
    settings = Settings(more_webhooks="".join(WEBHOOK.format(name=name, port=server.port, timeout=timeout)
                                              for name, timeout in webhooks.items()))
    with Dialhook(folder / "dialhook", web, options, settings) as system:
        try:
            memory, given_back = memory_of_steps(system, options)
            server.hang_up()
            return Hanging(memory, given_back, *healthy_beside(system, folder, options))
        finally:
            server.close()


def memory_of_steps(system, options):
    with Generator("healthy", options, system, connections=64, calls=20_000) as warm_up:
        warm_up.report()
    memory = [(0, system.own_memory())]
    with ExitStack() as stack:
        clients = []
        for step in STEPS:
            clients.append(stack.enter_context(hang(step - memory[-1][0], system, options)))
            wait_until_hung(system, step)
            memory.append((step, system.own_memory()))
        for client in clients:
            client.report()
    time.sleep(RESTORED)
    held = memory[-1][1] - memory[0][1]
    return memory, 1 - (system.own_memory() - memory[0][1]) / held


def healthy_beside(system, folder: Path, options):
    """p99 of the healthy calls: while none hangs, while all do, and while all time out; and how many of the latter were answered late."""
    samples = folder / "healthy"
    with Generator("healthy", options, system, connections=64, rate=HEALTHY_RATE, samples=samples, warmup=1,
                   seconds=QUIET + TIMEOUT + 4) as healthy:
        time.sleep(1 + QUIET)
        hanging_from = time.monotonic_ns()
        time.sleep(MARGIN)
        with Batches(system) as batches:
            all_hang_from = time.monotonic_ns() + int(SETTLED * 1e9)
            ends = batches.ends()
        healthy.report()
    calls = read_samples(samples)
    first, last = ends[0][0], ends[-1][0]
    late = sum(answers for _, lateness, answers in ends if lateness > LATE * 1e9)
    return p99(calls, 0, hanging_from), p99(calls, all_hang_from, first), p99(calls, first, last), late


def timeout_of(batch):
    """So that all batches end at one moment."""
    return TIMEOUT - batch * APART


class Batches:
    """Ten thousand calls that hang and time out together, although they came one hundred after the other: who asks for all of them at one
    moment waits for the last to be read, too."""

    def __init__(self, system):
        self._selector = selectors.DefaultSelector()
        begin = time.monotonic()
        for batch in range(BATCHES):
            questions = b"".join(question(f"hanging-{batch}", number) for number in range(BURST))
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(system.socket))
            time.sleep(max(begin + batch * APART - time.monotonic(), 0))
            due = time.monotonic_ns() + int(timeout_of(batch) * 1e9)
            connection.sendall(questions)
            connection.setblocking(False)
            self._selector.register(connection, selectors.EVENT_READ, due)

    def ends(self):
        """[(when, how late, how many answers)] in nanoseconds, in the order of the time."""
        ends, missing = [], HUNG
        while missing:
            ready = self._selector.select(TIMEOUT * 2)
            if not ready:
                raise Failure(f"{missing} calls that hang were never answered")
            now = time.monotonic_ns()
            for key, _ in ready:
                received = key.fileobj.recv(1 << 20)
                if not received:
                    raise Failure("the daemon closed the connection of calls that hang")
                answers = received.count(b"\n")
                if received.count(b'"timeout"') < answers - 1:
                    raise Failure(f"not a time-out: {received[:300]!r}")
                ends.append((now, now - key.data, answers))
                missing -= answers
        return ends

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()


def question(webhook, number):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": "call.route",
                       "params": {"webhook": webhook, "did": "+31502102544", "callerid": "+31612345678"}}).encode() + b"\n"


def hang(calls, system, options, **settings):
    return Generator("hung calls", options, system, webhook="hanging", expect="timeout", connections=calls // BURST,
                     pipelined=BURST, calls=calls, warmup_calls=0, **settings)


def wait_until_hung(system, calls):
    deadline = time.monotonic() + TIMEOUT
    while system.ask_control("status")["in_flight"] < calls:
        if time.monotonic() > deadline:
            raise Failure(f"{calls} calls did not come to hang within their time-out of {TIMEOUT:g} s: is the machine busy?")
        time.sleep(0.05)


def p99(calls, begin, end):
    """µs, of the calls that were under way between two moments."""
    times = sorted(taken for start, taken in calls if start < end and start + taken >= begin)
    if not times:
        raise Failure("no healthy call was under way in a measured window")
    return times[math.ceil(len(times) * 0.99) - 1] / 1e3


def show(number, result):
    print(f"hanging {number}  {result.bytes_each / 1024:.1f} KiB each, {result.given_back:.0%} given back  healthy p99 "
          f"{result.p99_without_us:,.0f} µs without, {result.p99_beside_us:,.0f} µs beside, "
          f"{result.p99_timing_out_us:,.0f} µs while they time out  {result.late} late", file=sys.stderr, flush=True)
