"""config/asterisk/freepbx.conf in a real Asterisk that has the files and contexts of FreePBX 17 around it, as far as a call passes them.

Inbound routes +31502101… to +31502106… lead to the Custom Destinations dest-1 to dest-6 of tests/e2e/asterisk/freepbx, and all that FreePBX
knows how to reach is in its `from-internal`: extensions 101 to 105 with mailboxes, ring group 600, and the trunk.
"""
import re
import shutil
import subprocess
import sys
import unittest
import urllib.parse

from support import ROOT, replies
from support.asterisk_case import AsteriskTest
from support.patience import PATIENCE, ample
from support.places import RefusingPort
from support.replies import respond

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from elsewhere import commands_of_freepbx, globals_of_freepbx  # noqa: E402

CRM, DIALPLAN, SPACED, NONESUCH, MAILBOX, HIDDEN, WITHOUT_RETURN = (f"+3150210{route}000" for route in (1, 2, 3, 4, 5, 6, 9))
MOBILE = "+31699999999"  # answers after the mailboxes of extensions have
RINGS = DIALPLAN[:-1] + "1"
GROUP = "600"  # the destination behind the Custom Destinations, but for MAILBOX's


class FreePbx(AsteriskTest):
    ENTRY = "from-trunk"
    FREEPBX = True

    @classmethod
    def webhooks(cls):
        cls.refusing = cls.share(RefusingPort())
        crm = {"url": cls.web.url("/crm?did={did}&from={callerid}"), "timeout": ample(), "max_destinations": 3}
        return {"crm": crm, "CRM connection": {"url": cls.web.url("/spaced"), "timeout": ample()},
                "hidden": {**crm, "callerid": "suppressed"}}

    @classmethod
    def configuration(cls):
        dial = re.search(r'^ +dial: "(.*)"$', (ROOT / "docs" / "freepbx.md").read_text("utf-8"), re.MULTILINE)[1]
        return {**super().configuration(), "asterisk": {"dial": dial}}

    @classmethod
    def dialplans(cls):
        rings = {"dial": {"to": ["102"], "ring": "5s"}}
        return {DIALPLAN: [rings, {"dial": "101"}], RINGS: [rings]}

    def tell(self, **keys):
        self.web.on("/crm", respond("status=ACK&" + urllib.parse.urlencode(keys, doseq=True)))

    def reached(self, call, place):
        return self.asterisk.recorder.wait(place, call.identity)

    def assert_reached(self, call, place, extension):
        self.assertEqual(self.reached(call, place).extension, extension)

    def places(self, call):
        """Where the call came by, in this order."""
        return [(sight.place, sight.extension) for sight in self.asterisk.recorder.sights.entries() if sight.variables["ID"] == call.identity]


class Routed(FreePbx):
    def test_to_an_extension(self):
        self.tell(destination="101", callername="Zoë")
        call = self.call(CRM)
        sight = call.callee()
        self.assertEqual((sight.extension, sight.name, sight.number), ("101", "Zoë", "+31612345678"))
        self.assertEqual(self.places(call)[0], ("extension", "101"))
        self.assertEqual([request.target for request in self.requests()], ["/crm?did=%2B31502101000&from=%2B31612345678"])

    def test_of_an_extension_that_does_not_answer_its_mailbox_has_the_call(self):
        self.tell(destination="102")
        call = self.call(CRM)
        self.reached(call, "mailbox")
        self.assertEqual(self.places(call), [("extension", "102"), ("callee", "102"), ("mailbox", "vmx")])

    def test_to_the_outside_with_the_callers_own_number(self):
        self.tell(destination="+31201234567", callername="Zoë")
        sight = self.reached(self.call(CRM), "trunk")
        self.assertEqual((sight.extension, sight.number, sight.name), ("+31201234567", "+31612345678", "Zoë"))
        self.assert_prohibited(sight, False)

    def test_by_a_webhook_whose_name_has_a_space(self):
        self.web.on("/spaced", respond("status=ACK&destination=101"))
        self.assert_reached(self.call(SPACED), "extension", "101")

    def test_by_a_route_for_any_number(self):
        self.tell(destination="101")
        self.assert_reached(self.call("12345"), "extension", "101")
        self.assertIn("did=12345&", self.requests()[-1].target)


