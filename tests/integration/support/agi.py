"""A channel of Asterisk that runs AGI(agi://…): says what Asterisk says, and answers commands as a script tells."""
import re
import socket

from .patience import PATIENCE

ENVIRONMENT = {
    "network": "yes", "channel": "Local/env@in-00000000;2", "language": "en", "type": "Local", "uniqueid": "1795436908.1",
    "version": "22.10.1", "callerid": "+31612345678", "calleridname": "unknown", "callingpres": "0", "dnid": "unknown",
    "rdnis": "unknown", "context": "in", "extension": "+31502102544", "priority": "1", "enhanced": "0.0", "accountcode": "",
}

WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


def words(line):
    """A command as Asterisk takes it apart."""
    return [re.sub(r"\\(.)", r"\1", quoted) if quoted or not bare else bare for quoted, bare in WORD.findall(line)]


class AgiChannel:
    def __init__(self, port, script, host="127.0.0.1", **environment):
        self.socket = socket.create_connection((host, port), timeout=PATIENCE)
        self.variables = {}
        self.commands = []
        self._received = b""
        lines = {"network_script": script, "request": f"agi://{host}:{port}/{script}", **ENVIRONMENT, **environment}
        text = "".join(f"agi_{name}: {value}\n" for name, value in lines.items())
        self.send(text.encode(errors="surrogateescape") + b"\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def line(self):
        """The next command, or None when the daemon has closed the connection."""
        while b"\n" not in self._received:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                assert not self._received, f"closed in the middle of a line: {self._received!r}"
                return None
            self._received += more
        line, _, self._received = self._received.partition(b"\n")
        assert not self._received, f"a second command before the first was answered: {self._received!r}"
        assert b"\r" not in line, line
        return line.decode()

    def reply(self, text):
        self.send(text.encode() + b"\n")

    def next_command(self):
        """The next command that is no SET VARIABLE; those are answered and remembered. None at the end."""
        while (line := self.line()) is not None:
            command = words(line)
            self.commands.append(command)
            if command[:2] != ["SET", "VARIABLE"]:
                return command
            assert len(command) == 4, line
            self.variables[command[2]] = command[3]
            self.reply("200 result=1")
        return None

    def play_through(self, replies=(), default="200 result=0"):
        """Answers commands in turn with `replies`, later ones with `default`, until the daemon closes. The commands."""
        seen, left = [], list(replies)
        while (command := self.next_command()) is not None:
            seen.append(command)
            self.reply(left.pop(0) if left else default)
        return seen
