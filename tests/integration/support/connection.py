"""One TCP connection as the web server sees it: what a script may do to it, and how it ended."""
import contextlib
import select
import socket
import ssl
import struct
import threading
import time

from .patience import PATIENCE

GONE = (OSError, ssl.SSLError, ValueError)


class Connection:
    def __init__(self, number, tcp):
        self.number = number
        self.requests = 0
        self.server_name = None       # SNI
        self.session_reused = None    # TLS
        self.handshake_error = None
        self.closed_by_peer = threading.Event()
        self.reset_by_peer = False    # once it is closed
        self.ended = threading.Event()
        self._socket = tcp
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start_tls(self, context, server_names):
        """Shakes hands; false when that failed, with the reason in `handshake_error`."""
        self._socket.settimeout(PATIENCE)
        self._socket = context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
        try:
            self._socket.do_handshake()
        except GONE as error:
            self.handshake_error = error
            self._let_the_alert_arrive()
            return False
        self._socket.settimeout(None)
        self.server_name = server_names.pop(threading.get_ident(), None)
        self.session_reused = self._socket.session_reused
        return True

    def _let_the_alert_arrive(self):
        """Closing with bytes unread would send a reset, and that would overtake the alert that says what was wrong."""
        with contextlib.suppress(*GONE):
            socket.socket.shutdown(self._socket, socket.SHUT_WR)
            while socket.socket.recv(self._socket, 65536):
                pass

    def receive(self):
        """More bytes, or b"" when the daemon has closed the connection, orderly or not."""
        try:
            data = self._socket.recv(65536)
        except GONE:
            data = b""
        if not data:
            self.reset_by_peer = self._is_hung_up()
            self.closed_by_peer.set()
        return data

    def _is_hung_up(self):
        """Both ways are closed: after a reset, while an orderly end leaves ours open."""
        poll = select.poll()
        try:
            poll.register(self._socket, 0)
            return any(event & select.POLLHUP for _, event in poll.poll(0))
        except GONE:
            return False

    def send(self, data):
        """False when the daemon did not want it any more; that is up to the daemon, and the test asks it."""
        try:
            self._socket.sendall(data)
            return True
        except GONE:
            return False

    def peer_closes_within(self, seconds):
        """Waits at most so long; true as soon as the daemon has closed the connection."""
        limit = time.monotonic() + seconds
        while (left := limit - time.monotonic()) > 0:
            try:
                if select.select([self._socket], [], [], left)[0] and not self.receive():
                    return True
            except GONE:
                return True
        return False

    def peer_hangs_up_within(self, seconds):
        """The same without reading anything, for a web server whose buffers are to stay full."""
        poll = select.poll()
        try:
            poll.register(self._socket, select.POLLRDHUP)
            return bool(poll.poll(seconds * 1000))
        except GONE:
            return True

    def wait_peer_closes(self):
        """Holds the line until the daemon, or the end of the test, closes it."""
        while self.receive():
            pass

    def close(self):
        """An orderly end: close_notify with TLS, and FIN, never a reset that could overtake what was sent."""
        with contextlib.suppress(*GONE):
            if isinstance(self._socket, ssl.SSLSocket):
                self._socket.setblocking(False)    # sends close_notify without waiting for the daemon's
                self._socket.unwrap()
        with contextlib.suppress(*GONE):
            self._socket.setblocking(True)
            socket.socket.shutdown(self._socket, socket.SHUT_WR)
        self.ended.set()

    def reset(self):
        """RST instead of FIN."""
        with contextlib.suppress(*GONE):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._socket.close()
        self.ended.set()

    def abandon(self):
        """From another thread: wakes whatever waits on the connection."""
        with contextlib.suppress(*GONE):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def release(self):
        with contextlib.suppress(*GONE):
            self._socket.close()
        self.ended.set()
