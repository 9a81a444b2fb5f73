"""Two threads beside one. Daemon, web server and load generator share two cores here, so this tells only that a second
thread does no harm; what it brings needs more cores."""

import sys
from dataclasses import dataclass
from pathlib import Path

from .cases import MANY
from .dialhook import Dialhook, Settings
from .generator import Generator
from .place import BOTH_CORES
from .web import PLAIN, WebServer


@dataclass(frozen=True)
class Threads:
    one_per_s: float  # decisions a second
    two_per_s: float


def run_threads(options, folder: Path) -> list:
    results = []
    with WebServer(folder / "web-threads", PLAIN, options.scenario, core=BOTH_CORES) as web:
        for number in range(options.repeats):
            results.append(Threads(*(decisions_per_s(count, folder / f"threads-{number}-{count}", web, options)
                                     for count in (1, 2))))
            print(f"threads {number + 1}  {results[-1].one_per_s:,.0f}/s with one, {results[-1].two_per_s:,.0f}/s with two",
                  file=sys.stderr, flush=True)
    return results


def decisions_per_s(threads, folder: Path, web, options):
    with Dialhook(folder, web, options, Settings(threads=threads, core=BOTH_CORES)) as system:
        with Generator(f"{threads} threads", options, system, core=BOTH_CORES, connections=MANY.connections,
                       warmup=options.warmup, seconds=options.seconds) as generator:
            return generator.report()["decisions_per_s"]
