"""The service as installed, in a real systemd: calls, reload, socket activation, credentials, the journal."""
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

    def test_a_decision_has_its_fields_in_the_journal(self):
        self.engine().route("crm", call_id="seen-in-the-journal")
        self.machine.run("systemctl", "stop", SERVICE)    # nothing is unwritten then
        entry, = (entry for entry in self.machine.journal("--unit", SERVICE) if "seen-in-the-journal" in entry.values())
        fields = {key: value for key, value in entry.items() if value in ("crm", "success", "ACK", "200", "+31502102544", "101")}
        self.assertEqual(sorted(fields.values()), sorted(["crm", "success", "ACK", "200", "+31502102544", "101"]), entry)
        self.assertEqual(entry["_SYSTEMD_UNIT"], SERVICE)
        self.assertEqual(entry["PRIORITY"], "6")

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
