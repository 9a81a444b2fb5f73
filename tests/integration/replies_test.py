"""What a web server may write in its reply, and what the dialplan engine makes of it: the sloppy is routed, the
hostile is refused, and nothing of it reaches a dialplan that a dialplan should not see."""
import unittest

from support import replies
from support.case import DialhookTest
from support.configuration import configuration
from support.patience import ample
from support.webserver import WebServer

TEXT_65536 = b"status=ACK&filler=" + b"x" * (65536 - len(b"status=ACK&filler="))
EXAMPLE = {"destination": "+31502102544", "callername": "VoysTelecom"}

# what the web server writes -> what the decision holds
ROUTED = {
    "the example of the original system": (b"status=ACK&destination=%2B31502102544&callername=VoysTelecom", EXAMPLE),
    "only a status": (b"status=ACK", {"destination": None, "callername": None, "variables": {}}),
    "status in lower case": (b"status=ack", {}),
    "status in mixed case": (b"status=aCk", {}),
    "keys in any case": (b"STATUS=ACK&Destination=101&CallerName=Jan", {"destination": "101", "callername": "Jan"}),
    "keys in any order": (b"callername=Jan&destination=101&status=ACK", {"destination": "101", "callername": "Jan"}),
    "byte-order mark": (b"\xef\xbb\xbfstatus=ACK&destination=101", {"destination": "101"}),
    "white space and line ends around": (b"\r\n \t status=ACK&destination=101 \r\n\r\n", {"destination": "101"}),
    "byte-order mark and line end": (b"\xef\xbb\xbf\r\nstatus=ACK\n", {}),
    "raw spaces": (b"status=ACK&callername=Jan van Dijk", {"callername": "Jan van Dijk"}),
    "plus is a space in a name": (b"status=ACK&callername=Jan+van+Dijk", {"callername": "Jan van Dijk"}),
    "encoded plus is a plus": (b"status=ACK&callername=A%2BB", {"callername": "A+B"}),
    "raw UTF-8": ("status=ACK&callername=Zoë".encode(), {"callername": "Zoë"}),
    "encoded UTF-8": (b"status=ACK&callername=Zo%C3%AB", {"callername": "Zoë"}),
    "raw Latin-1": (b"status=ACK&callername=Zo\xeb", {"callername": "Zoë"}),
    "encoded Latin-1": (b"status=ACK&callername=Zo%EB", {"callername": "Zoë"}),
    "Latin-1 in a variable": (b"status=ACK&city=K\xf6ln", {"variables": {"city": "Köln"}}),
    "Windows-1252": (b"status=ACK&callername=O\x92Brien&price=\x80%205", {"callername": "O’Brien", "variables": {"price": "€ 5"}}),
    "a name cut inside a letter": (b"status=ACK&callername=B%C3%A4ckerei%20M%C3", {"callername": "Bäckerei M"}),
    "marks of files that were included": (b"\xef\xbb\xbf\xef\xbb\xbf\n\xef\xbb\xbfstatus=ACK&destination=101\n\xef\xbb\xbf\r\n", {"destination": "101"}),
    "character references in a name": (b"status=ACK&callername=O&#039;Brien &amp; Co&destination=101",
                                       {"callername": "O'Brien & Co", "destination": "101"}),
    "a plus beside a raw space": (b"status=ACK&callername=A+ Advies", {"callername": "A+ Advies"}),
    "the zero that is not dialled from abroad": (b"status=ACK&destination=%2B31 (0)50 210 25 44", {"destination": "+31502102544"}),
    "no-break spaces and dashes": ("status=ACK&destination=\u202a+31\u00a050\u2013210\u202f25\u200b44".encode(), {"destination": "+31502102544"}),
    "pairs with dots": (b"status=ACK&destination=06.12.34.56.78", {"destination": "0612345678"}),
    "raw plus in front of a number": (b"status=ACK&destination=+31502102544", {"destination": "+31502102544"}),
    "HTML's ampersand": (b"status=ACK&amp;destination=101&amp;callername=Jan", {"destination": "101", "callername": "Jan"}),
    "empty pieces": (b"&&status=ACK&&destination=101&&", {"destination": "101"}),
    "raw ampersand in a name": (b"status=ACK&callername=Jansen & Zonen&destination=101",
                                {"callername": "Jansen & Zonen", "destination": "101"}),
    "a word after the status": (b"status=ACK&thanks&destination=101", {"destination": "101"}),
    "broken escape at the end": (b"status=ACK&callername=100%", {"callername": "100%"}),
    "broken escape inside": (b"status=ACK&callername=5%zz%4", {"callername": "5%zz%4"}),
    "empty values are absent": (b"status=ACK&destination=&callername=&queue=",
                                {"destination": None, "callername": None, "variables": {}}),
    "first value that is not empty": (b"status=&status=ACK&status=NAK&destination=&destination=101&destination=102",
                                      {"destination": "101"}),
    "first of two names": (b"status=ACK&callername=A&callername=B", {"callername": "A"}),
    "64 KiB": (TEXT_65536, {"destination": None}),
    # Destinations
    "formatted number": (b"status=ACK&destination=%2B31 (50) 210-25.44", {"destination": "+31502102544"}),
    "brackets of every kind": (b"status=ACK&destination=[31]{50}(21)", {"destination": "315021"}),
    "internal number": (b"status=ACK&destination=101", {"destination": "101"}),
    "feature code": (b"status=ACK&destination=*21%23", {"destination": "*21#"}),
    "32 digits": (b"status=ACK&destination=" + b"1" * 32, {"destination": "1" * 32}),
    "plus and 32 digits": (b"status=ACK&destination=%2B" + b"1" * 32, {"destination": "+" + "1" * 32}),
    "SIP URI": (b"status=ACK&destination=sip:jan.p@pbx.example", {"destination": "sip:jan.p@pbx.example"}),
    "SIPS URI with a port": (b"status=ACK&destination=sips%3A100%40192.0.2.1%3A5061",
                             {"destination": "sips:100@192.0.2.1:5061"}),
    # Names
    "control characters in a name": (b"status=ACK&callername=Jan%0D%0AX-Evil:%201%00%1B%7F%C2%85",
                                     {"callername": "JanX-Evil: 1"}),
    "long name": ("status=ACK&callername=".encode() + "é".encode() * 100, {"callername": "é" * 80}),
    "quotes and backslashes in a name": (b"status=ACK&callername=%22J%5Can%27", {"callername": "\"J\\an'"}),
    # Variables
    "variables": (b"status=ACK&queue=sales&X_1=a+b&My-Key=%C3%A9",
                  {"variables": {"queue": "sales", "X_1": "a b", "My-Key": "é"}}),
    "variables with names that are none": (b"status=ACK&b d=1&k\xc3\xa4=2&" + b"n" * 65 + b"=3&${X}=4&" + b"n" * 64 + b"=5",
                                           {"variables": {"n" * 64: "5"}}),
    "control characters in a variable": (b"status=ACK&note=a%0D%0Ab%00c", {"variables": {"note": "abc"}}),
    "long variable": (b"status=ACK&note=" + "é".encode() * 2000, {"variables": {"note": "é" * 1024}}),
    "100 variables": (b"status=ACK&" + b"&".join(b"v%d=%d" % (n, n) for n in range(100)),
                      {"variables": {f"v{n}": str(n) for n in range(64)}}),
}

