"""Engines that ask without a pause while daemons come and go: a call whose connection ends before its answer was not read,
so it is asked again."""
import itertools
import json
import threading

from .engine import CLOSED, Engine
from .journal import Journal
from .patience import PATIENCE
from .threads import join


class Asking(threading.Thread):
    """Keeps `pipelined` calls of `webhook` under way, on connections of `calls_each` calls. A connection that is
    refused, and an answer that is no success, fail the test."""

    def __init__(self, path, webhook, name, *, pipelined=1, calls_each=None):
        super().__init__(daemon=True)
        self._path = path
        self._webhook = webhook
        self._pipelined = pipelined
        self._calls_each = calls_each
        self._ids = (f"{name}-{number}" for number in itertools.count())
        self._unread = []     # to be asked again
        self._ends = threading.Event()
        self._fault = None
        self.answered = Journal()
        self.asked_again = 0
        self.connections = 0

    def run(self):
        try:
            while not self._ends.is_set() or self._unread:
                with Engine(self._path) as engine:
                    self.connections += 1
                    self._use(engine)
        except Exception as fault:  # `finish` raises it
            self._fault = fault

    def _use(self, engine):
        """Asks until the connection ends. A write that fails is no end yet: answers may still be on their way."""
        under_way, left, can_send = {}, self._calls_each, True
        while True:
            while can_send and len(under_way) < self._pipelined and left != 0 and (call := self._next()):
                under_way[call] = None
                left = left and left - 1
                try:
                    engine.start_route(self._webhook, call_id=call, callername=call)
                except CLOSED:
                    can_send = False
            line = engine.line() if under_way or not can_send else None
            if line is None:
                break
            self._take(json.loads(line), under_way)
        self._unread += under_way
        self.asked_again += len(under_way)

    def _next(self):
        if self._unread:
            return self._unread.pop()
        return None if self._ends.is_set() else next(self._ids)

    def _take(self, answer, under_way):
        result = answer["result"]
        assert result["branch"] == "success", answer
        call = result["callername"]    # the webhook names nobody, so it is the call's own
        del under_way[call]
        self.answered.add(call)

    def finish(self):
        """Returns when every call that was begun has been answered."""
        self._ends.set()
        join(self, f"the calls of {self._webhook}", 5 * PATIENCE)
        if self._fault:
            raise self._fault
