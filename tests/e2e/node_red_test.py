"""The flow of docs/how-to/node-red.md in the real Node-RED from npm: the page's own commands, word by word."""
import os
import sys
import unittest

from support import ROOT

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from console_test import Console  # noqa: E402
from elsewhere import NODE_RED  # noqa: E402
import session  # noqa: E402

PROGRAMS = ROOT / "build" / "e2e" / "node-red" / "node_modules" / ".bin"


class NodeRed(Console):
    def test_pages(self):
        self.assertTrue((PROGRAMS / "node-red").exists(), f"there is no Node-RED in {PROGRAMS}; scripts/install-e2e gets it")
        os.environ["PATH"] = f"{PROGRAMS}:{os.environ['PATH']}"
        session.PATIENCE *= 4  # it reads hundreds of files before it listens
        with session.Session() as here:
            self.play(NODE_RED, here)


del Console  # else it would play all pages once more

if __name__ == "__main__":
    unittest.main()
