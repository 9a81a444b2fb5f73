"""One measurement: a fresh system under test, a warm-up, a window, and every count compared."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .process import Failure, core_seconds
from .systems import OTHER_CORE, SYSTEM_CORE, SYSTEMS

SETTLE = 0.1  # seconds for what goes on behind an answer, such as a log that is written later


@dataclass(frozen=True)
class Load:
    connections: int
    pipelined: int

    @property
    def name(self):
        return f"{self.connections}x{self.pipelined}"


ONE = Load(1, 1)
MANY = Load(64, 1)
PIPELINED = Load(8, 8)

# Who is asked what. nginx serves pipelined requests one after another, so its 64x1 stands beside 8x8.
PLAN = {"dialhook": (ONE, MANY, PIPELINED), "nginx": (ONE, MANY)}
BESIDE = {ONE: ONE, MANY: MANY, PIPELINED: MANY}


@dataclass(frozen=True)
class Sample:
    """What one system did with one load in one round."""

    calls: int
    decisions_per_s: float
    cpu_us: float  # of all its processes, for each decision
    p50_us: float
    p99_us: float
    max_us: float
    busy: float          # share of its core that the system used
    others: float        # share of its core that somebody else used, or the host took
    other_core: float    # share of the other core that was busy
    other_others: float  # share of the other core that neither web server nor load generator used
    generator_us: float  # of the load generator on it, for each decision
    web_us: float        # of the web server on it, for each decision


@dataclass(frozen=True)
class Reading:
    at: float
    system: float
    core: float  # with what the host took
    other_core: float
    web: float
    requests: int


def read(system, web) -> Reading:
    return Reading(time.monotonic(), system.cpu_seconds(), core_seconds(SYSTEM_CORE), core_seconds(OTHER_CORE),
                   web.cpu_seconds(), web.requests())


def measure(name: str, load: Load, web, folder: Path, options) -> Sample:
    system = SYSTEMS[name](folder, web, options)
    try:
        return run_load(system, load, web, options)
    finally:
        system.stop()


def run_load(system, load, web, options) -> Sample:
    command = ["taskset", "--cpu-list", str(OTHER_CORE), str(options.generator), "--protocol", system.protocol,
               "--socket", str(system.socket), "--connections", str(load.connections),
               "--pipelined", str(load.pipelined), "--warmup", str(options.warmup), "--seconds", str(options.seconds),
               "--hold"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as generator:
        try:
            if generator.stdout.readline() != "warm\n":
                raise Failure(f"{system.name} {load.name}: the load generator gave up in its warm-up")
            time.sleep(SETTLE)
            before = read(system, web)
            generator.stdin.write("go\n")
            generator.stdin.flush()
            line = generator.stdout.readline()
            if generator.wait() != 0:
                raise Failure(f"{system.name} {load.name}: not every answer was right: {line.strip() or 'no report'}")
            time.sleep(SETTLE)
            after = read(system, web)
        finally:
            generator.terminate()
    return judged(system, load, json.loads(line), before, after)


def judged(system, load, report, before: Reading, after: Reading) -> Sample:
    calls = report["calls"]
    requests = after.requests - before.requests
    if requests != calls:
        raise Failure(f"{system.name} {load.name}: {calls} calls, but the web server counted {requests} requests")
    if not calls:
        raise Failure(f"{system.name} {load.name}: no call was answered")

    window = after.at - before.at
    cpu = after.system - before.system
    web = after.web - before.web
    generator = report["own_cpu_us"] / 1e6
    core = after.core - before.core
    other_core = after.other_core - before.other_core
    return Sample(calls=calls, decisions_per_s=report["decisions_per_s"], cpu_us=cpu / calls * 1e6,
                  p50_us=report["p50_us"], p99_us=report["p99_us"], max_us=report["max_us"],
                  busy=cpu / report["elapsed_s"], others=max(core - cpu, 0) / window, other_core=other_core / window,
                  other_others=max(other_core - web - generator, 0) / window, generator_us=generator / calls * 1e6,
                  web_us=web / calls * 1e6)
