"""Certificates of every kind, made by the `openssl` command in a folder of the test."""
import pathlib
import ssl
import subprocess


class Certificates:
    """Two authorities, `ca` that the configurations trust and `stranger` that nobody does, and what they signed.

    Keys are on P-256: made in no time.
    """

    def __init__(self, folder):
        self._folder = folder
        for authority in ("ca", "stranger"):
            self._openssl("req", "-x509", *self._new_key(authority), "-out", self.path(f"{authority}.pem"), "-days", "2",
                          "-subj", f"/CN=Test {authority}", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def path(self, name):
        return str(self._folder / name)

    @property
    def ca_file(self):
        return self.path("ca.pem")

    def issue(self, name, *, authority="ca", names="DNS:localhost,DNS:crm.test,IP:127.0.0.1", expired=False):
        """Makes NAME.pem and NAME.key; gives both paths."""
        certificate, key, request = self.path(f"{name}.pem"), self.path(f"{name}.key"), self.path(f"{name}.csr")
        self._openssl("req", *self._new_key(name), "-out", request, "-subj", f"/CN={name}",
                      "-addext", f"subjectAltName={names}")
        (self._folder / "index").write_text("")
        (self._folder / "ca.conf").write_text(CA_COMMAND.format(folder=self._folder, authority=authority))
        validity = ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"] if expired else ["-days", "2"]
        self._openssl("ca", "-batch", "-notext", "-config", self.path("ca.conf"), "-in", request,
                      "-out", certificate, *validity)
        return certificate, key

    def issue_authority(self, name):
        """Makes an intermediate authority below `ca`: NAME.pem and NAME.key."""
        self._openssl("req", *self._new_key(name), "-out", self.path(f"{name}.csr"), "-subj", f"/CN=Test {name}")
        (self._folder / "authority.ext").write_text("basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n")
        self._openssl("x509", "-req", "-in", self.path(f"{name}.csr"), "-CA", self.path("ca.pem"), "-CAkey", self.path("ca.key"),
                      "-CAcreateserial", "-days", "2", "-extfile", self.path("authority.ext"), "-out", self.path(f"{name}.pem"))

    def self_signed(self, name, *, names="DNS:crm.test"):
        self._openssl("req", "-x509", *self._new_key(name), "-out", self.path(f"{name}.pem"), "-days", "2", "-subj", f"/CN={name}",
                      "-addext", f"subjectAltName={names}", "-addext", "basicConstraints=critical,CA:false")
        return self.path(f"{name}.pem"), self.path(f"{name}.key")

    def bundle(self, name, *files):
        """Several PEM files as one."""
        (self._folder / name).write_text("".join(pathlib.Path(file).read_text() for file in files))
        return self.path(name)

    def server_context(self, certificate, key, *, client_ca=None, at_most=None, at_least=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        if client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client_ca)
        if at_most:
            context.maximum_version = at_most
        if at_least:
            context.minimum_version = at_least
        return context

    def _new_key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.path(f"{name}.key")]

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout.decode()


# `openssl x509` of OpenSSL 3.0 cannot make a certificate that has expired already; `openssl ca` can.
CA_COMMAND = """
[ca]
default_ca = tests
[tests]
new_certs_dir = {folder}
database = {folder}/index
certificate = {folder}/{authority}.pem
private_key = {folder}/{authority}.key
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
rand_serial = yes
[any]
commonName = supplied
"""
