"""A faulty configuration at a start, in a real systemd: the last good one serves, and with none the unit fails aloud and
nothing hangs."""
import contextlib
import socket
import time
import unittest

from support.agi import AgiChannel
from support.engine import CLOSED, Engine
from support.installed_case import SERVICE, SOCKET, InstalledTest
from support.patience import PATIENCE, wait_until

CONFIG = "/etc/dialhook/dialhook.yaml"
FAULTY = "webhooks:\n  crm:\n    url: http://127.0.0.1/\n    timout: 5s\n"
SOCKETS = ["dialhook-engine.socket", "dialhook-control.socket", "dialhook-fastagi.socket", "dialhook-http.socket"]
KEPT = "/var/lib/dialhook/last-good-configuration"


class FaultyStart(InstalledTest):
    def setUp(self):
        super().setUp()
        self.machine.try_run("systemctl", "reset-failed", "dialhook*")
        self.configure()
        self.machine.run("systemctl", "enable", *SOCKETS)
        self.machine.run("systemctl", "stop", SERVICE, *SOCKETS)
        self.machine.run("systemctl", "start", SERVICE)
        self.wait_kept()
        self.longest = 0.0
        self.since = self.machine.run("date", "+%s.%N").strip()

    def wait_kept(self):
        wait_until(lambda: "/?id=" in self.machine.try_run("cat", KEPT).stdout, "the configuration is kept")

    def break_it(self, text=FAULTY):
        self.machine.write(CONFIG, text)

    def forget_the_last_good(self):
        self.machine.run("systemctl", "stop", SERVICE)
        self.machine.run("rm", "-f", KEPT, "/run/dialhook/last-words")

    def errors(self):
        return [str(entry["MESSAGE"]) for entry in self.machine.journal("--unit", SERVICE, f"--since=@{self.since}", "--priority=err")]

    def state(self, unit):
        return self.machine.property(unit, "ActiveState")

    def wait_failed(self):
        wait_until(lambda: self.state(SERVICE) == "failed" and self.state("dialhook-engine.socket") == "failed",
                   "the unit has failed", seconds=2 * PATIENCE)

    def assert_answered_fast(self, ask, limit=5.0):
        """Well within what a caller bears, with room for a machine that has much else to do: 0.9 s is seen on a quiet one."""
        begin = time.monotonic()
        ask()
        seconds = time.monotonic() - begin
        self.longest = max(self.longest, seconds)
        self.assertLessEqual(seconds, limit)

    def ask_as_engine(self):
        """Refused, or answered that there is nobody."""
        try:
            engine = Engine(self.machine.root / SOCKET.lstrip("/"))
        except (ConnectionRefusedError, FileNotFoundError):
            return
        with engine:
            with contextlib.suppress(*CLOSED):
                engine.start_route("crm")
            # None: systemd has closed the socket, and what was in its queue with it.
            self.assertLessEqual({answer["error"]["code"] for answer in engine.rest()}, {-32008})

    def ask_as_channel(self):
        try:
            channel = AgiChannel(4573, "webhook/crm")
        except (ConnectionRefusedError, *CLOSED):
            return
        with channel:
            self.assertIsNone(channel.line())

    def test_calls_go_on_with_the_last_good_one(self):
        self.break_it()
        self.machine.run("systemctl", "restart", SERVICE)
        self.assert_success(self.engine().route("crm"), destination="101")
        channel = self.use(AgiChannel(4573, "webhook/crm"))
        channel.play_through(())
        self.assertEqual(channel.variables["DIALHOOK_BRANCH"], "success")
        self.assertIn("STALE", self.machine.property(SERVICE, "StatusText"))
        said = self.machine.run("dialhookctl", "status")
        self.assertIn("STALE", said)
        self.assertIn(f"{CONFIG}:4:5:", said)
        self.assertEqual(len([line for line in self.errors() if f"{CONFIG}:4:5:" in line]), 1, self.errors())
        self.configure()
        self.machine.run("systemctl", "reload", SERVICE)
        self.assertNotIn("STALE", self.machine.property(SERVICE, "StatusText"))

    def test_so_they_do_with_one_that_the_daemon_may_not_read_or_that_is_no_file(self):
        path = self.machine.root / CONFIG.lstrip("/")
        spoilt = {"unreadable": ["chmod", "0600", CONFIG], "absent": ["rm", CONFIG], "a folder": ["mkdir", CONFIG]}
        self.machine.run("chown", "root:root", CONFIG)
        try:
            for name, command in spoilt.items():
                with self.subTest(name):
                    self.machine.run(*command)
                    self.machine.run("systemctl", "restart", SERVICE)
                    self.assert_success(self.engine().route("crm"), destination="101")
                    self.assertIn(f"{CONFIG}: the file cannot be read: ", self.machine.run("dialhookctl", "status"))
        finally:
            if path.is_dir():
                path.rmdir()
            path.unlink(missing_ok=True)

    def test_without_socket_units_who_connects_is_refused(self):
        self.forget_the_last_good()
        self.break_it()
        self.machine.run("systemctl", "stop", *SOCKETS)
        self.machine.run("systemctl", "mask", "--runtime", *SOCKETS)
        try:
            self.machine.run("systemctl", "start", "--no-block", SERVICE)
            wait_until(self.errors, "the fault is said")
            with self.assertRaises((ConnectionRefusedError, FileNotFoundError)):
                self.engine()
            wait_until(lambda: self.state(SERVICE) == "failed", "the unit has failed", seconds=2 * PATIENCE)
            said = self.machine.try_run("dialhookctl", "status")
            self.assertEqual(said.returncode, 3)
            self.assertIn(f"{CONFIG}:4:5:", said.stdout)
        finally:
            self.machine.run("systemctl", "unmask", "--runtime", *SOCKETS)

    def test_what_is_kept_is_for_the_daemon_alone(self):
        self.assertEqual(self.machine.run("stat", "--format=%U:%G %a", "/var/lib/dialhook", KEPT).splitlines(),
                         ["dialhook:dialhook 700", "dialhook:dialhook 600"])

    def test_with_none_nothing_hangs_and_the_unit_fails_aloud(self):
        self.forget_the_last_good()
        self.break_it()
        self.machine.run("systemctl", "start", "--no-block", SERVICE)
        begin = time.monotonic()
        asked = 0
        while self.state(SERVICE) != "failed":
            self.assert_answered_fast(self.ask_as_engine)
            self.assert_answered_fast(self.ask_as_channel)
            asked += 1
            self.assertLess(time.monotonic() - begin, 2 * PATIENCE)
        self.wait_failed()
        print(f"failed after {time.monotonic() - begin:.1f} s, in which {asked} engines and as many channels were refused, each within "
              f"{self.longest:.3f} s")
        self.assertGreater(asked, 3)
        failed = self.machine.run("systemctl", "--failed", "--plain", "--no-legend")
        for unit in (SERVICE, *SOCKETS):
            self.assertIn(unit, failed)
        self.assert_answered_fast(self.ask_as_engine)
        self.assert_answered_fast(self.ask_as_channel)
        with self.assertRaises(ConnectionRefusedError):
            self.use(socket.create_connection(("127.0.0.1", 9464), timeout=PATIENCE))
        self.assertEqual(self.state(SERVICE), "failed", "who asks starts nothing")

        errors = self.errors()
        self.assertEqual(len([line for line in errors if f"{CONFIG}:4:5:" in line and "still" not in line]), 1, errors)
        self.assertLess(len(errors), 15, errors)
        begin = time.monotonic()
        said = self.machine.try_run("dialhookctl", "status")
        self.assertLess(time.monotonic() - begin, 6)    # 3 s, and room for a busy machine
        self.assertEqual(said.returncode, 3, said.stdout)
        self.assertIn("It does not run; its last words", said.stdout)
        self.assertIn(f"{CONFIG}:4:5:", said.stdout)

        said = self.machine.try_run("setpriv", "--reuid=nobody", "--groups=dialhook", "dialhookctl", "route", "crm", "--did", "1")
        self.assertEqual(said.returncode, 3, said.stdout)
        self.assertIn(f"{CONFIG}:4:5:", said.stdout, "who may ask for a route is told why there is none")

        self.configure()
        self.machine.run("systemctl", "reset-failed", SERVICE)
        self.machine.run("systemctl", "start", SERVICE)
        self.assert_success(self.engine().route("crm"), destination="101")
        channel = self.use(AgiChannel(4573, "webhook/crm"))
        channel.play_through(())
        self.assertEqual(channel.variables["DIALHOOK_BRANCH"], "success")

    def test_a_repair_in_between_is_taken(self):
        self.forget_the_last_good()
        self.break_it("")
        self.machine.run("systemctl", "start", "--no-block", SERVICE)
        wait_until(self.errors, "the fault is said")
        self.configure()
        wait_until(lambda: self.state(SERVICE) == "active", "it runs")
        self.assert_success(self.engine().route("crm"), destination="101")
        self.assertEqual(self.machine.try_run("test", "-e", "/run/dialhook/last-words").returncode, 1)

    def test_a_credential_that_is_not_there(self):
        """systemd itself refuses the start then: no daemon ever runs."""
        self.machine.write(f"/run/systemd/system/{SERVICE}.d/credential.conf", "[Service]\nLoadCredential=gone:/nonexistent\n")
        self.machine.run("systemctl", "daemon-reload")
        try:
            self.machine.try_run("systemctl", "restart", SERVICE)
            self.wait_failed()
            self.assert_answered_fast(self.ask_as_engine)
        finally:
            self.machine.run("rm", "-r", f"/run/systemd/system/{SERVICE}.d")
            self.machine.run("systemctl", "daemon-reload")


if __name__ == "__main__":
    unittest.main()
