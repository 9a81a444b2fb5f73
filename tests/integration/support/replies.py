"""Scripts of a web server: what it does with one request. A script is a function of the connection that says with
KEEP or CLOSE what becomes of the connection; it may do anything to it before.
"""
from .patience import PATIENCE

KEEP, CLOSE = "keep", "close"

# Sizes of replies that the daemon reads up to its buffer's last byte: the buffer begins small and doubles each time that it was
# filled. And round ones, should that change. What is behind them is still in the same TLS record.
FILLING = (256, 256 + 512, 256 + 512 + 1024, 256 + 512 + 1024 + 2048, 256 + 512 + 1024 + 2048 + 4096, 1024, 2048, 4096, 8192)

REASONS = {200: "OK", 302: "Found", 404: "Not Found", 500: "Internal Server Error"}


def head(status=200, headers=(), version="HTTP/1.1"):
    """Status line and header as bytes, with the empty line that ends them."""
    lines = [f"{version} {status} {REASONS.get(status, 'Whatever')}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def message(body=b"status=ACK", status=200, headers=(), version="HTTP/1.1"):
    """A whole well-framed response as bytes."""
    body = body.encode() if isinstance(body, str) else body
    return head(status, [("Content-Length", len(body)), *headers], version) + body


def message_of(size, body=b"status=ACK", status=200, headers=()):
    """A whole response of exactly so many bytes."""
    padding = size - len(message(body, status, [*headers, ("X-Padding", "")]))
    return message(body, status, [*headers, ("X-Padding", "x" * padding)])


def chunked(*chunks, end=b"0\r\n\r\n", headers=()):
    """A chunked response as bytes; `end` may hold trailers, or be cut."""
    coded = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head(headers=[("Transfer-Encoding", "chunked"), *headers]) + coded + end


def respond(body=b"status=ACK", status=200, headers=(), then=KEEP):
    """What an ordinary web server does."""
    return raw(message(body, status, headers), then=then)


def redirect(location, status=302, body=b"", headers=()):
    return respond(body, status, [("Location", location), *headers])


def raw(*pieces, then=CLOSE):
    """The bytes as they stand, each piece in a segment of its own where the kernel pleases; `then` is KEEP, CLOSE, or
    a script to go on with."""
    def script(connection):
        for piece in pieces:
            if not connection.send(piece):
                return CLOSE
        return then(connection) if callable(then) else then
    return script


def bytewise(data, then=CLOSE):
    """Every byte with a send of its own."""
    return raw(*(data[at:at + 1] for at in range(len(data))), then=then)


def drip(data, every=0.02):
    """A byte now and then: each looks like progress, the whole never ends."""
    def script(connection):
        for at in range(len(data)):
            if not connection.send(data[at:at + 1]) or connection.peer_closes_within(every):
                return CLOSE
        return KEEP
    return script


def endless(start, more):
    """`start`, then `more` as fast as it is taken, until the daemon has had enough."""
    def script(connection):
        connection.send(start)
        while connection.send(more):
            pass
        return CLOSE
    return script


def hang(connection):
    """Takes the request and says nothing until the daemon closes the connection."""
    connection.wait_peer_closes()
    return CLOSE


def close(connection):
    """An orderly end without a word."""
    return CLOSE


def reset(connection):
    connection.reset()
    return CLOSE


def held(event, then=respond()):
    """Answers when the test sets the `threading.Event`."""
    def script(connection):
        event.wait(PATIENCE)
        return then(connection)
    return script


def once_per_connection(then, first=respond()):
    """Answers the first request of a connection and does `then` with the next: keep-alive lost at the moment of reuse."""
    def script(connection):
        return (first if connection.requests == 1 else then)(connection)
    return script
