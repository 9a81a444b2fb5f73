"""The scripts of docs/receiving-events.md, told events by the real daemon: they store each event once, whatever comes, and nothing of
strangers."""

import json
import subprocess
import time
import unittest

from markdown import ROOT
from programs import BIN, PATIENCE
from scripts import InEachLanguage, blocks
from verifying_scripts_test import NEW, OLD, STRANGE, signature, status_of

from support.case import DialhookTest
from support.configuration import configuration
from support.patience import ample

PAGE = ROOT / "docs" / "receiving-events.md"


def plays():
    return blocks("receive", PAGE)


class ReceivingScripts(InEachLanguage, DialhookTest):
    page = PAGE
    script = "receive"
    environment = (f"WEBHOOK_SECRETS={NEW} {OLD}",)

    def judge(self, port):
        self.events = self.folder / "events"
        self.port = port
        self.judge_the_daemon()
        self.judge_strangers()

    def stored(self):
        """The bodies by webhook-id; a file that is not finished is none."""
        return {path.stem: json.loads(path.read_text()) for path in self.events.glob("*.json")}

    def ctl(self, daemon, *arguments):
        done = subprocess.run([BIN / "dialhookctl", "--control", daemon.scratch.path / "control.sock", *arguments],
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def deliveries(self, daemon):
        return [json.loads(line) for line in self.ctl(daemon, "deliveries", "--json").splitlines()]

    def judge_the_daemon(self):
        files = self.scratch()
        daemon = self.start(configuration({}, notifications={
            name: {"url": f"http://127.0.0.1:{self.port}/", "secret": secret, "timeout": ample()}
            for name, secret in (("new", NEW), ("old", OLD), ("both", [STRANGE, OLD]))}),
            scratch=files, arguments=("--state", str(files.path / "state")))
        with daemon.engine() as engine:
            engine.report("1", "created", "answered", "ended", did="+31502102544", callername="Zoë & Søn")
        while any(delivery["state"] == "waiting" for delivery in self.deliveries(daemon)):
            pass
        deliveries = self.deliveries(daemon)
        self.assertEqual({delivery["state"] for delivery in deliveries}, {"delivered"})
        before = self.stored()
        self.assertEqual(set(before), {delivery["webhook_id"] for delivery in deliveries})
        self.assertEqual(len(before), 9)
        self.assertEqual(sorted(body["seq"] for body in before.values()), [1, 1, 1, 2, 2, 2, 3, 3, 3])
        self.assertEqual({body["caller"]["name"] for body in before.values()}, {"Zoë & Søn"})
        self.ctl(daemon, "replay", *(str(delivery["id"]) for delivery in deliveries))
        while any(delivery["state"] == "waiting" for delivery in self.deliveries(daemon)):
            pass
        self.assertEqual(self.stored(), before, "what comes twice is stored once")
        self.assertEqual(len(json.loads(self.ctl(daemon, "test", "new", "--json"))["urls"]), 1)
        self.assertEqual(len(self.stored()), 10)
        daemon.stop()

    def judge_strangers(self):
        before = self.stored()
        body = b'{"call_id":"1","seq":1}'
        self.assertEqual(status_of(self.port, body=body), 204, "or none of what follows says anything")
        self.assertEqual(self.stored(), {**before, "msg_1": json.loads(body)})
        self.assertEqual(status_of(self.port, body=b'{"call_id":"1","seq":2}'), 204)
        self.assertEqual(self.stored()["msg_1"], json.loads(body), "the first one stays")
        known = self.stored()
        escaping, now = "../escaped", int(time.time())
        refused = {
            "another body": {"body": body, "signed": b"{}"},
            "an old one, recorded": {"body": body, "age": 360},
            "another id than was signed": {"body": body, "webhook_id": "msg_2"},
            "an id that leads elsewhere": {"body": body, "webhook_id": escaping,
                                           "webhook_signature": signature(NEW, escaping, now, body),
                                           "webhook_timestamp": str(now)},
            "no id": {"body": body, "webhook_id": None},
            "no signature": {"body": body, "webhook_signature": None},
            "a stranger's secret": {"body": body, "secret": STRANGE}}
        for name, request in refused.items():
            with self.subTest(name):
                self.assertEqual(status_of(self.port, **request), 401)
        self.assertEqual(self.stored(), known)
        self.assertEqual(list(self.folder.glob("escaped*")), [])


if __name__ == "__main__":
    unittest.main()
