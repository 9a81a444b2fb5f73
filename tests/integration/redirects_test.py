"""Redirects: followed as far as the webhook allows, and what is meant for one origin never reaches another."""
import itertools
import unittest

from support import replies
from support.case import DialhookTest
from support.certificates import Certificates
from support.configuration import configuration
from support.patience import ample
from support.replies import redirect, respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=101")
SECRET = {"X-Api-Key": "s3cret"}


class Redirects(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web, cls.elsewhere = cls.share(WebServer()), cls.share(WebServer())
        hook = {"url": cls.web.url("/{call_id}", user_info="jan:pass@"), "timeout": ample(), "headers": SECRET}
        cls.daemon = cls.share_daemon(configuration({
            "crm": hook,
            "post": {**hook, "method": "POST", "body": "form"},
            "none": {**hook, "redirects": 0},
            "five": {**hook, "redirects": 5},
        }))

    def setUp(self):
        super().setUp()
        self.asking = self.engine(self.daemon)
        self.web.on("/end", ACK)
        self.elsewhere.on("/end", ACK)

    def decide(self, *scripts, webhook="crm", **params):
        self.start_path = f"start{len(self.web.requests)}"
        self.web.on(f"/{self.start_path}", *scripts)
        return self.asking.route(webhook, call_id=self.start_path, **params)

    def test_every_kind_of_redirect_is_followed(self):
        for status in (301, 302, 303, 307, 308):
            for location in ("/end", "end", "./x/../end", self.web.url("/end"), self.web.url("/end#part"), "/end?a=%20b",
                             f"//127.0.0.1:{self.web.port}/end"):
                with self.subTest(status=status, location=location):
                    self.assert_success(self.decide(redirect(location, status)), destination="101", http_status=200)
                    self.assertEqual(self.web.requests[-1].path, "/end")
                    self.assertEqual(self.web.requests[-1].query, location.partition("?")[2])

    def test_query_alone_stays_on_the_path(self):
        self.assert_success(self.decide(redirect("?again=1"), ACK), destination="101")
        self.assertEqual(self.web.requests[-1].target, f"/{self.start_path}?again=1")

    def test_body_of_a_redirect_does_not_matter(self):
        bodies = {
            "NAK": redirect("/end", body=b"status=NAK"),
            "too long": redirect("/end", body=b"x" * 100_000),
            "coded": redirect("/end", body=b"\x1f\x8b", headers=[("Content-Encoding", "gzip")]),
            "in chunks": replies.raw(replies.chunked(b"status=NAK", headers=[("Location", "/end")]).replace(b"200 OK", b"302 Found"),
                                     then=replies.KEEP),
        }
        for name, script in bodies.items():
            with self.subTest(name):
                self.assert_success(self.decide(script), destination="101")

    def chain(self, hops):
        """A path after which so many redirects come."""
        for hop in range(hops):
            self.web.on(f"/hop{hop}", redirect(f"/hop{hop - 1}" if hop else "/end"))
        return redirect(f"/hop{hops - 2}" if hops > 1 else "/end")

    def test_as_many_as_the_webhook_allows(self):
        for webhook, allowed in (("crm", 3), ("five", 5)):
            with self.subTest(webhook):
                self.assert_success(self.decide(self.chain(allowed), webhook=webhook), destination="101")
                self.assert_failure(self.decide(self.chain(allowed + 1), webhook=webhook), "redirect")

    def test_none_where_none_is_allowed(self):
        before = len(self.web.requests)
        self.assert_failure(self.decide(self.chain(1), webhook="none"), "redirect")
        self.assertEqual(len(self.web.requests) - before, 1)

    def test_a_loop_ends(self):
        before = len(self.web.requests)
        self.web.on("/a", redirect("/b")).on("/b", redirect("/a"))
        self.assert_failure(self.decide(redirect("/a")), "redirect")
        self.assertEqual(len(self.web.requests) - before, 4, "the first request and three redirects")

    def test_a_location_that_leads_nowhere(self):
        locations = ["", "ftp://127.0.0.1/end", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://[::1",
                     "http://127.0.0.1:99999/end", "http://127.0.0.1:port/end", "https:///end"]
        scripts = {location: redirect(location) for location in locations}
        scripts["no Location"] = respond(status=302)
        for name, script in scripts.items():
            with self.subTest(name):
                self.assert_failure(self.decide(script), "redirect")

    def test_not_every_3xx_is_a_redirect(self):
        for status in (300, 304, 305, 306, 399):
            with self.subTest(status):
                script = replies.raw(replies.head(status, [("Location", "/end"), ("Content-Length", "0")]), then=replies.KEEP)
                self.assert_failure(self.decide(script), "http_status", http_status=status)

    def test_post_becomes_get_or_stays_as_the_status_says(self):
        for status, method in ((301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")):
            with self.subTest(status):
                self.assert_success(self.decide(redirect("/end", status), webhook="post"), destination="101")
                first, last = self.web.requests[-2:]
                self.assertEqual(last.method, method)
                self.assertEqual(last.body, first.body if method == "POST" else b"")
                if method == "GET":
                    self.assertIsNone(last.header("Content-Type"))

    def test_the_same_origin_gets_headers_and_user_info_again(self):
        self.assert_success(self.decide(redirect("/end")), destination="101")
        first, last = self.web.requests[-2:]
        self.assertEqual((last.header("X-Api-Key"), last.header("Authorization")), ("s3cret", first.header("Authorization")))
        self.assertIsNotNone(first.header("Authorization"))

    def test_another_origin_gets_no_headers_no_user_info_and_no_body(self):
        for status in (301, 302, 303, 307, 308):
            for webhook in ("crm", "post"):
                with self.subTest(status=status, webhook=webhook):
                    before = len(self.elsewhere.requests)
                    result = self.decide(redirect(self.elsewhere.url("/end"), status), webhook=webhook, callername="Jan")
                    if webhook == "crm" or status < 304:
                        self.assert_success(result, destination="101")
                        self.assertEqual(self.elsewhere.requests[-1].method, "GET")
                    for request in self.elsewhere.requests[before:]:
                        self.assertEqual((request.header("X-Api-Key"), request.header("Authorization"), request.body),
                                         (None, None, b""))
                        self.assertEqual(request.header("Host"), f"127.0.0.1:{self.elsewhere.port}")

    def test_a_denied_address_is_denied_at_every_hop(self):
        for location in ("http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[fd00::1]/", "http://0.0.0.0/",
                         "http://[::ffff:10.0.0.1]/"):
            with self.subTest(location):
                self.assert_failure(self.decide(redirect(location)), "egress")


class OneConnection(DialhookTest):
    """A redirect that stays on its origin: the connection is used again, and nothing but what comes after a request is its reply."""

    def each_web(self):
        files = self.scratch()
        certificates = Certificates(files.path)
        plain, secure = self.use(WebServer()), self.use(WebServer(tls=certificates.server_context(*certificates.issue("server"))))
        hook = {"timeout": ample(), "redirects": 5, "tls": {"ca_file": certificates.ca_file}}
        engine = self.engine(self.start(configuration({"http": {**hook, "url": plain.url("/begin")},
                                                       "https": {**hook, "url": secure.url("/begin")}})))
        for scheme, web in (("http", plain), ("https", secure)):
            yield scheme, web, engine

    def test_hops_on_one_origin_share_a_connection(self):
        for scheme, web, engine in self.each_web():
            with self.subTest(scheme):
                web.on("/begin", redirect("/more")).on("/more", redirect("/end", body=b"moved")).on("/end", ACK)
                for _ in range(3):
                    self.assert_success(engine.route(scheme), destination="101")
                self.assertEqual(len(web.connections), 1)

    def test_what_stands_right_behind_a_redirect_is_no_reply_to_the_next_hop(self):
        forged = replies.message(b"status=ACK&destination=666")
        for scheme, web, engine in self.each_web():
            web.on("/end", ACK)
            for size, behind in itertools.product(replies.FILLING, (forged, b"\0", b"\0" + forged)):
                with self.subTest(scheme, size=size, behind=behind[:8]):
                    moved = replies.message_of(size, b"", 302, [("Location", "/end")])
                    web.on("/begin", replies.raw(moved + behind, then=replies.KEEP))
                    self.assert_success(engine.route(scheme), destination="101")
                    begin, end = [request.connection for request in web.requests if request.path in ("/begin", "/end")][-2:]
                    self.assertNotEqual(begin, end)


class FromHttps(DialhookTest):
    def test_https_never_goes_down_to_http(self):
        files = self.scratch()
        certificates = Certificates(files.path)
        secure = self.use(WebServer(tls=certificates.server_context(*certificates.issue("server"))))
        plain = self.use(WebServer().on("/end", ACK).on("/up", redirect(secure.url("/end"))))
        secure.on("/down", redirect(plain.url("/end"))).on("/end", ACK)
        hook = {"timeout": ample(), "tls": {"ca_file": certificates.ca_file}}
        engine = self.engine(self.start(configuration({"down": {**hook, "url": secure.url("/down")},
                                                       "up": {**hook, "url": plain.url("/up")}})))
        self.assert_failure(engine.route("down"), "redirect")
        self.assertEqual(len(plain.connections), 0)
        with self.subTest("up to https is fine"):
            self.assert_success(engine.route("up"), destination="101")


if __name__ == "__main__":
    unittest.main()
