"""One scene for each cell of the table: the place that a webhook leads to, and how the fault comes about there."""
import threading

import hostile_dns
from hold import Hold
from support import replies
from support.patience import PATIENCE, ample, phase as limit, wait_until
from support.places import BlackHole, RefusingPort, ReservedPort
from support.process import is_connecting
from support.replies import KEEP, drip, endless, hang, head, message, raw, reset, respond
from support.webserver import WebServer
from table import HELD

ACK = b"status=ACK&destination=101"
REPLY = message(ACK, headers=[("X-First", "here")])
CLIENT_HELLO_UNREAD = 2048
ALERT, LONG_RECORD, SLOW_RECORD = b"\x15\x03\x03\x00\x02\x02\x28", b"\x16\x03\x03\xff\xff", b"\x16\x03\x03\x40\x00"

# More than the kernel takes for a web server that does not read: ten segments of the loopback device, twice, and their overhead.
PART, PARTS = "x" * 65536, 48
SMALL_BUFFER = 4096

# What has come when the fault comes, in the phases of the reply.
BEGUN = {"wait": b"", "header": REPLY[:25], "body": REPLY[:-10]}

DRIPPING = {"wait": drip(head(100) * 100), "header": drip(b"x" * 2000),
            "body": raw(head(headers=[("Content-Length", 2000)]), then=drip(b"&" * 2000))}
BAD_BYTES = {
    ("wait", "garbage"): b"\0\1\2\3\xff\xfe" * 100,
    ("wait", "wrong framing"): ACK + b"\r\n\r\n",
    ("header", "garbage"): b"HTTP/1.1 200 OK\r\n\0\r\xff\r\nContent-Length: 26\r\n\r\n" + ACK,
    ("header", "wrong framing"): head(headers=[("Content-Length", 26), ("Content-Length", 10)]) + ACK,
    ("body", "garbage"): message(b"\0\xff" * 100),
    ("body", "wrong framing"): head(headers=[("Transfer-Encoding", "chunked")]) + b"zz\r\n" + ACK,
}
WITHOUT_END = {"wait": endless(b"", head(100) * 500), "header": endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536),
               "body": endless(head() + ACK, b"x" * 65536)}


class Scene:
    """`hook`: the webhook's definition. `prepare` comes before the call of each round and `close` after the last;
    of a cell that stands still, `wait_reached` comes back when it does, `release` lets it go on, and `wait_left` comes
    back when the daemon has given it up."""

    def __init__(self, hook, *servers, hold=None):
        self.hook = {"timeout": ample(), "connect_timeout": ample(), **hook}
        self.servers = servers
        self.hold = hold
        self._reached = 0

    def prepare(self, asking, name):
        pass

    def wait_reached(self):
        self._reached += 1
        self.hold.reached.wait_count(self._reached, "calls at their point")

    def wait_left(self):
        self.hold.left.wait_count(self._reached, "calls given up")

    def release(self):
        self.hold.release()

    def close(self):
        for server in self.servers:
            server.close()


# DNS

class DnsScene(Scene):
    def __init__(self, dns, fault):
        self._dns, self._name, self._asked = dns, f"{fault.replace(' ', '-')}.test".lower(), 0
        web = WebServer().on("/", respond(ACK, headers=[("Connection", "close")]))
        hook = {"url": web.url("/", self._name)}
        if fault in ("silence", "drip", "wrong framing"):
            hook["connect_timeout"] = limit(200)
        if fault == "deadline":
            hook["timeout"] = limit(300)
        if fault in HELD or fault == "too much":
            hook["retries"] = 5    # c-ares gives up after 2.8 s, which a question of the round before may reach now; over TCP after 1 s
        super().__init__(hook, web)
        self._set_up(fault)

    def _set_up(self, fault):
        name = self._name
        over_tcp = {"reset": reset, "close": replies.close, "drip": drip(b"\x01\x00" + b"\0" * 256),
                    "wrong framing": raw(b"\xff\xff" + b"\0" * 20), "too much": hostile_dns.thousand_addresses}
        over_udp = {"refused": hostile_dns.flags_alone(hostile_dns.REFUSED), "garbage": hostile_dns.noise,
                    "silence": hostile_dns.dnsserver.SILENCE}
        if fault in over_tcp:
            self._dns.over_tcp(name, over_tcp[fault])
        elif fault in over_udp:
            self._dns.set(name, a=over_udp[fault], aaaa=over_udp[fault])
        else:
            self._dns.hold(name)

    def wait_reached(self):
        self._asked = self._dns.queries.wait(lambda seen: (count := seen.count((self._name, "A"))) > self._asked and count,
                                             f"a question for {self._name}")

    def wait_left(self):
        pass    # UDP knows no end

    def release(self):
        self._dns.release(self._name)


