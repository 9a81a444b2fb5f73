"""Upgrades as unattended-upgrades does them, without a terminal and under load, from the version whose configuration was a conffile of
dpkg's. scripts/upgrade-from runs these tests with a real build of it."""
import json
import threading
import unittest

from support import package
from support.agi import AgiChannel
from support.asking import Asking
from support.installed_case import SERVICE, SOCKET, InstalledTest
from support.machine import BOOT
from support.patience import PATIENCE
from support.threads import join

CONFIG = "/etc/dialhook/dialhook.yaml"


class Channels(threading.Thread):
    """Channels of Asterisk that ask over FastAGI, one after the other. One that gets no decision fails the test."""

    def __init__(self):
        super().__init__(daemon=True)
        self._ends = threading.Event()
        self._fault = None
        self.decided = 0

    def run(self):
        try:
            while not self._ends.is_set():
                with AgiChannel(4573, "webhook/crm", uniqueid=f"channel-{self.decided}") as channel:
                    channel.play_through()
                    assert channel.variables.get("DIALHOOK_BRANCH") == "success", channel.variables
                self.decided += 1
        except Exception as fault:  # `finish` raises it
            self._fault = fault

    def finish(self):
        self._ends.set()
        join(self, "a channel's decision", PATIENCE)
        if self._fault:
            raise self._fault


