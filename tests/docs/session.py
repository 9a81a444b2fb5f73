"""A page played by a shell: its files are written, its commands are typed, in the order of the page.

```console blocks hold commands behind `$ ` and what they print; `…` stands for anything within a line. A block with file=NAME behind
its language is a file. Behind `console`, `figures-vary` says that every run prints other numbers, and `foreground` that its one command goes
on, and prints what it gets from a web client. Each page has a network, a /run, a /tmp and a folder of its own, so that the pages can use the
ports and paths that readers use.
"""

import os
import pathlib
import re
import subprocess
import tempfile
import time

from programs import BIN, PATIENCE

NAMESPACE = ["unshare", "--user", "--map-root-user", "--net", "--mount"] if os.geteuid() else ["unshare", "--net", "--mount"]
# The folder and the programs may lie in /tmp: they are shown elsewhere before it is mounted anew.
PRELUDE = """set -e; ip link set lo up; mount -t tmpfs none /run; mkdir /run/page /run/programs
mount --bind "$1" /run/page; mount --bind "$2" /run/programs; mount -t tmpfs none /tmp
cd /run/page; PATH=/run/programs:$PATH exec bash --norc"""


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


class Session:
    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        environment.pop("NOTIFY_SOCKET", None)
        self.shell = subprocess.Popen([*NAMESPACE, "sh", "-c", PRELUDE, "sh", self.folder, BIN], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        self._type('sudo() { "$@"; }')    # it is root in there

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
        path.write_text(text, encoding="utf-8")

    def run(self, command):
        """What a command prints, as lines; one in the background prints into a file, and is waited for until it listens."""
        if not command.endswith("&"):
            return self._output(command)
        self._start(command[:-1], "background.log")
        return []

    def stay(self, command, requests):
        """What a web server in the foreground prints while it gets these `requests`, each the target of a GET."""
        self._start(command, "foreground.log")
        url = re.search(r"http://\S+", (self.folder / "foreground.log").read_text(encoding="utf-8"))[0]
        for target in requests:
            self._output(f"python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1])' '{url}{target}'")
        return (self.folder / "foreground.log").read_text(encoding="utf-8").splitlines()

    def _start(self, command, log):
        before = self._listening()
        self._output(f"{command} >>{log} 2>&1 &")
        deadline = time.monotonic() + PATIENCE
        while self._listening() <= before:
            if time.monotonic() > deadline:
                raise AssertionError(f"{command} does not listen: {(self.folder / log).read_text()}")

    def _listening(self):
        """How many sockets listen in this network; /proc shows the shell's."""
        text = "\n".join(self._output("cat /proc/net/tcp; echo unix; cat /proc/net/unix"))
        tcp, _, unix = text.partition("\nunix\n")
        return len(re.findall(r" 0A ", tcp)) + len(re.findall(r" 00010000 0001 01 .*control", unix))

    def _type(self, line):
        self.shell.stdin.write(line + "\n")
        self.shell.stdin.flush()

    def _output(self, command):
        self._type(f"{command}\n(exit $?); status=$?; echo; echo end-of-command; (exit $status)")
        lines = []
        while (line := self.shell.stdout.readline()) != "end-of-command\n":
            assert line, f"the shell ended at {command}: {lines}"
            lines.append(line.rstrip("\n"))
        return lines[:-1] if lines and lines[-1] == "" else lines


def matches(shown, line):
    return re.fullmatch(re.escape(shown).replace("…", ".*"), line) is not None


def shape(line):
    """A line without what differs from run to run: identifiers, numbers, dates, and bars of a chart."""
    line = re.sub(r"\b[0-9a-f]{16,}\b", "ID", line)
    line = re.sub(r"Date: .*", "Date", re.sub(r"Python/[\d.]+", "Python", line))
    line = re.sub(r" \|[ #]*$", "", line.rstrip())
    return re.sub(r" *\b\d+\.\d( ms)", r" TIME\1", line)
