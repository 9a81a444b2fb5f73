"""The web servers that all calls end at: nginx from Debian with one worker, or a scripted one where nginx cannot do what is wanted."""

import socket
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from .certificate import CHAIN, ECDSA, RSA
from .nginx import FOREVER, start_nginx
from .place import OTHER_CORE, accepts, free_port
from .process import Process

TLS_1_2 = "TLSv1 TLSv1.1 TLSv1.2"    # what nginx 1.22 speaks unless it is told
TLS_1_3 = "TLSv1.2 TLSv1.3"          # what most web servers speak


@dataclass(frozen=True)
class Web:
    """How a web server behaves."""

    name: str
    versions: str = ""          # of TLS; empty: plain HTTP
    certificate: str = ECDSA    # its kind
    closes: bool = False        # each connection after its one response
    resumes: bool = True        # TLS sessions
    takes: float = 0            # seconds until it responds
    writes: int = 0             # how many segments a response comes in; 0: nginx decides

    @property
    def scripted(self):
        return self.writes > 0


PLAIN = Web("plain")
TLS = Web("tls", TLS_1_3)
TLS_CLOSING = Web("tls closing", TLS_1_3, closes=True)
TLS_FULL = Web("tls full", TLS_1_3, closes=True, resumes=False)
TLS_RSA = Web("tls full rsa", TLS_1_3, certificate=RSA, closes=True, resumes=False)
TLS_CHAIN = Web("tls full chain", TLS_1_3, certificate=CHAIN, closes=True, resumes=False)
OLD_TLS = Web("tls-1.2", TLS_1_2)
OLD_TLS_CLOSING = Web("tls-1.2 closing", TLS_1_2, closes=True)
SLOW = Web("20ms", takes=0.02, writes=1)
WRITES_ONCE = Web("one-write", writes=1)
WRITES_TWICE = Web("two-writes", writes=2)

SERVER = """
    access_log off;
    log_format handshake $ssl_session_reused;
    server {{
        listen 127.0.0.1:{port}{tls} backlog=1024;
        {settings}
        location / {{ default_type text/plain; return 200 "{reply}"; }}
    }}
    server {{
        listen 127.0.0.1:{count_port};
        location = /requests {{ stub_status; }}
    }}
"""
KEEPING = "keepalive_requests {forever}; keepalive_timeout 1h;"
CLOSING = "keepalive_timeout 0; access_log {folder}/handshakes.log handshake;"
CERTIFICATE = "ssl_certificate {certificate.chain}; ssl_certificate_key {certificate.key}; ssl_protocols {web.versions};"
NOT_RESUMING = "ssl_session_tickets off; ssl_session_cache off;"


def start_web(folder: Path, web: Web, scenario, certificate=None):
    if web.scripted:
        return ScriptedServer(folder, web, scenario)
    return WebServer(folder, web, scenario, certificate)


class Server:
    """A started web server that gives the same reply to every request."""

    scheme = "http"
    certificate = None

    def __init__(self, process: Process, port: int):
        self.port = port
        self._process = process
        process.wait_until(lambda: accepts(socket.AF_INET, ("127.0.0.1", port)), "listening port")

    def handshakes(self):
        """(resumed, all) so far; only one that closes each connection counts them."""
        return 0, 0

    def cpu_seconds(self):
        return self._process.cpu_seconds()

    def stop(self):
        self._process.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class WebServer(Server):
    """nginx. It counts its requests."""

    def __init__(self, folder: Path, web: Web, scenario, certificate=None, core=OTHER_CORE):
        self._count_port = free_port()
        settings = CLOSING if web.closes else KEEPING
        if web.versions:
            settings += CERTIFICATE
        if not web.resumes:
            settings += NOT_RESUMING
        port = free_port()
        process = start_nginx(folder, SERVER.format(
            port=port, count_port=self._count_port, tls=" ssl" if web.versions else "", reply=scenario["reply"],
            settings=settings.format(folder=folder, forever=FOREVER, certificate=certificate, web=web)), core)
        super().__init__(process, port)
        self.certificate = certificate if web.versions else None
        self.scheme = "https" if web.versions else "http"
        self.versions = web.versions
        self._handshakes = folder / "handshakes.log" if web.closes else None
        self._asked = 0

    def requests(self):
        """Requests so far, without those of this method."""
        lines = asked(f"http://127.0.0.1:{self._count_port}/requests").splitlines()
        self._asked += 1
        return int(lines[2].split()[2]) - self._asked

    def handshakes(self):
        if self._handshakes is None:
            return 0, 0
        lines = self._handshakes.read_text().splitlines()
        return lines.count("r"), len(lines)


class ScriptedServer(Server):
    """scripted_web.py."""

    def __init__(self, folder: Path, web: Web, scenario):
        folder.mkdir()
        port = free_port()
        program = Path(__file__).with_name("scripted_web.py")
        super().__init__(Process([sys.executable, program, str(port), str(web.takes), str(web.writes), scenario["reply"]], OTHER_CORE,
                                 folder / "output.log"), port)

    def requests(self):
        return int(asked(f"http://127.0.0.1:{self.port}/requests"))


def asked(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()
