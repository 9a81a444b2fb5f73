"""What leaves the real Asterisk for a telephone: the INVITE as it is on the wire, for each setting of an endpoint that sends identities."""
import itertools
import re
import unittest
import urllib.parse

from support.asterisk_case import TelephonesTest
from support.patience import ample
from support.replies import respond
from support.telephone import BUSY

# 710, 711, …: endpoints of pjsip.conf.
OUTGOING = [dict(zip(("trust_id_outbound", "send_pai", "send_rpid"), values)) for values in itertools.product(("yes", "no"), repeat=3)]
NUMBERS = [f"71{index}" for index in range(len(OUTGOING))]
TRUSTED = NUMBERS[0]  # with all identities

NUMBER, NAME = "+31612345678", "Annabel Lee"
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
OPEN = f'"{NAME}" <sip:{NUMBER}@127.0.0.1>'
# How a call comes in as private: its From, and further headers.
PRIVATE = {"Privacy: id": (ANONYMOUS, [f"P-Asserted-Identity: {OPEN}", "Privacy: id"]),
           "Privacy: id beside an open From": (OPEN, [f"P-Asserted-Identity: {OPEN}", "Privacy: id"]),
           "RPID privacy=full": (ANONYMOUS, [f"Remote-Party-ID: {OPEN};party=calling;privacy=full;screen=yes"]),
           "RPID privacy=full beside an open From": (OPEN, [f"Remote-Party-ID: {OPEN};party=calling;privacy=full"]),
           "an anonymous From": (ANONYMOUS, [])}

NAMES = ["Zoë Müller & Söhne", 'Anna "Q" O\'Brien', "100% sure", "50%25", "a/b:c@d", "X-Evil: 1", "J%0d%0aX-Evil%3a 1", "%0a",
         '"Eve" <sip:eve@evil.example>', "<sip:eve@evil.example>;tag=1", "sip:eve@evil.example", "Eve\" <sip:eve@evil.example>, \"x",
         "\\", "a\\\"b\\", ",;=?&", "<>",
         "📞 Jan", "ж" * 35, "${EXTEN}", "$[1+1]", "anonymous", "+31900123456", "'", "(a comment)", "200 result=1 (x)"]
HEADERS = {"via", "from", "to", "contact", "call-id", "cseq", "allow", "supported", "session-expires", "min-se", "max-forwards", "user-agent",
           "content-type", "content-length", "p-asserted-identity", "remote-party-id", "privacy", "diversion"}


