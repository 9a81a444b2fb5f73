"""Every way that the published lists know to write an inside address, each as a webhook's URL, as a redirect, and as an
answer of DNS: none of them reaches the web server that stands there.

The DNS server is in the attacker's hands: it says 127.0.0.1 for every name.
"""
import unittest

from support.case import DialhookTest
from support.configuration import as_yaml, configuration
from support.daemon import check
from support.dnsserver import DnsServer, name_asked
from support.patience import ample
from support.replies import redirect, respond
from support.webserver import WebServer

# What a URL, {port} filled in, comes to: `egress` of the address that it means, or `redirect` for what is no usable URL, or
# leads round in a circle.
FORMS = {
    "dotted": {"http://127.0.0.1:{port}/inside": "egress", "http://127.0.0.2:{port}/inside": "egress",
               "http://0.0.0.0:{port}/inside": "egress"},
    "decimal": {"http://2130706433:{port}/inside": "egress", "http://4294967297:{port}/inside": "egress"},
    "octal": {"http://017700000001:{port}/inside": "egress", "http://0177.0.0.1:{port}/inside": "egress",
              "http://0177.0000.0000.0001:{port}/inside": "egress", "http://00000177.0.0.1:{port}/inside": "egress"},
    "hexadecimal": {"http://0x7f000001:{port}/inside": "egress", "http://0x7F.0.0.1:{port}/inside": "egress",
                    "http://0x7f.0x0.0x0.0x1:{port}/inside": "egress", "http://7f000001:{port}/inside": "egress"},
    "short": {"http://127.1:{port}/inside": "egress", "http://127.0.1:{port}/inside": "egress", "http://0:{port}/inside": "egress",
              "http://127.1.:{port}/inside": "egress"},
    "IPv6": {"http://[::1]:{port}/inside": "egress", "http://[0:0:0:0:0:0:0:1]:{port}/inside": "egress",
             "http://[::]:{port}/inside": "egress", "http://[fd00:ec2::254]:{port}/inside": "egress",
             "http://[fe80::1]:{port}/inside": "egress"},
    "IPv6 with a zone": {"http://[::1%25lo]:{port}/inside": "redirect", "http://[fe80::1%25lo]:{port}/inside": "redirect",
                         "http://[::1%lo]:{port}/inside": "redirect", "http://[fe80::1%251]:{port}/inside": "redirect"},
    "IPv4 inside IPv6": {"http://[::ffff:127.0.0.1]:{port}/inside": "egress", "http://[::ffff:7f00:1]:{port}/inside": "egress",
                         "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/inside": "egress", "http://[::127.0.0.1]:{port}/inside": "egress",
                         "http://[2002:7f00:1::]:{port}/inside": "egress", "http://[2001:0:0:0:0:0:80ff:fffe]:{port}/inside": "egress",
                         "http://[64:ff9b::7f00:1]:{port}/inside": "egress", "http://[64:ff9b:1::7f00:1]:{port}/inside": "egress",
                         "http://[::ffff:169.254.169.254]:{port}/inside": "egress"},
    "names": {"http://localhost:{port}/inside": "egress", "http://LOCALHOST:{port}/inside": "egress",
              "http://inside.test:{port}/inside": "egress", "http://127.0.0.1.nip.test:{port}/inside": "egress",
              "http://metadata.google.internal:{port}/inside": "egress", "http://169.254.169.254/inside": "egress",
              "http://10.0.0.1:{port}/inside": "egress", "http://100.100.100.200/inside": "egress"},
    "trailing dots": {"http://127.0.0.1.:{port}/inside": "redirect", "http://localhost.:{port}/inside": "egress",
                      "http://inside.test.:{port}/inside": "egress", "http://entry.test..:{port}/inside": "redirect",
                      "http://.127.0.0.1:{port}/inside": "redirect"},
    "other letters": {"http://①②⑦.⓪.⓪.①:{port}/inside": "redirect", "http://127。0。0。1:{port}/inside": "redirect",
                      "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/inside": "redirect", "http://loc\u0430lhost:{port}/inside": "redirect",
                      "http://xn--loclhost-2fg.test:{port}/inside": "egress"},
    "encoded": {"http://127%2e0%2e0%2e1:{port}/inside": "redirect", "http://%31%32%37.0.0.1:{port}/inside": "redirect",
                "http://local%68ost:{port}/inside": "redirect", "http://entry.test%00.127.0.0.1:{port}/inside": "redirect",
                "http://127.0.0.1%0d%0aX:{port}/inside": "redirect"},
    "user info": {"http://entry.test@127.0.0.1:{port}/inside": "egress", "http://entry.test:80@127.0.0.1:{port}/inside": "egress",
                  "http://entry.test:{port}@127.0.0.1:{port}/inside": "egress", "http://a:b@127.0.0.1:{port}/inside": "egress",
                  "http://entry.test%40127.0.0.1:{port}/inside": "redirect",
                  "http://a@b@127.0.0.1:{port}/inside": "redirect", "http://entry.test\\@127.0.0.1:{port}/inside": "egress",
                  "http://127.0.0.1:{port}\\@entry.test:{port}/entry": "redirect", "http://127.0.0.1:{port}#@entry.test/inside": "egress",
                  "http://127.0.0.1:{port}?@entry.test/inside": "egress", "http://[entry.test]@127.0.0.1:{port}/inside": "redirect"},
    "schemes": {"file:///etc/passwd": "redirect", "gopher://127.0.0.1:{port}/inside": "redirect", "ftp://127.0.0.1:{port}/": "redirect",
                "javascript:alert(1)": "redirect", "unix:/run/dialhook/control.sock": "redirect", "HTTP://127.0.0.1:{port}/inside": "egress",
                "http:127.0.0.1:{port}/inside": "redirect", "http:/127.0.0.1:{port}/inside": "redirect",
                "http:///127.0.0.1:{port}/inside": "redirect", "//127.0.0.1:{port}/inside": "egress", "///127.0.0.1/inside": "redirect",
                "http://": "redirect"},
    "ports": {"http://127.0.0.1:0{port}/inside": "egress", "http://entry.test:0/inside": "redirect",
              "http://entry.test:65536/inside": "redirect", "http://entry.test:131072{port}/inside": "redirect",
              "http://entry.test:-1/inside": "redirect", "http://entry.test:0x50/inside": "redirect"},
}
URLS = [url for form in FORMS.values() for url in form]

