"""The scripts of docs/webhook-authors.md that verify signatures, asked by the real daemon: its requests are genuine to
them, and nothing else is."""

import base64
import hashlib
import hmac
import http.client
import time
import unittest

from programs import PATIENCE, daemon
from scripts import InEachLanguage, blocks, decision

OLD, NEW, STRANGE = ("whsec_" + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2, 3))

# Webhooks that the scripts must take; their secrets are added below.
GENUINE = {
    "get": "url: 'URL/?did={did}&callerid={callerid}&name={callername}'",
    "a path that is tidied up": "url: 'URL//call//./in?did={did}'",
    "form": "url: 'URL/call?did={did}', method: POST",
    "json": "url: 'URL/call', method: POST, body: json",
}


def signature(secret, message_id, timestamp, content):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def status_of(port, target="/?did=1", body=b"", signed=None, age=0, secret=NEW, **changed):
    """What a script says to a request over `signed` (its content, unless given). `changed`: headers, None for without."""
    timestamp = int(time.time()) - age
    content = signed if signed is not None else body or target.encode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(timestamp),
               "webhook-signature": signature(secret, "msg_1", timestamp, content),
               **{name.replace("_", "-"): value for name, value in changed.items()}}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST" if body else "GET", target, body or None,
                           {name: value for name, value in headers.items() if value is not None})
        return connection.getresponse().status
    finally:
        connection.close()


def plays():
    return blocks("verify")


class VerifyingScripts(InEachLanguage, unittest.TestCase):
    script = "verify"
    environment = (f"WEBHOOK_SECRETS={NEW} {OLD}",)

    def judge(self, port):
        self.judge_the_daemon(port)
        self.judge_strangers(port)

    def judge_the_daemon(self, port):
        genuine = {f"{name} {number}": f"{keys.replace('URL', f'http://127.0.0.1:{port}')}, secret: {secret}"
                   for name, keys in GENUINE.items()
                   for number, secret in enumerate((NEW, OLD, f"[{STRANGE}, {OLD}]"))}
        forged = {f"{name} {number}": f"{keys.replace('URL', f'http://127.0.0.1:{port}')}{secret}"
                  for name, keys in GENUINE.items() for number, secret in ((3, f", secret: {STRANGE}"), (4, ""))}
        with daemon("".join(f"  {name}: {{ {keys} }}\n" for name, keys in (genuine | forged).items())) as engines:
            for name in genuine:
                with self.subTest(name):
                    result = decision(engines, name, "--callerid", "+31612345678", "--callername", "Zoë & Søn")
                    self.assertEqual((result["branch"], result["status"]), ("success", "ACK"), result)
            for name in forged:
                with self.subTest(name):
                    result = decision(engines, name, "--callerid", "+31612345678", "--callername", "Zoë & Søn")
                    self.assertEqual((result["reason"], result["http_status"]), ("http_status", 401), result)

    def judge_strangers(self, port):
        self.assertEqual(status_of(port), 200, "or none of what follows says anything")
        self.assertEqual(status_of(port, body=b"did=1"), 200)
        self.assertEqual(status_of(port, age=240), 200)
        refused = {
            "another target": {"signed": b"/?did=2"},
            "another body": {"body": b"did=1", "signed": b"did=2"},
            "a body, but the target is signed": {"body": b"did=1", "signed": b"/?did=1"},
            "an old one, recorded": {"age": 360},
            "one of the future": {"age": -360},
            "another time than was signed": {"webhook_timestamp": str(int(time.time()) - 10)},
            "another id than was signed": {"webhook_id": "msg_2"},
            "no time": {"webhook_timestamp": None},
            "a time that is no number": {"webhook_timestamp": "now"},
            "a time without end": {"webhook_timestamp": "9" * 5000},
            "no id": {"webhook_id": None},
            "no signature": {"webhook_signature": None},
            "an empty signature": {"webhook_signature": ""},
            "a version without a signature": {"webhook_signature": "v1,"},
            "a stranger's secret": {"secret": STRANGE},
            "an empty secret": {"secret": "whsec_"}}
        for name, request in refused.items():
            with self.subTest(name):
                self.assertEqual(status_of(port, **request), 401)


if __name__ == "__main__":
    unittest.main()