class Behind(FreePbx):
    """The destination behind the Custom Destination has each call that goes nowhere else."""

    def assert_behind(self, call):
        self.assert_reached(call, "group", GROUP)
        self.assertEqual(call.callee().extension, "105")
        return self.reached(call, "group")

    def test_an_ack_without_a_destination(self):
        self.tell(callername="Zoë")
        self.assertEqual(self.assert_behind(self.call(CRM)).name, "Zoë")

    def test_no_and_failures(self):
        for title, reply in {"NAK": respond("status=NAK"), "ERR": respond("status=ERR"), "no reply": respond("hello"),
                             "a status": respond("", status=500)}.items():
            with self.subTest(title):
                self.web.on("/crm", reply)
                self.assert_behind(self.call(CRM))

    def test_a_webhook_that_does_not_exist(self):
        self.assert_behind(self.call(NONESUCH))

    def test_a_number_without_a_dialplan(self):
        self.assert_behind(self.call("+31502102999"))

    def test_a_mailbox(self):
        self.web.on("/crm", respond("status=NAK"))
        self.reached(self.call(MAILBOX), "mailbox")

    def test_a_sip_address_without_a_trunk_for_it(self):
        self.tell(destination="sip:jan@pbx.lan")
        self.assert_behind(self.call(CRM))

    def test_who_is_refused_goes_where_a_global_says(self):
        """What the page shows for globals_custom.conf, set as it would be."""
        settings = dict(line.split("=", 1) for line in globals_of_freepbx()[0].text.splitlines())
        self.assertEqual(list(settings), ["DIALHOOK_AGI", "DIALHOOK_ON_REFUSED"])
        self.set_global("DIALHOOK_ON_REFUSED", "from-internal,101,1")
        self.web.on("/crm", respond("status=NAK"), respond("status=ERR"))
        self.assert_reached(self.call(CRM), "extension", "101")
        self.assert_behind(self.call(CRM))

    def set_global(self, name, value):
        """As in globals_custom.conf, until the end of the test."""
        self.asterisk.ami.act("Setvar", Variable=name, Value=value)
        self.addCleanup(self.asterisk.ami.act, "Setvar", Variable=name, Value="")

    def test_where_there_is_no_return_a_global_says_who_has_the_call(self):
        self.set_global("DIALHOOK_ELSE", f"ext-group,{GROUP},1")
        self.web.on("/crm", respond("status=NAK"))
        self.assert_behind(self.call(WITHOUT_RETURN))

    def test_without_return_the_call_is_hung_up_and_the_log_says_why(self):
        self.web.on("/crm", respond("status=ACK&destination=101"), respond("status=NAK"))
        self.assert_reached(self.call(WITHOUT_RETURN), "extension", "101")
        call = self.call(WITHOUT_RETURN)
        call.wait_ended()
        self.assertEqual(self.places(call), [])
        self.assertIn("Dialhook: set Return to Yes in the Custom Destination", self.asterisk.log())


class Several(FreePbx):
    def test_at_once_and_no_mailbox_takes_the_call(self):
        self.tell(destination=["102", MOBILE], ring="20")
        call = self.call(CRM)
        self.reached_by(call, "102", MOBILE)
        self.wait_answered(call)
        self.assertNotIn("mailbox", [place for place, _ in self.places(call)])

    def reached_by(self, call, *extensions):
        for extension in extensions:
            self.asterisk.recorder.sights.wait_entry(
                lambda sight, extension=extension: (sight.place, sight.extension, sight.variables["ID"]) == ("callee", extension, call.identity),
                f"telephone {extension} rings")

    def wait_answered(self, call):
        """What Asterisk says of the caller's channel then."""
        return self.asterisk.ami.wait_event("DialEnd", DialStatus="ANSWER", Uniqueid=call.call_id)

    def test_in_turn(self):
        self.tell(destination=["102", "103", "101"], strategy="sequential", ring="1")
        call = self.call(CRM)
        self.reached_by(call, "102", "103", "101")
        self.assertNotIn("mailbox", [place for place, _ in self.places(call)])

    def test_who_answers_lets_the_call_reach_mailboxes_again(self):
        self.tell(destination=["101", "102"])
        call = self.call(CRM, stays=60)
        self.reached_by(call, "101")
        up = self.wait_answered(call)
        shared = self.asterisk.ami.act("Getvar", Channel=up["Channel"], Variable="SHARED(BLKVM)")
        self.assertEqual(shared.get("Value", ""), "")
        call.hang_up()

    def test_of_which_nobody_answers(self):
        self.tell(destination=["102", "103"], ring="1")
        self.reached(self.call(MAILBOX), "mailbox")


class Dialplan(FreePbx):
    def test_steps_run_and_no_mailbox_ends_them(self):
        call = self.call(DIALPLAN)
        self.asterisk.recorder.sights.wait_entry(
            lambda sight: (sight.place, sight.extension, sight.variables["ID"]) == ("callee", "101", call.identity), "telephone 101")
        self.assertEqual([extension for place, extension in self.places(call) if place == "callee"], ["102", "101"])
        self.assertNotIn("mailbox", [place for place, _ in self.places(call)])

    def test_nobody_answers(self):
        call = self.call(RINGS)
        call.wait_ended()
        self.assertEqual(self.places(call), [("extension", "102"), ("callee", "102")])


