"""What every measurement needs before it starts: two cores, the built programs, and what the load generator asks."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from .place import OTHER_CORE, SYSTEM_CORE
from .process import Failure

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"


def prepare(options):
    """Puts this script on the core of load generator and web server, and reads the scenario into `options`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if not {SYSTEM_CORE, OTHER_CORE} <= os.sched_getaffinity(0):
        raise Failure(f"the bench needs cores {SYSTEM_CORE} and {OTHER_CORE}")
    options.generator = BUILD / "bin/dialhook-bench"
    options.floor = BUILD / "bin/dialhook-floor"
    options.allocations = BUILD / "bench/libdialhook-allocations.so"
    for program in (options.generator, options.floor, options.allocations, options.dialhookd):
        if not program.exists():
            raise Failure(f"{program} is not there: scripts/bench builds it")
    os.sched_setaffinity(0, {OTHER_CORE})
    options.scenario = json.loads(
        subprocess.run([options.generator, "--scenario"], check=True, capture_output=True).stdout)
