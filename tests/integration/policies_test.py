"""Retries, fallback, breaker, cache and stale replies: what reaches the web servers, and what the engine is told.

Each row of the table "What follows an attempt" in docs/webhook-authors.md is a test here.
"""
import select
import threading
import unittest

from support import replies
from support.case import DialhookTest
from support.configuration import configuration
from support.patience import PATIENCE, Deadline, ample, phase
from support.places import RefusingPort
from support.replies import hang, held, raw, redirect, respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=101&callername=Jan")
NAK = respond("status=NAK")


class PoliciesTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer())
        self.other = self.use(WebServer().on("/", respond("status=ACK&destination=202")))

    def serve(self, keys, **more):
        self.daemon = self.start(self.of(keys), **more)
        self.asking = self.engine(self.daemon)

    def of(self, keys, **more):
        return configuration({"crm": {"url": self.web.url("/?did={did}"), "timeout": ample(), **keys}}, **more)

    def route(self, **params):
        return self.asking.route("crm", **params)

    def play(self, *scripts):
        self.web.on("/", *scripts)
        return self.web


# What an attempt comes to: the script of a web server, the reason, whether it is retried, whether the fallback is asked.
ROWS = {
    "closed before a reply byte": (replies.close, "connect", True, True),
    "reset before a reply byte": (replies.reset, "connect", True, True),
    "502": (respond(status=502), "http_status", True, True),
    "503": (respond("status=ACK", status=503), "http_status", True, True),
    "504": (respond("<html>", status=504), "http_status", True, True),
    "500": (respond(status=500), "http_status", False, True),
    "404": (respond(status=404), "http_status", False, True),
    "closed inside the reply": (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsta"), "connect", False, True),
    "no reply in the body": (respond("hello"), "bad_reply", False, True),
    "no HTTP": (raw(b"hello, who is there?\r\n\r\n"), "bad_reply", False, True),
    "a redirect to nowhere": (redirect(""), "redirect", False, False),
    "a redirect that egress closes": (redirect("http://192.0.2.1/"), "egress", False, False),
    "a destination that is not allowed": (respond("status=ACK&destination=999"), "destination", False, False),
    "NAK": (NAK, "nak", False, False),
    "ERR": (respond("status=ERR"), "err", False, False),
    "NAK with 503": (respond("status=NAK", status=503), "nak", False, False),
}


class Table(PoliciesTest):
    def test_what_is_retried(self):
        self.serve({"retries": 2, "destinations": ["1??"]})
        for name, (script, reason, is_retried, _) in ROWS.items():
            with self.subTest(name):
                self.play(script)
                before = len(self.web.requests)
                self.assert_failure(self.route(), reason)
                self.assertEqual(len(self.web.requests) - before, 3 if is_retried else 1)
                if is_retried:  # the retry budget of the origin must not run out under the table
                    self.daemon.reload(self.of({"retries": 2, "destinations": ["1??"], "url": self.web.url(f"/?x={len(name)}{reason}")}))

    def test_what_goes_on_to_the_fallback(self):
        self.serve({"fallback_url": self.other.url("/"), "destinations": ["1??", "202"]})
        for name, (script, reason, _, goes_on) in ROWS.items():
            with self.subTest(name):
                self.play(script)
                before = len(self.other.requests)
                result = self.route()
                self.assertEqual(len(self.other.requests) - before, 1 if goes_on else 0)
                if goes_on:
                    self.assert_decision(result, branch="success", source="fallback_url", destination="202", reason=None)
                else:
                    self.assert_failure(result, reason)

    def test_what_the_breaker_counts(self):
        for name, (script, reason, _, counts) in ROWS.items():
            with self.subTest(name):
                daemon = self.start(self.of({"circuit_breaker": {"failures": 2, "open_for": "1h"}, "destinations": ["1??"]}))
                self.play(script)
                asking = self.engine(daemon)
                for _ in range(2):
                    self.assert_failure(asking.route("crm"), reason)
                self.assert_failure(asking.route("crm"), "circuit_open" if counts else reason)

    def test_what_is_answered_from_a_stale_reply(self):
        self.serve({"stale_if_error": "1h", "destinations": ["1??"]})
        self.play(ACK)
        self.assert_success(self.route())
        for name, (script, reason, _, goes_on) in ROWS.items():
            with self.subTest(name):
                self.play(script)
                if goes_on:
                    self.assert_decision(self.route(), branch="success", status="ACK", source="stale", destination="101",
                                         callername="Jan", http_status=200, reason=None)
                else:
                    self.assert_failure(self.route(), reason)


class Retries(PoliciesTest):
    def test_a_retry_that_succeeds_is_a_success(self):
        self.serve({"retries": 3})
        self.play(replies.close, respond(status=503), ACK)
        result = self.route(explain=True)
        self.assert_success(result, destination="101")
        self.assertEqual([one["reason"] for one in result["tries"]], ["connect", "http_status", None])
        self.assertEqual([one["url"] for one in result["tries"]], ["url"] * 3)

    def test_a_refused_connection_is_retried_in_vain(self):
        refusing = self.use(RefusingPort())
        self.serve({"retries": 4, "url": f"http://127.0.0.1:{refusing.port}/"})
        result = self.route(explain=True)
        self.assert_failure(result, "connect")
        self.assertEqual(len(result["tries"]), 5)
        self.assertGreater(result["timing"]["retries"], 0)
        self.assertLessEqual(sum(result["timing"].values()), result["elapsed_ms"] + 1)

    def test_all_stay_within_the_timeout(self):
        self.serve({"retries": 10, "timeout": phase(300)})
        self.play(respond(status=503), hang)
        result, seconds = self.asking.route_timed("crm")
        self.assert_failure(result, "timeout")
        self.assert_in_time(seconds, float(phase(300).removesuffix("ms")) / 1000, "retries that hang")

    def test_a_failing_web_server_is_not_buried(self):
        self.serve({"retries": 10})
        self.play(respond(status=503))
        for _ in range(5):
            self.assert_failure(self.route(), "http_status")
        self.assertEqual(len(self.web.requests), 15, "five calls, and ten retries for the origin")
        self.daemon.wait_logged("retry budget is used up")

    def test_a_signed_post_has_one_id_in_all_its_tries(self):
        self.serve({"retries": 1, "method": "POST", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
        self.play(replies.close, ACK)
        self.assert_success(self.route())
        self.assertEqual(len({request.header("webhook-id") for request in self.web.requests}), 1)


class Fallback(PoliciesTest):
    def test_half_of_the_time_is_kept_for_it(self):
        self.serve({"fallback_url": self.other.url("/"), "timeout": phase(600)})
        self.play(hang)
        result, seconds = self.asking.route_timed("crm", explain=True)
        self.assert_decision(result, branch="success", source="fallback_url", destination="202")
        self.assertEqual([(one["url"], one["reason"]) for one in result["tries"]], [("url", "timeout"), ("fallback_url", None)])
        self.assertGreaterEqual(seconds, float(phase(600).removesuffix("ms")) / 2000)

    def test_it_has_a_template_of_its_own(self):
        self.serve({"fallback_url": self.other.url("/second?number={callerid}"), "headers": {"X-Tenant": "7"}})
        self.play(respond(status=500))
        self.other.on("/second", ACK)
        self.assert_decision(self.route(), source="fallback_url", destination="101")
        self.assertEqual(self.other.requests[0].target, "/second?number=%2B31612345678")
        self.assertEqual(self.other.requests[0].header("X-Tenant"), "7")

    def test_its_no_is_an_answer(self):
        self.serve({"fallback_url": self.other.url("/")})
        self.play(respond(status=500))
        self.other.on("/", NAK)
        self.assert_failure(self.route(), "nak", status="NAK", source="fallback_url")

    def test_when_both_fail_the_reason_is_the_first_ones(self):
        self.serve({"fallback_url": self.other.url("/")})
        self.play(respond(status=500))
        self.other.on("/", respond("hello"))
        self.assert_failure(self.route(), "http_status", http_status=500, source="url")

    def test_both_hang(self):
        self.serve({"fallback_url": self.other.url("/"), "timeout": phase(400)})
        self.play(hang)
        self.other.on("/", hang)
        result, seconds = self.asking.route_timed("crm")
        self.assert_failure(result, "timeout")
        self.assert_in_time(seconds, float(phase(400).removesuffix("ms")) / 1000, "url and fallback hang")

    def test_retries_come_before_it(self):
        self.serve({"fallback_url": self.other.url("/"), "retries": 1})
        self.play(respond(status=503))
        self.assert_decision(self.route(), source="fallback_url")
        self.assertEqual((len(self.web.requests), len(self.other.requests)), (2, 1))


class BreakerTest(PoliciesTest):
    def refused_until(self, is_over):
        """Calls until `is_over` says of an answer that the breaker's time is over; None for a call that is not answered
        at once, since it reached the web server."""
        deadline = Deadline(PATIENCE)
        before = len(self.web.requests)
        while True:
            self.asking.start_route("crm")
            while not select.select([self.asking.socket], [], [], 0.001)[0]:
                if len(self.web.requests) > before:
                    return None
                self.assertFalse(deadline.over(), "neither an answer nor a request")
            result = self.asking.answer()["result"]
            if is_over(result):
                return result
            self.assert_failure(result, "circuit_open")

    def test_a_probe_closes_it_again(self):
        self.serve({"circuit_breaker": {"failures": 2, "open_for": "20ms"}})
        self.play(respond(status=500), respond(status=500), ACK)
        for _ in range(2):
            self.assert_failure(self.route(), "http_status")
        self.refused_until(lambda result: result["branch"] == "success") or self.asking.answer()
        self.assert_success(self.route())

    def test_one_probe_at_a_time(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve({"circuit_breaker": {"failures": 1, "open_for": "20ms"}})
        self.play(respond(status=500), held(event, ACK))
        self.assert_failure(self.route(), "http_status")
        self.assertIsNone(self.refused_until(lambda result: False), "one call tries")
        for _ in range(20):
            self.assert_failure(self.engine(self.daemon).route("crm"), "circuit_open")
        event.set()
        self.assert_success(self.asking.answer()["result"])
        self.assertEqual(len(self.web.requests), 2)

    def test_open_it_goes_on_to_the_fallback(self):
        self.serve({"circuit_breaker": {"failures": 1, "open_for": "1h"}, "fallback_url": self.other.url("/")})
        self.play(respond(status=500))
        for _ in range(3):
            self.assert_decision(self.route(), branch="success", source="fallback_url")
        self.assertEqual((len(self.web.requests), len(self.other.requests)), (1, 3))

    def test_retries_are_one_failure(self):
        self.serve({"circuit_breaker": {"failures": 2, "open_for": "1h"}, "retries": 2})
        self.play(respond(status=503))
        for reason in ("http_status", "http_status", "circuit_open"):
            self.assert_failure(self.route(), reason)

    def test_it_survives_a_reload_unless_the_webhook_changes(self):
        keys = {"circuit_breaker": {"failures": 1, "open_for": "1h"}}
        self.serve(keys)
        self.play(respond(status=500))
        self.assert_failure(self.route(), "http_status")
        self.daemon.reload(self.of({**keys, "description": "the same but for what people read"}))
        self.assert_failure(self.route(), "circuit_open")
        self.daemon.reload(self.of({**keys, "redirects": 1}))
        self.assert_failure(self.route(), "http_status")


class Cache(PoliciesTest):
    def test_the_same_request_is_answered_once(self):
        self.serve({"cache": "1h"})
        self.play(ACK)
        self.assert_success(self.route())
        result = self.route(callerid="+4930")
        self.assert_decision(result, branch="success", status="ACK", source="cache", destination="101", callername="Jan", http_status=200)
        self.assert_success(self.route(did="102"))
        self.assertEqual(len(self.web.requests), 2, "another DID is another request, another caller is not")

    def test_posts_are_told_apart_by_their_body(self):
        self.serve({"cache": "1h", "method": "POST"})
        self.play(ACK)
        for callerid in ("1", "2", "1"):
            self.route(callerid=callerid)
        self.assertEqual(len(self.web.requests), 2)

    def test_no_and_failures_are_never_kept(self):
        self.serve({"cache": "1h"})
        for script, reason in ((NAK, "nak"), (respond(status=500), "http_status"), (respond("hello"), "bad_reply")):
            self.play(script)
            for _ in range(2):
                self.assert_failure(self.route(), reason)
        self.assertEqual(len(self.web.requests), 6)

    def test_identical_dispatches_share_a_request(self):
        event = threading.Event()
        self.serve({"cache": "1ms"})
        self.play(held(event, ACK))
        waiting = [self.asking.start_route("crm") for _ in range(50)]
        self.web.wait_request("/")
        event.set()
        for _ in waiting:
            self.assert_success(self.asking.answer()["result"], destination="101")
        self.assertEqual(len(self.web.requests), 1)

    def test_who_shares_a_request_keeps_his_own_deadline_and_engine(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve({"cache": "1ms", "timeout": phase(400)})
        self.play(held(event, ACK))
        leaving = self.engine(self.daemon)
        leaving.start_route("crm")
        self.web.wait_request("/")
        self.asking.start_route("crm")
        leaving.close()
        # The one who asked is gone: the other one asks himself.
        self.web.requests.wait_entry(lambda request: request.connection == 2, "a second request")
        event.set()
        self.assert_success(self.asking.answer()["result"])

    def test_a_prefix_is_never_put_in_front_of_a_prefix(self):
        plan = [{"webhook": "crm", "on_success": [{"callername": {"from": "webhook"}}, {"callername": {"prefix": "CRM "}}]}]
        self.daemon = self.start(self.of({"cache": "1h"}, dialplans={"101": plan}))
        self.asking = self.engine(self.daemon)
        self.play(ACK)
        for _ in range(3):
            request = self.asking.request("call.route", {"did": "101"})
            self.asking.send_json(request)
            self.assertEqual(self.asking.answer()["result"]["callername"], "CRM Jan")
        self.assertEqual(len(self.web.requests), 1)

    def test_it_survives_a_reload_unless_the_webhook_changes(self):
        self.serve({"cache": "1h"})
        self.play(ACK)
        self.assert_success(self.route())
        self.daemon.reload(self.of({"cache": "1h"}))
        self.assert_decision(self.route(), source="cache")
        self.daemon.reload(self.of({"cache": "1h", "destinations": ["2??"]}))
        self.assert_failure(self.route(), "destination")

    def test_a_code_is_never_kept(self):
        ivr = {"start_message": "a", "incorrect_message": "b", "timeout_message": "c"}
        self.serve({"stale_if_error": "1h", "ivr": ivr, "url": self.web.url("/?code={code}")})
        self.play(ACK, respond(status=500))
        for branch in ("success", "failure"):
            state = self.route()["state"]
            self.asking.send_json(self.asking.request("call.continue", {"state": state, "code": "1234"}))
            self.assertEqual(self.asking.answer()["result"]["branch"], branch)

    def test_a_stale_reply_may_be_too_old(self):
        self.serve({"stale_if_error": "1ms"})
        self.play(ACK, respond(status=500))
        self.assert_success(self.route())
        outcomes = {self.route()["reason"] for _ in range(50)}
        self.assertIn("http_status", outcomes)


if __name__ == "__main__":
    unittest.main()
