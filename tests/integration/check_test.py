"""`dialhookd --check`: every fault of a configuration in one run, each with its place, and none where there is none."""
import json
import os
import pwd
import re
import resource
import socket
import subprocess
import unittest

from support.case import DialhookTest
from support.configuration import as_yaml, configuration
from support.daemon import check, program
from support.patience import PATIENCE, SLACK

HOOK = "webhooks:\n  crm:\n    url: http://crm.example/\n"

# YAML text -> [(line, column or None, words of the message)]
FAULTS = {
    # Keys
    "unknown key of a webhook": (HOOK + "    timeot: 1s\n", [(4, 5, ["timeot", "timeout"])]),
    "unknown key of the server": (HOOK + "server:\n  thread: 2\n", [(5, 3, ["thread", "threads"])]),
    "unknown key of tls": (HOOK + "    tls:\n      ca_fil: /x\n", [(5, 7, ["ca_fil", "ca_file"])]),
    "unknown key of dns": (HOOK + "server:\n  dns: { server: [127.0.0.1:53] }\n", [(5, 10, ["server", "servers"])]),
    "unknown key of log": (HOOK + "server:\n  log:\n    levl: info\n", [(6, 5, ["levl", "level"])]),
    "unknown key of egress": (HOOK + "egress:\n  allowed: []\n", [(5, 3, ["allowed", "allow"])]),
    "unknown key of defaults": (HOOK + "defaults:\n  conect_timeout: 1s\n", [(5, 3, ["conect_timeout", "connect_timeout"])]),
    "unknown key at the top": ("webhook: {}\n", [(1, 1, ["webhook", "webhooks"])]),
    "key in capitals": (HOOK + "    Timeout: 1s\n", [(4, 5, ["Timeout", "timeout"])]),
    "duplicate key of a webhook": (HOOK + "    url: http://crm.example/2\n", [(4, 5, ["url"])]),
    "duplicate webhook": (HOOK + "  crm:\n    url: http://crm.example/2\n", [(4, 3, ["crm"])]),
    "duplicate section": (HOOK + "webhooks: {}\n", [(4, 1, ["webhooks"])]),
    "duplicate header": (HOOK + "    headers:\n      X-A: 1\n      X-A: 2\n", [(6, 7, ["X-A"])]),
    "url as a default": (HOOK + "defaults:\n  url: http://crm.example/\n", [(5, 3, ["url"])]),
    # The file
    "empty file": ("", [(None, None, [])]),
    "only a comment": ("# nothing\n", [(None, None, [])]),
    "no mapping": ("- a\n- b\n", [(1, 1, [])]),
    "broken YAML": ("webhooks:\n  crm: {url: http://crm.example/\n", [(None, None, [])]),
    "tab as indent": ("webhooks:\n\tcrm: 1\n", [(2, None, [])]),
    "webhook without url": ("webhooks:\n  crm:\n    timeout: 1s\n", [(None, None, ["url"])]),
    "webhook that is text": ("webhooks:\n  crm: http://crm.example/\n", [(2, None, [])]),
    "name with a slash": ("webhooks:\n  a/b:\n    url: http://crm.example/\n", [(2, 3, ["a/b"])]),
    "name that is too long": (f"webhooks:\n  {'x' * 65}:\n    url: http://crm.example/\n", [(2, 3, ["64"])]),
    # Values
    "zero timeout": (HOOK + "    timeout: 0\n", [(4, 14, ["timeout"])]),
    "zero timeout with a unit": (HOOK + "    timeout: 0ms\n", [(4, 14, ["timeout"])]),
    "negative time": (HOOK + "    timeout: -1s\n", [(4, 14, [])]),
    "unit that nobody knows": (HOOK + "    timeout: 5 parsecs\n", [(4, 14, ["5 parsecs"])]),
    "no time at all": (HOOK + "    connect_timeout: soon\n", [(4, 22, ["soon"])]),
    "time without a value": (HOOK + "    timeout:\n", [(4, None, [])]),
    "zero max_in_flight": (HOOK + "    max_in_flight: 0\n", [(4, 20, [])]),
    "zero threads": (HOOK + "server:\n  threads: 0\n", [(5, 12, [])]),
    "threads that are no number": (HOOK + "server:\n  threads: many\n", [(5, 12, ["many"])]),
    "redirects below zero": (HOOK + "    redirects: -1\n", [(4, 16, [])]),
    "method that nobody knows": (HOOK + "    method: PUT\n", [(4, 13, ["PUT", "GET", "POST"])]),
    "body that nobody knows": (HOOK + "    method: POST\n    body: xml\n", [(5, 11, ["xml", "form", "json"])]),
    "callerid that nobody knows": (HOOK + "    callerid: callee\n", [(4, 15, ["callee", "caller", "called"])]),
    "truth that is none": (HOOK + "server:\n  redact: maybe\n", [(5, 11, ["maybe"])]),
    "TLS version": (HOOK + "    tls: { min_version: \"1.1\" }\n", [(4, 25, ["1.1", "1.2"])]),
    "log level": (HOOK + "server:\n  log: { level: loud }\n", [(5, 17, ["loud"])]),
    "log decisions": (HOOK + "server:\n  log: { decisions: some }\n", [(5, 21, ["some", "failures"])]),
    "log format": (HOOK + "server:\n  log: { format: xml }\n", [(5, 18, ["xml", "json"])]),
    "DNS server that is a name": (HOOK + "server:\n  dns: { servers: [ns.example] }\n", [(5, 20, ["ns.example"])]),
    "egress network with bits left over": (HOOK + "egress:\n  allow: [10.0.0.0/33]\n", [(5, 11, ["10.0.0.0/33"])]),
    "egress that is neither": (HOOK + "egress:\n  deny: [\"*.example\"]\n", [(5, 10, ["*.example"])]),
    "pattern of a destination": (HOOK + "    destinations: [\"+31x\"]\n", [(4, 20, ["+31x"])]),
    # URLs
    "unknown variable": ("webhooks:\n  crm:\n    url: http://crm.example/?n={number}\n", [(3, None, ["number"])]),
    "unclosed brace": ("webhooks:\n  crm:\n    url: http://crm.example/?n={did\n", [(3, None, [])]),
    "closing brace alone": ("webhooks:\n  crm:\n    url: http://crm.example/?n=did}\n", [(3, None, [])]),
    "variable in the host": ("webhooks:\n  crm:\n    url: http://{did}.example/\n", [(3, None, ["did"])]),
    "variable in the port": ("webhooks:\n  crm:\n    url: http://crm.example:{did}/\n", [(3, None, [])]),
    "variable in the user info": ("webhooks:\n  crm:\n    url: http://{did}@crm.example/\n", [(3, None, [])]),
    "variable in the scheme": ("webhooks:\n  crm:\n    url: \"{did}://crm.example/\"\n", [(3, None, [])]),
    "variable in the fragment": ("webhooks:\n  crm:\n    url: \"http://crm.example/#{did}\"\n", [(3, None, [])]),
    "code without an IVR": ("webhooks:\n  crm:\n    url: http://crm.example/?c={code}\n", [(3, None, ["code"])]),
    "another scheme": ("webhooks:\n  crm:\n    url: ftp://crm.example/\n", [(3, 10, ["ftp"])]),
    "no scheme": ("webhooks:\n  crm:\n    url: crm.example/hook\n", [(3, 10, [])]),
    "no host": ("webhooks:\n  crm:\n    url: http:///hook\n", [(3, None, [])]),
    "white space in the URL": ("webhooks:\n  crm:\n    url: http://crm.example/a b\n", [(3, None, [])]),
    "port that is none": ("webhooks:\n  crm:\n    url: http://crm.example:99999/\n", [(3, None, [])]),
    # Headers
    "header that the daemon sets": (HOOK + "    headers: { Host: x }\n", [(4, None, ["Host"])]),
    "Content-Length": (HOOK + "    headers: { content-length: 5 }\n", [(4, None, ["content-length"])]),
    "Transfer-Encoding": (HOOK + "    headers: { Transfer-Encoding: chunked }\n", [(4, None, ["Transfer-Encoding"])]),
    "Connection": (HOOK + "    headers: { Connection: close }\n", [(4, None, ["Connection"])]),
    "header name that is none": (HOOK + "    headers: { \"X Y\": x }\n", [(4, None, ["X Y"])]),
    "line end in a header": (HOOK + "    headers: { X: \"a\\r\\nb\" }\n", [(4, None, ["X"])]),
    "missing file": (HOOK + "    headers: { X: \"${file:/nonexistent/x}\" }\n", [(4, None, ["/nonexistent/x"])]),
    "missing credential": (HOOK + "    headers: { X: \"${credential:nobody}\" }\n", [(4, None, ["nobody"])]),
    "certificate that is missing": (HOOK + "    tls: { ca_file: /nonexistent/ca.pem }\n", [(4, None, ["/nonexistent/ca.pem"])]),
    "client certificate without a key": (HOOK + "    tls: { client_cert: /nonexistent/c.pem }\n", [(4, None, ["client_key"])]),
}

