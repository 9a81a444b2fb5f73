"""Call events: how many a second are on disk, how soon a web server is told, what the calls beside them feel, and what waiting ones hold."""

import json
import math
import socket
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .dialhook import Dialhook, Settings
from .generator import Generator, read_samples
from .hanging import p99
from .process import Failure
from .web import PLAIN, WebServer

KINDS = ("created", "ringing", "answered", "ended")
WAITING = 100_000
STORED = 20_000          # events of one measurement of what is stored
AT_ONCE = 256            # of them that wait for their answer
RATE = 2_000             # events a second beside calls
TICK = 0.01              # seconds between two batches of them
CALLS = 5_000            # calls a second
WINDOW = 4.0             # seconds of calls with events, and without
MARGIN = 0.2             # seconds around each window
TOLD_RATE = 100          # events a second while it is measured how soon they are told
TOLD = 500

SPOOL = "  spool: {folder}/spool.db\n"
NOTIFICATION = """notifications:
  told:
    url: "http://127.0.0.1:{port}/events"
"""


@dataclass(frozen=True)
class Events:
    stored_per_s: float
    told_p50_ms: float
    told_p99_ms: float
    p99_without_us: float
    p99_beside_us: float
    waiting_bytes: float  # what each that waits holds of the daemon's own memory


class Reporting:
    """An engine that says what happens to calls, four events each."""

    def __init__(self, system):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(str(system.socket))
        self._answers = self._socket.makefile("rb")
        self._said = 0

    def say(self, count):
        self._socket.sendall(b"".join(self._line() for _ in range(count)))

    def confirm(self, count):
        for _ in range(count):
            answer = self._answers.readline()
            if b'"stored":true' not in answer:
                raise Failure(f"an event was not stored: {answer[:300]!r}")

    def _line(self):
        call, kind = divmod(self._said, len(KINDS))
        self._said += 1
        return json.dumps({"jsonrpc": "2.0", "id": self._said, "method": "call.event", "params": {
            "call_id": f"1784000000.{call}", "event": KINDS[kind], "did": "+31502102544", "callerid": "+31612345678",
            "callername": "VoysTelecom"}}).encode() + b"\n"

    def close(self):
        self._answers.close()
        self._socket.close()


class Receiver:
    """Takes each event, and knows when it came."""

    REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.came = []    # pairs of the call with the event's number, and when; seconds of CLOCK_MONOTONIC
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        try:
            while True:
                threading.Thread(target=self._serve, args=(self._listener.accept()[0],), daemon=True).start()
        except OSError:
            return  # closed

    def _serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                fields = {}
                while line not in (b"\r\n", b""):
                    name, _, value = line.partition(b":")
                    fields[name.lower()] = value.strip()
                    line = stream.readline()
                at = time.monotonic()
                body = json.loads(stream.read(int(fields[b"content-length"])))
                self.came.append(((body["call_id"], int(fields[b"webhook-sequence"])), at))
                connection.sendall(self.REPLY)

    def close(self):
        self._listener.close()


def run_events(options, folder: Path) -> list:
    results = []
    with WebServer(folder / "web-events", PLAIN, options.scenario) as web:
        for number in range(options.repeats):
            with tempfile.TemporaryDirectory(dir=folder, prefix="events-") as place:
                results.append(one(web, Path(place), options))
            show(number + 1, results[-1])
    return results


def one(web, folder: Path, options) -> Events:
    waiting = waiting_bytes(web, folder, options)
    told = sorted(told_after(web, folder, options))
    with daemon("beside", web, folder, options, web.port) as system:
        without, beside = calls_beside(system, folder, options)
        return Events(stored_per_s(system), percentile(told, 0.5) * 1e3, percentile(told, 0.99) * 1e3, without, beside, waiting)


def daemon(name, web, folder: Path, options, port):
    """One that tells the web server at `port`."""
    place = folder / name
    return Dialhook(place, web, options, Settings(more_server=SPOOL.format(folder=place),
                                                  more_webhooks=NOTIFICATION.format(port=port)))


def stored_per_s(system):
    engine = Reporting(system)
    begin = time.monotonic()
    engine.say(AT_ONCE)
    for _ in range(STORED // AT_ONCE - 1):
        engine.confirm(AT_ONCE // 2)
        engine.say(AT_ONCE)
        engine.confirm(AT_ONCE // 2)
    engine.confirm(AT_ONCE)
    taken = time.monotonic() - begin
    engine.close()
    return STORED // AT_ONCE * AT_ONCE / taken


def told_after(web, folder: Path, options):
    """Seconds from each report to its arrival."""
    receiver = Receiver()
    said = {}
    try:
        with daemon("told", web, folder, options, receiver.port) as system:
            engine = Reporting(system)
            for number in range(TOLD):
                call, kind = divmod(number, len(KINDS))
                said[(f"1784000000.{call}", kind + 1)] = time.monotonic()
                engine.say(1)
                engine.confirm(1)
                time.sleep(1 / TOLD_RATE)
            deadline = time.monotonic() + 60
            while len(receiver.came) < TOLD:
                if time.monotonic() > deadline:
                    raise Failure(f"{len(receiver.came)} of {TOLD} events were told within a minute")
                time.sleep(0.05)
            engine.close()
    finally:
        receiver.close()
    return [at - said[event] for event, at in receiver.came]


def calls_beside(system, folder: Path, options):
    """p99 of calls, in µs: without events, and beside them."""
    samples = folder / "beside-events"
    with Generator("calls beside events", options, system, connections=64, rate=CALLS, samples=samples, warmup=1,
                   seconds=2 * WINDOW + 4 * MARGIN) as calls:
        time.sleep(1 + MARGIN)
        quiet_from = time.monotonic_ns()
        time.sleep(WINDOW)
        quiet_to = time.monotonic_ns()
        report_steadily(system, MARGIN)
        busy_from = time.monotonic_ns()
        report_steadily(system, WINDOW)
        busy_to = time.monotonic_ns()
        calls.report()
    taken = read_samples(samples)
    return p99(taken, quiet_from, quiet_to), p99(taken, busy_from, busy_to)


def report_steadily(system, seconds):
    engine = Reporting(system)
    count = round(RATE * TICK)
    begin = time.monotonic()
    for tick in range(round(seconds / TICK)):
        if (pause := begin + tick * TICK - time.monotonic()) > 0:
            time.sleep(pause)
        engine.say(count)
        engine.confirm(count)
    if (taken := time.monotonic() - begin) > seconds * 1.2:
        raise Failure(f"{RATE:,} events a second were not reached: {seconds:g} s of them took {taken:.1f} s")
    engine.close()


def waiting_bytes(web, folder: Path, options):
    """What one of many events holds that wait for a web server that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:    # bound, and nobody answers
        with daemon("waiting", web, folder, options, taken.getsockname()[1]) as system:
            before = system.own_memory()
            engine = Reporting(system)
            for _ in range(WAITING // 1000):
                engine.say(1000)
                engine.confirm(1000)
            held = system.own_memory() - before
            engine.close()
    return held / WAITING


def percentile(values, share):
    return values[math.ceil(len(values) * share) - 1]


def show(number, result):
    print(f"events {number}  {result.stored_per_s:,.0f} stored a second  told after {result.told_p50_ms:.1f} ms, p99 {result.told_p99_ms:.1f} ms  "
          f"calls' p99 {result.p99_without_us:,.0f} µs without, {result.p99_beside_us:,.0f} µs beside  {result.waiting_bytes:,.0f} bytes for each "
          "that waits", file=sys.stderr, flush=True)
