"""Names: resolved anew when their time is over, from memory when DNS is down, and raced when an address is dead."""
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.dnsserver import NXDOMAIN, SERVFAIL, SILENCE, DnsServer
from support.patience import PATIENCE, SLACK, ample, phase
from support.places import BlackHole, RefusingPort
from support.replies import respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=101", headers=[("Connection", "close")])
HERE = ["127.0.0.1"]


class DnsTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", ACK))
        self.dns = self.use(DnsServer())
        self.hook = {"url": self.web.url("/", "crm.test"), "timeout": ample(), "connect_timeout": ample()}

    def ask(self, hooks=None, **more):
        hooks = hooks or {"crm": self.hook}
        return self.engine(self.start(configuration(hooks, server={"dns": {"servers": [self.dns.address]}}, **more)))


class Names(DnsTest):
    def test_a_name_is_asked_once_for_its_time_to_live(self):
        self.dns.set("crm.test", a=HERE, ttl=600)
        engine = self.ask()
        for _ in range(5):
            self.assert_success(engine.route("crm"), destination="101")
        self.assertEqual(len(self.web.connections), 5)
        self.assertEqual(self.dns.count("crm.test"), 1)
        self.assertEqual(self.web.requests[-1].header("Host"), f"crm.test:{self.web.port}")

    def test_a_name_without_time_to_live_is_asked_for_every_connection(self):
        self.dns.set("crm.test", a=HERE, ttl=0)
        engine = self.ask()
        for _ in range(3):
            self.assert_success(engine.route("crm"))
        self.assertEqual(self.dns.count("crm.test"), 3)

    def test_names_are_absolute_and_both_families_are_asked(self):
        self.dns.set("crm.test", a=HERE)
        self.dns.set("crm", a=HERE)
        engine = self.ask({"crm": self.hook, "short": {**self.hook, "url": self.web.url("/", "crm")},
                           "unknown": {**self.hook, "url": self.web.url("/", "nobody")}})
        self.assert_success(engine.route("crm"))
        self.assert_success(engine.route("short"))
        self.assert_failure(engine.route("unknown"), "dns")
        self.assertEqual({name for name, _ in self.dns.queries}, {"crm.test", "crm", "nobody"})
        self.assertEqual({kind for name, kind in self.dns.queries if name == "crm.test"}, {"A", "AAAA"})

    def test_the_hosts_file_needs_no_dns_server(self):
        engine = self.ask({"crm": {**self.hook, "url": self.web.url("/", "localhost")}})
        self.assert_success(engine.route("crm"), destination="101")
        self.assertEqual(self.dns.count("localhost"), 0)

    def test_a_name_without_addresses_fails_as_dns(self):
        answers = {"no such name": NXDOMAIN, "server failure": SERVFAIL, "no address": ()}
        hooks = {}
        for n, (name, answer) in enumerate(answers.items()):
            self.dns.set(f"n{n}.test", a=answer, aaaa=answer)
            hooks[name] = {**self.hook, "url": self.web.url("/", f"n{n}.test")}
        engine = self.ask(hooks)
        for name in hooks:
            with self.subTest(name):
                self.assert_failure(engine.route(name), "dns", http_status=None)

    def test_a_second_server_answers_for_a_dead_first_one(self):
        dead = self.use(RefusingPort())    # nobody listens on UDP either
        self.dns.set("crm.test", a=HERE)
        servers = {"dns": {"servers": [f"127.0.0.1:{dead.port}", self.dns.address]}}
        engine = self.engine(self.start(configuration({"crm": self.hook}, server=servers)))
        self.assert_success(engine.route("crm"), destination="101")