class Wire(TelephonesTest):
    MODES = ("caller", "called", "suppressed")
    ENTRIES = ()

    @classmethod
    def webhooks(cls):
        return {mode: {"url": cls.web.url("/crm?from={callerid}&name={callername}"), "timeout": ample(), "callerid": mode} for mode in cls.MODES}

    @classmethod
    def dialplans(cls):
        branch = [{"callername": {"from": "webhook"}}, {"dial": TRUSTED}]
        return {"600": [{"dial": TRUSTED}],
                "601": [{"dial": TRUSTED}, {"webhook": "called", "on_success": branch, "on_failure": []}],
                "602": [{"callername": {"replace": "Sales"}}, {"dial": TRUSTED}],
                "603": [{"webhook": "caller", "on_success": branch, "on_failure": [{"dial": TRUSTED}]}],
                "604": [{"webhook": "suppressed", "on_success": branch, "on_failure": [{"dial": TRUSTED}]}],
                "605": [{"callername": {"prefix": "VIP "}}, {"dial": TRUSTED}]}

    @classmethod
    def extensions(cls):
        numbers = "".join(f"exten => {number},1,Dial(PJSIP/{number}/sip:{number}@127.0.0.1:${{PHONE_700}},30)\n same => n,Hangup(17)\n"
                          for number in NUMBERS)
        return f"\n[from-internal](+)\n{numbers}"

    @classmethod
    def endpoints(cls):
        outgoing = "".join(f"\n[{number}](endpoint)\n" + "".join(f"{key} = {value}\n" for key, value in options.items())
                           for number, options in zip(NUMBERS, OUTGOING))
        hooks = "".join(cls.entry(mode, "dialhook-webhook", set_var=f"DIALHOOK_WEBHOOK={mode}", trust_id_inbound="yes") for mode in cls.MODES)
        return outgoing + hooks + cls.entry("dialhook-dialplan", "dialhook-dialplan", trust_id_inbound="yes")

    def setUp(self):
        super().setUp()
        self.callee = self.telephone("700", BUSY)

    def arrives(self, entry, dialled="+31502102544", caller=OPEN, headers=(), count=1):
        """The INVITEs that the callee got, and that Asterisk's own headers are all that they have."""
        seen = len(self.callee.invites)
        self.dial(dialled, entry=entry, caller=caller, headers=headers).wait_final()
        invites = self.callee.invites.wait_count(seen + count, "INVITEs")[seen:]
        for invite in invites:
            self.assertLessEqual({name for name, _ in invite.headers}, HEADERS, invite.text)
        return invites[0] if count == 1 else invites

    def replies(self, number=TRUSTED, **keys):
        self.web.on("/crm", respond("status=ACK&" + urllib.parse.urlencode({"destination": number, **keys})))

    def assert_identities(self, invite, name, number, trusted=True):
        """Each header that says who calls says this; None for no name."""
        found = [invite.header(header) for header in ("From", "P-Asserted-Identity", "Remote-Party-ID")]
        self.assertEqual([identity(value) for value in found if value], [(name, number)] * (3 if trusted else 1), invite.text)

    def assert_hidden(self, invite, *texts):
        for text in texts or (NUMBER.removeprefix("+"), NAME, "Annabel"):
            self.assertNotIn(text, invite.text)
        self.assertEqual(identity(invite.header("From")), ("Anonymous", "anonymous"), invite.text)

    # Names

    def test_a_reply_s_name_is_shown_as_it_is_and_adds_no_line(self):
        for name in NAMES:
            with self.subTest(name):
                self.replies(callername=name)
                self.assert_identities(self.arrives("caller"), name, NUMBER)

    def test_a_caller_s_name_is_shown_as_it_is_and_adds_no_line(self):
        self.replies()
        for name in NAMES:
            with self.subTest(name):
                quoted = name.replace("\\", "\\\\").replace('"', '\\"')
                invite = self.arrives("caller", caller=f'"{quoted}" <sip:{NUMBER}@127.0.0.1>')
                self.assert_identities(invite, name, NUMBER)

    # callerid

    def test_the_caller_s_number_and_the_called_one(self):
        for number, options in zip(NUMBERS, OUTGOING):
            with self.subTest(**options):
                self.replies(number, callername="Jan")
                self.assertEqual(identity(self.arrives("caller").header("From")), ("Jan", NUMBER))
                self.assertEqual(identity(self.arrives("called").header("From")), ("Jan", "+31502102544"))

    def test_a_suppressed_caller_leaves_neither_number_nor_name(self):
        for number, options in zip(NUMBERS, OUTGOING):
            with self.subTest(**options):
                self.replies(number)
                self.assert_hidden(self.arrives("suppressed"))
                self.replies(number, callername="Jan")
                self.assert_hidden(self.arrives("suppressed"))

    # Calls that came in as private

    def test_a_private_caller_leaves_neither_number_nor_name(self):
        for (number, options), kind in itertools.product(zip(NUMBERS, OUTGOING), PRIVATE):
            with self.subTest(kind, **options):
                caller, headers = PRIVATE[kind]
                for mode in ("caller", "suppressed"):
                    for keys in ({}, {"callername": "Jan"}):
                        self.replies(number, **keys)
                        self.assert_hidden(self.arrives(mode, caller=caller, headers=headers))

    def test_the_called_number_of_a_private_call_is_shown_without_the_caller_s_name(self):
        for kind, (caller, headers) in PRIVATE.items():
            with self.subTest(kind):
                self.replies()
                self.assert_identities(self.arrives("called", caller=caller, headers=headers), None, "+31502102544")
                self.replies(callername="Jan")
                self.assert_identities(self.arrives("called", caller=caller, headers=headers), "Jan", "+31502102544")

    def test_the_steps_of_a_dialplan_show_no_private_caller(self):
        for (kind, (caller, headers)), number in itertools.product(PRIVATE.items(), ("600", "602", "603", "604", "605")):
            with self.subTest(kind, number=number):
                self.replies()
                self.assert_hidden(self.arrives("dialhook-dialplan", number, caller=caller, headers=headers))

    def test_a_step_before_the_webhook_shows_no_private_caller_either(self):
        """It shows what the webhook's `callerid` says."""
        for kind, (caller, headers) in PRIVATE.items():
            with self.subTest(kind):
                self.replies()
                first, second = self.arrives("dialhook-dialplan", "601", caller=caller, headers=headers, count=2)
                for invite in (first, second):
                    self.assertNotIn("Annabel", invite.text)
                    self.assert_identities(invite, None, "601")

    def test_the_web_server_is_asked_about_a_private_caller_all_the_same(self):
        """It is the owner's; only telephones must not know."""
        self.replies()
        caller, headers = PRIVATE["Privacy: id"]
        self.arrives("caller", caller=caller, headers=headers)
        self.assertEqual(urllib.parse.unquote(self.requests()[-1].query), f"from={NUMBER}&name={NAME}")

    def test_a_dialplan_shows_an_open_caller(self):
        self.assert_identities(self.arrives("dialhook-dialplan", "600"), NAME, NUMBER)
        self.assert_identities(self.arrives("dialhook-dialplan", "605"), f"VIP {NAME}", NUMBER)
        self.assert_identities(self.arrives("dialhook-dialplan", "602"), "Sales", NUMBER)


def identity(header):
    """Display name (None without one) and user of a header that names somebody."""
    found = re.fullmatch(r'(?:"((?:[^"\\]|\\.)*)" )?<sip:([^@>]*)@[^>]*>(;.*)?', header)
    assert found, header
    name = None if found[1] is None else re.sub(r"\\(.)", r"\1", found[1])
    return name, urllib.parse.unquote(found[2])


if __name__ == "__main__":
    unittest.main()
