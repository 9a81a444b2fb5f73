"""`dialhookctl try`: what a webhook sends for a made-up call and what comes of it, with nothing in it that is a secret."""
import base64
import json
import signal
import subprocess
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import sibling
from support.patience import PATIENCE, ample
from support.places import RefusingPort
from support.replies import KEEP, hang, raw, redirect, respond
from support.webserver import WebServer

IVR = {"start_message": "enter", "incorrect_message": "wrong", "timeout_message": "late"}
SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()
CALL = ("--did", "+31502102544", "--callerid", "+31612345678")


class TryTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("status=ACK&destination=101&callername=Jan&queue=sales")))

    def serve(self, keys=None, **more):
        hook = {"url": self.web.url("/?did={did}&from={callerid}"), "timeout": ample(), **(keys or {})}
        self.daemon = self.start(configuration({"crm": hook, **more}))

    def command(self, *arguments):
        return [sibling("dialhookctl"), "--control", str(self.daemon.scratch.path / "control.sock"), *arguments]

    def try_out(self, *arguments, code=0):
        done = subprocess.run(self.command("try", "crm", *CALL, *arguments), capture_output=True, text=True, timeout=PATIENCE * 4)
        self.assertEqual((done.returncode, done.stderr), (code, ""), done.stdout)
        return done.stdout

    def dry_run(self, *arguments, code=0):
        dry_runs = self.dry_runs(*arguments, code=code)
        self.assertEqual(len(dry_runs), 1)
        return dry_runs[0]

    def dry_runs(self, *arguments, code=0):
        return [json.loads(line) for line in self.try_out("--json", *arguments, code=code).splitlines()]

    def headers(self, message):
        return {header["name"]: header["value"] for header in message["headers"]}


