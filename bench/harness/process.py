"""Processes that are pinned to a core, counted, and never left behind."""

import os
import signal
import subprocess
import time
from pathlib import Path

START_ALLOWED = 240.0  # seconds; under Valgrind, on a machine that others keep busy
STOP_ALLOWED = 240.0


class Failure(Exception):
    """The measurement cannot be made; the text says why."""


class Process:
    """One started program. It dies with this script, whatever ends it."""

    def __init__(self, command, core, log: Path, environment=None):
        self.name = Path(command[0]).name
        self.log = log
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "taskset", "--cpu-list", str(core), *map(str, command)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={**os.environ, **(environment or {})})

    def wait_until(self, ready, what):
        """Waits for `ready()`; when that does not come, the process is stopped and its log is the reason."""
        deadline = time.monotonic() + START_ALLOWED
        while not ready():
            ended = self._child.poll() is not None
            if ended or time.monotonic() > deadline:
                self.stop()
                reason = "ended at its start" if ended else f"no {what} after {START_ALLOWED:.0f} s"
                raise Failure(f"{self.name}: {reason}\n{self._last_words()}")
            time.sleep(0.001)

    def stop(self):
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(STOP_ALLOWED)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def cpu_seconds(self):
        """User and system time of the process, its threads and its children so far."""
        return sum(cpu_nanoseconds(pid) for pid in family(self._child.pid)) / 1e9

    def memory(self, file, field):
        """Bytes that `field` of /proc/PID/FILE tells."""
        for line in Path(f"/proc/{self._child.pid}/{file}").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == field:
                return int(value.split()[0]) * 1024
        raise Failure(f"{self.name}: /proc/{self._child.pid}/{file} has no {field}")

    def _last_words(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


def family(pid):
    """`pid` and all its descendants."""
    children = [int(child) for task in tasks(pid) for child in (task / "children").read_text().split()]
    return [pid] + [member for child in children for member in family(child)]


def cpu_nanoseconds(pid):
    # utime and stime of /proc/PID/stat count in ticks of 10 ms; the same time stands in schedstat in nanoseconds.
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks(pid))


def tasks(pid):
    return list(Path(f"/proc/{pid}/task").iterdir())


def core_seconds(core):
    """Time that `core` was busy, or that the host of a virtual machine gave to somebody else (steal)."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
            return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    raise Failure(f"there is no core {core}: the bench needs two")
