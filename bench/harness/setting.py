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
RELEASE, TRAINED, RECORDING = (ROOT / "build" / preset for preset in ("release", "trained", "recording"))


def prepare(options, build: Path):
    """Puts this script on the core of load generator and web server, finds what was built in `build` beside the daemon, and
    reads the scenario into `options`."""
    if not {SYSTEM_CORE, OTHER_CORE} <= os.sched_getaffinity(0):
        raise Failure(f"the bench needs cores {SYSTEM_CORE} and {OTHER_CORE}")
    options.floor = build / "bin/dialhook-floor"
    options.release = RELEASE / "bin/dialhookd"
    options.allocations = build / "bench/libdialhook-allocations.so"
    require(options.floor, options.allocations, options.release)
    prepare_calls(options, build)
    os.sched_setaffinity(0, {OTHER_CORE})


def prepare_calls(options, build: Path):
    """What is needed to ask the daemon and no more; on any machine."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options.generator = build / "bin/dialhook-bench"
    require(options.generator, options.dialhookd)
    options.scenario = json.loads(
        subprocess.run([options.generator, "--scenario"], check=True, capture_output=True).stdout)


def require(*programs):
    for program in programs:
        if not program.exists():
            raise Failure(f"{program} is not there: scripts/bench builds it, and scripts/build-trained what the training needs")
