"""How many connections a webhook opens, who gets the next one, and when an idle one is closed."""
import threading
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.patience import LATENESS, PATIENCE, SLACK, ample
from support.replies import hang, held, respond
from support.webserver import WebServer


class Connections(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer())

    def serve(self, keys, **others):
        hook = {"url": self.web.url("/?did={did}"), "timeout": ample()}
        self.daemon = self.start(configuration({"crm": {**hook, **keys}, **{name: {**hook, **more} for name, more in others.items()}}))
        self.asking = self.engine(self.daemon)

    def test_no_more_than_the_limit_are_open(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve({"max_connections": 3})
        self.web.on("/", held(event))
        for _ in range(20):
            self.asking.start_route("crm")
        self.web.requests.wait_entry(lambda request: len(self.web.requests) == 3, "three requests")
        event.set()
        for _ in range(20):
            self.assert_success(self.asking.answer()["result"])
        self.assertEqual((len(self.web.requests), len(self.web.connections)), (20, 3))

    def test_threads_share_the_limit_out(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.daemon = self.start(configuration({"crm": {"url": self.web.url("/"), "timeout": ample(), "max_connections": 3}},
                                               server={"threads": 2}))
        self.web.on("/", held(event))
        engines = [self.engine(self.daemon) for _ in range(4)]  # they go to the threads in turn
        for engine in engines * 5:
            engine.start_route("crm")
        self.web.requests.wait_count(3, "requests")
        event.set()
        for engine in engines * 5:
            self.assert_success(engine.answer()["result"])
        self.assertEqual((len(self.web.requests), len(self.web.connections)), (20, 3))

    def test_a_fallback_on_the_same_origin_shares_the_limit(self):
        self.serve({"max_connections": 1, "url": self.web.url("/down"), "fallback_url": self.web.url("/")})
        self.web.on("/down", respond(status=500)).on("/", respond())
        for _ in range(10):
            self.asking.start_route("crm")
        for _ in range(10):
            self.assert_decision(self.asking.answer()["result"], branch="success", source="fallback_url")
        self.assertEqual((len(self.web.requests), len(self.web.connections)), (20, 1))

    def test_who_waits_gets_his_turn_in_order(self):
        self.serve({"max_connections": 1})
        self.web.on("/", respond())
        order = [self.asking.start_route("crm", did=str(number)) for number in range(30)]
        self.assertEqual([self.asking.answer()["id"] for _ in order], order)
        self.assertEqual([request.query for request in self.web.requests], [f"did={number}" for number in range(30)])

    def test_waiting_counts_in_the_timeout(self):
        calls, timeout = 40, 0.5 * SLACK
        self.serve({"max_connections": 1, "timeout": f"{timeout}s"})
        self.web.on("/", hang)
        for _ in range(calls):
            self.asking.start_route("crm")
        for _ in range(calls):
            result = self.asking.answer()["result"]
            self.assert_failure(result, "timeout")
            self.assertLess(result["elapsed_ms"] / 1000, timeout + LATENESS, "with a time of its own each would hang in turn")

    def test_the_limit_of_one_webhook_is_not_that_of_another(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve({"max_connections": 1}, other={"max_connections": 1})
        self.web.on("/", held(event), respond())
        self.asking.start_route("crm")
        self.web.wait_request("/")
        self.assert_success(self.engine(self.daemon).route("other"))
        event.set()
        self.assert_success(self.asking.answer()["result"])

    def test_a_caller_who_leaves_the_queue_does_not_hold_it_up(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve({"max_connections": 1})
        self.web.on("/", held(event))
        self.asking.start_route("crm")
        self.web.wait_request("/")
        leaving = self.engine(self.daemon)
        leaving.start_route("crm", did="2")
        waiting = self.engine(self.daemon)
        waiting.start_route("crm", did="3")
        leaving.close()
        event.set()
        self.assert_success(self.asking.answer()["result"])
        self.assert_success(waiting.answer()["result"])

    def test_an_idle_connection_is_closed_before_the_web_server_does_it(self):
        self.serve({})
        self.web.on("/", respond(headers=[("Keep-Alive", "timeout=1, max=100")]))
        self.assert_success(self.asking.route("crm"))
        self.assertTrue(self.web.connections[0].closed_by_peer.wait(PATIENCE), "half a second after the reply")
        self.assertFalse(self.web.connections[0].reset_by_peer, "an orderly end")

    def test_one_that_is_not_kept_at_all_is_closed_at_once(self):
        self.serve({})
        self.web.on("/", respond(headers=[("Keep-Alive", "timeout=0")]))
        self.assert_success(self.asking.route("crm"))
        self.assertTrue(self.web.connections[0].closed_by_peer.wait(PATIENCE))


if __name__ == "__main__":
    unittest.main()
