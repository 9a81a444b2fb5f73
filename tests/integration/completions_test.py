"""The completions for bash and zsh, as the shells run them: in a terminal of their own, with the real programs."""
import os
import pathlib
import pty
import re
import select
import subprocess
import time
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import sibling
from support.patience import PATIENCE, Deadline

COMPLETIONS = pathlib.Path(__file__).resolve().parents[2] / "config" / "completions"
BASH = """
source /usr/share/bash-completion/bash_completion
for file in "$0"/*.bash; do source "$file"; done
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
"_$1" "$1" "${@: -1}" "${@: -2:1}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def environment():
    return {**os.environ, "PATH": f"{pathlib.Path(sibling('dialhookctl')).parent}:{os.environ['PATH']}", "TERM": "dumb"}


def commands_of_help():
    text = subprocess.run([sibling("dialhookctl"), "--help"], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    return re.findall(r"^  ([a-z]+) ", text.split("Subcommands:")[1].split("\n\n")[0], re.MULTILINE)


def options_of_help(*command):
    text = subprocess.run([sibling(command[0]), *command[1:], "--help"], capture_output=True, text=True, timeout=PATIENCE,
                          check=True).stdout
    return set(re.findall(r"^  (?:-[a-z],)?(--[a-z-]+)", text, re.MULTILINE))


class Completions(DialhookTest):
    def control(self):
        files = self.scratch()
        self.daemon = self.start(configuration({name: {"url": "http://192.0.2.1/"} for name in ("CRM connection", "after.hours")},
                                               notifications={"Screen pop": {"url": ["http://127.0.0.1:1/", "http://127.0.0.1:1/b"]},
                                                              "bus": {"url": "http://127.0.0.1:1/", "dids": ["+49*"]}}),
                                 scratch=files, arguments=("--state", str(files.path / "state")))
        return str(files.path / "control.sock")

    def offers(self, *words):
        """What bash offers for the last one of `words`."""
        done = subprocess.run(["bash", "--norc", "-c", BASH, COMPLETIONS, *words], capture_output=True, text=True,
                              env=environment(), timeout=PATIENCE, check=False)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split("\n")) - {""}

    def test_bash_offers_every_command(self):
        self.assertEqual(self.offers("dialhookctl", ""), set(commands_of_help()))
        self.assertEqual(self.offers("dialhookctl", "--json", "rou"), {"route"})

    def test_bash_offers_the_options_of_the_command(self):
        for command in commands_of_help():
            expected = options_of_help("dialhookctl") | options_of_help("dialhookctl", command)
            self.assertEqual(self.offers("dialhookctl", command, "--"), expected, command)
        self.assertEqual(self.offers("dialhookd", "--"), options_of_help("dialhookd"))

    def test_bash_offers_values(self):
        self.assertEqual(self.offers("dialhookctl", "route", "--presentation", ""), {"allowed", "prohibited"})
        self.assertEqual(self.offers("dialhookctl", "--control", "/etc/hostn"), {"/etc/hostname"})
        self.assertEqual(self.offers("dialhookctl", "route", "--did", ""), set())

    def test_bash_offers_webhooks_of_the_daemon(self):
        control = self.control()
        self.assertEqual(self.offers("dialhookctl", "--control", control, "route", ""), {"CRM\\ connection", "after.hours"})
        self.assertEqual(self.offers("dialhookctl", "route", "--control", control, "CRM\\ c"), {"CRM\\ connection"})
        self.assertEqual(self.offers("dialhookctl", "route", "--control", "/nowhere", ""), set())

    def test_bash_offers_notifications_and_what_failed(self):
        control = self.control()
        self.assertEqual(self.offers("dialhookctl", "--control", control, "test", ""), {"Screen\\ pop", "bus"})
        self.engine(self.daemon).report("1", "created")
        deadline = Deadline()
        while len(offered := self.offers("dialhookctl", "--control", control, "replay", "")) < 2:
            self.assertFalse(deadline.over(), "both URLs fail")
        self.assertTrue(all(number.isdigit() for number in offered), offered)
        self.assertEqual(self.offers("dialhookctl", "deliveries", "--since", ""), set())

    def test_zsh_offers_commands_options_and_webhooks(self):
        control = self.control()
        shell = Zsh(self)
        shell.expect("dialhookctl \t", "Explain a number")
        shell.expect("dialhookctl stat\t", "dialhookctl status ")
        shell.expect("dialhookctl route --presentation p\t", "--presentation prohibited")
        shell.expect("dialhookctl route --expl\t", "--explain")
        shell.expect("dialhookd --ch\t", "--check")
        shell.expect(f"dialhookctl --control {control} route CRM\t", "route CRM\\ connection")
        shell.expect(f"dialhookctl --control {control} test Scr\t", "test Screen\\ pop")


class Zsh:
    """An interactive zsh on a terminal of its own."""

    def __init__(self, case):
        self.case = case
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe("zsh", ["zsh", "-f", "-i"], environment())
        case.addCleanup(self.end)
        self.send(f"unsetopt zle_bracketed_paste; PS1=; fpath=({COMPLETIONS} $fpath); autoload -Uz compinit; "
                  "compinit -u -D; print rea''dy\n")
        self.wait_for("ready")

    def send(self, text):
        os.write(self.terminal, text.encode())

    def wait_for(self, expected):
        shown = ""
        deadline = time.monotonic() + PATIENCE
        while expected not in shown:
            ready, _, _ = select.select([self.terminal], [], [], max(0.0, deadline - time.monotonic()))
            self.case.assertTrue(ready, f"zsh never shows {expected!r}, but {shown!r}")
            shown += os.read(self.terminal, 65536).decode(errors="replace")

    def expect(self, typed, expected):
        self.send(typed)
        self.wait_for(expected)
        self.send("\x15\n")  # the line is given up

    def end(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


if __name__ == "__main__":
    unittest.main()
