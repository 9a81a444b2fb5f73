"""The rows of "What follows an attempt" that need a network that misbehaves, and dispatches that are ended from outside."""
import pathlib
import re
import threading
import unittest

from policies_test import ACK, ROWS, PoliciesTest
from support import replies
from support.configuration import as_yaml, configuration
from support.daemon import check
from support.dnsserver import NXDOMAIN, SERVFAIL, SILENCE, DnsServer
from support.patience import ample, phase
from support.places import BlackHole, Greeter, RefusingPort
from support.replies import hang, held, redirect, respond
from support.webserver import WebServer


class Network(PoliciesTest):
    """Each row: where the URL leads, the reason, whether it is retried. All go on to the fallback and count."""

    def setUp(self):
        super().setUp()
        self.dns = self.use(DnsServer())
        for name, answer in {"silent.test": SILENCE, "broken.test": SERVFAIL, "nobody.test": NXDOMAIN, "empty.test": ()}.items():
            self.dns.set(name, a=answer, aaaa=answer)
        refusing, hole = self.use(RefusingPort()), self.use(BlackHole())
        no_tls, mute = self.use(Greeter(b"220 mail.example ESMTP\r\n")), self.use(WebServer(greeting=hang))
        self.web.on("/hang", hang)
        port = self.web.port
        self.rows = {
            "a refused connection": (f"http://127.0.0.1:{refusing.port}/", "connect", True),
            "no answer from DNS in time": (f"http://silent.test:{port}/", "dns", True),
            "an error from DNS": (f"http://broken.test:{port}/", "dns", False),
            "no such name in DNS": (f"http://nobody.test:{port}/", "dns", False),
            "a name without an address": (f"http://empty.test:{port}/", "dns", False),
            "no connection in time": (f"http://127.0.0.1:{hole.port}/", "connect", False),
            "no TLS": (f"https://127.0.0.1:{no_tls.port}/", "tls", False),
            "no TLS handshake in time": (f"https://127.0.0.1:{mute.port}/", "tls", False)}

    def asking_for(self, **keys):
        hooks = {name: {"url": url, "timeout": ample(), "connect_timeout": phase(150), **keys}
                 for name, (url, _, _) in self.rows.items()}
        server = {"dns": {"servers": [self.dns.address]}}
        return self.engine(self.start(configuration(hooks, server=server)))

    def test_what_is_retried(self):
        asking = self.asking_for(retries=1)
        for name, (_, reason, is_retried) in self.rows.items():
            with self.subTest(name):
                result = asking.route(name, explain=True)
                self.assert_failure(result, reason, http_status=None, source=None)
                self.assertEqual([one["reason"] for one in result["tries"]], [reason] * (2 if is_retried else 1))

    def test_all_go_on_to_the_fallback(self):
        asking = self.asking_for(fallback_url=self.other.url("/"))
        for name in self.rows:
            with self.subTest(name):
                self.assert_decision(asking.route(name), branch="success", source="fallback_url", destination="202")

    def test_all_count_for_the_breaker(self):
        asking = self.asking_for(circuit_breaker={"failures": 2, "open_for": "1h"})
        for name, (_, reason, _) in self.rows.items():
            with self.subTest(name):
                self.assertEqual([asking.route(name)["reason"] for _ in range(3)], [reason, reason, "circuit_open"])

    def test_a_time_out_counts_and_is_not_retried(self):
        self.serve({"url": self.web.url("/hang"), "timeout": phase(100), "retries": 2,
                    "circuit_breaker": {"failures": 1, "open_for": "1h"}})
        result = self.route(explain=True)
        self.assert_failure(result, "timeout")
        self.assertEqual(len(result["tries"]), 1)
        self.assert_failure(self.route(), "circuit_open", source=None, http_status=None)

    def test_overload_ends_at_once(self):
        """Neither the fallback, nor a stale reply, nor the breaker has to do with it."""
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve({"max_in_flight": 1, "fallback_url": self.other.url("/"), "stale_if_error": "1h",
                    "circuit_breaker": {"failures": 1, "open_for": "1h"}})
        self.play(ACK, held(event, ACK))
        self.assert_success(self.route())
        held_one = self.engine(self.daemon)
        held_one.start_route("crm")
        self.web.requests.wait_count(2, "requests")
        self.assert_failure(self.route(), "overload", source=None)
        event.set()
        self.assert_success(held_one.answer()["result"])
        self.assert_success(self.route())
        self.assertEqual(len(self.other.requests), 0)

    def test_the_page_has_these_rows(self):
        """The table in docs/webhook-authors.md says what the tests here and in policies_test.py see."""
        def of(reason, *answers):
            return [f"`{reason}`", *("yes" if answer else "no" for answer in answers)]

        expected = {name: of(reason, is_retried, goes_on, goes_on) for name, (_, reason, is_retried, goes_on) in ROWS.items()}
        expected |= {name: of(reason, is_retried, True, True) for name, (_, reason, is_retried) in self.rows.items()}
        expected |= {"no whole reply in time": of("timeout", False, True, True),
                     "the breaker is open": of("circuit_open", False, True, False),
                     "too many dispatches in flight": of("overload", False, False, False)}
        page = pathlib.Path(__file__).parents[2].joinpath("docs/webhook-authors.md").read_text(encoding="utf-8")
        section = page.partition("## What follows an attempt\n")[2].partition("\n## ")[0]
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*", section, re.MULTILINE)]
        shown = {name: cells for first, *cells in lines[2:]
                 for name in (first.split(", ") if first[0].isdigit() else [first])}
        self.assertEqual(shown, expected)


