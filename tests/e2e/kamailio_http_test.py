"""The real Kamailio asks the real daemon over HTTP with http_async_client, as config/kamailio/kamailio_http.cfg sets it up."""
import threading
import unittest

from support import replies
from support.case import DialhookTest
from support.configuration import configuration
from support.kamailio import AsyncKamailio
from support.patience import LATENESS, PATIENCE, SLACK, Deadline, ample
from support.phone import Phone
from support.places import RefusingPort, ReservedPort
from support.replies import held, respond
from support.sipp import Sipp
from support.webserver import WebServer

MILLISECONDS = int(60000 * SLACK)


class KamailioHttpTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer())
        self.door = self.use(ReservedPort()).port

    def serve(self, timeout=ample(), **door):
        hooks = {"crm": {"url": self.web.url("/crm?did={did}&from={callerid}&p={presentation}"), "timeout": timeout}}
        return self.start(configuration(hooks, server={"engine_http": {"listen": f"127.0.0.1:{self.door}", **door}}))

    def kamailio(self, **settings):
        return self.use(AsyncKamailio(f"http://127.0.0.1:{self.door}",
                                      **{"DESTINATION_HOST": "pbx.test", "DIALHOOK_MILLISECONDS": MILLISECONDS, **settings}))

    def call(self, kamailio, number="100", **options):
        phone = self.use(Phone(kamailio.port))
        request = phone.invite(number, **options)
        deadline = Deadline()
        while (answer := phone.receive(deadline.left())) is not None:
            if answer.code >= 200:
                request.ack(answer)
                return answer.code, answer.header("Contact") or answer.header("X-Dialhook-Reason")
        raise AssertionError(f"no answer to {number}")


class Decisions(KamailioHttpTest):
    def test_each_is_an_answer(self):
        self.serve()
        kamailio = self.kamailio()
        for reply, answer in (("status=ACK&destination=%2B31502102544", (302, "<sip:+31502102544@pbx.test>")),
                              ("status=ACK&destination=sip:jan@b.test:5070", (302, "<sip:jan@b.test:5070>")),
                              ("status=ACK", (480, "destination")), ("status=NAK", (480, "nak")), ("nonsense", (480, "bad_reply"))):
            with self.subTest(reply):
                self.web.on("/crm", respond(reply))
                self.assertEqual(self.call(kamailio), answer)

    def test_what_the_caller_chose_stays_a_value(self):
        self.serve()
        kamailio = self.kamailio()
        self.web.on("/crm", respond("status=ACK&destination=101"))
        self.assertEqual(self.call(kamailio, number="%2B31", headers=["Privacy: id"])[0], 404)
        self.assertEqual(self.call(kamailio, number="+31", headers=["Privacy: id"])[0], 302)
        self.assertIn("did=%2B31&", self.web.requests[-1].query)
        self.assertTrue(self.web.requests[-1].query.endswith("p=prohibited"))

    def test_a_token(self):
        self.serve(tokens=["secret"])
        self.web.on("/crm", respond("status=ACK&destination=101"))
        self.assertEqual(self.call(self.kamailio()), (503, "away"))
        self.assertEqual(self.call(self.kamailio(DIALHOOK_TOKEN="secret")), (302, "<sip:101@pbx.test>"))

    def test_nobody_listens(self):
        self.door = self.use(RefusingPort()).port
        self.assertEqual(self.call(self.kamailio()), (503, "away"))

    def test_what_takes_too_long_is_broken_off(self):
        self.serve("600s")
        self.web.on("/crm", replies.hang)
        self.assertEqual(self.call(self.kamailio(DIALHOOK_MILLISECONDS=int(500 * SLACK))), (503, "away"))
        request = self.web.wait_request("/crm")
        self.assertTrue(self.web.connections[request.connection - 1].closed_by_peer.wait(PATIENCE), "the web server waits for nobody")


class Load(KamailioHttpTest):
    SLOW = 200

    def test_hanging_webhooks_delay_no_other_call(self):
        """Calls at a rate of 200 a second while as many hang: one process of Kamailio asks for all of them."""
        rate = int(200 / SLACK)
        calls = 5 * rate
        hooks = {"crm": {"url": self.web.url("/{did}"), "timeout": "600s"}}
        event = threading.Event()
        self.addCleanup(event.set)
        self.web.on("/300", held(event, respond("status=NAK"))).on("/200", respond("status=ACK&destination=101"))
        self.start(configuration(hooks, server={"engine_http": {"listen": f"127.0.0.1:{self.door}"}}))
        kamailio = self.kamailio()
        phones = [self.use(Phone(kamailio.port)) for _ in range(self.SLOW)]
        for phone in phones:
            phone.invite("300")
        self.web.requests.wait_count(self.SLOW, "slow requests")
        sipp = self.use(Sipp(kamailio.port, "answered.xml", number="200", calls=calls, rate=rate)).wait()
        waited = sorted(sipp.seconds())
        self.assertEqual(len(waited), calls)
        most = waited[calls * 99 // 100]
        print(f"{calls} calls: median {waited[calls // 2] * 1000:.1f} ms, 99 % {most * 1000:.1f} ms, slowest {waited[-1] * 1000:.1f} ms")
        self.assertLess(most, LATENESS)
        self.assertEqual([message.code for phone in phones for message in phone.received if message.code >= 200], [])


if __name__ == "__main__":
    unittest.main()