class Who(FreePbx):
    """FreePBX marks each caller as open before a Custom Destination, and its trunks put back what it kept."""

    def test_a_private_caller_stays_private(self):
        self.tell(destination="101")
        self.assert_prohibited(self.call(CRM, presentation="prohib").callee())
        self.assertIn("from=%2B31612345678", self.requests()[-1].target)

    def test_a_private_caller_stays_private_on_a_trunk(self):
        self.tell(destination="+31201234567")
        sight = self.reached(self.call(CRM, presentation="prohib"), "trunk")
        self.assertEqual((sight.number, sight.presentation & 0x60), ("+31502100000", 0x20), "the trunk's own number, and not to be shown")

    def test_who_is_suppressed_is_on_a_trunk_too(self):
        self.tell(destination="+31201234567")
        sight = self.reached(self.call(HIDDEN), "trunk")
        self.assertEqual((sight.number, sight.presentation & 0x60), ("+31502100000", 0x20))

    def test_without_a_decision_all_is_as_freepbx_had_it(self):
        sight = self.reached(self.call(NONESUCH, presentation="prohib"), "group")
        self.assertEqual((sight.number, sight.presentation), ("+31612345678", 0))


class Callers(FreePbx):
    def test_one_who_hangs_up_ends_the_request_and_asks_nothing_more(self):
        self.web.on("/crm", replies.hang)
        call = self.call(CRM)
        request = self.wait_request("/crm")
        call.hang_up()
        self.assertTrue(self.web.connections[request.connection - 1].closed_by_peer.wait(PATIENCE), "the request goes on without its caller")
        call.wait_ended()
        self.assertEqual(len(self.requests()), 1)
        self.assertEqual(self.places(call), [])

    def test_a_number_that_is_none_is_no_more_than_a_value(self):
        self.tell(destination="101")
        for text in ("a,b", "x)&callerid=4711", "1:from-internal,1", "${SHELL(id)}", 'a"b', "s"):
            with self.subTest(text):
                self.assert_reached(self.call("12", entry="any", variables={"CALLED": urllib.parse.quote(text)}), "extension", "101")
                self.assertEqual(dict(urllib.parse.parse_qsl(self.requests()[-1].query)), {"did": text, "from": "+31612345678"})

    @classmethod
    def extensions(cls):
        """A number as a caller can write it, which no action of the manager interface takes as it stands."""
        return "\n[any]\nexten => 12,1,Set(__FROM_DID=${URIDECODE(${CALLED})})\n same => n,Goto(customdests,dest-1,1)\n"


class Files(FreePbx):
    def test_asterisk_takes_them_without_a_word(self):
        """FreePBX's own patterns `_.` are another matter."""
        complaints = [line for line in self.asterisk.log().splitlines() if re.search(r"(WARNING|ERROR)\[.*/(dialhook|\w+_custom)\.conf", line)]
        self.assertEqual(complaints, [])
        self.assertIn("extensions_additional.conf", self.asterisk.log(), "what is wrong with a file is not in the log at all")

    def test_globals_of_extensions_custom_win(self):
        """Which is why the project's file has none: it would undo what globals_custom.conf says."""
        said = {name: self.asterisk.ami.act("Getvar", Variable=name).get("Value") for name in ("SAID_TWICE", "DIALHOOK_AGI")}
        self.assertEqual(said, {"SAID_TWICE": "there", "DIALHOOK_AGI": f"agi://127.0.0.1:{self.fastagi_port}"})
        self.assertNotIn("[globals]\n", (ROOT / "config/asterisk/freepbx.conf").read_text("utf-8"))

    def test_what_the_pages_commands_leave(self):
        """Played where /etc/asterisk has FreePBX's files; `fwconsole` is FreePBX's."""
        folder = self.scratch().path
        shutil.copy(ROOT / "tests/e2e/asterisk/freepbx/extensions_custom.conf", folder)
        commands = commands_of_freepbx()[0].text.replace("/etc/asterisk", str(folder)).replace("/usr/share/doc/dialhook", str(ROOT))
        done = subprocess.run(["bash", "-ec", 'sudo() { "$@"; }; fwconsole() { echo "fwconsole $*"; }\n' + commands], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
        self.assertEqual((done.returncode, done.stdout.splitlines()), (0, ["#include dialhook.conf", "fwconsole reload"]), done.stdout)
        self.assertEqual((folder / "dialhook.conf").read_text(), (ROOT / "config/asterisk/freepbx.conf").read_text())
        self.assertEqual((folder / "extensions_custom.conf").read_text().splitlines()[-1], "#include dialhook.conf")

    def test_what_is_said_at_its_head_is_what_it_reads(self):
        text = (ROOT / "config/asterisk/freepbx.conf").read_text("utf-8")
        for name in ("DIALHOOK_AGI", "DIALHOOK_NUMBERS", "DIALHOOK_ON_REFUSED", "DIALHOOK_ELSE", "DIALHOOK_TRUNK"):
            self.assertIn(f";   {name} ", text)
            self.assertIn(f"${{{name}}}", text)


class Away(FreePbx):
    def test_the_daemon_is_stopped(self):
        self.daemon.stop()
        for number in (CRM, DIALPLAN):
            with self.subTest(number):
                self.assert_reached(self.call(number), "group", GROUP)


if __name__ == "__main__":
    unittest.main()
