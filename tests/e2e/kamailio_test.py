"""The real Kamailio asks the real daemon, as config/kamailio sets it up: sipp calls, a web server decides."""
import json
import os
import re
import sys
import threading
import time
import unittest
import urllib.parse

from support import ROOT, replies
from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import Daemon
from support.kamailio import FOLDER, Kamailio
from support.patience import Deadline, LATENESS, PATIENCE, SLACK, ample
from support.phone import Phone
from support.places import RefusingPort
from support.replies import held, respond
from support.sipp import Sipp
from support.webserver import WebServer

sys.path.insert(0, str(ROOT / "tests" / "clients"))
sys.path.insert(0, str(ROOT / "tests" / "docs"))
from scripted_daemon import ScriptedDaemon, saying  # noqa: E402
from elsewhere import lines_that_send_by_kamailio  # noqa: E402

HOSTS = {"DESTINATION_HOST": "pbx.test", "MEDIA_HOST": "media.test:5080"}
MESSAGES = {"start_message": "enter", "incorrect_message": "wrong", "timeout_message": "late"}


class KamailioTest(DialhookTest):
    """One Kamailio and one daemon for a class; every test has a web server's path, thus a webhook, of its own."""

    SETTINGS = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = cls.share(WebServer())
        cls.refusing = cls.share(RefusingPort())
        cls.daemon = cls.share_daemon(cls.configuration())
        cls.kamailio = cls.share(Kamailio(cls.daemon.socket_path, **HOSTS, **cls.SETTINGS))

    @classmethod
    def configuration(cls):
        return configuration(cls.webhooks(), dialplans=cls.dialplans())

    @classmethod
    def webhooks(cls):
        return {"crm": {"url": cls.web.url("/crm?did={did}&from={callerid}&name={callername}&id={call_id}"), "timeout": ample()}}

    @classmethod
    def dialplans(cls):
        return {}

    def raw_call(self, number="100", **options):
        """The final answer to one call by a phone that may write what sipp would not."""
        phone = self.use(Phone(self.kamailio.port))
        request = phone.invite(number, **options)
        while (answer := phone.receive()) is not None:
            if answer.code >= 200:
                request.ack(answer)
                return answer
        raise AssertionError(f"no answer to {options}")

    def call(self, **options):
        """The final answer to one call by sipp."""
        answers = self.use(Sipp(self.kamailio.port, "answered.xml", **options)).wait().answers()
        self.assertEqual(len(answers), 1, [answer.text for answer in answers])
        return answers[0]


