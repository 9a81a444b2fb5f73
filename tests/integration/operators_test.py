"""What operators see of call events, and do about them: `dialhookctl notifications`, `deliveries`, `replay` and `test`, `status`, metrics, and the
status page as far as no browser is needed."""
import base64
import json
import re
import signal
import socket
import stat
import subprocess
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import sibling
from support.patience import PATIENCE, Deadline, ample, phase
from support.places import RefusingPort
from support.ports import free_port
from support.prometheus import Metrics
from support.replies import hang, redirect, respond
from support.signatures import is_signed_by
from support.webserver import WebServer

DID = "+31502102544"
SECRET = base64.b64encode(b"operators' secret of 32 bytes ..").decode()


class OperatorsTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("")))
        self.files = self.scratch()
        self.port = free_port()

    def content(self, notifications, *, server=None, **more):
        named = {name: {"timeout": ample(), "connect_timeout": ample(), **keys} for name, keys in notifications.items()}
        return configuration(more.pop("webhooks", {}), notifications=named, server={"http": f"127.0.0.1:{self.port}", **(server or {})}, **more)

    def serve(self, notifications, **more):
        self.begin(self.content(notifications, **more))

    def begin(self, content, **options):
        self.daemon = self.start(content, scratch=self.files, arguments=("--state", str(self.files.path / "state")), **options)
        self.asking = self.engine(self.daemon)

    def command(self, *arguments):
        return [sibling("dialhookctl"), "--control", str(self.files.path / "control.sock"), *map(str, arguments)]

    def ctl(self, *arguments, code=0):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=4 * PATIENCE)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stderr == "", code == 0 or arguments[0] == "test", done.stderr)
        return done.stdout

    def refused(self, *arguments, code=1):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=4 * PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        return done.stderr

    def notifications(self):
        return json.loads(self.ctl("notifications", "--json"))

    def deliveries(self, *arguments):
        return [json.loads(line) for line in self.ctl("deliveries", "--json", *arguments).splitlines()]

    def wait(self, what, check):
        """Until `check` of what `notifications` shows is true."""
        deadline = Deadline()
        while not check(shown := self.notifications()):
            assert not deadline.over(), f"{what}; there is {shown}"
        return shown

    def wait_row(self, what, check, name="crm"):
        shown = self.wait(what, lambda shown: any(row["name"] == name and check(row) for row in shown["notifications"]))
        return next(row for row in shown["notifications"] if row["name"] == name and check(row))


