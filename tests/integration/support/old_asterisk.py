"""A channel of an Asterisk from before July 2025, which reads commands into a buffer of 2,048 bytes: of a longer line, the rest is
its next command."""
from .agi import AgiChannel

LONGEST = 2047


class OldChannel(AgiChannel):
    def __init__(self, *arguments, **environment):
        self.sizes = []
        super().__init__(*arguments, **environment)

    def line(self):
        while b"\n" not in self._received[:LONGEST] and len(self._received) < LONGEST:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                assert not self._received, f"closed in the middle of a line: {self._received!r}"
                return None
            self._received += more
        end = self._received.find(b"\n", 0, LONGEST) + 1 or LONGEST
        piece, self._received = self._received[:end], self._received[end:]
        self.sizes.append(len(piece))
        return piece.removesuffix(b"\n").decode()
