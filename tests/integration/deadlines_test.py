"""Whatever the web server does, the engine has its answer when `timeout` is over: the caller never hears silence."""
import threading
import unittest

from support import replies
from support.case import DialhookTest
from support.certificates import Certificates
from support.configuration import configuration
from support.dnsserver import SILENCE, DnsServer
from support.engine import call
from support.patience import PATIENCE, ample, phase
from support.places import BlackHole, Greeter, RefusingPort
from support.replies import drip, head, held, message, raw, respond
from support.webserver import WebServer

TIMEOUT = 0.3
ACK = b"status=ACK&destination=101"
TLS_RECORD_HEADER = b"\x16\x03\x03\x40\x00"

STALLS = {
    "never answers": replies.hang,
    "stops in the status line": raw(b"HTTP/1.1 2", then=replies.hang),
    "stops in the header": raw(b"HTTP/1.1 200 OK\r\nX: ", then=replies.hang),
    "stops in the body": raw(message(ACK)[:-1], then=replies.hang),
    "stops in a chunk": raw(replies.chunked(ACK)[:-12], then=replies.hang),
    "stops in front of the last chunk": raw(replies.chunked(ACK, end=b""), then=replies.hang),
    "never ends the body by closing": raw(head() + ACK, then=replies.hang),
    "stops after a provisional reply": raw(head(100), then=replies.hang),
    "drips the header": drip(message(ACK, headers=[("X-Padding", "x" * 2000)])),
    "drips the body": raw(head(headers=[("Content-Length", "2000")]), then=drip(ACK.ljust(2000, b"&"))),
    "drips chunks": raw(head(headers=[("Transfer-Encoding", "chunked")]), then=drip(b"1\r\n&\r\n" * 400)),
    "drips provisional replies": drip(head(100) * 100),
    "redirects to what never answers": replies.redirect("/never"),
    "drips a redirect": drip(message(b"", 302, [("X-Padding", "x" * 2000), ("Location", "/never")])),
}


class Stalls(DialhookTest):
    def test_the_whole_budget_ends_every_kind_of_stall(self):
        web, hole = self.use(WebServer().on("/never", replies.hang)), self.use(BlackHole())
        names = self.use(DnsServer())
        names.set("silent.test", a=SILENCE, aaaa=SILENCE)
        mute = self.use(WebServer(greeting=replies.hang))
        urls = {name: web.url(f"/{n}") for n, name in enumerate(STALLS)}
        for n, script in enumerate(STALLS.values()):
            web.on(f"/{n}", script)
        urls["connection is never accepted"] = f"http://127.0.0.1:{hole.port}/"
        urls["TLS is never answered"] = f"https://127.0.0.1:{mute.port}/"
        urls["DNS is silent"] = f"http://silent.test:{web.port}/"
        hooks = {name: {"url": url, "timeout": "300ms", "connect_timeout": "5s"} for name, url in urls.items()}
        daemon = self.start(configuration(hooks, server={"dns": {"servers": [names.address]}}))
        for turn in ("first", "second"):
            for (result, seconds), name in zip(self.engine(daemon).route_all(map(call, hooks)), hooks):
                with self.subTest(name, turn=turn):
                    self.assert_failure(result, "timeout", http_status=None, source=None)
                    self.assert_in_time(seconds, TIMEOUT, f"{name} ({turn} turn)")
                    self.assertLessEqual(result["elapsed_ms"], seconds * 1000 + 1)
                    self.assertGreaterEqual(seconds, TIMEOUT - 0.02, "the webhook had all of its time")

    def test_the_limit_for_connecting_names_its_phase(self):
        limit = phase(200)
        hole, mute = self.use(BlackHole()), self.use(WebServer(greeting=replies.hang))
        slow_tls = self.use(WebServer(greeting=raw(TLS_RECORD_HEADER, then=drip(b"\x02" * 2000))))
        names = self.use(DnsServer())
        names.set("silent.test", a=SILENCE, aaaa=SILENCE)
        cases = {
            "connect": f"http://127.0.0.1:{hole.port}/", "tls": f"https://127.0.0.1:{mute.port}/", "dns": "http://silent.test/",
            "tls dripping": f"https://127.0.0.1:{slow_tls.port}/", "connect for https": f"https://127.0.0.1:{hole.port}/",
        }
        hooks = {name: {"url": url, "timeout": ample(), "connect_timeout": limit} for name, url in cases.items()}
        engine = self.engine(self.start(configuration(hooks, server={"dns": {"servers": [names.address]}})))
        for (result, seconds), name in zip(engine.route_all(map(call, hooks)), hooks):
            with self.subTest(name):
                self.assert_failure(result, name.split()[0], http_status=None, source=None)
                self.assert_in_time(seconds, int(limit.removesuffix("ms")) / 1000, f"connect_timeout, {name}")

    def test_the_limit_for_connecting_does_not_end_a_slow_reply(self):
        event = threading.Event()
        web = self.use(WebServer().on("/", held(event, respond(ACK))))
        hook = {"url": web.url(), "timeout": ample(), "connect_timeout": phase(100)}
        engine = self.engine(self.start(configuration({"crm": hook, "stalled": {**hook, "url": web.url("/never"),
                                                                                "timeout": phase(400)}})))
        web.on("/never", replies.hang)
        slow = engine.start_route("crm")
        web.wait_request("/")
        # A decision that comes long after `connect_timeout` is the clock of this test.
        self.assert_failure(engine.route("stalled"), "timeout")
        event.set()
        answer = engine.answer()
        self.assertEqual(answer["id"], slow)
        self.assert_success(answer["result"], destination="101")