class Outage(DnsTest):
    """The last known addresses serve while DNS is down."""

    def test_last_known_address_serves_when_dns_fails_after_a_success(self):
        for trouble in (SILENCE, SERVFAIL):
            with self.subTest(trouble):
                self.dns.set("crm.test", a=HERE, ttl=0)
                engine = self.ask()
                self.assert_success(engine.route("crm"))
                self.dns.set("crm.test", a=trouble, aaaa=trouble)
                result, seconds = engine.route_timed("crm")
                self.assert_success(result, destination="101")
                self.assert_in_time(seconds, 0.5, f"last known address, {trouble}")

    def test_a_short_limit_for_connecting_brings_the_last_known_address_earlier(self):
        self.hook["connect_timeout"] = phase(800)
        self.dns.set("crm.test", a=HERE, ttl=0)
        engine = self.ask()
        self.assert_success(engine.route("crm"))
        self.dns.set("crm.test", a=SILENCE, aaaa=SILENCE)
        result, seconds = engine.route_timed("crm")
        self.assert_success(result, destination="101")
        self.assert_in_time(seconds, 0.2 * min(SLACK, 4), "last known address, a quarter of connect_timeout")

    def test_a_name_that_was_never_known_fails(self):
        self.hook["connect_timeout"] = phase(200)
        self.dns.set("crm.test", a=SILENCE, aaaa=SILENCE)
        self.assert_failure(self.ask().route("crm"), "dns")

    def test_a_name_that_was_taken_away_is_gone(self):
        self.dns.set("crm.test", a=HERE, ttl=0)
        engine = self.ask()
        self.assert_success(engine.route("crm"))
        self.dns.set("crm.test", a=NXDOMAIN, aaaa=NXDOMAIN)
        self.assert_failure(engine.route("crm"), "dns")

    def test_dns_that_comes_back_is_believed_again(self):
        self.dns.set("crm.test", a=["127.0.0.9"], ttl=0)    # nobody listens there
        engine = self.ask()
        self.assert_failure(engine.route("crm"), "connect")
        self.dns.set("crm.test", a=SERVFAIL, aaaa=SERVFAIL)
        self.assert_failure(engine.route("crm"), "connect")
        self.dns.set("crm.test", a=HERE, ttl=0)
        self.assert_success(engine.route("crm"), destination="101")

    def test_a_kept_connection_needs_no_dns(self):
        self.web.on("/", respond())
        self.dns.set("crm.test", a=HERE, ttl=0)
        engine = self.ask()
        self.assert_success(engine.route("crm"))
        self.dns.set("crm.test", a=SERVFAIL, aaaa=SERVFAIL)
        self.assert_success(engine.route("crm"))
        self.assertEqual(len(self.web.connections), 1)

    def test_dns_servers_are_read_again_at_a_reload(self):
        other = self.use(DnsServer())
        other.set("crm.test", a=HERE)
        content = configuration({"crm": self.hook}, server={"dns": {"servers": [self.dns.address]}})
        daemon = self.start(content)
        engine = self.engine(daemon)
        self.assert_failure(engine.route("crm"), "dns")
        content["server"]["dns"]["servers"] = [other.address]
        daemon.reload(content)
        self.assert_success(engine.route("crm"), destination="101")


class Families(DnsTest):
    """An address, or a whole family, that does not answer."""

    def test_an_aaaa_answer_that_does_not_come_holds_a_call_by_50_ms_at_most(self):
        self.dns.set("crm.test", a=HERE, aaaa=SILENCE, ttl=0)
        engine = self.ask()
        quickest = PATIENCE    # a busy machine delays some of the calls, a wrong limit would delay them all
        for turn in range(5):
            result, seconds = engine.route_timed("crm", explain=True)
            self.assert_success(result, destination="101")
            self.assert_in_time(seconds, 0.05, f"AAAA silent, call {turn}, of it dns {result['timing']['dns']} ms")
            quickest = min(quickest, seconds)
        self.assertLess(quickest, 0.05 + 0.4 * SLACK)

    def test_an_a_answer_that_does_not_come_is_waited_for_and_then_it_is_dns(self):
        self.hook["connect_timeout"] = phase(200)
        self.dns.set("crm.test", a=SILENCE, aaaa=())
        self.assert_failure(self.ask().route("crm"), "dns")

    def test_an_a_answer_that_comes_after_the_aaaa_answer_is_waited_for(self):
        self.dns.set("crm.test", a=SILENCE, aaaa=["::1"], then=HERE)    # the first query for A is lost, and repeated
        self.assert_success(self.ask().route("crm"), destination="101")
        self.assertEqual(self.dns.count("crm.test"), 2)

    def test_dual_stack_with_one_family_dead(self):
        # ::1 refuses on this port, or the machine has no IPv6 at all; both are a dead address.
        self.dns.set("crm.test", a=HERE, aaaa=["::1"], ttl=0)
        engine = self.ask()
        for turn in range(5):
            with self.subTest(turn=turn):
                result, seconds = engine.route_timed("crm")
                self.assert_success(result, destination="101")
                self.assert_in_time(seconds, 0.25, "dual stack, IPv6 dead")

    def test_an_address_that_does_not_answer_costs_250_ms(self):
        hole = self.use(BlackHole("127.0.0.2", self.web.port))
        self.assertEqual(hole.port, self.web.port)
        self.dns.set("crm.test", a=["127.0.0.2", "127.0.0.1"], ttl=0)
        result, seconds = self.ask().route_timed("crm")
        self.assert_success(result, destination="101")
        self.assert_in_time(seconds, 0.25, "first address is a black hole")

    def test_all_addresses_dead_is_connect(self):
        self.dns.set("crm.test", a=["127.0.0.8", "127.0.0.9"], aaaa=["::1"], ttl=0)
        result, seconds = self.ask().route_timed("crm")
        self.assert_failure(result, "connect")
        self.assert_prompt(seconds, "all addresses refuse")

    def test_denied_addresses_are_left_out(self):
        self.dns.set("crm.test", a=["10.0.0.1", "127.0.0.1", "169.254.169.254"], aaaa=["fd00::1"], ttl=0)
        result, seconds = self.ask().route_timed("crm")
        self.assert_success(result, destination="101")
        self.assert_prompt(seconds, "denied addresses are not tried")


if __name__ == "__main__":
    unittest.main()
