"""From ten webhooks to a hundred thousand: start, memory, and a reload while calls go on."""

import json
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .cases import ALL_WEBHOOKS, FEW_WEBHOOKS
from .dialhook import TIMEOUT, Dialhook, Settings
from .generator import Generator, read_samples
from .process import Failure
from .web import PLAIN, WebServer

IDLE = 0.5         # seconds after the first answer until memory is read
AROUND = 1.0       # seconds of calls before and after the reload
RELOAD_LIMIT = 8   # seconds of calls that a reload must fit into
OTHER_TIMEOUT = "59s"  # so that the reloaded webhooks all differ


@dataclass(frozen=True)
class Started:
    seconds: float  # from the start of the program to its first right answer
    memory: int     # bytes, PSS, idle
    resident: int   # bytes, RSS, idle


@dataclass(frozen=True)
class Reloaded:
    seconds: float
    longest_gap_ms: float  # between two answers to an engine that asks without a pause
    gap_before_ms: float   # the same in the second before


@dataclass(frozen=True)
class Scale:
    few: Started
    all: Started
    reload: Reloaded

    @property
    def bytes_each(self):
        return (self.all.memory - self.few.memory) / (ALL_WEBHOOKS - FEW_WEBHOOKS)


def run_scale(options, folder: Path) -> list:
    results = []
    with WebServer(folder / "web-scale", PLAIN, options.scenario) as web:
        for number in range(options.repeats):
            with tempfile.TemporaryDirectory(dir=folder, prefix="scale-") as place:
                results.append(one(web, Path(place), options))
            show(number + 1, results[-1])
    return results


def one(web, folder: Path, options) -> Scale:
    with Dialhook(folder / "few", web, options, Settings(webhooks=FEW_WEBHOOKS)) as system:
        few = started(system, options)
    with Dialhook(folder / "all", web, options, Settings(webhooks=ALL_WEBHOOKS)) as system:
        return Scale(few, started(system, options), reloaded(system, folder, options))


def started(system, options) -> Started:
    seconds = first_answer(system, options) - system.started_at
    time.sleep(IDLE)
    return Started(seconds, system.own_memory(), system.resident())


def first_answer(system, options, webhook=None):
    """Asks one question, of the first of several webhooks unless one is named; the moment of its answer."""
    question = {"jsonrpc": "2.0", "id": 1, "method": "call.route",
                "params": {"webhook": webhook or f"{options.scenario['webhook']}-0", "did": "1", "callerid": "2"}}
    with socket.socket(socket.AF_UNIX) as engine:
        engine.settimeout(60)
        engine.connect(str(system.socket))
        engine.sendall(json.dumps(question).encode() + b"\n")
        with engine.makefile() as answers:
            answer = json.loads(answers.readline())
    if answer.get("result", {}).get("branch") != "success":
        raise Failure(f"the first answer is not the right one: {answer}")
    return time.monotonic()


def reloaded(system, folder: Path, options) -> Reloaded:
    # Written before anybody asks: ten megabytes are milliseconds of the load generator's core.
    changed = folder / "changed.yaml"
    changed.write_text(system.configuration.read_text().replace(f"timeout: {TIMEOUT}", f"timeout: {OTHER_TIMEOUT}", 1))
    samples = folder / "during-reload"
    with Generator("reload", options, system, spread=ALL_WEBHOOKS, samples=samples, warmup=0.5,
                   seconds=AROUND + RELOAD_LIMIT) as asking:
        time.sleep(0.5 + AROUND)
        changed.replace(system.configuration)
        begin = time.monotonic_ns()
        system.ask_control("reload")
        end = time.monotonic_ns()
        asking.report()
    answered = [start + taken for start, taken in read_samples(samples)]
    if end > answered[-1]:
        raise Failure(f"the reload took {(end - begin) / 1e9:.1f} s, longer than the calls beside it")
    return Reloaded((end - begin) / 1e9, longest_gap(answered, begin, end), longest_gap(answered, 0, begin))


def longest_gap(answered, begin, end):
    """ms, of the gaps that touch the time between two moments."""
    gaps = [later - earlier for earlier, later in zip(answered, answered[1:]) if later >= begin and earlier <= end]
    return max(gaps, default=0) / 1e6


def show(number, result):
    print(f"scale {number}  first answer after {result.few.seconds * 1e3:.1f} ms, with {ALL_WEBHOOKS:,} webhooks "
          f"{result.all.seconds:.2f} s  {result.bytes_each:,.0f} bytes each  reload {result.reload.seconds:.2f} s, longest "
          f"gap {result.reload.longest_gap_ms:.1f} ms, before it {result.reload.gap_before_ms:.1f} ms",
          file=sys.stderr, flush=True)