# What DNS says for a name -> whether it is refused. What is judged is what is dialled.
ANSWERS = {
    "loopback": {"a": ["127.0.0.1"]}, "unspecified": {"a": ["0.0.0.0"]}, "private": {"a": ["10.1.2.3"]}, "shared": {"a": ["100.64.1.1"]},
    "metadata": {"a": ["169.254.169.254"]}, "loopback6": {"aaaa": ["::1"]}, "mapped": {"aaaa": ["::ffff:127.0.0.1"]},
    "nat64": {"aaaa": ["64:ff9b::7f00:1"]}, "6to4": {"aaaa": ["2002:7f00:1::"]}, "teredo": {"aaaa": ["2001::80ff:fffe"]},
    "unique-local": {"aaaa": ["fd00:ec2::254"]}, "link-local": {"aaaa": ["fe80::1"]}, "both": {"a": ["10.0.0.1"], "aaaa": ["::1"]},
}


class HijackedDns(DnsServer):
    def _reply(self, query):
        name, _ = name_asked(query)
        if name not in self._table:
            self.set(name, a=["127.0.0.1"], ttl=0)
        return super()._reply(query)


class Ssrf(DialhookTest):
    def setUp(self):
        super().setUp()
        self.inside = self.use(WebServer())
        self.inside.on("/entry", respond("status=ACK"))
        self.dns = self.use(HijackedDns())
        self.port = self.inside.port

    def start_with(self, hooks, egress):
        return self.engine(self.start(configuration(hooks, server={"dns": {"servers": [self.dns.address]}}, egress=egress)))

    def assert_nobody_was_inside(self):
        self.assertEqual([request.target for request in self.inside.requests if request.path != "/entry"], [])

    def test_no_form_of_an_inside_address_is_reached_by_a_redirect(self):
        hook = {"url": self.inside.url("/entry", "entry.test"), "timeout": ample(), "connect_timeout": ample()}
        asking = self.start_with({"crm": hook}, {"allow": ["entry.test"]})
        self.assert_success(asking.route("crm"))
        for form, urls in FORMS.items():
            for url, reason in urls.items():
                location = url.format(port=self.port)
                with self.subTest(location, form=form):
                    self.inside.on("/entry", redirect(location.encode().decode("latin-1")))
                    self.assert_failure(asking.route("crm"), reason, destination=None)
        self.assert_nobody_was_inside()

    def test_nor_by_a_webhook_s_own_url(self):
        """Those that are no usable URL at all are configuration errors, each with its place."""
        self.inside.on("/entry", redirect("/entry"))
        hooks = {f"hook {n}": {"url": url.format(port=self.port), "timeout": ample(), "connect_timeout": ample()}
                 for n, url in enumerate(URLS)}
        path = self.scratch().write("all.yaml", as_yaml({"webhooks": hooks}))
        _, said = check(path)
        usable = {name: hook for name, hook in hooks.items() if f'webhooks."{name}".url' not in said}
        print(f"{len(hooks) - len(usable)} of {len(hooks)} are configuration errors")
        asking = self.start_with(usable, {"allow": ["entry.test"]})
        for name, hook in usable.items():
            with self.subTest(hook["url"]):
                self.assertIn(asking.route(name)["reason"], ("egress", "redirect"))
        self.assert_nobody_was_inside()

    def test_no_answer_of_dns_leads_inside(self):
        hooks = {}
        for name, records in ANSWERS.items():
            self.dns.set(f"{name}.test", **{"a": (), "aaaa": (), **records}, ttl=0)
            hooks[name] = {"url": self.inside.url("/inside", f"{name}.test"), "timeout": ample(), "connect_timeout": ample()}
        asking = self.start_with(hooks, None)
        for name in ANSWERS:
            with self.subTest(name):
                self.assert_failure(asking.route(name), "egress")
        self.assertEqual(len(self.inside.connections), 0, "not even a connection")

    def test_a_name_that_turns_between_two_calls_is_judged_each_time(self):
        """Rebinding: the first answer is allowed, the next one is inside."""
        trap = self.use(WebServer(address="127.0.0.3", port=self.port).on("/entry", respond("status=ACK&destination=666")))
        closing = respond("status=ACK&destination=101", headers=[("Connection", "close")])
        self.inside.on("/entry", closing)
        self.dns.set("rebinding.test", a=["127.0.0.1"], ttl=0, then=["127.0.0.3"])
        hook = {"url": self.inside.url("/entry", "rebinding.test"), "timeout": ample()}
        asking = self.start_with({"crm": hook}, {"allow": ["127.0.0.1"]})
        self.assert_success(asking.route("crm"), destination="101")
        self.assert_failure(asking.route("crm"), "egress")
        self.assertEqual(len(trap.connections), 0)

    def test_an_embedded_address_that_is_open_stays_reachable(self):
        """The IPv4 address inside is judged both ways; tests/unit/egress/embedded_test.cpp has the public ones."""
        self.inside.on("/inside", respond("status=ACK&destination=101", headers=[("Connection", "close")]))
        hosts = {"plain": "127.0.0.1", "mapped": "[::ffff:127.0.0.1]", "mapped in hexadecimal": "[::ffff:7f00:1]"}
        hooks = {name: {"url": self.inside.url("/inside", host), "timeout": ample()} for name, host in hosts.items()}
        asking = self.start_with(hooks, {"allow": ["127.0.0.1"]})
        for name in hooks:
            with self.subTest(name):
                self.assert_success(asking.route(name), destination="101")


if __name__ == "__main__":
    unittest.main()
