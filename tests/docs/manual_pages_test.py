"""The manual pages name every command and option that the programs have, and have no fault of form. That dialhook.yaml(5) says
what the loader does is checked by a unit test (Manual)."""

import re
import subprocess
import unittest

from markdown import ROOT
from programs import BIN, PATIENCE

PAGES = sorted((ROOT / "docs" / "man").iterdir())


def output_of(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.stdout + done.stderr


def help_of(*command):
    """The commands and options that a help text lists."""
    text = output_of(BIN / command[0], *command[1:], "--help")
    commands = re.search(r"^Subcommands:\n((?:  .*\n)+)", text, re.MULTILINE)
    return (re.findall(r"^  ([a-z]+) ", commands[1], re.MULTILINE) if commands else [],
            re.findall(r"^  (?:-[a-z],)?(--[a-z-]+)", text, re.MULTILINE))


class ManualPages(unittest.TestCase):
    def test_have_no_fault_of_form(self):
        self.assertEqual(len(PAGES), 3)
        for page in PAGES:
            with self.subTest(page.name):
                self.assertEqual(output_of("mandoc", "-T", "lint", page), "")
                self.assertEqual(output_of("groff", "-man", "-ww", "-Tutf8", "-z", page), "")

    def test_name_every_command_and_option(self):
        commands, options = help_of("dialhookctl")
        self.assertIn("status", commands)
        for page, what in {"dialhookctl.1": [[], *([command] for command in commands)], "dialhookd.8": [[]]}.items():
            text = (ROOT / "docs" / "man" / page).read_text(encoding="utf-8").replace("\\-", "-").replace("\\fR", " ")
            program = page.split(".")[0]
            for command in what:
                for name in command + help_of(program, *command)[1]:
                    with self.subTest(page=page, name=name):
                        self.assertRegex(text, rf'(?m)^\.\w+ (.*[" ])?{re.escape(name)}(\s|"|$)')


if __name__ == "__main__":
    unittest.main()
