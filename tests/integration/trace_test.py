"""OpenTelemetry: each request to a web server carries a `traceparent`, and the decision's log line has its trace id."""
import re
import unittest

from support import replies
from support.agi import AgiChannel
from support.case import DialhookTest
from support.configuration import configuration
from support.conversation import begin, enter, go_on, refusal
from support.patience import ample
from support.places import ReservedPort
from support.replies import respond
from support.webserver import WebServer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"
FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])")
IVR = {"start_message": "a", "incorrect_message": "b", "timeout_message": "c"}


def values_of(request):
    return [value for name, value in request.headers if name.lower() == "traceparent"]


class TraceTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/ack", respond("status=ACK")).on("/nak", respond("status=NAK")))
        self.server = {"log": {"level": "info", "decisions": "all", "format": "json"}}

    def asked(self, hook, server=None, **params):
        """The daemon that was asked once about the webhook, and has ended."""
        hook = {"url": self.web.url("/ack"), "timeout": ample(), **hook}
        daemon = self.start(configuration({"crm": hook}, server={**self.server, **(server or {})}))
        self.engine(daemon).route("crm", **params)
        daemon.stop()
        return daemon

    def sent(self):
        """The parts of the one `traceparent` of each request."""
        headers = [values_of(request) for request in self.web.requests]
        self.assertTrue(headers)
        for values in headers:
            self.assertEqual(len(values), 1, headers)
            self.assertRegex(values[0], f"^{FORM.pattern}$")
        return [FORM.fullmatch(values[0]).groups() for values in headers]

    def test_the_trace_of_the_engine_goes_on(self):
        daemon = self.asked({}, traceparent=GIVEN)
        ((trace, span, flags),) = self.sent()
        self.assertEqual((trace, flags), (TRACE, "01"))
        self.assertNotEqual(span, SPAN)
        self.assertEqual(daemon.decision_lines()[0]["trace_id"], TRACE)

    def test_one_that_is_not_sampled_stays_so(self):
        self.asked({}, traceparent=f"00-{TRACE}-{SPAN}-00")
        self.assertEqual(self.sent()[0][2], "00")

    def test_without_one_each_firing_begins_its_own(self):
        traces = set()
        for given in ({}, {}, {"traceparent": None}, {"traceparent": "00-short"}, {"traceparent": GIVEN.upper()}):
            with self.subTest(given):
                daemon = self.asked({}, **given)
                trace = self.sent()[-1][0]
                self.assertEqual(daemon.decision_lines()[0]["trace_id"], trace)
                traces.add(trace)
        self.assertEqual(len(traces - {TRACE, "0" * 32}), 5)

    def test_one_of_a_wrong_type_is_refused(self):
        daemon = self.start(configuration({"crm": {"url": self.web.url("/ack")}}))
        error = refusal(self.engine(daemon), "call.route", webhook="crm", did="1", traceparent=5)
        self.assertEqual((error["code"], error["message"]), (-32602, "traceparent must be a string"))

    def test_a_header_of_the_webhook_wins(self):
        own = "00-11111111111111111111111111111111-2222222222222222-00"
        self.asked({"headers": {"TraceParent": own}}, traceparent=GIVEN)
        self.assertEqual(values_of(self.web.requests[0]), [own])

    def test_retries_and_redirects_of_the_origin_carry_the_same_one_and_another_origin_none(self):
        elsewhere = self.use(WebServer().on("/end", respond("status=ACK")))
        self.web.on("/first", respond("busy", 503), replies.redirect("/second")).on("/second", replies.redirect(elsewhere.url("/end")))
        self.asked({"url": self.web.url("/first"), "retries": 1}, traceparent=GIVEN)
        self.assertEqual([request.target for request in self.web.requests], ["/first", "/first", "/second"])
        self.assertEqual(len(set(self.sent())), 1)
        self.assertEqual(values_of(elsewhere.requests[0]), [])

    def test_a_conversation_keeps_the_trace(self):
        hook = {"url": self.web.url("/nak?c={code}"), "timeout": ample(), "ivr": IVR}
        daemon = self.start(configuration({"crm": hook}, dialplans={"100": [{"play": "x"}, {"webhook": "crm"}]}))
        engine = self.engine(daemon)
        answer = begin(engine, did="100", traceparent=GIVEN)
        enter(engine, go_on(engine, answer), "1", "2")
        self.assertEqual([trace for trace, _, _ in self.sent()], [TRACE, TRACE])

    def test_an_agi_address_may_hold_one(self):
        port = self.use(ReservedPort()).port
        hook = {"url": self.web.url("/ack"), "timeout": ample()}
        self.start(configuration({"crm": hook}, server={"fastagi": f"127.0.0.1:{port}"}))
        self.use(AgiChannel(port, f"webhook/crm?traceparent={GIVEN}")).play_through()
        self.assertEqual(self.sent()[0][0], TRACE)

    def test_what_no_call_waits_for_carries_it_too(self):
        hook = {"url": self.web.url("/ack"), "timeout": ample(), "wait": False}
        daemon = self.start(configuration({"crm": hook}, server=self.server))
        self.engine(daemon).route("crm", traceparent=GIVEN)
        self.web.wait_request("/ack")
        self.assertEqual(self.sent()[0][0], TRACE)
        daemon.stop()
        self.assertEqual(daemon.decision_lines()[0]["trace_id"], TRACE)


if __name__ == "__main__":
    unittest.main()
