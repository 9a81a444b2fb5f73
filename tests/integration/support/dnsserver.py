"""A small DNS server on UDP whose table the test may change while it runs."""
import ipaddress
import select
import socket
import struct
import threading

from .journal import Journal
from .patience import PATIENCE
from .threads import join

SILENCE, SERVFAIL, NXDOMAIN = "silence", "servfail", "nxdomain"
_CODES = {SERVFAIL: 2, NXDOMAIN: 3}
_TYPES = {1: "A", 28: "AAAA"}


class DnsServer:
    """`queries` holds (name, type) of all that was asked."""

    def __init__(self, port=0):
        self.queries = Journal()
        self._table = {}
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self.address = "127.0.0.1:%d" % self._socket.getsockname()[1]
        self._end, self._ends = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def set(self, name, a=(), aaaa=(), ttl=60, then=None):
        """`a` and `aaaa`: addresses, or SILENCE, SERVFAIL, NXDOMAIN. No addresses: the name exists without such. Or a
        function of the query's identity and question that gives the whole datagram, or None for silence. `then`
        replaces `a` once that was given."""
        with self._lock:
            self._table[name] = {"A": a, "AAAA": aaaa, "ttl": ttl, "then": then}

    def count(self, name, kind="A"):
        return self.queries.entries().count((name, kind))

    def close(self):
        """Queries that wait are left alone. A datagram could not tell the thread: it is lost where the queue is full."""
        self._end.close()
        join(self._thread, f"the DNS server on {self.address}")
        self._ends.close()
        self._socket.close()

    def _serve(self):
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        poll.register(self._ends, select.POLLIN)
        while not any(descriptor == self._ends.fileno() for descriptor, _ in poll.poll()):
            query, client = self._socket.recvfrom(4096)
            if reply := self._reply(query):
                self._socket.sendto(reply, client)

    def _reply(self, query):
        identity = query[:2]
        name, end = name_asked(query)
        kind = _TYPES.get(struct.unpack_from(">H", query, end)[0], "other")
        question = query[12:end + 4]
        self.queries.add((name, kind))
        with self._lock:
            entry = self._table.get(name, {"A": NXDOMAIN, "AAAA": NXDOMAIN, "ttl": 0})
            addresses, ttl = entry.get(kind, ()), entry["ttl"]
            if kind == "A" and entry.get("then"):
                entry["A"], entry["then"] = entry["then"], None
        if addresses == SILENCE:
            return None
        if callable(addresses):
            return addresses(identity, question)
        if isinstance(addresses, str):
            return identity + struct.pack(">HHHHH", 0x8580 | _CODES[addresses], 1, 0, 0, 0) + question
        return answer(identity, question, addresses, ttl)


class HeldDns(DnsServer):
    """Answers when `event` is set, or when it is closed: a test that fails before would wait for each query in the queue."""

    def __init__(self):
        self.event = threading.Event()
        super().__init__()

    def _reply(self, query):
        self.event.wait(PATIENCE)
        return super()._reply(query)

    def close(self):
        self.event.set()
        super().close()


def answer(identity, question, addresses, ttl=0):
    """A whole message with these addresses."""
    records = b""
    for address in addresses:
        data = ipaddress.ip_address(address).packed
        records += struct.pack(">HHHIH", 0xC00C, 1 if len(data) == 4 else 28, 1, ttl, len(data)) + data
    return identity + struct.pack(">HHHHH", 0x8580, 1, len(addresses), 0, 0) + question + records


def name_asked(query):
    """The name asked for, in lower case, and where it ends."""
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1:at + 1 + length].decode("ascii").lower())
        at += 1 + length
    return ".".join(labels), at + 1
