"""The service as installed, in a real systemd: calls, reload, socket activation, credentials, the journal."""
import socket
import unittest

from support.agi import AgiChannel
from support.asking import Asking
from support.installed_case import SERVICE, SOCKET, InstalledTest


class Service(InstalledTest):
    def setUp(self):
        super().setUp()
        self.configure()
        self.machine.run("systemctl", "restart", SERVICE)

    def test_it_runs_as_its_own_user_and_answers(self):
        self.assertEqual(self.machine.property(SERVICE, "User"), "dialhook")
        self.assert_success(self.engine().route("crm"), destination="101")
        decided = self.machine.try_run("dialhookctl", "route", "crm", "--did", "+31502102544")
        self.assertEqual(decided.returncode, 0, decided.stdout)

    def test_sockets_are_for_whom_they_are_meant(self):
        stat = lambda name: self.machine.run("stat", "--format=%U:%G %a", f"/run/dialhook/{name}").strip()
        self.assertEqual(stat("dialhook.sock"), "dialhook:dialhook 660")
        self.assertEqual(stat("control.sock"), "dialhook:dialhook 600")
        refused = self.ask_as("--reuid=nobody", "--clear-groups")
        self.assertIn("Permission denied", refused.stdout)
        allowed = self.ask_as("--reuid=nobody", "--groups=dialhook")
        self.assertEqual(allowed.returncode, 0, allowed.stdout)

    def ask_as(self, *who):
        return self.machine.try_run("setpriv", *who, "dialhookctl", "route", "crm", "--did", "1")

    def test_users_of_engines_are_known_to_the_daemon(self):
        self.configure(allow_users=["nobody"])
        self.machine.run("systemctl", "reload", SERVICE)
        refused = self.ask_as("--reuid=root", "--clear-groups")
        self.assertNotEqual(refused.returncode, 0, refused.stdout)
        allowed = self.ask_as("--reuid=nobody", "--groups=dialhook")
        self.assertEqual(allowed.returncode, 0, allowed.stdout)

    def test_a_reload_is_applied_and_a_faulty_file_is_refused_aloud(self):
        pid = self.main_pid()
        self.configure(redact=True)
        self.machine.run("systemctl", "reload", SERVICE)
        self.machine.write("/etc/dialhook/dialhook.yaml", "webhooks:\n  crm:\n    ulr: http://127.0.0.1/\n")
        refused = self.machine.try_run("systemctl", "reload", SERVICE)
        self.assertNotEqual(refused.returncode, 0)
        said = "".join(str(entry.get("MESSAGE")) + "\n" for entry in self.machine.journal("--unit", SERVICE))
        self.assertIn("dialhook.yaml:3:5:", said)
        self.assert_active()
        self.assertEqual(self.main_pid(), pid)
        self.assert_success(self.engine().route("crm"))

    def test_a_connection_starts_the_stopped_daemon(self):
        self.machine.run("systemctl", "stop", SERVICE)
        self.assert_success(self.engine().route("crm"), destination="101")
        self.assert_active()

    def test_fastagi_by_its_socket_unit(self):
        self.machine.run("systemctl", "stop", SERVICE)
        self.machine.run("systemctl", "start", "dialhook-fastagi.socket")
        self.addCleanup(self.machine.run, "systemctl", "stop", "dialhook-fastagi.socket")
        channel = self.use(AgiChannel(4573, "webhook/crm"))
        channel.play_through(())
        self.assertEqual(channel.variables["DIALHOOK_BRANCH"], "success")

    def test_sockets_of_its_own_where_the_units_are_masked(self):
        units = ["dialhook-engine.socket", "dialhook-control.socket"]
        self.machine.run("systemctl", "stop", *units, SERVICE)
        self.machine.run("systemctl", "mask", "--runtime", *units)
        try:
            self.machine.run("systemctl", "start", SERVICE)
            self.assert_success(self.engine().route("crm"))
            self.machine.run("systemctl", "reload", SERVICE)
        finally:
            self.machine.run("systemctl", "stop", SERVICE)
            self.machine.run("systemctl", "unmask", "--runtime", *units)
            self.machine.run("systemctl", "start", *units)

    def test_a_lock_of_another_user_names_its_owner_and_the_remedy(self):
        units = ["dialhook-engine.socket", "dialhook-control.socket"]
        lock = f"{SOCKET}.lock"
        self.machine.run("systemctl", "stop", *units, SERVICE)
        self.machine.run("systemctl", "mask", "--runtime", *units)
        try:
            self.machine.write(lock, "")
            self.machine.run("chmod", "0600", lock)
            since = len(self.machine.journal("--unit", SERVICE))
            self.machine.try_run("systemctl", "start", SERVICE)
            said = " ".join(str(entry.get("MESSAGE")) for entry in self.machine.journal("--unit", SERVICE)[since:])
            self.assertIn("belongs to user root", said)
            self.assertIn("runs as user dialhook", said)
            self.assertIn(f"rm {lock}", said)

            self.machine.run("systemd-tmpfiles", "--remove", "dialhook.conf")
            self.machine.run("systemctl", "restart", SERVICE)
            self.assert_success(self.engine().route("crm"))
            self.machine.run("systemctl", "stop", SERVICE)
            self.assertEqual(self.machine.run("find", "/run/dialhook", "-name", "*.sock*"), "", "a stop leaves neither sockets nor locks")
        finally:
            self.machine.run("systemctl", "stop", SERVICE)
            self.machine.run("systemctl", "unmask", "--runtime", *units)
            self.machine.run("systemctl", "start", *units)

    def test_a_dead_socket_of_another_user_names_its_owner_and_the_remedy(self):
        units = ["dialhook-engine.socket", "dialhook-control.socket"]
        self.machine.run("systemctl", "stop", *units, SERVICE)
        self.machine.run("systemctl", "mask", "--runtime", *units)
        try:
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(str(self.machine.root / SOCKET.lstrip("/")))
            since = len(self.machine.journal("--unit", SERVICE))
            self.machine.try_run("systemctl", "start", SERVICE)
            said = " ".join(str(entry.get("MESSAGE")) for entry in self.machine.journal("--unit", SERVICE)[since:])
            self.assertIn("belongs to user root", said)
            self.assertIn(f"rm {SOCKET}", said)
        finally:
            self.machine.run("rm", "-f", SOCKET)
            self.machine.run("systemctl", "stop", SERVICE)
            self.machine.run("systemctl", "unmask", "--runtime", *units)
            self.machine.run("systemctl", "start", *units)

    def test_a_decision_has_its_fields_in_the_journal(self):
        self.engine().route("crm", call_id="seen-in-the-journal")
        self.machine.run("systemctl", "stop", SERVICE)    # nothing is unwritten then
        entry, = (entry for entry in self.machine.journal("--unit", SERVICE) if "seen-in-the-journal" in entry.values())
        fields = {key: value for key, value in entry.items() if value in ("crm", "success", "ACK", "200", "+31502102544", "101")}
        self.assertEqual(sorted(fields.values()), sorted(["crm", "success", "ACK", "200", "+31502102544", "101"]), entry)
        self.assertEqual(entry["_SYSTEMD_UNIT"], SERVICE)
        self.assertEqual(entry["PRIORITY"], "6")
        self.assertEqual([key for key in entry if key.startswith("CODE_")], [], "where it was built is nobody's business")

    def test_a_credential_is_read_and_no_user_but_root_needs_to_see_its_file(self):
        self.machine.write("/etc/dialhook/credentials/crm-token", "open sesame\n")
        self.machine.run("chmod", "0600", "/etc/dialhook/credentials/crm-token")
        self.machine.write(f"/run/systemd/system/{SERVICE}.d/credential.conf",
                           "[Service]\nLoadCredential=crm-token:/etc/dialhook/credentials/crm-token\n")
        self.configure()
        path = self.machine.root / "etc/dialhook/dialhook.yaml"
        path.write_text(path.read_text().replace('"timeout"', '"headers": {"X-Token": "${credential:crm-token}"}, "timeout"'))
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", SERVICE)
        self.engine().route("crm", call_id="with-credential")
        request = self.web.requests.wait_entry(lambda request: "with-credential" in request.query, "the request")
        self.assertEqual(request.header("X-Token"), "open sesame")

    def test_check_sees_what_the_daemon_sees(self):
        """Each row of docs/systemd.md: as root `--check` reads what the service cannot, and says that it may."""
        config = "/etc/dialhook/dialhook.yaml"
        authority = (self.machine.root / "etc/ssl/certs/ca-certificates.crt").read_text().split("-----END CERTIFICATE-----")[0]
        authority += "-----END CERTIFICATE-----\n"
        for path in ("/root/ca.pem", "/tmp/ca.pem", "/etc/dialhook/mine.pem", "/etc/dialhook/ca.pem"):
            self.machine.write(path, authority)
        self.machine.run("chmod", "0600", "/root/ca.pem", "/etc/dialhook/mine.pem")
        self.machine.run("chmod", "0644", "/tmp/ca.pem", "/etc/dialhook/ca.pem")
        self.machine.write("/etc/dialhook/credentials/checked", "open sesame\n")
        self.machine.write("/root/draft.yaml", "webhooks: {}\n")
        self.machine.write("/etc/dialhook/mine.yaml", "webhooks: {}\n")
        self.machine.run("chmod", "0600", "/etc/dialhook/mine.yaml")
        self.machine.write(f"/run/systemd/system/{SERVICE}.d/checked.conf",
                           "[Service]\nLoadCredential=checked:/etc/dialhook/credentials/checked\n")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", SERVICE)
        self.assertIn("1 webhook, no faults", self.machine.run("dialhookctl", "check"))

        tls = "webhooks:\n  crm: { url: 'https://crm.example/', tls: { ca_file: %s } }\n"
        header = "webhooks:\n  crm: { url: 'https://crm.example/', headers: { X: '${credential:%s}' } }\n"
        rows = {
            "a certificate in /root": (tls % "/root/ca.pem", ":2:55: webhooks.crm.tls.ca_file: /root/ca.pem cannot be read: Permission denied; "
                                       "systemd hides the system's /root from this service"),
            "one in /tmp": (tls % "/tmp/ca.pem", ":2:55: webhooks.crm.tls.ca_file: /tmp/ca.pem cannot be read: No such file or directory; "
                            "systemd hides the system's /tmp from this service"),
            "one of root's": (tls % "/etc/dialhook/mine.pem", ":2:55: webhooks.crm.tls.ca_file: /etc/dialhook/mine.pem cannot be read: "
                              "Permission denied; the user dialhook needs the right to read it"),
            "an included file of root's": ("include: mine.yaml\n", "/etc/dialhook/mine.yaml: the file cannot be read: Permission denied"),
            "a credential that nobody handed over": (header % "other", "/other cannot be read"),
            "a certificate that all may read": (tls % "/etc/dialhook/ca.pem", None),
            "a credential of the unit": (header % "checked", None),
        }
        for name, (text, fault) in rows.items():
            with self.subTest(name):
                self.machine.write(config, text)
                asked = self.machine.try_run("dialhookctl", "check")
                self.assertEqual(asked.returncode, 1 if fault else 0, asked.stdout)
                self.assertIn(fault or "no faults", asked.stdout)
                self.assertNotIn("open sesame", asked.stdout)
                alone = self.machine.try_run("dialhookd", "--config", config, "--check")
                self.assertEqual(alone.returncode, 0, alone.stdout)
                self.assertIn("note: the daemon runs as dialhook.service", alone.stdout)
                self.assertIn(f"sudo dialhookctl check {config}", alone.stdout)
                reload = self.machine.try_run("systemctl", "reload", SERVICE)
                self.assertEqual(reload.returncode == 0, fault is None, "a reload says the same")
        with self.subTest("a draft where only root can read"):
            asked = self.machine.try_run("dialhookctl", "check", "/root/draft.yaml")
            self.assertEqual(asked.returncode, 1)
            self.assertIn("/root/draft.yaml: the file cannot be read: Permission denied; systemd hides", asked.stdout)
        with self.subTest("no way to read files for who may not control the daemon"):
            refused = self.machine.try_run("setpriv", "--reuid=nobody", "--groups=dialhook", "dialhookctl", "check", "/etc/passwd")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("Permission denied", refused.stdout)
            self.assertNotIn("/bin/", refused.stdout)
        self.assert_active()

    def test_a_killed_daemon_is_started_again_and_who_waits_is_answered(self):
        self.configure(log={"decisions": "none"})
        self.machine.run("systemctl", "restart", SERVICE)
        engine = Asking(self.machine.root / SOCKET.lstrip("/"), "crm", "killed", calls_each=1)
        engine.start()
        for _ in range(8):    # more often than systemd's own start limit lets pass
            killed = self.main_pid()
            self.machine.run("systemctl", "kill", "--signal=KILL", SERVICE)
            self.machine.wait_end(killed)
            engine.answered.wait_count(len(engine.answered) + 2, "answers")    # the first may be of the killed daemon
        engine.finish()
        self.assert_active()


if __name__ == "__main__":
    unittest.main()
