"""TLS: only a web server that proves who it is gets a call's data, and only over what the webhook accepts."""
import contextlib
import ssl
import unittest

from support.case import DialhookTest
from support.certificates import Certificates
from support.configuration import configuration
from support.dnsserver import DnsServer
from support.engine import call
from support.opensslserver import OpensslServer
from support.patience import PATIENCE, ample
from support.replies import FILLING, KEEP, message, message_of, raw, redirect, respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=101")
SHOWN = rb"depth=0 CN = client\s+verify return:1"
CLOSING = respond("status=ACK&destination=101", headers=[("Connection", "close")])


class Tls(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.share_scratch()
        cls.certificates = made = Certificates(cls.files.path)
        cls.good = made.issue("good")
        cls.client = made.issue("client", names="DNS:client")
        cls.dns = cls.share(DnsServer())
        cls.dns.set("crm.test", a=["127.0.0.1"])
        cls.dns.set("www.crm.test", a=["127.0.0.1"])
        mine = made.issue("leaf")
        made.issue_authority("intermediate")
        below = made.issue("below", authority="intermediate")
        bundle = made.bundle("bundle.pem", made.path("stranger.pem"), made.path("intermediate.pem"))
        contexts = {
            "good": made.server_context(*cls.good),
            "stranger": made.server_context(*made.issue("by-stranger", authority="stranger")),
            "wrong name": made.server_context(*made.issue("wrong", names="DNS:other.test,IP:127.0.0.9")),
            "wildcard": made.server_context(*made.issue("wildcard", names="DNS:*.crm.test")),
            "expired": made.server_context(*made.issue("expired", expired=True)),
            "wants client": made.server_context(*cls.good, client_ca=made.ca_file),
            "leaf": made.server_context(*mine),
            "leaf by stranger": made.server_context(*made.issue("leaf-by-stranger", authority="stranger")),
            "expired leaf": made.server_context(made.path("expired.pem"), made.path("expired.key")),
            "self-signed": made.server_context(*made.self_signed("alone")),
            "below": made.server_context(*below),
            "below, with its chain": made.server_context(made.bundle("chain.pem", below[0], made.path("intermediate.pem")), below[1]),
            "old": made.server_context(*cls.good, at_most=ssl.TLSVersion.TLSv1_2),
        }
        cls.webs = {name: cls.share(WebServer(tls=context).on("/", ACK)) for name, context in contexts.items()}
        # (web server, host in the URL, `tls` of the webhook) -> reason, None for a success
        ours = {"ca_file": made.ca_file}
        with_key = {**ours, "client_cert": cls.client[0], "client_key": cls.client[1]}
        cls.cases = {
            "certificate for the address": ("good", "127.0.0.1", ours, None),
            "certificate for the name": ("good", "crm.test", ours, None),
            "unknown authority": ("stranger", "crm.test", ours, "tls"),
            "authority that only the webhook trusts": ("good", "crm.test", {}, "tls"),
            "wrong name": ("wrong name", "crm.test", ours, "tls"),
            "wrong address": ("wrong name", "127.0.0.1", ours, "tls"),
            "wildcard": ("wildcard", "www.crm.test", ours, None),
            "wildcard does not cover the domain": ("wildcard", "crm.test", ours, "tls"),
            "expired": ("expired", "crm.test", ours, "tls"),
            "name with a dot at its end": ("good", "crm.test.", ours, None),
            "wrong name with a dot at its end": ("wrong name", "crm.test.", ours, "tls"),
            "wildcard for a name with a dot at its end": ("wildcard", "www.crm.test.", ours, None),
            "file with the own certificate": ("leaf", "crm.test", {"ca_file": mine[0]}, None),
            "own certificate for another name": ("wrong name", "crm.test", {"ca_file": made.path("wrong.pem")}, "tls"),
            "own certificate of another web server": ("good", "crm.test", {"ca_file": mine[0]}, "tls"),
            "own certificate that has expired": ("expired leaf", "crm.test", {"ca_file": made.path("expired.pem")}, "tls"),
            "own certificate signed by nobody else": ("self-signed", "crm.test", {"ca_file": made.path("alone.pem")}, None),
            "own certificate by an authority that nobody trusts":
                ("leaf by stranger", "crm.test", {"ca_file": made.path("leaf-by-stranger.pem")}, None),
            "file with the intermediate": ("below", "crm.test", {"ca_file": made.path("intermediate.pem")}, None),
            "file with the intermediate that is sent too":
                ("below, with its chain", "crm.test", {"ca_file": made.path("intermediate.pem")}, None),
            "file with the intermediate among others": ("below", "crm.test", {"ca_file": bundle}, None),
            "file with the root and the intermediate is sent": ("below, with its chain", "crm.test", ours, None),
            "file with the root and the intermediate is missing": ("below", "crm.test", ours, "tls"),
            "file with the intermediate of another web server": ("good", "crm.test", {"ca_file": made.path("intermediate.pem")}, "tls"),
            "file with an intermediate of another root": ("stranger", "crm.test", {"ca_file": made.path("intermediate.pem")}, "tls"),
            "client certificate shown": ("wants client", "crm.test", with_key, None),
            "client certificate missing": ("wants client", "crm.test", ours, "tls"),
            "TLS 1.2 where it is enough": ("old", "crm.test", {**ours, "min_version": "1.2"}, None),
            "TLS 1.2 by default": ("old", "crm.test", ours, None),
            "TLS 1.2 where 1.3 is wanted": ("old", "crm.test", {**ours, "min_version": "1.3"}, "tls"),
            "TLS 1.3 where it is wanted": ("good", "crm.test", {**ours, "min_version": "1.3"}, None),
        }
        hooks = {name: {"url": cls.webs[web].url("/", host), "timeout": ample(), "connect_timeout": ample(),
                        **({"tls": tls} if tls else {})}
                 for name, (web, host, tls, _) in cls.cases.items()}
        hooks["to another name"] = {"url": cls.webs["wildcard"].url("/to-domain", "www.crm.test"), "timeout": ample(), "tls": ours}
        hooks["narrow"] = {"url": cls.webs["good"].url("/narrow"), "timeout": ample(), "tls": ours, "max_connections": 1}
        cls.turning = WebServer(tls=made.server_context(*cls.good, at_most=ssl.TLSVersion.TLSv1_2)).on("/", CLOSING)
        hooks["turning"] = {"url": cls.turning.url(), "timeout": ample(), "tls": ours}
        cls.daemon = cls.share_daemon(configuration(hooks, server={"dns": {"servers": [cls.dns.address]}}))

    def setUp(self):
        super().setUp()
        self.asking = self.engine(self.daemon)

    def test_who_is_trusted(self):
        for name, (web, _, _, reason) in self.cases.items():
            with self.subTest(name):
                before = len(self.webs[web].requests)
                result = self.asking.route(name)
                if reason:
                    self.assert_failure(result, reason, http_status=None)
                    self.assertEqual(len(self.webs[web].requests), before, "not a byte of the call was sent")
                else:
                    self.assert_success(result, destination="101")

    def test_the_name_is_sent_but_an_address_is_none(self):
        for name, expected in (("certificate for the name", "crm.test"), ("certificate for the address", None),
                               ("name with a dot at its end", "crm.test")):
            with self.subTest(name):
                self.assert_success(self.asking.route(name))
                request = self.webs["good"].requests[-1]
                self.assertEqual(self.webs["good"].connections[request.connection - 1].server_name, expected)

    def test_connections_of_different_tls_settings_are_not_shared(self):
        self.assert_success(self.asking.route("certificate for the name"))
        self.assert_failure(self.asking.route("authority that only the webhook trusts"), "tls")

    def test_a_redirect_is_checked_against_its_own_name(self):
        web = self.webs["wildcard"]
        web.on("/to-domain", redirect(web.url("/", "crm.test")))
        self.assert_failure(self.asking.route("to another name"), "tls")

    def test_a_session_is_resumed(self):
        for web_name, name in (("good", "certificate for the name"), ("old", "TLS 1.2 by default")):
            with self.subTest(web_name):
                web = self.webs[web_name]
                web.on("/", respond("status=ACK", headers=[("Connection", "close")]))
                self.assert_success(self.asking.route(name))
                first = len(web.connections)
                self.assert_success(self.asking.route(name))
                self.assertEqual(len(web.connections), first + 1)
                self.assertTrue(web.connections[-1].session_reused)
                web.on("/", ACK)

    def test_connections_resume_the_latest_session_until_there_is_a_newer_one(self):
        """As those do that are opened at once: the web server sends new ones with its replies."""
        context = self.certificates.server_context(*self.good, at_least=ssl.TLSVersion.TLSv1_3)
        with contextlib.closing(WebServer(tls=context).on("/", CLOSING)) as web:
            hook = {"url": web.url(), "timeout": ample(), "tls": {"ca_file": self.certificates.ca_file}}
            engine = self.engine(self.start(configuration({"crm": hook})))
            self.assert_success(engine.route("crm"))
            context.num_tickets = 0
            for _ in range(3):
                self.assert_success(engine.route("crm"))
            self.assertEqual([connection.session_reused for connection in web.connections], [False, True, True, True])

    def test_a_session_outlives_a_connection_that_ended_without_a_word(self):
        for web_name, name in (("good", "certificate for the name"), ("old", "TLS 1.2 by default")):
            with self.subTest(web_name):
                web = self.webs[web_name]
                web.on("/", CLOSING, ACK)
                for _ in range(2):
                    self.assert_success(self.asking.route(name))
                dropped = web.connections[web.requests[-1].connection - 1]
                dropped.abandon()    # TCP's end without that of TLS
                self.assertTrue(dropped.ended.wait(PATIENCE))
                web.on("/", CLOSING)
                first = len(web.connections)
                self.assert_success(self.asking.route(name))
                self.assertEqual(len(web.connections), first + 1)
                self.assertTrue(web.connections[-1].session_reused)
                web.on("/", ACK)

    def test_a_web_server_that_has_turned_to_tls_1_3_alone_is_reached(self):
        """A session of TLS 1.2 is resumed with TLS 1.2 alone, which it refuses now."""
        with contextlib.closing(self.turning):
            for _ in range(2):
                self.assert_success(self.asking.route("turning"))
            self.assertTrue(self.turning.connections[-1].session_reused)
        newer = self.certificates.server_context(*self.good, at_least=ssl.TLSVersion.TLSv1_3)
        with contextlib.closing(WebServer(tls=newer, port=self.turning.port).on("/", CLOSING)) as web:
            for _ in range(2):
                self.assert_success(self.asking.route("turning"))
            self.assertTrue(web.connections[-1].session_reused)
            self.assertEqual(len(web.connections), 3, "one was refused")

    def test_a_kept_connection_that_tls_closed_is_invisible(self):
        web = self.webs["good"]
        web.on("/", lambda connection: ACK(connection) and "close")
        for turn in range(10):
            with self.subTest(turn=turn):
                self.assert_success(self.asking.route("certificate for the name"))
                self.assertTrue(web.connections[web.requests[-1].connection - 1].ended.wait(PATIENCE))
        web.on("/", ACK)

    def test_a_second_reply_behind_the_first_is_not_that_of_the_call_that_waits_for_the_connection(self):
        """What TLS has decrypted already is no more on the socket, where a look at it would find it."""
        for size in FILLING:
            with self.subTest(size):
                both = message_of(size) + message(b"status=ACK&destination=666")
                self.webs["good"].on("/narrow", raw(both, then=KEEP), ACK)
                decisions = self.asking.route_all([call("narrow")] * 2)
                self.assertEqual([result["destination"] for result, _ in decisions], [None, "101"])

    def test_bytes_after_the_declared_end_show_that_the_length_is_wrong(self):
        for size in (200, *FILLING):
            with self.subTest(size):
                self.webs["good"].on("/narrow", raw(message_of(size) + b"&x", then=KEEP), ACK)
                self.assert_failure(self.asking.route("narrow"), "bad_reply", http_status=200)
                self.assert_success(self.asking.route("narrow"), destination="101")


class AfterTheHandshake(DialhookTest):
    """A web server that asks for the client's certificate when it has read the request."""

    def setUp(self):
        super().setUp()
        self.made = Certificates(self.scratch().path)
        self.good = self.made.issue("good")

    def serve(self, version, **keys):
        web = self.use(OpensslServer(*self.good, self.made.ca_file, version))
        hook = {"url": web.url(), "timeout": ample(), "tls": {"ca_file": self.made.ca_file, **keys}}
        return web, self.engine(self.start(configuration({"crm": hook})))

    def with_key(self, authority="ca"):
        certificate, key = self.made.issue("client", authority=authority, names="DNS:client")
        return {"client_cert": certificate, "client_key": key}

    def assert_answered(self, web, engine, destination, asks):
        engine.start_route("crm")
        web.wait(rb"GET / HTTP/1.1\r\n(?s:.*?)\r\n\r\n")
        if asks:
            web.ask_for_certificate()
            web.wait(asks)
        web.reply(f"status=ACK&destination={destination}")
        self.assert_success(engine.answer()["result"], destination=destination)

    def test_the_certificate_is_shown_when_it_is_asked_for(self):
        for version in ("1_3", "1_2"):
            with self.subTest(version):
                web, engine = self.serve(version, **self.with_key())
                self.assert_answered(web, engine, "101", asks=SHOWN)
                # With TLS 1.2 `openssl s_server` asks a connection only once.
                self.assert_answered(web, engine, "102", asks=SHOWN if version == "1_3" else None)
                self.assertEqual(b"".join(web.output).count(b"-----BEGIN SSL SESSION PARAMETERS-----"), 1, "on one connection")

    def test_where_there_is_none_the_web_server_learns_that_it_cannot_ask(self):
        web, engine = self.serve("1_3")
        self.assert_answered(web, engine, "101", asks=rb"(?i)extension not received")

    def test_one_that_is_refused_is_tls(self):
        for version in ("1_3", "1_2"):
            with self.subTest(version):
                web, engine = self.serve(version, **self.with_key("stranger"))
                engine.start_route("crm")
                web.wait(rb"GET / HTTP/1.1\r\n")
                web.ask_for_certificate()
                self.assert_failure(engine.answer()["result"], "tls")


class SystemAuthorities(DialhookTest):
    def test_without_a_file_the_authorities_of_the_system_are_trusted(self):
        files = self.scratch()
        made = Certificates(files.path)
        web = self.use(WebServer(tls=made.server_context(*made.issue("good"))).on("/", ACK))
        content = configuration({"crm": {"url": web.url(), "timeout": ample()}})
        # OpenSSL's own variable stands for the system's store.
        engine = self.engine(self.start(content, environment={"SSL_CERT_FILE": made.ca_file}))
        self.assert_success(engine.route("crm"), destination="101")

    def test_they_are_trusted_where_plain_http_is_redirected_to_https(self):
        files = self.scratch()
        made = Certificates(files.path)
        secure = self.use(WebServer(tls=made.server_context(*made.issue("good"))).on("/", *[ACK] * 5))
        plain = self.use(WebServer().on("/", *[redirect(secure.url("/"))] * 5))
        content = configuration({"crm": {"url": plain.url(), "timeout": ample()}})
        engine = self.engine(self.start(content, environment={"SSL_CERT_FILE": made.ca_file}))
        # All come before the authorities are read: nobody is refused for it, and nobody waits in vain.
        for decision, _ in engine.route_all([call("crm")] * 5):
            self.assert_success(decision, destination="101")

    def test_without_them_no_redirect_to_https_is_followed_and_the_next_one_tries_again(self):
        files = self.scratch()
        made = Certificates(files.path)
        secure = self.use(WebServer(tls=made.server_context(*made.issue("good"))).on("/", ACK))
        plain = self.use(WebServer().on("/", redirect(secure.url("/")), redirect(secure.url("/"))))
        content = configuration({"crm": {"url": plain.url(), "timeout": ample()}})
        engine = self.engine(self.start(content, environment={"SSL_CERT_FILE": Certificates(self.scratch().path).ca_file}))
        for _ in range(2):
            self.assert_failure(engine.route("crm"), "tls")


if __name__ == "__main__":
    unittest.main()
