"""A certificate authority of one run, and the web server's certificate from it."""

import subprocess
from pathlib import Path

NAME = "crm.test"
EXTENSIONS = f"subjectAltName=DNS:{NAME},IP:127.0.0.1\n"


class Certificate:
    """`authority` is what verifying clients trust; `chain` and `key` are the web server's (ECDSA, P-256)."""

    def __init__(self, folder: Path):
        folder.mkdir()
        self.authority, self.chain, self.key = folder / "ca.pem", folder / "server.pem", folder / "server.key"
        new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        openssl("req", "-x509", *new_key, "-keyout", folder / "ca.key", "-out", self.authority, "-subj", "/CN=Bench",
                "-days", "2")
        openssl("req", *new_key, "-keyout", self.key, "-out", folder / "server.csr", "-subj", f"/CN={NAME}")
        (folder / "extensions").write_text(EXTENSIONS)
        openssl("x509", "-req", "-in", folder / "server.csr", "-CA", self.authority, "-CAkey", folder / "ca.key",
                "-CAcreateserial", "-out", self.chain, "-days", "2", "-extfile", folder / "extensions")


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
