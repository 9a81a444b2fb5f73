"""`dialhookctl tail` and `top`, and the status page as far as no browser is needed."""
import json
import os
import pty
import signal
import socket
import subprocess
import threading
import unittest
import urllib.parse

from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import sibling
from support.journal import Journal
from support.patience import PATIENCE, Deadline, ample
from support.ports import free_port
from support.prometheus import fetch
from support.replies import respond
from support.webserver import WebServer


class Watching(DialhookTest):
    hooks = {}  # beside the two that all tests have

    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("status=ACK&destination=101")).on("/no", respond("status=NAK")))
        self.port = free_port()

    def serve(self, **server):
        self.daemon = self.start(configuration(
            {**self.hooks, "crm": {"url": self.web.url(), "timeout": ample()}, "no": {"url": self.web.url("/no"), "timeout": ample()}},
            dialplans={"100": [{"dial": "reception"}]}, server={"http": f"127.0.0.1:{self.port}", **server}))
        self.asking = self.engine(self.daemon)

    def command(self, *arguments):
        return [sibling("dialhookctl"), "--control", str(self.daemon.scratch.path / "control.sock"), *arguments]

    def run_ctl(self, *arguments):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=2 * PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def follow(self, *arguments):
        """The lines of a command that goes on, as they come."""
        process = subprocess.Popen(self.command(*arguments), stdout=subprocess.PIPE, text=True)
        lines = Journal()

        def read():
            for line in process.stdout:
                lines.add(line.rstrip("\n"))
        reader = threading.Thread(target=read, daemon=True)
        reader.start()

        def end():
            process.kill()
            process.wait(PATIENCE)
            reader.join(PATIENCE)
            process.stdout.close()
        self.addCleanup(end)
        return lines


class Tail(Watching):
    def test_decisions_made_before_and_then_as_they_are_made(self):
        self.serve()
        self.asking.route("crm", call_id="first")
        lines = self.follow("tail", "--json")
        lines.wait_count(1, "the one before")
        self.asking.route("no", call_id="second")
        lines.wait_count(2, "the next one")
        first, second = map(json.loads, lines.entries())
        self.assertEqual((first["call_id"], first["webhook"], first["branch"], first["destination"]),
                         ("first", "crm", "success", "101"))
        self.assertEqual((second["call_id"], second["reason"], second["http_status"]), ("second", "nak", 200))
        phases = ["dns", "connect", "tls", "send", "wait", "read"]
        self.assertEqual(list(first["timing"]), [phase for phase in phases if phase in first["timing"]], "as they happen")
        self.assertIn("wait", second["timing"])

    def test_several_destinations_are_all_shown(self):
        """In a line, as JSON, and on the status page; the last of too many are cut off whole."""
        self.hooks = {"several": {"url": self.web.url("/several"), "timeout": ample(), "max_destinations": 10}}
        self.serve()
        uris = [f"sip:{at}{'x' * 40}@pbx.example" for at in range(10)]
        replies = [["101", "+31502102544"], uris, ["103"]]
        for numbers in replies:
            self.web.on("/several", respond(json.dumps({"status": True, "destination": numbers})))
            self.asking.route("several")
        lines, printed = self.follow("tail", "--json"), self.follow("tail")
        lines.wait_count(3, "decisions")
        printed.wait_count(3, "lines")
        two, ten, one = map(json.loads, lines.entries())
        self.assertEqual([decision["destination"] for decision in (two, ten, one)], ["101", uris[0], "103"])
        self.assertEqual((two["destinations"], one["destinations"]), ("101, +31502102544", None))
        self.assertTrue(ten["destinations"].startswith(f"{uris[0]}, {uris[1]}"), ten)
        self.assertIn("dials 101, +31502102544  ", printed.entries()[0])
        self.assertIn("dials 103  ", printed.entries()[2])

    def test_lines_for_people(self):
        self.serve()
        self.asking.route("crm", callername="Jan\u2028")
        self.asking.route("no")
        self.asking.send_json(self.asking.request("call.route", {"did": "100"}))
        self.asking.answer()
        lines = self.run_ctl("tail", "--once").splitlines()
        self.assertEqual(len(lines), 3)
        self.assertRegex(lines[0], r"^\d\d:\d\d:\d\d\.\d{3}  success +[\d.]+ ms  crm  .* -> ")
        self.assertIn(r"Jan\u{2028}", lines[0])
        self.assertIn("  nak  ", lines[1])
        self.assertIn("no webhook", lines[2])

    def test_the_wanted_ones_alone(self):
        self.serve()
        for webhook in ("crm", "no", "crm", "no"):
            self.asking.route(webhook)
        self.assertEqual(len(self.run_ctl("tail", "--once").splitlines()), 4)
        self.assertEqual(len(self.run_ctl("tail", "--once", "--failures").splitlines()), 2)
        self.assertEqual(len(self.run_ctl("tail", "--once", "--webhook", "crm", "-n", "1").splitlines()), 1)
        self.assertEqual(self.run_ctl("tail", "--once", "-n", "0"), "")

    def test_a_webhook_that_is_not_there_is_told_and_not_waited_for(self):
        self.serve()
        done = subprocess.run(self.command("tail", "--webhook", "crn"), capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (1, "", "dialhookctl: there is no webhook 'crn'; did you mean \"crm\"?\n  Which are there?  dialhookctl webhooks\n"))

    def test_redact_masks_numbers_and_names(self):
        self.serve(redact=True)
        self.asking.route("crm", callerid="+31687654321", callername="Jan")
        text = self.run_ctl("tail", "--once", "--json")
        self.assertNotIn("31687654321", text)
        self.assertNotIn("Jan", text)
        self.assertNotIn("101", json.loads(text)["destination"])

    def test_what_was_lost_is_told(self):
        self.serve()
        control = socket.socket(socket.AF_UNIX)
        self.use(control).connect(str(self.daemon.scratch.path / "control.sock"))
        control.settimeout(PATIENCE)

        def ask(**params):
            control.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "decisions", "params": params}).encode() + b"\n")
            with control.makefile() as answers:
                return json.loads(answers.readline())
        begin = ask(limit=10)["result"]
        for _ in range(600):
            self.asking.route("crm")
        result = ask(limit=1000, cursor=begin["cursor"])["result"]
        self.assertEqual((len(result["decisions"]), result["lost"]), (512, 88))
        self.assertEqual(ask(limit=1000, cursor=result["cursor"])["result"]["decisions"], [])
        for wrong in ({"cursor": ["x"]}, {"cursor": {}}, {"limit": -1}, {"limit": 10**6}, {"webhook": 1}):
            self.assertEqual(ask(**wrong)["error"]["code"], -32602, wrong)