class OneWebhook(KamailioTest):
    SETTINGS = {"DIALHOOK_WEBHOOK": "crm"}

    def test_the_destination_becomes_a_redirect(self):
        self.web.on("/crm", respond("status=ACK&destination=%2B31502102544&callername=VoysTelecom"))
        seen = len(self.web.requests)
        answer = self.call(number="+31201112233", name='"Jan"', user="+31612345678")
        self.assertEqual(answer.header("Contact"), "<sip:+31502102544@pbx.test>")
        self.assertEqual(answer.header("X-Dialhook-Callername"), '"VoysTelecom"')
        self.assertEqual(answer.header("X-Dialhook-Callerid"), '"+31612345678"')
        self.assertEqual(answer.header("X-Dialhook-Presentation"), "allowed")
        self.assertIn("?did=%2B31201112233&from=%2B31612345678&name=Jan&id=", self.web.requests[seen].target)

    def test_a_sip_uri_is_taken_as_it_is(self):
        self.web.on("/crm", respond("status=ACK&destination=sip:jan.1@10.1.2.3:5062"))
        self.assertEqual(self.call().header("Contact"), "<sip:jan.1@10.1.2.3:5062>")

    def test_a_hash_is_encoded(self):
        self.web.on("/crm", respond("status=ACK&destination=*21%23"))
        self.assertEqual(self.call().header("Contact"), "<sip:*21%23@pbx.test>")

    def test_success_without_a_destination_goes_on_to_the_number_called(self):
        self.web.on("/crm", respond("status=ACK"))
        self.assertEqual(self.call(number="+31201112233").header("Contact"), "<sip:+31201112233@pbx.test>")

    def test_nak_is_404(self):
        self.web.on("/crm", respond("status=NAK"))
        answer = self.call(code=404)
        self.assertEqual((answer.header("X-Dialhook-Reason"), answer.header("Contact")), ("nak", None))

    def test_err_and_broken_replies_are_480(self):
        for body, reason in (("status=ERR", "err"), ("<html>", "bad_reply")):
            with self.subTest(body):
                self.web.on("/crm", respond(body))
                self.assertEqual(self.call(code=480).header("X-Dialhook-Reason"), reason)

    def test_names_with_quotes_and_utf8(self):
        name = 'Zoë "Q" \\ Müller & Söhne 📞'
        self.web.on("/crm", respond(b"status=ACK&destination=101&callername=" + urllib.parse.quote(name).encode()))
        seen = len(self.web.requests)
        answer = self.call(name='"Anna \\"Q\\" Müller"')
        self.assertEqual(answer.header("X-Dialhook-Callername"), '"Zoë \\"Q\\" \\\\ Müller & Söhne 📞"')
        self.assertIn("&name=Anna%20%22Q%22%20M%C3%BCller&", self.web.requests[seen].target)

    def test_a_reply_cannot_add_a_header(self):
        self.web.on("/crm", respond("status=ACK&destination=101&callername=A%0D%0AContact:%20%3Csip:evil@evil%3E%0D%0A%0D%0AB"))
        answer = self.call()
        self.assertEqual(answer.header("Contact"), "<sip:101@pbx.test>")
        self.assertEqual(answer.header("X-Dialhook-Callername"), '"AContact: <sip:evil@evil>B"')

    def test_a_reply_cannot_add_a_contact_parameter(self):
        self.web.on("/crm", respond("status=ACK&destination=sip:a@b%3Bmaddr=evil"))
        self.assertEqual(self.call(code=480).header("X-Dialhook-Reason"), "bad_reply")

    def test_whatever_a_caller_sends_is_asked_and_answered(self):
        self.web.on("/crm", respond("status=ACK&destination=101"))
        hostile = {"Latin-1": b'"M\xfcller"', "format": b'"%s %n $var(x) $(rU)"', "none": b"",
                   "JSON": b'"\\",\\"webhook\\":\\"other"', "long": b'"' + "é".encode() * 500 + b'"'}
        for title, name in hostile.items():
            with self.subTest(title):
                phone = self.use(Phone(self.kamailio.port))
                request = phone.invite("100", name=name)
                answer = phone.wait_for(302, "INVITE")
                request.ack(answer)
                self.assertEqual(answer.header("Contact"), "<sip:101@pbx.test>")

    def test_a_call_id_of_any_length(self):
        self.web.on("/crm", respond("status=ACK&destination=101"))
        answer = self.raw_call(call_id="é" * 8000 + "@e2e")
        self.assertEqual(answer.header("Contact"), "<sip:101@pbx.test>")

    def test_what_is_no_sip_is_refused(self):
        phone = self.use(Phone(self.kamailio.port))
        phone.invite("100", name=b'"\\"')
        phone.wait_for(400, "INVITE")

    def test_latin1_reaches_the_web_server_as_utf8(self):
        self.web.on("/crm", respond("status=ACK&destination=101"))
        seen = len(self.web.requests)
        phone = self.use(Phone(self.kamailio.port))
        request = phone.invite("100", name=b'"M\xfcller"')
        request.ack(phone.wait_for(302, "INVITE"))
        self.assertIn("&name=M%C3%BCller&", self.web.requests[seen].target)

    def test_an_asserted_identity_is_not_believed_and_privacy_is_kept(self):
        self.web.on("/crm", respond("status=ACK&destination=101"))
        seen = len(self.web.requests)
        answer = self.call(user="+31600000001", headers="\nP-Asserted-Identity: <sip:+31699999999@127.0.0.1>\nPrivacy: id")
        self.assertIn("&from=%2B31600000001&", self.web.requests[seen].target)
        self.assertEqual((answer.header("X-Dialhook-Presentation"), answer.header("X-Dialhook-Callerid")), ("prohibited", None))

    def test_cancel_during_the_look_up(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.web.on("/crm", held(event, respond("status=ACK&destination=101")))
        seen = len(self.web.requests)
        phone = self.use(Phone(self.kamailio.port))
        request = phone.invite("100")
        self.web.requests.wait_count(seen + 1, "requests")
        request.cancel()
        phone.wait_for(200, "CANCEL")
        answer = phone.wait_for(487, "INVITE")
        request.ack(answer)
        # The decision comes too late for this call, and the worker that waited for it serves the next one.
        event.set()
        self.web.on("/crm", respond("status=ACK&destination=102"))
        self.assertEqual(self.call().header("Contact"), "<sip:102@pbx.test>")
        self.assertNotIn(302, [message.code for message in phone.received])


class Asserted(KamailioTest):
    SETTINGS = {"DIALHOOK_WEBHOOK": "crm", "TRUST_ASSERTED_IDENTITY": 1}

    def caller(self, **options):
        """What the web server was told of who calls, and the answer."""
        self.web.on("/crm", respond("status=ACK&destination=101"))
        seen = len(self.web.requests)
        answer = self.raw_call(**options)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.web.requests[seen].target).query)
        return query["from"][0], answer

    def test_an_asserted_identity_is_the_caller_where_it_is_trusted(self):
        number, answer = self.caller(user="anonymous", headers=["P-Asserted-Identity: <sip:+31699999999@127.0.0.1>", "Privacy: id"])
        self.assertEqual((number, answer.header("X-Dialhook-Presentation")), ("+31699999999", "prohibited"))
        number, answer = self.caller(headers=["P-Asserted-Identity: <sip:+31699999999@127.0.0.1>"])
        self.assertEqual((number, answer.header("X-Dialhook-Callerid")), ("+31699999999", '"+31699999999"'))

    def test_an_asserted_anonymous_is_private(self):
        for value in ("<sip:anonymous@anonymous.invalid>", "<sip:Anonymous@x>"):
            answer = self.caller(headers=[f"P-Asserted-Identity: {value}"])[1]
            self.assertEqual((answer.header("X-Dialhook-Presentation"), answer.header("X-Dialhook-Callerid")), ("prohibited", None))

    def test_however_it_is_written(self):
        for value, number in {'"Jan <sip:9@x>" <sip:%2B31699999999@x>': "+31699999999",
                              "<tel:+31-699-999-999;phone-context=x>": "+31699999999",
                              "sip:+31699999999@x": "+31699999999", "<sip:x>, <tel:+31699999999>": "+31699999999",
                              "<sip:+31699999999;npdi@x;user=phone>": "+31699999999", "<sip:j%C3%BCrgen@x>": "jürgen",
                              '"a\\"b" <sip:0611@x>': "0611", "<sip:x>": "+31612345678",
                              "nonsense": "+31612345678"}.items():
            with self.subTest(value):
                self.assertEqual(self.caller(headers=[f"P-Asserted-Identity: {value}"])[0], number)


