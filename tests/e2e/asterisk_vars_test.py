"""What docs/asterisk.md sends along of PJSIP's headers and of STIR/SHAKEN, in a real Asterisk that a caller's trunk writes them to."""
import sys
import unittest
import urllib.parse

from support import ROOT
from support.asterisk_case import TelephonesTest
from support.patience import ample
from support.replies import respond

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from elsewhere import lines_that_send_by_asterisk  # noqa: E402

DIVERSION = '"Office" <sip:+31201112233@carrier.example>;reason=unconditional;counter=1'
IDENTITY = "<sip:+31612345678;verstat=TN-Validation-Passed@carrier.example;user=phone>"
NAMES = ["diversion", "identity", "verstat", "tenant"]


class Vars(TelephonesTest):
    ENTRY = "sends"
    ENTRIES = ("sends",)
    MODULES = ("res_pjsip_header_funcs", "func_curl", "res_curl", "res_stir_shaken")

    @classmethod
    def extensions(cls):
        return (f"\n[sends]\nexten => _[+0-9]!,1,Set(DIALHOOK_BRANCH=)\n{lines_that_send_by_asterisk()[0].text}"
                " same => n,Goto(dialhook-success,${EXTEN},1)\n[globals](+)\nDIALHOOK_NUMBERS=reached\n"
                "[reached]\nexten => _[+0-9*#]!,1,Hangup(17)\n")

    @classmethod
    def configuration(cls):
        return {**super().configuration(), "vars": NAMES}

    @classmethod
    def webhooks(cls):
        query = "&".join(f"{name}={{var.{name}}}" for name in NAMES)
        return {"crm": {"url": cls.web.url(f"/crm?did={{did}}&{query}"), "timeout": ample()}}

    def sent(self, *headers):
        """What the web server is told beside the number, of a call that was routed."""
        self.web.on("/crm", respond("status=ACK&destination=101"))
        self.assertEqual(self.dial("+31502102544", headers=headers).wait_final().code, 486)
        return dict(urllib.parse.parse_qsl(self.requests()[-1].query, errors="surrogateescape"))

    def test_who_diverted_the_call_and_what_the_carrier_says_of_its_number(self):
        self.assertEqual(self.sent(f"Diversion: {DIVERSION}", f"P-Asserted-Identity: {IDENTITY}"),
                         {"did": "+31502102544", "diversion": DIVERSION, "identity": IDENTITY, "tenant": "acme"})

    def test_a_call_without_them(self):
        self.assertEqual(self.sent(), {"did": "+31502102544", "tenant": "acme"})

    def test_what_a_caller_writes_stays_a_value(self):
        for text in ("a,tenant=evil", "a&tenant=evil&verstat=x", "a&did=999", "${SHELL(id)}", 'a"b\\c', "a)b(", "a;b", "%0d%0aX: y", "a#b?c=d"):
            with self.subTest(text):
                self.assertEqual(self.sent(f"Diversion: {text}"), {"did": "+31502102544", "diversion": text, "tenant": "acme"})


if __name__ == "__main__":
    unittest.main()