# Connect

class HoleScene(Scene):
    def __init__(self, hook):
        self._hole = BlackHole()
        super().__init__({"url": f"http://127.0.0.1:{self._hole.port}/", **hook}, self._hole)

    def wait_reached(self):
        wait_until(lambda: is_connecting(self._hole.port), "the daemon connects")

    def wait_left(self):
        wait_until(lambda: not is_connecting(self._hole.port), "the daemon gives up connecting")

    def release(self):
        threading.Thread(target=self._hole.serve_next, args=(REPLY,), daemon=True).start()


def connect_scene(fault):
    if fault == "refused":
        port = RefusingPort()
        return Scene({"url": f"http://127.0.0.1:{port.port}/"}, port)
    if fault == "silence":
        return HoleScene({"connect_timeout": limit(200)})
    if fault == "deadline":
        return HoleScene({"timeout": limit(300)})
    if fault in ("cancel", "reload", "SIGTERM"):
        return HoleScene({})
    greeting = {"reset": reset, "close": replies.close, "garbage": raw(b"SSH-2.0-OpenSSH_9.2p1\r\n", then=hang),
                "too much": endless(b"", b"\0" * 65536)}[fault]
    web = WebServer(greeting=greeting).on("/", respond(ACK))
    return Scene({"url": web.url()}, web)


# TLS

def after_hello(then):
    """Does `then` when the ClientHello was read: closing with bytes unread would be a reset."""
    def script(connection):
        connection.receive()
        return then(connection)
    return script


def tls_scene(fault, certificates, identity):
    hold = Hold()
    greeting = {"refused": after_hello(raw(ALERT)), "reset": after_hello(reset), "close": after_hello(replies.close),
                "silence": hang, "drip": raw(SLOW_RECORD, then=drip(b"\x02" * 2000)),
                "garbage": after_hello(raw(message(ACK, status=400), then=hang)), "too much": endless(b"", b"\0" * 65536),
                "wrong framing": after_hello(raw(LONG_RECORD + b"\2" * CLIENT_HELLO_UNREAD, then=hang))}.get(fault)
    hook = {"tls": {"ca_file": certificates.ca_file}}
    if fault in ("silence", "drip"):
        hook["connect_timeout"] = limit(200)
    if fault == "deadline":
        hook["timeout"] = limit(300)
    web = WebServer(tls=certificates.server_context(*identity), greeting=greeting or hold.script(lambda connection: KEEP))
    web.on("/", respond(ACK, headers=[("Connection", "close")]))
    return Scene({"url": web.url(), **hook}, web, hold=hold)


# Send

def read_slowly(connection):
    while connection.receive() and not connection.peer_hangs_up_within(0.02):
        pass
    return replies.CLOSE


class SendScene(Scene):
    def wait_left(self):
        pass    # the end of the connection stands behind the request, which nobody reads


