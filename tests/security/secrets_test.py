"""Canaries: every kind of secret that a configuration or a caller has is put in, everything that can go wrong is made to go
wrong, and none of them comes out of any output of the daemon or of dialhookctl.

The web server is no friend: whatever it is sent, it sends back, in the status line, a header, a redirect and a body.
"""
import base64
import json
import subprocess
import unittest

from support import conversation, replies
from support.case import DialhookTest
from support.certificates import Certificates
from support.configuration import configuration
from support.daemon import check, sibling
from support.dnsserver import DnsServer
from support.patience import PATIENCE, ample, phase
from support.places import BlackHole, Greeter, RefusingPort
from support.proxy import Proxy
from support.replies import head, raw, redirect, respond
from support.webserver import WebServer

PASSWORD, LITERAL, CREDENTIAL, FILE, PROXY = (f"c4nary-{kind}" for kind in ("password", "literal", "credential", "file", "proxy"))
SIGNING = base64.b64encode(b"c4nary-signing-key-of-24-bytes!!").decode()
CODE = "90817263"
USER_INFO = f"jan:{PASSWORD}@"


def canaries():
    """Each secret in every form in which it may come out."""
    plain = [PASSWORD, LITERAL, CREDENTIAL, FILE, PROXY, SIGNING, CODE]
    coded = [f"jan:{PASSWORD}", f"tunnel:{PROXY}", CODE]
    return plain + [base64.b64encode(text.encode()).decode().rstrip("=") for text in coded]


def echo(place):
    """What came, sent back where a careless daemon might quote it."""
    def script(connection):
        came = script.web.requests[-1].raw
        line = came.replace(b"\r\n", b"; ")
        answers = {"status line": b"HTTP/1.1 " + line + b"\r\n\r\n", "field": head(headers=[("Content-Length", 0)])[:-2] + line + b"\r\n\r\n",
                   "location": head(302, [("Location", line.decode("latin-1").replace(" ", "%20"))]),
                   "body": replies.message(line), "unknown status": replies.message(b"status=" + line),
                   "destination": replies.message(b"status=ACK&destination=" + line), "error page": replies.message(line, status=500)}
        return raw(answers[place], then=replies.KEEP)(connection)
    return script


ECHOES = ("status line", "field", "location", "body", "unknown status", "destination", "error page")


