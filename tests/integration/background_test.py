"""`wait: false`: the call goes on at once, and the request gets through behind it, over retries, restarts and kill -9."""
import base64
import signal
import threading
import unittest

from support import replies
from support.agi import AgiChannel
from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import check
from support.patience import PATIENCE, ample
from support.places import ReservedPort
from support.replies import hang, head, held, raw, redirect, respond
from support.signatures import is_signed_by
from support.webserver import WebServer

SECRET = base64.b64encode(b"a" * 32).decode()


class Background(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("status=ACK&destination=101&callername=Jan")))

    def serve(self, keys=None, arguments=(), scratch=None, **more):
        hook = {"url": self.web.url("/?did={did}"), "timeout": ample(), "wait": False, **(keys or {})}
        self.daemon = self.start(configuration({"crm": hook}, **more), arguments=arguments, scratch=scratch)
        self.asking = self.engine(self.daemon)

    def serve_with_folder(self, **more):
        """A daemon with a folder for its spool; the next one of this test has the same."""
        self.files = getattr(self, "files", None) or self.scratch()
        self.serve(scratch=self.files, arguments=("--state", str(self.files.path / "state")), **more)

    def wait_requests(self, count, what):
        self.web.requests.wait(lambda requests: len(requests) >= count, what)

    def assert_goes_on(self, result, **expected):
        self.assert_decision(result, branch="success", status=None, reason=None, source=None, destination=None, http_status=None,
                             **expected)

    def test_the_call_does_not_wait_for_a_web_server_that_hangs(self):
        self.serve(server={"drain": "100ms"})
        self.web.on("/", hang)
        self.assert_goes_on(self.asking.route("crm", callername="Piet"), callername="Piet")
        self.web.wait_request("/")
        self.assert_goes_on(self.asking.route("crm"))
        self.daemon.stop()
        self.assertIn("that no call waits for fails", self.daemon.stderr())

    def test_the_web_server_gets_the_call(self):
        self.serve({"method": "POST"})
        self.assert_goes_on(self.asking.route("crm"))
        self.assertEqual(self.web.wait_request("/").form()["callerid"], "+31612345678")

    def test_it_is_tried_again_until_it_gets_through(self):
        self.serve()
        self.web.on("/", replies.close, respond(status=500), respond())
        self.assert_goes_on(self.asking.route("crm"))
        self.wait_requests(3, "the third attempt")

    def test_a_no_is_an_answer(self):
        self.serve()
        self.web.on("/", respond("status=NAK"))
        self.assert_goes_on(self.asking.route("crm"))
        self.web.wait_request("/")
        self.daemon.stop()
        self.assertEqual(len(self.web.requests), 1)
        self.assertNotIn("that no call waits for fails", self.daemon.stderr())

    def test_any_2xx_is_an_answer_and_so_is_one_that_is_cut(self):
        self.serve()
        cut = head(headers=[("Content-Length", 9)]) + b"tha"
        misframed = head(headers=[("Transfer-Encoding", "chunked")]) + b"zz\r\n"
        self.web.on("/", respond("thanks"), respond("", status=204), raw(cut), raw(misframed))
        for _ in range(4):
            self.assert_goes_on(self.asking.route("crm"))
        self.wait_requests(4, "all four")
        self.daemon.stop()
        self.assertEqual(len(self.web.requests), 4)
        self.assertNotIn("that no call waits for fails", self.daemon.stderr())

    def test_what_no_web_server_took_is_tried_again(self):
        self.web.on("/", raw(b"garbage\r\n\r\n"), respond("thanks")).on("/away", redirect("ftp://x/"), respond("thanks"))
        hooks = {"crm": self.web.url(), "away": self.web.url("/away"), "closed": "http://127.0.0.9:81/"}
        hooks = {name: {"url": url, "timeout": ample(), "wait": False} for name, url in hooks.items()}
        daemon = self.start(configuration(hooks, egress={"allow": ["127.0.0.0/8"], "deny": ["127.0.0.9"]}))
        asking = self.engine(daemon)
        for name in hooks:
            self.assert_goes_on(asking.route(name))
        for path in ("/", "/away"):
            self.web.requests.wait(lambda requests, path=path: sum(request.path == path for request in requests) == 2, path)
        daemon.wait_logged("that no call waits for fails", "closed", "egress")

    def test_any_2xx_closes_the_breaker_and_needs_no_fallback(self):
        self.web.on("/", respond("thanks")).on("/other", respond("thanks"))
        self.serve({"fallback_url": self.web.url("/other"), "circuit_breaker": {"failures": 1, "open_for": "1h"}, "max_in_flight": 1})
        for _ in range(3):
            self.assert_goes_on(self.asking.route("crm"))
        self.wait_requests(3, "all three")
        self.daemon.stop()
        self.assertEqual([request.path for request in self.web.requests], ["/"] * 3)

    def test_what_the_fallback_took_is_delivered(self):
        self.serve({"fallback_url": self.web.url("/other")})
        self.web.on("/", respond(status=503)).on("/other", respond("thanks"))
        self.assert_goes_on(self.asking.route("crm"))
        self.web.wait_request("/other")
        self.daemon.stop()
        self.assertNotIn("that no call waits for fails", self.daemon.stderr())

    def test_an_old_reply_is_no_delivery(self):
        self.serve({"stale_if_error": "1h", "max_in_flight": 1})
        self.web.on("/", respond(), respond(status=500), respond())
        for _ in range(2):
            self.assert_goes_on(self.asking.route("crm"))
        self.wait_requests(3, "the second one again")

    def test_every_attempt_has_the_same_id(self):
        self.serve({"method": "POST", "secret": f"whsec_{SECRET}"})
        self.web.on("/", respond(status=500), respond())
        self.assert_goes_on(self.asking.route("crm"))
        self.wait_requests(2, "the second attempt")
        first, second = self.web.requests
        self.assertEqual(first.header("webhook-id"), second.header("webhook-id"))
        self.assertTrue(is_signed_by(SECRET, first) and is_signed_by(SECRET, second))
        self.assert_goes_on(self.asking.route("crm"))
        self.wait_requests(3, "the next call")
        self.assertNotEqual(self.web.requests[2].header("webhook-id"), first.header("webhook-id"))

    def test_what_is_beyond_max_in_flight_waits(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.web.on("/", held(event)).on("/other", respond())
        hook = {"timeout": ample(), "wait": False}
        daemon = self.start(configuration({"crm": {"url": self.web.url(), "max_in_flight": 1, **hook},
                                           "other": {"url": self.web.url("/other"), **hook}}))
        asking = self.engine(daemon)
        for _ in range(3):
            self.assert_goes_on(asking.route("crm"))
        self.assert_goes_on(asking.route("other"))
        self.web.wait_request("/other")     # which came to the spool after them
        event.set()
        self.wait_requests(4, "the three, one after the other")
        self.assertNotIn("that no call waits for fails", daemon.stderr())

    def test_what_does_not_get_through_before_a_stop_is_the_next_daemon_s(self):
        self.web.on("/", respond(status=503))
        self.serve_with_folder()
        self.assert_goes_on(self.asking.route("crm"))
        self.web.wait_request("/")
        self.daemon.stop()
        self.web.on("/", respond())
        before = len(self.web.requests)
        self.serve_with_folder()
        self.wait_requests(before + 1, "the request of the daemon before")

    def test_it_survives_kill_9(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.web.on("/", held(event))
        self.serve_with_folder()
        for did in ("1", "2", "3"):
            self.assert_goes_on(self.asking.route("crm", did=did))
        self.wait_requests(3, "three requests")
        self.daemon.kill()
        event.set()
        self.web.on("/", respond())
        self.serve_with_folder()
        self.wait_requests(6, "the three requests again")
        self.assertEqual({request.query for request in self.web.requests.entries()[3:]}, {"did=1", "did=2", "did=3"})

    def test_a_stop_waits_for_what_is_under_way(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve()
        self.web.on("/", held(event))
        self.assert_goes_on(self.asking.route("crm"))
        self.web.wait_request("/")
        stopping = threading.Thread(target=self.daemon.stop)
        stopping.start()
        self.daemon.wait_logged("stopping")
        event.set()
        stopping.join(PATIENCE)
        self.assertFalse(stopping.is_alive())
        self.assertNotIn("that no call waits for fails", self.daemon.stderr())

    def test_a_request_that_comes_and_goes_during_a_stop_does_not_end_it_for_others(self):
        """A channel that is in a step at the stop goes on to its webhook, while an engine's call is still under way."""
        event, port = threading.Event(), self.use(ReservedPort()).port
        self.addCleanup(event.set)
        self.web.on("/held", held(event))
        hooks = {"crm": {"url": self.web.url(), "timeout": ample(), "wait": False},
                 "held": {"url": self.web.url("/held"), "timeout": ample()}}
        plan = {"+31502102544": [{"play": "welcome"}, {"webhook": "crm", "on_success": [{"play": "bye"}], "on_failure": ["hangup"]}]}
        daemon = self.start(configuration(hooks, server={"fastagi": f"127.0.0.1:{port}", "drain": ample()}, dialplans=plan))
        asking, idle = self.engine(daemon), self.engine(daemon)
        asking.start_route("held")
        self.web.wait_request("/held")
        channel = self.use(AgiChannel(port, "dialplan"))
        self.assertIn("welcome", channel.next_command())
        daemon.signal(signal.SIGTERM)
        idle.assert_closed()    # so the stop has reached the daemon's thread
        channel.reply("200 result=0")
        self.web.wait_request("/")
        channel.play_through()
        event.set()
        self.assert_decision(asking.answer()["result"], branch="success", status="ACK")
        self.assertEqual(daemon.wait_exit(), 0)

    def test_a_dialplan_follows_its_success_branch(self):
        self.serve(dialplans={"1": [{"webhook": "crm", "on_success": [{"dial": "101"}], "on_failure": ["hangup"]}]})
        self.asking.send_json(self.asking.request("call.route", {"did": "1"}))
        self.assert_goes_on(self.asking.answer()["result"], steps=[{"dial": "101"}])

    def test_what_needs_a_reply_is_a_configuration_error(self):
        ivr = "{ start_message: a, incorrect_message: b, timeout_message: c }"
        plan = "dialplans:\n  1:\n    - webhook: crm\n      on_success:\n        - {}\n"
        head = "webhooks:\n  crm:\n    url: http://x/\n    wait: false\n"
        cases = {
            f"{head}    ivr: {ivr}\n": ":4:5: webhooks.crm.wait: ",
            f"{head}    cache: 1s\n": ":4:5: webhooks.crm.wait: ",
            head + plan.format("dial: { destination: variable }"): ":7:16: dialplans.1.webhook: ",
            head + plan.format("callername: { from: webhook }"): ":7:16: dialplans.1.webhook: ",
        }
        for text, expected in cases.items():
            with self.subTest(text):
                code, said = check(self.scratch().write("dialhook.yaml", text))
                self.assertEqual(code, 1, said)
                self.assertIn(expected, said)


if __name__ == "__main__":
    unittest.main()
