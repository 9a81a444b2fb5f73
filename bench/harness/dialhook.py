"""The daemon: configured for a measurement, started, and looked at."""

import json
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path

from .place import SYSTEM_CORE, free_port
from .process import Process
from .web import WebServer

CONFIGURATION = """
server:
  socket: {folder}/engine.sock
  control: {folder}/control.sock
  threads: {settings.threads}
{settings.more_server}egress:
  allow: [127.0.0.0/8]
defaults:
  timeout: {timeout}  # a machine that others keep busy must not fail a call
  connect_timeout: {timeout}
{defaults}webhooks:
"""
TIMEOUT = "60s"
WEBHOOK = '  {name}:\n    url: "{web.scheme}://127.0.0.1:{web.port}{path}"\n'


@dataclass(frozen=True)
class Settings:
    webhooks: int = 0        # 0: one, named as the scenario says; else NAME-0 and on
    threads: int = 1
    core: object = SYSTEM_CORE
    under: tuple = ()        # the command of a program that runs the daemon
    environment: tuple = ()  # pairs for the daemon alone
    more_webhooks: str = ""  # YAML behind the webhooks
    more_server: str = ""    # YAML, more keys of `server`
    in_files: bool = False   # each webhook in an included file of its own
    program: Path | None = None  # instead of the run's daemon


class Dialhook:
    """One thread, a log line for each decision into a file."""

    def __init__(self, folder: Path, web: WebServer, options, settings=Settings()):
        folder.mkdir(parents=True)
        self.protocol = "engine"
        self.socket, self._control = folder / "engine.sock", folder / "control.sock"
        self.configuration = folder / "dialhook.yaml"
        self.configuration.write_text(configuration(folder, web, options.scenario, settings))
        self.started_at = time.monotonic()
        with Readiness(folder / "notify.sock") as readiness:
            self._process = Process([*settings.under, settings.program or options.dialhookd, "--config", self.configuration], settings.core,
                                    folder / "dialhookd.log",
                                    {"NOTIFY_SOCKET": str(readiness.path), **dict(settings.environment)})
            self._process.wait_until(readiness.told, "READY=1")

    def ask_control(self, method):
        """One request on the control socket; its result."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(60)
            control.connect(str(self._control))
            control.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method}).encode() + b"\n")
            with control.makefile() as answers:
                return json.loads(answers.readline())["result"]

    def own_memory(self):
        """Bytes of memory that are the daemon's own: pages shared with other programs count for their part (PSS)."""
        return self._process.memory("smaps_rollup", "Pss")

    def resident(self):
        """Bytes of resident memory, shared libraries and all (RSS)."""
        return self._process.memory("status", "VmRSS")

    def cpu_seconds(self):
        return self._process.cpu_seconds()

    def stop(self):
        self._process.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def dialhook_over_http(folder: Path, web, options, settings: Settings = Settings()):
    """One that engines ask over HTTP."""
    address = f"127.0.0.1:{free_port()}"
    system = Dialhook(folder, web, options, replace(settings, more_server=f"  engine_http: {{ listen: {address} }}\n"))
    system.protocol, system.socket = "engine-http", address
    return system


def configuration(folder: Path, web: WebServer, scenario, settings: Settings) -> str:
    defaults = f"  tls: {{ ca_file: {web.certificate.authority} }}\n" if web.certificate else ""
    names = ([f"{scenario['webhook']}-{number}" for number in range(settings.webhooks)] if settings.webhooks
             else [scenario["webhook"]])
    webhooks = "" if settings.in_files else "".join(WEBHOOK.format(name=name, web=web, path=scenario["url_template"]) for name in names)
    if settings.in_files:
        (folder / "conf.d").mkdir()
        for name in names:
            text = "webhooks:\n" + WEBHOOK.format(name=name, web=web, path=scenario["url_template"])
            (folder / "conf.d" / f"{name}.yaml").write_text(text)
        webhooks = "include: conf.d/*.yaml\n"
    return (CONFIGURATION.format(folder=folder, settings=settings, timeout=TIMEOUT, defaults=defaults) + webhooks
            + settings.more_webhooks)


class Readiness:
    """The service manager's end of sd_notify(3)."""

    def __init__(self, path: Path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))

    def told(self):
        try:
            return b"READY=1" in self._socket.recv(4096).split(b"\n")
        except BlockingIOError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
