"""The scripts of a page, run as they stand there, as the web servers that the daemon asks or tells."""

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

    page = PAGE
    script = ""         # its file, without the ending
    environment = ()    # `NAME=VALUE`

    def judge(self, port):
        raise NotImplementedError

    def test_php(self):
        self.play("php", lambda path, port: [program("php"), "-S", f"127.0.0.1:{port}", path])

    def test_python(self):
        self.play("py", lambda path, port: [program("python3"), path, port])

    def test_node(self):
        self.play("js", lambda path, port: [program("node"), path, port])

    def play(self, ending, command_for):
        with file_of(f"{self.script}.{ending}", self.page) as path, \
                web_server(lambda port: ["env", *self.environment, *command_for(path, port)]) as port:
            self.folder = path.parent
            self.judge(port)


def blocks(script, page=PAGE):
    """Those of a script, one for each language."""
    return [block for block in blocks_of(page) if block.file in {f"{script}.{ending}" for ending in ("php", "py", "js")}]


@contextlib.contextmanager
def file_of(name, page):
    """The file with the script of the one block that says file=NAME."""
    found = [block for block in blocks(name.split(".")[0], page) if block.file == name]
    assert len(found) == 1, f"{page} has {len(found)} blocks with file={name}, not one"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / name
        path.write_text(found[0].text, encoding="utf-8")
        yield path


def program(name):
    path = shutil.which(name)
    assert path, f"{name} is not installed; scripts/install-dependencies test"
    return path
