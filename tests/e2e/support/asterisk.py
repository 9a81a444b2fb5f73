"""The real Asterisk, in a chroot that scripts/install-e2e makes, with the project's own extensions.conf: that of today, or an old one.

Its configuration, logs and sounds are in a folder of its own inside the chroot, so several may run at once.
"""
import itertools
import os
import pathlib
import shutil
import socket

from . import ROOT
from .agi import Recorder
from .ami import Ami
from .call import Call
from .ports import free_port
from .program import Program, can_connect

TODAY, OLD = "asterisk", "asterisk16"
TEMPLATES = ROOT / "tests" / "e2e" / "asterisk"

# Modules complain loudly when these are not there; nothing in them is needed.
STUBS = ("acl.conf", "ccss.conf", "cdr.conf", "cel.conf", "cli.conf", "cli_permissions.conf", "dnsmgr.conf", "dsp.conf", "enum.conf",
         "features.conf", "indications.conf", "stasis.conf", "udptl.conf", "users.conf")

# Silence in µ-law, 8000 bytes a second: a message that ends soon, and one that does not end during a test.
SOUNDS = {"short": 0.1, "enter": 0.1, "wrong": 0.1, "late": 0.1, "long": 60, "welcome": 0.1}

_runs = itertools.count(1)


class Asterisk:
    """`fastagi_port`: where the dialplan asks, whether somebody listens there or not. `dialplan`: contexts beside those of the templates.
    `pjsip`: endpoints beside those of the template, which make Asterisk speak SIP on `sip_port`. `version`: TODAY or OLD. `modules`: beside
    those of the templates. `freepbx`: files and contexts are those of FreePBX, with the project's own for it in the place of the others."""

    def __init__(self, fastagi_port, dialplan="", pjsip=None, version=TODAY, modules=(), freepbx=False):
        self._dialplan, self._pjsip, self._modules, self._freepbx = dialplan, pjsip, modules, freepbx
        self._root = ROOT / "build" / "e2e" / version
        assert os.geteuid() == 0, "the tests with a real Asterisk run it in a chroot: they need root"
        assert (self._root / ".complete").exists(), f"there is no Asterisk in {self._root}; scripts/install-e2e gets it"
        self.inside = pathlib.PurePosixPath("/e2e") / f"{os.getpid()}-{next(_runs)}"
        self.folder = self._root / self.inside.relative_to("/")
        self._killed = False
        self.recorder = Recorder()
        self._calls = itertools.count(1)
        for _ in range(5):
            ami_port, self.sip_port = free_port(), free_port(socket.SOCK_DGRAM)
            self._configure(ami_port=ami_port, fastagi_port=fastagi_port, recorder_port=self.recorder.port, sip_port=self.sip_port)
            self._program = Program(["chroot", self._root, "asterisk", "-C", self.inside / "etc" / "asterisk.conf", "-f", "-n"],
                                    self.folder / "output")
            if self._program.wait_until(lambda: can_connect(ami_port)):
                break
        else:
            raise AssertionError(f"Asterisk does not start:\n{self.log()}")
        self.ami = Ami(ami_port)
        self.ami.act("Login", Username="e2e", Secret="e2e")
        self.ami.wait_event("FullyBooted")

    def _configure(self, **values):
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("etc", "var", "data/agi-bin", "data/sounds/en", "spool", "run", "log"):
            (self.folder / name).mkdir(parents=True)
        # Asterisk 22 does not start without the documentation of its options.
        (self.folder / "data/documentation").symlink_to("/usr/share/asterisk/documentation")
        modules = next((self._root / "usr" / "lib").glob("**/asterisk/modules"))
        values = {"folder": self.inside, "modules": pathlib.PurePosixPath("/") / modules.relative_to(self._root), **values}
        for template in [*TEMPLATES.glob("*.conf"), *((TEMPLATES / "freepbx").glob("*.conf") if self._freepbx else ())]:
            text = template.read_text("utf-8")
            for name, value in values.items():
                text = text.replace(f"@{name}@", str(value))
            (self.folder / "etc" / template.name).write_text(text, "utf-8")
        contexts = "freepbx.conf" if self._freepbx else "extensions.conf"
        shutil.copy(ROOT / "config" / "asterisk" / contexts, self.folder / "etc" / "dialhook.conf")
        with open(self.folder / "etc" / "extensions.conf", "a", encoding="utf-8") as extensions:
            extensions.write(self._dialplan)
        if self._pjsip is not None:
            with open(self.folder / "etc" / "pjsip.conf", "a", encoding="utf-8") as endpoints:
                endpoints.write(self._pjsip)
        with open(self.folder / "etc" / "modules.conf", "a", encoding="utf-8") as modules_file:
            modules_file.write("#include sip_modules.conf\n" if self._pjsip is not None else "")
            modules_file.writelines(f"load = {module}.so\n" for module in self._modules)
        for name in STUBS:
            (self.folder / "etc" / name).write_text("[general]\n", "ascii")
        for name, seconds in SOUNDS.items():
            (self.folder / "data/sounds/en" / f"{name}.ulaw").write_bytes(b"\xff" * int(8000 * seconds))

    def call(self, number="+31502102544", **options):
        """Lets somebody call `number`; see Call for the options."""
        return Call(self, f"call{next(self._calls):05}", number, **options)

    def log(self):
        log = self.folder / "log" / "messages.log"
        return (log.read_text("utf-8", "replace") if log.exists() else "") + self._program.output()

    def kill(self):
        """As a machine that loses its power: nothing more is said."""
        self._killed = True
        self._program.kill()

    def close(self):
        ended_early = not self._program.is_running() and not self._killed
        self.ami.close()
        self._program.close()
        self.recorder.close()
        log = self.log()
        shutil.rmtree(self.folder, ignore_errors=True)
        assert not ended_early, f"Asterisk ended during the test:\n{log[-5000:]}"