class Notifications(OperatorsTest):
    def test_what_waits_and_what_was_delivered_by_url(self):
        self.web.on("/b", respond(status=503))
        self.serve({"crm": {"url": [self.web.url("/"), self.web.url("/b", user_info="jan:passw0rd@")], "description": "the CRM"},
                    "quiet": {"url": self.web.url("/quiet"), "dids": ["+49*"]}})
        self.asking.report("1", "created", "ended", did=DID)
        self.wait_row("two were delivered", lambda row: row["number"] == 1 and row["delivered"] == 2)
        self.wait_row("one failed", lambda row: row["number"] == 2 and row["failed"] >= 1 and row["last_error"])
        shown = self.notifications()
        first, second, quiet = shown["notifications"]
        self.assertEqual((first["name"], first["url"], first["of"], first["description"], first["waiting"], first["oldest_at"], first["failed"]),
                         ("crm", self.web.url("/"), 2, "the CRM", 0, None, 0))
        self.assertEqual((second["waiting"], second["delivered"], second["last_error"], second["is_off"]), (2, 0, "HTTP status 503", False))
        self.assertEqual(second["url"], self.web.url("/b", user_info="***@"))
        self.assertLessEqual(second["oldest_at"], shown["now"])
        self.assertEqual((quiet["name"], quiet["waiting"], quiet["delivered"], quiet["is_configured"]), ("quiet", 0, 0, True))
        self.assertTrue(shown["durable"])
        self.assertGreater(shown["bytes"], 0)
        self.assertEqual(shown["trouble"], [], "a moment's failure is none")

    def test_as_a_table(self):
        self.web.on("/", respond(status=500))
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created")
        self.wait_row("it failed", lambda row: row["last_error"])
        heading, line = self.ctl("notifications").splitlines()
        self.assertEqual(heading.split("  ")[0], "NAME")
        self.assertRegex(line, rf"^crm +1 +\d+ s +0 +\d+ +0 +0  failing +{re.escape(self.web.url())} +HTTP status 500$")

    def test_none_are_configured(self):
        self.serve({})
        self.assertEqual(self.ctl("notifications"), "no notifications are configured\n")

    def test_one_that_is_switched_off_is_told_everywhere_until_a_reload(self):
        self.web.on("/", respond(status=410))
        content = self.content({"crm": {"url": self.web.url()}})
        self.begin(content)
        self.asking.report("1", "created")
        row = self.wait_row("it is off", lambda row: row["is_off"])
        self.assertEqual((row["waiting"], row["last_error"]), (1, "HTTP status 410"))
        words = "notification crm is switched off"
        self.assertIn(f"! {words}", self.ctl("notifications"))
        self.assertIn(words, self.ctl("status"))
        self.assertEqual(Metrics(self.port)("dialhook_notification_off", notification="crm"), 1)
        self.web.on("/", respond(""))
        self.daemon.reload(content)
        self.wait_row("it is on, and delivered", lambda row: not row["is_off"] and row["delivered"] == 1 and row["waiting"] == 0)
        self.assertNotIn("switched off", self.ctl("status"))
        self.assertEqual(Metrics(self.port)("dialhook_notification_off", notification="crm"), 0)

    def test_what_waits_for_one_that_a_reload_removed(self):
        self.web.on("/", respond(status=500))
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created")
        self.wait_row("it failed", lambda row: row["last_error"])
        self.daemon.reload(self.content({}))
        (row,) = self.notifications()["notifications"]
        self.assertEqual((row["name"], row["is_configured"], row["waiting"]), ("crm", False, 1))
        self.assertIn("not configured", self.ctl("notifications"))

    def test_webhooks_that_no_call_waits_for(self):
        self.web.on("/count", respond("status=ACK"))
        self.serve({}, webhooks={"campaign": {"url": self.web.url("/count"), "wait": False, "timeout": ample()}})
        self.asking.route("campaign", call_id="1")
        shown = self.wait("it was delivered", lambda shown: any(row["delivered"] for row in shown["webhooks"]))
        self.assertEqual([(row["webhook"], row["waiting"], row["delivered"]) for row in shown["webhooks"]], [("campaign", 0, 1)])
        (delivery,) = self.deliveries()
        self.assertEqual((delivery["webhook"], delivery["call_id"], delivery["state"]), ("campaign", "1", "delivered"))
        self.assertIn("(request)", self.ctl("deliveries"))


