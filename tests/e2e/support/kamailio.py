"""The real Kamailio on a free port: with the project's own configuration, or as the proxy that follows its redirects."""
import os
import pathlib
import shutil
import socket

from . import ROOT
from .patience import SLACK
from .phone import Phone
from .ports import free_port
from .program import Program, find_program
from .scratch import Scratch

FOLDER = ROOT / "config" / "kamailio"
STAYING = ROOT / "tests" / "e2e" / "kamailio" / "proxy.cfg"
PROXY = ROOT / "tests" / "e2e" / "kamailio" / "following.cfg"


class Started:
    """Kamailio with the file `configuration`. `settings` are those at its head; text is put in quotes. `user`: as whom it runs."""

    def __init__(self, configuration, settings, user=None, modules=None):
        self._killed = False
        self._modules = ["-L", modules] if modules else []
        self._scratch = Scratch()
        self._configuration = configuration
        self._as_user = ["-u", user] if user else []
        for _ in range(5):
            self.port = free_port(socket.SOCK_DGRAM)
            self._program = self._start(settings)
            if self._program.wait_until(self._answers_options):
                return
        raise AssertionError(f"Kamailio does not start:\n{self.log()}")

    def _start(self, settings):
        defines = [part for name, value in settings.items() for part in ("-A", f"{name}={as_define(value)}")]
        command = [find_program("kamailio"), "-f", self._configuration, "-DD", "-E", "-Y", self._scratch.path,
                   "-m", "32", "-M", "4", *self._modules, *self._as_user, "-A", f"LISTEN=udp:127.0.0.1:{self.port}", *defines]
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
        ended_early = not self._program.is_running() and not self._killed
        # A process that was being forked when Kamailio got the signal never hears of it, and Kamailio waits for it a minute.
        self._program.close(patience=2)
        log = self.log()
        self._scratch.remove()
        assert not ended_early, f"Kamailio ended during the test:\n{log}"


class Kamailio(Started):
    """The project's own, which asks at `engine_socket`; or another `configuration` made of it."""

    def __init__(self, engine_socket, user=None, configuration=FOLDER / "kamailio.cfg", **settings):
        super().__init__(configuration, {
            "DIALHOOK_SOCKET": str(engine_socket), "DIALHOOK_SCRIPT": str(FOLDER / "dialhook.lua"),
            "DIALHOOK_SECONDS": int(6 * SLACK), **settings}, user)


class AsyncKamailio(Started):
    """The project's own that asks over HTTP, at `url`. Its module is none of Debian 12's; scripts/install-e2e builds it."""

    def __init__(self, url, **settings):
        (debians,) = pathlib.Path("/usr/lib").glob("*/kamailio/modules")
        super().__init__(FOLDER / "kamailio_http.cfg", {"DIALHOOK_URL": url, **settings},
                         modules=f"{ROOT / 'build' / 'e2e' / 'kamailio'}:{debians}")


class Proxy(Started):
    """Sends each call to the redirect server on `port`, and does with the answer what `routes` say."""

    def __init__(self, port, routes):
        self._folder = Scratch()
        shutil.copy(PROXY, self._folder.path)
        self._folder.write("ring.cfg", routes)
        super().__init__(self._folder.path / PROXY.name, {"REDIRECT_SERVER": f"sip:127.0.0.1:{port}"})

    def close(self):
        super().close()
        self._folder.remove()


class EventsProxy(Started):
    """A proxy that stays in the calls and says their events at `engine_socket`, with the project's events.cfg."""

    def __init__(self, engine_socket, ring_seconds, **settings):
        self._folder = Scratch()
        shutil.copy(STAYING, self._folder.path)
        shutil.copy(FOLDER / "events.cfg", self._folder.path)
        super().__init__(self._folder.path / STAYING.name, {
            "DIALHOOK_SOCKET": str(engine_socket), "DIALHOOK_SCRIPT": str(FOLDER / "dialhook.lua"),
            "DIALHOOK_EVENTS_SCRIPT": str(FOLDER / "dialhook_events.lua"), "RING_MILLISECONDS": int(ring_seconds * 1000), **settings})

    def kill(self):
        """As a machine that loses its power: nothing more is said."""
        self._killed = True
        self._program.kill()

    def close(self):
        super().close()
        self._folder.remove()


def as_define(value):
    return f'"{value}"' if isinstance(value, str) else str(value)
