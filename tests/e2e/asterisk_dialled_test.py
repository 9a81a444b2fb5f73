"""What a SIP caller dials in the real Asterisk is a number for each context of config/asterisk, or the call ends there."""
import itertools
import re
import sys
import unittest
import urllib.parse

from support import ROOT
from support.asterisk_case import AsteriskTest
from support.patience import ample
from support.replies import respond
from support.telephone import Telephone

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from elsewhere import dialplans_of_asterisk  # noqa: E402

SAMPLE = ("dialhook-webhook", "dialhook-dialplan", "dialhook-success", "dialhook-several", "dialhook-failure", "dialhook-away")
PAGE = "from-trunk"  # of docs/asterisk.md
DEAR = "+31900123456"

# Each begins as a number does, so that the contexts match it.
NO_NUMBERS = [
    "1%3Afrom-internal%2C%2B31900123456", "+31%3Afrom-internal%2C%2B31900123456%2C1", "*%3Ffrom-internal%2C%2B31900123456%2C1",
    "%2B31%2C6", "+31,6", "+31%2C1%2C1", "1%26Local%2F%2B31900123456%40from-internal", "1&2", "1%7C2", "1%7Cfrom-internal",
    "1$%7BSHELL%28touch%20/tmp/evil%29%7D", "1$%7BEXTEN%7D", "1$%5B1+1%5D", "1abc", "+31six", "1x", "1.2", "1-2", "1_2", "1%222", "1'2",
    "1%5C2", "1(2)", "1)", "1%28", "1%7B", "1%7D", "1%5B0-9%5D", "1%20", "%2B31%202", "1%0A2", "1%0D%0AX:%20y", "1%092", "1%C3%A9", "1%FF", "1%EF%BC%91",
    "1;npdi", "1%3B2", "1=2", "1!", "1~2", "1/2", "1%3C2%3E", "1%60id%60", "1%252C2", "0" * 60 + "%2Cx"]
NUMBERS = {"+31502102544": "+31502102544", "%2B31502102544": "+31502102544", "101": "101", "*21%23": "*21#", "0031502102544": "0031502102544", "1": "1"}


class FromTrunk(AsteriskTest):
    """Trunks that lead into each context of the sample, and into the page's."""

    @classmethod
    def extensions(cls):
        """The page's own context of a trunk; and numbers of the administrator that are busy, which takes least time."""
        busy = "[globals](+)\nDIALHOOK_NUMBERS=reached\n[reached]\nexten => _[+0-9*#]!,1,AGI(${RECORDER}/routed)\n same => n,Hangup(17)\n"
        return f"\n{busy}{dialplans_of_asterisk()[0].text}"

    @classmethod
    def endpoints(cls):
        return "".join(f"\n[{context}](endpoint)\ncontext = {context}\n[identify-{context}]\ntype = identify\nendpoint = {context}\n"
                       f"match_header = X-Entry: {context}\n" for context in (*SAMPLE, PAGE))

    @classmethod
    def webhooks(cls):
        return {"crm": {"url": cls.web.url("/crm?did={did}"), "timeout": ample()}}

    @classmethod
    def dialplans(cls):
        return {"+31502102544": [{"exec": {"app": "Goto", "args": ["reached", "115", 1]}}]}

    def setUp(self):
        super().setUp()
        self.phone = self.use(Telephone(self.asterisk.sip_port))

    def dial(self, context, user):
        """The code that the caller got, and the numbers that the call reached."""
        seen = len(self.asterisk.recorder.sights)
        leg = self.phone.call(user, headers=[f"X-Entry: {context}"])
        code = leg.wait_final().code
        return code, [sight.extension for sight in self.asterisk.recorder.sights[seen:] if sight.place == "routed"]


class Dialled(FromTrunk):
    def test_what_is_no_number_ends_before_anything_is_asked(self):
        self.web.on("/crm", respond("status=NAK"))
        for context, user in itertools.product(SAMPLE, NO_NUMBERS):
            with self.subTest(context, user=user):
                self.assertEqual(self.dial(context, user), (404, []))
        self.assertEqual(self.requests(), [])

    def test_by_the_page_s_own_goto_a_number_comes_in_and_nothing_else(self):
        """Anything else is left out of it, and what remains is asked about as a number."""
        self.web.on("/crm", respond("status=ACK"))
        users = [user for user in NO_NUMBERS if not user.startswith("*")]  # which the page's pattern does not take
        for user in users:
            with self.subTest(user):
                code, reached = self.dial(PAGE, user)
                self.assertEqual((code, len(reached)), (486, 1))
                self.assertRegex(reached[0], r"^[0-9+*#]+$")
                self.assertEqual(urllib.parse.unquote(self.requests()[-1].query), f"did={reached[0]}")
        self.assertEqual(len(self.requests()), len(users), "a call went on and the web server was not asked")

    def test_numbers_go_on(self):
        for user, number in NUMBERS.items():
            for context, reply, extension in [("dialhook-webhook", "status=ACK", number), ("dialhook-webhook", "status=NAK", "100"),
                                              ("dialhook-failure", "status=ACK", "101"), ("dialhook-away", "status=ACK", "102")]:
                with self.subTest(context, user=user, reply=reply):
                    self.web.on("/crm", respond(reply))
                    self.assertEqual(self.dial(context, user), (486, [extension]))

    def test_the_page_s_goto_takes_numbers_as_they_are(self):
        self.web.on("/crm", respond("status=ACK"))
        for user in ("+31502102544", "%2B31502102544", "101", "0031502102544"):
            with self.subTest(user):
                self.assertEqual(self.dial(PAGE, user), (486, [NUMBERS[user]]))

    def test_numbers_in_a_dialplan_go_on(self):
        self.assertEqual(self.dial("dialhook-dialplan", "+31502102544"), (486, ["115"]))
        self.assertEqual(self.dial("dialhook-dialplan", "999"), (486, ["102"]))

    def test_a_trunk_that_leads_into_success_has_not_asked(self):
        """Anybody whom it lets in would choose where the call goes, at the cost of the PBX."""
        for context in ("dialhook-success", "dialhook-several"):
            with self.subTest(context):
                self.assertEqual(self.dial(context, DEAR), (486, ["102"]))
        self.assertEqual(self.requests(), [])


class Parameters(FromTrunk):
    """What carriers write after a number, with the setting of pjsip.conf that docs/asterisk.md names."""

    @classmethod
    def endpoints(cls):
        return super().endpoints() + "\n[global](+)\nignore_uri_user_options = yes\n"

    def test_what_a_carrier_writes_after_a_number_is_cut_off(self):
        self.web.on("/crm", respond("status=ACK"))
        for parameters in (";npdi", ";npdi;rn=+31970", ";phone-context=+31", ";x=%2C1"):
            for context in ("dialhook-webhook", PAGE):
                with self.subTest(context, parameters=parameters):
                    self.assertEqual(self.dial(context, "+31502102544" + parameters), (486, ["+31502102544"]))
        self.assertEqual({request.query for request in self.requests()}, {"did=%2B31502102544"})


if __name__ == "__main__":
    unittest.main()