class Private(KamailioTest):
    """On the wire: what the answer says of who called, for each `callerid` of a webhook and each way to be private."""

    NAME, NUMBER = "Zoë Secret", "+31612345678"
    FROM = f'"{NAME}" <sip:{NUMBER}@127.0.0.1>'.encode()

    @classmethod
    def webhooks(cls):
        hooks = {shown: {"url": cls.web.url("/" + shown), "callerid": shown} for shown in ("caller", "called", "suppressed")}
        return {**hooks, "ivr": {"url": cls.web.url("/ivr?code={code}"), "ivr": MESSAGES},
                "tell": {"url": cls.web.url("/tell?from={callerid}&name={callername}&")}}

    @classmethod
    def dialplans(cls):
        def asks(hook, *steps):
            return [{"webhook": hook, "on_success": [*steps, {"dial": "101"}], "on_failure": [{"dial": "109"}]}]
        plans = {number: asks(hook) for number, hook in
                 (("1", "caller"), ("2", "called"), ("3", "suppressed"), ("4", "ivr"), ("5", "tell"))}
        named = {"1" + number: asks(hook, {"callername": {"from": "webhook"}}) for number, hook in
                 (("1", "caller"), ("2", "called"), ("3", "suppressed"))}
        return {**plans, **named, "6": [{"dial": "106"}], "7": [{"callername": {"prefix": "[A] "}}, {"dial": "107"}]}

    def setUp(self):
        super().setUp()
        for path in ("/caller", "/called", "/suppressed"):
            self.web.on(path, respond("status=ACK&callername=VIP"))
        self.web.on("/tell", respond("status=ACK"))

    def shown(self, number, sender=FROM, **options):
        """Name, number and presentation in the answer; From alone, which SIP wants repeated, may name a private caller."""
        answer = self.raw_call(number, sender=sender, **options)
        self.assertEqual(answer.code, 302)
        shown = tuple(answer.header("X-Dialhook-" + name) for name in ("Callername", "Callerid", "Presentation"))
        if shown[2] == "prohibited":
            lines = [line for line in answer.text.split("\r\n") if not line.lower().startswith("from:")]
            self.assertFalse([line for line in lines if "Secret" in line or "31612345678" in line])
        return shown

    def test_each_callerid_of_a_webhook(self):
        hidden, name, number = (None, None, "prohibited"), f'"{self.NAME}"', f'"{self.NUMBER}"'
        for called, shown in {"1": (name, number, "allowed"), "2": (name, '"2"', "allowed"), "3": hidden, "6": (name, number, "allowed"),
                              "7": (f'"[A] {self.NAME}"', number, "allowed"),
                              "11": ('"VIP"', number, "allowed"), "12": ('"VIP"', '"12"', "allowed"), "13": hidden}.items():
            with self.subTest(called):
                self.assertEqual(self.shown(called), shown)

    def test_a_long_name_of_a_private_call_stays_hidden_as_well(self):
        sender = f'"{"Zoë" * 40}" <sip:{self.NUMBER}@127.0.0.1>'.encode()
        self.assertEqual(self.shown("2", sender=sender, headers=["Privacy: id"]), (None, '"2"', "allowed"))

    def test_each_callerid_for_a_private_call(self):
        hidden = (None, None, "prohibited")
        for called, shown in {"1": hidden, "2": (None, '"2"', "allowed"), "3": hidden, "4": hidden, "6": hidden, "7": hidden,
                              "11": hidden, "12": ('"VIP"', '"12"', "allowed"), "13": hidden}.items():
            with self.subTest(called):
                self.assertEqual(self.shown(called, headers=["Privacy: id"]), shown)

    def test_each_way_to_be_private(self):
        party = 'Remote-Party-ID: "Zoë" <sip:+31612345678@x>'
        for headers in (["Privacy: id"], ["privacy: ID"], ["Privacy: nonesuch;id"], ["Privacy: nonesuch"], ["Privacy: header;user"],
                        ["Privacy: user, critical"], ["Privacy: none", "Privacy: id"], ["Privacy: none;id"], ["Privacy: session"],
                        [f"{party};privacy=full"], [f"{party};party=calling;privacy=full;screen=yes"], [f"{party};privacy=uri;screen=no"],
                        [f'{party};privacy="full"'], [f"{party};PRIVACY=Full-network"], [f'{party};privacy="name,uri"'],
                        ['Remote-Party-ID: ";privacy=off;party=called" <sip:1@x>;privacy=full'],
                        [f"{party};privacy=off", f"{party};privacy=full"]):
            with self.subTest(headers):
                self.assertEqual(self.shown("1", headers=headers), (None, None, "prohibited"))
        for sender in ('"Zoë Secret" <sip:anonymous@anonymous.invalid>', "<sip:Anonymous@10.1.2.3:5060>",
                       "sip:c8oqz84zk7z@anonymous.invalid",
                       '"Zoë Secret" <sip:+31612345678@anonymous.invalid;user=phone>', "<sip:+31612345678@Anonymous.Invalid:5060>",
                       "<sip:anonymous.invalid>"):
            with self.subTest(sender):
                self.assertEqual(self.shown("1", sender=sender.encode()), (None, None, "prohibited"))

    def test_what_hides_nothing(self):
        party = 'Remote-Party-ID: "privacy=full" <sip:+31612345678@x>'
        for headers in ([], ["Privacy: none"], ["Privacy: None;critical"], [f"{party};privacy=off"], [f"{party};privacy=none;screen=yes"],
                        [f"{party};party=called;privacy=full"], [party]):
            with self.subTest(headers):
                self.assertEqual(self.shown("1", headers=headers), (f'"{self.NAME}"', f'"{self.NUMBER}"', "allowed"))
        self.assertEqual(self.shown("1", sender=b'"Anonymous" <sip:1@anonymous.invalid.example>')[2], "allowed")

    def test_a_name_alone_can_be_private(self):
        shown = self.shown("1", headers=[f'Remote-Party-ID: "{self.NAME}" <sip:{self.NUMBER}@x>;privacy=name'])
        self.assertEqual(shown, (None, f'"{self.NUMBER}"', "allowed"))

    def test_the_web_server_belongs_to_the_owner_of_the_pbx_and_is_told(self):
        seen = len(self.web.requests)
        self.shown("5", headers=["Privacy: id"])
        self.assertEqual(self.web.requests[seen].target,
                         "/tell?from=%2B31612345678&name=Zo%C3%AB%20Secret&")

    def test_a_caller_who_is_written_as_a_user_or_a_tel_uri(self):
        for sender, number in {"<tel:+31-6-12345678>": "%2B31612345678", "tel:0612": "0612", "<sip:j%C3%BCrgen@x>": "j%C3%BCrgen",
                               "<sip:%2B316;npdi@x>": "%2B316", "<sip:jan.de-wit@x>": "jan.de-wit",
                               "<sip:+31-6.12@x;user=phone>": "%2B31612",
                               "<sip:x>": "", "<sip:a%00b@x>": "a%00b", "<sip:%FF@x>": "%C3%BF"}.items():
            with self.subTest(sender):
                seen = len(self.web.requests)
                self.shown("5", sender=sender.encode())
                self.assertIn(f"?from={number}&", self.web.requests[seen].target)

    def test_a_number_that_a_caller_chose_adds_nothing(self):
        for user, shown in {"%22%0D%0AX-Evil%3A%201": '"\\"X-Evil: 1"', "1%0d%0a%0d%0aX": '"1X"', "%3Csip%3Aevil%3E": '"<sip:evil>"',
                            "1%22;x=%22": '"1\\""', "%5C": '"\\\\"', "$%7Brm%7D": '"${rm}"'}.items():
            with self.subTest(user):
                answer = self.raw_call("1", sender=f"<sip:{user}@x>".encode())
                self.assertEqual(answer.header("X-Dialhook-Callerid"), shown)
                self.assertEqual((answer.header("Contact"), answer.header("X-Evil")), ("<sip:101@pbx.test>", None))

    def test_a_name_arrives_as_written_and_adds_nothing(self):
        for name in ("Zoë", 'An "A" \\ B', "100 %", "J%0d%0aX-Evil%3a 1", "a/b:c@d", "Contact: <sip:evil@x>", "<sip:evil@x>;tag=2",
                     "x, y;z=1", "'; --", "${EXTEN}", "$var(x) $(rU)", "X-Evil: 1", "\u202e", "📞"):
            with self.subTest(name):
                text = name.replace("\\", "\\\\").replace('"', '\\"')
                answer = self.raw_call("1", sender=f'"{text}" <sip:1@x>'.encode())
                self.assertEqual(answer.header("X-Dialhook-Callername"), f'"{text}"')
                self.assertEqual((answer.header("Contact"), answer.header("X-Evil")), ("<sip:101@pbx.test>", None))
                self.web.on("/caller", respond("status=ACK&callername=" + urllib.parse.quote(name)))
                answer = self.raw_call("11")
                self.assertEqual((answer.header("X-Dialhook-Callername"), answer.header("X-Evil")), (f'"{text}"', None))