class Counting(PoliciesTest):
    def test_an_answer_ends_a_row_and_what_says_nothing_does_not(self):
        """Two failures in a row open the breaker; here something else comes between them."""
        for between, reason, ends in ((respond("status=NAK", status=503), "nak", True), (respond("status=ERR"), "err", True),
                                      (ACK, None, True), (redirect(""), "redirect", False),
                                      (redirect("http://192.0.2.1/"), "egress", False),
                                      (respond("status=ACK&destination=999"), "destination", False)):
            with self.subTest(reason):
                bad = respond(status=500)
                self.serve({"circuit_breaker": {"failures": 2, "open_for": "1h"}, "destinations": ["1??"]})
                self.play(bad, between, bad, ACK)
                reasons = [self.route()["reason"] for _ in range(4)]
                self.assertEqual(reasons, ["http_status", reason, "http_status", None if ends else "circuit_open"])

    def test_a_fallback_does_not_count(self):
        self.serve({"circuit_breaker": {"failures": 2, "open_for": "1h"}, "fallback_url": self.other.url("/")})
        self.other.on("/", respond(status=500))
        self.play(respond(status=500), ACK)
        self.assert_failure(self.route(), "http_status", source="url")
        self.assert_success(self.route())

    def test_a_kept_reply_needs_no_breaker(self):
        self.serve({"circuit_breaker": {"failures": 1, "open_for": "1h"}, "cache": "1h"})
        self.play(ACK, respond(status=500))
        self.assert_success(self.route())
        self.assert_failure(self.route(did="102"), "http_status")
        self.assert_failure(self.route(did="103"), "circuit_open")
        self.assert_decision(self.route(), branch="success", source="cache")


class FallbackEnds(PoliciesTest):
    def test_what_the_fallback_answers_is_not_kept(self):
        self.serve({"cache": "1h", "stale_if_error": "1h", "fallback_url": self.other.url("/")})
        self.play(respond(status=500))
        for _ in range(2):
            self.assert_decision(self.route(), branch="success", source="fallback_url")
        self.other.on("/", respond(status=500))
        self.assert_failure(self.route(), "http_status", source="url")

    def test_the_fallback_comes_before_a_stale_reply(self):
        self.serve({"stale_if_error": "1h", "fallback_url": self.other.url("/")})
        self.play(ACK, respond(status=500))
        self.assert_success(self.route())
        self.assert_decision(self.route(), source="fallback_url", destination="202")
        self.other.on("/", replies.close)
        self.assert_decision(self.route(), branch="success", source="stale", destination="101")

    def test_a_hanging_web_server_is_answered_for_by_a_stale_reply_in_time(self):
        self.serve({"stale_if_error": "1h", "timeout": phase(300), "fallback_url": self.other.url("/")})
        self.play(ACK, hang)
        self.assert_success(self.route())
        self.other.on("/", hang)
        result, seconds = self.asking.route_timed("crm")
        self.assert_decision(result, branch="success", source="stale", destination="101")
        self.assert_in_time(seconds, float(phase(300).removesuffix("ms")) / 1000, "both hang, a stale reply")

    def test_the_user_info_of_one_url_is_not_the_other_ones(self):
        self.serve({"url": self.web.url("/", user_info="main:secret@"), "fallback_url": self.other.url("/"), "headers": {"X-Tenant": "7"}})
        self.play(respond(status=500))
        self.assert_decision(self.route(), source="fallback_url")
        self.assertIsNotNone(self.web.requests[0].header("Authorization"))
        self.assertIsNone(self.other.requests[0].header("Authorization"))
        self.assertEqual(self.other.requests[0].header("X-Tenant"), "7")


