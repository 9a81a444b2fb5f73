"""What `dialhookd --check` says of dialplans and IVRs: every fault with its place, in included files too."""
import re
import unittest

from support.case import DialhookTest
from support.daemon import check

# Five lines; what a case adds to them begins on line 6.
HEAD = "webhooks:\n  crm:\n    url: http://crm.example/\n  other: { url: http://crm.example/ }\ndialplans:\n"
IVR = "webhooks:\n  crm:\n    url: http://crm.example/{code}\n    ivr:\n"
MESSAGES = "      start_message: a\n      incorrect_message: b\n      timeout_message: c\n"


def steps(*lines):
    """A dialplan on line 6 whose steps begin on line 7, column 7."""
    return HEAD + '  "101":\n' + "".join(f"    - {line}\n" for line in lines)


# YAML text -> (line, column, words of the message)
DIALPLAN_FAULTS = {
    # What ends a dialplan
    "a step after a webhook": (steps("webhook: crm", "play: x"), (8, 7, ["last step"])),
    "a second webhook": (steps("webhook: crm", "webhook: other"), (8, 7, ["second webhook"])),
    "a webhook on success": (steps("webhook: crm\n      on_success: [ { webhook: crm } ]"), (8, 21, ["one webhook"])),
    "a webhook on failure": (steps("webhook: crm\n      on_failure: [ { webhook: crm } ]"), (8, 21, ["one webhook"])),
    "an unknown webhook": (steps("webhook: crn"), (7, 16, ["crn", "crm"])),
    "a webhook whose name is none": (steps("webhook: a/b"), (7, 16, ["a/b"])),
    "a webhook without a name": (steps("webhook:"), (7, None, ["webhook"])),
    "a webhook that is a list": (steps("webhook: [ crm ]"), (7, 16, ["webhook"])),
    "a misspelt branch": (steps("webhook: crm\n      on_sucess: []"), (8, 7, ["on_success"])),
    "a branch that is no list": (steps("webhook: crm\n      on_success: { dial: 1 }"), (8, 19, ["list"])),
    # What needs a reply
    "a name from the webhook in front": (steps("callername: { from: webhook }", "webhook: crm"), (7, 27, ["on_success"])),
    "a name from the webhook on failure":
        (steps("webhook: crm\n      on_failure: [ { callername: { from: webhook } } ]"), (8, 43, ["on_success"])),
    "a name from the webhook without one": (steps("callername: { from: webhook }"), (7, 27, ["on_success"])),
    "a variable destination in front": (steps("dial: { destination: variable }", "webhook: crm"), (7, 28, ["on_success"])),
    "a variable destination on failure":
        (steps("webhook: crm\n      on_failure: [ { dial: { destination: variable } } ]"), (8, 44, ["on_success"])),
    "a variable destination without a webhook": (steps("dial: { destination: variable }"), (7, 28, ["on_success"])),
    # Steps that the daemon knows
    "dial with nothing behind it": (steps("dial:"), (7, None, ["dial"])),
    "dial nothing": (steps('dial: ""'), (7, 13, ["dial"])),
    "dial a list": (steps("dial: [ 101 ]"), (7, 13, ["list"])),
    "dial with another key inside": (steps("dial: { destination: 101, timeout: 5 }"), (7, 33, ["timeout", "destination"])),
    "dial with another key beside it": (steps('{ dial: "101", play: x }'), (7, 22, ["step of its own"])),
    "dial a variable in the short form": (steps("dial: variable"), (7, 13, ["destination: variable"])),
    "dial a line end": (steps('dial: "1\\n"'), (7, 13, ["control character"])),
    "a name that is text": (steps("callername: Jan"), (7, 19, ["prefix", "replace"])),
    "a name in two ways": (steps("callername: { prefix: a, replace: b }"), (7, 19, ["prefix", "replace"])),
    "a name in no way": (steps("callername: {}"), (7, 19, ["prefix", "replace"])),
    "a name in an unknown way": (steps("callername: { suffix: a }"), (7, 21, ["prefix", "replace"])),
    "a name from elsewhere": (steps("webhook: crm\n      on_success: [ { callername: { from: crm } } ]"), (8, 43, ["crm", "webhook"])),
    "a tab in a prefix": (steps('callername: { prefix: "a\\tb" }'), (7, 29, ["control character"])),
    "a prefix that is too long": (steps(f"callername: {{ prefix: {'x' * 257} }}"), (7, 29, ["256"])),
    # Steps that it does not know
    "an empty step": (steps("{}"), (7, 7, ["empty"])),
    "no step behind a dash": (HEAD + '  "101":\n    -\n', (7, None, ["empty"])),
    "a line end in a step": (steps('exec: { app: "x\\ny" }'), (7, 20, ["control character"])),
    "DEL in a step": (steps('play: "x\\x7f"'), (7, 13, ["control character"])),
    "C1 in a step": (steps('play: [ 1, { deep: "x\\N" } ]'), (7, 26, ["control character"])),
    "a control character in a key": (steps('{ "a\\nb": 1 }'), (7, None, ["control character"])),
    "a key that stands twice in a step": (steps("exec: { app: x, app: y }"), (7, 23, ["app"])),
    # Numbers
    "a DID that stands twice": (HEAD + '  "1": [ a ]\n  "1": [ b ]\n', (7, 3, ["1", "twice"])),
    "a DID that stands twice, once without quotes": (HEAD + '  +31: [ a ]\n  "+31": [ b ]\n', (7, 3, ["+31", "twice"])),
    "a DID that stands twice in two forms": (HEAD + '  "+31": [ a ]\n  "tel:+31": [ b ]\n', (7, 3, ["+31", "twice"])),
    "a DID twice by the international prefix":
        (HEAD + '  "+31": [ a ]\n  "0031": [ b ]\nserver: { numbers: { country: "31" } }\n', (7, 3, ["0031", "twice"])),
    "a pattern that stands twice": (HEAD + '  "+31*": [ a ]\n  "+31*": [ b ]\n', (7, 3, ["twice"])),
    "default twice": (HEAD + "  default: [ a ]\n  default: [ b ]\n", (7, 3, ["default", "twice"])),
    "an empty DID": (HEAD + '  "": [ a ]\n', (6, 3, [])),
    "a DID that is too long": (HEAD + f'  "{"1" * 257}": [ a ]\n', (6, 3, ["256"])),
    "a DID with a line end": (HEAD + '  "1\\n": [ a ]\n', (6, 3, ["control character"])),
    "a star alone": (HEAD + '  "*": [ a ]\n', (6, 3, ["default"])),
    "no steps": (HEAD + '  "1": []\n', (6, 8, ["no steps"])),
    "nothing": (HEAD + '  "1":\n', (6, None, ["no steps"])),
    "steps that are no list": (HEAD + '  "1": { play: x }\n', (6, 8, ["list"])),
    "dialplans that are a list": ("webhooks: {}\ndialplans: [ a ]\n", (2, 12, [])),
    "an international prefix with a plus": ('webhooks: {}\nserver: { numbers: { international: "+" } }\n', (2, 37, ["00"])),
    "the key that numbers replaced": ('webhooks: {}\nserver: { international_prefix: "00" }\n', (2, 11, ["numbers", "international"])),
}

