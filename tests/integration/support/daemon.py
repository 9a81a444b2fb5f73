"""The real `dialhookd` in a folder of its own, started as a service manager would start it."""
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import threading

from . import memcheck, socket_activation
from .configuration import as_yaml
from .engine import Engine
from .journal import Journal
from .notify import NotifySocket
from .patience import PATIENCE, Deadline
from .scratch import Scratch
from .threads import join

SANITIZER_REPORT = re.compile(r"(ERROR|WARNING): \w+Sanitizer|runtime error:")

# Stands among the messages to the service manager once the daemon has closed its standard error, thus is gone.
ENDED = "(the daemon has ended)"


def sibling(name):
    """A program that was built beside the daemon."""
    return str(pathlib.Path(os.environ["DIALHOOK_BIN_DIR"]) / name)


def program():
    return sibling("dialhookd")


def check(config_path, environment=None):
    """`dialhookd --check`: its exit code and all that it printed."""
    done = subprocess.run([program(), "--config", str(config_path), "--check"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=5 * PATIENCE, env={**os.environ, **(environment or {})})
    return done.returncode, done.stdout.decode()


class Daemon:
    """Ready for calls once constructed, unless `wait_ready` is false. `scratch` may be another daemon's folder. With
    `stderr`, a file descriptor, nothing reads what the daemon says."""

    _started = 0

    def __init__(self, content, *, scratch=None, environment=None, soft_descriptors=None, descriptors=None, wait_ready=True, passed=(),
                 stderr=subprocess.PIPE, arguments=(), within=()):
        """`within`: a command that the daemon is run by, see namespaces.py. `passed`: pairs of a name and a socket that
        listens, as systemd would pass them. `descriptors`: the hard limit
        of them, `soft_descriptors` the soft one."""
        Daemon._started += 1
        self._owns_scratch = scratch is None
        self.scratch = scratch or Scratch()
        self.socket_path = self.scratch.path / "engine.sock"
        self.config_path = self.scratch.path / "dialhook.yaml"
        if content is not None:    # else the file is as the test has left it
            self.configure(content)
        self.notify = NotifySocket(self.scratch.path / f"notify{Daemon._started}")
        self.log = Journal()
        self._finished = False
        limit = None
        if soft_descriptors is not None or descriptors is not None:
            hard = descriptors or resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft_descriptors or hard, hard))
        self._memcheck_log = self.scratch.path / f"memcheck{Daemon._started}"
        under = memcheck.command(self._memcheck_log) if memcheck.IS_ON else []
        self.process = subprocess.Popen(
            [*within, *socket_activation.command(passed), *under, program(), "--config", str(self.config_path), *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr, preexec_fn=limit,
            pass_fds=socket_activation.descriptors(passed),
            env={**os.environ, "NOTIFY_SOCKET": self.notify.path, **(environment or {})})
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        if wait_ready:
            self._wait_ready()

    def configure(self, content):
        """Writes the configuration file. Text is taken as it is; values get the sockets of this folder."""
        if not isinstance(content, str):
            server = {"socket": str(self.socket_path), "control": str(self.scratch.path / "control.sock"),
                      "log": {"level": "info", "decisions": "all", "format": "json"}, **content.get("server", {})}
            content = as_yaml({**content, "server": server})
        self.scratch.write(self.config_path.name, content)

    def _wait_ready(self):
        try:
            self.notify.messages.wait(lambda lines: "READY=1" in lines or ENDED in lines, "READY=1")
            assert "READY=1" in self.notify.messages.entries(), f"the daemon did not get ready:\n{self.stderr()}"
        except BaseException:
            self.kill()
            raise

    def _read_log(self):
        for line in self.process.stderr or ():
            self.log.add(line.decode("utf-8", "backslashreplace").rstrip("\n"))
        self.process.wait()
        self.notify.messages.add(ENDED)

    def stderr(self):
        return "\n".join(self.log.entries())

    def log_lines(self):
        """Every line of a JSON log; a line that is no JSON object fails the test."""
        lines = [json.loads(line) for line in self.log.entries()]
        assert all(isinstance(line, dict) for line in lines), lines
        return lines

    def decision_lines(self):
        return [line for line in self.log_lines() if "branch" in line]

    def wait_logged(self, *words, start=0):
        """A log line that holds all of `words`, whatever their order and case."""
        return self.log.wait_entry(lambda line: all(word.lower() in line.lower() for word in words),
                                   f"a log line with {words}", start)

    def status(self):
        """What `dialhookctl status` shows."""
        done = subprocess.run([sibling("dialhookctl"), "status", "--json", "--control", str(self.scratch.path / "control.sock")],
                              stdout=subprocess.PIPE, timeout=PATIENCE, check=True)
        return json.loads(done.stdout)

    def wait_idle(self, count):
        """Until so many connections to web servers are idle: the web server sees one before the daemon has it."""
        deadline = Deadline()
        while (connections := self.status()["connections"])["idle"] != count:
            assert not deadline.over(), f"{count} idle connections; there are {connections}"

    def engine(self):
        return Engine(self.socket_path)

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self, content=None):
        """SIGHUP, and back when the daemon says that it is done with it; the log entries of the reload start at the
        returned index."""
        if content is not None:
            self.configure(content)
        seen, logged = len(self.notify.messages), len(self.log)
        self.signal(signal.SIGHUP)
        self.notify.wait("RELOADING=1", seen)
        reloading = self.notify.messages.entries().index("RELOADING=1", seen)
        self.notify.wait("READY=1", reloading)
        return logged

    def wait_exit(self, seconds=PATIENCE):
        """The exit code, with all of standard error read."""
        code = self.process.wait(seconds)
        join(self._reader, "the reader of the daemon's standard error")
        self._finish()
        return code

    def stop(self):
        """An orderly end, or an AssertionError that says what was not orderly about it."""
        if self._finished:
            return
        self.signal(signal.SIGTERM)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"SIGTERM did not end the daemon:\n{self.stderr()}") from None
        join(self._reader, "the reader of the daemon's standard error")
        self._finish()
        assert code == 0, f"exit code {code}:\n{self.stderr()}"
        assert not SANITIZER_REPORT.search(self.stderr()), self.stderr()

    def kill(self):
        """kill -9: nothing is tidied up, and the socket file stays."""
        self.process.kill()
        self.process.wait(PATIENCE)
        join(self._reader, "the reader of the daemon's standard error")
        self._finish()

    def _finish(self):
        if self._finished:
            return
        self._finished = True
        if self.process.stderr:
            self.process.stderr.close()
        self.notify.close()
        try:
            if memcheck.IS_ON:
                memcheck.assert_clean(self._memcheck_log)
        finally:
            if self._owns_scratch:
                self.scratch.remove()