# what the web server writes -> all of these are reason `bad_reply`
NO_REPLY = {
    "empty body": b"",
    "white space": b" \r\n\t\n",
    "byte-order mark alone": b"\xef\xbb\xbf",
    "no status": b"destination=101&callername=Jan",
    "empty status": b"status=&destination=101",
    "unknown status": b"status=MAYBE",
    "status with a tail": b"status=ACKNOWLEDGED",
    "a word": b"ACK",
    "a list in JSON": b'[{"status":"ACK","destination":"101"}]',
    "broken JSON": b'{"status":"ACK",}',
    "JSON that breaks off": b'{"status":"ACK","destination":"10',
    "JSON that is too deep": b'{"status":"ACK","x":' + b"[" * 32 + b"]" * 32 + b"}",
    "HTML": b"<!DOCTYPE html><html><body>It works!</body></html>",
    "HTML with a status in it": b"<html><a href='?x=1&status=ACK&destination=101'>log in</a></html>",
    "binary": bytes(range(256)),
    "64 KiB and one byte": TEXT_65536 + b"x",
    "a megabyte": TEXT_65536 * 16,
    # Destinations: whatever is not certainly a number or a plain SIP URI
    "33 digits": b"status=ACK&destination=" + b"1" * 33,
    "letters": b"status=ACK&destination=queue-sales",
    "plus alone": b"status=ACK&destination=%2B",
    "two pluses": b"status=ACK&destination=%2B%2B31",
    "plus inside": b"status=ACK&destination=31%2B50",
    "line end in a destination": b"status=ACK&destination=101%0D%0AX-Evil:%201",
    "NUL in a destination": b"status=ACK&destination=101%00",
    "control character U+0085 in a destination": b"status=ACK&destination=101%C2%85",
    "arguments of Dial": b"status=ACK&destination=101,30,r",
    "second channel": b"status=ACK&destination=101%26SIP/evil",
    "dialplan expression": b"status=ACK&destination=${SHELL(id)}",
    "digits of another script": "status=ACK&destination=１０１".encode(),
    "SIP parameters": b"status=ACK&destination=sip:100@pbx.example;transport=tcp",
    "SIP headers": b"status=ACK&destination=sip:100@pbx.example?Replaces=1",
    "SIP without user": b"status=ACK&destination=sip:@pbx.example",
    "SIP without host": b"status=ACK&destination=sip:100@",
    "SIP with a space": b"status=ACK&destination=sip:1 00@pbx.example",
    "SIP with a password": b"status=ACK&destination=sip:100:secret@pbx.example",
    "SIP with two hosts": b"status=ACK&destination=sip:100@a@b",
    "decimal fraction of a spreadsheet": b"status=ACK&destination=31612345678.0",
    "decimal fraction of an internal number": b"status=ACK&destination=101.0",
    "IPv4 address": b"status=ACK&destination=192.168.1.20",
    "the text in single quotes": b"'status=ACK&destination=101'",
    "another scheme": b"status=ACK&destination=tel:%2B31502102544",
}