IVR_FAULTS = {
    "no messages": ("webhooks:\n  crm:\n    url: http://crm.example/\n    ivr: {}\n", (4, 5, ["start_message"])),
    "no message after a wrong code": (IVR + "      start_message: a\n      timeout_message: c\n", (4, 5, ["incorrect_message"])),
    "no message after silence": (IVR + "      start_message: a\n      incorrect_message: c\n", (4, 5, ["timeout_message"])),
    "an empty message": (IVR + MESSAGES.replace(" a\n", ' ""\n'), (5, 22, ["audio file"])),
    "a line end in a message": (IVR + MESSAGES.replace(" b\n", ' "b\\n"\n'), (6, 26, ["control character"])),
    "an unknown key": (IVR + MESSAGES + "      max_atempts: 3\n", (8, 7, ["max_atempts", "max_attempts"])),
    "no attempts": (IVR + MESSAGES + "      max_attempts: 0\n", (8, 21, ["max_attempts"])),
    "no digits": (IVR + MESSAGES + "      max_digits: 0\n", (8, 19, ["max_digits"])),
    "no time": (IVR + MESSAGES + "      timeout: 0\n", (8, 16, ["timeout"])),
    "a terminator of two keys": (IVR + MESSAGES + '      terminator: "##"\n', (8, 19, ["##"])),
    "a terminator that is no key": (IVR + MESSAGES + "      terminator: E\n", (8, 19, ["E"])),
    "a terminator that YAML takes for a comment": (IVR + MESSAGES + "      terminator: #\n", (8, None, ["quotes"])),
    "a code without an IVR": ("webhooks:\n  crm:\n    url: http://crm.example/{code}\n", (3, 29, ["code", "ivr"])),
    "an IVR as a default": ("webhooks: {}\ndefaults:\n  ivr: {}\n", (3, 3, ["ivr"])),
}

GOOD = HEAD + """  "+31502102544":
    - play: welcome
    - callername: { prefix: "" }
    - webhook: crm
      on_success:
        - callername: { from: webhook }
        - dial: { destination: variable }
      on_failure: []
  +31502102545: [ { dial: 101 } ]
  "+3150*": [ { webhook: other } ]
  sip:jan@pbx.example: [ hangup ]
  default: [ { exec: { app: Congestion, args: [ 5 ] } } ]
"""


class CheckTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.files = self.scratch()

    def assert_fault(self, said, line, column, words, name="dialhook.yaml"):
        """One line of `said` names this place and has these words."""
        place = re.compile(re.escape(f"{name}:{line}:") + (r"\d+" if column is None else str(column)) + ": ")
        there = [text for text in said.splitlines() if place.search(text)]
        self.assertTrue(any(all(word in text for word in words) for text in there), f"no {line}:{column} with {words} in:\n{said}")


class Faults(CheckTest):
    def assert_faults(self, cases):
        for name, (text, fault) in cases.items():
            with self.subTest(name):
                code, said = check(self.files.write("dialhook.yaml", text))
                self.assertEqual(code, 1, said)
                self.assert_fault(said, *fault)
                lines = set(re.findall(r"dialhook\.yaml:(\d+):\d+: ", said))
                self.assertEqual(lines, {str(fault[0])}, f"faults elsewhere, too:\n{said}")

    def test_dialplans(self):
        self.assert_faults(DIALPLAN_FAULTS)

    def test_ivrs(self):
        self.assert_faults(IVR_FAULTS)

    def test_a_star_that_is_no_part_of_the_number_is_a_fault(self):
        """The number of `sip:101@*` is 101: a pattern is made of the number, so this one would stand for what nobody meant."""
        for key in ("sip:101@*", "sips:@*", "sip:@*", "tel:;*", "tel:+31;phone-context=*"):
            with self.subTest(key):
                code, said = check(self.files.write("dialhook.yaml", HEAD + f'  "{key}": [ a ]\n'))
                self.assertEqual(code, 1, said)
                # What holds an @ is never shown: it may be a password.
                self.assert_fault(said, 6, 3, [] if "@" in key else [key])

    def test_no_fault_where_there_is_none(self):
        code, said = check(self.files.write("dialhook.yaml", GOOD))
        self.assertEqual((code, "no faults" in said), (0, True), said)

    def test_all_faults_come_in_one_run(self):
        plan = '  "{}":\n    - webhook: nobody\n    - play: x\n    - dial: {{ destination: variable }}\n'
        code, said = check(self.files.write("dialhook.yaml", HEAD + "".join(plan.format(n) for n in range(30))))
        self.assertEqual(code, 1)
        for n in range(30):
            self.assert_fault(said, 7 + 4 * n, 16, ["nobody"])
            self.assert_fault(said, 8 + 4 * n, 7, ["last step"])
            self.assert_fault(said, 9 + 4 * n, 7, ["last step"])


class Included(CheckTest):
    MAIN = "include: conf.d/*.yaml\n" + HEAD + '  "101": [ { webhook: elsewhere } ]\n'

    def check_with(self, included, main=MAIN):
        self.files.write("conf.d/10-first.yaml", "webhooks:\n  elsewhere: { url: http://crm.example/ }\n")
        self.files.write("conf.d/50-customer.yaml", included)
        return check(self.files.write("dialhook.yaml", main))

    def test_webhooks_and_dialplans_of_all_files_are_joined(self):
        code, said = self.check_with('dialplans:\n  "102": [ { webhook: crm } ]\n  "103": [ { webhook: elsewhere } ]\n')
        self.assertEqual(code, 0, said)

    def test_faults_name_the_included_file(self):
        cases = {"a step after a webhook": ('dialplans:\n  "102": [ { webhook: crm }, { play: x } ]\n', (2, 30, ["last step"])),
                 "an unknown webhook": ('dialplans:\n  "102":\n    - webhook: elsewere\n', (3, 16, ["elsewere", "elsewhere"])),
                 "a DID of the main file": ('dialplans:\n  "101": [ a ]\n', (2, 3, ["101", "twice", "dialhook.yaml:7:3"])),
                 "the same in another form": ('dialplans:\n  "sip:101@pbx.example": [ a ]\n', (2, 3, ["twice", "dialhook.yaml:7:3"]))}
        for name, (text, fault) in cases.items():
            with self.subTest(name):
                code, said = self.check_with(text)
                self.assertEqual(code, 1, said)
                self.assert_fault(said, *fault, name="50-customer.yaml")

    def test_a_did_twice_in_two_included_files(self):
        self.files.write("conf.d/20-other.yaml", 'dialplans:\n  "555": [ a ]\n')
        code, said = self.check_with('dialplans:\n  "555": [ b ]\n')
        self.assertEqual(code, 1, said)
        self.assert_fault(said, 2, 3, ["555", "twice", "20-other.yaml:2:3"], name="50-customer.yaml")

    def test_a_webhook_that_an_included_file_does_not_have_any_more(self):
        code, said = self.check_with("webhooks: {}\n", self.MAIN.replace("elsewhere", "elsewhere2"))
        self.assertEqual(code, 1, said)
        self.assert_fault(said, 7, 23, ["elsewhere2"])


if __name__ == "__main__":
    unittest.main()
