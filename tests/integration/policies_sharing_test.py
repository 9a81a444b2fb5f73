"""Firings that share a request or a kept reply: what one of them is, or meets, must not be another one's trouble."""
import concurrent.futures
import select
import threading
import unittest

from policies_test import ACK, PoliciesTest
from support.configuration import configuration
from support.dnsserver import HeldDns
from support.engine import call
from support.patience import PATIENCE, ample, phase
from support.replies import hang, held, respond
from support.webserver import WebServer

# For thousands of calls, on a machine that has other things to do.
LONG = 5 * PATIENCE

NOWHERE = respond("status=ACK&callername=Jan")  # an ACK without a destination

DIALS_THE_REPLY = [{"webhook": "crm", "on_success": [{"dial": {"destination": "variable"}}]}]


class SharingTest(PoliciesTest):
    def read_so_far(self, engine):
        """Back when the daemon has begun all calls that were sent on this connection."""
        engine.send_json(engine.request("no.such.method", {}, "mark"))
        self.assertEqual(engine.answer()["id"], "mark")

    def follow(self, engine, did):
        """One call through the dialplan of `did`; its decision is not waited for."""
        engine.send_json(engine.request("call.route", {"did": did}))


class NeedsOfOthers(SharingTest):
    """Two dialplans use one webhook: one dials the reply's destination, the other one does not need it."""

    def of(self, keys, **more):
        return super().of(keys, dialplans={"101": DIALS_THE_REPLY}, **more)

    def test_a_reply_that_is_too_little_for_one_is_enough_for_another(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve({"cache": "1ms"})
        self.play(held(event, NOWHERE))
        choosy = self.engine(self.daemon)
        self.follow(choosy, "101")
        self.web.wait_request("/")
        self.asking.start_route("crm", did="101")
        self.read_so_far(self.asking)
        event.set()
        self.assert_failure(choosy.answer()["result"], "bad_reply", status="ACK", http_status=200)
        self.assert_success(self.asking.answer()["result"], callername="Jan")

    def test_those_whom_a_reply_is_too_little_for_do_not_storm_the_web_server(self):
        """Many who need a destination wait for one who does not: when there is none, they share the next request too."""
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve({"cache": "1ms"})
        self.play(held(event, NOWHERE))
        self.asking.start_route("crm", did="101")
        self.web.wait_request("/")
        choosy = self.engine(self.daemon)
        for _ in range(50):
            self.follow(choosy, "101")
        self.read_so_far(choosy)
        event.set()
        self.assert_success(self.asking.answer()["result"], callername="Jan")
        for _ in range(50):
            self.assert_failure(choosy.answer()["result"], "bad_reply", status="ACK")
        self.assertLessEqual(len(self.web.requests), 2)

    def test_a_kept_reply_that_is_too_little_goes_on_to_the_fallback_as_a_fresh_one_does(self):
        self.serve({"cache": "1h", "fallback_url": self.other.url("/")})
        self.play(NOWHERE)
        for turn in ("fresh", "kept"):
            with self.subTest(turn):
                self.follow(self.asking, "101")
                self.assert_decision(self.asking.answer()["result"], branch="success", source="fallback_url", destination="202")
            self.assert_decision(self.route(did="101"), branch="success", callername="Jan")

    def test_a_stale_reply_that_is_too_little_does_not_hide_the_reason(self):
        self.serve({"stale_if_error": "1h"})
        self.play(NOWHERE, respond(status=500))
        self.assert_success(self.route(did="101"))
        self.follow(self.asking, "101")
        self.assert_failure(self.asking.answer()["result"], "http_status", http_status=500)


class Explained(SharingTest):
    """`tries` and `timing` tell of what this call asked for itself."""

    def assert_asked_nobody(self, result, **expected):
        self.assert_decision(result, **expected)
        self.assertEqual(result["tries"], [])
        self.assertEqual(set(result["timing"].values()), {0})

    def test_a_kept_reply_and_an_open_breaker_have_no_tries(self):
        self.serve({"cache": "1h", "circuit_breaker": {"failures": 1, "open_for": "1h"}})
        self.play(ACK, respond(status=500))
        self.assertEqual(len(self.route(explain=True)["tries"]), 1)
        self.assert_asked_nobody(self.route(explain=True), source="cache", http_status=200)
        self.assertEqual(len(self.route(explain=True, did="102")["tries"]), 1)
        self.assert_asked_nobody(self.route(explain=True, did="103"), source=None, reason="circuit_open")

    def test_who_waits_for_another_one_s_request_has_no_tries(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve({"cache": "1ms"})
        self.play(held(event, ACK))
        asks, waits = self.asking, self.engine(self.daemon)
        asks.start_route("crm", explain=True)
        self.web.wait_request("/")
        waits.start_route("crm", explain=True)
        self.read_so_far(waits)
        event.set()
        self.assertEqual(len(asks.answer()["result"]["tries"]), 1)
        self.assert_asked_nobody(waits.answer()["result"], source="url", branch="success")

    def test_every_try_is_told_in_its_order(self):
        self.serve({"retries": 1, "fallback_url": self.other.url("/")})
        self.play(respond(status=503))
        self.assertEqual([(one["url"], one["reason"], one["http_status"]) for one in self.route(explain=True)["tries"]],
                         [("url", "http_status", 503)] * 2 + [("fallback_url", None, 200)])


class TimesOfOthers(SharingTest):
    def test_the_time_of_the_one_who_asks_is_not_the_time_of_those_who_wait(self):
        keys = {"url": self.web.url("/?did={did}"), "timeout": phase(600), "cache": "1ms"}
        clock = {"url": self.other.url("/hang"), "timeout": phase(300)}
        self.other.on("/hang", hang)
        self.play(hang, ACK)
        daemon = self.start(configuration({"crm": keys, "clock": clock}))
        first, second = self.engine(daemon), self.engine(daemon)
        first.start_route("crm")
        self.web.wait_request("/")
        self.assert_failure(second.route("clock"), "timeout")
        second.start_route("crm")  # has half of its time left when the time of the first one is over
        self.assert_failure(first.answer()["result"], "timeout")
        self.assert_success(second.answer()["result"], destination="101")

    def test_a_stale_reply_is_for_all_whose_time_is_over_at_once(self):
        self.other.on("/hang", hang)
        hooks = {"crm": {"url": self.web.url("/"), "timeout": phase(300), "cache": "1ms", "stale_if_error": "1h"},
                 "clock": {"url": self.other.url("/hang"), "timeout": "20ms"}}
        asking = self.engine(self.start(configuration(hooks)))
        self.play(ACK, hang)
        self.assert_success(asking.route("crm"))
        self.assert_failure(asking.route("clock"), "timeout")  # the cache's own time is over
        waiting = [asking.start_route("crm") for _ in range(30)]
        self.assertEqual([asking.answer()["result"]["source"] for _ in waiting], ["stale"] * 30)

    def test_a_web_server_that_hangs_is_not_asked_by_each_of_them_in_turn(self):
        """Calls that come one after the other: not each of them is worth a request in the last moment of its time."""
        clock = {"url": self.other.url("/hang"), "timeout": "20ms"}
        self.other.on("/hang", hang)
        self.play(hang)
        daemon = self.start(configuration({"crm": {"url": self.web.url("/"), "timeout": phase(500), "cache": "1ms"}, "clock": clock}))
        asking, ticking = self.engine(daemon), self.engine(daemon)
        for _ in range(10):
            asking.start_route("crm")
            self.assert_failure(ticking.route("clock"), "timeout")
        for _ in range(10):
            self.assert_failure(asking.answer()["result"], "timeout")
        self.assertLessEqual(len(self.web.requests), 3)

    def test_at_a_stop_all_of_them_are_told_of_it(self):
        self.daemon = self.start(self.of({"cache": "1ms"}, server={"drain": 0}))
        self.play(hang)
        engines = [self.engine(self.daemon) for _ in range(5)]
        for engine in engines:
            engine.start_route("crm")
            self.read_so_far(engine)
        self.web.wait_request("/")
        self.daemon.stop()
        for engine in engines:
            self.assert_failure(engine.answer()["result"], "shutdown", http_status=None, source=None)


class ThoseWhoLeave(SharingTest):
    def test_an_engine_that_vanishes_with_all_its_calls_leaves_nothing_behind(self):
        """None of them asks the web server in the place of the one that did, since nobody waits for any of them."""
        for keys in ({"cache": "1ms"}, {"max_connections": 1}):
            with self.subTest(keys):
                web = self.use(WebServer().on("/", hang).on("/after", respond()))
                daemon = self.start(configuration({"crm": {"url": web.url("/"), "timeout": ample(), **keys},
                                                   "after": {"url": web.url("/after"), "timeout": ample()}}))
                leaving, staying = self.engine(daemon), self.engine(daemon)
                for _ in range(100):
                    leaving.start_route("crm")
                self.read_so_far(leaving)
                web.wait_request("/")
                leaving.close()
                web.connections[0].closed_by_peer.wait(PATIENCE)
                self.assert_success(staying.route("after"))
                self.assertEqual(len(web.requests_for("/")), 1)
                self.assertEqual(len(web.connections), 2, "one for the calls that were given up, one for the call after them")

    def test_when_the_one_who_asks_leaves_one_of_the_others_asks(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve({"cache": "1ms"})
        self.play(hang, held(event, ACK))
        leaving = self.engine(self.daemon)
        leaving.start_route("crm")
        self.web.wait_request("/")
        for _ in range(20):
            self.asking.start_route("crm")
        self.read_so_far(self.asking)
        leaving.close()
        self.web.requests.wait_count(2, "requests")
        event.set()
        for _ in range(20):
            self.assert_success(self.asking.answer()["result"], destination="101")
        self.assertEqual(len(self.web.requests), 2)

    def test_who_waits_may_leave_alone(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.serve({"cache": "1ms"})
        self.play(held(event, ACK))
        self.asking.start_route("crm")
        self.web.wait_request("/")
        leaving = self.engine(self.daemon)
        leaving.start_route("crm")
        self.read_so_far(leaving)
        leaving.close()
        event.set()
        self.assert_success(self.asking.answer()["result"], destination="101")
        self.assertEqual(len(self.web.requests), 1)

    def test_a_probe_that_is_given_up_leaves_the_next_one_free(self):
        """The breaker's one probe must come back, whatever becomes of its call."""
        self.serve({"circuit_breaker": {"failures": 1, "open_for": "1ms"}})
        self.play(respond(status=500), hang, ACK)
        self.assert_failure(self.route(), "http_status")
        leaving = self.engine(self.daemon)
        while len(self.web.requests) == 1:  # its time of 1 ms may not be over yet: then this is refused, and asks again
            leaving.start_route("crm")
            self.read_or_request(leaving)
        leaving.close()
        self.web.connections[-1].closed_by_peer.wait(PATIENCE)
        self.assert_success(self.route())

    def read_or_request(self, engine):
        """Back when the last call of `engine` is refused, or its request has come."""
        while len(self.web.requests) == 1:
            if select.select([engine.socket], [], [], 0.001)[0]:
                self.assert_failure(engine.answer()["result"], "circuit_open")
                return


class Crowds(SharingTest):
    def test_thousands_that_wait_and_fail_in_one_moment(self):
        """As soon as the name is known, each of them is refused at once, and makes room for the next one, which is too.
        A machine that needs longer to read them all than DNS is waited for (2.8 s) sees the same with reason `dns`: then
        answers come while calls are still sent, and the daemon reads no more from an engine that does not take them."""
        for keys in ({"cache": "1ms"}, {"max_connections": 1}, {"retries": 1}):
            with self.subTest(keys):
                dns = self.use(HeldDns())
                dns.set("closed.test", a=["192.0.2.1"], ttl=600)
                hook = {"url": "http://closed.test/", "timeout": "10m", "connect_timeout": "10m", "max_in_flight": 100000, **keys}
                server = {"dns": {"servers": [dns.address]}, "log": {"decisions": "none"}}
                asking = self.engine(self.start(configuration({"crm": hook}, server=server)))
                asking.socket.settimeout(LONG)
                calls = [asking.request("call.route", call("crm"))] * 16000
                answers = []
                with concurrent.futures.ThreadPoolExecutor(1) as pool:
                    sending = pool.submit(asking.send_json, *calls, asking.request("no.such.method", {}, "mark"))
                    while (answer := asking.answer(LONG))["id"] != "mark":
                        answers.append(answer)
                    sending.result()
                dns.event.set()
                answers += [asking.answer(LONG) for _ in range(len(calls) - len(answers))]
                self.assertLessEqual({answer["result"]["reason"] for answer in answers}, {"egress", "dns"})


class Definitions(SharingTest):
    def test_a_changed_webhook_does_not_share_with_what_it_was(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.daemon = self.start(self.of({"cache": "1h"}))
        self.asking = self.engine(self.daemon)
        self.play(held(event, ACK), respond("status=ACK&destination=222"))
        self.asking.start_route("crm")
        self.web.wait_request("/")
        self.daemon.reload(self.of({"cache": "1h", "destinations": ["2??"]}))
        self.assert_success(self.engine(self.daemon).route("crm"), destination="222")
        event.set()
        self.assert_success(self.asking.answer()["result"], destination="101")

    def test_what_a_caller_entered_is_never_kept(self):
        """Neither for a code in the URL nor for one in the body alone, nor where the request does not carry it."""
        ivr = {"start_message": "a", "incorrect_message": "b", "timeout_message": "c"}
        for keys in ({"url": self.web.url("/?c={code}")}, {"method": "POST"}, {}):
            with self.subTest(keys):
                self.daemon = self.start(self.of({"stale_if_error": "1h", "ivr": ivr, **keys}))
                asking = self.engine(self.daemon)
                self.play(ACK, respond(status=500))
                for reason in (None, "http_status"):
                    state = asking.route("crm")["state"]
                    asking.send_json(asking.request("call.continue", {"state": state, "code": "1234"}))
                    self.assert_decision(asking.answer()["result"], reason=reason, source="url")


if __name__ == "__main__":
    unittest.main()
