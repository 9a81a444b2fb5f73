"""The package's life: installed, configured, upgraded under a running service, removed, purged."""
import sys
import unittest

from support import ROOT, package
from support.asking import Asking
from support.installed_case import SERVICE, SOCKET, InstalledTest

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from links import dead_links  # noqa: E402

SOCKETS = ["dialhook-engine.socket", "dialhook-control.socket"]


class Installed(InstalledTest):
    def test_it_runs_at_once_with_nothing_opened(self):
        for unit in [SERVICE, *SOCKETS]:
            self.assertEqual(self.machine.property(unit, "ActiveState"), "active", unit)
            self.assertEqual(self.machine.property(unit, "UnitFileState"), "enabled", unit)
        for unit in ("dialhook-fastagi.socket", "dialhook-http.socket"):
            self.assertEqual(self.machine.property(unit, "ActiveState"), "inactive", unit)
            self.assertEqual(self.machine.property(unit, "UnitFileState"), "disabled", unit)
        self.assertEqual(self.engine().ask_raw('{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"did":"1"}}')
                         ["error"]["code"], -32002)
        listening = [line for line in self.machine.run("cat", "/proc/net/tcp", "/proc/net/tcp6").splitlines() if " 0A " in line]
        self.assertEqual(len(listening), 1, f"the test's own web server alone: {listening}")

    def test_the_configuration_is_for_the_daemon_and_root_alone(self):
        self.assertEqual(self.machine.run("stat", "--format=%U:%G %a", "/etc/dialhook", "/etc/dialhook/conf.d",
                                          "/etc/dialhook/dialhook.yaml").splitlines(),
                         ["root:dialhook 750", "root:dialhook 750", "root:dialhook 640"])
        self.machine.run("dialhookd", "--config", "/etc/dialhook/dialhook.yaml", "--check")

    def test_dpkg_has_no_say_in_the_configuration(self):
        self.assertEqual(self.machine.run("dpkg-query", "--show", "--showformat=${Conffiles}", "dialhook"), "")

    def test_the_whole_sample_is_an_example(self):
        self.machine.run("dialhookd", "--config", "/usr/share/doc/dialhook/examples/dialhook.yaml", "--check")

    def test_what_its_readers_look_for_is_there(self):
        documents = "/usr/share/doc/dialhook"
        self.machine.run("ls", f"{documents}/README.md", f"{documents}/docs/README.md", f"{documents}/docs/figures/status-page.png",
                         *(f"{documents}/config/{file}" for file in (
                             "asterisk/extensions.conf", "clients/dialhook_client.py", "freeswitch/dialhook.lua",
                             "grafana/dialhook.json", "kamailio/kamailio.cfg", "prometheus/dialhook-rules.yaml")),
                         "/usr/share/dialhook/dialhook.schema.json", "/usr/share/bash-completion/completions/dialhookctl",
                         "/usr/share/zsh/vendor-completions/_dialhookctl",
                         *(f"/usr/share/man/man{page[-1]}/{page}.gz" for page in ("dialhookctl.1", "dialhook.yaml.5", "dialhookd.8")))

    def test_its_pages_lead_to_what_is_there(self):
        root = self.machine.root / "usr/share/doc/dialhook"
        pages = sorted(root.glob("**/*.md"))
        self.assertGreater(len(pages), 20)
        self.assertEqual(list(dead_links(root, pages)), [])

    def test_dpkg_finds_every_file_as_it_was_packed(self):
        self.assertEqual(self.machine.run("dpkg", "--verify", "dialhook"), "")


class Upgrade(InstalledTest):
    def test_no_call_is_lost_and_the_administrators_choices_stay(self):
        self.configure()
        self.machine.run("chmod", "0600", "/etc/dialhook/dialhook.yaml")
        self.machine.run("chown", "dialhook", "/etc/dialhook/dialhook.yaml")
        self.machine.run("systemctl", "enable", "dialhook-http.socket")
        self.machine.run("systemctl", "reload", SERVICE)
        before = self.main_pid()
        engine = Asking(self.machine.root / SOCKET.lstrip("/"), "crm", "upgraded", pipelined=4, calls_each=20)
        engine.start()
        for number in ("9.0-1", "9.1-1"):
            upgrade = package.as_version(number, self.folder.path)
            self.machine.run("dpkg", "--install", f"/folder/{upgrade.name}")
            self.assert_active()
        engine.finish()
        self.assertNotEqual(self.main_pid(), before)
        self.assertEqual(sorted(engine.answered), sorted(request.query.removeprefix("id=") for request in self.web.requests))
        self.assertEqual(self.machine.run("stat", "--format=%U %a", "/etc/dialhook/dialhook.yaml").strip(), "dialhook 600")
        self.assertEqual(self.machine.property("dialhook-http.socket", "UnitFileState"), "enabled")

    def test_what_was_stopped_or_disabled_stays_so(self):
        self.machine.run("systemctl", "disable", "--now", SERVICE, *SOCKETS)
        upgrade = package.as_version("9.9-1", self.folder.path)
        self.machine.run("dpkg", "--install", f"/folder/{upgrade.name}")
        for unit in (SERVICE, *SOCKETS):
            self.assertEqual(self.machine.property(unit, "ActiveState"), "inactive", unit)
            self.assertEqual(self.machine.property(unit, "UnitFileState"), "disabled", unit)