class Sent(KamailioTest):
    """What the page and the sample's own comment send along, of headers as a carrier writes them."""
    SETTINGS = {"DIALHOOK_WEBHOOK": "crm", "DIALHOOK_VARS": "diversion verstat"}

    @classmethod
    def setUpClass(cls):
        """The sample with its lines in force."""
        commented = re.compile(r"^( +)# (\$avp\(dialhook_\w+\) = .*)$", re.MULTILINE)
        sample = (FOLDER / "kamailio.cfg").read_text("utf-8")
        cls.lines = [line for _, line in commented.findall(sample)]
        cls.SETTINGS = {**cls.SETTINGS, "configuration": cls.share_scratch().write("kamailio.cfg", commented.sub(r"\1\2", sample))}
        super().setUpClass()

    @classmethod
    def webhooks(cls):
        return {"crm": {"url": cls.web.url("/crm?diversion={var.diversion}&verstat={var.verstat}"), "timeout": ample()}}

    @classmethod
    def configuration(cls):
        return configuration(cls.webhooks(), vars=["diversion", "verstat"])

    def sent(self, *headers):
        self.web.on("/crm", respond("status=ACK&destination=101"))
        answer = self.raw_call(headers=headers)
        self.assertEqual(answer.header("Contact"), "<sip:101@pbx.test>")
        return dict(urllib.parse.parse_qsl(self.web.requests[-1].query))

    def test_the_page_has_the_lines_of_the_sample(self):
        self.assertEqual(len(self.lines), 2)
        self.assertEqual(lines_that_send_by_kamailio()[0].text.strip().splitlines()[-2:], self.lines)

    def test_diversion_and_the_verdict_of_stir(self):
        diversion = '"Office" <sip:+31201112233@carrier.example>;reason=unconditional;counter=1'
        for verdict in ("TN-Validation-Passed", "TN-Validation-Failed", "No-TN-Validation"):
            for uri in (f"sip:+31612345678;verstat={verdict}@carrier.example;user=phone",  # as 3GPP TS 24.229 has it
                        f"tel:+31612345678;verstat={verdict}", f"sip:+31612345678;npdi;verstat={verdict};x=y@carrier.example",
                        f"sip:+31612345678@carrier.example;verstat={verdict}"):
                with self.subTest(uri):
                    self.assertEqual(self.sent(f"Diversion: {diversion}", f'P-Asserted-Identity: "Jan" <{uri}>'),
                                     {"diversion": diversion, "verstat": verdict})

    def test_without_them_nothing_is_sent(self):
        self.assertEqual(self.sent(), {})
        self.assertEqual(self.sent("P-Asserted-Identity: <sip:+31612345678@carrier.example>"), {})

    def test_hostile_ones_stay_values(self):
        for text in ("a&verstat=x#", '<sip:a@b>;x="\\"', "${x} %0D%0AX: y", "é" * 200, "x" * 5000):
            with self.subTest(text[:20]):
                sent = self.sent(f"Diversion: {text}")
                self.assertEqual(sent.keys(), {"diversion"})
                self.assertTrue(text.startswith(sent["diversion"]), sent)


class Called(KamailioTest):
    """What a caller dials is a number, or nobody is asked."""

    SETTINGS = {"DIALHOOK_WEBHOOK": "crm"}

    def did(self, uri):
        self.web.on("/crm", respond("status=ACK"))
        seen = len(self.web.requests)
        answer = self.raw_call(uri=uri)
        self.assertEqual(answer.code, 302, uri)
        did = urllib.parse.parse_qs(urllib.parse.urlsplit(self.web.requests[seen].target).query)["did"][0]
        self.assertEqual(answer.header("Contact"), f"<sip:{urllib.parse.quote(did, safe='+*')}@pbx.test>")
        return did

    def test_numbers_as_carriers_write_them(self):
        for uri, did in {"sip:+31502102544@pbx": "+31502102544", "sip:%2B31502102544@pbx": "+31502102544",
                         "sip:+31502102544;npdi;rn=+31600000000@pbx;user=phone": "+31502102544",
                         "sip:0502102544;phone-context=+31@pbx;user=phone": "0502102544", "sip:100:secret@pbx": "100",
                         "sips:+31502102544@pbx": "+31502102544", "SIP:100@pbx": "100",
                         "sip:+31-50-210.25(44)@pbx;user=phone": "+31502102544", "tel:+31-50-2102544": "+31502102544",
                         "tel:+31-(0)502102544": "+31502102544", "TEL:+31.50.2102544;npdi;rn=+31-6": "+31502102544",
                         "tel:2102544;phone-context=+3150": "2102544", "tel:101;phone-context=example.com": "101",
                         "sip:*21%23@pbx": "*21#", "sip:%31%30%30@pbx": "100"}.items():
            with self.subTest(uri):
                self.assertEqual(self.did(uri), did)

    def test_what_is_no_number_is_neither_asked_for_nor_redirected(self):
        self.web.on("/crm", respond("status=ACK"))
        seen = len(self.web.requests)
        for user in ("1%3Afrom-internal%2C%2B31900123456", "1%3afrom-internal%2c900", "+31,6", "%2B31%2C6", "+31%3B6", "+31%406", "100%00",
                     "%00", "100%0D%0AEvil:%201", "100%0a", "100%22", "100%27", "100%20", "100%09", "%20100", "100%3B;x", "100%26x", "1&2",
                     "$%7BEXTEN%7D", "%24%7BEXTEN%7D", "100%25", "100%5C", "100/1", "100%2F1", "100=1", "100%7C1", "100%3C1%3E", "1+2", "+",
                     "++31", "31+", "jan", "100a", "1!2", "100~", "100%C2%A0", "j%C3%BCrgen", "%D9%A1", "%FF", "%EF%BC%91", "1" * 33,
                     "100%2", "100%zz", "()", "-"):
            with self.subTest(user):
                answer = self.raw_call(uri=f"sip:{user}@pbx")
                self.assertIn(answer.code, (400, 404))
                self.assertIsNone(answer.header("Contact"))
        self.assertEqual(len(self.web.requests), seen)

    def test_nobody_is_484(self):
        for uri in ("sip:pbx", "sip:;x@pbx", "tel:;phone-context=x"):
            with self.subTest(uri):
                answer = self.raw_call(uri=uri)
                self.assertIn(answer.code, (400, 484))

    def test_without_a_decision_it_is_a_number_as_well(self):
        """What goes to the media server or to the fallback is the number that was called, and it alone."""
        kamailio = self.use(Kamailio(self.scratch().path / "engine.sock", FALLBACK_HOST="10.9.8.7", **HOSTS))
        phone = self.use(Phone(kamailio.port))
        for user, code, contact in (("1%3Afrom-internal%2C900", 404, None), ("+31;npdi;rn=1", 302, "<sip:+31@10.9.8.7>"),
                                    ("*21%23", 302, "<sip:*21%23@10.9.8.7>")):
            request = phone.invite("", uri=f"sip:{user}@pbx")
            answer = phone.wait_for(code, "INVITE")
            request.ack(answer)
            self.assertEqual(answer.header("Contact"), contact)


