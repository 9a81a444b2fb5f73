"""Commands within the sentences of the pages: a shell understands each, our programs have what is asked of them, and scripts are there.
(tests/systemd/page_test.py runs those of docs/systemd.md.)"""

import functools
import re
import shlex
import subprocess
import unittest

from links import prose
from markdown import ROOT, pages
from programs import BIN, PATIENCE

CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
PROGRAMS = {"apt", "adduser", "asterisk", "bench/run.py", "cmake", "dialhookctl", "dialhookd", "echo", "journalctl", "kamailio", "mkdir", "node",
            "php", "python3", "scripts/bench", "ssh", "systemctl", "systemd-sysusers", "systemd-tmpfiles"}


def commands():
    """Pairs of a page and a command: more than the program's name."""
    for page in pages():
        for code in CODE.findall(re.sub(r"\n *", " ", prose(page))):
            words = code.removeprefix("sudo ").split(" ")
            if (words[0] in PROGRAMS or words[0].startswith("scripts/")) and (len(words) > 1 or "/" in words[0]):
                yield page.name, code.removeprefix("sudo ")


@functools.cache
def help_of(*command):
    return subprocess.run([BIN / command[0], *command[1:], "--help"], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout


class InlineCommands(unittest.TestCase):
    def test_a_shell_understands_them(self):
        self.assertGreater(len(list(commands())), 40)
        for page, command in commands():
            with self.subTest(page, command=command):
                subprocess.run(["bash", "-n", "-c", command.replace("…", "")], timeout=PATIENCE, check=True)

    def test_scripts_are_there(self):
        for page, command in commands():
            if command.startswith("scripts/"):
                with self.subTest(page, command=command):
                    self.assertTrue((ROOT / command.split(" ")[0]).exists())

    def test_our_programs_have_what_is_asked_of_them(self):
        for page, command in commands():
            program, *words = shlex.split(command.replace("…", ""))
            if program in {"dialhookctl", "dialhookd"}:
                with self.subTest(page, command=command):
                    command_help = help_of(program)
                    if program == "dialhookctl":
                        name = next((word for word in words if not word.startswith("-")), None)
                        command_help += help_of(program, name) if name else ""
                    for option in (word for word in words if word.startswith("--")):
                        self.assertRegex(command_help, rf"(?m)^  (-\w,)?{option}\b")


if __name__ == "__main__":
    unittest.main()
