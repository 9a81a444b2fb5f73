"""The scripts of docs/webhook-authors.md, run as they stand there, as the web servers that the daemon asks."""

import contextlib
import json
import pathlib
import shutil
import subprocess
import tempfile

from markdown import ROOT, blocks_of
from programs import BIN, PATIENCE, web_server

PAGE = ROOT / "docs" / "webhook-authors.md"


def decision(engines, webhook, *call):
    done = subprocess.run([BIN / "dialhookctl", "route", webhook, "--json", "--socket", engines, "--did", "+31502102544", *call],
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


class InEachLanguage:
    """Tests of one script in PHP, Python and Node. A suite says which script it is, and judges the one on a port."""

    kind = ()           # what stands behind the language at the script's block
    environment = ()    # `NAME=VALUE`

    def judge(self, port):
        raise NotImplementedError

    def test_php(self):
        self.play("php", lambda path, port: [program("php"), "-S", f"127.0.0.1:{port}", path])

    def test_python(self):
        self.play("python", lambda path, port: [program("python3"), path, port])

    def test_node(self):
        self.play("js", lambda path, port: [program("node"), path, port])

    def play(self, language, command_for):
        with script(language, *self.kind) as path, \
                web_server(lambda port: ["env", *self.environment, *command_for(path, port)]) as port:
            self.judge(port)


@contextlib.contextmanager
def script(*info):
    """The file with the script of the one block that says `info`."""
    found = [block.text for block in blocks_of(PAGE) if block.info == info]
    assert len(found) == 1, f"{PAGE} has {len(found)} blocks '{' '.join(info)}', not one"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / f"script.{info[0]}"
        path.write_text(found[0], encoding="utf-8")
        yield path


def program(name):
    path = shutil.which(name)
    assert path, f"{name} is not installed; scripts/install-dependencies test"
    return path
