"""A daemon that hangs is ended and started again by systemd. Only a test build can be made to hang at one event loop."""
import os
import unittest

from support.installed_case import SERVICE, InstalledTest

DROP_IN = f"/run/systemd/system/{SERVICE}.d/test.conf"


class Watchdog(InstalledTest):
    binds = {os.environ["DIALHOOK_BIN_DIR"]: "/test-build"}

    def drop_in(self, *lines):
        """Runs the service with a short watchdog, and with `lines`."""
        self.machine.write(DROP_IN, "\n".join(["[Service]", "WatchdogSec=2s", *lines, ""]))
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", SERVICE)

    def assert_restarted(self, signal):
        """Hangs the daemon with `signal`: systemd notices it, and the next daemon answers."""
        before = self.main_pid()
        self.assert_success(self.engine().route("crm"))
        self.machine.run("systemctl", "kill", f"--signal={signal}", SERVICE)
        self.machine.wait_end(before)
        self.assert_success(self.engine().route("crm"))
        self.assertNotEqual(self.main_pid(), before)
        self.assertTrue(any("Watchdog timeout" in str(entry["MESSAGE"]) for entry in self.machine.journal("--unit", SERVICE)))

    def test_it_is_restarted_when_an_event_loop_blocks(self):
        self.configure(threads=2)
        self.drop_in("ExecStart=", "ExecStart=/test-build/dialhookd --config /etc/dialhook/dialhook.yaml")
        for number in ("USR1", "USR2"):
            with self.subTest(number):
                self.assert_restarted(number)

    def test_the_daemon_as_shipped_is_restarted_when_it_stands_still(self):
        self.configure()
        self.drop_in()
        self.assert_restarted("STOP")


if __name__ == "__main__":
    unittest.main()
