"""Asks Dialhook over its Unix socket: one question at a time, with a deadline, over a connection that is kept.

One file, nothing but the standard library; Python 3.9 or newer. Copy it into your engine.

    from dialhook_client import Client, Away, TimedOut, Refused

    client = Client("/run/dialhook/dialhook.sock")
    try:
        decision = client.route(webhook="crm", did="+31502102544", callerid="+31612345678", call_id="1732-7")
    except (Away, TimedOut):
        ...  # nobody decided: do what you would do without Dialhook
    client.event("ended", call_id="1732-7", reason="completed")  # when it is over; so for created, ringing, answered, transferred

A client belongs to one thread; give each its own. The deadline (seconds) has to be more than the webhook's `timeout`:
Dialhook itself always answers by then. A late answer harms no other call, since its connection is never used again.

A kept connection that turns out to be closed (the daemon was restarted) is opened once more and asked again. So a daemon that
dies in the middle of a question can get it twice: give each call its own call_id. An event may then be told twice.
"""

import json
import socket
import time

LONGEST_ANSWER = 1024 * 1024


class Fault(Exception):
    """There is no decision."""


class Away(Fault):
    """Nobody listens, or the connection was closed without an answer."""


class TimedOut(Fault):
    """No whole answer before the deadline."""


class BadAnswer(Fault):
    """Not the JSON-RPC answer to this question, or one over 1 MiB."""


class Refused(Fault):
    """A JSON-RPC error, such as code -32001: there is no webhook of this name."""

    def __init__(self, code, message):
        super().__init__(f"{message} ({code})")
        self.code = code


class Client:
    def __init__(self, path, seconds=6.0):
        self._path, self._seconds = path, seconds
        self._socket = None
        self._asked = 0

    def route(self, **params):
        """`call.route`: the decision of a call, or what to do first (`action` is `run` or `collect`)."""
        return self.ask("call.route", params)

    def go_on(self, state, **params):
        """`call.continue`, after a `run` without and after a `collect` with `code="1234"` or `timeout=True`."""
        return self.ask("call.continue", {"state": state, **params})

    def event(self, event, call_id, **params):
        """`call.event`: returns when the event is on disk. `Refused` with code -32007 or -32008: not now, say it again."""
        self.ask("call.event", {"event": event, "call_id": call_id, **params})

    def ask(self, method, params, seconds=None):
        limit = time.monotonic() + (self._seconds if seconds is None else seconds)
        self._asked += 1
        line = json.dumps({"jsonrpc": "2.0", "id": self._asked, "method": method, "params": params}).encode() + b"\n"
        kept = self._socket is not None
        answer = self._exchange(line, limit)
        if answer is None and kept:
            answer = self._exchange(line, limit)
        if answer is None:
            raise Away("closed without an answer")
        return self._read(answer)

    def close(self):
        if self._socket:
            self._socket.close()
            self._socket = None

    def _exchange(self, line, limit):
        """The bytes of an answer, or None when the connection was closed before the first of them."""
        connection = self._socket or self._connect(limit)
        self._socket = None  # kept again only after a whole answer
        try:
            answer = converse(connection, line, limit)
        except BaseException:
            connection.close()
            raise
        if answer is None:
            connection.close()
        else:
            self._socket = connection
        return answer

    def _connect(self, limit):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(left(limit))
            connection.connect(self._path)
            return connection
        except OSError as error:
            connection.close()
            raise Away(f"{self._path}: {error}") from None

    def _read(self, line):
        try:
            answer = json.loads(line)
            if answer["id"] != self._asked:
                raise ValueError("the answer to another question")
            if "result" in answer:
                return answer["result"]
            fault = Refused(answer["error"]["code"], answer["error"]["message"])
        except (ValueError, TypeError, KeyError):
            self.close()
            raise BadAnswer("not the answer to this question") from None
        raise fault


def left(limit):
    """Seconds that are left; a socket takes 0 for 'never wait'."""
    seconds = limit - time.monotonic()
    if seconds <= 0:
        raise TimedOut("no answer before the deadline")
    return seconds


def converse(connection, line, limit):
    answer = b""
    try:
        connection.settimeout(left(limit))
        connection.sendall(line)
        while not answer.endswith(b"\n"):
            connection.settimeout(left(limit))
            more = connection.recv(65536)
            if not more:
                break
            answer += more
            if len(answer) > LONGEST_ANSWER:
                raise BadAnswer("an answer over 1 MiB")
    except (BrokenPipeError, ConnectionResetError):
        pass
    except socket.timeout:
        raise TimedOut("no answer before the deadline") from None
    if answer and not answer.endswith(b"\n"):
        raise BadAnswer("closed in the middle of an answer")
    return answer or None
