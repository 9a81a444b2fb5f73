"""The web server of the `openssl` command, whose replies the test types: it can ask for a client's certificate after the handshake."""
import re
import subprocess
import threading

from .journal import Journal
from .patience import PATIENCE
from .replies import message
from .threads import join


class OpensslServer:
    """Speaks one `version` of TLS, `1_2` or `1_3`, on one connection at a time."""

    def __init__(self, certificate, key, ca_file, version):
        self.output = Journal()
        self._process = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-CAfile", ca_file, f"-tls{version}",
             "-verify_return_error", "-no_resumption_on_reneg"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._ask = {"1_2": b"R\n", "1_3": b"c\n"}[version]    # s_server(1), "CONNECTED COMMANDS"
        self._seen = 0
        self.port = int(self.wait(rb"ACCEPT 127\.0\.0\.1:(\d+)")[1])

    def url(self):
        return f"https://127.0.0.1:{self.port}/"

    def wait(self, pattern):
        """The first match behind what was waited for before."""
        def look(pieces):
            return re.compile(pattern).search(b"".join(pieces), self._seen)
        found = self.output.wait(look, f"{pattern} from openssl")
        self._seen = found.end()
        return found

    def ask_for_certificate(self):
        self._process.stdin.write(self._ask)

    def reply(self, body):
        self._process.stdin.write(message(body))

    def close(self):
        self._process.stdin.close()
        self._process.kill()
        self._process.wait(PATIENCE)
        join(self._reader, "the reader of openssl's output")
        self._process.stdout.close()

    def _read(self):
        while piece := self._process.stdout.read(65536):
            self.output.add(piece)
