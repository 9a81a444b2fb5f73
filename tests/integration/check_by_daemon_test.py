"""`dialhookctl check`: the running daemon reads a configuration as a reload would, says what is wrong with it, and applies nothing."""
import json
import os
import pathlib
import socket
import subprocess
import threading
import unittest

from support.case import DialhookTest
from support.certificates import Certificates
from support.configuration import as_yaml, configuration
from support.daemon import check, sibling
from support.patience import PATIENCE, ample
from support.replies import respond
from support.threads import join
from support.webserver import WebServer


class CheckByDaemon(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/old", respond("status=ACK&callername=old")).on("/new", respond("status=ACK&callername=new")))
        self.daemon = self.start(self.content(), environment=self.environment())
        self.folder = self.daemon.scratch

    def environment(self):
        self.credentials = self.scratch()
        return {"CREDENTIALS_DIRECTORY": str(self.credentials.path)}

    def content(self, path="/old", **options):
        return configuration({"crm": {"url": self.web.url(path), "timeout": ample()}}, **options)

    def check(self, *arguments, control=None, **options):
        command = [sibling("dialhookctl"), "--control", str(control or self.folder.path / "control.sock"), "check", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **options)

    def test_the_daemon_s_own_file_is_checked_and_nothing_is_applied(self):
        self.daemon.configure(self.content("/new"))
        done = self.check()
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, f"{self.daemon.config_path}: 1 webhook, no faults\n", ""))
        self.assertEqual(self.engine(self.daemon).route("crm")["callername"], "old")
        self.assertIsNone(self.daemon.status()["last_reload"])

    def test_faults_come_with_their_places_and_the_daemon_goes_on(self):
        self.daemon.configure("webhooks:\n  crm:\n    ulr: http://127.0.0.1/\nserver: { threads: many }\n")
        done = self.check()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        path = str(self.daemon.config_path)
        self.assertIn(f'{path}:3:5: webhooks.crm: unknown key "ulr"', done.stderr)
        self.assertIn(f"{path}:4:20: server.threads:", done.stderr)
        self.assertEqual(done.stderr.splitlines()[-1], f"dialhookctl: {path}: 3 faults")
        self.assertEqual(self.engine(self.daemon).route("crm")["callername"], "old")

    def test_it_says_what_check_of_dialhookd_says(self):
        for name, text in {"good": as_yaml(self.content()), "faulty": "webhooks: { crm: { url: ftp://x, timeout: 0 } }\n",
                           "warning": "webhooks: {}\ndialplans: { '1': [ dail: '1' ] }\n", "empty": ""}.items():
            with self.subTest(name):
                path = self.folder.write("other.yaml", text)
                code, said = check(path)
                done = self.check(path)
                self.assertEqual(done.returncode, code)
                lines = (done.stderr + done.stdout).replace("dialhookctl: ", "").replace(f"{path}: ", "").splitlines()
                self.assertEqual([line for line in lines if "only at a restart" not in line], said.replace(f"{path}: ", "").splitlines())

    def test_another_file_by_a_path_from_where_one_stands(self):
        self.folder.write("new/other.yaml", "include: 'more/*.yaml'\nwebhooks: {}\n")
        self.folder.write("new/more/a.yaml", "webhooks:\n  a: { url: http://crm.example/, timeuot: 1 }\n")
        done = self.check("other.yaml", cwd=self.folder.path / "new")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.folder.path}/new/more/a.yaml:2:34: webhooks.a: unknown key \"timeuot\"", done.stderr)

    def test_what_it_reads_is_what_the_daemon_can_read(self):
        self.credentials.write("token", "open sesame\n")
        self.daemon.configure(self.content(defaults={"headers": {"X-Token": "${credential:token}"}}))
        self.assertEqual(self.check().returncode, 0)
        code, said = check(self.daemon.config_path, {"CREDENTIALS_DIRECTORY": ""})
        self.assertEqual(code, 1, said)
        self.daemon.configure(self.content(defaults={"headers": {"X-Token": "${credential:other}"}}))
        done = self.check()
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.credentials.path}/other cannot be read: No such file or directory", done.stderr)

    def test_what_a_reload_would_leave_is_told(self):
        self.daemon.configure(self.content(server={"threads": 3}))
        done = self.check()
        self.assertEqual((done.returncode, done.stdout), (0, f"{self.daemon.config_path}: 1 webhook, no faults\n"))
        self.assertEqual(done.stderr, "server.threads would change only at a restart\n")

    def test_programs_get_json(self):
        done = self.check("--json")
        self.assertEqual(json.loads(done.stdout), {"file": str(self.daemon.config_path), "webhooks": 1, "dialplans": 0,
                                                   "summary": "no faults", "warnings": []})
        self.daemon.configure("webhooks: { crm: {} }\ndialplans: { '1': [ dail: '1' ] }\n")
        done = self.check("--json")
        error = json.loads(done.stdout)["error"]
        self.assertEqual((done.returncode, error["code"]), (1, -32010))
        self.assertEqual(error["message"], f"{self.daemon.config_path}: 1 fault, 1 warning")
        self.assertIn(":1:13: webhooks.crm:", error["data"]["errors"][0])
        self.assertIn(':2:21: warning: dialplans.1:', error["data"]["warnings"][0])

    def test_secrets_in_any_file_stay_there(self):
        _, key = Certificates(self.folder.path).issue("server")
        secrets = {"a token": "c4nary\n", "a list of them": "- c4nary\n- c4nary: c4nary\n", "a password": "password: c4nary\n",
                   "that is no YAML": "password: {c4nary\n", "an assignment": "PASSWORD=c4nary\nTOKEN='c4nary'\n",
                   "hashes of passwords": "root:$6$c4nary$c4nary:20228:0:99999:7:::\n" * 2, "a key with a sign in it": "c4nary=c4nary: 1\n",
                   "a tag": "!c4nary/c4nary a\n", "of webhooks": "webhooks:\n  crm: { url: 'http://jan:c4nary@x/{', headers: { X: \"c4nary\\u0007\" }, secret: c4nary }\n",
                   "a private key": pathlib.Path(key).read_text().replace("-----BEGIN", "c4nary -----BEGIN")}
        for name, text in secrets.items():
            with self.subTest(name):
                done = self.check(self.folder.write("secret", text))
                self.assertEqual(done.returncode, 1)
                self.assertNotIn("c4nary", done.stdout + done.stderr)

    def test_what_is_no_file_is_named_and_holds_up_nobody(self):
        os.mkfifo(self.folder.path / "pipe")
        for path in (self.folder.path, self.folder.path / "pipe", "/dev/zero", self.folder.path / "control.sock"):
            with self.subTest(str(path)):
                done = self.check(path)
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"{path}: this is not a regular file", done.stderr)
        self.assertEqual(self.check().returncode, 0)

    def test_no_file_of_this_name(self):
        done = self.check(self.folder.path / "missing.yaml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("missing.yaml: the file cannot be read: No such file or directory", done.stderr)

    def test_wrong_usage(self):
        for arguments in (["a.yaml", "b.yaml"], [""], ["--file", "a.yaml"]):
            with self.subTest(arguments):
                self.assertEqual(self.check(*arguments).returncode, 2)

    def test_no_daemon(self):
        done = self.check(control=self.folder.path / "nobody.sock")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("no daemon answers", done.stderr)

    def test_a_daemon_that_knows_no_check_is_not_taken_for_one_that_found_faults(self):
        path = self.folder.path / "older.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            older = threading.Thread(target=_answer_as_an_older_daemon, args=(listener,), daemon=True)
            older.start()
            done = self.check(control=path)
            join(older, "the older daemon")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("cannot check a configuration: it is an earlier version", done.stderr)
        self.assertEqual(self.check(control=self.daemon.socket_path).returncode, 3)

    def test_the_socket_takes_no_path_that_means_something_else_elsewhere(self):
        for params in ([], "x", {"file": "relative.yaml"}, {"file": 1}, {"file": ""}, {"file": "/a\nb"}, {"file": "/a\0b"}, {"file": "/" + "x" * 5000}):
            with self.subTest(str(params)[:40]):
                self.assertEqual(self.ask({"jsonrpc": "2.0", "id": 1, "method": "check", "params": params})["error"]["code"], -32602)

    def ask(self, question):
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(PATIENCE)
            control.connect(str(self.folder.path / "control.sock"))
            control.sendall(json.dumps(question).encode() + b"\n")
            return json.loads(control.makefile().readline())

    def test_a_reload_after_a_check_keeps_connections(self):
        made = Certificates(self.folder.path)
        web = self.use(WebServer(tls=made.server_context(*made.issue("server"))).on("/", respond("status=ACK")))
        content = configuration({"crm": {"url": web.url("/"), "timeout": ample(), "tls": {"ca_file": str(made.ca_file)}}})
        self.daemon.reload(content)
        engine = self.engine(self.daemon)
        self.assert_success(engine.route("crm"))
        kept = pathlib.Path(made.ca_file).read_text()
        self.folder.write("ca.pem", kept + "# a comment\n")
        self.assertEqual(self.check().returncode, 0)
        self.folder.write("ca.pem", kept)
        self.daemon.reload()
        self.assert_success(engine.route("crm"))
        self.assertEqual(len(web.connections), 1)


def _answer_as_an_older_daemon(listener):
    connection, _ = listener.accept()
    with connection:
        question = json.loads(connection.makefile().readline())
        connection.sendall(json.dumps({"jsonrpc": "2.0", "id": question["id"],
                                       "error": {"code": -32601, "message": "there is no such method"}}).encode() + b"\n")


if __name__ == "__main__":
    unittest.main()
