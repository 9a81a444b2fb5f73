"""The load generator, dialhook-bench, and what it reports."""

import array
import json
import subprocess
from pathlib import Path

from .place import OTHER_CORE
from .process import Failure


def command(options, system, *, core=OTHER_CORE, **settings):
    """The generator's command line; `warmup_calls=9` becomes `--warmup-calls 9`, and True an option without a value."""
    line = ["taskset", "--cpu-list", str(core), str(options.generator), "--protocol", system.protocol, "--socket",
            str(system.socket)]
    for name, value in settings.items():
        line.append("--" + name.replace("_", "-"))
        if value is not True:
            line.append(str(value))
    return line


class Generator:
    """One running generator. A wrong answer, or none, ends the measurement."""

    def __init__(self, what, options, system, **settings):
        self._what = what
        self._child = subprocess.Popen(command(options, system, **settings), stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)

    def wait_until_warm(self):
        if self._child.stdout.readline() != "warm\n":
            raise Failure(f"{self._what}: the load generator gave up in its warm-up")

    def go(self):
        self._child.stdin.write("go\n")
        self._child.stdin.flush()

    def report(self):
        """Waits for the end; what was measured."""
        line = self._child.stdout.readline()
        if self._child.wait() != 0:
            raise Failure(f"{self._what}: not every answer was right: {line.strip() or 'no report'}")
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._child.terminate()
        self._child.wait()
        self._child.stdin.close()
        self._child.stdout.close()


def read_samples(path: Path):
    """[(when the call was to start, how long it took)], nanoseconds of CLOCK_MONOTONIC."""
    numbers = array.array("q", path.read_bytes())
    return list(zip(numbers[::2], numbers[1::2]))
