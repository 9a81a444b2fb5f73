"""A Debian 12 that a real systemd has booted: a container of systemd-nspawn whose changes are gone when it ends."""
import contextlib
import ctypes
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import threading

from . import ROOT
from .notify import NotifySocket
from .patience import PATIENCE
from .scratch import Scratch

LEADER = "X_NSPAWN_LEADER_PID="
ENDED = "(the container has ended)"
BOOT = 60.0
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1


def tree():
    """The root file system that scripts/install-container has made."""
    path = ROOT / "build" / "e2e" / "debian"
    assert (path / ".complete").exists(), f"there is no Debian in {path}; scripts/install-container makes it"
    assert shutil.which("systemd-nspawn"), "there is no systemd-nspawn; scripts/install-container installs it"
    return path


class Machine:
    """Booted once constructed. `binds`: paths of this machine, and where they are in that one, to read."""

    def __init__(self, binds=None):
        self._scratch = Scratch()
        self._notify = NotifySocket(self._scratch.path / "notify")
        self._console = self._scratch.path / "console"
        with open(self._console, "wb") as console:
            self._process = subprocess.Popen(
                ["systemd-nspawn", "--register=no", "--keep-unit", "--private-network", "--volatile=overlay", "--quiet",
                 "--notify-ready=yes", "--console=pipe", "--link-journal=no", f"--directory={tree()}",
                 f"--machine=dialhook-{os.getpid()}",
                 *(f"--bind-ro={here}:{there}" for here, there in (binds or {}).items()), "--boot"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
                env={**os.environ, "NOTIFY_SOCKET": self._notify.path}, start_new_session=True,
                # Nothing is left of the container when this program is killed.
                preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        try:
            self._leader = self._wait_leader()
            self.run("systemctl", "is-system-running", "--wait")
        except BaseException:
            print(self.console())
            self.close()
            raise

    def _wait_leader(self):
        threading.Thread(target=self._note_end, daemon=True).start()
        messages = self._notify.messages.wait(lambda lines: ("READY=1" in lines or ENDED in lines) and list(lines),
                                              "the container's systemd", seconds=BOOT)
        assert ENDED not in messages, "systemd-nspawn could not boot the container"
        return next(int(line.removeprefix(LEADER)) for line in messages if line.startswith(LEADER))

    def _note_end(self):
        self._process.wait()
        self._notify.messages.add(ENDED)

    def stderr(self):
        """What a failed test shows."""
        return self.try_run("journalctl", "--no-pager", "--lines=80").stdout

    def console(self):
        return self._console.read_text("utf-8", "replace")

    @property
    def root(self):
        """Its files, seen from here; sockets among them can be connected to."""
        return pathlib.Path(f"/proc/{self._leader}/root")

    def try_run(self, *command, seconds=BOOT, **options):
        return subprocess.run(["nsenter", f"--target={self._leader}", "--all", "--wd=/", "--", *map(str, command)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=seconds, env={"PATH": "/usr/sbin:/usr/bin", "LC_ALL": "C.UTF-8",
                                                    "DEBIAN_FRONTEND": "noninteractive"}, **options)

    def run(self, *command, **options):
        """What the command prints; a command that fails fails the test, and says what it printed."""
        done = self.try_run(*command, **options)
        assert done.returncode == 0, f"{' '.join(map(str, command))}: exit code {done.returncode}:\n{done.stdout}"
        return done.stdout

    def write(self, path, text):
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def property(self, unit, name):
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).strip()

    def journal(self, *matches):
        """The entries so far, as dictionaries of their fields."""
        self.run("journalctl", "--sync")
        lines = self.run("journalctl", "--output=json", "--all", "--no-pager", *matches).splitlines()
        return [json.loads(line) for line in lines]

    def wait_end(self, pid):
        """Returns when the process, which has the number `pid` in there, has ended."""
        with contextlib.suppress(ProcessLookupError):
            process = os.pidfd_open(self._number_here(pid))
            try:
                assert select.select([process], [], [], BOOT)[0], f"process {pid} goes on and on"
            finally:
                os.close(process)

    def _number_here(self, pid):
        space = os.readlink(f"/proc/{self._leader}/ns/pid")
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                numbers = next(line for line in (process / "status").read_text().splitlines() if line.startswith("NSpid:"))
                if numbers.split()[-1] == str(pid) and os.readlink(process / "ns" / "pid") == space:
                    return int(process.name)
        raise ProcessLookupError(pid)

    def enter_network(self):
        """This thread, and those that it starts from now on, are on the container's network."""
        with open(f"/proc/{self._leader}/ns/net", "rb") as network:
            if LIBC.setns(network.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def close(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGTERM)   # at once then
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._notify.close()
        self._scratch.remove()
