"""A program of a PBX that runs while a test does, with its own folder and its output in a file there."""
import contextlib
import os
import shutil
import select
import signal
import socket
import subprocess

from .patience import Deadline

# PBXes start and end slower than the daemon does; only a failing test waits so long.
START = 30.0


def find_program(name):
    """A missing program fails the suite and says how to get it."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    assert path, f"{name} is not installed; scripts/install-e2e installs it"
    return path


class Program:
    """`command` in a process group of its own, which is gone after `close`."""

    def __init__(self, command, output, **options):
        self._output = output
        with open(output, "wb") as file:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=file,
                                            stderr=subprocess.STDOUT, start_new_session=True, **options)

    def output(self):
        return self._output.read_text("utf-8", "replace")

    def is_running(self):
        return self.process.poll() is None

    def wait_until(self, is_ready):
        """Asks `is_ready` (which waits a little itself) until it is true; false when the program ended before."""
        deadline = Deadline(START)
        while self.is_running():
            if is_ready():
                return True
            assert not deadline.over(), f"{self.process.args[0]} does not get ready:\n{self.output()}"
        return False

    def kill(self):
        """The whole group, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(START)

    def close(self, patience=START):
        """Ends it, and after `patience` its whole group."""
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.kill()


def can_connect(port):
    """Whether somebody listens; waits a moment when not, so that it may be asked in a loop."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=START):
        return True
    select.select([], [], [], 0.02)  # a poll: there is nothing to wait on
    return False