class Dialplans(KamailioTest):
    """No webhook is named: the dialplan of the number decides."""

    @classmethod
    def webhooks(cls):
        return {**super().webhooks(), "ivr": {"url": cls.web.url("/ivr?code={code}"), "ivr": MESSAGES},
                "down": {"url": f"http://127.0.0.1:{cls.refusing.port}/"}}

    @classmethod
    def dialplans(cls):
        branches = {"on_success": [{"callername": {"from": "webhook"}}, {"dial": {"destination": "variable"}}],
                    "on_failure": [{"callername": {"prefix": "[no CRM] "}}, {"dial": "109"}]}
        return {"100": [{"webhook": "crm", **branches}], "101": [{"webhook": "down", **branches}],
                "102": [{"webhook": "ivr", **branches}], "103": [{"play": "welcome"}, {"webhook": "crm", **branches}],
                "104": [{"webhook": "down", "on_success": [], "on_failure": [{"voicemail": "9"}]}], "105": [{"dial": "115"}],
                "106": [{"callername": {"prefix": "[NL] "}}, {"webhook": "crm", **branches}],
                "107": [{"hangup": 21}, {"webhook": "crm", **branches}], "108": [{"dial": "118"}, {"webhook": "crm", **branches}],
                "109": [{"webhook": "down", "on_success": [], "on_failure": [{"callername": {"replace": "X"}}, {"hangup": 17}]}],
                "110": [{"webhook": "down", "on_success": [], "on_failure": [{"callername": {"replace": "X"}}]}]}

    def test_the_steps_of_the_success_branch(self):
        self.web.on("/crm", respond("status=ACK&destination=%2B31502102544&callername=Jan"))
        answer = self.call(number="100")
        self.assertEqual(answer.header("Contact"), "<sip:+31502102544@pbx.test>")
        self.assertEqual(answer.header("X-Dialhook-Callername"), '"Jan"')

    def test_the_steps_of_the_failure_branch(self):
        answer = self.call(number="101", name='"Jan"')
        self.assertEqual(answer.header("Contact"), "<sip:109@pbx.test>")
        self.assertEqual(answer.header("X-Dialhook-Callername"), '"[no CRM] Jan"')
        self.assertEqual(answer.header("X-Dialhook-Reason"), "connect")

    def test_an_ivr_goes_to_the_media_server(self):
        self.assertEqual(self.call(number="102").header("Contact"), "<sip:102@media.test:5080>")

    def test_steps_in_front_of_the_webhook_go_to_the_media_server(self):
        self.assertEqual(self.call(number="103").header("Contact"), "<sip:103@media.test:5080>")

    def test_a_branch_that_needs_a_voice_goes_to_the_media_server(self):
        self.assertEqual(self.call(number="104").header("Contact"), "<sip:104@media.test:5080>")

    def test_a_private_call_goes_there_as_one(self):
        for number in ("102", "103", "104"):
            answer = self.call(number=number, headers="\nPrivacy: id")
            self.assertEqual(answer.header("X-Dialhook-Presentation"), "prohibited")
            self.assertEqual((answer.header("X-Dialhook-Callerid"), answer.header("X-Dialhook-Callername")), (None, None))

    def test_a_name_in_front_of_the_webhook_needs_no_voice(self):
        self.web.on("/crm", respond("status=ACK&destination=101"))
        seen = len(self.web.requests)
        answer = self.call(number="106", name='"Jan"')
        self.assertIn("&name=%5BNL%5D%20Jan&", self.web.requests[seen].target)
        self.assertEqual((answer.header("Contact"), answer.header("X-Dialhook-Callername")), ("<sip:101@pbx.test>", '"[NL] Jan"'))

    def test_a_hang_up_in_front_of_the_webhook_is_one(self):
        seen = len(self.web.requests)
        self.call(number="107", code=403)
        self.assertEqual(len(self.web.requests), seen)

    def test_a_telephone_in_front_of_the_webhook_is_for_the_media_server(self):
        self.assertEqual(self.call(number="108").header("Contact"), "<sip:108@media.test:5080>")

    def test_a_branch_that_hangs_up_needs_no_voice(self):
        self.assertEqual(self.call(number="109", code=486).header("X-Dialhook-Reason"), "connect")

    def test_a_failure_branch_that_leads_nowhere_has_the_code_of_its_reason(self):
        self.assertEqual(self.call(number="110", code=480).header("X-Dialhook-Reason"), "connect")

    def test_a_dialplan_without_a_webhook(self):
        self.assertEqual(self.call(number="105").header("Contact"), "<sip:115@pbx.test>")

    def test_a_number_without_a_dialplan_is_404(self):
        self.assertEqual(self.call(number="199", code=404).header("X-Dialhook-Reason"), "no_dialplan")


