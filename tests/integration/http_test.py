"""`server.http`: metrics as Prometheus reads them, and health."""
import http.client
import pathlib
import signal
import socket
import threading
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.patience import PATIENCE, Deadline, ample
from support.places import RefusingPort
from support.ports import free_port
from support.prometheus import Metrics, fetch
from support.replies import held, respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=101")


class HttpTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", ACK).on("/no", respond("status=NAK")))
        self.port = free_port()

    def serve(self, hooks=None, **server):
        hooks = hooks or {"crm": {"url": self.web.url(), "timeout": ample()},
                          "no": {"url": self.web.url("/no"), "timeout": ample()}}
        self.content = configuration(hooks, server={"http": f"127.0.0.1:{self.port}", **server})
        self.daemon = self.start(self.content)
        self.asking = self.engine(self.daemon)

    def until(self, what, name, value, **labels):
        """Metrics in which a series has the value: counters of a request come a moment after its answer."""
        deadline = Deadline()
        while not deadline.over():
            metrics = Metrics(self.port)
            if metrics(name, **labels) == value:
                return metrics
        self.fail(f"{what}: {name}{labels} is {metrics(name, **labels)}, not {value}")


class Counting(HttpTest):
    def test_a_webhook_appears_with_its_first_firing(self):
        self.serve()
        before = Metrics(self.port)
        self.assertIsNone(before("dialhook_in_flight", webhook="crm"))
        self.asking.route("crm")
        metrics = Metrics(self.port)
        self.assertEqual(metrics("dialhook_decisions_total", webhook="crm", branch="success", reason=""), 1)
        self.assertEqual(metrics("dialhook_decision_seconds_count", webhook="crm"), 1)
        self.assertEqual(metrics("dialhook_decision_seconds_bucket", webhook="crm", le="+Inf"), 1)
        self.assertEqual(metrics("dialhook_in_flight", webhook="crm"), 0)
        self.assertEqual(metrics("dialhook_http_responses_total", webhook="crm", code="200"), 1)
        self.assertIsNone(metrics("dialhook_in_flight", webhook="no"))
        self.assertIsNone(metrics("dialhook_circuit_open", webhook="crm"))
        self.assertIsNone(metrics("dialhook_cache_hits_total", webhook="crm", kind="fresh"))

    def test_reasons_retries_and_denied_requests(self):
        refusing = self.use(RefusingPort())
        self.serve({"no": {"url": self.web.url("/no"), "timeout": ample()},
                    "again": {"url": self.web.url("/again"), "timeout": ample(), "retries": 2},
                    "away": {"url": f"http://127.0.0.1:{refusing.port}/", "timeout": ample()},
                    "closed": {"url": "http://169.254.169.254/", "timeout": ample()}})
        self.web.on("/again", respond(status=503), ACK)
        for webhook in ("no", "again", "away", "closed", "closed"):
            self.asking.route(webhook)
        metrics = Metrics(self.port)
        for webhook, reason, count in (("no", "nak", 1), ("away", "connect", 1), ("closed", "egress", 2)):
            self.assertEqual(metrics("dialhook_decisions_total", webhook=webhook, branch="failure", reason=reason), count)
        self.assertEqual(metrics("dialhook_decisions_total", webhook="no", branch="success", reason=""), 0)
        self.assertEqual(metrics("dialhook_retries_total", webhook="again"), 1)
        self.assertEqual(metrics("dialhook_http_responses_total", webhook="again", code="503"), 1)
        self.assertEqual(metrics("dialhook_http_responses_total", webhook="again", code="200"), 1)
        self.assertEqual(metrics("dialhook_egress_denied_total", webhook="closed"), 2)
        self.assertEqual(metrics("dialhook_egress_denied_total", webhook="no"), 0)

    def test_cache_and_breaker(self):
        self.serve({"kept": {"url": self.web.url(), "timeout": ample(), "cache": "1h"},
                    "broken": {"url": self.web.url("/broken"), "timeout": ample(),
                               "circuit_breaker": {"failures": 1, "open_for": "1h"}}})
        self.web.on("/broken", respond(status=500))
        for webhook in ("kept", "kept", "broken", "broken"):
            self.asking.route(webhook)
        metrics = Metrics(self.port)
        self.assertEqual(metrics("dialhook_cache_hits_total", webhook="kept", kind="fresh"), 1)
        self.assertEqual(metrics("dialhook_cache_hits_total", webhook="kept", kind="stale"), 0)
        self.assertEqual(metrics("dialhook_circuit_open", webhook="broken"), 1)
        self.assertIsNone(metrics("dialhook_circuit_open", webhook="kept"))
        self.assertEqual(
            metrics("dialhook_decisions_total", webhook="broken", branch="failure", reason="circuit_open"), 1)

    def test_connections_and_in_flight(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.web.on("/", held(event, ACK))
        self.serve()
        asked = self.asking.start_route("crm")
        self.web.wait_request("/")
        metrics = Metrics(self.port)
        self.assertEqual(metrics("dialhook_in_flight", webhook="crm"), 1)
        self.assertEqual(metrics("dialhook_connections", state="busy"), 1)
        self.assertEqual(metrics("dialhook_connections", state="idle"), 0)
        event.set()
        self.assertEqual(self.asking.answer()["id"], asked)
        metrics = Metrics(self.port)
        self.assertEqual(metrics("dialhook_connections", state="idle"), 1)
        self.assertEqual(metrics("dialhook_connections", state="busy"), 0)
        self.assertEqual(metrics("dialhook_connections_opened_total"), 1)
        self.assertEqual(metrics("dialhook_phase_seconds_count", phase="connect"), 1)
        self.assertEqual(metrics("dialhook_phase_seconds_count", phase="tls"), 0)
        self.web.close()
        self.until("the web server closed it", "dialhook_connections", 0, state="idle")

    def test_requests_that_no_call_waits_for_count_with_what_became_of_them(self):
        self.web.on("/", respond(status=500), ACK)
        self.serve({"later": {"url": self.web.url(), "timeout": ample(), "wait": False}})
        self.asking.route("later")
        metrics = self.until("the second attempt", "dialhook_decisions_total", 1, webhook="later", branch="success", reason="")
        self.assertEqual(metrics("dialhook_retries_total", webhook="later"), 1)

    def test_engines_and_their_errors(self):
        self.serve()
        self.asking.send_json(self.asking.request("call.route", {"did": "1", "webhook": "nobody"}))
        self.assertEqual(self.asking.answer()["error"]["code"], -32001)
        metrics = Metrics(self.port)
        self.assertEqual(metrics("dialhook_engine_connections"), 1)
        self.assertEqual(metrics("dialhook_engine_errors_total", code="-32001"), 1)
        self.assertEqual(metrics("dialhook_engine_errors_total", code="-32700"), 0)

    def test_reloads(self):
        self.serve()
        at_start = Metrics(self.port)
        self.daemon.reload()
        self.daemon.reload("webhooks: {\n")
        metrics = self.until("refused", "dialhook_config_reloads_total", 1, result="refused")
        self.assertEqual(metrics("dialhook_config_reloads_total", result="applied"), 1)
        name = "dialhook_config_last_success_timestamp_seconds"
        self.assertGreater(metrics(name), at_start(name))

    def test_threads_add_up(self):
        self.serve(threads=3)
        engines = [self.engine(self.daemon) for _ in range(6)]
        for engine in engines:
            engine.route("crm")
        metrics = Metrics(self.port)
        self.assertEqual(metrics("dialhook_decisions_total", webhook="crm", branch="success", reason=""), 6)
        self.assertEqual(metrics("dialhook_engine_connections"), 7)

    def test_sums_in_place_of_the_series_of_each_webhook(self):
        self.web.on("/broken", respond(status=500))
        self.serve({"crm": {"url": self.web.url(), "timeout": ample(), "cache": "1h"},
                    "no": {"url": self.web.url("/no"), "timeout": ample()},
                    "broken": {"url": self.web.url("/broken"), "timeout": ample(),
                               "circuit_breaker": {"failures": 1, "open_for": "1h"}},
                    "closed": {"url": "http://169.254.169.254/", "timeout": ample()}},
                   metrics={"webhooks": False}, threads=2)
        before = Metrics(self.port)
        self.assertEqual(before("dialhook_decisions_total", branch="success", reason=""), 0, "from the start")
        other = self.engine(self.daemon)
        for engine, webhook in ((self.asking, "crm"), (other, "crm"), (other, "no"), (self.asking, "broken"), (other, "closed")):
            engine.route(webhook)
        metrics = Metrics(self.port)
        self.assertNotIn('webhook="', metrics.text)
        self.assertEqual(metrics("dialhook_decisions_total", branch="success", reason=""), 2)
        for reason in ("nak", "http_status", "egress"):
            self.assertEqual(metrics("dialhook_decisions_total", branch="failure", reason=reason), 1, reason)
        self.assertEqual(metrics("dialhook_decision_seconds_count"), 5)
        self.assertEqual(metrics("dialhook_decision_seconds_bucket", le="+Inf"), 5)
        self.assertEqual(metrics("dialhook_http_responses_total", code="500"), 1)
        self.assertEqual(metrics("dialhook_cache_hits_total", kind="fresh"), 1)
        self.assertEqual(metrics("dialhook_circuit_open"), 1)
        self.assertEqual(metrics("dialhook_egress_denied_total"), 1)
        self.assertEqual(metrics("dialhook_in_flight"), 0)
        self.assertEqual(metrics("dialhook_retries_total"), 0)
        self.assertIsNone(metrics("dialhook_timeout_seconds"))

    def test_a_removed_webhook_leaves_the_sums_as_they_are(self):
        self.serve(metrics={"webhooks": False})
        self.asking.route("crm")
        self.asking.route("no")
        with_both = Metrics(self.port)
        self.daemon.reload(configuration({"crm": {"url": self.web.url(), "timeout": ample()}},
                                         server={"http": f"127.0.0.1:{self.port}", "metrics": {"webhooks": False}}))
        self.asking.route("crm")
        metrics = self.until("the call after the reload", "dialhook_decisions_total", 2, branch="success", reason="")
        self.assertEqual(with_both("dialhook_decisions_total", branch="failure", reason="nak"), 1)
        self.assertEqual(metrics("dialhook_decisions_total", branch="failure", reason="nak"), 1)
        self.assertEqual(metrics("dialhook_decision_seconds_count"), 3)

    def test_process_metrics(self):
        self.serve()
        metrics = Metrics(self.port)
        process = pathlib.Path(f"/proc/{self.daemon.process.pid}")
        self.assertGreater(metrics("process_resident_memory_bytes"), 1e6)
        self.assertGreater(metrics("process_max_fds"), metrics("process_open_fds"))
        self.assertAlmostEqual(metrics("process_open_fds"), len(list((process / "fd").iterdir())), delta=5)
        self.assertGreater(metrics("process_start_time_seconds"), 1.6e9)
        self.assertGreaterEqual(metrics("process_cpu_seconds_total"), 0)


class Serving(HttpTest):
    def test_health_while_calls_are_taken_and_while_draining(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.web.on("/", held(event, ACK))
        self.serve(drain=ample())
        self.assertEqual(fetch(self.port, "/healthz")[0], 200)
        self.assertEqual(fetch(self.port, "/healthz", headers={"Host": "whoever.example"})[0], 200)
        self.asking.start_route("crm")
        self.web.wait_request("/")
        self.daemon.signal(signal.SIGTERM)
        self.daemon.notify.wait("STOPPING=1")
        status, _, text = fetch(self.port, "/healthz")
        self.assertEqual((status, text.split(":")[0]), (503, "draining"))
        event.set()
        self.assertEqual(self.daemon.wait_exit(), 0)

    def test_get_and_head_alone(self):
        self.serve()
        status, headers, text = fetch(self.port, "/metrics", "HEAD")
        self.assertEqual((status, text), (200, ""))
        self.assertTrue(headers["Content-Type"].startswith("text/plain; version=0.0.4"), headers)
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            status, headers, _ = fetch(self.port, "/metrics", method)
            self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"), method)
        self.assertEqual(fetch(self.port, "/nothing")[0], 404)

    def test_a_connection_is_kept(self):
        self.serve()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self.use(connection)
        for path in ("/metrics", "/healthz", "/metrics"):
            connection.request("GET", path)
            self.assertEqual(connection.getresponse().read() != b"", True)

    def talk(self, text):
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.use(raw)
        raw.sendall(text)
        return raw

    def rest(self, raw):
        received = b""
        while piece := raw.recv(65536):
            received += piece
        return received

    def test_http_1_0_gets_a_body_that_ends_with_the_connection(self):
        self.serve()
        received = self.rest(self.talk(b"GET /metrics HTTP/1.0\r\n\r\n"))
        self.assertNotIn(b"chunked", received.partition(b"\r\n\r\n")[0].lower())
        self.assertTrue(received.endswith(b"\n"), received[-100:])
        self.assertIn(b"\ndialhook_build_info{", received)

    def test_long_heads_bodies_and_nonsense_are_refused(self):
        self.serve()
        self.assertIn(b" 431 ", self.rest(self.talk(b"GET / HTTP/1.1\r\nX: " + b"x" * 9000)).splitlines()[0])
        self.assertIn(b" 400 ", self.rest(
            self.talk(b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx")).splitlines()[0])
        self.assertEqual(self.rest(self.talk(b"\x16\x03\x01nonsense\r\n\r\n")), b"")
        self.assertEqual(fetch(self.port, "/healthz")[0], 200)

    def test_those_who_send_nothing_keep_nobody_out(self):
        self.serve()
        silent = [self.talk(b"GET /metr") for _ in range(200)]
        self.assertEqual(len(silent), 200)
        self.assertEqual(fetch(self.port, "/healthz")[0], 200)
        self.assertEqual(self.rest(silent[0]), b"", "the oldest has made room")

    def test_the_address_changes_only_at_a_restart(self):
        self.serve()
        self.content["server"]["http"] = f"127.0.0.1:{free_port()}"
        start = self.daemon.reload(self.content)
        self.daemon.wait_logged("server.http", "restart", start=start)
        self.assertEqual(fetch(self.port, "/healthz")[0], 200)


if __name__ == "__main__":
    unittest.main()