# What later versions bring is unknown as long as it does not work
GOOD = """
# every key at once
server:
  socket: /run/dialhook/dialhook.sock
  socket_mode: 0660
  control: /run/dialhook/control.sock
  threads: 2
  drain: 0
  redact: true
  allow_users: [root]
  allow_groups: [root]
  dns: { servers: ["127.0.0.1:53", "[::1]:53", 192.0.2.1] }
  log: { level: info, decisions: failures, format: auto }
egress:
  allow: [ 10.20.0.0/16, crm.lan, "::1", 127.0.0.1 ]
  deny: [ 10.20.30.40 ]
defaults: { timeout: 3s, callerid: called }
include: conf.d/*.yaml
webhooks:
  CRM connection:
    url: https://user:pass@crm.example:8443/hook/{did}?cid={callerid}&name={callername}&id={call_id}&json={{}}
    description: asks the CRM
    callerid: suppressed
    timeout: 1.5s
    connect_timeout: 250ms
    method: POST
    body: json
    redirects: 0
    headers: { X-Key: text, X-Number: 5 }
    tls: { min_version: "1.3" }
    destinations: ["+31*", "1??", "sip:*@pbx.example"]
    max_in_flight: 50
  minutes: { url: http://crm.example, timeout: 2m, connect_timeout: 1 }
  "hours.and-more_": { url: "http://[2001:db8::1]:8080/", timeout: 1h }
"""


