"""The web server that all calls end at: nginx from Debian, one worker."""

import socket
import urllib.request
from pathlib import Path

from .nginx import FOREVER, start_nginx
from .place import OTHER_CORE, accepts, free_port

PLAIN = "plain"                      # HTTP, kept connections
TLS = "tls"                          # HTTPS as Debian's nginx has it, TLS 1.2, kept connections
TLS_CLOSING = "tls-closing"          # likewise, each connection is closed after its one response
TLS_1_3 = "tls-1.3"                  # HTTPS as most web servers have it
TLS_1_3_CLOSING = "tls-1.3-closing"
KINDS = (PLAIN, TLS, TLS_CLOSING, TLS_1_3, TLS_1_3_CLOSING)
ALL_CLOSING = (TLS_CLOSING, TLS_1_3_CLOSING)

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
CERTIFICATE = "ssl_certificate {certificate.chain}; ssl_certificate_key {certificate.key};"
VERSIONS = "TLSv1 TLSv1.1 TLSv1.2"    # what nginx 1.22 speaks unless it is told
VERSIONS_1_3 = "TLSv1.2 TLSv1.3"


class WebServer:
    """Gives the same reply to every request and counts them."""

    def __init__(self, folder: Path, kind: str, scenario, certificate=None, core=OTHER_CORE):
        self.kind = kind
        self.certificate = certificate
        self.versions = VERSIONS_1_3 if kind in (TLS_1_3, TLS_1_3_CLOSING) else VERSIONS
        self.scheme = "http" if kind == PLAIN else "https"
        self.port, self._count_port = free_port(), free_port()
        settings = CLOSING if kind in ALL_CLOSING else KEEPING
        if kind != PLAIN:
            settings += CERTIFICATE + "ssl_protocols {versions};"
        self._handshakes = folder / "handshakes.log"
        self._process = start_nginx(folder, SERVER.format(
            port=self.port, count_port=self._count_port, tls="" if kind == PLAIN else " ssl", reply=scenario["reply"],
            settings=settings.format(folder=folder, forever=FOREVER, certificate=certificate, versions=self.versions)), core)
        self._process.wait_until(lambda: accepts(socket.AF_INET, ("127.0.0.1", self.port)), "listening port")
        self._asked = 0

    def requests(self):
        """Requests so far, without those of this method."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._count_port}/requests", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        self._asked += 1
        return int(lines[2].split()[2]) - self._asked

    def handshakes(self):
        """(resumed, all) so far; only one that closes each connection counts them."""
        if self.kind not in ALL_CLOSING:
            return 0, 0
        lines = self._handshakes.read_text().splitlines()
        return lines.count("r"), len(lines)

    def cpu_seconds(self):
        return self._process.cpu_seconds()

    def stop(self):
        self._process.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