class Secrets(DialhookTest):
    def setUp(self):
        super().setUp()
        self.files = self.scratch()
        self.files.write("token", CREDENTIAL + "\n")
        self.files.write("signing", "whsec_" + SIGNING + "\n")
        self.files.write("key", FILE + "\n")
        self.web = self.use(WebServer())
        for n, place in enumerate(ECHOES):
            script = echo(place)
            script.web = self.web
            self.web.on(f"/echo{n}", script)
        self.web.on("/ack", respond("status=ACK&destination=101")).on("/nak", respond("status=NAK")).on("/never", replies.hang)
        self.web.on("/close", replies.close).on("/reset", replies.reset).on("/loop", redirect("/loop")).on("/503", respond("", 503))
        self.web.on("/inside", redirect("http://10.0.0.1/"))

    def hooks(self):
        made = Certificates(self.files.path)
        refusing, hole = self.use(RefusingPort()), self.use(BlackHole())
        no_tls = self.use(Greeter(b"220 mail.example ESMTP\r\n"))
        mutual = self.use(WebServer(tls=made.server_context(*made.issue("server"), client_ca=made.ca_file)).on("/", respond("status=NAK")))
        certificate, self.key = made.issue("client", names="DNS:client")
        common = {"timeout": phase(400), "connect_timeout": phase(200), "description": "as it is",
                  "headers": {"X-Literal": f"Bearer {LITERAL}", "X-Credential": "${credential:token}",
                              "X-File": f"${{file:{self.files.path}/key}}"},
                  "secret": "${credential:signing}"}
        paths = ["/ack", "/nak", "/never", "/close", "/reset", "/loop", "/503", "/inside", *(f"/echo{n}" for n in range(len(ECHOES)))]
        hooks = {f"hook{path.replace('/', ' ')}": {**common, "url": self.web.url(path, user_info=USER_INFO)} for path in paths}
        hooks |= {f"post {name}": {**hook, "method": "POST", "body": "json"} for name, hook in list(hooks.items())}
        hooks["refused"] = {**common, "url": f"http://{USER_INFO}127.0.0.1:{refusing.port}/", "retries": 2,
                            "fallback_url": self.web.url("/503", user_info=USER_INFO), "circuit_breaker": {"failures": 1, "open_for": "1h"}}
        hooks["hole"] = {**common, "url": f"http://{USER_INFO}127.0.0.1:{hole.port}/"}
        hooks["no tls"] = {**common, "url": f"https://{USER_INFO}127.0.0.1:{no_tls.port}/"}
        hooks["inside"] = {**common, "url": f"http://{USER_INFO}10.0.0.1/"}
        hooks["nobody"] = {**common, "url": f"http://{USER_INFO}nobody.invalid/"}
        hooks["mutual"] = {**common, "url": mutual.url("/", user_info=USER_INFO),
                           "tls": {"ca_file": made.ca_file, "client_cert": certificate, "client_key": self.key}}
        code = "?code={code}"
        hooks |= {f"ivr {name}": {**hook, "url": hook["url"] + code, "ivr": {**conversation.IVR, "max_digits": len(CODE)}} for name, hook in list(hooks.items())}
        return hooks

    def start_with(self, content):
        return self.start(content, environment={"CREDENTIALS_DIRECTORY": str(self.files.path)})

    def talk(self, daemon, hooks):
        """All answers to calls of every webhook, the decoded states among them."""
        engine, said = self.engine(daemon), []
        for name in hooks:
            answer = conversation.begin(engine, webhook=name, explain=True)
            said.append(json.dumps(answer))
            while answer["action"] == "collect":
                said.append(conversation.decoded(answer["state"]).decode("latin-1"))
                answer = conversation.go_on(engine, answer, code=CODE)
                said.append(json.dumps(answer))
        engine.send_json(engine.request("call.continue", {"state": "1.c4nary", "code": CODE}),
                         engine.request("call.continue", {"state": 1, "code": [CODE]}))
        said += [json.dumps(engine.answer()) for _ in range(2)]
        return said

    def control(self, daemon, *arguments):
        folder = daemon.scratch.path
        done = subprocess.run([sibling("dialhookctl"), *arguments, "--control", str(folder / "control.sock"), "--socket",
                               str(daemon.socket_path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)
        return done.stdout.decode("utf-8", "replace")

    def operate(self, daemon):
        """What an administrator sees, good and bad."""
        said = [self.control(daemon, command, *form) for command in ("status", "webhooks") for form in ((), ("--json",))]
        said += [self.control(daemon, "plan", conversation.DID), self.control(daemon, "plan", conversation.DID, "--json"),
                 self.control(daemon, "route", "hook ack", "--did", "1", "--callerid", "2"),
                 self.control(daemon, "route", "ivr hook ack", "--did", "1", "--callerid", "2", "--code", CODE),
                 self.control(daemon, "route", "ivr hook nak", "--did", "1", "--callerid", "2", "--code", CODE, "--json")]
        self.files.write("token", CREDENTIAL + "\n\x01")
        said.append(self.control(daemon, "reload"))
        self.files.write("token", CREDENTIAL + "\n")
        daemon.configure(self.faulty())
        said += [self.control(daemon, "reload"), self.control(daemon, "reload", "--json"), check(daemon.config_path)[1]]
        for text in said:
            self.assertTrue(text, "something was said")
        return said

    def faulty(self):
        """Faults at and around every secret; what the daemon quotes must not be one."""
        return f"""
webhooks:
  a: {{ url: "http://{USER_INFO}127.0.0.1:port/" }}
  b: {{ url: "http://{USER_INFO}127.0.0.1/{{unknown}}", headers: {{ "X Y": "{LITERAL}", Host: "{LITERAL}", "X-Z": "{LITERAL}\\n" }} }}
  c: {{ url: "ftp://{USER_INFO}127.0.0.1/", headers: "{LITERAL}", secret: "whsec_{SIGNING}!" }}
  d: {{ url: "http://{USER_INFO}", secret: [ "{LITERAL}", "whsec_{SIGNING[:-4]}*" ] }}
  e: {{ url: "http://jan:{PASSWORD} @crm.example/", headers: {{ X-Literal: [ "{LITERAL}" ] }} }}
  f: {{ url: "http://crm.example/", fallback_url: "http://jan:{PASSWORD}%zz@crm.example/", headers: {{ X: "${{credential:{LITERAL}" }} }}
egress: {{ proxy: "http://tunnel:{PROXY}@proxy.lan:port" }}
"""

    def assert_no_canary(self, outputs):
        for output, text in outputs.items():
            for canary in canaries():
                with self.subTest(output=output, canary=canary):
                    at = text.find(canary)
                    self.assertEqual(at, -1, f"…{text[max(0, at - 200):at + 100]}…")

    def test_no_canary_comes_out(self):
        for log_format in ("json", "text"):
            with self.subTest(log=log_format):
                hooks = self.hooks()
                server = {"log": {"level": "debug", "decisions": "all", "format": log_format},
                          "dns": {"servers": [self.use(DnsServer()).address]}}
                dialplans = {conversation.DID: [{"webhook": "hook ack", "on_success": [{"dial": {"destination": "variable"}}]}]}
                daemon = self.start_with(configuration(hooks, server=server, dialplans=dialplans))
                answers, seen = self.talk(daemon, hooks), self.operate(daemon)
                with open(f"/proc/{daemon.process.pid}/cmdline") as command, open(f"/proc/{daemon.process.pid}/environ") as environment:
                    process = command.read() + environment.read()
                daemon.stop()
                sent = b"".join(request.raw for request in self.web.requests).decode("latin-1")
                for secret in (LITERAL, CREDENTIAL, FILE, CODE, base64.b64encode(f"jan:{PASSWORD}".encode()).decode()):
                    self.assertIn(secret, sent, "the web server was told: the canaries were there")
                with open(self.key) as key:
                    lines = key.read().split("\n")[1:-2]
                self.assertFalse([line for line in lines if any(line in text for text in (daemon.stderr(), *answers, *seen))])
                self.assert_no_canary({"log": daemon.stderr(), "answers": "\n".join(answers), "dialhookctl": "\n".join(seen),
                                       "process": process})

    def test_nor_the_password_of_the_proxy(self):
        answering = {"wrong credentials": Proxy(credentials="tunnel:other"), "no tunnel": Proxy(answer=b"HTTP/1.1 500 no\r\n\r\n")}
        for name, proxy in answering.items():
            with self.subTest(name):
                self.use(proxy)
                hooks = {scheme: {"url": f"{scheme}://crm.example/", "timeout": ample()} for scheme in ("http", "https")}
                egress = {"proxy": f"http://tunnel:{PROXY}@127.0.0.1:{proxy.port}"}
                daemon = self.start_with(configuration(hooks, server={"log": {"level": "debug", "format": "json"}}, egress=egress))
                said = self.talk(daemon, hooks) + [self.control(daemon, "webhooks"), self.control(daemon, "status", "--json")]
                daemon.stop()
                self.assertGreater(len(proxy.asked), 0)
                self.assert_no_canary({"log": daemon.stderr(), "answers": "\n".join(said)})


if __name__ == "__main__":
    unittest.main()
