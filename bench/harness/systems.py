"""The web server that all calls end at, and the systems under test between it and the load generator."""

import os
import socket
import urllib.request
from pathlib import Path

from .process import Process

SYSTEM_CORE = 0  # the system under test, alone
OTHER_CORE = 1   # web server, load generator, this script
FOREVER = 1_000_000_000

# What Debian's /etc/nginx/nginx.conf says, with the paths and the number of workers of a bench.
NGINX = """
daemon off;
{user}worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    default_type application/octet-stream;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""

WEB_SERVER = """
    access_log off;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        keepalive_requests {forever};
        keepalive_timeout 1h;
        location / {{ default_type text/plain; return 200 "{reply}"; }}
        location = /requests {{ stub_status; }}
    }}
"""

PROXY = """
    access_log {folder}/access.log;
    upstream crm {{
        server 127.0.0.1:{port};
        keepalive 256;
        keepalive_requests {forever};
    }}
    server {{
        listen unix:{socket};
        keepalive_requests {forever};
        location / {{
            proxy_pass http://crm;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
"""

DIALHOOK = """
server:
  socket: {folder}/engine.sock
  control: {folder}/control.sock
egress:
  allow: [127.0.0.0/8]
webhooks:
  {webhook}:
    url: "http://127.0.0.1:{port}{url_template}"
"""


def start_nginx(folder: Path, servers: str, core: int) -> Process:
    folder.mkdir()
    configuration = folder / "nginx.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""
    configuration.write_text(NGINX.format(folder=folder, servers=servers, user=user))
    return Process(["nginx", "-e", folder / "error.log", "-c", configuration, "-p", folder], core, folder / "output.log")


class WebServer:
    """nginx that gives the same reply to every request and counts them."""

    def __init__(self, folder: Path, scenario):
        self.port = free_port()
        self._process = start_nginx(
            folder, WEB_SERVER.format(port=self.port, forever=FOREVER, reply=scenario["reply"]), OTHER_CORE)
        self._process.wait_until(lambda: accepts(socket.AF_INET, ("127.0.0.1", self.port)), "listening port")
        self._asked = 0

    def requests(self):
        """Requests so far, without those of this method."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/requests", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        self._asked += 1
        return int(lines[2].split()[2]) - self._asked

    def cpu_seconds(self):
        return self._process.cpu_seconds()

    def stop(self):
        self._process.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class NginxProxy:
    """The peer: nginx from a Unix socket to the web server, as installed, with its access log."""

    name = "nginx"
    protocol = "http"

    def __init__(self, folder: Path, web: WebServer, _options):
        self.socket = folder / "nginx.sock"
        self._process = start_nginx(
            folder, PROXY.format(folder=folder, port=web.port, forever=FOREVER, socket=self.socket), SYSTEM_CORE)
        self._process.wait_until(lambda: accepts(socket.AF_UNIX, str(self.socket)), "socket")

    def cpu_seconds(self):
        return self._process.cpu_seconds()

    def stop(self):
        self._process.stop()


class Dialhook:
    """The daemon with one webhook, one thread, and a log line for each decision into a file. `under`: the command of a
    program that runs it."""

    name = "dialhook"
    protocol = "engine"

    def __init__(self, folder: Path, web: WebServer, options, under=()):
        folder.mkdir()
        self.socket = folder / "engine.sock"
        configuration = folder / "dialhook.yaml"
        configuration.write_text(DIALHOOK.format(folder=folder, port=web.port, **options.scenario))
        with Readiness(folder / "notify.sock") as readiness:
            self._process = Process([*under, options.dialhookd, "--config", configuration], SYSTEM_CORE,
                                    folder / "dialhookd.log", {"NOTIFY_SOCKET": str(readiness.path)})
            self._process.wait_until(readiness.told, "READY=1")

    def cpu_seconds(self):
        return self._process.cpu_seconds()

    def stop(self):
        self._process.stop()


SYSTEMS = {system.name: system for system in (Dialhook, NginxProxy)}


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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(family, address):
    with socket.socket(family) as probe:
        return probe.connect_ex(address) == 0
