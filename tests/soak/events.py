"""An engine that says what happens to calls, and says again what was not confirmed, to whichever daemon is there then."""
import asyncio
import contextlib
import json

import scenario

KINDS = ("created", "ringing", "answered", "ended")
PAUSE = 0.1


class Reporter:
    AT_ONCE = 5

    def __init__(self, name, path):
        self._name, self._path = name, str(path)
        self._going = []    # each a call and how many of its events are confirmed
        self.calls = set()

    async def run(self, stopped):
        """Begins calls until `stopped`, and ends each."""
        while self._unfinished() or not stopped.is_set():
            while len(self._going) < self.AT_ONCE and not stopped.is_set():
                self._going.append([f"{self._name}.{len(self.calls)}", 0])
                self.calls.add(self._going[-1][0])
            try:
                reader, writer = await asyncio.open_unix_connection(self._path)
            except OSError:    # between two daemons
                await asyncio.sleep(PAUSE)
                continue
            with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):    # it may be killed at any moment
                await self._report(reader, writer)

    async def _report(self, reader, writer):
        while self._unfinished():
            for number, (call, confirmed) in enumerate(self._going):
                params = {"call_id": call, "event": KINDS[confirmed], "did": scenario.REPORTED}
                writer.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": "call.event", "params": params}).encode() + b"\n")
            await writer.drain()
            for _ in range(len(self._going)):
                answer = json.loads(await reader.readuntil(b"\n"))
                if answer.get("result") == {"stored": True}:
                    self._going[answer["id"]][1] += 1
            await asyncio.sleep(PAUSE)

    def _unfinished(self):
        """Looked at first: the daemon may have been killed after some of the last answers."""
        self._going = [call for call in self._going if call[1] < len(KINDS)]
        return self._going