class Check(DialhookTest):
    def setUp(self):
        super().setUp()
        self.files = self.scratch()

    def check(self, text, name="dialhook.yaml"):
        return check(self.files.write(name, text))

    def assert_fault(self, said, line, column, words, name="dialhook.yaml"):
        """One of the lines of `said` names this place, and has these words."""
        place = re.escape(name) + ":" + (r"\d+" if line is None else str(line)) + ":" + (r"\d+" if column is None else str(column)) + r"\b"
        there = [text for text in said.splitlines() if re.search(place, text)]
        self.assertTrue(there, f"nothing about {line}:{column} in:\n{said}")
        self.assertTrue(any(all(word in text for word in words) for text in there), f"{words} missing in:\n{said}")

    def test_a_good_file_has_no_faults(self):
        self.files.write("conf.d/more.yaml", "webhooks:\n  more: { url: http://crm.example/ }\n")
        for text in (GOOD, HOOK, "webhooks: {}\n", as_yaml(configuration({}))):
            with self.subTest(text[:40]):
                code, said = self.check(text)
                self.assertEqual(code, 0, said)

    def test_every_fault_is_named_with_its_place(self):
        for name, (text, faults) in FAULTS.items():
            with self.subTest(name):
                code, said = self.check(text)
                self.assertEqual(code, 1, said)
                for fault in faults:
                    self.assert_fault(said, *fault)

    def test_of_a_header_s_value_no_piece_in_braces_is_quoted(self):
        """It may be a secret; what is nearly a variable is none."""
        for value, words in {"tok{en-s3cret}x": "is no variable; a literal { is written {{", "{s3cret": "this { is not closed",
                             '{"s3cret":1}': "is no variable", "a{s3\u0441ret}": "is no variable", "{Callerid}": "did you mean {callerid}?",
                             "{var.tenat}": "declare its name"}.items():
            with self.subTest(value):
                code, said = self.check(HOOK + f"    headers: {{ X: {json.dumps(value)} }}\n")
                self.assertEqual(code, 1)
                self.assertIn(words, said)
                self.assertNotRegex(said, "s3.?ret")

    def test_all_faults_come_in_one_run(self):
        hook = "  hook{}:\n    url: http://crm.example/\n    timeot: 1s\n    timeout: 0\n"
        text = "webhooks:\n" + "".join(hook.format(n) for n in range(50))
        text += "server:\n  thread: 1\n"
        code, said = self.check(text)
        self.assertEqual(code, 1)
        for n in range(50):
            self.assert_fault(said, 4 + 4 * n, 5, ["timeot", "timeout"])
            self.assert_fault(said, 5 + 4 * n, 14, [])
        self.assert_fault(said, 203, 3, ["thread"])

    def test_included_files_are_checked_and_named(self):
        main = "include: conf.d/*.yaml\n" + HOOK
        cases = {
            "fault inside": ("webhooks:\n  a:\n    timeot: 1s\n    url: http://crm.example/\n", (3, 5, ["timeot"])),
            "name that stands twice": ("webhooks:\n  crm:\n    url: http://crm.example/\n", (2, 3, ["crm"])),
            "server settings": ("server:\n  threads: 1\n", (1, 1, ["server"])),
            "egress": ("egress:\n  allow: []\n", (1, 1, ["egress"])),
            "defaults": ("defaults:\n  timeout: 1s\n", (1, 1, ["defaults"])),
            "nesting": ("include: more/*.yaml\n", (1, 1, ["include"])),
        }
        for name, (text, fault) in cases.items():
            with self.subTest(name):
                self.files.write("conf.d/50-customer.yaml", text)
                code, said = self.check(main)
                self.assertEqual(code, 1, said)
                self.assert_fault(said, *fault, name="50-customer.yaml")
        with self.subTest("one file that is not there"):
            code, said = self.check("include: custmers.yaml\n" + HOOK)
            self.assertEqual(code, 1, said)
            self.assert_fault(said, 1, 10, ["custmers.yaml"])
        with self.subTest("no match is no fault"):
            code, said = self.check("include: nothing.d/*.yaml\n" + HOOK)
            self.assertEqual(code, 0, said)

    def test_warnings_refuse_nothing(self):
        code, said = self.check(HOOK + "dialplans:\n  \"1\":\n    - dail: \"1\"\n")
        self.assertEqual(code, 0, said)
        self.assert_fault(said, 6, 7, ["warning: ", "dail", "dial"])
        self.assertIn("1 webhook, no faults, 1 warning", said)

    def test_more_faults_than_are_shown_are_counted_right(self):
        hook = "  n{}: {{ url: http://crm.example/, timeout: 0 }}\n"
        code, said = self.check("webhooks:\n" + "".join(hook.format(n) for n in range(1003)))
        self.assertEqual(code, 1)
        self.assertEqual(said.splitlines()[-1], "1003 faults")
        self.assertTrue(said.splitlines()[-2].endswith("3 more faults are not shown"), said.splitlines()[-2])

    def test_beside_a_daemon_of_another_user_it_says_what_it_cannot_know(self):
        control = self.files.path / "control.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(control))
            text = HOOK + "server: { control: %s }\n" % control
            code, said = self.check(text)
            self.assertEqual((code, "note:" in said), (0, False), said)
            os.chown(control, pwd.getpwnam("nobody").pw_uid, -1)
            code, said = self.check(text)
            self.assertEqual(code, 0, said)
            self.assertIn("note: the daemon runs as the user nobody, with other rights than root", said)
            self.assertIn(f"sudo dialhookctl --control {control} check {self.files.path}/dialhook.yaml", said)

    def test_a_file_that_is_not_there(self):
        code, said = check(self.files.path / "missing.yaml")
        self.assertEqual(code, 1)
        self.assertIn("missing.yaml", said)

    def test_a_hundred_thousand_webhooks_load_in_no_time(self):
        body = "\n".join(f"  customer-{n}:\n    url: https://crm{n}.example/hook?did={{did}}&cid={{callerid}}\n    timeout: 3s"
                         for n in range(100_000))
        path = self.files.write("dialhook.yaml", f"webhooks:\n{body}\n")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        code, said = check(path)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime    # of the CPU: the machine may be busy
        print(f"100,000 webhooks, {path.stat().st_size / 1e6:.1f} MB: checked in {seconds:.2f} s")
        self.assertEqual(code, 0, said[:1000])
        self.assertLess(seconds, 60 * SLACK)    # a look-up that goes through all of them takes minutes


