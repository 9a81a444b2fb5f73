"""The pieces of an Asterisk dialplan that docs/asterisk.md, docs/how-to/from-curl.md and docs/engines-over-http.md show, in a real Asterisk."""
import sys
import unittest

from support import ROOT
from support.asterisk_case import AsteriskTest
from support.patience import ample
from support.ports import free_port
from support.replies import respond

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from elsewhere import dialplans_of_asterisk  # noqa: E402

TRUNK, _, BEFORE, AFTER, OVER_HTTP = (block.text for block in dialplans_of_asterisk()) # asterisk_events_test.py plays the second


class Pages(AsteriskTest):
    """Telephones are the administrator's numbers here, where a recorder sees calls arrive, in the place of PJSIP's endpoints."""

    MODULES = ("func_curl", "res_curl")

    @classmethod
    def setUpClass(cls):
        cls.door = free_port()
        super().setUpClass()

    @classmethod
    def configuration(cls):
        content = super().configuration()
        content["server"]["engine_http"] = {"listen": f"127.0.0.1:{cls.door}"}
        return content

    @classmethod
    def extensions(cls):
        here = AFTER.replace("agi://127.0.0.1:4573", f"agi://127.0.0.1:{cls.fastagi_port}")
        here = here.replace("PJSIP/${DIALHOOK_DESTINATION}", "Local/${DIALHOOK_DESTINATION}@from-internal/n")
        assert here.count("from-internal") == 1 and str(cls.fastagi_port) in here, AFTER
        curl = OVER_HTTP.replace("127.0.0.1:8443", f"127.0.0.1:{cls.door}").replace("Dial(PJSIP/", "Dial(Local/").replace("destination)})})", "destination)})}@from-internal/n)")
        assert curl.count("from-internal") == 1 and str(cls.door) in curl, OVER_HTTP
        reception = "exten => reception,1,Goto(from-internal,101,1)\n"
        return f"\n{TRUNK}\n[before]\n{BEFORE}\n[after]\n{here}{reception}[curl]\n{curl}{reception}"

    @classmethod
    def webhooks(cls):
        return {name: {"url": cls.web.url(f"/{name}?did={{did}}"), "timeout": ample()} for name in ("crm", "route")}

    def test_calls_of_a_trunk_reach_the_sample(self):
        self.web.on("/crm", respond("status=ACK&destination=103"))
        self.assert_routed(self.call("+31502102544", entry="from-trunk"), "103", BRANCH="success")
        self.assertEqual(self.wait_request("/crm").query, "did=%2B31502102544")

    def test_what_comes_in_the_place_of_curl(self):
        self.web.on("/route", respond("status=ACK&destination=103"), respond("status=NAK"))
        self.assertEqual(self.call("+31502102544", entry="after").routed().extension, "103")
        self.assert_routed(self.call("+31502102544", entry="after"), "101", BRANCH="failure", REASON="nak")

    def test_curl_asks_over_http(self):
        self.web.on("/crm", respond("status=ACK&destination=103"), respond("status=NAK"))
        self.assertEqual(self.call("+31502102544", entry="curl").routed().extension, "103")
        self.assertEqual(self.wait_request("/crm").query, "did=%2B31502102544")
        self.assertEqual(self.call("+31502102544", entry="curl").routed().extension, "101")

    def test_asterisk_takes_all_of_it_without_a_word(self):
        """What it looked like with CURL() too, though nothing of it is run."""
        for context, priorities in {"before": len(BEFORE.splitlines()), "after": len(AFTER.splitlines()) + 1}.items():
            self.assertIn(f"({priorities} priorities)", self.asterisk.ami.act("Command", Command=f"dialplan show {context}")["Output"])
        complaints = [line for line in self.asterisk.log().splitlines() if "extensions.conf" in line and "VERBOSE" not in line]
        self.assertEqual(complaints, [])


if __name__ == "__main__":
    unittest.main()
