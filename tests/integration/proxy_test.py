"""`egress.proxy`: https goes through CONNECT, http in absolute form, and the proxy's failures are not the web server's."""
import unittest

from signatures_test import is_signed_by
from support.case import DialhookTest
from support.certificates import Certificates
from support.configuration import configuration
from support.patience import ample
from support.places import RefusingPort
from support.proxy import Proxy
from support.replies import redirect, respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=101")


class ThroughProxy(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = Certificates(cls.share_scratch().path)
        cls.certificate = cls.certificates.issue("web")

    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", ACK))
        self.secure = self.use(WebServer(tls=self.certificates.server_context(*self.certificate)).on("/", ACK))

    def serve(self, proxy, keys=None, user_info="", egress=None):
        self.proxy = self.use(proxy)
        self.proxy.known = {("crm.test", 80): ("127.0.0.1", self.web.port), ("crm.test", 443): ("127.0.0.1", self.secure.port),
                            ("crm.test.", 443): ("127.0.0.1", self.secure.port)}
        tls = {"ca_file": self.certificates.ca_file}
        hook = {"timeout": ample(), "connect_timeout": ample(), "tls": tls, **(keys or {})}
        self.daemon = self.start(configuration(
            {"http": {**hook, "url": "http://crm.test/?did={did}"}, "https": {**hook, "url": "https://crm.test/?did={did}"},
             "dotted": {**hook, "url": "https://crm.test./"},
             "literal": {**hook, "url": "http://192.0.2.1/"}, "closed": {**hook, "url": "http://closed.test/"}},
            egress={"proxy": f"http://{user_info}127.0.0.1:{self.proxy.port}", "deny": ["closed.test"], **(egress or {})}))
        self.asking = self.engine(self.daemon)

    def test_http_is_asked_for_in_absolute_form(self):
        self.serve(Proxy())
        for _ in range(3):
            self.assert_success(self.asking.route("http"), destination="101")
        method, target, headers = self.proxy.asked[0]
        self.assertEqual((method, target, headers["Host"]), ("GET", "http://crm.test/?did=%2B31502102544", "crm.test"))
        self.assertEqual(self.web.requests[0].target, "/?did=%2B31502102544")
        self.assertEqual(len(self.web.connections), 1, "the connection is kept")

    def test_https_goes_through_a_tunnel(self):
        self.serve(Proxy())
        for _ in range(3):
            self.assert_success(self.asking.route("https"), destination="101")
        self.assertEqual([(method, target) for method, target, _ in self.proxy.asked], [("CONNECT", "crm.test:443")])
        self.assertEqual(self.secure.requests[0].target, "/?did=%2B31502102544")

    def test_a_dot_at_the_end_of_a_name_is_no_part_of_sni_and_certificate(self):
        self.serve(Proxy())
        self.assert_success(self.asking.route("dotted"), destination="101")
        self.assertEqual(self.proxy.asked[0][:2], ("CONNECT", "crm.test.:443"), "the proxy is asked for what the URL says")
        self.assertEqual(self.secure.connections[0].server_name, "crm.test")
        self.assertEqual(self.secure.requests[0].header("Host"), "crm.test.")

    def test_credentials_are_shown_to_the_proxy_alone(self):
        self.serve(Proxy(credentials="me:secret"), user_info="me:secret@")
        for webhook, web in (("http", self.web), ("https", self.secure)):
            self.assert_success(self.asking.route(webhook))
            self.assertNotIn("secret", self.daemon.stderr())
            if webhook == "https":
                self.assertIsNone(web.requests[0].header("Proxy-Authorization"))

    def test_a_proxy_that_wants_credentials_is_named(self):
        self.serve(Proxy(credentials="me:secret"))
        for webhook in ("http", "https"):
            result = self.asking.route(webhook, explain=True)
            self.assert_failure(result, "connect")
            self.assertIn("the proxy 127.0.0.1 wants" if webhook == "http" else "wants credentials (407)", result["tries"][0]["detail"])

    def test_a_proxy_that_refuses_is_named(self):
        answers = {b"HTTP/1.1 503 No\r\n\r\n": "HTTP status 503", b"hello there\r\n\r\n": "does not speak HTTP", b"": "closed the connection",
                   b"HTTP/1.1 200 OK\r\n\r\nextra": "more than its answer"}
        for answer, words in answers.items():
            with self.subTest(answer):
                self.serve(Proxy(answer=answer))
                result = self.asking.route("https", explain=True)
                self.assert_failure(result, "connect")
                self.assertIn(words, result["tries"][0]["detail"])

    def test_provisional_answers_of_a_proxy_are_skipped(self):
        answer = b"HTTP/1.1 200 Connection established\r\n\r\n"
        for before in (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\nHTTP/1.0 103 Hints\n\n",
                       b"HTTP/1.1 100 Continue\r\n\r\n" * 16, b""):
            for pieces in ([before + answer], [before, answer]):
                with self.subTest(pieces):
                    self.serve(Proxy(made=pieces))
                    self.assert_success(self.asking.route("https"), destination="101")
        for answer, words in ((b"HTTP/1.1 100 Continue\r\n\r\n" * 20, "HTTP status 100"), (b"HTTP/1.1 101 Switching\r\n\r\n", "HTTP status 101"),
                              (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 No\r\n\r\n", "HTTP status 403"),
                              (b"HTTP/1.1 100 Continue\r\n\r\n", "closed the connection")):
            with self.subTest(answer):
                self.serve(Proxy(answer=answer))
                result = self.asking.route("https", explain=True)
                self.assert_failure(result, "connect")
                self.assertIn(words, result["tries"][0]["detail"])

    def test_nobody_listens_at_the_proxy(self):
        refusing = self.use(RefusingPort())
        self.daemon = self.start(configuration({"crm": {"url": "https://crm.test/", "timeout": ample()}},
                                               egress={"proxy": f"http://127.0.0.1:{refusing.port}"}))
        self.assert_failure(self.engine(self.daemon).route("crm"), "connect")

    def test_rules_hold_for_names_and_literal_addresses(self):
        self.serve(Proxy())
        self.assert_failure(self.asking.route("literal"), "egress")
        self.assert_failure(self.asking.route("closed"), "egress")
        self.assertEqual(len(self.proxy.asked), 0)

    def test_redirects_go_through_it_too(self):
        self.serve(Proxy())
        self.web.on("/", redirect("https://crm.test/next")).on("/next", ACK)
        self.secure.on("/next", redirect("http://192.0.2.7/"))
        self.assert_failure(self.asking.route("http"), "redirect", http_status=302)
        self.secure.on("/next", ACK)
        self.assert_success(self.asking.route("http"))
        self.assertIn(("CONNECT", "crm.test:443"), [(method, target) for method, target, _ in self.proxy.asked])

    def test_a_redirect_to_another_https_origin_has_a_tunnel_of_its_own_and_no_secret(self):
        other = self.use(WebServer(tls=self.certificates.server_context(
            *self.certificates.issue("other", names="DNS:other.test"))).on("/in", ACK))
        self.serve(Proxy(credentials="me:secret"), {"headers": {"X-Api-Key": "key"}}, user_info="me:secret@")
        self.proxy.known["other.test", 443] = ("127.0.0.1", other.port)
        self.secure.on("/", redirect("https://other.test/in"))
        for _ in range(2):
            self.assert_success(self.asking.route("https"), destination="101")
        self.assertEqual([target for _, target, _ in self.proxy.asked], ["crm.test:443", "other.test:443"])
        self.assertEqual((other.connections[0].server_name, len(other.requests)), ("other.test", 2))
        self.assertEqual((self.secure.requests[0].header("X-Api-Key"), other.requests[0].header("X-Api-Key")), ("key", None))
        self.assertIsNone(other.requests[0].header("Proxy-Authorization"))

    def test_a_redirect_through_it_ends_where_the_certificate_is_not_trusted(self):
        self.serve(Proxy())
        self.proxy.known["other.test", 443] = ("127.0.0.1", self.secure.port)
        self.secure.on("/", redirect("https://other.test/"))
        self.assert_failure(self.asking.route("https"), "tls")

    def test_a_redirect_through_it_to_a_name_that_egress_closes(self):
        self.serve(Proxy())
        self.secure.on("/", redirect("https://closed.test/"))
        self.assert_failure(self.asking.route("https"), "egress")
        self.assertEqual([target for _, target, _ in self.proxy.asked], ["crm.test:443"])

    def test_a_signature_is_over_the_path_alone(self):
        self.serve(Proxy(), {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
        self.assert_success(self.asking.route("http"))
        self.assertTrue(is_signed_by("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", self.web.requests[0]))


if __name__ == "__main__":
    unittest.main()