class CommandLine(DialhookTest):
    def run_with(self, *arguments):
        done = subprocess.run([program(), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

    def test_version_and_help(self):
        code, out, _ = self.run_with("--version")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"\d+\.\d+\.\d+")
        code, out, _ = self.run_with("--help")
        self.assertEqual(code, 0)
        for option in ("--config", "--check", "--version"):
            self.assertIn(option, out)

    def test_wrong_usage(self):
        said = {("--nonsense",): "unknown option --nonsense; there are", ("--config",): "FILE", ("dialhook.yaml",): 'the argument "dialhook.yaml" has no option; use --config FILE',
                ("-c", "a.yaml"): "unknown option -c; use --config FILE", ("-config", "a.yaml"): "unknown option -config; use --config FILE",
                ("--conf", "a.yaml"): "unknown option --conf; use --config FILE", ("--conf=a.yaml",): "unknown option --conf; use --config FILE",
                ("--confg", "a.yaml"): "unknown option --confg; use --config FILE", ("-ca.yaml",): "unknown option -ca.yaml",
                ("--config", "a.yaml", "b.yaml"): 'the argument "b.yaml" is not expected', ("--config", "a.yaml", "--chek"): "unknown option --chek; use --check",
                ("--check", "a.yaml"): 'the argument "a.yaml" has no option; use --config FILE', ("--config", "--check"): "expected a FILE after it, found the option --check",
                (): "name the configuration: --config FILE", ("--check",): "name the configuration: --config FILE",
                ("\x1b[31mred",): 'the argument "?[31mred" has no option'}
        for arguments, words in said.items():
            with self.subTest(arguments):
                code, out, err = self.run_with(*arguments)
                self.assertEqual((code, out), (2, ""))
                self.assertIn(words, err)

    def test_places_where_nobody_can_listen(self):
        files = self.scratch()
        files.write("file.sock", "")
        cases = {"a foreign address": ("http: 192.0.2.7:9464", "server.http: cannot listen on 192.0.2.7 port 9464: Cannot assign requested address; no interface"),
                 "an address that is in use": (f"fastagi: 127.0.0.1:{self.use(RefusingListener()).port}", "server.fastagi: cannot listen on 127.0.0.1 port"),
                 "a file": (f"control: {files.path}/file.sock", "file.sock: this exists and is not a socket; remove it, or set another path")}
        for name, (setting, said) in cases.items():
            with self.subTest(name):
                config = files.write("dialhook.yaml", f"server:\n  socket: {files.path}/engine.sock\n  {setting}\n" +
                                     ("" if setting.startswith("control") else f"  control: {files.path}/control.sock\n"))
                code, out, err = self.run_with("--config", str(config))
                self.assertEqual((code, out), (1, ""))
                self.assertIn(said, err)
        with self.subTest("a port below 1024"):
            config = files.write("dialhook.yaml", f"server: {{ socket: {files.path}/e.sock, control: {files.path}/c.sock, http: '127.0.0.1:81' }}\n")
            files.path.chmod(0o777)
            done = subprocess.run(["setpriv", "--reuid=nobody", "--clear-groups", program(), "--config", str(config)], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, 1)
            self.assertIn("server.http: cannot listen on 127.0.0.1 port 81: Permission denied; a port below 1024", done.stderr)


class RefusingListener:
    """A port that another program has."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def close(self):
        self._socket.close()


if __name__ == "__main__":
    unittest.main()
