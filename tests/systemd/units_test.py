"""The units as systemd itself judges them."""
import subprocess
import unittest

from support import ROOT
from support.installed_case import InstalledTest

UNITS = ["dialhook.service", "dialhook-engine.socket", "dialhook-control.socket", "dialhook-fastagi.socket",
         "dialhook-http.socket", "dialhook-take-sockets@.service"]
INSTANCE = ["dialhook@.service", "dialhook-engine@.socket", "dialhook-control@.socket"]


class Units(InstalledTest):
    def test_all_units_are_here(self):
        self.assertEqual(sorted(UNITS), sorted(path.name for path in (ROOT / "systemd").glob("dialhook*.s[eo][rc]*")
                                               if path.suffix in (".service", ".socket")))

    def test_those_of_an_instance_are_the_first_ones_with_its_name_in_each_path(self):
        for unit in INSTANCE:
            first = self.machine.run("systemctl", "cat", unit.replace("@", "")).splitlines()[1:]
            instance = self.machine.run("systemctl", "cat", unit).splitlines()[1:]
            settings = [line for line in instance if "=" in line and not line.startswith("#")]
            self.assertEqual([line for line in settings if "/dialhook/" in line and "%i" not in line], [], unit)
            self.assertLess(len(set(instance) - set(first)), 12, unit)

    def test_verify_finds_nothing(self):
        paths = [f"/usr/lib/systemd/system/{unit.replace('@.', '@dialhook.')}" for unit in UNITS + INSTANCE]
        self.assertEqual(self.machine.run("systemd-analyze", "verify", "--man=no", *paths), "")

    def test_the_sandbox_is_as_tight_as_promised(self):
        # In tenths. Lower would take PrivateUsers=, which hides the engines' users from the daemon.
        done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=12", "--no-pager",
                               ROOT / "systemd" / "dialhook.service"], stdout=subprocess.PIPE, text=True)
        print(done.stdout.splitlines()[-1])
        self.assertEqual(done.returncode, 0, done.stdout)

    def process(self, file):
        """What the kernel says of the daemon's process, in /proc/PID/`file`."""
        return (self.machine.root / "proc" / str(self.main_pid()) / file).read_text()

    def serve(self):
        """Runs the service as shipped, until it has decided a call and was reloaded."""
        self.configure()
        self.machine.run("systemctl", "restart", "dialhook.service")
        self.assert_success(self.engine().route("crm"))
        self.machine.run("systemctl", "reload", "dialhook.service")

    def test_the_running_daemon_has_no_rights_and_can_get_none(self):
        self.serve()
        status = self.process("status")
        self.assertIn("Seccomp:\t2\n", status)
        self.assertIn("NoNewPrivs:\t1\n", status)
        for kind in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
            self.assertIn(f"{kind}:\t0000000000000000\n", status)

    def test_the_running_daemon_leaves_no_core_dump(self):
        self.serve()
        limit, = (line.split()[-3:] for line in self.process("limits").splitlines() if line.startswith("Max core file size"))
        self.assertEqual(limit, ["0", "0", "bytes"], "soft, and the hard one beyond which it cannot raise it")


if __name__ == "__main__":
    unittest.main()
