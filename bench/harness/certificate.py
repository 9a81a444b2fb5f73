"""Certificate authorities of one run, and web servers' certificates from them."""

import subprocess
from pathlib import Path

NAME = "crm.test"
EXTENSIONS = f"subjectAltName=DNS:{NAME},DNS:localhost,IP:127.0.0.1\n"
ECDSA, RSA, CHAIN = "ecdsa", "rsa", "chain"    # CHAIN: ECDSA, with an intermediate authority that the web server sends along

EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
RSA_KEY = ["-newkey", "rsa:2048", "-nodes"]


class Certificate:
    """`authority` is what verifying clients trust; `chain` and `key` are the web server's."""

    def __init__(self, folder: Path, kind=ECDSA):
        folder.mkdir(parents=True)
        self._folder, self._new_key = folder, RSA_KEY if kind == RSA else EC_KEY
        self.authority, self.chain, self.key = folder / "ca.pem", folder / "server.pem", folder / "server.key"
        openssl("req", "-x509", *self._new_key, "-keyout", folder / "ca.key", "-out", self.authority, "-subj", "/CN=Bench", "-days", "2")
        if kind == CHAIN:
            self._sign("between", "ca", "Bench between", "basicConstraints=critical,CA:true\n")
            self._sign("server", "between", NAME, EXTENSIONS)
            self.chain.write_text(self.chain.read_text() + (folder / "between.pem").read_text())
        else:
            self._sign("server", "ca", NAME, EXTENSIONS)

    def _sign(self, name, issuer, subject, extensions):
        """Makes a key NAME.key, and NAME.pem for it, signed by `issuer`."""
        path = self._folder / name
        openssl("req", *self._new_key, "-keyout", path.with_suffix(".key"), "-out", path.with_suffix(".csr"), "-subj", f"/CN={subject}")
        path.with_suffix(".ext").write_text(extensions)
        authority = self._folder / issuer
        openssl("x509", "-req", "-in", path.with_suffix(".csr"), "-CA", authority.with_suffix(".pem"), "-CAkey",
                authority.with_suffix(".key"), "-CAcreateserial", "-out", path.with_suffix(".pem"), "-days", "2", "-extfile",
                path.with_suffix(".ext"))


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
