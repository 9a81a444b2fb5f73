"""Names that change while their connections are in use: they are asked for again behind the calls, and no call goes to an
address that its name has no longer.

It takes five seconds until a name is asked again, so all of it happens to one daemon at the same time, before the tests.
"""
import time
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.dnsserver import NXDOMAIN, SERVFAIL, SILENCE, DnsServer
from support.patience import Deadline, LATENESS, PATIENCE, ample
from support.replies import KEEP, message
from support.webserver import WebServer

OLD, NEW, OPEN = "127.0.0.2", "127.0.0.3", "127.0.0.1"
BETWEEN = 5.0

# name -> what DNS says of it from the second call on
CHANGES = {
    "moved": {"a": [NEW]},
    "gone": {"a": NXDOMAIN, "aaaa": NXDOMAIN},
    "emptied": {"a": (), "aaaa": ()},
    "failing": {"a": SERVFAIL, "aaaa": SERVFAIL},
    "silent": {"a": SILENCE, "aaaa": SILENCE},
    "half-failing": {"a": SERVFAIL, "aaaa": ["::1"]},
    "half-gone": {"a": (), "aaaa": ["::1"]},
    "one-of-two": {"a": [NEW, OLD]},
    "same": {"a": [OLD]},
}


def unhurried(body):
    """A web server that takes its time, so that calls come by the hundred and not by the ten thousand."""
    def script(connection):
        connection.peer_closes_within(0.01)
        connection.send(message(body))
        return KEEP
    return script


