"""A small FastAGI server: what a channel in Asterisk has at a certain place of the dialplan, seen and written down."""
import contextlib
import socket
import threading

from .journal import Journal
from .patience import PATIENCE

VARIABLES = ("ID", "DIALHOOK_BRANCH", "DIALHOOK_STATUS", "DIALHOOK_REASON", "DIALHOOK_DESTINATION", "DIALHOOK_CALLERNAME",
             "DIALHOOK_VAR_note", "DIALHOOK_VAR_a_b", "AGISTATUS")


class Sight:
    """What was seen of one channel. `place` is the path of its agi:// address."""

    def __init__(self, environment, variables):
        self.place = environment["network_script"]
        self.environment = environment
        self.variables = variables
        self.extension = environment["extension"]
        self.name = environment["calleridname"]
        self.number = environment["callerid"]
        self.presentation = int(environment["callingpres"])

    def __repr__(self):
        return f"{self.place} {self.extension} from {self.name!r} <{self.number}> {self.variables}"


class Channel:
    """One connection of Asterisk. `environment` is without the `agi_`."""

    def __init__(self, connection):
        connection.settimeout(PATIENCE * 4)
        self._connection = connection
        self._file = connection.makefile("rb")
        lines = iter(lambda: self._file.readline().decode("utf-8", "surrogateescape").rstrip("\n"), "")
        self.environment = {name.removeprefix("agi_"): value for name, _, value in (line.partition(": ") for line in lines)}

    def command(self, text):
        self._connection.sendall(text.encode() + b"\n")
        while (line := self._file.readline().decode("utf-8", "surrogateescape").rstrip("\n")) == "HANGUP":
            pass
        return line

    def variable(self, name):
        """None when it is not set."""
        answer = self.command(f"GET VARIABLE {name}")
        return answer[answer.index("(") + 1:answer.rindex(")")] if answer.startswith("200 result=1") else None

    def close(self):
        self._file.close()
        self._connection.close()


class AgiServer:
    """Serves every channel with `serve(channel)` in a thread of its own."""

    def __init__(self, serve, port=0):
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self.port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join(PATIENCE)
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with contextlib.suppress(OSError):
            channel = Channel(connection)
            try:
                self._serve(channel)
            finally:
                channel.close()


class Recorder(AgiServer):
    """Remembers every channel that comes along, and lets it go on."""

    def __init__(self):
        self.sights = Journal()
        super().__init__(self._look)

    def _look(self, channel):
        self.sights.add(Sight(channel.environment, {name: channel.variable(name) for name in VARIABLES}))

    def wait(self, place, identity):
        return self.sights.wait_entry(lambda sight: sight.place == place and sight.variables["ID"] == identity,
                                      f"call {identity} at {place}")
