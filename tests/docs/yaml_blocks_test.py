"""Every YAML block of the pages is what it claims to be.

The words behind ```yaml say what it is: nothing, a whole configuration, which must pass `dialhookd --check`; `mock-replies`, a
file for `dialhookctl mock --replies`; `file=NAME`, a file of the session that console_test.py plays; `fragment`, a piece that is not
looked at.
"""

import os
import pathlib
import re
import select
import subprocess
import tempfile
import unittest

from markdown import blocks_of, pages
from programs import BIN, PATIENCE, running

CREDENTIAL = re.compile(r"\$\{credential:([^}]+)\}")


def yaml_blocks(*marks):
    return [block for page in pages() for block in blocks_of(page) if block.info == ("yaml", *marks)]


class YamlBlocks(unittest.TestCase):
    def test_marks_are_known(self):
        for page in pages():
            for block in blocks_of(page):
                if block.info[:1] == ("yaml",):
                    self.assertIn(block.info[1:], {(), ("fragment",), ("mock-replies",), ("file=dialhook.yaml",), ("file=replies.yaml",)},
                                  block.place)

    def test_a_configuration_passes_the_check(self):
        blocks = yaml_blocks() + yaml_blocks("file=dialhook.yaml")
        self.assertTrue(blocks)
        for block in blocks:
            with self.subTest(block.place), tempfile.TemporaryDirectory() as name:
                self.assertRegex(block.text, re.compile(r"^webhooks:", re.MULTILINE),
                                 "no whole configuration: mark it as a fragment")
                folder = pathlib.Path(name)
                for credential in CREDENTIAL.findall(block.text):
                    (folder / credential).write_text("secret\n", encoding="utf-8")
                config = folder / "dialhook.yaml"
                config.write_text(block.text, encoding="utf-8")
                done = subprocess.run([BIN / "dialhookd", "--config", config, "--check"], capture_output=True, text=True,
                                      env={**os.environ, "CREDENTIALS_DIRECTORY": name}, timeout=PATIENCE, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_replies_files_are_played(self):
        blocks = yaml_blocks("mock-replies") + yaml_blocks("file=replies.yaml")
        self.assertTrue(blocks)
        for block in blocks:
            with self.subTest(block.place), tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
                file.write(block.text)
                file.flush()
                command = [BIN / "dialhookctl", "mock", "--listen", "127.0.0.1:0", "--replies", file.name]
                with running(command, stdout=subprocess.PIPE, text=True) as mock, mock.stdout:
                    select.select([mock.stdout], [], [], PATIENCE)
                    self.assertIn("listening on", mock.stdout.readline())


if __name__ == "__main__":
    unittest.main()
