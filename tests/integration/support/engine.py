"""A dialplan engine: JSON-RPC 2.0, one JSON text a line, over the daemon's Unix socket."""
import contextlib
import json
import select
import socket
import time

from .patience import Deadline, PATIENCE

CLOSED = (BrokenPipeError, ConnectionResetError)


class Engine:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))
        self._received = b""
        self._last_id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    # Bytes and lines

    def send(self, data):
        self.socket.sendall(data)

    def send_json(self, *values):
        self.send(b"".join(json.dumps(value).encode() + b"\n" for value in values))

    def line(self, seconds=PATIENCE):
        """The next line, or None when the daemon has closed the connection."""
        deadline = Deadline(seconds)
        while b"\n" not in self._received:
            if not select.select([self.socket], [], [], deadline.left())[0]:
                raise AssertionError(f"no answer for {seconds:g} s; there is {self._received[:300]!r}")
            try:
                more = self.socket.recv(65536)
            except CLOSED:
                more = b""
            if not more:
                assert not self._received, f"closed in the middle of a line: {self._received[:300]!r}"
                return None
            self._received += more
        line, _, self._received = self._received.partition(b"\n")
        return line

    def answer(self, seconds=PATIENCE):
        line = self.line(seconds)
        assert line is not None, "the daemon closed the connection instead of answering"
        return json.loads(line)

    def rest(self):
        """All answers up to the end of the connection."""
        answers = []
        while (line := self.line()) is not None:
            answers.append(json.loads(line))
        return answers

    def assert_closed(self):
        assert (line := self.line()) is None, f"the connection should be closed, but there came {line[:300]!r}"

    def ask_raw(self, text):
        """One line as it stands, and its answer."""
        with contextlib.suppress(*CLOSED):
            self.send(text + b"\n" if isinstance(text, bytes) else text.encode() + b"\n")
        return self.answer()

    # Calls

    def request(self, method, params, request_id=None):
        if request_id is None:
            self._last_id += 1
            request_id = self._last_id
        return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}

    def start_route(self, webhook, **params):
        """Sends one call and does not wait for its decision; gives its id."""
        request = self.request("call.route", call(webhook, **params))
        self.send_json(request)
        return request["id"]

    def route(self, webhook, **params):
        """The decision of one call."""
        expected = self.start_route(webhook, **params)
        answer = self.answer()
        assert answer.get("id") == expected and "result" in answer, f"not a decision of call {expected}: {answer}"
        return answer["result"]

    def route_timed(self, webhook, **params):
        """The decision, and after how many seconds the engine had it."""
        begin = time.monotonic()
        return self.route(webhook, **params), time.monotonic() - begin

    def route_all(self, calls):
        """Pipelines all calls at once. For each, in the order asked: its decision and the seconds it took."""
        requests = [self.request("call.route", params) for params in calls]
        begin = time.monotonic()
        self.send_json(*requests)
        came = {}
        for _ in requests:
            answer = self.answer()
            assert "result" in answer, f"not a decision: {answer}"
            came[answer["id"]] = (answer["result"], time.monotonic() - begin)
        return [came[request["id"]] for request in requests]


    def ask(self, method, **params):
        """The whole answer to one request."""
        request = self.request(method, params)
        self.send_json(request)
        answer = self.answer()
        assert answer.get("id") == request["id"], f"not the answer to {request}: {answer}"
        return answer

    def report(self, call_id, *events, **params):
        """Says what happens to a call, one event after the other, each of them stored."""
        for event in events:
            answer = self.ask("call.event", call_id=call_id, event=event, **params)
            assert answer.get("result") == {"stored": True}, f"not stored: {event} of {call_id}: {answer}"


def call(webhook, **params):
    """The parameters of `call.route` for an ordinary call."""
    return {"webhook": webhook, "did": "+31502102544", "callerid": "+31612345678", **params}
