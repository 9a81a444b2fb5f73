#!/usr/bin/env python3
"""A web server over plain HTTP that takes its time, or writes a response in two segments, as many application servers do: head and body.
   scripted_web.py PORT SECONDS WRITES REPLY"""

import asyncio
import socket
import sys


class Server(asyncio.Protocol):
    """One kept connection."""

    seconds, writes, reply = 0.0, 1, b""
    requests = 0

    def connection_made(self, transport):
        self.transport, self.received = transport, b""
        # Nagle's algorithm stays, as in a server that does not think of it: the second segment waits for the client's ACK of the first.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)

    def data_received(self, data):
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head, self.received = self.received[:end], self.received[end + 4:]
            if head.startswith(b"GET /requests "):
                self.respond(b"%d" % Server.requests)
                continue
            Server.requests += 1
            if self.seconds:
                asyncio.get_running_loop().call_later(self.seconds, self.respond, self.reply)
            else:
                self.respond(self.reply)

    def respond(self, body):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body)
        if self.writes == 1:
            self.transport.write(head + body)
        else:
            self.transport.write(head)
            self.transport.write(body)


async def serve(port):
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    Server.seconds, Server.writes, Server.reply = float(sys.argv[2]), int(sys.argv[3]), sys.argv[4].encode()
    asyncio.run(serve(int(sys.argv[1])))
