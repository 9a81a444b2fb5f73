"""Ten thousand calls whose web server hangs: what each of them holds, and what the healthy calls beside them feel."""

import math
import resource
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

WEBHOOK = """  hanging:
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
    settings = Settings(more_webhooks=WEBHOOK.format(port=server.port, timeout=TIMEOUT))
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
    healthy_file, hung_file = folder / "healthy", folder / "hung"
    with Generator("healthy", options, system, connections=64, rate=HEALTHY_RATE, samples=healthy_file, warmup=1,
                   seconds=QUIET + TIMEOUT + 4) as healthy:
        time.sleep(1 + QUIET)
        hanging_from = time.monotonic_ns()
        time.sleep(MARGIN)
        with hang(HUNG, system, options, samples=hung_file) as hung:
            wait_until_hung(system, HUNG)
            time.sleep(SETTLED)
            all_hang_from = time.monotonic_ns()
            hung.report()
        healthy.report()
    calls = read_samples(healthy_file)
    timed_out = read_samples(hung_file)
    ends = [start + taken for start, taken in timed_out]
    late = sum(taken > (TIMEOUT + LATE) * 1e9 for _, taken in timed_out)
    return (p99(calls, 0, hanging_from), p99(calls, all_hang_from, min(ends)), p99(calls, min(ends), max(ends)), late)


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