class MovingNames(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls.share(WebServer(address=OLD))
        cls.new = cls.share(WebServer(address=NEW, port=cls.old.port))
        cls.open = cls.share(WebServer(address=OPEN))
        cls.old_proxy = cls.share(WebServer(address=OLD))
        cls.new_proxy = cls.share(WebServer(address=NEW, port=cls.old_proxy.port))
        cls.dns = cls.share(DnsServer())
        names = [*CHANGES, "lasting", "idle"]
        for name in names:
            cls.dns.set(f"{name}.test", a=[OLD], ttl=600 if name == "lasting" else 1)
        cls.dns.set("turned.test", a=[OPEN], ttl=1)
        cls.dns.set("proxy.test", a=[OLD], ttl=1)

        patient = {"timeout": ample(), "connect_timeout": ample()}
        hooks = {name: {"url": cls.old.url(f"/{name}", f"{name}.test"), **patient} for name in names}
        hooks["idle"]["prewarm"] = 1
        hooks["turned"] = {"url": cls.open.url("/turned", "turned.test"), **patient}
        for web, destination in ((cls.old, "102"), (cls.new, "103"), (cls.open, "101")):
            for name in hooks:
                web.on(f"/{name}", unhurried(f"status=ACK&destination={destination}"))
        servers = {"dns": {"servers": [cls.dns.address]}}
        # The old and the new address are open by name alone.
        egress = {"allow": [OPEN, *(f"{name}.test" for name in names)]}
        cls.daemon = cls.share_daemon(configuration(hooks, server=servers, egress=egress))
        cls.asking = cls.share(cls.daemon.engine())

        for web, destination in ((cls.old_proxy, "102"), (cls.new_proxy, "103")):
            web.on("http://crm.test/", unhurried(f"status=ACK&destination={destination}"))
        proxied = {"crm": {"url": "http://crm.test/", **patient}}
        cls.through_proxy = cls.share(cls.share_daemon(configuration(
            proxied, server=servers, egress={"proxy": f"http://proxy.test:{cls.old_proxy.port}"})).engine())

        cls.daemon.wait_idle(1)
        called = [name for name in hooks if name != "idle"]
        begin = time.monotonic()
        cls.first = cls.ask_all(called)
        cls.at_once = time.monotonic() - begin
        for name, change in CHANGES.items():
            cls.dns.set(f"{name}.test", **change, ttl=1)
        for name in ("lasting", "idle"):
            cls.dns.set(f"{name}.test", a=[NEW], ttl=1)
        cls.dns.set("turned.test", a=[OLD], ttl=1)
        cls.dns.set("proxy.test", a=[NEW], ttl=1)

        cls.decisions = []
        deadline = Deadline(cls.at_once + BETWEEN + LATENESS)
        asked_again = [f"{name}.test" for name in (*CHANGES, "idle", "turned", "proxy")]
        while not deadline.over() and any(cls.dns.count(name) < 2 for name in asked_again):
            cls.decisions.append(cls.ask_all(called))
        cls.first_round = time.monotonic() - begin
        cls.queries = {name: cls.dns.count(name) for name in (*asked_again, "lasting.test")}
        cls.after = cls.ask_all(called)
        cls.seen_by_old = len(cls.old.requests)
        cls.last = cls.ask_all(called)

    @classmethod
    def ask_all(cls, names):
        decisions = {name: cls.asking.route(name) for name in names}
        decisions["proxy"] = cls.through_proxy.route("crm")
        return decisions

    def connections_of(self, name, web):
        return [web.connections[number - 1] for number in sorted({request.connection for request in web.requests_for(f"/{name}")})]

    def assert_moved(self, name):
        self.assertTrue(all(decisions[name]["branch"] == "success" for decisions in self.decisions), "no call suffers from it")
        self.assert_success(self.last[name], destination="103")

    def assert_stayed(self, name):
        for decisions in (self.first, *self.decisions, self.after, self.last):
            self.assert_success(decisions[name], destination="102")
        self.assertEqual(len(self.connections_of(name, self.old)), 1, "on one connection")

    def assert_left(self, name, web=None):
        connection, = self.connections_of(name, web or self.old)
        self.assertTrue(connection.closed_by_peer.wait(PATIENCE), "the old connection was closed")
        self.assertFalse(connection.reset_by_peer, "in an orderly way")

    def test_names_are_asked_again_not_more_often_than_each_five_seconds(self):
        self.assertGreater(self.first_round, BETWEEN)
        for name in ("moved", "one-of-two", "same", "idle", "proxy"):
            with self.subTest(name):
                self.assertIn(self.queries[f"{name}.test"], range(2, 2 + int(self.first_round / BETWEEN)))

    def test_nor_before_their_time_is_over(self):
        self.assertEqual(self.queries["lasting.test"], 1)
        self.assert_stayed("lasting")

    def test_calls_follow_a_name_that_moves(self):
        self.assert_success(self.first["moved"], destination="102")
        self.assert_moved("moved")
        self.assert_left("moved")
        self.assertEqual(len(self.connections_of("moved", self.new)), 1, "and the new one is kept")

    def test_an_address_that_was_open_by_name_alone_is_closed_when_the_name_has_left_it(self):
        self.assertFalse({"/moved", "/gone", "/emptied"} & {request.path for request in self.old.requests.entries()[self.seen_by_old:]})

    def test_a_name_that_turns_to_a_denied_address_is_denied_on_kept_connections_too(self):
        self.assert_success(self.first["turned"], destination="101")
        self.assert_failure(self.last["turned"], "egress")
        self.assert_left("turned", self.open)

    def test_a_name_that_is_gone_takes_its_connections_along(self):
        for name in ("gone", "emptied"):
            with self.subTest(name):
                self.assert_success(self.first[name])
                self.assert_failure(self.last[name], "dns")
                self.assert_left(name)

    def test_while_dns_fails_connections_stay(self):
        for name in ("failing", "silent", "half-failing"):
            with self.subTest(name):
                self.assert_stayed(name)

    def test_one_family_that_is_gone_takes_its_connections_along(self):
        self.assert_failure(self.last["half-gone"], "connect")
        self.assert_left("half-gone")

    def test_an_address_that_the_name_still_has_is_kept(self):
        for name in ("one-of-two", "same"):
            with self.subTest(name):
                self.assert_stayed(name)

    def test_connections_that_no_call_uses_move_ahead_of_the_next_one(self):
        self.daemon.wait_idle(len(CHANGES) + len({"lasting", "idle"}) - len({"gone", "emptied", "half-gone"}))
        result = self.asking.route("idle", explain=True)
        self.assert_success(result, destination="103")
        self.assertEqual(result["timing"]["connect"], 0)

    def test_a_proxy_that_moves_is_followed(self):
        self.assert_success(self.first["proxy"], destination="102")
        self.assert_moved("proxy")
        self.assertTrue(self.old_proxy.connections[0].closed_by_peer.wait(PATIENCE))


if __name__ == "__main__":
    unittest.main()
