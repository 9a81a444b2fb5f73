"""An HTTP proxy on a free port: tunnels by CONNECT, forwards absolute forms, and remembers what it was asked for."""
import base64
import contextlib
import socket
import threading
import urllib.parse

from .journal import Journal
from .patience import PATIENCE


class InOriginForm:
    """Takes scheme and host out of the requests of one connection to one origin, which come in a piece each."""

    def __init__(self, server, absolute, origin):
        self._server, self._absolute, self._origin = server, absolute, origin

    def sendall(self, data):
        self._server.sendall(data.replace(self._absolute, self._origin))

    def shutdown(self, how):
        self._server.shutdown(how)


class Proxy:
    """`known` maps names to where they lead: `("crm.example", 443): ("127.0.0.1", port)`. `answer` replaces tunnels by a
    response as it stands; `made` says in pieces that a tunnel is there."""

    def __init__(self, known=None, credentials=None, answer=None, made=(b"HTTP/1.1 200 Connection established\r\n\r\n",)):
        self.asked = Journal()
        self.known = known or {}
        self._credentials = credentials and "Basic " + base64.b64encode(credentials.encode()).decode()
        self._answer = answer
        self._made = made
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, contextlib.suppress(OSError):
            client.settimeout(PATIENCE)
            head = b""
            while b"\r\n\r\n" not in head:
                more = client.recv(65536)
                if not more:
                    return
                head += more
            lines = head.partition(b"\r\n\r\n")[0].decode().split("\r\n")
            method, target, _ = lines[0].split(" ")
            headers = dict(line.split(": ", 1) for line in lines[1:])
            self.asked.add((method, target, headers))
            if self._answer is not None:
                client.sendall(self._answer)
            elif self._credentials and headers.get("Proxy-Authorization") != self._credentials:
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            elif method == "CONNECT":
                host, _, port = target.rpartition(":")
                with socket.create_connection(self._place(host.strip("[]"), int(port)), timeout=PATIENCE) as server:
                    for piece in self._made:
                        client.sendall(piece)
                    self._join(client, server, server)
            else:
                url = urllib.parse.urlsplit(target)
                with socket.create_connection(self._place(url.hostname, url.port or 80), timeout=PATIENCE) as server:
                    in_origin_form = InOriginForm(server, f"{method} {url.scheme}://{url.netloc}".encode(), f"{method} ".encode())
                    in_origin_form.sendall(head)
                    self._join(client, in_origin_form, server)

    def _place(self, host, port):
        return self.known.get((host, port), (host, port))

    @staticmethod
    def _join(client, towards_server, server):
        def carry(source, sink):
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)
        back = threading.Thread(target=carry, args=(server, client), daemon=True)
        back.start()
        carry(client, towards_server)
        back.join(PATIENCE)