class Deliveries(OperatorsTest):
    def serve_two_calls(self):
        """Of `1` everything is delivered; of `2` one event failed and one waits behind it."""
        self.web.on("/no", respond(status=500))
        self.serve({"crm": {"url": self.web.url("/"), "dids": ["+31*"]}, "broken": {"url": self.web.url("/no"), "dids": ["+49*"]}})
        self.asking.report("1", "created", "ended", did=DID)
        self.asking.report("2", "created", "ended", did="+4930123456")
        self.wait_row("two were delivered", lambda row: row["delivered"] == 2)
        self.wait_row("one failed", lambda row: row["failed"] >= 1, "broken")

    def test_all_of_them_the_oldest_first(self):
        self.serve_two_calls()
        shown = self.deliveries()
        self.assertEqual([(row["call_id"], row["event"], row["seq"], row["notification"], row["state"]) for row in shown],
                         [("1", "created", 1, "crm", "delivered"), ("1", "ended", 2, "crm", "delivered"),
                          ("2", "created", 1, "broken", "waiting"), ("2", "ended", 2, "broken", "waiting")])
        self.assertEqual([row["id"] for row in shown], sorted(row["id"] for row in shown))
        self.assertEqual([row["webhook_id"] for row in shown[:2]], [request.header("webhook-id") for request in self.web.requests_for("/")])
        self.assertEqual((shown[0]["http_status"], shown[0]["attempts"], shown[0]["next_at"], shown[0]["detail"]), (200, 1, None, None))
        failed = shown[2]
        self.assertEqual((failed["http_status"], failed["detail"], failed["url"]), (500, "HTTP status 500", self.web.url("/no")))
        self.assertGreater(failed["next_at"], failed["reported_at"])

    def test_the_wanted_ones_alone(self):
        self.serve_two_calls()
        self.assertEqual([(row["call_id"], row["event"]) for row in self.deliveries("--failed")], [("2", "created")])
        self.assertEqual([row["event"] for row in self.deliveries("--call", "1")], ["created", "ended"])
        self.assertEqual(self.deliveries("--call", "none"), [])
        self.assertEqual(len(self.deliveries("--since", "1h")), 4)
        self.assertEqual(len(self.deliveries("--since", "1h", "--call", "2", "--failed")), 1)

    def test_as_a_table(self):
        self.serve_two_calls()
        heading, first, second, third, fourth = self.ctl("deliveries").splitlines()
        self.assertEqual(heading.split(), "ID REPORTED TO EVENT CALL STATE TRIES NEXT TRY LAST ANSWER URL".split())
        self.assertRegex(first, r"^ *\d+  \d\d-\d\d \d\d:\d\d:\d\d  crm +created +1 +delivered +1 +HTTP status 200 +http://")
        self.assertRegex(third, r" broken +created +2 +waiting +\d+  \d\d-\d\d \d\d:\d\d:\d\d +HTTP status 500 ")
        self.assertEqual(self.ctl("deliveries", "--call", "none"), "no deliveries are kept that match\n")

    def test_a_terminal_obeys_nothing_of_it(self):
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("\x1b[2Jevil\u202e", "created")
        self.wait_row("it was delivered", lambda row: row["delivered"] == 1)
        text = self.ctl("deliveries")
        self.assertFalse([character for character in text if ord(character) < 32 and character != "\n"], text)
        self.assertNotIn("\u202e", text)

    def test_wrong_usage(self):
        for arguments, words in ((("deliveries", "--since", "yesterday"), "a time such as"), (("replay",), "id is required"),
                                 (("replay", "0"), "0"), (("replay", "x"), "x"), (("test",), "notification is required"),
                                 (("deliveries", "more"), "more")):
            with self.subTest(arguments):
                self.assertIn(words, self.refused(*arguments, code=2))

    def test_wrong_parameters_on_the_socket(self):
        self.serve({})
        control = self.use(socket.socket(socket.AF_UNIX))
        control.settimeout(PATIENCE)
        control.connect(str(self.files.path / "control.sock"))
        answers = self.use(control.makefile())
        for method, params in (("deliveries", {"limit": 1001}), ("deliveries", {"since_s": -1}), ("deliveries", {"failed": 1}),
                               ("deliveries", {"call_id": 1}), ("deliveries", []), ("replay", {}), ("replay", {"id": 0}), ("replay", {"id": "1"}),
                               ("replay", None), ("test", {}), ("test", {"notification": 1}), ("test", {"notification": "\n"})):
            with self.subTest(method, params=params):
                control.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
                self.assertEqual(json.loads(answers.readline())["error"]["code"], -32602)