class Removed(InstalledTest):
    def setUp(self):
        super().setUp()
        self.machine.run("dpkg", "--install", f"/packages/{package.built().name}")

    def exists(self, path):
        return self.machine.try_run("test", "-e", path).returncode == 0

    def test_remove_keeps_the_configuration_and_purge_nothing(self):
        self.machine.run("dpkg", "--remove", "dialhook")
        self.assertEqual(self.machine.run("systemctl", "list-units", "--state=active", "--no-legend", "--plain", "dialhook*"), "")
        self.assertTrue(self.exists("/etc/dialhook/dialhook.yaml"))
        self.assertFalse(self.exists("/run/dialhook/dialhook.sock"))

        self.machine.run("dpkg", "--install", f"/packages/{package.built().name}")
        self.assert_active()

        self.machine.run("dpkg", "--purge", "dialhook")
        left = self.machine.run("find", "/etc", "/usr", "/run", "/var", "-iname", "*dialhook*", "-not", "-path", "/run/host/*",
                                "-not", "-path", "/run/udev/*")
        self.assertEqual(left, "")
        self.assertNotIn("dialhook", (self.machine.root / "etc/passwd").read_text())
        self.assertNotIn("dialhook", (self.machine.root / "etc/group").read_text())
        self.assertEqual(self.machine.run("systemctl", "is-system-running").strip(), "running")

    def test_purge_removes_what_the_daemon_kept(self):
        self.machine.write("/var/lib/dialhook/kept", "")
        self.machine.run("dpkg", "--remove", "dialhook")
        self.assertTrue(self.exists("/var/lib/dialhook/kept"))
        self.machine.run("dpkg", "--purge", "dialhook")
        self.assertFalse(self.exists("/var/lib/dialhook"))

    def test_a_configuration_of_ones_own_is_there_again_after_a_removal(self):
        self.configure()
        self.machine.run("dpkg", "--remove", "dialhook")
        self.machine.run("dpkg", "--install", f"/packages/{package.built().name}")
        self.assert_success(self.engine().route("crm"))

    def test_purge_leaves_an_administrators_own_files(self):
        self.machine.write("/etc/dialhook/conf.d/mine.yaml", "webhooks: {}\n")
        self.machine.run("dpkg", "--purge", "dialhook")
        self.assertTrue(self.exists("/etc/dialhook/conf.d/mine.yaml"))
        self.assertIn("dialhook", (self.machine.root / "etc/group").read_text(), "the group that they belong to stays")
        self.machine.run("rm", "-r", "/etc/dialhook")


class Accounts(InstalledTest):
    """Whose the user and the group `dialhook` are."""

    def setUp(self):
        super().setUp()
        self.machine.run("dpkg", "--purge", "dialhook")

    def install_and_purge(self):
        self.machine.run("dpkg", "--install", f"/packages/{package.built().name}")
        self.assert_active()
        self.machine.run("dpkg", "--purge", "dialhook")

    def entry(self, database):
        return self.machine.try_run("getent", database, "dialhook").stdout.strip()

    def test_a_persons_account_stays(self):
        for options in (["--create-home"], ["--system"], ["--system", "--home-dir=/", "--shell=/usr/sbin/nologin", "--comment=Dialhook"]):
            with self.subTest(options):
                self.machine.run("useradd", *options, "dialhook")
                account, group = self.entry("passwd"), self.entry("group")
                self.install_and_purge()
                self.assertEqual(self.entry("passwd"), account)
                self.assertEqual(self.entry("group"), group)
                self.machine.run("userdel", "dialhook")

    def test_somebodys_group_stays_and_the_packages_user_goes(self):
        self.machine.run("groupadd", "dialhook")
        group = self.entry("group")
        self.install_and_purge()
        self.assertEqual(self.entry("group"), group)
        self.assertEqual(self.entry("passwd"), "")
        self.machine.run("groupdel", "dialhook")

    def test_an_account_that_a_person_took_over_stays(self):
        self.machine.run("dpkg", "--install", f"/packages/{package.built().name}")
        self.machine.run("dpkg", "--remove", "dialhook")
        self.machine.run("usermod", "--home", "/home/dialhook", "--shell", "/bin/bash", "dialhook")
        self.machine.run("dpkg", "--purge", "dialhook")
        self.assertIn("/bin/bash", self.entry("passwd"))
        self.machine.run("userdel", "dialhook")

    def test_what_a_version_made_that_kept_no_record_goes(self):
        self.machine.run("dpkg", "--install", f"/folder/{package.before(self.folder.path).name}")
        self.install_and_purge()
        self.assertEqual(self.entry("passwd") + self.entry("group"), "")


if __name__ == "__main__":
    unittest.main()
