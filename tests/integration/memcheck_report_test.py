"""What memcheck finds fails the test, whatever else is well. The Valgrind is a script, so that this is tested everywhere;
memcheck_test.py has the real one."""
import os
import subprocess
import sys
import unittest
import unittest.mock

from support import memcheck
from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import Daemon
from support.patience import PATIENCE

# Does with its log what the test says, and becomes the daemon.
VALGRIND = """\
#!/bin/sh
while [ "${1#-}" != "$1" ]; do
    case $1 in --log-file=*) log=${1#--log-file=} ;; esac
    shift
done
%s
exec "$@"
"""


class Reports(DialhookTest):
    def under_valgrind_that(self, what):
        """There is a valgrind that does `what` with its log, and daemons are run under it."""
        folder = self.scratch().path
        (folder / "valgrind").write_text(VALGRIND % what)
        (folder / "valgrind").chmod(0o755)
        for patch in (unittest.mock.patch.dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"),
                      unittest.mock.patch.object(memcheck, "IS_ON", True)):
            patch.start()
            self.addCleanup(patch.stop)

    def test_a_log_without_an_error_is_a_daemon_that_ended_well(self):
        self.under_valgrind_that('>"$log"')
        daemon = Daemon(configuration({}))
        daemon.stop()

    def test_a_log_with_an_error_fails_the_test_and_is_shown(self):
        for end in (Daemon.stop, Daemon.kill):
            with self.subTest(end.__name__):
                self.under_valgrind_that('echo "==7== Invalid read of size 8" >"$log"')
                daemon = Daemon(configuration({}))
                with self.assertRaisesRegex(AssertionError, "memcheck found:\n==7== Invalid read of size 8"):
                    end(daemon)
                self.assertFalse(daemon.scratch.path.exists(), "nothing is left behind")

    def test_without_a_log_the_daemon_was_not_watched(self):
        self.under_valgrind_that(":")
        daemon = Daemon(configuration({}))
        with self.assertRaisesRegex(AssertionError, "memcheck has written no log"):
            daemon.stop()

    def test_as_a_program_it_becomes_the_command(self):
        self.under_valgrind_that('echo "for $1" >"$log"')
        log = self.scratch().path / "100%"
        done = subprocess.run([sys.executable, memcheck.__file__, log, "echo", "called"], stdout=subprocess.PIPE, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (0, b"called\n"))
        self.assertEqual(log.with_name("100%%").read_text(), "for echo\n")


if __name__ == "__main__":
    unittest.main()
