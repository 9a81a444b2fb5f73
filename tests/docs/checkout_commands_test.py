"""The commands that pages give for a checkout build and install Dialhook for minutes, on the machine itself. CI runs them by other
means; here they are held against what CI runs, and against the options that the scripts know."""

import re
import shlex
import subprocess
import unittest

from markdown import ROOT, blocks_of
from programs import PATIENCE


def shell(page):
    return [block for block in blocks_of(ROOT / page) if block.info == ("sh",)]


def plays():
    return shell("README.md") + shell("docs/tutorial.md") + shell("docs/performance.md")


def commands(blocks):
    """Each command, without its comment and the blanks around."""
    lines = [line for block in blocks for line in block.text.splitlines() if not line.startswith("#")]
    return [part.strip() for line in lines for part in re.sub(r"\s+#.*", "", line).split("&&")]


class CheckoutCommands(unittest.TestCase):
    def test_the_two_commands_are_steps_of_ci(self):
        steps = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
        self.assertEqual(commands(shell("README.md")), ["scripts/demo", "scripts/test"])
        for command in commands(shell("README.md")):
            self.assertIn(f"step {command}", [step.replace("scripts/as-in-a-container ", "") for step in steps])

    def test_the_tutorial_installs_as_check_install_does(self):
        lines = (ROOT / "scripts" / "check-install").read_text(encoding="utf-8").replace('"$prefix"', "/usr/local").splitlines()
        self.assertEqual(len(commands(shell("docs/tutorial.md"))), 4)
        for command in commands(shell("docs/tutorial.md")):
            command = command.removeprefix("sudo ")
            self.assertTrue([line for line in lines if f"{line} ".startswith(f"{command} ")], command)

    def test_the_benchmarks_know_their_options(self):
        known = {quick: subprocess.run(["scripts/bench", *quick, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE,
                                       check=True).stdout for quick in ((), ("--quick",))}
        asked = [shlex.split(command) for command in commands(shell("docs/performance.md")) if command.startswith("scripts/bench")]
        self.assertGreater(len(asked), 5)
        for words in asked:
            with self.subTest(" ".join(words)):
                quick, options = (("--quick",), words[2:]) if words[1:2] == ["--quick"] else ((), words[1:])
                subprocess.run(["scripts/bench", *quick, *options, "--help"], cwd=ROOT, stdout=subprocess.DEVNULL, timeout=PATIENCE, check=True)
                for option in options:
                    if option.startswith("--"):
                        self.assertRegex(known[quick], rf"(?m)^  {option}\b")

    def test_what_is_built_is_there_to_build(self):
        built = [command for command in commands(shell("docs/performance.md")) if not command.startswith("scripts/bench")]
        self.assertEqual(built[-1], "build/release/bin/dialhook-microbench")
        self.assertEqual(built[:-1], ["cmake --preset release", "cmake --build --preset release --target dialhook-microbench"])
        self.assertIn("add_executable(dialhook-microbench", (ROOT / "bench" / "CMakeLists.txt").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
