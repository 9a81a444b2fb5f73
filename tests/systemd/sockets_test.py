"""Each socket unit, enabled and disabled by an administrator: while the service runs and while it does not, in any order."""
import http.client
import itertools
import unittest

from support.agi import AgiChannel
from support.asking import Asking
from support.installed_case import SERVICE, SOCKET, InstalledTest

ALL = [f"dialhook-{name}.socket" for name in ("engine", "control", "fastagi", "http")]
SHIPPED = ALL[:2]
OPTIONAL = ALL[2:]
HTTP_PORT = 9464


class Sockets(InstalledTest):
    def setUp(self):
        super().setUp()
        self.configure()
        self.machine.run("systemctl", "disable", "--now", *OPTIONAL)
        self.machine.run("systemctl", "enable", *SHIPPED, SERVICE)
        self.machine.run("systemctl", "start", *SHIPPED)
        self.machine.run("systemctl", "restart", SERVICE)

    def enable(self, *units):
        self.machine.run("systemctl", "enable", "--now", *units)
        for unit in units:
            self.assertEqual(self.machine.property(unit, "ActiveState"), "active", unit)

    def assert_answers(self, unit):
        """Asks where the unit's socket is. A daemon that does not run is started by it."""
        if unit == "dialhook-engine.socket":
            self.assert_success(self.engine().route("crm"))
        elif unit == "dialhook-control.socket":
            self.machine.run("dialhookctl", "status")
        elif unit == "dialhook-fastagi.socket":
            channel = self.use(AgiChannel(4573, "webhook/crm"))
            channel.play_through(())
            self.assertEqual(channel.variables["DIALHOOK_BRANCH"], "success")
        else:
            asked = http.client.HTTPConnection("127.0.0.1", HTTP_PORT)
            self.addCleanup(asked.close)
            asked.request("GET", "/healthz")
            self.assertEqual(asked.getresponse().status, 200)

    def test_each_is_enabled_while_the_service_runs_and_no_engine_is_refused(self):
        engine = Asking(self.machine.root / SOCKET.lstrip("/"), "crm", "asks", calls_each=5)
        engine.start()
        for unit in ALL[1:]:
            with self.subTest(unit):
                self.machine.run("systemctl", "disable", "--now", unit)
                self.enable(unit)
                self.assert_answers(unit)
        engine.finish()

    def test_that_of_the_engines_comes_back_while_the_service_runs(self):
        self.machine.run("systemctl", "disable", "--now", "dialhook-engine.socket")
        self.enable("dialhook-engine.socket")
        self.assert_answers("dialhook-engine.socket")

    def test_each_is_enabled_while_the_service_is_stopped_and_starts_nothing(self):
        for unit in ALL:
            with self.subTest(unit):
                self.machine.run("systemctl", "stop", *ALL, SERVICE)
                self.machine.run("systemctl", "disable", unit)
                self.enable(unit)
                self.assertEqual(self.machine.property(SERVICE, "ActiveState"), "inactive")
                self.assert_answers(unit)
                self.assert_active()

    def test_the_optional_ones_in_both_orders_and_together(self):
        for order in [*itertools.permutations(OPTIONAL), None]:
            with self.subTest(order):
                for units in [[unit] for unit in order] if order else [OPTIONAL]:
                    self.enable(*units)
                for unit in ALL:
                    self.assert_answers(unit)
                self.machine.run("systemctl", "disable", "--now", *OPTIONAL)

    def test_a_restart_of_the_service_restarts_it_once(self):
        self.enable(*OPTIONAL)
        self.assert_answers("dialhook-http.socket")
        self.machine.run("systemctl", "restart", SERVICE)
        once = self.main_pid()
        for unit in ALL:
            self.assert_answers(unit)
        self.assertEqual(self.main_pid(), once)


if __name__ == "__main__":
    unittest.main()
