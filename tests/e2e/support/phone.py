"""A SIP phone on UDP that does one call step by step, where sipp could not wait for what happens elsewhere."""
import itertools
import re
import select
import socket

from .patience import Deadline, PATIENCE

_numbers = itertools.count(1)


class Message:
    def __init__(self, data):
        self.text = data.decode("utf-8", "surrogateescape")
        head = self.text.partition("\r\n\r\n")[0].split("\r\n")
        self.first = head[0]
        self.headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in head[1:])]

    @property
    def code(self):
        return int(self.first.split(" ")[1])

    def header(self, name):
        """The only value of a header, or None."""
        values = [value for key, value in self.headers if key == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times:\n{self.text}"
        return values[0] if values else None

    @property
    def method(self):
        return self.header("CSeq").split(" ")[1]


class Phone:
    def __init__(self, server_port):
        self._server = ("127.0.0.1", server_port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.received = []

    def close(self):
        self._socket.close()

    def send(self, data):
        self._socket.sendto(data, self._server)

    def receive(self, seconds=PATIENCE):
        """The next message, or None when none comes in time."""
        if not select.select([self._socket], [], [], seconds)[0]:
            return None
        message = Message(self._socket.recv(65536))
        self.received.append(message)
        return message

    def wait_for(self, code, method):
        deadline = Deadline(PATIENCE)
        while (message := self.receive(deadline.left())) is not None:
            if (message.code, message.method) == (code, method):
                return message
        raise AssertionError(f"no {code} for {method}; there came {[message.first for message in self.received]}")

    def options(self):
        self.send(Request(self, "OPTIONS", "ping").data())

    def invite(self, number, **options):
        request = Request(self, "INVITE", number, **options)
        self.send(request.data())
        return request


class Request:
    """One request and those that belong to it: `cancel` and `ack` go over the same branch. `uri` is asked for in place of a
    number's, and `sender` is the whole of From but for its tag, in place of a name and a user."""

    def __init__(self, phone, method, number, *, name=b'"Tester"', user="+31612345678", headers=(), uri=None, sender=None,
                 call_id=None):
        self._phone, self._method, self._headers = phone, method, headers
        self._uri = uri or f"sip:{number}@127.0.0.1:{phone._server[1]}"
        self._sender = sender or name + f" <sip:{user}@127.0.0.1>".encode()
        self.call_id = call_id or f"{phone.port}-{next(_numbers)}@e2e"

    def data(self, method=None, to=None):
        host = f"127.0.0.1:{self._phone.port}"
        lines = [f"{method or self._method} {self._uri} SIP/2.0",
                 f"Via: SIP/2.0/UDP {host};branch=z9hG4bK{re.sub('[^0-9a-z]', '', self.call_id[:100])}",
                 "Max-Forwards: 70", f"To: {to or f'<{self._uri}>'}", f"Call-ID: {self.call_id}", f"CSeq: 1 {method or self._method}",
                 f"Contact: <sip:tester@{host}>", *self._headers, "Content-Length: 0"]
        sender = b"From: " + self._sender + b";tag=1"
        return b"\r\n".join([*(line.encode() for line in lines), sender, b"", b""])

    def cancel(self):
        self._phone.send(self.data("CANCEL"))

    def ack(self, answer):
        self._phone.send(self.data("ACK", answer.header("To")))