class Steps(KamailioTest):
    """What becomes of each step that integrations know: a redirect, a code, or the media server. No step is passed over."""

    CAUSES = {1: 404, 16: 603, 17: 486, 18: 408, 19: 480, 20: 480, 21: 403, 22: 410, 27: 502, 28: 484, 29: 501, 31: 480, 34: 503, 38: 500,
              42: 503, 58: 488, 66: 503, 127: 500, "17": 486, "17.0": 486, '"17"': 486, "USER_BUSY": 486, "user_busy": 486,
              "NO_ANSWER": 480, "AST_CAUSE_BUSY": 486, "": 603, "null": 603, "true": 603, "99": 603, "-1": 603, "1.5": 603, "nonsense": 603,
              "[17]": 603, "{a: 17}": 603}
    MEDIA = ("answer", "answer:", "play: welcome", "play: 7", "play: [a, b]", "queue: 007", "queue: sales", "voicemail: 101", "wait: 1.5",
             "exec: {app: sleep, args: 700}", "exec: {app: x, args: [300]}", "exec: {app: x, args: {a: [1.5, 2, true, null]}}", "exec:",
             "mystery", "mystery: {a: {b: [c]}}", "voicemail", "play: null")
    RINGS = {("dial: 101",): ["101"], ("dial: '*21#'",): ["*21%23"], ("dial: 0101", "hangup"): ["0101"],
             ("dial: 101", "hangup: 17"): ["101"], ("callername: {replace: B}", "dial: 101"): ["101"],
             ("dial: 101", "dial: 102"): ["101", "102"], ("dial: 101", "dial: 102", "dial: +31502102544", "hangup: 17"):
             ["101", "102", "+31502102544"], tuple(f"dial: {number}" for number in range(101, 111)): [str(n) for n in range(101, 111)]}
    # Steps with several destinations in one: the contacts, in their order and with their q-values, and the ring time of each.
    GROUPS = {("dial: {to: ['101', '102'], ring: 20s}", "dial: 103"):
              ("<sip:101@pbx.test>;q=1, <sip:102@pbx.test>;q=1, <sip:103@pbx.test>;q=0.9", "20, 20, 0"),
              ("dial: {to: ['101', '102'], strategy: sequential}",): ("<sip:101@pbx.test>;q=1, <sip:102@pbx.test>;q=0.9", None),
              ("dial: 103", "dial: {to: ['101', '102'], strategy: sequential, ring: 300s}"):
              ("<sip:103@pbx.test>;q=1, <sip:101@pbx.test>;q=0.9, <sip:102@pbx.test>;q=0.8", "0, 300, 300"),
              ("dial: {to: ['101'], ring: 20s}",): ("<sip:101@pbx.test>", "20")}
    TO_MEDIA = (("dial: 101", "voicemail: 101"), ("answer", "dial: 101"), ("dial: 101", "callername: {replace: B}", "dial: 102"),
                ("callername: {replace: B}", "play: welcome", "hangup: 17"), ("dial: 101", "play: busy", "hangup: 17"),
                tuple(f"dial: {number}" for number in range(101, 112)))

    @classmethod
    def configuration(cls):
        """As YAML, whose kinds of scalars are what these steps are about; each list of steps is the plan of a number of its own."""
        lists = [*((f"hangup: {cause}",) for cause in cls.CAUSES), ("hangup",), *((step,) for step in cls.MEDIA), *cls.RINGS, *cls.GROUPS, *cls.TO_MEDIA]
        cls.numbers = {steps: str(1000 + at) for at, steps in enumerate(lists)}
        plans = [f'  "{number}":\n' + "".join(f"    - {step}\n" for step in steps) for steps, number in cls.numbers.items()]
        folder = cls.share_scratch()
        folder.write("plans.yaml", "dialplans:\n" + "".join(plans))
        return configuration({}, include=str(folder.path / "plans.yaml"))

    def answer(self, *steps):
        return self.raw_call(self.numbers[steps])

    def test_hangup(self):
        for cause, code in self.CAUSES.items():
            with self.subTest(cause):
                answer = self.answer(f"hangup: {cause}")
                self.assertEqual((answer.code, answer.header("Contact")), (code, None))
        self.assertEqual(self.answer("hangup").code, 603)

    def test_what_needs_a_voice_or_is_not_known_goes_to_the_media_server(self):
        for steps in [*((step,) for step in self.MEDIA), *self.TO_MEDIA]:
            with self.subTest(steps):
                self.assertEqual(self.answer(*steps).header("Contact"), f"<sip:{self.numbers[steps]}@media.test:5080>")

    def test_dial_rings_one_after_the_other(self):
        """By q-values (RFC 3261, 8.1.3.4); the one who does not look at them takes the first."""
        for steps, targets in self.RINGS.items():
            with self.subTest(steps):
                contacts = self.answer(*steps).header("Contact").split(", ")
                self.assertEqual([contact.partition(";")[0] for contact in contacts], [f"<sip:{target}@pbx.test>" for target in targets])
                weights = [float(contact.partition(";q=")[2]) for contact in contacts] if len(contacts) > 1 else []
                self.assertEqual(weights, sorted(weights, reverse=True))
                self.assertEqual(len(set(weights)), len(weights))

    def test_several_destinations_in_one_step(self):
        """Of one q-value those that ring together."""
        for steps, expected in self.GROUPS.items():
            with self.subTest(steps):
                answer = self.answer(*steps)
                self.assertEqual((answer.header("Contact"), answer.header("X-Dialhook-Ring")), expected)

    def test_nothing_of_a_redirect_stays_in_its_worker(self):
        kamailio = self.use(Kamailio(self.daemon.socket_path, DIALHOOK_WORKERS=1, **HOSTS))
        phone = self.use(Phone(kamailio.port))
        rung, (several, ring) = next(iter(self.GROUPS.items()))
        request = phone.invite(self.numbers[rung])
        answer = phone.wait_for(302, "INVITE")
        request.ack(answer)
        self.assertEqual((answer.header("Contact"), answer.header("X-Dialhook-Ring")), (several, ring))
        for steps, contact in ((("dial: 101", "dial: 102"), "<sip:101@pbx.test>;q=1, <sip:102@pbx.test>;q=0.9"),
                               (("dial: 101",), "<sip:101@pbx.test>"),
                               (("play: 7",), f"<sip:{self.numbers[('play: 7',)]}@media.test:5080>")):
            request = phone.invite(self.numbers[steps])
            answer = phone.wait_for(302, "INVITE")
            request.ack(answer)
            self.assertEqual((answer.header("Contact"), answer.header("X-Dialhook-Ring")), (contact, None))