# the cases of ROUTED that mean the same when they are written in JSON
JSON_ROUTED = {
    "as it stands": (b'{"status":"ACK","destination":"+31502102544","callername":"VoysTelecom"}', EXAMPLE),
    "names in any case": (b'{"STATUS":"ack","Destination":"101","CallerName":"Jan"}', {"destination": "101", "callername": "Jan"}),
    "byte-order mark and line ends": (b'\xef\xbb\xbf\r\n{"status":"ACK"}\r\n', {"destination": None}),
    "true": (b'{"status":true,"destination":101}', {"destination": "101"}),
    "a number as it is written": (b'{"status":"ACK","destination":31502102544,"price":1.50}',
                                  {"destination": "31502102544", "variables": {"price": "1.50"}}),
    "Latin-1": (b'{"status":"ACK","callername":"Zo\xeb"}', {"callername": "Zo\u00eb"}),
    "escapes": (b'{"status":"ACK","callername":"Zo\\u00eb \\ud83d\\udcde"}', {"callername": "Zo\u00eb \U0001f4de"}),
    "half an emoji": (b'{"status":"ACK","callername":"Jan\\ud83d"}', {"callername": "Jan"}),
    "control characters": (b'{"status":"ACK","callername":"Jan\\r\\nX-Evil: 1\\u0000"}', {"callername": "JanX-Evil: 1"}),
    "variables": (b'{"status":"ACK","open":true,"n":7,"none":null,"o":{},"variables":{"tier":"gold"}}',
                  {"variables": {"open": "true", "n": "7", "tier": "gold"}}),
    "formatted number": (b'{"status":"ACK","destination":"+31 (0)50 210-25.44"}', {"destination": "+31502102544"}),
    "empty values": (b'{"status":"ACK","destination":"","callername":null}', {"destination": None, "callername": None}),
    "a list of one": (b'{"status":"ACK","destination":["101","102"]}', {"destination": "101"}),
    "the text of a form in quotes": (b'"status=ACK\\u0026destination=101"', {"destination": "101"}),
}

# HTTP status and body -> reason and what else
BY_HTTP_STATUS = {
    "201 is read": (201, b"status=ACK", None),
    "299 is read": (299, b"status=ACK", None),
    "404 with ACK": (404, b"status=ACK&destination=101", "http_status"),
    "404 without a body": (404, b"", "http_status"),
    "404 with HTML": (404, b"<html>not here</html>", "http_status"),
    "404 with NAK": (404, b"status=NAK", "nak"),
    "401 with NAK": (401, b"status=nak", "nak"),
    "403 with ERR": (403, b"status=ERR", "err"),
    "500 with ACK": (500, b"status=ACK", "http_status"),
    "500 with ERR": (500, b"status=ERR", "err"),
    "503 with NAK": (503, b"status=NAK", "nak"),
    "401 with NAK in JSON": (401, b'{"status":"NAK"}', "nak"),
    "404 with false in JSON": (404, b'{"status":false}', "nak"),
    "404 with ACK in JSON": (404, b'{"status":"ACK"}', "http_status"),
    "500 with a body that is too long": (500, b"status=NAK&x=" + b"x" * 100_000, "http_status"),
    "300": (300, b"status=ACK", "http_status"),
    "status that nobody knows": (999, b"status=ACK", "http_status"),
}


