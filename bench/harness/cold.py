"""The first request to a web server over TLS 1.3, and the next one after it closed the connection: counted in round trips, as a packet
trace would show them."""

import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from . import peers
from .certificate import NAME, Certificate
from .dialhook import Dialhook
from .process import Failure
from .scale import first_answer
from .web import TLS_CLOSING, WebServer

CLIENTS = ("dialhook", "curl", "nginx")
WAY = 0.02    # seconds that what the web server sends is on its way: what a client sends meanwhile, it sent without waiting for it
CONNECT = 1   # round trip


@dataclass(frozen=True)
class RoundTrips:
    first: int
    resumed: int


class Relay:
    """Between a client and the web server, to which it looks like it. Counts the round trips of each connection: one for TCP, and one
    for each time that the client sends after it has received."""

    def __init__(self, web):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port, self.scheme, self.certificate, self.versions = self._listener.getsockname()[1], web.scheme, web.certificate, web.versions
        self.round_trips = []   # of each connection, in the order in which they came
        self._web_port = web.port
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        try:
            while True:
                client = self._listener.accept()[0]
                self.round_trips.append(CONNECT)
                threading.Thread(target=self._relay, args=(client, len(self.round_trips) - 1), daemon=True).start()
        except OSError:
            return  # closed

    def _relay(self, client, number):
        server = socket.create_connection(("127.0.0.1", self._web_port))
        delivered = threading.Event()   # the client has received since it last sent
        delivered.set()
        threading.Thread(target=self._deliver, args=(server, client, delivered), daemon=True).start()
        try:
            while data := client.recv(65536):
                if delivered.is_set():
                    delivered.clear()
                    # A close_notify after the response is no request: nobody waits for what comes of it.
                    if not is_alert(data):
                        self.round_trips[number] += 1
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            return  # the other side has ended

    def _deliver(self, server, client, delivered):
        try:
            while data := server.recv(65536):
                time.sleep(WAY)
                delivered.set()
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self):
        self._listener.close()


def is_alert(record):
    """An alert of TLS 1.3 is encrypted: a record of 24 bytes, of which 5 are its header and 17 the tag with the kind."""
    return len(record) == 24 and record[0] == 23


def run_cold(options, folder: Path) -> dict:
    place = folder / "cold"
    place.mkdir()
    results = {}
    with WebServer(place / "web", TLS_CLOSING, options.scenario, Certificate(place / "certificate")) as web:
        for client in CLIENTS:
            with closing(Relay(web)) as way:
                ASK_TWICE[client](way, place / client, options)
                if len(way.round_trips) != 2:
                    raise Failure(f"{client} made {len(way.round_trips)} connections for two requests")
                results[client] = RoundTrips(*way.round_trips)
    print(f"cold  {results}", file=sys.stderr, flush=True)
    return results


def ask_twice_by_dialhook(way, folder: Path, options):
    with Dialhook(folder, way, options) as system:
        for _ in range(2):
            first_answer(system, options, options.scenario["webhook"])


def ask_twice_by_curl(way, _folder, _options):
    url = f"https://{NAME}:{way.port}/"
    subprocess.run(["curl", "--silent", "--show-error", "--fail", "--http1.1", "--noproxy", "*", "--cacert", way.certificate.authority,
                    "--resolve", f"{NAME}:{way.port}:127.0.0.1", url, url], check=True, capture_output=True)


def ask_twice_by_nginx(way, folder: Path, options):
    peer = peers.nginx(folder, way, options)
    try:
        for _ in range(2):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(60)
                client.connect(str(peer.socket))
                client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                with client.makefile("rb") as response:
                    if not response.read().startswith(b"HTTP/1.1 200 "):
                        raise Failure("nginx did not get its cold response")
    finally:
        peer.stop()


ASK_TWICE = {"dialhook": ask_twice_by_dialhook, "curl": ask_twice_by_curl, "nginx": ask_twice_by_nginx}
