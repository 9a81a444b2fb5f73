"""A second instance beside the first, dialhook@NAME.service: its own configuration, sockets and ports; what an upgrade and a removal
mean for it."""
import json
import unittest

from support import package
from support.asking import Asking
from support.configuration import configuration
from support.engine import Engine
from support.installed_case import SERVICE, InstalledTest
from support.patience import ample, wait_until

SECOND = "dialhook@pbx2.service"
CONFIG = "/etc/dialhook/pbx2.yaml"
FOLDER = "/run/dialhook/pbx2"


class Instance(InstalledTest):
    def setUp(self):
        super().setUp()
        self.configure()
        self.machine.run("systemctl", "restart", SERVICE)
        self.write_second()
        self.machine.run("systemctl", "enable", "--now", SECOND)
        self.addCleanup(self.machine.try_run, "systemctl", "disable", "--now", SECOND, "dialhook-engine@pbx2.socket",
                        "dialhook-control@pbx2.socket")

    def write_second(self):
        """Gives the second one a webhook `roster`, which the first does not have."""
        content = configuration({"roster": {"url": self.web.url("/?id={call_id}"), "timeout": ample()}})
        content["server"] = {key: value for key, value in content.get("server", {}).items() if key not in ("socket", "control")}
        self.machine.write(CONFIG, json.dumps(content))
        self.machine.run("chgrp", "dialhook", CONFIG)
        self.machine.run("chmod", "0640", CONFIG)

    def second(self):
        return self.use(Engine(self.machine.root / FOLDER.lstrip("/") / "dialhook.sock"))

    def pid(self):
        return self.machine.property(SECOND, "MainPID")

    def ask_control(self, *command):
        return self.machine.run("dialhookctl", *command, "--control", f"{FOLDER}/control.sock")

    def test_both_answer_each_with_its_own(self):
        self.assert_success(self.second().route("roster"))
        self.assert_success(self.engine().route("crm"))
        self.assertIn("roster", self.ask_control("webhooks"))
        self.assertNotIn("roster", self.machine.run("dialhookctl", "webhooks"))
        self.assertEqual(self.machine.run("stat", "--format=%U:%G %a", f"{FOLDER}/dialhook.sock", f"{FOLDER}/control.sock")
                         .splitlines(), ["dialhook:dialhook 660", "dialhook:dialhook 600"])

    def test_a_start_with_a_faulty_file_falls_back_on_its_own_last_good_one(self):
        kept = self.machine.root / "var/lib/dialhook/instances/pbx2/last-good-configuration"
        wait_until(lambda: kept.exists() and "roster" in kept.read_text(), "the configuration is kept")
        self.machine.write(CONFIG, "webhooks:\n  roster:\n    timout: 5s\n")
        self.machine.run("systemctl", "restart", SECOND)
        self.assert_success(self.second().route("roster"))
        self.assertIn("STALE", self.ask_control("status"))
        self.assertNotIn("STALE", self.machine.run("dialhookctl", "status"))

    def test_one_is_reloaded_restarted_and_stopped_without_the_other(self):
        first, before = self.main_pid(), self.pid()
        self.machine.run("systemctl", "reload", SECOND)
        self.assertEqual(self.pid(), before)
        engine = Asking(self.machine.root / FOLDER.lstrip("/") / "dialhook.sock", "roster", "second", calls_each=1)
        engine.start()
        engine.answered.wait_count(10, "answers")
        self.machine.run("systemctl", "restart", SECOND)
        self.assertNotEqual(self.pid(), before)
        engine.answered.wait_count(len(engine.answered) + 10, "answers")
        engine.finish()
        self.machine.run("systemctl", "stop", "dialhook-engine@pbx2.socket", "dialhook-control@pbx2.socket", SECOND)
        self.assertEqual(self.main_pid(), first)
        self.assert_success(self.engine().route("crm"))

    def test_sockets_of_its_own_where_the_units_are_masked(self):
        units = ["dialhook-engine@pbx2.socket", "dialhook-control@pbx2.socket"]
        self.machine.run("systemctl", "stop", *units, SECOND)
        self.machine.run("systemctl", "mask", "--runtime", *units)
        content = json.loads((self.machine.root / CONFIG.lstrip("/")).read_text())
        content["server"] = {**content.get("server", {}), "socket": f"{FOLDER}/dialhook.sock", "control": f"{FOLDER}/control.sock"}
        self.machine.write(CONFIG, json.dumps(content))
        try:
            self.machine.run("systemctl", "start", SECOND)
            self.assert_success(self.second().route("roster"))
            self.ask_control("status")
        finally:
            self.machine.run("systemctl", "stop", SECOND)
            self.machine.run("systemctl", "unmask", "--runtime", *units)

    def test_its_sandbox_is_that_of_the_first(self):
        shown = lambda unit: self.machine.run("systemd-analyze", "security", "--no-pager", unit).splitlines()[-1].split(":")[1]
        self.assertEqual(shown(SECOND), shown(SERVICE))
        self.assertEqual(self.machine.property(SECOND, "WatchdogUSec"), self.machine.property(SERVICE, "WatchdogUSec"))

    def test_an_upgrade_restarts_it_unless_its_configuration_is_refused(self):
        first, before = self.main_pid(), self.pid()
        said = self.machine.run("dpkg", "--install", f"/folder/{package.as_version('8.0-1', self.folder.path).name}")
        self.assertNotIn("was not restarted", said)
        self.assertNotEqual(self.main_pid(), first)
        self.assertNotEqual(self.pid(), before)

        first, before = self.main_pid(), self.pid()
        self.machine.write(CONFIG, "webhooks:\n  roster:\n    timout: 5s\n")
        said = self.machine.run("dpkg", "--install", f"/folder/{package.as_version('8.1-1', self.folder.path).name}")
        self.assertIn(f"{SECOND} was not restarted", said)
        self.assertIn(f"{CONFIG}:3:5: ", said)
        self.assertNotEqual(self.main_pid(), first)
        self.assertEqual(self.pid(), before)
        self.assert_success(self.second().route("roster"))

    def test_a_purge_stops_it_and_leaves_its_configuration(self):
        self.machine.run("dpkg", "--purge", "dialhook")
        self.addCleanup(self.machine.run, "dpkg", "--install", f"/packages/{package.built().name}")
        self.assertEqual(self.machine.run("systemctl", "list-units", "--state=active", "--no-legend", "--plain", "dialhook*"), "")
        self.assertEqual(self.machine.run("find", "/etc/systemd", "/run", "-name", "*dialhook*", "-not", "-path", "/run/udev/*"), "")
        self.assertTrue((self.machine.root / CONFIG.lstrip("/")).exists(), "that file is the administrator's")


if __name__ == "__main__":
    unittest.main()
