"""What Dialhook is measured beside: proxies from a Unix socket to the same web server. They do less."""

import socket
from pathlib import Path

from .certificate import NAME
from .nginx import FOREVER, start_nginx
from .place import SYSTEM_CORE, accepts
from .process import Process
from .web import WebServer

NGINX = """
    access_log {folder}/access.log;
    upstream crm {{
        server 127.0.0.1:{web.port};
        keepalive 256;
        keepalive_requests {forever};
    }}
    server {{
        listen unix:{socket};
        keepalive_requests {forever};
        location / {{
            proxy_pass {web.scheme}://crm;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            {verification}
        }}
    }}
"""
NGINX_VERIFIES = """
            proxy_ssl_trusted_certificate {web.certificate.authority};
            proxy_ssl_verify on;
            proxy_ssl_protocols {web.versions};
            proxy_ssl_name {name};
            proxy_ssl_server_name on;
"""

HAPROXY = """
global
    nbthread 1
    maxconn 4096
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    option http-keep-alive
frontend pbx
    bind unix@{socket}
    default_backend crm
backend crm
    http-reuse always
    server crm 127.0.0.1:{web.port}{verification}
"""
HAPROXY_VERIFIES = " ssl verify required ca-file {web.certificate.authority} verifyhost {name} sni str({name})"


class Peer:
    """A started proxy. It speaks HTTP on its socket."""

    protocol = "http"

    def __init__(self, socket_path: Path, process: Process):
        self.socket = socket_path
        self._process = process
        process.wait_until(lambda: accepts(socket.AF_UNIX, str(socket_path)), "socket")

    def cpu_seconds(self):
        return self._process.cpu_seconds()

    def stop(self):
        self._process.stop()


def nginx(folder: Path, web: WebServer, _options) -> Peer:
    """As installed, with its access log."""
    verification = NGINX_VERIFIES.format(web=web, name=NAME) if web.certificate else ""
    path = folder / "nginx.sock"
    return Peer(path, start_nginx(folder, NGINX.format(folder=folder, web=web, forever=FOREVER, socket=path,
                                                       verification=verification), SYSTEM_CORE))


def haproxy(folder: Path, web: WebServer, _options) -> Peer:
    """Without any log."""
    folder.mkdir()
    path, configuration = folder / "haproxy.sock", folder / "haproxy.cfg"
    verification = HAPROXY_VERIFIES.format(web=web, name=NAME) if web.certificate else ""
    configuration.write_text(HAPROXY.format(web=web, socket=path, verification=verification))
    return Peer(path, Process(["haproxy", "-db", "-f", configuration], SYSTEM_CORE, folder / "output.log"))


def floor(folder: Path, web: WebServer, options) -> Peer:
    """The same traffic and no work (bench/floor)."""
    folder.mkdir()
    path = folder / "floor.sock"
    return Peer(path, Process([options.floor, path, web.port], SYSTEM_CORE, folder / "output.log"))
