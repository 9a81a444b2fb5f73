"""Where requests may go: nothing inside unless the owner of the PBX opened it, judged on the address that is dialled."""
import json
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.dnsserver import DnsServer
from support.patience import ample
from support.replies import redirect, respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=101", headers=[("Connection", "close")])

# The built-in rules close these, however they are written down. Port and path of the test's web server follow.
CLOSED_BY_DEFAULT = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "[::]", "[::1]", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[3fff::1]",
    "[100::1]", "[5f00::1]", "[64:ff9b:1::1]",
    # IPv4 inside IPv6, all of them 127.0.0.1
    "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[2002:7f00:1::1]", "[2001:0:0:0:0:0:80ff:fffe]", "[64:ff9b::127.0.0.1]",
]


class BuiltInRules(DialhookTest):
    def test_nothing_inside_is_reached_unless_it_was_opened(self):
        web = self.use(WebServer())
        urls = [web.url("/", address) for address in [*CLOSED_BY_DEFAULT, "localhost"]]
        names = self.use(DnsServer())
        for name, records in (("here.test", {"a": ["127.0.0.1"]}), ("six.test", {"aaaa": ["::1"]}),
                              ("mapped.test", {"aaaa": ["::ffff:127.0.0.1"]})):
            names.set(name, **records)
            urls.append(web.url("/", name))
        hooks = {f"hook {n}": {"url": url, "timeout": ample()} for n, url in enumerate(urls)}
        servers = {"dns": {"servers": [names.address]}}
        engine = self.engine(self.start(configuration(hooks, server=servers, egress=None)))
        for name, hook in hooks.items():
            with self.subTest(hook["url"]):
                result, seconds = engine.route_timed(name)
                self.assert_failure(result, "egress", http_status=None, source=None)
                self.assert_prompt(seconds, f"denied {hook['url']}")
        self.assertEqual(len(web.connections), 0)

    def test_the_message_names_address_rule_and_setting(self):
        web = self.use(WebServer())
        hooks = {"inside": {"url": web.url(), "timeout": ample()}, "closed": {"url": "http://8.8.8.8/", "timeout": ample()}}
        daemon = self.start(configuration(hooks, egress={"deny": ["8.8.8.0/24"]}))
        engine = self.engine(daemon)
        for webhook, words in (("inside", ("127.0.0.1", "127.0.0.0/8", "egress.allow")),
                               ("closed", ("8.8.8.8", "8.8.8.0/24", "egress.deny"))):
            with self.subTest(webhook):
                start = len(daemon.log)
                self.assert_failure(engine.route(webhook, call_id=f"id-{webhook}"), "egress")
                daemon.wait_logged(*words, start=start)

    def test_the_message_reaches_who_asks_to_have_it_explained(self):
        web = self.use(WebServer())
        engine = self.engine(self.start(configuration({"crm": {"url": web.url(), "timeout": ample()}}, egress=None)))
        result = engine.route("crm", explain=True)
        self.assert_failure(result, "egress")
        for word in ("127.0.0.1", "127.0.0.0/8", "egress.allow"):
            self.assertIn(word, json.dumps(result["tries"]))


class OwnRules(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", ACK))
        self.dns = self.use(DnsServer())
        self.dns.set("crm.test", a=["127.0.0.1"], ttl=0)
        self.dns.set("other.test", a=["127.0.0.1"], ttl=0)
        self.dns.set("sub.crm.test", a=["127.0.0.1"], ttl=0)

    def ask(self, egress, hosts):
        """An engine of a daemon with a webhook for each host, by its name."""
        hooks = {host: {"url": self.web.url("/", host), "timeout": ample()} for host in hosts}
        return self.engine(self.start(configuration(hooks, server={"dns": {"servers": [self.dns.address]}}, egress=egress)))

    def test_what_allow_opens_and_deny_closes(self):
        by_address, by_name, other = "127.0.0.1", "crm.test", "other.test"
        everything = [by_address, by_name, other, "sub.crm.test"]
        cases = [
            ({"allow": ["127.0.0.1"]}, everything),
            ({"allow": ["127.0.0.0/8"]}, everything),
            ({"allow": ["127.0.0.2"]}, []),
            ({"allow": ["crm.test"]}, [by_name]),
            ({"allow": ["CRM.Test"]}, [by_name]),
            ({"allow": ["127.0.0.0/8"], "deny": ["127.0.0.1"]}, []),
            ({"allow": ["127.0.0.1"], "deny": ["127.0.0.0/8"]}, []),
            ({"allow": ["crm.test"], "deny": ["127.0.0.1"]}, []),
            ({"allow": ["127.0.0.0/8"], "deny": ["crm.test"]}, [by_address, other, "sub.crm.test"]),
            ({"allow": ["crm.test", "other.test"], "deny": ["crm.test"]}, [other]),
        ]
        for egress, opened in cases:
            with self.subTest(**egress):
                engine = self.ask(egress, everything)
                reached = [host for host in everything if engine.route(host)["branch"] == "success"]
                self.assertEqual(reached, opened)

    def test_a_name_that_turns_to_the_metadata_address_is_denied(self):
        engine = self.ask({"allow": ["127.0.0.0/8"]}, ["crm.test"])
        self.assert_success(engine.route("crm.test"))
        self.dns.set("crm.test", a=["169.254.169.254"], ttl=0)
        self.assert_failure(engine.route("crm.test"), "egress")

    def test_the_address_that_was_judged_is_the_one_that_is_dialled(self):
        # Whoever asks twice for one call, once to judge and once to dial, gets another answer the second time.
        self.dns.set("crm.test", a=["127.0.0.1"], ttl=0, then=["127.0.0.2"])
        trap = self.use(WebServer(address="127.0.0.2", port=self.web.port))
        engine = self.ask({"allow": ["127.0.0.1"]}, ["crm.test"])
        self.assert_success(engine.route("crm.test"))
        self.assert_failure(engine.route("crm.test"), "egress")
        self.assertEqual(len(trap.connections), 0)

    def test_an_allowed_name_does_not_open_where_it_redirects_to(self):
        engine = self.ask({"allow": ["crm.test"]}, ["crm.test"])
        for host in ("127.0.0.1", "other.test", "localhost", "[::ffff:7f00:1]", "127.1", "2130706433", "0x7f000001", "017700000001"):
            with self.subTest(host):
                self.web.on("/", redirect(self.web.url("/inside", host), headers=[("Connection", "close")]))
                self.assertIn(engine.route("crm.test")["reason"], ("egress", "dns", "redirect"))
                self.assertEqual(self.web.requests_for("/inside"), [])

    def test_a_kept_connection_is_judged_again_after_a_reload(self):
        self.web.on("/", respond())
        content = configuration({"crm": {"url": self.web.url(), "timeout": ample()}})
        daemon = self.start(content)
        engine = self.engine(daemon)
        self.assert_success(engine.route("crm"))
        daemon.reload({**content, "egress": {"allow": []}})
        self.assert_failure(engine.route("crm"), "egress")


if __name__ == "__main__":
    unittest.main()
