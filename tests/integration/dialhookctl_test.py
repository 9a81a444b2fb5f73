"""`dialhookctl route` plays an engine on the terminal, and `dialhookctl plan` explains, against the real daemon."""
import subprocess
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.patience import PATIENCE, ample
from support.daemon import sibling
from support.replies import respond
from support.webserver import WebServer

IVR = {"start_message": "enter-code", "incorrect_message": "wrong-code", "timeout_message": "too-late", "max_attempts": 3}

PLAN = """\
+31502102544 follows the dialplan "+3150*":
  1. play: welcome
  2. put "VIP " before the caller's name
  3. ask the webhook "crm", GET {url}, within {seconds} s
     first the caller enters a code: "enter-code" is played, a code has up to 32 keys and ends with #
     up to 3 times, 10 s each; after a NAK "wrong-code" is played, after silence "too-late"
     on success:
       1. show the caller by the name in the webhook's reply, if there is one
       2. dial the destination in the webhook's reply
     on failure:
       1. show the caller as "Unknown"
       2. dial 101
       3. hangup
"""


class Dialhookctl(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer())
        self.web.on("/customer", respond("status=NAK"), respond("status=ACK&destination=204&callername=Jan"))
        self.url = self.web.url("/customer?code={code}")
        self.daemon = self.start(configuration(
            {"crm": {"url": self.url, "timeout": ample(), "ivr": IVR}},
            dialplans={
                "+3150*": [{"play": "welcome"}, {"callername": {"prefix": "VIP "}},
                           {"webhook": "crm",
                            "on_success": [{"callername": {"from": "webhook"}}, {"dial": {"destination": "variable"}}],
                            "on_failure": [{"callername": {"replace": "Unknown"}}, {"dial": "101"}, "hangup"]}],
                "100": [{"dial": "reception"}]}))

    def run_ctl(self, *arguments, typed=""):
        command = [sibling("dialhookctl"), "--socket", str(self.daemon.socket_path), "--control", str(self.daemon.scratch.path / "control.sock"), *arguments]
        return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=PATIENCE)

    def test_codes_of_the_command_line_are_entered_in_turn(self):
        done = self.run_ctl("route", "--did", "+31502102544", "--callername", "Piet", "--code", "111", "--code", "222#")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual([request.target for request in self.web.requests], ["/customer?code=111", "/customer?code=222"])
        lines = done.stdout.splitlines()
        self.assertEqual(lines[:5], [
            "run these steps, then go on:", "  1. play: welcome", '  2. show the caller as "VIP Piet"',
            'play "enter-code" and enter a code (attempt 1 of 3, 10 s, up to 32 keys): ',
            'play "wrong-code" and enter a code (attempt 2 of 3, 10 s, up to 32 keys): '])
        self.assertTrue(lines[5].startswith("success"), lines[5])

    def test_further_codes_are_read_from_the_terminal(self):
        done = self.run_ctl("route", "crm", "--did", "+31", "--code", "1", typed="2\n")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual([request.target for request in self.web.requests], ["/customer?code=1", "/customer?code=2"])

    def test_a_caller_who_is_silent_ends_in_the_failure_branch(self):
        done = self.run_ctl("route", "--did", "+31502102544", "--json")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertEqual(done.stdout.count("\n"), 5, "each answer is a line of its own: run, three questions, the decision")
        self.assertIn('"reason":"ivr_timeout"', done.stdout.splitlines()[-1])

    def test_a_code_that_is_none_is_refused(self):
        done = self.run_ctl("route", "crm", "--did", "+31", "--code", "12a4")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("code must hold nothing but digits", done.stderr)
        self.assertNotIn("12a4", done.stderr)

    def test_an_unknown_webhook_is_refused_with_one_suggestion(self):
        done = self.run_ctl("route", "crmm", "--did", "+31")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (1, "", 'dialhookctl: there is no webhook "crmm"; did you mean "crm"?\n  Which are there?  dialhookctl webhooks\n'))

    def test_plan_explains_both_branches_without_firing(self):
        done = self.run_ctl("plan", "+31502102544")
        self.assertEqual(done.stdout, PLAN.format(url=self.url, seconds=int(ample().removesuffix("s"))))
        self.assertEqual((done.returncode, len(self.web.requests)), (0, 0))

    def test_plan_of_a_number_without_a_webhook(self):
        self.assertEqual(self.run_ctl("plan", "tel:100").stdout,
                         'tel:100 follows the dialplan "100":\n  1. dial reception\n')

    def test_the_wrong_socket_is_told(self):
        done = subprocess.run([sibling("dialhookctl"), "status", "--control", str(self.daemon.socket_path)],
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("Is it the right socket?  --socket is for route, --control for the other commands", done.stderr)

    def test_plan_of_a_number_that_has_none(self):
        for command in (["plan", "555"], ["plan", "--did", "555"], ["route", "--did", "555"]):
            with self.subTest(command):
                done = self.run_ctl(*command)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, 'no dialplan.* "555"')

    def test_plan_takes_the_number_as_route_does(self):
        self.assertEqual(self.run_ctl("plan", "--did", "100").stdout, self.run_ctl("plan", "100").stdout)
        self.assertEqual(self.run_ctl("plan", "--did", "100").returncode, 0)
        self.assertEqual(self.run_ctl("plan").returncode, 2)

    def test_an_unknown_webhook_is_named_with_the_nearest(self):
        for command in (["route", "crn", "--did", "1"], ["try", "crn", "--did", "1"]):
            with self.subTest(command):
                done = self.run_ctl(*command)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn('"crn"; did you mean "crm"?', done.stderr)

    def test_a_code_that_nobody_asks_for_is_told(self):
        self.daemon.reload(configuration({"crm": {"url": self.web.url("/customer"), "timeout": ample()}}, dialplans={"100": ["hangup"]}))
        for command in (["crm", "--did", "1"], ["--did", "100"]):
            with self.subTest(command):
                done = self.run_ctl("route", *command, "--code", "1")
                self.assertIn("no code was asked for, so --code was not used; it takes a webhook with an ivr", done.stderr)

    def test_a_path_that_is_no_socket_is_told(self):
        self.daemon.scratch.write("file", "")
        for path, kind in ((self.daemon.scratch.path, "a folder"), (self.daemon.scratch.path / "file", "a file")):
            done = subprocess.run([sibling("dialhookctl"), "status", "--control", str(path)], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual((done.returncode, done.stdout), (3, ""))
            self.assertIn(f"{path} is not a socket but {kind}", done.stderr)


if __name__ == "__main__":
    unittest.main()