class Replay(OperatorsTest):
    def test_what_was_delivered_comes_again_with_its_webhook_id(self):
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created", "ended", did=DID)
        self.wait_row("both were delivered", lambda row: row["delivered"] == 2)
        created, _ = self.deliveries()
        self.assertEqual(self.ctl("replay", created["id"]), f"delivery {created['id']} is sent again\n")
        self.wait_row("once more", lambda row: row["delivered"] == 3)
        first, _, again = self.web.requests_for("/")
        self.assertEqual((again.header("webhook-id"), again.body, again.header("webhook-sequence")), (first.header("webhook-id"), first.body, "1"))
        self.assertEqual(len(self.deliveries()), 2, "it is the same delivery")

    def test_what_waits_is_tried_at_once(self):
        self.web.on("/", respond(status=503, headers=[("Retry-After", "3600")]), respond(""))
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created")
        self.wait_row("it failed", lambda row: row["failed"] == 1)
        (waiting,) = self.deliveries("--failed")
        self.ctl("replay", waiting["id"])
        self.wait_row("it was delivered", lambda row: row["delivered"] == 1)
        first, second = self.web.requests_for("/")
        self.assertEqual(first.header("webhook-id"), second.header("webhook-id"))

    def test_several_as_json(self):
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created", "ended")
        self.wait_row("both were delivered", lambda row: row["delivered"] == 2)
        numbers = [delivery["id"] for delivery in self.deliveries()]
        self.assertEqual([json.loads(line) for line in self.ctl("replay", "--json", *numbers).splitlines()], [{"id": number} for number in numbers])
        self.wait_row("both once more", lambda row: row["delivered"] == 4)

    def test_one_that_redact_masked(self):
        self.serve({"crm": {"url": self.web.url()}}, server={"redact": True})
        self.asking.report("1", "created", did=DID)
        self.wait_row("it was delivered", lambda row: row["delivered"] == 1)
        (delivery,) = self.deliveries()
        self.assertEqual(self.refused("replay", delivery["id"]), f"dialhookctl: delivery {delivery['id']} cannot be sent again: `server.redact` masked "
                                                                 "what was stored of it\n")
        self.assertEqual(len(self.web.requests_for("/")), 1)

    def test_one_whose_url_is_switched_off(self):
        self.web.on("/", respond(status=410))
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created")
        self.wait_row("it is off", lambda row: row["is_off"])
        (delivery,) = self.deliveries()
        self.assertEqual(self.refused("replay", delivery["id"]), f"dialhookctl: delivery {delivery['id']} cannot be sent again: its URL was "
                                                                 "switched off by a 410 Gone; correct the URL or the web server, then `dialhookctl reload`\n")

    def test_one_whose_notification_is_gone(self):
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created")
        self.wait_row("it was delivered", lambda row: row["delivered"] == 1)
        (delivery,) = self.deliveries()
        self.daemon.reload(self.content({}))
        self.assertEqual(self.refused("replay", delivery["id"]), f"dialhookctl: delivery {delivery['id']} cannot be sent again: the configuration no "
                                                                 "longer has its notification or its URL; put it back, then `dialhookctl reload`\n")
        self.assertEqual(self.deliveries()[0]["state"], "delivered")

    def test_one_whose_url_was_corrected_goes_to_the_new_one(self):
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created")
        self.wait_row("it was delivered", lambda row: row["delivered"] == 1)
        (delivery,) = self.deliveries()
        self.web.on("/new", respond(""))
        self.daemon.reload(self.content({"crm": {"url": self.web.url("/new")}}))
        self.ctl("replay", delivery["id"])
        self.wait_row("once more", lambda row: row["url"] == self.web.url("/new") and row["delivered"] == 1)
        (first,), (again,) = self.web.requests_for("/"), self.web.requests_for("/new")
        self.assertEqual(first.header("webhook-id"), again.header("webhook-id"))

    def test_several_of_which_some_are_refused(self):
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created")
        self.wait_row("it was delivered", lambda row: row["delivered"] == 1)
        (delivery,) = self.deliveries()
        done = subprocess.run(self.command("replay", 4711, delivery["id"], 4712), capture_output=True, text=True, timeout=4 * PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (1, f"delivery {delivery['id']} is sent again\n"))
        self.assertIn("no delivery 4711", done.stderr)
        self.assertIn("no delivery 4712", done.stderr)
        self.wait_row("once more", lambda row: row["delivered"] == 2)

    def test_one_that_is_not_there(self):
        self.serve({"crm": {"url": self.web.url()}})
        self.assertEqual(self.refused("replay", 4711), "dialhookctl: there is no delivery 4711 any more, or never was\n"
                                                       "  Which are there?  dialhookctl deliveries\n")


