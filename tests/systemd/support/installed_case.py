"""The test case of suites for which the package is installed, once for each class, and has a web server to ask."""
import json

from . import package
from .case import DialhookTest
from .configuration import configuration
from .engine import Engine
from .machine import Machine
from .patience import ample, wait_until
from .replies import respond
from .scratch import Scratch
from .webserver import WebServer

SOCKET = "/run/dialhook/dialhook.sock"
SERVICE = "dialhook.service"


class InstalledTest(DialhookTest):
    server = {}
    binds = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Scratch()
        cls.addClassCleanup(cls.folder.remove)
        cls.machine = cls.share(Machine({package.built().parent: "/packages", cls.folder.path: "/folder", **cls.binds}))
        cls._shared_daemons.append(cls.machine)
        cls.machine.enter_network()
        cls.web = cls.share(WebServer().on("/", respond("status=ACK&destination=101")))
        cls.machine.run("dpkg", "--install", f"/packages/{package.built().name}")

    @classmethod
    def configure(cls, **server):
        """Gives the daemon a webhook `crm`."""
        content = configuration({"crm": {"url": cls.web.url("/?id={call_id}"), "timeout": ample()}},
                                server={**cls.server, **server})
        cls.machine.write("/etc/dialhook/dialhook.yaml", json.dumps(content))

    def engine(self):
        return self.use(Engine(self.machine.root / SOCKET.lstrip("/")))

    def main_pid(self):
        return int(self.machine.property(SERVICE, "MainPID"))

    def assert_active(self):
        """The daemon answers calls before systemd is done with its start."""
        state = lambda: self.machine.property(SERVICE, "ActiveState")
        wait_until(lambda: state() != "activating", "the start is done")
        self.assertEqual(state(), "active")
