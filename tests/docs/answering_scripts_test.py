"""The answering scripts of docs/webhook-authors.md, run as they stand there and asked by the real daemon."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from markdown import ROOT, blocks_of
from programs import BIN, PATIENCE, daemon, web_server

PAGE = ROOT / "docs" / "webhook-authors.md"


def script(language):
    found = [block.text for block in blocks_of(PAGE) if block.info == (language,)]
    assert len(found) == 1, f"{PAGE} has {len(found)} {language} blocks, not one"
    return found[0]


def decision(engines, *call):
    done = subprocess.run([BIN / "dialhookctl", "route", "crm", "--json", "--socket", engines, "--did", "+31502102544", *call],
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


class AnsweringScripts(unittest.TestCase):
    def answers(self, language, file_name, command_for):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / file_name
            path.write_text(script(language), encoding="utf-8")
            with web_server(lambda port: command_for(path, port)) as port:
                url = f"http://127.0.0.1:{port}/?did={{did}}&callerid={{callerid}}"
                with daemon(f'  crm: {{ url: "{url}" }}\n') as engines:
                    self.judge(engines)

    def judge(self, engines):
        known = decision(engines, "--callerid", "+31612345678")
        self.assertEqual((known["branch"], known["status"], known["destination"], known["callername"]),
                         ("success", "ACK", "+31502102544", "Jan de Vries"), known)
        other = decision(engines, "--callerid", "+31687654321")
        self.assertEqual((other["status"], other["destination"], other["callername"]), ("ACK", "101", "Smith & Sons"))
        for callerid in ("+31600000000", "", "anonymous"):
            unknown = decision(engines, "--callerid", callerid)
            self.assertEqual((unknown["branch"], unknown["status"], unknown["reason"]), ("failure", "NAK", "nak"), unknown)

    def test_php(self):
        self.answers("php", "crm.php", lambda path, port: [self.program("php"), "-S", f"127.0.0.1:{port}", path])

    def test_python(self):
        self.answers("python", "crm.py", lambda path, port: [self.program("python3"), path, port])

    def test_node(self):
        self.answers("js", "crm.js", lambda path, port: [self.program("node"), path, port])

    def program(self, name):
        path = shutil.which(name)
        self.assertTrue(path, f"{name} is not installed; scripts/install-dependencies test")
        return path


if __name__ == "__main__":
    unittest.main()
