"""Asterisk's manager interface (AMI) over loopback: actions with their answers, and all events in a journal."""
import contextlib
import itertools
import socket
import threading

from .journal import Journal
from .patience import PATIENCE


class Ami:
    def __init__(self, port):
        self.events = Journal()
        self._responses = Journal()
        self._ids = itertools.count(1)
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._socket.settimeout(None)
        self._file = self._socket.makefile("rb")
        self._file.readline()  # greeting
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self):
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join(PATIENCE)
        self._file.close()
        self._socket.close()

    def send(self, action, *fields, **named):
        """Sends an action and does not wait; `fields` are (name, value), for names that come twice. Gives its id."""
        identity = f"e2e{next(self._ids)}"
        lines = [("Action", action), ("ActionID", identity), *named.items(), *fields]
        assert not any("\n" in f"{name}{value}" or "\r" in f"{name}{value}" for name, value in lines), lines
        with self._lock:
            self._socket.sendall("".join(f"{name}: {value}\r\n" for name, value in lines).encode() + b"\r\n")
        return identity

    def act(self, action, *fields, **named):
        """Sends an action and waits for its success."""
        identity = self.send(action, *fields, **named)
        answer = self._responses.wait_entry(lambda response: response.get("ActionID") == identity, f"answer to {action}")
        assert answer["Response"] in ("Success", "Goodbye"), answer
        return answer

    def wait_event(self, name, start=0, **fields):
        """The first event of this name from `start` on with these fields."""
        return self.events.wait_entry(
            lambda event: event.get("Event") == name and all(event.get(key) == value for key, value in fields.items()),
            f"event {name} {fields}", start)

    def _read(self):
        with contextlib.suppress(OSError, ValueError):
            message = {}
            for raw in self._file:
                line = raw.decode("utf-8", "backslashreplace").rstrip("\r\n")
                if line:
                    name, _, value = line.partition(": ")
                    message[name] = value
                    continue
                (self.events if "Event" in message else self._responses).add(message)
                message = {}
