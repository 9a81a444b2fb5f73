"""What the other suites lean on: a wait that does not end fails, and says what it waited for."""
import os
import pathlib
import socket
import subprocess
import sys
import textwrap
import threading
import unittest
import unittest.mock

from support.dnsserver import DnsServer, HeldDns
from support.hanging import no_longer_than
from support.patience import PATIENCE
from support.threads import join

FOLDER = pathlib.Path(__file__).parent


class Waits(unittest.TestCase):
    def test_a_thread_that_does_not_end_is_named_with_the_place_where_it_stands(self):
        event = threading.Event()
        self.addCleanup(event.set)

        def stands_here():
            event.wait(PATIENCE)
        thread = threading.Thread(target=stands_here, daemon=True)
        thread.start()
        with self.assertRaisesRegex(AssertionError, r"(?s)in vain for the thread of this test to end.*stands_here"):
            join(thread, "the thread of this test", 0.01)

    def test_a_test_that_hangs_is_broken_off_and_shows_all_threads(self):
        """Once for the test, once more for the cleanup that hangs too, and then the next test has its turn."""
        script = textwrap.dedent("""
            import threading, unittest
            from support.hanging import no_longer_than

            class Hanging(unittest.TestCase):
                def run(self, result=None):
                    with no_longer_than(0.3, self.id(), again=0.3):
                        return super().run(result)

                def test_1(self):
                    thread = threading.Thread(target=self.stands_here, daemon=True)
                    self.addCleanup(threading.Event().wait)
                    thread.start()
                    thread.join()

                def stands_here(self):
                    threading.Event().wait()

                def test_2(self):
                    pass

            unittest.main()
            """)
        done = subprocess.run([sys.executable, "-B", "-c", script], env={**os.environ, "PYTHONPATH": str(FOLDER)},
                              stderr=subprocess.PIPE, timeout=PATIENCE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("AssertionError: __main__.Hanging.test_1 was not over after 0.3 s"), 2, done.stderr)
        self.assertIn("in stands_here", done.stderr)
        self.assertIn("Ran 2 tests", done.stderr)

    def test_the_limit_of_one_wait_leaves_the_limit_around_it_in_force(self):
        with self.assertRaisesRegex(AssertionError, "outer was not over"), no_longer_than(0.3, "outer"):
            with no_longer_than(PATIENCE, "inner"):
                pass
            threading.Event().wait(PATIENCE)

    def test_a_dns_server_whose_queue_is_full_can_be_closed(self):
        dns = HeldDns()
        self.addCleanup(dns.event.set)
        host, port = dns.address.split(":")
        query = b"\0\1\1\0\0\1\0\0\0\0\0\0\4name\4test\0\0\1\0\1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            for _ in range(5000):
                client.sendto(query, (host, int(port)))

        def released(thread, what):
            """Once it has been told to end, the answer that is held does not stand in the way."""
            dns.event.set()
            join(thread, what, seconds=10)
        with unittest.mock.patch("support.dnsserver.join", released):
            DnsServer.close(dns)


if __name__ == "__main__":
    unittest.main()
