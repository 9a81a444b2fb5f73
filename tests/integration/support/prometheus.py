"""What `/metrics` says, read the way Prometheus reads it."""
import http.client
import re

from .patience import PATIENCE

SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def fetch(port, path="/metrics", method="GET", headers=None):
    """Status, headers and body of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


def read(text):
    """Samples by name and labels; a line that is neither comment nor sample fails the test."""
    samples = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        name, labels, value = match.groups()
        key = name, frozenset(LABEL.findall(labels or ""))
        assert key not in samples, f"twice: {line}"
        samples[key] = float(value)
    return samples


class Metrics:
    def __init__(self, port):
        status, _, text = fetch(port)
        assert status == 200, status
        self.text = text
        self._samples = read(text)

    def __call__(self, name, **labels):
        """The value of a series, or None when there is none."""
        return self._samples.get((name, frozenset(labels.items())))

    def names(self):
        return {name for name, _ in self._samples}
