"""The real Kamailio with the project's own configuration, on a free port."""
import os
import socket

from . import ROOT
from .patience import SLACK
from .phone import Phone
from .ports import free_port
from .program import Program, find_program
from .scratch import Scratch

FOLDER = ROOT / "config" / "kamailio"


class Kamailio:
    """`settings` are those at the head of kamailio.cfg; text is put in quotes. `user`: as whom it runs."""

    def __init__(self, engine_socket, user=None, **settings):
        self._scratch = Scratch()
        self._as_user = ["-u", user] if user else []
        settings = {"DIALHOOK_SOCKET": str(engine_socket), "DIALHOOK_SCRIPT": str(FOLDER / "dialhook.lua"),
                    "DIALHOOK_SECONDS": int(6 * SLACK), **settings}
        for _ in range(5):
            self.port = free_port(socket.SOCK_DGRAM)
            self._program = self._start(settings)
            if self._program.wait_until(self._answers_options):
                return
        raise AssertionError(f"Kamailio does not start:\n{self.log()}")

    def _start(self, settings):
        defines = [part for name, value in settings.items() for part in ("-A", f"{name}={as_define(value)}")]
        command = [find_program("kamailio"), "-f", FOLDER / "kamailio.cfg", "-DD", "-E", "-Y", self._scratch.path,
                   "-m", "32", "-M", "4", *self._as_user, "-A", f"LISTEN=udp:127.0.0.1:{self.port}", *defines]
        return Program(command, self._scratch.path / "log",
                       env={**os.environ, "LUA_PATH": f"{ROOT / 'config' / 'clients'}/?.lua;;"})

    def _answers_options(self):
        phone = Phone(self.port)
        try:
            phone.options()
            return phone.receive(seconds=0.1) is not None
        except ConnectionError:
            return False
        finally:
            phone.close()

    def log(self):
        return self._program.output()

    def close(self):
        ended_early = not self._program.is_running()
        # A process that was being forked when Kamailio got the signal never hears of it, and Kamailio waits for it a minute.
        self._program.close(patience=2)
        log = self.log()
        self._scratch.remove()
        assert not ended_early, f"Kamailio ended during the test:\n{log}"


def as_define(value):
    return f'"{value}"' if isinstance(value, str) else str(value)
