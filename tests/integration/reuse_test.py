"""Connections are kept and used again, and a web server that drops a kept one never costs a call."""
import http.server
import itertools
import statistics
import threading
import unittest

from support import replies
from support.case import DialhookTest
from support.certificates import Certificates
from support.configuration import configuration
from support.engine import call
from support.patience import PATIENCE, ample, phase
from support.replies import FILLING, KEEP, message, message_of, once_per_connection, raw, respond
from support.webserver import WebServer

ROUNDS = 10


class Reuse(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer())
        hook = {"url": self.web.url(), "timeout": ample()}
        self.daemon = self.start(configuration({
            "get": hook, "post": {**hook, "method": "POST"}, "other path": {**hook, "url": self.web.url("/other")},
            "short": {**hook, "timeout": phase(300)}, "narrow": {**hook, "url": self.web.url("/narrow"), "max_connections": 1},
        }))
        self.asking = self.engine(self.daemon)

    def connections_used(self):
        return [request.connection for request in self.web.requests]

    def test_calls_one_after_the_other_share_a_connection(self):
        self.web.on("/", respond(), raw(replies.chunked(b"status=ACK"), then=KEEP), respond(status=404)).on("/other", respond())
        for webhook in ["get", "post", "other path"] * ROUNDS:
            self.asking.route(webhook)
        self.assertEqual(set(self.connections_used()), {1})

    def test_a_server_that_closes_after_each_reply_gets_a_connection_for_each(self):
        endings = {
            "says close": respond(headers=[("Connection", "close")]),
            "HTTP/1.0": raw(message(version="HTTP/1.0")),
            "ends the body by closing": raw(replies.head() + b"status=ACK"),
        }
        for name, script in endings.items():
            with self.subTest(name):
                self.web.on("/", script)
                before = len(self.web.connections)
                for _ in range(3):
                    self.assert_success(self.asking.route("get"))
                self.assertEqual(len(self.web.connections) - before, 3)

    def test_kept_connection_closed_while_idle_is_invisible(self):
        for webhook in ("get", "post"):
            for ending in (replies.close, replies.reset):
                self.web.on("/", raw(message(), then=ending))
                for turn in range(ROUNDS):
                    with self.subTest(webhook, ending=ending.__name__, turn=turn):
                        before = len(self.web.requests)
                        self.assert_success(self.asking.route(webhook))
                        # The web server has closed its side before the next call is made.
                        connection = self.web.connections[self.web.requests[-1].connection - 1]
                        self.assertTrue(connection.ended.wait(PATIENCE))
                        self.assertEqual(len(self.web.requests), before + 1)

    def test_kept_connection_closed_at_the_moment_of_reuse_is_invisible_for_a_get(self):
        for ending in (replies.close, replies.reset):
            self.web.on("/", once_per_connection(ending))
            for turn in range(ROUNDS):
                with self.subTest(ending=ending.__name__, turn=turn):
                    self.assert_success(self.asking.route("get"))

    def test_a_post_that_was_written_is_not_sent_again(self):
        for ending in (replies.close, replies.reset):
            with self.subTest(ending=ending.__name__):
                self.web.on("/", once_per_connection(ending))
                self.assert_success(self.asking.route("post"))
                before = len(self.web.requests)
                self.assert_failure(self.asking.route("post"), "connect")
                self.assertEqual(len(self.web.requests) - before, 1)

    def test_408_on_a_kept_connection_is_invisible(self):
        """The web server had waited for a request for too long: that request goes out again, with `retries` or without."""
        closing = [("Connection", "close")]
        for name, timed_out in (("says close", respond(status=408, headers=closing, then=replies.close)),
                                ("HTTP/1.0", raw(replies.head(408, version="HTTP/1.0") + b"<h1>408 Request Time-out</h1>")),
                                ("says NAK", respond(b"status=NAK", 408, closing, then=replies.close)),
                                ("closes without a word", respond(status=408, then=replies.close)),
                                ("keeps it", respond(status=408))):
            self.web.on("/", once_per_connection(timed_out))
            for webhook in ("get", "post"):
                with self.subTest(name, webhook=webhook):
                    self.assert_success(self.asking.route(webhook), http_status=200)
                    before = len(self.web.requests)
                    self.assert_success(self.asking.route(webhook), http_status=200)
                    again = self.web.requests.entries()[before:]
                    first = [request for request in again if request.connection == again[0].connection]
                    self.assertEqual((len(again), len(first)), (2, 1), "once more, on a fresh connection")
                    self.assertEqual(again[0].body, again[1].body)

    def test_408_on_a_fresh_connection_is_an_answer(self):
        self.web.on("/", respond(status=408, headers=[("Connection", "close")]))
        self.assert_failure(self.asking.route("get"), "http_status", http_status=408)
        self.assertEqual(len(self.web.requests), 1)

    def test_408_on_each_connection_is_an_answer_in_the_end(self):
        self.web.on("/", respond(), respond(status=408))
        self.assert_success(self.asking.route("get"))
        self.assert_failure(self.asking.route("get"), "http_status", http_status=408)
        self.assertEqual(self.connections_used(), [1, 1, 2])

    def test_a_fresh_connection_that_breaks_gets_no_second_go(self):
        self.web.on("/", replies.close)
        self.assert_failure(self.asking.route("get"), "connect")
        self.assertEqual(len(self.web.requests), 1)

    def test_a_kept_connection_that_breaks_inside_the_reply_gets_no_second_go(self):
        self.web.on("/", once_per_connection(raw(b"HTTP/1.1 200 OK\r\nConte")))
        self.assert_success(self.asking.route("get"))
        self.assert_failure(self.asking.route("get"), "connect")
        self.assertEqual(len(self.web.requests), 2)

    def test_the_limits_hold_on_a_kept_connection_too(self):
        self.web.on("/", once_per_connection(replies.hang))
        self.assert_success(self.asking.route("get"))
        self.assert_failure(self.asking.route("short"), "timeout")
        self.assertEqual(set(self.connections_used()), {1})

    def test_a_connection_of_a_call_that_timed_out_serves_nobody_else(self):
        self.web.on("/", replies.hang, respond("status=ACK&destination=101"))
        self.assert_failure(self.asking.route("short"), "timeout")
        self.assertTrue(self.web.connections[0].closed_by_peer.wait(PATIENCE), "the web server is told that nobody waits")
        self.assert_success(self.asking.route("get"), destination="101")
        self.assertEqual(self.connections_used(), [1, 2])

    def test_bytes_that_come_while_a_connection_is_idle_are_never_read_as_a_reply(self):
        late = message(b"status=ACK&destination=666")
        sent = threading.Semaphore(0)

        def answer_twice(connection):
            connection.send(message())
            connection.send(late)
            sent.release()
            return KEEP

        self.web.on("/", answer_twice)
        for _ in range(ROUNDS):
            self.assert_success(self.asking.route("get"), destination=None)
            # On the loopback device what was sent has arrived: the next call finds it there.
            self.assertTrue(sent.acquire(timeout=PATIENCE))

    def test_a_second_reply_behind_the_first_is_not_that_of_the_call_that_waits_for_the_connection(self):
        """However much the daemon reads at once: the first reply may fill it to the last byte, so that nothing is left over."""
        late = message(b"status=ACK&destination=666")
        for size, behind in itertools.product(FILLING, (late, b"\0", b"\0" + late)):
            with self.subTest(size=size, behind=behind[:8]):
                self.web.on("/narrow", raw(message_of(size) + behind, then=KEEP), respond("status=ACK&destination=101"))
                before = len(self.web.requests)
                (first, _), (second, _) = self.asking.route_all([call("narrow")] * 2)
                if behind == late:
                    self.assert_success(first, destination=None)
                else:
                    self.assert_failure(first, "bad_reply")
                self.assert_success(second, destination="101")
                *_, one, other = self.web.requests[before:]
                self.assertNotEqual(one.connection, other.connection)