class DaemonAway(DialhookTest):
    def daemon_in(self, scratch, web):
        hooks = {"crm": {"url": web.url("/crm"), "timeout": ample()}}
        daemon = Daemon(configuration(hooks), scratch=scratch)
        self.addCleanup(daemon.stop)
        return daemon

    def call(self, kamailio, code, **options):
        return self.use(Sipp(kamailio.port, "answered.xml", code=code, **options)).wait().answers()[0]

    def test_calls_are_refused_with_503_and_served_again_when_it_is_back(self):
        web = self.use(WebServer().on("/crm", respond("status=ACK&destination=101")))
        scratch = self.scratch()
        # One worker: the connection that it kept is the one that turns out closed.
        kamailio = self.use(Kamailio(scratch.path / "engine.sock", DIALHOOK_WEBHOOK="crm", DIALHOOK_WORKERS=1, **HOSTS))
        self.assertEqual(self.call(kamailio, 503).header("X-Dialhook-Reason"), "away")
        daemon = self.daemon_in(scratch, web)
        self.assertEqual(self.call(kamailio, 302).header("Contact"), "<sip:101@pbx.test>")
        daemon.stop()
        self.assertEqual(self.call(kamailio, 503).header("X-Dialhook-Reason"), "away")
        daemon = self.daemon_in(scratch, web)
        self.assertEqual(self.call(kamailio, 302).header("Contact"), "<sip:101@pbx.test>")
        daemon.stop()
        self.daemon_in(scratch, web)
        self.assertEqual(self.call(kamailio, 302).header("Contact"), "<sip:101@pbx.test>")

    def test_nothing_of_a_call_stays_for_the_next_one(self):
        """Kamailio's variables live as long as the process, and with one worker there is one process."""
        named = "status=ACK&destination=101&callername=Jan"
        web = self.use(WebServer().on("/crm", respond("status=NAK"), respond(named), respond("status=ACK&destination=102")))
        scratch = self.scratch()
        kamailio = self.use(Kamailio(scratch.path / "engine.sock", DIALHOOK_WEBHOOK="crm", DIALHOOK_WORKERS=1, SIP_WORKERS=1, **HOSTS))
        self.daemon_in(scratch, web)
        self.assertEqual(self.call(kamailio, 404).header("X-Dialhook-Reason"), "nak")
        answer = self.call(kamailio, 302)
        self.assertEqual((answer.header("X-Dialhook-Callername"), answer.header("X-Dialhook-Reason")), ('"Jan"', None))
        answer = self.call(kamailio, 302, name="")
        self.assertEqual((answer.header("X-Dialhook-Callername"), answer.header("Contact")), (None, "<sip:102@pbx.test>"))

    def test_the_log_says_why(self):
        """Kamailio as a user of its own, whom the socket's folder does not let in, and a socket that is not there."""
        web = self.use(WebServer())
        daemon = self.start(configuration({"crm": {"url": web.url("/crm")}}))
        nobody = {} if os.geteuid() else {"user": "nobody"}
        os.chmod(daemon.socket_path, 0)
        kamailio = self.use(Kamailio(daemon.socket_path, **nobody, **HOSTS))
        self.assertEqual(self.call(kamailio, 503).header("X-Dialhook-Reason"), "away")
        self.assertIn(f"dialhook: no decision: away: {daemon.socket_path}: permission denied; is Kamailio in the group of the socket? (call ",
                      kamailio.log())
        kamailio = self.use(Kamailio(self.scratch().path / "engine.sock", **HOSTS))
        self.call(kamailio, 503)
        self.assertRegex(kamailio.log(), "dialhook: no decision: away: /tmp/.*/engine.sock: no such file or directory")

    def test_with_a_fallback_host_they_go_there(self):
        scratch = self.scratch()
        kamailio = self.use(Kamailio(scratch.path / "engine.sock", FALLBACK_HOST="10.9.8.7:5060", **HOSTS))
        answer = self.call(kamailio, 302, number="+31201112233")
        self.assertEqual(answer.header("Contact"), "<sip:+31201112233@10.9.8.7:5060>")
        self.assertEqual(answer.header("X-Dialhook-Reason"), "away")

    def test_a_daemon_that_is_stopped_dead_holds_a_call_no_longer_than_the_deadline(self):
        web = self.use(WebServer().on("/crm", replies.hang))
        hooks = {"crm": {"url": web.url("/crm"), "timeout": "600s"}}
        daemon = self.start(configuration(hooks))
        kamailio = self.use(Kamailio(daemon.socket_path, DIALHOOK_WEBHOOK="crm", DIALHOOK_SECONDS=2, **HOSTS))
        self.assertEqual(self.call(kamailio, 503).header("X-Dialhook-Reason"), "away")


class HostileAnswers(DialhookTest):
    """A daemon that is not ours, or was broken into, on the socket: the script takes nothing on trust."""

    def answer(self, result, code):
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode() + b"\n"
        daemon = ScriptedDaemon(saying(line))
        self.addCleanup(daemon.close)
        kamailio = self.use(Kamailio(daemon.path, DIALHOOK_WEBHOOK="crm", DIALHOOK_WORKERS=1, **HOSTS))
        return self.use(Sipp(kamailio.port, "answered.xml", code=code)).wait().answers()[0]

    def test_control_characters_add_no_header(self):
        callerid = {"number": "1\r\nEvil: 2", "presentation": "allowed\r\nEvil: 3"}
        answer = self.answer({"action": "route", "branch": "success", "destination": "101", "reason": "x\r\nEvil: 4",
                              "callername": "A\r\nEvil: 1\r\n\r\nB", "callerid": callerid, "steps": []}, 302)
        self.assertIsNone(answer.header("Evil"))
        self.assertEqual((answer.header("X-Dialhook-Callername"), answer.header("X-Dialhook-Callerid")), ('"AEvil: 1B"', '"1Evil: 2"'))
        self.assertEqual((answer.header("X-Dialhook-Presentation"), answer.header("Contact")), ("allowed", "<sip:101@pbx.test>"))

    def test_what_is_no_destination_is_not_dialled(self):
        for destination in ("sip:a@b>;evil=1", "sip:a@b?X=1", "101@evil", "10 1", "sip:a", "101\r\n"):
            with self.subTest(destination):
                answer = self.answer({"action": "route", "branch": "success", "destination": destination, "steps": []}, 480)
                self.assertEqual((answer.header("X-Dialhook-Reason"), answer.header("Contact")), ("destination", None))

    def test_a_ring_time_is_a_number_of_seconds(self):
        several = {"action": "route", "branch": "success", "destination": "101", "destinations": ["101", "102"], "steps": []}
        for ring in ("20", "1\r\nEvil: 1", 1.5, 0, -1, 301, 1e300, True, [20], {"a": 1}, None):
            with self.subTest(ring):
                answer = self.answer({**several, "ring_s": ring}, 302)
                self.assertEqual((answer.header("X-Dialhook-Ring"), answer.header("Evil")), (None, None))
        self.assertEqual(self.answer({**several, "ring_s": 20}, 302).header("X-Dialhook-Ring"), "20, 20")

    def test_answers_of_wrong_types_end_the_call_all_the_same(self):
        answers = [({"action": "route", "branch": "failure", "reason": 7}, 480), ({"action": 7}, 503), ({"action": 7, "steps": [1]}, 503),
                   ({"action": "route", "branch": "success", "destination": 101, "steps": "x", "callerid": "x"}, 302),
                   ({"action": "route", "branch": "success", "steps": [1]}, 302), ({}, 503), ([], 503), ("x", 503)]
        for result, code in answers:
            with self.subTest(result):
                self.answer(result, code)


