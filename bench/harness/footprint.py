"""What the daemon takes of a machine: the program's size, memory when idle, allocations and instructions of a decision."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from .callgrind import Difference
from .cases import FEW_WEBHOOKS, MANY
from .dialhook import Dialhook, Settings
from .generator import Generator
from .web import PLAIN, WebServer

IDLE = 1.0           # seconds after the start until memory is read
WARM_CALLS = 20_000
COUNTED_CALLS = 50_000


@dataclass(frozen=True)
class Footprint:
    stripped: int        # bytes of the program without debug symbols
    resident: int        # bytes, RSS, idle, ten webhooks
    own: int             # bytes, PSS, of the same
    allocations: float   # for each decision, once everything is warm
    instructions: float  # likewise
    release_instructions: float  # of the preset release, which repeats exactly


def run_footprint(options, folder: Path) -> Footprint:
    with WebServer(folder / "web-footprint", PLAIN, options.scenario) as web:
        with Dialhook(folder / "idle", web, options, Settings(webhooks=FEW_WEBHOOKS)) as system:
            time.sleep(IDLE)
            resident, own = system.resident(), system.own_memory()
        result = Footprint(stripped_size(options.dialhookd, folder), resident, own, allocations(web, folder, options),
                           *(Difference(MANY, web, folder / program.parts[-3], options, program).instructions()
                             for program in (options.dialhookd, options.release)))
    print(f"footprint  {result}", file=sys.stderr, flush=True)
    return result


def stripped_size(program: Path, folder: Path):
    stripped = folder / "stripped"
    subprocess.run(["strip", "-o", stripped, program], check=True)
    return stripped.stat().st_size


def allocations(web, folder: Path, options):
    """Counted by a library in front of malloc, which exists in the bench alone."""
    count = folder / "allocations"
    count.write_bytes(bytes(8))
    environment = (("LD_PRELOAD", str(options.allocations)), ("ALLOCATION_COUNT", str(count)))
    with Dialhook(folder / "allocating", web, options, Settings(environment=environment)) as system:
        with Generator("allocations", options, system, connections=64, calls=COUNTED_CALLS, hold=True,
                       warmup_calls=WARM_CALLS) as generator:
            generator.wait_until_warm()
            before = read_count(count)
            generator.go()
            calls = generator.report()["calls"]
            return (read_count(count) - before) / calls


def read_count(file: Path):
    return int.from_bytes(file.read_bytes(), sys.byteorder)
