"""A dialplan engine that asks at a steady rate over one connection, and connects again when the daemon has closed it.

What a closed connection leaves unanswered must be what the daemon had not read: that is asked again. Had the web server seen it,
the daemon had read it and kept its decision to itself, and the call is lost.
"""
import asyncio
import contextlib
import dataclasses
import itertools
import json
import random
import socket

import scenario

# For the answer to one line; the webhooks have ten seconds.
PATIENCE = 40
CODES = ("4711", "1234", "4711")


@dataclasses.dataclass
class Results:
    answered: int = 0
    asked_again: int = 0
    problems: list = dataclasses.field(default_factory=list)    # lost, doubled, refused and wrong ones, in words
    background: set = dataclasses.field(default_factory=set)    # ids of background requests that must have gone out

    def lose(self, why):
        self.problems.append(why)


@dataclasses.dataclass
class Call:
    kind: str
    method: str
    params: dict
    call_id: str


class Engine:
    _numbers = itertools.count()

    def __init__(self, path, web, results, rate):
        self._path, self._web, self._results, self._pause = str(path), web, results, 1 / rate
        self._name = f"e{next(self._numbers)}"
        self._ids = itertools.count()
        self._pending = {}
        self._again = []
        self._stopping = False

    def stop(self):
        self._stopping = True

    async def run(self):
        loop = asyncio.get_running_loop()
        while not self._stopping or self._pending or self._again:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.setblocking(False)
                try:
                    await loop.sock_connect(connection, self._path)
                except OSError as error:
                    self._results.lose(f"{self._name}: a connection was refused: {error}")
                    await asyncio.sleep(0.1)
                    continue
                asking = asyncio.create_task(self._ask(loop, connection))
                await self._read(loop, connection)
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
            self._sort_out()

    async def _ask(self, loop, connection):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):    # closed: what is left to read is still read
            while not self._stopping or self._again:
                for call in self._again or [self._new_call()]:
                    if call in self._again:
                        self._again.remove(call)
                        self._results.asked_again += 1
                    await self._send(loop, connection, call)
                await asyncio.sleep(self._pause * random.uniform(0.5, 1.5))
            while self._pending:
                await asyncio.sleep(0.05)
            connection.shutdown(socket.SHUT_WR)

    def _new_call(self):
        kind, call_id = scenario.next_kind(), f"{self._name}.{next(self._ids)}"
        return Call(kind, "call.route", scenario.route_of(kind, call_id), call_id)

    async def _send(self, loop, connection, call):
        request_id = next(self._ids)
        self._pending[request_id] = (call, loop.time())
        line = json.dumps({"jsonrpc": "2.0", "id": request_id, "method": call.method, "params": call.params})
        await loop.sock_sendall(connection, line.encode() + b"\n")

    async def _read(self, loop, connection):
        received = b""
        while True:
            try:
                data = await asyncio.wait_for(loop.sock_recv(connection, 65536), PATIENCE)
            except ConnectionResetError:
                return
            except asyncio.TimeoutError:
                self._results.lose(f"{self._name}: no answer for {PATIENCE} s to {len(self._pending)} calls")
                return
            if not data:
                return
            *lines, received = (received + data).split(b"\n")
            for line in lines:
                await self._take(loop, connection, json.loads(line))
            self._look_for_silence(loop.time())

    def _look_for_silence(self, now):
        """One that is forgotten among others that are answered."""
        for request_id, (call, since) in list(self._pending.items()):
            if now - since > PATIENCE:
                self._results.lose(f"{self._name}: no answer for {PATIENCE} s to {call.kind}")
                del self._pending[request_id]

    async def _take(self, loop, connection, answer):
        if answer.get("id") not in self._pending:
            self._results.lose(f"{self._name}: an answer to nothing, or a second one: {answer}")
            return
        call, _ = self._pending.pop(answer["id"])
        if "result" not in answer:
            self._results.lose(f"{self._name}: {call.kind} was refused: {answer['error']}")
            return
        result = answer["result"]
        if result["action"] == "route":
            self._judge(call, result)
            return
        params = {"state": result["state"]}
        if result["action"] == "collect":
            params["code"] = CODES[(result["attempt"] + int(call.call_id.rpartition(".")[2])) % len(CODES)]
        call = dataclasses.replace(call, method="call.continue", params=params)
        try:
            await self._send(loop, connection, call)
        except (BrokenPipeError, ConnectionResetError):
            pass    # pending, and sorted out at the end of the connection

    def _judge(self, call, result):
        self._results.answered += 1
        outcome = result["reason"] or result["branch"]
        if outcome not in scenario.OUTCOMES[call.kind]:
            self._results.lose(f"{self._name}: {call.kind} ended in {outcome}: {result}")
        if call.kind == "background":
            self._results.background.add(call.call_id)

    def _sort_out(self):
        for call, _ in self._pending.values():
            # The codes of one caller go out with one id: there it says nothing of the last question.
            if call.kind != "ivr" and self._web.has_seen(call.call_id):
                self._results.lose(f"{self._name}: {call.kind} {call.call_id} was read and not answered")
            elif call.method == "call.route":
                call_id = f"{self._name}.{next(self._ids)}"
                self._again.append(dataclasses.replace(call, call_id=call_id, params=scenario.route_of(call.kind, call_id)))
            else:
                self._again.append(call)
        self._pending.clear()


async def vanish_again_and_again(path, stopped):
    """Engines that leave with all their calls, send nonsense, or never read."""
    loop = asyncio.get_running_loop()
    for number in itertools.count():
        if stopped.is_set():
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, contextlib.suppress(OSError):
            connection.setblocking(False)
            await loop.sock_connect(connection, str(path))
            lines = [json.dumps({"jsonrpc": "2.0", "id": n, "method": "call.route", "params": scenario.route_of(kind, f"v{number}")})
                     for n, kind in enumerate(("hang", "ack", "slow", "tls", "named", "drip"))]
            nonsense = ["{]", "x" * 1000, '{"jsonrpc":"2.0","id":1,"method":"nobody"}', "[1,2]"]
            await asyncio.wait_for(loop.sock_sendall(connection, "\n".join(lines + nonsense * 50).encode() + b"\n"), 5)
            await asyncio.sleep(random.uniform(0, 0.1))
        await asyncio.sleep(0.3)
