"""An old Asterisk (16, as Debian 11 has it) reads what is longer than its AGI buffer of 2,048 bytes as a second command, and runs it as root.
No line that it gets from Dialhook is so long, whatever a web server, a caller or an administrator wrote.
"""
import unittest
import urllib.parse

from support.agi import AgiServer
from support.asterisk import OLD
from support.asterisk_case import AsteriskTest
from support.patience import ample
from support.replies import respond

BUFFER = 2048
LETTERS = {"euro": "€", "cyrillic": "ж", "emoji": "📞", "quotes": '"', "backslashes": "\\", "plain": "a", "both": '\\"', "accents": "é"}


def texts(begin, command):
    """For each kind of letter, texts with which `command` would begin the second line, wherever the cut would be. The line begins with `begin`."""
    for title, letter in LETTERS.items():
        size = len(letter.replace("\\", "\\\\").replace('"', '\\"').encode())
        for cut in (BUFFER - 2, BUFFER - 1, BUFFER):
            letters, padding = divmod(cut - len(begin), size)
            yield f"{title}, {cut}", "x" * padding + letter * letters + command


class OldAsterisk(AsteriskTest):
    VERSION = OLD

    @classmethod
    def webhooks(cls):
        return {"crm": {"url": cls.web.url("/crm"), "timeout": ample()}}

    @classmethod
    def dialplans(cls):
        cls.command = f"EXEC System {cls.asterisk.inside}/x"
        too_long = [{"exec": {"app": "Set", "args": "LONG=" + text}} for _, text in texts('EXEC "Set" "LONG=', cls.command)]
        return {"300": [*too_long, {"callername": {"prefix": "ж" * 120}}, {"dial": "115"}]}

    @classmethod
    def extensions(cls):
        """A channel whose AGI server is not Dialhook, and sends a line that is too long."""
        cls.careless = cls.share(AgiServer(lambda channel: channel.command(cls.line)))
        return f"\n[careless]\nexten => _X.,1,AGI(agi://127.0.0.1:{cls.careless.port}/)\n same => n,Goto(from-internal,${{EXTEN}},1)\n"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trap = cls.asterisk.folder / "evil"
        script = cls.asterisk.folder / "x"
        script.write_text(f"#!/bin/sh\ntouch {cls.asterisk.inside}/evil\n", "ascii")
        script.chmod(0o755)
        cls.line = 'SET VARIABLE "note" "'
        cls.line += "x" * (BUFFER - 1 - len(cls.line)) + cls.command + '"'

    def setUp(self):
        super().setUp()
        self.trap.unlink(missing_ok=True)

    def tearDown(self):
        self.assertFalse(self.trap.exists(), "a command of the web server was carried out")
        log = self.asterisk.log()
        self.assertNotIn("Invalid or unknown command", log)

    def test_the_trap_works(self):
        """This Asterisk has the small buffer: by such a line the command would run."""
        self.call("101", entry="careless").routed()
        self.assertTrue(self.trap.exists())
        self.trap.unlink()

    def test_a_variable(self):
        for title, text in texts('SET VARIABLE "DIALHOOK_VAR_note" "', self.command):
            with self.subTest(title):
                self.web.on("/crm", respond("status=ACK&destination=103&note=" + urllib.parse.quote(text)))
                call = self.call(webhook="crm")
                self.assert_routed(call, "103", BRANCH="success", DESTINATION="103")
                self.assertNotIn("EXEC", [command.split(" ")[0] for command in call.commands()])

    def test_a_key_and_a_name(self):
        for title, text in texts('SET VARIABLE "DIALHOOK_CALLERNAME" "', self.command):
            with self.subTest(title):
                quoted = urllib.parse.quote(text)
                self.web.on("/crm", respond(f"status=ACK&destination=103&{'k' * 64}={quoted}&callername={quoted}"))
                call = self.call(webhook="crm")
                self.assert_routed(call, "103", BRANCH="success", DESTINATION="103")
                self.assertNotIn("EXEC", [command.split(" ")[0] for command in call.commands()])

    def test_steps(self):
        """Those that are too long are left out; the ones after them run."""
        call = self.call("300", entry="dialhook-dialplan", name="ж" * 200)
        self.assertEqual(call.callee().extension, "115")


if __name__ == "__main__":
    unittest.main()
