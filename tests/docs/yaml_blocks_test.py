"""Every YAML block of the pages is what it claims to be.

The words behind ```yaml say what it is: nothing, a whole configuration, which must pass `dialhookd --check`; `mock-replies`, a
file for `dialhookctl mock --replies`; `file=NAME`, one of the two that console_test.py plays as well; `fragment`, a piece of a configuration,
which must pass with no more than the rest of one around it. What a configuration names on the reader's machine is there: see Machine.
"""

import base64
import os
import pathlib
import re
import select
import subprocess
import tempfile
import textwrap
import unittest

from markdown import blocks_of, pages
from programs import BIN, PATIENCE, running
from support.certificates import Certificates

CREDENTIAL = re.compile(r"\$\{credential:([^}]+)\}")
FILE = re.compile(r"/etc/dialhook/([\w.-]+)")
SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()


def yaml_blocks(*marks):
    return [block for page in pages() for block in blocks_of(page) if block.info == ("yaml", *marks)]


def replies_files():
    return yaml_blocks("mock-replies") + yaml_blocks("file=replies.yaml")


def configurations():
    return yaml_blocks() + yaml_blocks("file=dialhook.yaml") + yaml_blocks("file=try.yaml")


def plays():
    return replies_files() + configurations() + yaml_blocks("fragment")


def completed(fragment):
    """A whole configuration with `fragment` in it."""
    if fragment.startswith("- "):
        fragment = 'dialplans:\n  "100":\n' + textwrap.indent(fragment, "    ")
    return fragment if re.search(r"^webhooks:", fragment, re.MULTILINE) else fragment + "webhooks: {}\n"


class Machine:
    """Has the credentials and files that a configuration names, and for its user `asterisk`, root."""

    def __init__(self, folder):
        self.folder = folder
        self.certificates = Certificates(folder)

    def faults_of(self, text):
        for name in CREDENTIAL.findall(text):
            (self.folder / name).write_text(SECRET + "\n", encoding="utf-8")
        for name in FILE.findall(text):
            known = {".pem": self.certificates.ca_file, ".key": self.certificates.path("ca.key")}.get(pathlib.Path(name).suffix)
            content = pathlib.Path(known).read_text("ascii") if known else "text\n"
            (self.folder / name).write_text(content, encoding="utf-8")
        config = self.folder / "dialhook.yaml"
        config.write_text(re.sub(r"(?<=socket_group: )asterisk|(?<=\[)asterisk(?=,)", "root", FILE.sub(rf"{self.folder}/\1", text)),
                          encoding="utf-8")
        done = subprocess.run([BIN / "dialhookd", "--config", config, "--check"], capture_output=True, text=True,
                              env={**os.environ, "CREDENTIALS_DIRECTORY": str(self.folder)}, timeout=PATIENCE, check=False)
        return done.stdout + done.stderr if done.returncode else ""


class YamlBlocks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.machine = Machine(pathlib.Path(folder.name))

    def test_a_configuration_passes_the_check(self):
        self.assertTrue(configurations())
        for block in configurations():
            with self.subTest(block.place):
                self.assertRegex(block.text, re.compile(r"^(webhooks|notifications):", re.MULTILINE),
                                 "no whole configuration: mark it as a fragment")
                self.assertEqual(self.machine.faults_of(block.text), "")

    def test_a_fragment_passes_as_part_of_a_configuration(self):
        self.assertTrue(yaml_blocks("fragment"))
        for block in yaml_blocks("fragment"):
            with self.subTest(block.place):
                self.assertEqual(self.machine.faults_of(completed(block.text)), "")

    def test_replies_files_are_played(self):
        self.assertTrue(replies_files())
        for block in replies_files():
            with self.subTest(block.place), tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
                file.write(block.text)
                file.flush()
                command = [BIN / "dialhookctl", "mock", "--listen", "127.0.0.1:0", "--replies", file.name]
                with running(command, stdout=subprocess.PIPE, text=True) as mock, mock.stdout:
                    select.select([mock.stdout], [], [], PATIENCE)
                    self.assertIn("listening on", mock.stdout.readline())


if __name__ == "__main__":
    unittest.main()
