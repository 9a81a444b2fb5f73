"""A real nats-server with JetStream, and a client that speaks its protocol: Debian has no other."""
import base64
import json
import os
import shutil
import signal
import socket
import subprocess

from .patience import PATIENCE, SLACK, Deadline, wait_until
from .ports import free_port
from .scratch import Scratch


# Debian has it where only root looks.
PROGRAM = shutil.which("nats-server", path=os.environ.get("PATH", "") + ":/usr/sbin") or "nats-server"

# A cluster without a leader says nothing, and is asked again.
ONE_ANSWER = 2.0 * SLACK


class NatsServer:
    """On a port of its own, which it keeps when it is killed and started again, as it does its streams."""

    def __init__(self, more="", port=None, tls=None):
        """`more`: further lines of its configuration. `tls`: an `ssl.SSLContext` for our own client."""
        self._scratch = Scratch()
        self._tls = tls
        self.port = port or free_port()
        self._configuration = self._scratch.write("nats.conf", f"listen: 127.0.0.1:{self.port}\n"
                                                  f"jetstream {{ store_dir: {self._scratch.path}/js }}\n{more}\n")
        self.process = None
        self.start()

    def start(self):
        self.log = open(self._scratch.path / "log", "ab")
        self.process = subprocess.Popen([PROGRAM, "-c", str(self._configuration)], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=subprocess.STDOUT)
        wait_until(self._listens, f"nats-server listens:\n{self.said()}")

    def _listens(self):
        assert self.process.poll() is None, self.said()
        try:
            socket.create_connection(("127.0.0.1", self.port), PATIENCE).close()
            return True
        except ConnectionRefusedError:
            return False

    def said(self):
        return (self._scratch.path / "log").read_text()

    def url(self, subject, user_info=""):
        return f"nats://{user_info}127.0.0.1:{self.port}/{subject}"

    def client(self, **login):
        return NatsClient(self.port, tls=self._tls, **login)

    def pause(self):
        """It falls silent: the kernel still takes connections and bytes."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)    # until then some of its threads go on

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.log.close()

    def close(self):
        if self.process.poll() is None:
            self.kill()
        self._scratch.remove()


def cluster(count=3):
    """Servers that are one system, ready for replicated streams."""
    ports, routes = [free_port() for _ in range(count)], [free_port() for _ in range(count)]
    listed = ", ".join(f"nats://127.0.0.1:{route}" for route in routes)
    servers = [NatsServer(f"server_name: n{index}\ncluster {{ name: test, listen: 127.0.0.1:{routes[index]}, routes: [{listed}] }}",
                          port=ports[index]) for index in range(count)]
    return servers


class Unanswered(Exception):
    pass


class NatsClient:
    """One connection, one request at a time."""

    def __init__(self, port, tls=None, **login):
        """`login`: `user` and `pass`, or `auth_token`."""
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._read = b""
        self._line(Deadline())    # INFO
        if tls:
            self._socket = tls.wrap_socket(self._socket, server_hostname="localhost")
        self._requests = 0
        self._say("CONNECT " + json.dumps({"verbose": False, "headers": True, "no_responders": True, **login}) +
                  "\r\nSUB _INBOX.test.* 1\r\n")

    def _say(self, text):
        self._socket.sendall(text.encode())

    def _more(self, deadline):
        self._socket.settimeout(deadline.left() or 0.001)
        try:
            got = self._socket.recv(65536)
        except TimeoutError:
            raise Unanswered from None
        assert got, "nats-server closed the connection"
        self._read += got

    def _line(self, deadline):
        while b"\r\n" not in self._read:
            self._more(deadline)
        line, _, self._read = self._read.partition(b"\r\n")
        return line.decode()

    def _bytes(self, size, deadline):
        while len(self._read) < size:
            self._more(deadline)
        taken, self._read = self._read[:size], self._read[size:]
        return taken

    def request(self, subject, payload="", seconds=PATIENCE):
        """The answer; None if nobody listens to the subject. Raises Unanswered: a cluster without a leader says nothing."""
        self._requests += 1
        inbox = f"_INBOX.test.{self._requests}"
        self._say(f"PUB {subject} {inbox} {len(payload.encode())}\r\n{payload}\r\n")
        deadline = Deadline(seconds)
        while True:
            words = self._line(deadline).split()
            if words[0] == "PING":
                self._say("PONG\r\n")
            elif words[0] in ("MSG", "HMSG"):
                body = self._bytes(int(words[-1]) + 2, deadline)[:-2]
                if words[1] == inbox:
                    return None if body.startswith(b"NATS/1.0 503") else body.decode()
            else:
                assert words[0] in ("INFO", "PONG", "+OK"), words

    def ask(self, subject, **what):
        """A request to JetStream's API, which answers in JSON; None while it has nobody to answer."""
        try:
            answer = self.request(f"$JS.API.{subject}", json.dumps(what) if what else "", ONE_ANSWER)
        except Unanswered:
            return None
        return answer and json.loads(answer)

    def stream(self, name="CALLS", subjects=("calls.>",), **more):
        """Makes a stream, once JetStream is up and there are servers enough for its replicas."""
        what = {"name": name, "subjects": list(subjects), "retention": "limits", "storage": "file", "num_replicas": 1,
                "duplicate_window": 120_000_000_000, **more}
        wait_until(lambda: (answer := self.ask(f"STREAM.CREATE.{name}", **what)) and "error" not in answer, f"there is {name}",
                   2 * PATIENCE)
        return self

    def info(self, name="CALLS"):
        return wait_until(lambda: (answer := self.ask(f"STREAM.INFO.{name}")) and "state" in answer and answer,
                          f"{name} has a leader", 2 * PATIENCE)

    def count(self, name="CALLS"):
        return self.info(name)["state"]["messages"]

    def purge(self, name="CALLS"):
        self.ask(f"STREAM.PURGE.{name}")

    def messages(self, name="CALLS"):
        """All messages: their subject, their headers by name, their payload."""
        state = self.info(name)["state"]
        found = []
        for sequence in range(state["first_seq"], state["last_seq"] + 1):
            message = wait_until(lambda: self.ask(f"STREAM.MSG.GET.{name}", seq=sequence), "an answer").get("message")
            if message:
                lines = base64.b64decode(message.get("hdrs", "")).decode().split("\r\n")[1:]
                headers = dict(line.split(": ", 1) for line in lines if line)
                found.append((message["subject"], headers, base64.b64decode(message.get("data", "")).decode()))
        return found

    def close(self):
        self._socket.close()


class SilentNats:
    """Says what it is told to whoever connects, and then nothing."""

    def __init__(self, greeting=b'INFO {"version":"2.9.10","headers":true,"max_payload":1048576}\r\n'):
        self._greeting = greeting
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._connections = []

    def accept(self):
        connection, _ = self._listener.accept()
        connection.sendall(self._greeting)
        self._connections.append(connection)

    def close(self):
        for connection in self._connections:
            connection.close()
        self._listener.close()