class Replies(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = cls.share(WebServer())
        hook = {"url": cls.web.url("/{call_id}"), "timeout": ample()}
        cls.daemon = cls.share_daemon(configuration({
            "crm": hook,
            "dutch": {**hook, "destinations": ["+31*", "1??", "sip:*@pbx.example"]},
            "digits": {**hook, "destinations": ["*"]},
            "called": {**hook, "callerid": "called"},
            "json": {**hook, "reply": "json"},
            "strangers": {**hook, "reply": {"format": "json", "status": "ACK", "destination": "/contact/phones/0",
                                            "callername": "/contact/name", "variables": {"tier": "/account/tier"}}},
            "value": {**hook, "reply": {"destination": "value"}},
            "name": {**hook, "reply": "text"},
            "several": {**hook, "max_destinations": 3, "destinations": ["1??"]},
            "suppressed": {**hook, "callerid": "suppressed"},
        }))

    def setUp(self):
        super().setUp()
        self.asking = self.engine(self.daemon)

    def decide(self, body, webhook="crm", status=200, headers=(), **params):
        path = f"reply{len(self.web.requests)}"
        self.web.on(f"/{path}", replies.respond(body, status, headers))
        return self.asking.route(webhook, call_id=path, **params)

    def test_sloppy_replies_are_routed(self):
        for name, (body, expected) in ROUTED.items():
            with self.subTest(name):
                self.assert_success(self.decide(body), http_status=200, **expected)

    def test_what_is_no_reply_fails_as_bad_reply(self):
        for name, body in NO_REPLY.items():
            with self.subTest(name):
                self.assert_failure(self.decide(body), "bad_reply", destination=None, http_status=200)

    def test_replies_in_json_are_routed(self):
        for name, (body, expected) in JSON_ROUTED.items():
            for webhook in ("crm", "json"):
                if webhook == "json" and body.startswith(b'"'):
                    continue
                with self.subTest(name, webhook=webhook):
                    self.assert_success(self.decide(body, webhook), http_status=200, **expected)

    def test_a_service_of_strangers_routes_a_call(self):
        body = b'{"id":7,"contact":{"name":"Jan","phones":["+31 50 210","101"]},"account":{"tier":"gold"}}'
        self.assert_success(self.decide(body, "strangers"), destination="+3150210", callername="Jan", variables={"tier": "gold"})
        self.assert_success(self.decide(b'{"contact":null}', "strangers"), destination=None, callername=None, variables={})
        self.assert_failure(self.decide(b"no such contact", "strangers"), "bad_reply")
        self.assert_failure(self.decide(b'{"error":"gone"}', "strangers", status=404), "http_status")

    def test_a_form_may_have_another_key(self):
        self.assert_success(self.decide(b"status=ACK&value=%2B31502102544", "value"), destination="+31502102544")
        self.assert_success(self.decide(b"status=ACK&value=101&destination=102", "value"), destination="101",
                            variables={"destination": "102"})

    def test_the_body_is_the_name(self):
        self.assert_success(self.decide("Zo\u00eb de Vries\r\n".encode(), "name"), callername="Zo\u00eb de Vries", destination=None)
        for status, body, reason in ((200, b"", "nak"), (204, b"", "nak"), (404, b"unknown", "nak"), (500, b"", "http_status"),
                                     (200, b"<html>", "bad_reply")):
            with self.subTest(status=status, body=body):
                self.assert_failure(self.decide(body, "name", status=status), reason, http_status=status)

    def test_several_destinations(self):
        for body in (b"status=ACK&destination=101&destination=102&strategy=sequential&ring=20",
                     b'{"status":"ACK","destination":["101","102"],"strategy":"sequential","ring":20}'):
            with self.subTest(body):
                result = self.decide(body, "several")
                self.assert_success(result, destination="101", variables={})
                self.assertEqual((result["destinations"], result["strategy"], result["ring_s"]), (["101", "102"], "sequential", 20))
        result = self.decide(b"status=ACK&destination=101", "several")
        self.assertNotIn("destinations", result)
        result = self.decide(b"status=ACK&destination=101&destination=102&ring=15")
        self.assertEqual((result["destinations"], result["strategy"], result["ring_s"]), (["101"], "parallel", 15))
        self.assert_failure(self.decide(b"status=ACK&destination=101&destination=0900", "several"), "destination")
        self.assert_failure(self.decide(b"status=ACK&destination=101&destination=x", "several"), "bad_reply")

    def test_no_and_error_are_reasons_of_their_own_and_hand_on_what_was_said(self):
        for status, reason in (("NAK", "nak"), ("ERR", "err"), ("nak", "nak"), ("Err", "err")):
            for destination in ("101", "not%0Aa number", ""):
                with self.subTest(status=status, destination=destination):
                    result = self.decide(f"status={status}&destination={destination}&callername=Jan&queue=7".encode())
                    self.assert_failure(result, reason, status=status.upper(), destination=None, callername="Jan",
                                        variables={"queue": "7"}, http_status=200, source="url")

    def test_http_status_and_body_together(self):
        for name, (status, body, reason) in BY_HTTP_STATUS.items():
            with self.subTest(name):
                self.assert_decision(self.decide(body, status=status), branch="failure" if reason else "success",
                                     reason=reason, http_status=status)

    def test_content_type_does_not_matter(self):
        for kind in ("text/html; charset=utf-16", "application/json", "image/png", "nonsense", ""):
            with self.subTest(kind):
                result = self.decide(b"status=ACK&destination=101", headers=[("Content-Type", kind)])
                self.assert_success(result, destination="101")

    def test_destinations_outside_the_patterns_are_not_dialled(self):
        cases = [
            ("dutch", "%2B31502102544", True), ("dutch", "101", True), ("dutch", "sip:jan@pbx.example", True),
            ("dutch", "%2B31 (0)50", True), ("dutch", "", True),
            ("dutch", "%2B32502102544", False), ("dutch", "1012", False), ("dutch", "10", False), ("dutch", "0906123", False),
            ("dutch", "sip:jan@evil.example", False), ("dutch", "sip:jan@pbx.example.evil", False),
            ("digits", "0906123", True), ("digits", "sip:jan@pbx.example", False),
        ]
        for webhook, destination, allowed in cases:
            with self.subTest(webhook=webhook, destination=destination):
                result = self.decide(f"status=ACK&destination={destination}".encode(), webhook)
                if allowed:
                    self.assert_success(result)
                else:
                    self.assert_failure(result, "destination", destination=None, http_status=200)

    def test_caller_id_that_the_recipient_sees(self):
        caller, did = "+31612345678", "+31502102544"
        cases = [
            ("crm", {}, {"number": caller, "presentation": "allowed"}),
            ("crm", {"presentation": "allowed"}, {"number": caller, "presentation": "allowed"}),
            ("crm", {"presentation": "prohibited"}, {"number": caller, "presentation": "prohibited"}),
            ("crm", {"callerid": "anonymous"}, {"number": "anonymous", "presentation": "allowed"}),
            ("called", {}, {"number": did, "presentation": "allowed"}),
            ("suppressed", {}, {"number": caller, "presentation": "prohibited"}),
            ("suppressed", {"presentation": "prohibited"}, {"number": caller, "presentation": "prohibited"}),
        ]
        for body in (b"status=ACK", b"status=NAK", b""):
            for webhook, params, expected in cases:
                with self.subTest(webhook=webhook, body=body, **params):
                    self.assertEqual(self.decide(body, webhook, **params)["callerid"], expected)

    def test_a_caller_without_a_number_has_none_in_the_decision(self):
        for withheld in (None, ""):
            with self.subTest(withheld):
                result = self.decide(b"status=ACK", callerid=withheld)
                self.assertIn(result["callerid"]["number"], (None, ""))

    def test_caller_name_is_the_one_of_the_reply_else_the_one_of_the_call_else_none(self):
        cases = [
            (b"status=ACK&callername=CRM", "Own", "CRM"), (b"status=ACK", "Own", "Own"), (b"status=ACK&callername=", "Own", "Own"),
            (b"status=NAK&callername=CRM", "Own", "CRM"), (b"status=NAK", "Own", "Own"), (b"<html>", "Own", "Own"),
            (b"status=ACK", None, None), (b"<html>", None, None),
        ]
        for body, own, expected in cases:
            with self.subTest(body=body, own=own):
                self.assert_decision(self.decide(body, callername=own), callername=expected)

    def test_the_own_name_of_a_private_call_is_never_shown(self):
        for webhook in ("crm", "called", "suppressed"):
            for body, expected in ((b"status=ACK&callername=CRM", "CRM"), (b"status=ACK", None), (b"status=NAK", None), (b"<html>", None)):
                with self.subTest(webhook=webhook, body=body):
                    result = self.decide(body, webhook, callername="Own", presentation="prohibited")
                    self.assert_decision(result, callername=expected)


if __name__ == "__main__":
    unittest.main()
