"""Signed requests of the real daemon, judged by the reference library of Standard Webhooks from npm."""
import base64
import json
import os
import subprocess
import unittest

from support import ROOT
from support.case import DialhookTest
from support.configuration import configuration
from support.patience import PATIENCE, ample
from support.program import find_program
from support.replies import redirect, respond
from support.webserver import WebServer

MODULES = ROOT / "build" / "e2e" / "npm" / "node_modules"
OLD, NEW, STRANGE = ("whsec_" + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2, 3))
SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


def verdicts(*questions):
    """What the library says of each: a request, its secret, and what to change about it."""
    assert (MODULES / "standardwebhooks").is_dir(), f"{MODULES} has no standardwebhooks; scripts/install-e2e installs it"
    lines = []
    for request, secret, changed in questions:
        headers = {name: request.header(name) for name in SIGNED}
        content = request.body.decode() or request.target
        lines.append(json.dumps({"secret": secret, "headers": headers, "content": content, **changed}))
    done = subprocess.run([find_program("node"), ROOT / "tests" / "e2e" / "verify.js"], input="\n".join(lines) + "\n",
                          capture_output=True, text=True, timeout=PATIENCE * 4, env={**os.environ, "NODE_PATH": str(MODULES)})
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


class ReferenceLibrary(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond()))

    def requests_of(self, **keys):
        """All that one call sends."""
        hook = {"url": self.web.url("/?did={did}&name={callername}"), "timeout": ample(), "secret": NEW, **keys}
        self.assert_success(self.engine(self.start(configuration({"crm": hook}))).route("crm", callername="Zoë & Søn"))
        return self.web.requests.entries()

    def assert_genuine(self, requests, secret=NEW):
        self.assertEqual(verdicts(*((request, secret, {}) for request in requests)), ["genuine"] * len(requests))

    def test_a_get_over_its_target(self):
        self.assert_genuine(self.requests_of())

    def test_a_form(self):
        self.assert_genuine(self.requests_of(method="POST"))

    def test_json(self):
        self.assert_genuine(self.requests_of(method="POST", body="json"))

    def test_two_secrets_are_good_for_either(self):
        requests = self.requests_of(secret=[NEW, OLD])
        self.assert_genuine(requests, NEW)
        self.assert_genuine(requests, OLD)

    def test_each_try_and_each_hop_on_the_origin(self):
        self.web.on("/", respond(status=503), redirect("/next?a=b%20c")).on("/next", respond())
        requests = self.requests_of(retries=1, method="POST")
        self.assertEqual([(request.method, request.path) for request in requests],
                         [("POST", "/"), ("POST", "/"), ("GET", "/next")])
        self.assert_genuine(requests)
        self.assertEqual(len({request.header("webhook-id") for request in requests}), 1)

    def test_it_refuses_what_was_changed(self):
        request, = self.requests_of()
        headers = {name: request.header(name) for name in SIGNED}
        changes = {"another secret": (STRANGE, {}), "another content": (NEW, {"content": request.target + "1"}),
                   "another id": (NEW, {"headers": {**headers, "webhook-id": "msg_1"}}),
                   "another time": (NEW, {"headers": {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)}})}
        judged = verdicts(*((request, secret, changed) for secret, changed in changes.values()))
        self.assertEqual(dict(zip(changes, judged)), dict.fromkeys(changes, "No matching signature found"))


if __name__ == "__main__":
    unittest.main()
