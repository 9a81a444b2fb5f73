"""Stands in for dialhookd where it has to misbehave: every connection plays the next script; the last one plays on."""
import contextlib
import json
import pathlib
import shutil
import socket
import tempfile
import threading

PATIENCE = 10.0


def answer_to(line, **result):
    return json.dumps({"jsonrpc": "2.0", "id": json.loads(line)["id"], "result": {"action": "route", **result}}).encode() + b"\n"


def reply_to(line, **members):
    return json.dumps({"jsonrpc": "2.0", "id": json.loads(line)["id"], **members}, separators=(",", ":")).encode() + b"\n"


class Connection:
    def __init__(self, daemon, connection):
        self._daemon, self._socket = daemon, connection
        self._file = connection.makefile("rb")

    def read(self):
        """The next question; at the end of the connection, the end of the script."""
        line = self._file.readline()
        if not line:
            raise EOFError
        with self._daemon.changed:
            self._daemon.questions.append(line)
            self._daemon.changed.notify_all()
        return line

    def send(self, data):
        self._socket.sendall(data)


# Scripts

def answering(connection):
    while True:
        connection.send(answer_to(connection.read(), destination="101"))


def storing(connection):
    """Takes every event; a question is answered as `answering` does."""
    while True:
        line = connection.read()
        if json.loads(line)["method"] == "call.event":
            connection.send(reply_to(line, result={"stored": True}))
        else:
            connection.send(answer_to(line, destination="101"))


def refusing_events(connection):
    """As a daemon whose disk is full."""
    while True:
        error = {"code": -32007, "message": "the event was not stored: no \"stored\":true here"}
        connection.send(reply_to(connection.read(), error=error))


def answering_batches(*members):
    """Answers every event of a line with the next of `members`; the last one stays."""
    def script(connection):
        left = list(members)
        while True:
            requests = json.loads(connection.read())
            answer = left.pop(0) if len(left) > 1 else left[0]
            connection.send(b"[" + b",".join(reply_to(json.dumps(request), **answer).strip() for request in requests) + b"]\n")
    return script


def answering_once(connection):
    connection.send(answer_to(connection.read(), destination="101"))


def closing(connection):
    connection.read()


def silent(connection):
    while True:
        connection.read()


def saying(data):
    def script(connection):
        connection.read()
        connection.send(data)
    return script


def endless(connection):
    connection.read()
    while True:
        connection.send(b"x" * 65536)


def dripping(connection):
    """Each byte looks like progress; there is no last one."""
    connection.read()
    while True:
        connection.send(b" ")
        if connection._daemon.closing.wait(0.02):
            return


def bytewise(connection):
    for byte in answer_to(connection.read(), destination="101"):
        connection.send(bytes([byte]))
    connection.read()


def late(released):
    """Answers when `released` is set."""
    def script(connection):
        line = connection.read()
        released.wait(PATIENCE)
        connection.send(answer_to(line, destination="too late"))
        connection.read()
    return script


class ScriptedDaemon:
    def __init__(self, *scripts):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dh-", dir="/tmp"))
        self.path = str(self.folder / "sock")
        self.questions = []
        self.connections = 0
        self.changed = threading.Condition()
        self.closing = threading.Event()
        self._scripts = list(scripts)
        self._open = []
        self._listener = None
        self.listen()

    def listen(self):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(16)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop_listening(self):
        """As a daemon that was killed: the socket's file stays."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def close(self):
        self.closing.set()
        with contextlib.suppress(OSError):
            self.stop_listening()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self._open.append(connection)
                self.connections += 1
                script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
                threading.Thread(target=self._play, args=(connection, script), daemon=True).start()

    def _play(self, connection, script):
        with contextlib.suppress(OSError, EOFError), connection:
            talk = Connection(self, connection)
            with talk._file:
                script(talk)