class Combined(PoliciesTest):
    def test_retries_breaker_and_fallback_within_one_deadline(self):
        """The main URL is overloaded, then shut off, and the fallback hangs: no call waits longer, and each says why."""
        self.serve({"timeout": phase(400), "retries": 1, "fallback_url": self.other.url("/"),
                    "circuit_breaker": {"failures": 2, "open_for": "1h"}})
        self.play(respond(status=503))
        self.other.on("/", hang)
        for reason, requests in (("http_status", 2), ("http_status", 4), ("circuit_open", 4)):
            result, seconds = self.asking.route_timed("crm", explain=True)
            self.assert_failure(result, reason)
            self.assert_in_time(seconds, float(phase(400).removesuffix("ms")) / 1000, f"{reason}, and the fallback hangs")
            self.assertEqual(len(self.web.requests), requests)
            self.assertEqual((result["tries"][-1]["url"], result["tries"][-1]["reason"]), ("fallback_url", "timeout"))


class Threads(PoliciesTest):
    """Connections of engines go to the threads in turn, so four of them are on four threads."""

    def engines(self, keys):
        self.daemon = self.start(self.of(keys, server={"threads": 4}))
        return [self.engine(self.daemon) for _ in range(4)]

    def test_one_cache_for_all(self):
        first, *others = self.engines({"cache": "1h"})
        self.play(ACK)
        self.assert_success(first.route("crm"))
        for engine in others:
            self.assert_decision(engine.route("crm"), source="cache", destination="101")
        self.assertEqual(len(self.web.requests), 1)

    def test_one_breaker_for_all(self):
        engines = self.engines({"circuit_breaker": {"failures": 3, "open_for": "1h"}})
        self.play(respond(status=500))
        self.assertEqual([engine.route("crm")["reason"] for engine in engines], ["http_status"] * 3 + ["circuit_open"])

    def test_one_retry_budget_for_all(self):
        engines = self.engines({"retries": 4})
        self.play(respond(status=503))
        for engine in engines:
            self.assert_failure(engine.route("crm"), "http_status")
        self.assertEqual(len(self.web.requests), 14, "four calls, and ten retries for the origin")


class Stops(PoliciesTest):
    """SIGTERM without a time to drain: whatever a call is at, its reason is the stop, and not what it met before."""

    def stopped(self, keys, is_there):
        self.daemon = self.start(self.of(keys, server={"drain": 0}))
        engine = self.engine(self.daemon)
        engine.start_route("crm")
        is_there()
        self.daemon.stop()
        self.assert_failure(engine.answer()["result"], "shutdown")

    def test_in_its_first_half(self):
        self.play(hang)
        self.stopped({"fallback_url": self.other.url("/"), "retries": 2, "stale_if_error": "1h"}, lambda: self.web.wait_request("/"))
        self.assertEqual((len(self.web.requests), len(self.other.requests)), (1, 0))

    def test_in_the_fallback(self):
        self.play(respond(status=500))
        self.other.on("/", hang)
        self.stopped({"fallback_url": self.other.url("/")}, lambda: self.other.wait_request("/"))

    def test_in_a_retry(self):
        self.play(respond(status=503), hang)
        self.stopped({"retries": 1}, lambda: self.web.requests.wait_count(2, "requests"))

    def test_in_the_pauses_between_retries(self):
        self.play(respond(status=503))
        self.stopped({"retries": 10}, lambda: self.web.requests.wait_count(6, "requests"))


class Faults(PoliciesTest):
    def faults_of(self, keys, **more):
        path = self.scratch().write("dialhook.yaml", as_yaml(self.of(keys, **more)))
        return check(path)

    def test_two_authorizations_for_the_fallback_are_a_fault_as_they_are_for_the_url(self):
        for key in ("url", "fallback_url"):
            with self.subTest(key):
                code, text = self.faults_of({key: self.web.url("/", user_info="user:secret@"), "headers": {"Authorization": "Bearer x"}})
                self.assertEqual(code, 1, text)
                self.assertIn(f"webhooks.crm.{key}", text)
                self.assertNotIn("secret@", text)

    def test_headers_cannot_stand_in_for_a_signature(self):
        """A request with two `webhook-signature` lines would be verified against whichever the web server reads first."""
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        for name in ("webhook-id", "Webhook-Timestamp", "webhook-signature"):
            with self.subTest(name):
                code, text = self.faults_of({"secret": secret, "headers": {name: "x"}})
                self.assertEqual(code, 1, f"{name} beside secret is no fault: {text}")

    def test_a_default_is_undone(self):
        """What `defaults` switches on, a webhook can switch off."""
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        for key, value, off in (("retries", 1, 0), ("cache", "1h", "off"), ("stale_if_error", "1h", "off"),
                                ("circuit_breaker", {"failures": 1}, "off"), ("fallback_url", self.other.url("/"), "off"),
                                ("secret", secret, "off")):
            with self.subTest(key):
                code, text = self.faults_of({key: off}, defaults={key: value})
                self.assertEqual(code, 0, text)

    def test_a_caller_s_code_in_the_fallback_needs_an_ivr(self):
        code, text = self.faults_of({"fallback_url": self.other.url("/?c={code}")})
        self.assertEqual(code, 1)
        self.assertIn("{code}", text)


if __name__ == "__main__":
    unittest.main()
