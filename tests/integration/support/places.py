"""Ports where nobody answers, and that nobody else can take while the test runs."""
import socket
import threading

from .threads import join


class RefusingPort:
    """Bound but not listening: a connection is refused at once."""

    def __init__(self):
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def close(self):
        self._socket.close()


class ReservedPort:
    """For a daemon to listen on: nobody else is given it, since it stays bound here too (SO_REUSEADDR allows both)."""

    def __init__(self):
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def close(self):
        self._socket.close()


class Greeter:
    """Says the same to whoever connects, at once, and closes: what a plain server says to a TLS client."""

    def __init__(self, greeting):
        self._greeting = greeting
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        try:
            while True:
                connection, _ = self._listener.accept()
                with connection:
                    connection.sendall(self._greeting)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(4096):
                        pass
        except OSError:
            pass

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        join(self._thread, "the greeter")


class BlackHole:
    """Its queue of connections is full, so the kernel drops what comes: a connection attempt is never answered."""

    def __init__(self, address="127.0.0.1", port=0):
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((address, port))
        self._listener.listen(0)
        self.port = self._listener.getsockname()[1]
        self._filler = socket.create_connection((address, self.port))

    def serve_next(self, response):
        """Takes the connection that is tried now, once the kernel tries it again, and answers its first bytes."""
        self._listener.accept()[0].close()
        connection, _ = self._listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(response)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(65536)

    def close(self):
        self._filler.close()
        self._listener.close()