class Upgrade(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.before = package.before(cls.folder.path)

    def setUp(self):
        super().setUp()
        self.machine.run("dpkg", "--purge", "dialhook")
        self.machine.run("dpkg", "--install", f"/folder/{self.before.name}")

    def edit(self):
        """Edits the configuration as an administrator does, and runs all sockets."""
        self.configure(log={"decisions": "none"})
        self.machine.run("systemctl", "stop", SERVICE)
        self.machine.run("systemctl", "enable", "--now", "dialhook-fastagi.socket")
        self.machine.run("systemctl", "start", SERVICE)

    def load(self):
        """Engines and channels that ask from now on; the function that ends them."""
        path = self.machine.root / SOCKET.lstrip("/")
        engines = [Asking(path, "crm", "some", pipelined=2), Asking(path, "crm", "short", calls_each=1)]
        channels = Channels()
        before = len(self.web.requests)
        for asking in (*engines, channels):
            asking.start()
        self.web.requests.wait_count(before + 100, "requests")

        def finish():
            self.web.requests.wait_count(len(self.web.requests) + 100, "requests")
            for asking in (*engines, channels):
                asking.finish()
            self.assertGreater(channels.decided, 0)
            asked = sorted(request.query.removeprefix("id=") for request in self.web.requests.entries()[before:])
            self.assertEqual([call for call in asked if not call.startswith("channel-")],
                             sorted(call for engine in engines for call in engine.answered))
        return finish

    def install(self, deb=None):
        """What dpkg said. It asks nothing: its input is at its end, and no option answers for the administrator."""
        path = f"/folder/{deb.name}" if deb else f"/packages/{package.built().name}"
        said = self.machine.run("dpkg", "--install", path, seconds=5 * BOOT)    # the calls take the processor's time
        self.assertEqual(self.machine.run("dpkg-query", "--show", "--showformat=${Status}", "dialhook"), "install ok installed")
        return said

    def config(self):
        return (self.machine.root / CONFIG.lstrip("/")).read_text()

    def test_an_edited_configuration_stays_and_no_call_is_refused(self):
        self.edit()
        edited, old = self.config(), self.main_pid()
        self.machine.run("chmod", "0600", CONFIG)
        self.machine.run("chown", "dialhook", CONFIG)
        finish = self.load()
        said = self.install()
        self.assertNotEqual(self.main_pid(), old)
        self.assertNotIn("was not restarted", said)
        another = package.as_version("9.9-1", self.folder.path)
        self.install(another)
        finish()
        self.assert_active()
        self.assertEqual(self.config(), edited)
        self.assertTrue((self.machine.root / f"etc/systemd/system/{SERVICE}.wants/dialhook-fastagi.socket").is_symlink(),
                        "what was enabled is so as the new version has it")
        self.assertEqual(self.machine.run("stat", "--format=%U %a", CONFIG).strip(), "dialhook 600")
        self.assertEqual(self.machine.run("ls", "/etc/dialhook").split(), ["conf.d", "dialhook.yaml"], "nothing to merge")

    def test_a_configuration_that_nobody_edited_becomes_the_short_one(self):
        self.machine.write("/etc/dialhook/conf.d/crm.yaml", json.dumps({"webhooks": {"crm": {"url": self.web.url("/")}}}))
        self.addCleanup(self.machine.run, "rm", "-f", "/etc/dialhook/conf.d/crm.yaml")
        self.install()
        self.assertEqual(self.config(), (self.machine.root / "usr/share/dialhook/dialhook.yaml").read_text())
        self.assertEqual(self.machine.run("stat", "--format=%U:%G %a", CONFIG).strip(), "root:dialhook 640")
        self.assertIn("crm", self.machine.run("dialhookctl", "webhooks"))

    def test_a_configuration_that_was_removed_stays_so(self):
        self.edit()
        self.machine.run("mv", CONFIG, "/etc/dialhook/mine.yaml")
        self.machine.write(f"/run/systemd/system/{SERVICE}.d/file.conf",
                           "[Service]\nExecStart=\nExecStart=dialhookd \\\n  --config /etc/dialhook/mine.yaml\n")
        self.addCleanup(self.machine.run, "rm", "-r", f"/run/systemd/system/{SERVICE}.d", "/etc/dialhook/mine.yaml")
        self.machine.run("systemctl", "daemon-reload")
        old = self.main_pid()
        self.assertNotIn("was not restarted", self.install())
        self.assertNotEqual(self.main_pid(), old)
        self.assert_success(self.engine().route("crm"))
        self.assertFalse((self.machine.root / CONFIG.lstrip("/")).exists())

    def test_a_healthy_daemon_goes_on_when_the_configuration_is_refused(self):
        self.edit()
        good, old = self.config(), self.main_pid()
        self.machine.write(CONFIG, "webhooks:\n  crm:\n    timout: 5s\n")
        finish = self.load()
        said = self.install()
        finish()
        self.assertIn("dialhook.service was not restarted", said)
        self.assertIn(f"{CONFIG}:3:5: ", said)
        self.assertIn("systemctl restart dialhook.service", said)
        self.assertEqual(self.main_pid(), old)
        self.assert_success(self.engine().route("crm"))
        self.assertEqual(self.machine.run("systemctl", "is-system-running").strip(), "running", "and the check left nothing")

        self.machine.write(CONFIG, good)
        self.machine.run("systemctl", "restart", SERVICE)
        self.assert_success(self.engine().route("crm"))

    def test_what_the_new_version_alone_refuses_is_known_before_the_restart(self):
        self.edit()
        old = self.main_pid()
        stricter = package.as_version("9.0-1", self.folder.path, refuses_timeouts)
        said = self.install(stricter)
        self.assertIn("timeout is not a key any more", said)
        self.assertEqual(self.main_pid(), old)
        self.assert_success(self.engine().route("crm"))

    def test_the_check_has_the_users_rights_and_the_credentials_of_the_unit(self):
        self.edit()
        self.machine.write("/etc/dialhook/credentials/crm-token", "open sesame\n")
        self.machine.run("chmod", "0600", "/etc/dialhook/credentials/crm-token")
        self.machine.write(f"/run/systemd/system/{SERVICE}.d/credential.conf",
                           "[Service]\nLoadCredential=crm-token:/etc/dialhook/credentials/crm-token\n")
        self.addCleanup(self.machine.run, "rm", "-r", f"/run/systemd/system/{SERVICE}.d", "/etc/dialhook/credentials")
        config = self.config()
        self.machine.write(CONFIG, config.replace('"timeout"', '"headers": {"X-Token": "${credential:crm-token}"}, "timeout"'))
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", SERVICE)
        old = self.main_pid()
        self.assertNotIn("was not restarted", self.install())
        self.assertNotEqual(self.main_pid(), old)

        # Root alone can read it from here on, which `dialhookd --check` as root would not notice.
        old = self.main_pid()
        self.machine.run("chown", "root:root", CONFIG)
        self.machine.run("chmod", "0600", CONFIG)
        said = self.install(package.as_version("9.9-1", self.folder.path))
        self.assertIn("was not restarted", said)
        self.assertIn("Permission denied", said)
        self.assertEqual(self.main_pid(), old)


def refuses_timeouts(content):
    """Puts a dialhookd in place that knows a rule more."""
    program = content / "usr/sbin/dialhookd"
    program.rename(program.with_name("dialhookd.real"))
    program.write_text('#!/bin/sh\ncase "$*" in\n*--check*) echo "timeout is not a key any more"; exit 1 ;;\nesac\n'
                       'exec dialhookd.real "$@"\n')
    program.chmod(0o755)


if __name__ == "__main__":
    unittest.main()