def send_scene(fault, files):
    hold = Hold()
    unread = Hold().script(replies.close)    # never released: until the daemon hangs up
    answered = head(headers=[("Content-Length", 26), ("Content-Length", 10)]) + ACK

    def end(connection):
        connection.close()
        return unread(connection)
    greeting = {"reset": reset, "silence": unread, "drip": read_slowly, "garbage": raw(b"\0\1\2\3" * 100, then=unread),
                "too much": endless(b"", b"\0" * 65536), "wrong framing": raw(answered, then=unread),
                "close": end}.get(fault, hold.script(raw(REPLY, then=unread)))    # an answer before the question was read
    long = files.path / "long"
    if not long.exists():
        files.write(long.name, PART)
    timeout = {"timeout": limit(400)} if fault in ("silence", "drip", "deadline") else {}
    web = WebServer(greeting=greeting, receive_buffer=SMALL_BUFFER)
    return SendScene({"url": web.url(), "headers": {"X-Long": f"${{file:{long}}}" * PARTS}, **timeout}, web, hold=hold)


# Wait, header, body

def reply_scene(phase, fault):
    hold, begun = Hold(), BEGUN[phase]
    if (phase, fault) in BAD_BYTES:
        is_whole = phase == "body" and fault == "garbage"    # the connection is as good as before
        script = raw(BAD_BYTES[phase, fault], then=KEEP if is_whole else hang)
    elif fault == "too much":
        script = WITHOUT_END[phase]
    elif fault == "drip":
        script = raw(begun if phase == "header" else b"", then=DRIPPING[phase])
    else:
        then = {"reset": reset, "silence": hang, "close": replies.close}.get(fault)
        script = raw(begun, then=then or hold.script(raw(REPLY[len(begun):], then=KEEP)))
    timeout = {"timeout": limit(300)} if fault in ("silence", "drip", "deadline") else {}
    web = WebServer().on("/", script)
    return Scene({"url": web.url(), **timeout}, web, hold=hold)


# Idle

class IdleScene(Scene):
    """The first call of a round leaves a connection idle, and the fault meets that one before the second call."""

    # After these the web server cannot go on, or the daemon must not.
    ENDS = ("reset", "drip", "garbage", "too much", "wrong framing", "close")

    def __init__(self, fault):
        self._fault, self._is_due, self._answered = fault, False, threading.Event()
        self._port = ReservedPort()
        self.web = None
        self._start()
        timeout = {"timeout": limit(300)} if fault == "deadline" else {}
        super().__init__({"url": self.web.url(), **timeout}, self._port)

    def _start(self):
        self.web = WebServer(port=self._port.port).on("/", self._script)

    def _script(self, connection):
        """Ordinary, but for what comes when the test knows that the reply has arrived."""
        faults = {"reset": reset, "close": replies.close, "drip": drip(b"x" * 2000), "garbage": raw(b"\0\1\2\3" * 100, then=hang),
                  "too much": endless(b"", b"\0" * 65536), "wrong framing": raw(message(b"status=NAK"), then=hang)}
        if self._fault == "deadline" and connection.requests == 2:
            return hang(connection)
        is_due, self._is_due = self._is_due, False
        connection.send(REPLY)
        if not is_due:
            return KEEP
        self._answered.wait(PATIENCE)
        return faults[self._fault](connection)

    def prepare(self, asking, name):
        if self.web is None:
            self._start()
        self._is_due = self._fault in self.ENDS
        self._answered.clear()
        with asking() as engine:
            first = engine.route(name)
            assert first["branch"] == "success", first
        connection = self.web.connections[-1]
        self._answered.set()
        if self._fault in self.ENDS:
            assert connection.ended.wait(PATIENCE), "the connection ends, by whichever side"
        if self._fault == "refused":
            self.web.close()
            self.web = None

    def close(self):
        if self.web is not None:
            self.web.close()
        super().close()


def scene(phase, fault, *, dns, certificates, identity, files):
    if phase == "dns":
        return DnsScene(dns, fault)
    if phase == "connect":
        return connect_scene(fault)
    if phase == "tls":
        return tls_scene(fault, certificates, identity)
    if phase == "send":
        return send_scene(fault, files)
    if phase == "idle":
        return IdleScene(fault)
    return reply_scene(phase, fault)