class HeadAndBodyApart(DialhookTest):
    """Python's own web server writes the body after the head, and its kernel holds the body back until somebody says that the
    head has come (RFC 896)."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()
            self.wfile.write(b"status=ACK")

        def log_message(self, *_):
            pass

    def serve(self, context=None):
        web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.Handler)
        if context:
            web.socket = context.wrap_socket(web.socket, server_side=True)
        thread = threading.Thread(target=web.serve_forever)
        thread.start()

        def end():
            web.shutdown()
            thread.join()
            web.server_close()
        self.addCleanup(end)
        return f"{'https' if context else 'http'}://127.0.0.1:{web.server_port}/"

    def test_the_body_does_not_wait(self):
        certificates = Certificates(self.scratch().path)
        context = certificates.server_context(*certificates.issue("server"))
        hook = {"timeout": ample(), "tls": {"ca_file": certificates.ca_file}}
        asking = self.engine(self.start(configuration({"http": {**hook, "url": self.serve()},
                                                       "https": {**hook, "url": self.serve(context)}})))
        for webhook in ("http", "https"):
            with self.subTest(webhook):
                results = [asking.route(webhook) for _ in range(20)]
                for result in results:
                    self.assert_success(result)
                self.assertLess(statistics.median(result["elapsed_ms"] for result in results), 20, "TCP's delay is 40 ms")


if __name__ == "__main__":
    unittest.main()