class Top(Watching):
    def test_one_table_without_a_terminal(self):
        self.serve()
        self.asking.route("crm")
        text = self.run_ctl("top")
        self.assertIn("WEBHOOK", text)
        self.assertRegex(text, r"(?m)^crm ")

    def test_json(self):
        self.serve()
        self.asking.route("no")
        top = json.loads(self.run_ctl("top", "--json"))
        self.assertEqual(top["known"], 2)
        self.assertEqual({row["name"]: row["total"]["failure"] for row in top["webhooks"]}, {"crm": 0, "no": 1})

    def test_a_terminal_is_taken_over_and_given_back(self):
        self.serve()
        ours, theirs = pty.openpty()
        process = subprocess.Popen(self.command("top"), stdin=theirs, stdout=theirs, stderr=theirs)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        os.close(theirs)
        shown = b""
        deadline = Deadline()
        while b"crm" not in shown and not deadline.over():
            shown += os.read(ours, 65536)
        self.assertIn(b"\x1b[?1049h", shown)
        process.send_signal(signal.SIGWINCH)
        os.write(ours, b"q")
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:
            pass    # the other side is closed
        os.close(ours)
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertTrue(shown.endswith(b"\x1b[?25h\x1b[?1049l"), shown[-60:])


class RefusedRequests(Watching):
    def refuse(self, **params):
        self.asking.send_json(self.asking.request("call.route", {"did": "1", **params}))
        return self.asking.answer()["error"]

    def top(self):
        return json.loads(self.run_ctl("top", "--json"))

    def test_what_was_asked_for_is_told_with_how_often_and_the_nearest_name(self):
        self.serve()
        for _ in range(3):
            self.refuse(webhook="crmm", call_id="first")
        self.refuse(did="101", call_id="second")
        number, webhook = self.top()["refused_requests"]
        self.assertEqual((webhook["code"], webhook["asked_for"], webhook["name"], webhook["nearest"], webhook["count"]),
                         (-32001, "webhook", "crmm", "crm", 3))
        self.assertEqual((webhook["call_id"], webhook["did"], webhook["is_known_now"]), ("first", "1", False))
        self.assertEqual((number["code"], number["asked_for"], number["name"], number["nearest"]), (-32002, "did", "101", "100"))
        text = self.run_ctl("top")
        self.assertIn('refused: 3 requests for webhook crmm (-32001); did you mean "crm"?', text)

    def test_those_of_all_threads_are_one(self):
        self.serve(threads=3)
        for engine in [self.engine(self.daemon) for _ in range(6)]:
            self.asking = engine
            self.refuse(webhook="nobody")
        (row,) = self.top()["refused_requests"]
        self.assertEqual((row["name"], row["count"]), ("nobody", 6))

    def test_made_up_names_are_summed_up_as_others(self):
        self.serve()
        for number in range(200):
            self.refuse(webhook=f"made up {number}")
        rows = self.top()["refused_requests"]
        self.assertEqual(len(rows), 50)
        self.assertEqual((rows[0]["asked_for"], rows[0]["name"], rows[0]["count"]), ("others", "", 136))

    def test_redact_masks_them(self):
        self.serve(redact=True)
        for number in ("+31687654321", "+31687654322"):
            self.refuse(did=number)
        self.refuse(did="+31687654321", webhook="+31612345678")
        text = self.run_ctl("top", "--json")
        for number in ("87654321", "87654322", "12345678"):
            self.assertNotIn(number, text)
        self.assertEqual([(row["name"], row["count"]) for row in json.loads(text)["refused_requests"]], [("+***", 1), ("***", 2)])

    def test_a_name_that_was_configured_since_is_told_so(self):
        self.serve()
        self.refuse(webhook="later")
        content = json.loads(self.daemon.config_path.read_text())
        content["webhooks"]["later"] = content["webhooks"]["crm"]
        self.daemon.reload(content)
        self.assertTrue(self.top()["refused_requests"][0]["is_known_now"])