class Queue(DialhookTest):
    """Few workers, and look-ups that wait for one."""

    SECONDS = int(3 * SLACK)
    CALLS = 40

    def kamailio(self, web, **settings):
        daemon = self.start(configuration({"crm": {"url": web.url("/crm?did={did}"), "timeout": "600s"}}))
        return self.use(Kamailio(daemon.socket_path, DIALHOOK_WEBHOOK="crm", **settings, **HOSTS))

    def answers(self, phone, *requests):
        """The final answer to each call, acknowledged."""
        waiting, answers, deadline = {request.call_id: request for request in requests}, {}, Deadline(PATIENCE)
        while len(answers) < len(requests):
            message = phone.receive(deadline.left())
            self.assertIsNotNone(message, f"{len(requests) - len(answers)} calls have no answer")
            if message.code >= 200 and message.method == "INVITE":
                waiting[message.header("Call-ID")].ack(message)
                answers[message.header("Call-ID")] = message
        return [answers[request.call_id] for request in requests]

    def test_with_a_web_server_that_hangs_nobody_waits_longer_than_the_limit(self):
        web = self.use(WebServer().on("/crm", replies.hang))
        kamailio = self.kamailio(web, DIALHOOK_WORKERS=2, DIALHOOK_SECONDS=self.SECONDS)
        phone = self.use(Phone(kamailio.port))
        began = time.monotonic()
        answers = self.answers(phone, *[phone.invite(str(100 + at)) for at in range(self.CALLS)])
        self.assertLess(time.monotonic() - began, self.SECONDS + LATENESS)
        self.assertEqual(sorted((answer.code, answer.header("X-Dialhook-Reason")) for answer in answers),
                         [(503, "away")] * 2 + [(503, "overload")] * (self.CALLS - 2))
        # Nobody was asked for those who had no time left, and who calls now is not kept waiting by them.
        self.assertEqual(len(web.requests), 2)
        web.on("/crm", respond("status=ACK&destination=101"))
        (answer,) = self.answers(phone, phone.invite("200"))
        self.assertEqual((answer.code, answer.header("Contact")), (302, "<sip:101@pbx.test>"))
        self.assertEqual(len(web.requests), 3)

    def test_they_take_the_way_of_the_fallback(self):
        web = self.use(WebServer().on("/crm", replies.hang))
        kamailio = self.kamailio(web, DIALHOOK_WORKERS=1, DIALHOOK_SECONDS=2, FALLBACK_HOST="10.9.8.7")
        phone = self.use(Phone(kamailio.port))
        answers = self.answers(phone, *[phone.invite(number, headers=["Privacy: id"]) for number in ("101", "102", "103")])
        self.assertEqual(sorted(answer.header("X-Dialhook-Reason") for answer in answers), ["away", "overload", "overload"])
        self.assertEqual([answer.header("Contact") for answer in answers], [f"<sip:10{at}@10.9.8.7>" for at in (1, 2, 3)])
        self.assertEqual({answer.header("X-Dialhook-Presentation") for answer in answers}, {"prohibited"})

    def test_what_is_cancelled_while_it_is_asked_is_broken_off(self):
        web = self.use(WebServer().on("/crm", replies.hang, respond("status=ACK&destination=101")))
        kamailio = self.kamailio(web, DIALHOOK_WORKERS=1, DIALHOOK_SECONDS=600)
        phone = self.use(Phone(kamailio.port))
        request = phone.invite("100")
        web.requests.wait_count(1, "requests")
        request.cancel()
        request.ack(phone.wait_for(487, "INVITE"))
        # The one worker is free again, and the web server sees the connection close.
        (answer,) = self.answers(phone, phone.invite("200"))
        self.assertEqual(answer.header("Contact"), "<sip:101@pbx.test>")
        self.assertNotIn("no decision", kamailio.log())

    def test_what_was_cancelled_while_it_waited_is_not_asked(self):
        event = threading.Event()
        self.addCleanup(event.set)
        web = self.use(WebServer().on("/crm", held(event, respond("status=ACK&destination=101"))))
        # One SIP worker: it has put the look-up in the queue before it reads the CANCEL.
        kamailio = self.kamailio(web, DIALHOOK_WORKERS=1, DIALHOOK_SECONDS=60, SIP_WORKERS=1)
        phone, impatient = self.use(Phone(kamailio.port)), self.use(Phone(kamailio.port))
        first = phone.invite("100")
        web.requests.wait_count(1, "requests")
        request = impatient.invite("200")
        impatient.wait_for(100, "INVITE")
        request.cancel()
        request.ack(impatient.wait_for(487, "INVITE"))
        third = phone.invite("300")
        web.on("/crm", respond("status=ACK&destination=102"))
        event.set()
        answers = self.answers(phone, first, third)
        self.assertEqual([answer.header("Contact") for answer in answers], ["<sip:101@pbx.test>", "<sip:102@pbx.test>"])
        self.assertEqual([request.target for request in web.requests], ["/crm?did=100", "/crm?did=300"])


class Load(DialhookTest):
    SLOW = 8

    def test_a_slow_webhook_delays_no_other_call(self):
        """200 calls a second for five seconds, or fewer for longer for a slow build, while eight calls to another number hang."""
        rate = int(200 / SLACK)
        calls = min(1000, 20 * rate)    # Kamailio lets the eight hang for half a minute (fr_inv_timer)
        web = self.use(WebServer().on("/fast", respond("status=ACK&destination=101")).on("/slow", replies.hang))
        hooks = {"fast": {"url": web.url("/fast"), "timeout": ample()}, "slow": {"url": web.url("/slow"), "timeout": "600s"}}
        success = [{"dial": {"destination": "variable"}}]
        plans = {name: [{"webhook": hook, "on_success": success, "on_failure": []}]
                 for name, hook in (("200", "fast"), ("300", "slow"))}
        daemon = self.start(configuration(hooks, dialplans=plans))
        kamailio = self.use(Kamailio(daemon.socket_path, DIALHOOK_SECONDS=60, **HOSTS))
        phones = [self.use(Phone(kamailio.port)) for _ in range(self.SLOW)]
        for phone in phones:
            phone.invite("300")
        web.requests.wait_count(self.SLOW, "slow requests")
        sipp = self.use(Sipp(kamailio.port, "answered.xml", number="200", calls=calls, rate=rate)).wait()
        waited = sorted(sipp.seconds())
        self.assertEqual(len(waited), calls)
        most, median = waited[calls * 99 // 100], waited[calls // 2]
        print(f"{calls} calls: median {median * 1000:.1f} ms, 99 % {most * 1000:.1f} ms, slowest {waited[-1] * 1000:.1f} ms")
        self.assertLess(most, LATENESS)
        self.assertLess(waited[-1], 2 * LATENESS)
        # The slow ones were slow all the time.
        self.assertEqual(sum(request.path == "/slow" for request in web.requests), self.SLOW)
        self.assertEqual([message.code for phone in phones for message in phone.received if message.code >= 200], [])

    def test_more_look_ups_than_the_queue_holds_are_refused_at_once(self):
        """One worker that waits, and a queue that is full: SIP workers stay free, and who has no place is told so."""
        web = self.use(WebServer().on("/slow", replies.hang))
        daemon = self.start(configuration({"slow": {"url": web.url("/slow"), "timeout": "600s"}}))
        kamailio = self.use(Kamailio(daemon.socket_path, DIALHOOK_WEBHOOK="slow", DIALHOOK_WORKERS=1, DIALHOOK_SECONDS=60,
                                     **HOSTS))
        first = self.use(Phone(kamailio.port))
        first.invite("100")
        web.wait_request("/slow")
        crowd = self.use(Phone(kamailio.port))
        refused = None
        for _ in range(2000):
            crowd.invite("100")
            while (message := crowd.receive(seconds=0.001)) and message.code < 200:
                pass
            if message:
                refused = message
                break
        self.assertIsNotNone(refused, "2000 calls found a place")
        self.assertEqual((refused.code, refused.header("X-Dialhook-Reason")), (503, "overload"))


if __name__ == "__main__":
    unittest.main()
