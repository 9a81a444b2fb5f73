"""A DNS server that also speaks TCP, by a script for each name, and may keep an answer back."""
import contextlib
import socket
import struct
import threading

from support import dnsserver
from support.connection import Connection
from support.dnsserver import DnsServer
from support.ports import free_port
from support.replies import CLOSE

HERE = ["127.0.0.1"]
REFUSED, TRUNCATED = 0x8585, 0x8780


def flags_alone(flags):
    return lambda identity, question: identity + struct.pack(">HHHHH", flags, 1, 0, 0, 0) + question


def noise(identity, question):
    """Nine records are announced, and what follows is none."""
    return identity + struct.pack(">HHHHH", 0x8580, 1, 9, 0, 0) + question + b"\xff" * 40


def addresses(count):
    return lambda identity, question: dnsserver.answer(identity, question, HERE * count)


def thousand_addresses(connection):
    """A script for TCP."""
    _, end = dnsserver.name_asked(connection.query)
    message = dnsserver.answer(connection.query[:2], connection.query[12:end + 4], HERE * 1000)
    connection.send(struct.pack(">H", len(message)) + message)
    return CLOSE


class HostileDns(DnsServer):
    def __init__(self):
        self._listener = None
        while self._listener is None:
            with contextlib.suppress(OSError):    # somebody was quicker, with one of the two
                port = free_port()
                super().__init__(port)
                self._listener = socket.create_server(("127.0.0.1", port))
        self._scripts = {}
        self._held = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def over_tcp(self, name, script):
        """The answer for `name` is truncated, and whoever asks again over TCP is served by the script. It
        finds the query in the connection."""
        self._scripts[name] = script
        self.set(name, a=flags_alone(TRUNCATED), aaaa=flags_alone(TRUNCATED))

    def hold(self, name):
        """Silence until `release`; who then asks again is told."""
        self._held.add(name)

        def later(answer):
            return lambda *query: None if name in self._held else answer(*query)
        self.set(name, a=later(addresses(1)), aaaa=later(addresses(0)))

    def release(self, name):
        self._held.discard(name)

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        super().close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                tcp, _ = self._listener.accept()
                threading.Thread(target=self._serve_tcp, args=(Connection(0, tcp),), daemon=True).start()

    def _serve_tcp(self, connection):
        if query := connection.receive():
            connection.query = query[2:]
            name, _ = dnsserver.name_asked(connection.query)
            if self._scripts[name](connection) == CLOSE:
                connection.close()
                connection.wait_peer_closes()
        connection.release()
