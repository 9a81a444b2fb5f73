"""A web server that plays scripts, on a free port of the loopback device; it remembers all that it saw."""
import contextlib
import socket
import ssl
import threading

from . import replies
from .connection import Connection
from .journal import Journal
from .patience import Deadline, PATIENCE
from .request import read_request
from .threads import join


class WebServer:
    """`greeting`, if given, is a script that is played at connect, before TLS and before any request. `receive_buffer`:
    how many bytes the kernel takes for a script that does not read."""

    def __init__(self, *, tls: ssl.SSLContext = None, greeting=None, address="127.0.0.1", port=0, receive_buffer=None):
        self.requests = Journal()
        self.connections = Journal()
        self._faults = Journal()
        self._tls = tls
        self._greeting = greeting
        self._scripts = {}
        self._played = {}
        self._lock = threading.Lock()
        self._threads = []
        self._server_names = {}
        if tls:
            # The callback runs in the thread that shakes hands, and before wrap_socket returns.
            tls.sni_callback = lambda _, name, __: self._server_names.update({threading.get_ident(): name})
        self._listener = socket.create_server((address, port), backlog=1024)
        if receive_buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)    # inherited by connections
        self.port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def url(self, path="/", host="127.0.0.1", user_info=""):
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{user_info}{host}:{self.port}{path}"

    def on(self, path, *scripts):
        """The first request for `path` gets the first script and so on; the last one serves all that follow."""
        with self._lock:
            self._scripts[path], self._played[path] = scripts, 0
        return self

    def requests_for(self, path):
        return [request for request in self.requests if request.path == path]

    def wait_request(self, path):
        return self.requests.wait_entry(lambda request: request.path == path, f"a request for {path}")

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        join(self._acceptor, "the web server's accepting thread")
        self._listener.close()
        for connection in self.connections:
            connection.abandon()
        deadline = Deadline(2 * PATIENCE)    # a script may wait for PATIENCE itself
        for thread in self._threads:
            join(thread, f"a connection of the web server on port {self.port}", deadline.left())
        assert not self._faults.entries(), f"the daemon sent what no web server should get: {self._faults.entries()}"

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                tcp, _ = self._listener.accept()
                connection = Connection(len(self.connections) + 1, tcp)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                self.connections.add(connection)
                thread.start()

    def _serve(self, connection):
        try:
            if self._greeting and self._greeting(connection) == replies.CLOSE:
                return connection.close()
            if self._tls and not connection.start_tls(self._tls, self._server_names):
                return None
            while request := read_request(connection.receive, connection.number):
                connection.requests += 1
                self.requests.add(request)
                if self._script(request.path)(connection) == replies.CLOSE:
                    connection.close()
                    connection.wait_peer_closes()
        except (AssertionError, ValueError) as fault:
            self._faults.add(fault)
        finally:
            connection.release()

    def _script(self, path):
        with self._lock:
            scripts = self._scripts.get(path)
            if scripts is None:
                return replies.respond("no script for this path", status=404)
            turn = self._played[path]
            self._played[path] = turn + 1
            return scripts[min(turn, len(scripts) - 1)]
