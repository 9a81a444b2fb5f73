"""One measurement: a fresh system under test, a warm-up, a window, and every count compared."""

import time
from dataclasses import dataclass
from pathlib import Path

from . import peers
from .cases import ALL_WEBHOOKS, Case
from .dialhook import Dialhook, Settings, dialhook_over_http
from .generator import Generator
from .place import OTHER_CORE, SYSTEM_CORE
from .process import Failure, core_seconds

WARM_CALLS = ALL_WEBHOOKS  # where several webhooks are asked: each at least once, and all systems the same number of calls
SETTLE = 0.1  # seconds for what goes on behind an answer, such as a log that is written later


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
    resumed: float       # share of the TLS handshakes that were resumed, where the web server closes each connection
    quantiles: list      # [(share of the calls, µs that they did not exceed)]


@dataclass(frozen=True)
class Reading:
    at: float
    system: float
    core: float  # with what the host took
    other_core: float
    web: float
    requests: int
    handshakes: tuple


def read(system, web) -> Reading:
    return Reading(time.monotonic(), system.cpu_seconds(), core_seconds(SYSTEM_CORE), core_seconds(OTHER_CORE),
                   web.cpu_seconds(), web.requests(), web.handshakes())


def start(case: Case, web, folder: Path, options):
    if case.system in ("dialhook", "release"):
        program = options.dialhookd if case.system == "dialhook" else options.release
        return Dialhook(folder, web, options, Settings(webhooks=case.webhooks, program=program))
    if case.system == "engine-http":
        return dialhook_over_http(folder, web, options)
    return getattr(peers, case.system)(folder, web, options)


def measure(case: Case, web, folder: Path, options, rate=0.0) -> Sample:
    """`rate`: calls a second of an open loop."""
    settings = {"connections": case.load.connections, "pipelined": case.load.pipelined, "seconds": options.seconds}
    if case.webhooks:
        settings |= {"spread": case.webhooks, "warmup_calls": WARM_CALLS}
    else:
        settings["warmup"] = options.warmup
    if case.open:
        settings["rate"] = rate
    system = start(case, web, folder, options)
    try:
        with Generator(case.name, options, system, **settings, hold=True) as generator:
            generator.wait_until_warm()
            time.sleep(SETTLE)
            before = read(system, web)
            generator.go()
            report = generator.report()
            time.sleep(SETTLE)
            return judged(case, report, before, read(system, web))
    finally:
        system.stop()


def judged(case: Case, report, before: Reading, after: Reading) -> Sample:
    calls = report["calls"]
    requests = after.requests - before.requests
    if requests != calls:
        raise Failure(f"{case.name}: {calls} calls, but the web server counted {requests} requests")
    if not calls:
        raise Failure(f"{case.name}: no call was answered")

    window = after.at - before.at
    cpu = after.system - before.system
    web = after.web - before.web
    generator = report["own_cpu_us"] / 1e6
    core = after.core - before.core
    other_core = after.other_core - before.other_core
    resumed, handshakes = (late - early for late, early in zip(after.handshakes, before.handshakes))
    return Sample(calls=calls, decisions_per_s=report["decisions_per_s"], cpu_us=cpu / calls * 1e6,
                  p50_us=report["p50_us"], p99_us=report["p99_us"], max_us=report["max_us"],
                  busy=cpu / report["elapsed_s"], others=max(core - cpu, 0) / window, other_core=other_core / window,
                  other_others=max(other_core - web - generator, 0) / window, generator_us=generator / calls * 1e6,
                  web_us=web / calls * 1e6, resumed=resumed / handshakes if handshakes else 0.0,
                  quantiles=report["quantiles"])