class Shown(TryTest):
    def test_request_reply_reading_and_decision(self):
        self.serve()
        dry_run = self.dry_run("--callername", "Jan")
        decision, (exchange,) = dry_run["decision"], dry_run["exchanges"]
        self.assert_success(decision, destination="101", callername="Jan", variables={"queue": "sales"}, webhook="crm")
        self.assertEqual(len(decision["tries"]), 1)
        self.assertEqual((exchange["try"], exchange["url"]), (1, self.web.url("/?did=%2B31502102544&from=%2B31612345678")))
        self.assertEqual((exchange["request"]["method"], exchange["request"]["body"]), ("GET", ""))
        self.assertEqual(self.headers(exchange["request"])["Host"], f"127.0.0.1:{self.web.port}")
        reply = exchange["reply"]
        body = "status=ACK&destination=101&callername=Jan&queue=sales"
        self.assertEqual((reply["status"], reply["body"], reply["body_bytes"]), (200, body, len(body)))
        self.assertEqual(self.headers(reply)["Content-Length"], str(len(body)))
        self.assertEqual(reply["read"], {"status": "ACK", "destination": "101", "callername": "Jan", "variables": {"queue": "sales"}, "format": "form",
                                         "places": [{"field": "status", "place": "status"}, {"field": "destination", "place": "destination"},
                                                    {"field": "callername", "place": "callername"},
                                                    {"field": "variable", "name": "queue", "place": "queue"}],
                                         "nothing_at": []})

    def test_which_pointer_gave_what(self):
        self.web.on("/", respond('{"found":true,"contact":{"phones":["","101"]},"tier":"gold"}'))
        self.serve({"reply": {"status": "/found", "destination": "/contact/phones", "callername": "/contact/name",
                              "variables": {"tier": "/tier"}}})
        self.assertIn("  JSON        status from /found, destination from /contact/phones/1, variable tier from /tier, "
                      "nothing at /contact/name", self.try_out().splitlines())
        (exchange,) = self.dry_run()["exchanges"]
        self.assertEqual(exchange["reply"]["read"]["places"],
                         [{"field": "status", "place": "/found"}, {"field": "destination", "place": "/contact/phones/1"},
                          {"field": "variable", "name": "tier", "place": "/tier"}])
        self.web.on("/", respond('{"found":true,\n "contact":}'))
        self.assertIn("  read as     no reply: the body is broken JSON at line 2, column 12: found U+007D",
                      self.try_out(code=1).splitlines())

    def test_as_text(self):
        self.serve({"method": "POST"})
        lines = self.try_out().splitlines()
        self.assertEqual(lines[0], "try 1 of url: success")
        self.assertEqual(lines[1], f"  request     POST {self.web.url('/?did=%2B31502102544&from=%2B31612345678')}")
        for line in ("  body        did=%2B31502102544&callerid=%2B31612345678&presentation=allowed",
                     "  reply       HTTP status 200", "  body        status=ACK&destination=101&callername=Jan&queue=sales",
                     "  read as     status ACK, destination 101, callername Jan, variable queue = sales", "where the time went"):
            self.assertIn(line, lines)
        chart = lines[lines.index("where the time went") + 1:]
        self.assertEqual([line.split()[0] for line in chart], ["dns", "connect", "tls", "send", "wait", "read", "retries", "in"])

    def test_each_try_and_each_redirect(self):
        self.web.on("/", respond("down", status=503), redirect("/next")).on("/next", respond(status=500))
        other = self.use(WebServer().on("/", respond()))
        self.serve({"retries": 1, "fallback_url": other.url("/")})
        dry_run = self.dry_run()
        self.assertEqual([(one["try"], one["url"].removesuffix("?did=%2B31502102544&from=%2B31612345678"), one["reply"]["status"])
                          for one in dry_run["exchanges"]],
                         [(1, self.web.url("/"), 503), (2, self.web.url("/"), 302), (2, self.web.url("/next"), 500), (3, other.url("/"), 200)])
        self.assertEqual([one["url"] for one in dry_run["decision"]["tries"]], ["url", "url", "fallback_url"])
        self.assertEqual(dry_run["exchanges"][0]["reply"]["read"],
                         {"fault": "the body has no status=", "format": "form", "places": [], "nothing_at": []})

    def test_nobody_answers(self):
        refusing = self.use(RefusingPort())
        self.serve({"url": f"http://127.0.0.1:{refusing.port}/"})
        dry_run = self.dry_run(code=1)
        self.assert_failure(dry_run["decision"], "connect")
        self.assertIsNone(dry_run["exchanges"][0]["reply"])
        self.assertIn("  reply       none", self.try_out(code=1).splitlines())

    def test_a_reply_that_breaks_off_is_shown_as_far_as_it_came(self):
        self.web.on("/", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nstatus=A"))
        self.serve()
        reply = self.dry_run(code=1)["exchanges"][0]["reply"]
        self.assertEqual((reply["status"], reply["body"], reply["read"]), (200, "status=A", None))

    def test_a_reply_that_is_longer_than_its_length_is_shown_with_all_that_came(self):
        body = "status=ACK&callername=Müller&destination=101"
        self.web.on("/", raw(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode(), then=KEEP))
        self.serve()
        reply = self.dry_run(code=1)["exchanges"][0]["reply"]
        self.assertEqual((reply["status"], reply["body"], reply["read"]), (200, body, None))
        self.assertIn("Content-Length counts bytes, not characters", self.try_out(code=1))

    def test_what_is_no_http_is_shown_too(self):
        self.web.on("/", raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"))
        self.serve()
        reply = self.dry_run(code=1)["exchanges"][0]["reply"]
        self.assertEqual((reply["status"], reply["headers"], reply["body"].split()), (None, [], ["SSH-2.0-OpenSSH_9.2"]))

    def test_a_long_body_is_cut(self):
        self.web.on("/", respond("status=ACK&note=" + "x" * 20000))
        self.serve()
        reply = self.dry_run()["exchanges"][0]["reply"]
        self.assertEqual((len(reply["body"]), reply["body_bytes"], reply["body_is_cut"]), (4096, 20016, True))
        self.assertIn("(cut here; it has 20016 bytes)", self.try_out())

    def test_a_terminal_obeys_nothing_of_it(self):
        self.web.on("/", respond(b"status=NAK&callername=\x1b[2J\xe2\x80\xae\nsecond line\r\x9b1m", headers=[("X-Evil", "\x9b31m\x1b]0;x")]))
        self.serve()
        text = self.try_out(code=1)
        self.assertFalse([character for character in text if ord(character) < 32 and character != "\n" or 127 <= ord(character) < 160], text)
        self.assertNotIn("\u202e", text)
        self.assertIn("second line", text)

    def test_what_was_kept_shows_no_request(self):
        self.serve({"cache": "1h"})
        self.try_out()
        dry_run = self.dry_run()
        self.assertEqual((dry_run["decision"]["source"], dry_run["exchanges"]), ("cache", []))


class Masked(TryTest):
    def test_no_secret_is_shown(self):
        echo = lambda connection: respond(f"status=NAK&{self.web.requests[-1].raw.decode('latin-1')}")(connection)
        self.web.on("/", echo)
        secrets = {"Authorization": "Bearer tok-1234567", "X-Api-Key": "key-7654321"}
        self.serve({"headers": secrets, "secret": SECRET})
        shown = self.try_out("--json", code=1) + self.try_out(code=1)
        for secret in ("tok-1234567", "key-7654321", SECRET):
            self.assertNotIn(secret, shown)
        headers = self.headers(json.loads(shown.splitlines()[0])["exchanges"][0]["request"])
        self.assertEqual({headers[name] for name in ("Authorization", "X-Api-Key", "webhook-signature")}, {"***"})

    def test_user_info_is_not_shown(self):
        self.serve({"url": self.web.url("/", user_info="jan:passw0rd@")})
        shown = self.try_out("--json")
        self.assertEqual(self.web.requests[0].header("Authorization"), "Basic amFuOnBhc3N3MHJk")
        for secret in ("passw0rd", "amFuOnBhc3N3MHJk"):
            self.assertNotIn(secret, shown)

    def test_its_log_has_neither_code_nor_body(self):
        self.serve({"url": self.web.url("/?code={code}"), "ivr": IVR})
        self.try_out("--code", "47114711")
        self.assertNotIn("47114711", self.daemon.stderr())


class Codes(TryTest):
    def test_each_code_is_a_firing_until_one_is_no_nak(self):
        self.web.on("/", respond("status=NAK"), respond())
        self.serve({"url": self.web.url("/?code={code}"), "ivr": IVR})
        dry_runs = self.dry_runs("--code", "111", "--code", "222#", "--code", "333")
        self.assertEqual([dry_run["decision"]["branch"] for dry_run in dry_runs], ["failure", "success"])
        self.assertEqual([request.query for request in self.web.requests], ["code=111", "code=222"])
        self.assertEqual(dry_runs[0]["exchanges"][0]["url"], self.web.url("/?code=111"), "who typed it may see it")

    def assert_refused(self, words, *arguments):
        done = subprocess.run(self.command("try", *arguments, *CALL), capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertIn(words, done.stderr)

    def test_what_is_refused(self):
        self.serve(ivr={"url": self.web.url("/?code={code}"), "ivr": IVR})
        self.assert_refused("asks the caller for a code", "ivr")
        self.assert_refused("code must be text of digits", "ivr", "--code", "12x4")
        self.assert_refused("asks the caller for no code", "crm", "--code", "1")
        self.assert_refused("there is no webhook of this name: \"other\"\n  Which are there?  dialhookctl webhooks\n", "other")
        self.assert_refused('there is no webhook of this name: "crmm"; did you mean "crm"?\n', "crmm")
        self.assertEqual(len(self.web.requests), 0)

    def test_wrong_usage_and_no_daemon(self):
        self.serve()
        for arguments in (("try",), ("try", "crm"), ("try", "crm", "--did", "1", "--presentation", "maybe")):
            self.assertEqual(subprocess.run(self.command(*arguments), capture_output=True, timeout=PATIENCE).returncode, 2)
        self.daemon.stop()
        self.assertEqual(subprocess.run(self.command("try", "crm", "--did", "1"), capture_output=True, timeout=PATIENCE).returncode, 3)


class BesideCalls(TryTest):
    def test_it_is_counted_and_logged_as_no_decision(self):
        self.serve()
        self.try_out()
        self.assertEqual(self.daemon.decision_lines(), [])

    def test_the_daemon_answers_others_meanwhile(self):
        self.web.on("/", hang)
        self.serve(other={"url": self.web.url("/other"), "timeout": ample()})
        self.web.on("/other", respond())
        trying = self.use(Process(self.command("try", "crm", *CALL)))
        self.web.wait_request("/")
        self.assertEqual(subprocess.run(self.command("status"), capture_output=True, timeout=PATIENCE).returncode, 0)
        self.assert_success(self.engine(self.daemon).route("other"))
        self.assertIsNone(trying.poll())

    def test_a_stop_does_not_wait_for_it(self):
        self.web.on("/", hang)
        self.serve()
        self.use(Process(self.command("try", "crm", *CALL)))
        self.web.wait_request("/")
        self.daemon.signal(signal.SIGTERM)
        self.assertEqual(self.daemon.wait_exit(), 0)


class Process(subprocess.Popen):
    def __init__(self, command):
        super().__init__(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self):
        self.kill()
        self.wait(PATIENCE)


if __name__ == "__main__":
    unittest.main()
