"""The service manager's side of sd_notify: how a test knows that the daemon is ready, reloading or stopping."""
import socket
import threading

from .journal import Journal
from .patience import PATIENCE
from .threads import join


class NotifySocket:
    def __init__(self, path):
        self.path = str(path)
        self.messages = Journal()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self):
        while datagram := self._socket.recv(65536):
            for line in datagram.decode().splitlines():
                self.messages.add(line)

    def wait(self, message, start=0, seconds=None):
        limit = {} if seconds is None else {"seconds": seconds}
        return self.messages.wait_entry(lambda line: line == message, f"sd_notify {message}", start, **limit)

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waker:
            waker.settimeout(PATIENCE)
            waker.sendto(b"", self.path)
        join(self._thread, "the socket of the service manager")
        self._socket.close()
