"""A page played by a shell: its files are written, its commands are typed, in the order of the page.

```console blocks hold commands behind `$ ` and what they print; `…` stands for anything within a line. A block with file=NAME behind
its language is a file. Behind `console`, `figures-vary` says that every run prints other numbers, and `foreground` that its one command goes
on, and prints what it gets from a web client.

The pages say 127.0.0.1, /run/dialhook and /tmp. Each page gets a loopback address and folders of its own in their place, and what it prints is
put back: so it can use the ports and paths that readers use, beside other tests and without any privilege.
"""

import os
import pathlib
import random
import re
import subprocess
import tempfile
import time

from programs import BIN, PATIENCE

# The sockets are not at their default places. The arguments: the folder of the programs, and that of the sockets.
DIALHOOKCTL = """#!/bin/sh
case " $* " in
    *" --control "*|*" --socket "*) exec {0}/dialhookctl "$@" ;;
    *) exec {0}/dialhookctl --socket {1}/dialhook.sock --control {1}/control.sock "$@" ;;
esac
"""


def commands_of(text):
    """Pairs of a command and the lines that it prints."""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\"):
            found[-1] = (found[-1][0][:-1] + line, [])
        else:
            found[-1][1].append(line)
    return found


def replaced(text, places):
    return re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], text)


def with_sockets(configuration):
    """A configuration that says where both sockets stand, below all that it says else: faults keep their lines."""
    sockets = {"socket": "/run/dialhook/dialhook.sock", "control": "/run/dialhook/control.sock"}
    missing = [f"{key}: {path}" for key, path in sockets.items() if not re.search(f"^  {key}:", configuration, re.MULTILINE)]
    if not missing:
        return configuration
    if not re.search("^server:", configuration, re.MULTILINE):
        return configuration + f"server: {{ {', '.join(missing)} }}\n"
    return re.sub("^server:\n", "server:\n" + "".join(f"  {line}\n" for line in missing), configuration, flags=re.MULTILINE)


class Session:
    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name) / "page"
        self.folder.mkdir()
        self.address = f"127.{random.randint(64, 127)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        self.places = {"127.0.0.1": self.address, "/run/dialhook": f"{self._folder.name}/run", "/tmp/": f"{self._folder.name}/tmp/"}
        for name in ("tmp", "bin"):
            (pathlib.Path(self._folder.name) / name).mkdir()
        program = pathlib.Path(self._folder.name) / "bin" / "dialhookctl"
        program.write_text(DIALHOOKCTL.format(BIN, self.places["/run/dialhook"]), encoding="utf-8")
        program.chmod(0o755)
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "PATH": f"{program.parent}:{BIN}:{os.environ['PATH']}"}
        environment.pop("NOTIFY_SOCKET", None)
        self.shell = subprocess.Popen(["bash", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, env=environment, cwd=self.folder)
        self._type('sudo() { "$@"; }')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._type("kill $(jobs -p) 2>/dev/null; wait; exit")
        self.shell.stdin.close()
        self.shell.wait(timeout=PATIENCE)
        self.shell.stdout.close()
        self._folder.cleanup()

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".yaml" and path.parent == self.folder and re.search("^(webhooks|notifications):", text, re.MULTILINE):
            text = with_sockets(text)
        path.write_text(self._here(text), encoding="utf-8")

    def run(self, command):
        """What a command prints, as lines; one in the background prints into a file, and is waited for until it listens."""
        if not command.endswith("&"):
            return self._output(command)
        self._start(command[:-1], "background.log")
        return []

    def stay(self, command, requests):
        """What a web server in the foreground prints while it gets these `requests`, each the target of a GET."""
        self._start(command, "foreground.log")
        url = re.search(r"http://\S+", self._log("foreground.log"))[0]
        for target in requests:
            self._output(f"python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1])' '{url}{target}'")
        return self._log("foreground.log").splitlines()

    def _start(self, command, log):
        before = self._listening()
        self._output(f"{command} >>{log} 2>&1 &")
        deadline = time.monotonic() + PATIENCE
        while self._listening() <= before:
            if time.monotonic() > deadline:
                raise AssertionError(f"{command} does not listen: {self._log(log)}")

    def _log(self, name):
        return self._as_shown((self.folder / name).read_text(encoding="utf-8"))

    def _listening(self):
        """How many sockets of this page listen."""
        address = "".join(f"{int(part):02X}" for part in reversed(self.address.split(".")))
        tcp = pathlib.Path("/proc/net/tcp").read_text()
        unix = pathlib.Path("/proc/net/unix").read_text()
        return (len(re.findall(rf" {address}:[0-9A-F]{{4}} \S+ 0A ", tcp))
                + len(re.findall(rf" 00010000 0001 01 .*{re.escape(self._folder.name)}.*control", unix)))

    def _here(self, text):
        return replaced(text, self.places)

    def _as_shown(self, text):
        return replaced(text, {here: shown for shown, here in self.places.items()})

    def _type(self, text):
        self.shell.stdin.write(self._here(text) + "\n")
        self.shell.stdin.flush()

    def _output(self, command):
        self._type(f"{command}\n(exit $?); status=$?; echo; echo end-of-command; (exit $status)")
        lines = []
        while (line := self.shell.stdout.readline()) != "end-of-command\n":
            assert line, f"the shell ended at {command}: {lines}"
            lines.append(self._as_shown(line.rstrip("\n")))
        return lines[:-1] if lines and lines[-1] == "" else lines


def matches(shown, line):
    return re.fullmatch(re.escape(shown).replace("…", ".*"), line) is not None


def shape(line):
    """A line without what differs from run to run: identifiers, numbers, dates, and bars of a chart."""
    line = re.sub(r"\b[0-9a-f]{16,}\b", "ID", line)
    line = re.sub(r"Date: .*", "Date", re.sub(r"Python/[\d.]+", "Python", line))
    line = re.sub(r" \|[ #]*$", "", line.rstrip())
    return re.sub(r" *\b\d+\.\d( ms)", r" TIME\1", line)
