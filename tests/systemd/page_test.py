"""docs/systemd.md, played: its blocks, and the commands within its sentences that a machine of a test can do."""
import json
import re
import sys
import unittest

from support import ROOT, package
from support.installed_case import SERVICE, InstalledTest
from support.replies import respond

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from elsewhere import in_a_debian_with_systemd  # noqa: E402

PAGE = (ROOT / "docs" / "systemd.md").read_text("utf-8")
INSTALL, REPAIR, SECOND, CREDENTIAL, LOG = in_a_debian_with_systemd()


def commands(block):
    """Without comments; the machine has no sudo, and its user is root."""
    lines = [re.sub(r"\s*#.*", "", line).removeprefix("sudo ") for line in block.text.splitlines()]
    return [line for line in lines if line]


class Page(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.run("dpkg", "--purge", "dialhook")
        cls.machine.run("sh", "-c", "mkdir -p /checkout/build/trained && ln -s /packages /checkout/build/trained/package")
        build, install = commands(INSTALL)
        assert build == "scripts/package" and package.built().exists()    # which `scripts/test --e2e` has run, on this machine
        cls.shell(f"cd /checkout && {install}")

    @classmethod
    def shell(cls, command):
        return cls.machine.run("env", "--chdir=/", "bash", "-c", command)

    def say(self, command):
        """Runs a command that stands in a sentence of the page."""
        self.assertIn(f"`{command}`", " ".join(PAGE.split()), "the page does not say so any more")
        return self.shell(command.removeprefix("sudo "))

    def setUp(self):
        super().setUp()
        self.web.on("/", respond("status=ACK&destination=101"))
        self.configure()

    def test_installed_checked_reloaded_and_the_pbx_let_in(self):
        self.assert_active()
        self.say("sudo dialhookctl check")
        self.say("sudo systemctl reload dialhook")
        self.machine.run("useradd", "--system", "asterisk")
        refused = self.machine.try_run("setpriv", "--reuid=asterisk", "--init-groups", "dialhookctl", "route", "crm", "--did", "1")
        self.assertIn("dialhook", refused.stdout)
        self.assertNotEqual(refused.returncode, 0)
        self.say("sudo adduser asterisk dialhook")
        self.machine.run("setpriv", "--reuid=asterisk", "--init-groups", "dialhookctl", "route", "crm", "--did", "1")

    def test_a_socket_more_and_all_of_them_stopped(self):
        self.say("sudo systemctl enable --now dialhook-fastagi.socket")
        self.assertEqual(self.machine.property("dialhook-fastagi.socket", "ActiveState"), "active")
        self.say("sudo systemctl stop 'dialhook*.socket' dialhook.service")
        for unit in (SERVICE, "dialhook-engine.socket", "dialhook-control.socket", "dialhook-fastagi.socket"):
            self.assertEqual(self.machine.property(unit, "ActiveState"), "inactive", unit)
        self.shell("systemctl disable dialhook-fastagi.socket; systemctl start dialhook-engine.socket dialhook-control.socket dialhook")

    def test_a_start_after_a_repair(self):
        self.machine.run("systemctl", "stop", SERVICE, "dialhook-engine.socket", "dialhook-control.socket")
        for command in commands(REPAIR):
            self.shell(command)
        self.assert_active()
        self.assert_success(self.engine().route("crm"))

    def test_a_second_instance(self):
        self.machine.run("mkdir", "-p", "/second")
        self.machine.write("/second/pbx2.yaml", (self.machine.root / "etc/dialhook/dialhook.yaml").read_text())
        for command in commands(SECOND):
            said = self.shell(f"cd /second && {command}")
        self.assertIn("/run/dialhook/pbx2/dialhook.sock", said)
        self.say("systemctl disable --now dialhook@pbx2.service dialhook-engine@pbx2.socket dialhook-control@pbx2.socket")
        self.assertEqual(self.machine.run("find", "/etc/systemd", "/run/dialhook", "-name", "*@pbx2*", "-o", "-path", "*pbx2/*", "-type", "s"), "")

    def test_the_check_before_an_upgrades_restart_by_hand(self):
        self.say("sudo /usr/libexec/dialhook/check-unit dialhook.service")
        self.shell("systemctl stop 'dialhook*.socket' dialhook.service")
        good = (self.machine.root / "etc/dialhook/dialhook.yaml").read_text()
        self.machine.write("/etc/dialhook/dialhook.yaml", "webhooks:\n  crm:\n    timout: 5s\n")
        refused = self.machine.try_run("/usr/libexec/dialhook/check-unit", SERVICE)
        self.machine.write("/etc/dialhook/dialhook.yaml", good)
        self.shell("systemctl start dialhook-engine.socket dialhook-control.socket dialhook")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("dialhook.yaml:3:5: ", refused.stdout)

    def test_a_credential(self):
        (name, path), = re.findall(r"^LoadCredential=([\w-]+):(\S+)$", CREDENTIAL.text, re.MULTILINE)
        header = re.search(r"`Authorization: (Bearer \$\{credential:[\w-]+\})`", PAGE)[1]
        self.assertIn(f"credential:{name}", header)
        self.machine.write(path, "open sesame\n")
        self.machine.run("chmod", "0600", path)
        self.machine.write(f"/run/systemd/system/{SERVICE}.d/override.conf", CREDENTIAL.text)
        config = self.machine.root / "etc/dialhook/dialhook.yaml"
        config.write_text(config.read_text().replace('"timeout"', f'"headers": {json.dumps({"Authorization": header})}, "timeout"'))
        self.machine.run("systemctl", "daemon-reload")
        self.say("sudo systemctl restart dialhook")
        self.engine().route("crm", call_id="with-credential")
        request = self.web.requests.wait_entry(lambda request: "with-credential" in request.query, "the request")
        self.assertEqual(request.header("Authorization"), "Bearer open sesame")

    def test_the_log(self):
        self.machine.run("systemctl", "restart", SERVICE)
        engine = self.engine()
        engine.route("crm", call_id="1763.42")
        self.web.on("/", respond("status=NAK"))
        engine.route("crm", call_id="1763.43")
        self.machine.run("systemctl", "restart", SERVICE)    # nothing is unwritten then
        self.machine.run("journalctl", "--sync")
        live, one_call, failures = commands(LOG)
        story = self.shell(one_call)
        self.assertIn("branch=success", story)
        self.assertNotIn("1763.43", story)
        entries = [json.loads(line) for line in self.shell(failures).splitlines()]
        self.assertEqual([(entry["DIALHOOK_CALL_ID"], entry["DIALHOOK_REASON"]) for entry in entries], [("1763.43", "nak")])
        # Whether it is written before or after the command begins: it shows the last lines, and goes on.
        self.engine().route("crm", call_id="1763.44")
        self.assertIn("1763.44", self.shell(f"grep --max-count=1 1763.44 < <(exec {live} 2>/dev/null)"))


if __name__ == "__main__":
    unittest.main()
