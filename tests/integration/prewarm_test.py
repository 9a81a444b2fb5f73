"""`prewarm`: connections that are there before a call needs one."""
import signal
import threading
import time
import unittest

from support.case import DialhookTest
from support.certificates import Certificates
from support.configuration import configuration
from support.patience import PATIENCE, ample
from support.places import ReservedPort
from support.proxy import Proxy
from support.replies import CLOSE, held, respond
from support.webserver import WebServer


class Prewarm(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond()))

    def hook(self, web=None, **keys):
        return {"url": (web or self.web).url("/?did={did}"), "timeout": ample(), "connect_timeout": ample(), **keys}

    def open_connections(self, count, web=None):
        return (web or self.web).connections.wait_count(count, "connections")

    def assert_no_more_than(self, count, web=None):
        """Calls, one after the other, take much longer than the pause in front of a further connection."""
        asking = self.engine(self.daemon)
        begin = time.monotonic()
        while time.monotonic() - begin < 0.2:
            self.assert_success(asking.route("crm"))
        self.assertEqual(len((web or self.web).connections), count)

    def test_they_are_open_before_the_first_call_which_uses_one(self):
        self.daemon = self.start(configuration({"crm": self.hook(prewarm=3)}))
        self.daemon.wait_idle(3)
        self.assertEqual(len(self.web.requests), 0)
        result = self.engine(self.daemon).route("crm", explain=True)
        self.assert_success(result)
        self.assertEqual(result["timing"]["connect"], 0)
        self.assert_no_more_than(3)

    def test_nothing_is_opened_unless_it_is_asked_for(self):
        self.daemon = self.start(configuration({"crm": self.hook()}))
        self.assert_no_more_than(1)

    def test_they_are_opened_one_after_the_other(self):
        begin = time.monotonic()
        self.daemon = self.start(configuration({"crm": self.hook(prewarm=40)}))
        self.open_connections(40)
        self.assertGreaterEqual(time.monotonic() - begin, 39 * 0.020)

    def test_one_that_the_web_server_closes_is_replaced(self):
        self.daemon = self.start(configuration({"crm": self.hook(prewarm=2)}))
        for closed, connection in enumerate(self.open_connections(2)):
            connection.abandon()
            self.open_connections(3 + closed)
        self.daemon.wait_idle(2)
        self.assert_no_more_than(4)

    def test_one_that_a_call_has_used_up_is_replaced(self):
        self.web.on("/", respond(headers=[("Connection", "close")], then=CLOSE))
        self.daemon = self.start(configuration({"crm": self.hook(prewarm=1)}))
        asking = self.engine(self.daemon)
        for call in range(1, 6):
            self.open_connections(call)
            self.daemon.wait_idle(1)
            result = asking.route("crm", explain=True)
            self.assert_success(result)
            self.assertEqual(result["timing"]["connect"], 0)

    def test_a_web_server_that_closes_them_unused_is_left_in_peace(self):
        begin = time.monotonic()
        unwilling = self.use(WebServer(greeting=lambda connection: CLOSE))
        self.daemon = self.start(configuration({"crm": self.hook(unwilling, prewarm=1)}))
        self.open_connections(3, unwilling)
        self.assertGreaterEqual(time.monotonic() - begin, 0.5 + 1.0, "half a second at least, then twice as long")

    def test_one_that_is_down_is_asked_again_later(self):
        port = self.use(ReservedPort()).port
        url = f"http://127.0.0.1:{port}/"
        self.daemon = self.start(configuration({"crm": {**self.hook(prewarm=2), "url": url}}))
        line = self.daemon.wait_logged("prewarm failed", "crm")
        self.assertIn("cannot connect to", line)
        self.open_connections(2, self.use(WebServer(port=port)))

    def test_the_egress_rules_decide(self):
        self.daemon = self.start(configuration({"crm": self.hook(prewarm=2)}, egress=None))
        self.daemon.wait_logged("prewarm failed", "127.0.0.1", "egress")
        self.assertEqual(len(self.web.connections), 0)

    def test_those_of_webhooks_with_one_origin_add_up_and_are_shared(self):
        hooks = {"crm": self.hook(prewarm=2), "other": self.hook(prewarm=1), "third": self.hook()}
        self.daemon = self.start(configuration(hooks))
        self.daemon.wait_idle(3)
        self.assert_success(self.engine(self.daemon).route("third"))
        self.assert_no_more_than(3)

    def test_threads_share_them_out(self):
        self.daemon = self.start(configuration({"crm": self.hook(prewarm=5)}, server={"threads": 3}))
        self.daemon.wait_idle(5)
        self.assert_no_more_than(5)

    def test_they_stay_within_max_connections(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.web.on("/", held(event))
        self.daemon = self.start(configuration({"crm": self.hook(prewarm=3, max_connections=3)}))
        asking = self.engine(self.daemon)
        for _ in range(12):
            asking.start_route("crm")
        self.web.requests.wait_count(3, "requests")
        event.set()
        for _ in range(12):
            self.assert_success(asking.answer()["result"])
        # A call that finds no place takes that of a connection which is being opened ahead: that one may be seen, but not used.
        self.assertEqual(len({request.connection for request in self.web.requests}), 3)

    def test_a_reload_keeps_those_that_are_open_and_opens_those_that_are_new(self):
        other = self.use(WebServer().on("/", respond()))
        content = configuration({"crm": self.hook(prewarm=2), "gone": self.hook(other, prewarm=1)})
        self.daemon = self.start(content)
        self.daemon.wait_idle(3)  # and not merely being opened: a reload breaks that off
        self.assert_no_more_than(2)
        newcomer = self.use(WebServer().on("/", respond()))
        self.daemon.reload(configuration({"crm": self.hook(prewarm=3), "new": self.hook(newcomer, prewarm=2)}))
        other.connections[0].abandon()
        self.daemon.wait_idle(5)
        self.assert_no_more_than(3)
        self.assertEqual(len(other.connections), 1, "nobody wants it any more")

    def test_a_stop_closes_them_while_calls_end(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.web.on("/", held(event))
        self.daemon = self.start(configuration({"crm": self.hook(prewarm=3)}))
        self.daemon.wait_idle(3)
        asking = self.engine(self.daemon)
        asking.start_route("crm")
        busy = self.web.wait_request("/").connection
        self.daemon.signal(signal.SIGTERM)
        for connection in self.web.connections:
            if connection.number != busy:
                self.assertTrue(connection.closed_by_peer.wait(PATIENCE))
        event.set()
        self.assert_success(asking.answer()["result"])
        self.assertEqual(self.daemon.wait_exit(), 0)
        self.assertEqual(len(self.web.connections), 3)


class PrewarmTls(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = Certificates(cls.share_scratch().path)
        cls.context = cls.certificates.server_context(*cls.certificates.issue("web"))

    def serve(self, url, **egress):
        tls = {"ca_file": self.certificates.ca_file}
        hook = {"url": url, "timeout": ample(), "connect_timeout": ample(), "tls": tls, "prewarm": 1}
        return self.start(configuration({"crm": hook}, egress={"allow": ["127.0.0.0/8"], **egress}))

    def assert_ready_for_a_call(self, daemon, web):
        daemon.wait_idle(1)
        result = self.engine(daemon).route("crm", explain=True)
        self.assert_success(result)
        self.assertEqual((result["timing"]["connect"], result["timing"]["tls"]), (0, 0))
        self.assertEqual(len(web.connections), 1)

    def test_the_handshake_is_done_ahead_too(self):
        web = self.use(WebServer(tls=self.context).on("/", respond()))
        daemon = self.serve(web.url("/"))
        self.assert_ready_for_a_call(daemon, web)

    def test_through_a_proxy_the_tunnel_stands(self):
        web = self.use(WebServer(tls=self.context).on("/", respond()))
        proxy = self.use(Proxy({("crm.test", 443): ("127.0.0.1", web.port)}))
        daemon = self.serve("https://crm.test/", proxy=f"http://127.0.0.1:{proxy.port}")
        proxy.asked.wait_entry(lambda asked: asked[:2] == ("CONNECT", "crm.test:443"), "a tunnel")
        self.assert_ready_for_a_call(daemon, web)


if __name__ == "__main__":
    unittest.main()
