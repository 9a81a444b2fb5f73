"""What the real Valgrind, with the options that the daemon is run with, takes for an error."""
import os
import subprocess
import sys
import unittest

from support import memcheck
from support.patience import PATIENCE
from support.scratch import Scratch


class Memcheck(unittest.TestCase):
    def run_under(self, what):
        """The exit code and the log of a program that does `what` with its memory."""
        scratch = Scratch()
        self.addCleanup(scratch.remove)
        log = scratch.path / "log"
        done = subprocess.run([sys.executable, "-B", memcheck.__file__, log, os.environ["DIALHOOK_WRONG_WITH_MEMORY"], what],
                              stdout=subprocess.DEVNULL, timeout=PATIENCE)
        return done.returncode, log

    def test_what_is_wrong_is_found(self):
        for what, words in {"lose": "8 bytes in 1 blocks are definitely lost", "read-freed": "Invalid read of size 1",
                            "read-unset": "Conditional jump or move depends on uninitialised value", "write-behind": "Invalid write"}.items():
            with self.subTest(what):
                code, log = self.run_under(what)
                self.assertEqual(code, memcheck.EXIT_CODE)
                with self.assertRaisesRegex(AssertionError, words):
                    memcheck.assert_clean(log)

    def test_what_is_right_is_not(self):
        for what in ("keep", "nothing"):
            with self.subTest(what):
                code, log = self.run_under(what)
                self.assertEqual(code, 0)
                memcheck.assert_clean(log)


if __name__ == "__main__":
    unittest.main()
