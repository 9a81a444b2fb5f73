"""The C of docs/clients.md: compiled as it stands, warnings as errors, and asking the real daemon."""

import subprocess
import tempfile
import unittest

from markdown import ROOT, blocks_of
from programs import PATIENCE

from support.case import DialhookTest
from support.configuration import configuration
from support.replies import respond
from support.webserver import WebServer

CLIENTS = ROOT / "config" / "clients"
PATH = "/run/dialhook/dialhook.sock"


def plays():
    return [block for block in blocks_of(ROOT / "docs" / "clients.md") if block.info == ("c",)]


class CClient(DialhookTest):
    def test_the_piece_of_the_page(self):
        (block,) = plays()
        web = self.use(WebServer().on("/", respond("status=ACK&destination=101")))
        daemon = self.start(configuration({"crm": {"url": web.url("/?name={callername}")}}))
        self.assertIn(PATH, block.text)
        includes, _, body = block.text.replace(PATH, str(daemon.socket_path)).partition("\n\n")
        with tempfile.TemporaryDirectory() as folder:
            source = f"{includes}\n#include <stdio.h>\nint main(void)\n{{\nconst char *callername = \"Zoë\";\n{body}puts(answer);\n}}\n"
            subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", CLIENTS, "-o", f"{folder}/ask", "-x", "c", "-",
                            CLIENTS / "dialhook_client.c"], input=source, text=True, check=True, timeout=PATIENCE)
            done = subprocess.run([f"{folder}/ask"], capture_output=True, text=True, check=True, timeout=PATIENCE)
        self.assertIn('"branch":"success"', done.stdout)
        self.assertEqual(web.requests[-1].query, "name=Zo%C3%AB")


if __name__ == "__main__":
    unittest.main()