class BrokenOff(DialhookTest):
    """The web server learns at once that nobody waits for its answer: its connection is reset."""

    def setUp(self):
        super().setUp()
        certificates = Certificates(self.scratch().path)
        secure = certificates.server_context(*certificates.issue("server"))
        self.webs = {"http": self.use(WebServer().on("/", replies.hang)),
                     "https": self.use(WebServer(tls=secure).on("/", replies.hang))}
        self.tls = {"ca_file": certificates.ca_file}

    def hooks(self, timeout):
        return {name: {"url": web.url(), "tls": self.tls, "timeout": timeout} for name, web in self.webs.items()}

    def assert_reset(self):
        for name, web in self.webs.items():
            with self.subTest(name):
                self.assertTrue(web.connections[0].closed_by_peer.wait(PATIENCE))
                self.assertTrue(web.connections[0].reset_by_peer)

    def test_when_the_time_is_over(self):
        hooks = self.hooks("300ms")
        for result, _ in self.engine(self.start(configuration(hooks))).route_all(map(call, hooks)):
            self.assert_failure(result, "timeout")
        self.assert_reset()

    def test_when_the_engine_is_gone(self):
        hooks = self.hooks(ample())
        engine = self.engine(self.start(configuration(hooks)))
        for name, web in self.webs.items():
            engine.start_route(name)
            web.wait_request("/")
        engine.close()
        self.assert_reset()


class AtOnce(DialhookTest):
    """Failures that need no waiting do not wait."""

    def test_failures_that_are_known_at_once_come_at_once(self):
        files = self.scratch()
        certificates = Certificates(files.path)
        stranger = certificates.issue("stranger-server", authority="stranger")
        secure = self.use(WebServer(tls=certificates.server_context(*stranger)))
        refusing = self.use(RefusingPort())
        plain = self.use(Greeter(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
        names = self.use(DnsServer())
        web = self.use(WebServer().on("/close", replies.close).on("/reset", replies.reset)
                       .on("/nonsense", raw(b"\0" * 64, then=replies.hang)).on("/loop", replies.redirect("/loop")))
        cases = {
            "refused": (f"http://127.0.0.1:{refusing.port}/", "connect"), "closed": (web.url("/close"), "connect"),
            "reset": (web.url("/reset"), "connect"), "nonsense": (web.url("/nonsense"), "bad_reply"),
            "redirect loop": (web.url("/loop"), "redirect"), "unknown authority": (secure.url(), "tls"),
            "plain HTTP where TLS is expected": (f"https://127.0.0.1:{plain.port}/", "tls"),
            "no such name": ("http://nobody.test/", "dns"), "denied address": ("http://10.0.0.1/", "egress"),
        }
        hooks = {name: {"url": url, "timeout": ample(), "connect_timeout": ample()} for name, (url, _) in cases.items()}
        engine = self.engine(self.start(configuration(hooks, server={"dns": {"servers": [names.address]}})))
        for name, (_, reason) in cases.items():
            with self.subTest(name):
                result, seconds = engine.route_timed(name)
                self.assert_failure(result, reason)
                self.assert_prompt(seconds, name)


if __name__ == "__main__":
    unittest.main()
