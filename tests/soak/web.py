"""The web servers of a soak: one port where each path misbehaves in its own way, plain and with TLS."""
import asyncio
import collections
import contextlib
import json
import random
import urllib.parse

from support.histories import Histories

# How many requests are remembered: far more than are under way or were just answered.
REMEMBERED = 200_000


def reply(body=b"status=ACK&destination=101", status=200, *fields):
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Web:
    """`has_seen` says whether a request with this id came: the daemon had read the call that it belongs to. `histories`: what it was
    told of calls."""

    def __init__(self, tls):
        self._tls = tls
        self._seen = collections.OrderedDict()
        self.histories = Histories()
        self._servers = []
        self._open = set()

    async def start(self):
        for context in (None, self._tls):
            self._servers.append(await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context, backlog=1024))
        self.port, self.tls_port = (server.sockets[0].getsockname()[1] for server in self._servers)

    def close(self):
        for server in self._servers:
            server.close()
        for writer in list(self._open):
            writer.transport.abort()

    def has_seen(self, request_id):
        return request_id in self._seen

    async def _serve(self, reader, writer):
        self._open.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one_request(reader, writer):
                pass
        self._open.discard(writer)
        writer.close()

    async def _one_request(self, reader, writer):
        """Whether the connection goes on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        lines = [line.partition(": ") for line in head.split("\r\n")[1:]]
        fields = {name.lower(): value for name, _, value in lines}
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        url = urllib.parse.urlsplit(target)
        if url.path == "/event":
            said = json.loads(body)
            self.histories.add(fields["webhook-id"], said["call_id"], fields["webhook-sequence"], said["status"])
        query = urllib.parse.parse_qs(url.query + "&" + body.decode("latin-1"))
        for request_id in query.get("id", []) + query.get("call_id", []):
            self._seen[request_id] = method
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return await BEHAVIOURS[url.path](reader, writer, query)


def says(data, keeps=True):
    async def behave(reader, writer, query):
        writer.write(data)
        await writer.drain()
        return keeps
    return behave


async def slow(reader, writer, query):
    await asyncio.sleep(random.uniform(0.02, 0.3))
    return await says(reply())(reader, writer, query)


async def hang(reader, writer, query):
    await reader.read()
    return False


async def drip(reader, writer, query):
    for byte in reply(b"status=ACK" + b"&" * 500):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)
    return True


async def reset(reader, writer, query):
    writer.transport.abort()
    return False


async def close_when_idle(reader, writer, query):
    writer.write(reply())
    await writer.drain()
    await asyncio.sleep(random.uniform(0, 0.02))
    return False


async def flaky(reader, writer, query):
    return await says(reply(b"", 503) if random.random() < 0.3 else reply())(reader, writer, query)


async def code(reader, writer, query):
    return await says(reply() if query.get("code") == ["4711"] else reply(b"status=NAK"))(reader, writer, query)


BEHAVIOURS = {
    "/ack": says(reply()), "/event": says(reply(b"")), "/nak": says(reply(b"status=NAK", 404)), "/slow": slow,
    "/hang": hang, "/drip": drip, "/reset": reset,
    "/close": says(b"", keeps=False), "/idle": close_when_idle, "/flaky": flaky, "/code": code,
    "/once": says(reply(b"status=ACK&destination=101", 200, "Connection: close"), keeps=False),
    "/garbage": says(b"\0\1\2\3\xff" * 50, keeps=False), "/large": says(reply(b"x" * 70_000)),
    "/redirect": says(reply(b"", 302, "Location: /ack")), "/cut": says(reply()[:-8], keeps=False),
}