class Test(OperatorsTest):
    def test_request_and_reply_of_each_url(self):
        self.web.on("/b", respond("thank you", status=202))
        self.serve({"crm": {"url": [self.web.url("/"), self.web.url("/b")], "headers": {"X-Tenant": "acme-17"}, "secret": f"whsec_{SECRET}"}})
        test = json.loads(self.ctl("test", "crm", "--json"))
        self.assertEqual((test["notification"], test["event"]), ("crm", "created"))
        self.assertTrue(test["call_id"].startswith("dialhook-test-"))
        first, second = test["urls"]
        self.assertEqual((first["url"], first["delivered"], first["http_status"], first["detail"]), (self.web.url("/"), True, 200, None))
        (exchange,) = second["exchanges"]
        self.assertEqual((exchange["url"], exchange["request"]["method"], exchange["reply"]["status"], exchange["reply"]["body"]),
                         (self.web.url("/b"), "POST", 202, "thank you"))
        (request,) = self.web.requests_for("/b")
        self.assertEqual(exchange["request"]["body"], request.body.decode())
        self.assertTrue(is_signed_by(SECRET, request))
        self.assertEqual((request.header("webhook-id"), request.header("X-Tenant")), (test["webhook_id"], "acme-17"))
        self.assertEqual(request.json()["call_id"], test["call_id"])

    def test_as_text(self):
        self.serve({"crm": {"url": self.web.url(), "events": ["ended"]}})
        lines = self.ctl("test", "crm").splitlines()
        self.assertRegex(lines[0], "^a made-up event `ended` of the call dialhook-test-[0-9a-f]+$")
        self.assertRegex(lines[1], rf"^{re.escape(self.web.url())}: delivered \(HTTP status 200, [\d.]+ ms\)$")
        self.assertEqual(lines[2], f"  request     POST {self.web.url()}")
        self.assertIn("  reply       HTTP status 200", lines)
        self.assertEqual(self.web.requests_for("/")[0].json()["reason"], "completed")

    def test_what_fails_ends_with_1(self):
        refusing = self.use(RefusingPort())
        self.web.on("/no", respond("who are you?", status=401)).on("/hangs", hang)
        self.serve({"no": {"url": [self.web.url("/"), self.web.url("/no")]}, "dead": {"url": f"http://127.0.0.1:{refusing.port}/"},
                    "hangs": {"url": self.web.url("/hangs"), "timeout": phase(200)}})
        said = self.ctl("test", "no", code=1)
        self.assertIn("not delivered (HTTP status 401, ", said)
        self.assertIn("  body        who are you?", said.splitlines())
        (dead,) = json.loads(self.ctl("test", "dead", "--json", code=1))["urls"]
        self.assertEqual((dead["delivered"], dead["http_status"], dead["exchanges"][0]["reply"]), (False, None, None))
        (late,) = json.loads(self.ctl("test", "hangs", "--json", code=1))["urls"]
        self.assertEqual((late["delivered"], late["detail"]), (False, "no answer within `timeout`"))

    def test_redirects_are_shown(self):
        self.web.on("/", redirect("/next", status=307)).on("/next", respond("", status=204))
        self.serve({"crm": {"url": self.web.url()}})
        (url,) = json.loads(self.ctl("test", "crm", "--json"))["urls"]
        self.assertEqual([(exchange["url"], exchange["reply"]["status"]) for exchange in url["exchanges"]],
                         [(self.web.url("/"), 307), (self.web.url("/next"), 204)])

    def test_no_secret_is_shown(self):
        echo = lambda connection: respond(self.web.requests[-1].raw.decode("latin-1"))(connection)
        self.web.on("/", echo)
        secrets = {"Authorization": "Bearer tok-1234567", "X-Api-Key": "key-7654321"}
        self.serve({"headers": {"url": self.web.url(), "headers": secrets, "secret": f"whsec_{SECRET}"},
                    "user info": {"url": self.web.url(user_info="jan:passw0rd@")}})
        shown = "".join(self.ctl("test", name, *options) for name in ("headers", "user info") for options in ((), ("--json",)))
        for secret in ("tok-1234567", "key-7654321", SECRET, "passw0rd", "amFuOnBhc3N3MHJk"):
            self.assertNotIn(secret, shown)
        self.assertEqual(self.web.requests[0].header("Authorization"), "Bearer tok-1234567")

    def test_the_egress_rules_hold(self):
        self.serve({"crm": {"url": self.web.url()}}, egress={"allow": ["192.0.2.1"]})
        (url,) = json.loads(self.ctl("test", "crm", "--json", code=1))["urls"]
        self.assertFalse(url["delivered"])
        self.assertEqual(self.web.requests.entries(), [])

    def test_the_spool_knows_nothing_of_it(self):
        self.web.on("/", respond(status=410))
        self.serve({"crm": {"url": self.web.url()}})
        self.ctl("test", "crm", code=1)
        (row,) = self.notifications()["notifications"]
        self.assertEqual((row["delivered"], row["failed"], row["is_off"], self.deliveries()), (0, 0, False, []))

    def test_one_that_is_not_there(self):
        self.serve({"crm": {"url": self.web.url()}})
        self.assertEqual(self.refused("test", "crmm"), "dialhookctl: there is no notification 'crmm'; did you mean \"crm\"?\n"
                                                       "  Which are there?  dialhookctl notifications\n")

    def test_the_daemon_goes_on_meanwhile_and_a_stop_does_not_wait_for_it(self):
        self.web.on("/hangs", hang).on("/crm", respond())
        self.serve({"hangs": {"url": self.web.url("/hangs")}, "crm": {"url": self.web.url("/")}},
                   webhooks={"crm": {"url": self.web.url("/crm"), "timeout": ample()}}, server={"drain": "100ms"})
        testing = subprocess.Popen(self.command("test", "hangs"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(testing.wait)
        self.addCleanup(testing.kill)
        self.web.wait_request("/hangs")
        self.assert_success(self.asking.route("crm"))
        self.asking.report("1", "created", "ended")
        self.wait_row("others are told", lambda row: row["delivered"] == 2)
        self.assertIsNone(testing.poll())
        self.daemon.signal(signal.SIGTERM)
        self.assertEqual(self.daemon.wait_exit(), 0)


class Status(OperatorsTest):
    def spool_of(self, text):
        """The line `spool` and those below it that have no name."""
        found = re.search(r"^  spool +(.*\n(?: {16}.*\n)*)", text, re.MULTILINE)
        return [line.strip() for line in found[1].splitlines()] if found else None

    def test_what_waits(self):
        self.web.on("/", respond(status=500))
        self.serve({"crm": {"url": self.web.url()}})
        deadline = Deadline()
        while self.spool_of(self.ctl("status")) != ["durable, nothing waits"]:  # its file is opened while calls are taken already
            assert not deadline.over(), "a durable spool"
        self.asking.report("1", "created")
        self.assertEqual(self.spool_of(self.ctl("status")), ["durable, 1 event waits"])
        self.asking.report("1", "ended")
        self.assertEqual(self.spool_of(self.ctl("status")), ["durable, 2 events wait"])
        status = self.daemon.status()
        self.assertEqual((status["notifications"], status["spool"]["durable"], status["spool"]["events_waiting"], status["spool"]["trouble"]),
                         (1, True, 2, []))

    def test_without_a_folder_nothing_is_durable_and_that_is_told_everywhere(self):
        self.daemon = self.start(self.content({"crm": {"url": self.web.url()}}), scratch=self.files,
                                 environment={"WATCHDOG_USEC": str(10**6), "STATE_DIRECTORY": ""})
        # The first one may be from before the spool looked for its folder.
        self.daemon.notify.messages.wait_entry(lambda line: line.startswith("STATUS=events are not stored"), "its STATUS=")
        line, trouble = self.spool_of(self.ctl("status"))
        self.assertEqual(line, "in memory alone, nothing waits")
        self.assertRegex(trouble, "^events are not stored: .*--state")
        self.assertIn(f"! {trouble}", self.ctl("notifications"))
        self.assertEqual(Metrics(self.port)("dialhook_spool_durable"), 0)

    def test_who_has_neither_is_not_bothered(self):
        self.daemon = self.start(self.content({}), scratch=self.files, environment={"STATE_DIRECTORY": ""})
        self.assertIsNone(self.spool_of(self.ctl("status")))
        self.assertIsNone(Metrics(self.port)("dialhook_spool_durable"))

    def test_the_service_manager_is_told_nothing_while_all_is_well(self):
        self.begin(self.content({"crm": {"url": self.web.url()}}))
        self.daemon.notify.messages.wait(lambda lines: any(line.startswith("STATUS=") for line in lines), "STATUS=")
        (state,) = [line for line in self.daemon.notify.messages.entries() if line.startswith("STATUS=")]
        self.assertNotIn("event", state)
        self.assertNotIn("crm", state)

    def test_the_spool_is_readable_for_the_daemon_alone(self):
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created", callerid="+31612345678")
        files = sorted((self.files.path / "state").glob("spool.db*"))
        self.assertGreaterEqual(len(files), 1)
        for file in files:
            self.assertEqual(stat.S_IMODE(file.stat().st_mode) & 0o077, 0, file)


class Exposed(OperatorsTest):
    def test_what_became_of_events(self):
        self.web.on("/", respond(status=500), respond(""))
        self.serve({"crm": {"url": self.web.url()}, "idle": {"url": self.web.url("/idle"), "dids": ["+49*"]}})
        self.asking.report("1", "created", did=DID)
        self.wait_row("it was delivered at last", lambda row: row["delivered"] == 1)
        self.asking.report("1", "ended")
        self.asking.ask("call.event", call_id="1", event="answered")
        self.wait_row("both", lambda row: row["delivered"] == 2)
        metrics = Metrics(self.port)
        total = lambda event, result, name="crm": metrics("dialhook_events_total", notification=name, event=event, result=result)
        self.assertEqual((total("created", "delivered"), total("created", "failed"), total("ended", "delivered")), (1, 1, 1))
        self.assertEqual((total("created", "expired"), total("ringing", "dropped"), total("created", "delivered", "idle")), (0, 0, 0),
                         "zeros are there, for alerts on the first one")
        self.assertEqual(metrics("dialhook_events_total", notification="", event="", result="late"), 1)
        self.assertEqual((metrics("dialhook_events_waiting", notification="crm"), metrics("dialhook_events_oldest_age_seconds", notification="crm")),
                         (0, 0))
        self.assertEqual(metrics("dialhook_event_seconds_count", notification="crm"), 2)
        self.assertGreaterEqual(metrics("dialhook_event_seconds_sum", notification="crm"), 1, "one of them was tried again after a second")
        self.assertEqual(metrics("dialhook_event_seconds_bucket", notification="crm", le="+Inf"), 2)
        self.assertGreater(metrics("dialhook_spool_bytes"), 0)
        self.assertEqual(metrics("dialhook_spool_durable"), 1)

    def test_what_waits_and_for_how_long_over_all_urls(self):
        self.web.on("/a", hang).on("/b", hang)
        self.serve({"crm": {"url": [self.web.url("/a"), self.web.url("/b")]}})
        self.asking.report("1", "created")
        deadline = Deadline()
        while not (age := Metrics(self.port)("dialhook_events_oldest_age_seconds", notification="crm")):
            assert not deadline.over(), "an age"
        metrics = Metrics(self.port)
        self.assertEqual(metrics("dialhook_events_waiting", notification="crm"), 2)
        self.assertGreaterEqual(metrics("dialhook_events_oldest_age_seconds", notification="crm"), age)
        self.assertIsNone(metrics("dialhook_event_seconds_count", notification="crm"))

    def test_the_status_page_has_notifications_and_no_urls(self):
        self.web.on("/no", respond(status=500))
        self.serve({"crm": {"url": [self.web.url("/"), self.web.url("/no", user_info="jan:passw0rd@")], "description": "the CRM"}})
        self.asking.report("1", "created", did=DID)
        self.wait_row("it failed", lambda row: row["last_error"])
        raw = self.use(socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE))
        raw.sendall(b"GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n")
        received = b""
        while received.count(b"\n\n") < 1:
            received += raw.recv(65536)
        event = received.partition(b"\r\n\r\n")[2].partition(b"\n\n")[0].removeprefix(b"data: ")
        state = json.loads(event)
        first, second = state["notifications"]
        self.assertEqual((first["name"], first["number"], first["of"], first["description"], first["delivered"]), ("crm", 1, 2, "the CRM", 1))
        self.assertEqual((second["number"], second["waiting"], second["last_error"]), (2, 1, "HTTP status 500"))
        self.assertEqual(state["spool"]["fault"], "")
        self.assertNotIn(b"http://", event)
        self.assertNotIn(b"passw0rd", event)


if __name__ == "__main__":
    unittest.main()
