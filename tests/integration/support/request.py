"""What the daemon sent: a request, as raw bytes and taken apart, strictly. A sloppy request is a bug of ours."""
import dataclasses
import json
import urllib.parse


@dataclasses.dataclass
class Request:
    raw: bytes
    method: str
    target: str
    headers: list
    body: bytes
    connection: int

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]

    def header(self, name):
        """The only value of a header field, or None; a field that comes twice fails the test."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    def form(self):
        return dict(urllib.parse.parse_qsl(self.body.decode("ascii"), keep_blank_values=True, strict_parsing=True))

    def json(self):
        return json.loads(self.body)


def read_request(receive, connection):
    """A request from `receive`, which gives more bytes or b"" at the end; None when the client has gone."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        more = receive()
        if not more:
            return None
        raw += more
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, version = first.split(" ")
    assert version == "HTTP/1.1", first
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    length = int(dict((name.lower(), value) for name, value in headers).get("content-length", 0))
    while len(body) < length:
        more = receive()
        if not more:
            return None
        raw, body = raw + more, body + more
    assert len(body) == length, f"bytes after the request: {body[length:]!r}"
    return Request(raw, method, target, headers, body, connection)
