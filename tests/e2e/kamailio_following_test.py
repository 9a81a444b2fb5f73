"""Several destinations by the real Kamailio: its redirect is followed by a second one, with the routes of docs/kamailio.md, and telephones
ring, at once or in turn."""
import json
import sys
import unittest

from support import ROOT
from support.case import DialhookTest
from support.configuration import configuration
from support.kamailio import Kamailio, Proxy
from support.patience import ample
from support.replies import respond
from support.telephone import ANSWERS, BUSY, RINGS, Telephone
from support.webserver import WebServer

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from elsewhere import redirects_that_are_followed  # noqa: E402

LONG = 30


class Following(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = cls.share(WebServer())
        hook = {"url": cls.web.url("/crm"), "timeout": ample(), "max_destinations": 3}
        plans = {"100": [{"webhook": "crm", "on_success": [{"dial": {"destination": "variable"}}], "on_failure": []}]}
        daemon = cls.share_daemon(configuration({"crm": hook}, dialplans=plans))
        cls.kamailios = {name: cls.share(Kamailio(daemon.socket_path, DESTINATION_HOST="pbx.test", **settings))
                         for name, settings in (("dialplan", {}), ("webhook", {"DIALHOOK_WEBHOOK": "crm"}))}
        routes = redirects_that_are_followed()[0].text
        cls.proxies = {name: cls.share(Proxy(kamailio.port, routes)) for name, kamailio in cls.kamailios.items()}

    def each_way(self, play, *manners, strategy="parallel", ring=LONG):
        """By a dialplan and by a webhook alone, as a form and in JSON: `play` gets the caller's leg and the telephones."""
        for name, proxy in self.proxies.items():
            for is_json in (False, True):
                with self.subTest(name, is_json=is_json):
                    phones = [self.use(Telephone(proxy.port, manner)) for manner in manners]
                    uris = [f"sip:70{at}@127.0.0.1:{phone.port}" for at, phone in enumerate(phones)]
                    form = "".join(f"&destination={uri}" for uri in uris)
                    self.web.on("/crm", respond(
                        json.dumps({"status": True, "destination": uris, "strategy": strategy, "ring": ring}) if is_json else
                        f"status=ACK{form}&strategy={strategy}&ring={ring}"))
                    play(self.use(Telephone(proxy.port)).call("100"), *phones)

    def assert_unanswered(self, caller):
        self.assertEqual([answer.code for answer in caller.answers if answer.code >= 200], [])

    def test_at_once_the_first_that_answers_has_the_call(self):
        def play(caller, first, second):
            loses, wins = first.wait_call(), second.wait_call()
            self.assert_unanswered(caller)
            second.answer(wins)
            self.assertEqual(caller.wait_final().code, 200)
            loses.wait_request("CANCEL")
            wins.hang_up()
            caller.wait_ended()
        self.each_way(play, RINGS, RINGS)

    def test_a_busy_one_does_not_end_the_others(self):
        def play(caller, busy, second):
            busy.wait_call()
            wins = second.wait_call()
            self.assert_unanswered(caller)
            second.answer(wins)
            self.assertEqual(caller.wait_final().code, 200)
            caller.hang_up()
            wins.wait_ended()
        self.each_way(play, BUSY, RINGS)

    def test_at_once_nobody_answers_in_the_ring_time(self):
        def play(caller, *phones):
            for phone in phones:
                phone.wait_call().wait_request("CANCEL")
            self.assertEqual(caller.wait_final().code, 408)
        self.each_way(play, RINGS, RINGS, ring=1)

    def test_in_turn_the_next_one_rings_when_the_time_of_one_is_over(self):
        def play(caller, first, second, third):
            rings = first.wait_call()
            self.assertEqual(len(second.invites), 0, "the second one rings with the first")
            rings.wait_request("CANCEL")
            self.assertEqual(caller.wait_final().code, 200)
            second.wait_call().hang_up()
            caller.wait_ended()
            self.assertEqual(len(third.invites), 0)
        self.each_way(play, RINGS, ANSWERS, ANSWERS, strategy="sequential", ring=1)

    def test_in_turn_the_next_one_rings_when_one_is_busy(self):
        def play(caller, first, second):
            self.assertEqual(caller.wait_final().code, 200)
            self.assertEqual(len(first.invites), 1)
            second.wait_call().hang_up()
            caller.wait_ended()
        self.each_way(play, BUSY, ANSWERS, strategy="sequential")

    def test_all_are_busy(self):
        for strategy in ("parallel", "sequential"):
            self.each_way(lambda caller, *_: self.assertEqual(caller.wait_final().code, 486), BUSY, BUSY, strategy=strategy)

    def test_a_caller_who_gives_up_ends_them_all(self):
        def play(caller, *phones):
            legs = [phone.wait_call() for phone in phones]
            caller.cancel()
            for leg in legs:
                leg.wait_request("CANCEL")
            self.assertEqual(caller.wait_final().code, 487)
        self.each_way(play, RINGS, RINGS)


if __name__ == "__main__":
    unittest.main()