class Failing(Watching):
    def rows(self, **query):
        """The rows of the first event that the status page gets."""
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.use(raw).sendall(f"GET /events?{urllib.parse.urlencode(query)} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        received = b""
        while received.count(b"\n\n") < 1:
            received += raw.recv(65536)
        event = received.partition(b"\r\n\r\n")[2].partition(b"\n\n")[0]
        return json.loads(event.removeprefix(b"data: "))

    def test_a_quiet_one_that_always_fails_comes_before_twenty_thousand_others(self):
        hooks = {f"customer {number:05}": {"url": self.web.url(), "timeout": ample()} for number in range(20_000)}
        hooks["zz quiet"] = {"url": self.web.url("/broken"), "timeout": ample(), "description": "the night desk"}
        self.web.on("/broken", respond(status=500))
        self.daemon = self.start(configuration(hooks, server={"http": f"127.0.0.1:{self.port}"}))
        with self.daemon.engine() as engine:
            for number in range(2200):
                engine.route(f"customer {number:05}")
            engine.route("zz quiet")
            state = self.rows()
            self.assertEqual((state["known"], len(state["webhooks"])), (20_001, 100))
            first = state["webhooks"][0]
            self.assertEqual((first["name"], first["is_failing"], first["description"]), ("zz quiet", True, "the night desk"))
            self.assertEqual((first["last_failure"]["reason"], first["last_failure"]["in_a_row"]), ("http_status", 1))
            self.assertFalse(any(row["is_failing"] for row in state["webhooks"][1:]))
            self.assertEqual(self.rows(order="name")["webhooks"][0]["name"], "customer 00000")
            self.assertEqual(self.rows(order="name", webhook="zz quiet")["webhooks"][-1]["name"], "zz quiet",
                             "the one that is open stays")

    def test_a_no_is_no_failure_and_one_failure_among_answers_is_none(self):
        self.serve()
        for _ in range(3):
            self.asking.route("no")
        self.asking.route("crm")
        self.web.on("/", respond(status=500))
        self.asking.route("crm")
        rows = {row["name"]: row for row in self.rows()["webhooks"]}
        self.assertEqual((rows["no"]["is_failing"], rows["no"]["last_failure"]), (False, None))
        self.assertEqual((rows["crm"]["is_failing"], rows["crm"]["last_failure"]["in_a_row"]), (False, 1))
        self.asking.route("crm")
        self.assertEqual(self.rows()["webhooks"][0]["name"], "crm")
        self.web.on("/", respond("status=NAK"))
        self.asking.route("crm")
        self.assertFalse(any(row["is_failing"] for row in self.rows()["webhooks"]), "it answers again")

    def test_an_open_breaker_tells_the_last_real_failure(self):
        self.web.on("/broken", respond(status=500))
        self.daemon = self.start(configuration(
            {"crm": {"url": self.web.url("/broken"), "timeout": ample(), "circuit_breaker": {"failures": 2, "open_for": "1h"}}},
            server={"http": f"127.0.0.1:{self.port}"}))
        with self.daemon.engine() as engine:
            for _ in range(5):
                engine.route("crm")
        state = self.rows(webhook="crm")
        (row,) = state["webhooks"]
        self.assertEqual((row["circuit_breaker"], row["last_failure"]["reason"], row["last_failure"]["in_a_row"]),
                         ("open", "http_status", 5))
        self.assertEqual(row["last_failure"]["http_status"], 500)
        self.assertEqual(state["decisions"][-1]["reason"], "circuit_open")
        self.assertIn("the last one was http_status", state["decisions"][-1]["detail"])

    def test_a_reload_that_was_refused_is_told_until_one_is_applied(self):
        self.serve()
        good = self.daemon.config_path.read_text()
        self.assertEqual((self.rows()["config"]["refused_at"], self.rows()["config"]["stale"]), (None, False))
        self.daemon.reload("webhooks:\n  crm: { timout: 5s }\n")
        deadline = Deadline()
        while (told := self.rows()["config"])["refused_at"] is None:
            self.assertFalse(deadline.over(), "the refused reload did not reach the page")
        self.assertIn("timout", "\n".join(told["faults"]))
        self.assertEqual((told["fault_count"], told["file"]), (len(told["faults"]), str(self.daemon.config_path)))
        self.daemon.reload(good)
        deadline = Deadline()
        while self.rows()["config"]["refused_at"] is not None:
            self.assertFalse(deadline.over(), "the good reload did not reach the page")

    def test_which_host_and_since_when(self):
        self.serve()
        state = self.rows()
        self.assertEqual(state["host"], socket.gethostname())
        self.assertLess(abs(state["now"] - state["started_at"]), 1000 * PATIENCE)


class Page(Watching):
    def test_only_under_names_of_its_own(self):
        self.serve(http_hosts=["pbx.example.org"])
        for host, expected in (("127.0.0.1", 200), (f"localhost:{self.port}", 200), ("PBX.example.org", 200),
                               (socket.gethostname(), 200), ("evil.example", 421), ("", 421)):
            self.assertEqual(fetch(self.port, "/", headers={"Host": host})[0], expected, host)
        status, _, text = fetch(self.port, "/", headers={"Host": "evil.example"})
        self.assertIn("server.http_hosts", text)
        self.assertEqual(fetch(self.port, "/events", headers={"Host": "evil.example"})[0], 421)

    def test_names_change_with_a_reload(self):
        self.serve()
        self.assertEqual(fetch(self.port, "/", headers={"Host": "pbx.example.org"})[0], 421)
        content = json.loads(self.daemon.config_path.read_text())
        content["server"]["http_hosts"] = ["pbx.example.org"]
        self.daemon.reload(content)
        deadline = Deadline()
        while fetch(self.port, "/", headers={"Host": "pbx.example.org"})[0] != 200:
            self.assertFalse(deadline.over(), "the reload did not reach the status page")

    def test_events(self):
        self.serve(redact=True)
        self.asking.route("crm", callerid="+31687654321")
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.use(raw).sendall(b"GET /events?webhook=crm&filter=cr HTTP/1.0\r\nHost: localhost\r\n\r\n")
        received = b""
        while received.count(b"\n\n") < 2:
            received += raw.recv(65536)
        head, _, events = received.decode().partition("\r\n\r\n")
        self.assertIn("text/event-stream", head)
        state = json.loads(events.split("\n\n")[0].removeprefix("data: "))
        self.assertEqual([row["name"] for row in state["webhooks"]], ["crm"])
        self.assertEqual(state["decisions"][0]["callerid"], "***")
        self.assertNotIn("31687654321", events)


if __name__ == "__main__":
    unittest.main()
