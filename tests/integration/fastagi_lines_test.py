"""No line to a channel is longer than 2,047 bytes: of a longer one, an Asterisk from before July 2025 takes the rest for its next
command, and whoever wrote the value chooses it."""
import unittest
import urllib.parse

from support.case import DialhookTest
from support.configuration import configuration
from support.old_asterisk import LONGEST, OldChannel
from support.patience import ample
from support.places import ReservedPort
from support.replies import respond
from support.webserver import WebServer

EVIL = "EXEC System id"
CHARACTERS = {"two bytes": "Ж", "three bytes": "€", "four bytes": "😀", "quotes": '"', "backslashes": "\\", "both": '\\"', "one byte": "a"}
PATH = "sounds/" + "long-" * 49  # 252 of the 256 bytes that the configuration takes
LONG = {  # steps that do not fit on a line, or only just
    "play": {"play": "long-" * 600}, "voicemail": {"voicemail": "1" * 3000}, "queue": {"queue": "q" * 3000},
    "text": {"exec": {"app": "NoOp", "args": "Ж" * 1010 + EVIL}}, "quotes": {"exec": {"app": "NoOp", "args": '"' * 1013 + EVIL}},
    "list": {"exec": {"app": "NoOp", "args": ["\\" * 700, "\\" * 600, EVIL]}}, "name": {"exec": {"app": "A" * 3000, "args": EVIL}},
    "unknown": {"unheard" * 140: "€" * 500 + EVIL}, "unknown value": {"unheard": "€" * 700 + EVIL},
}


def line_size(name, value):
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return len(f'SET VARIABLE "{name}" "{quoted}"\n'.encode())


class Lines(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer())
        self.port = self.use(ReservedPort()).port
        hook = {"url": self.web.url("/"), "timeout": ample()}
        ivr = {"start_message": PATH, "incorrect_message": PATH, "timeout_message": PATH, "timeout": "3s"}
        self.daemon = self.start(configuration(
            {"crm": hook, "ivr": {**hook, "ivr": ivr}, "star": {**hook, "ivr": {**ivr, "terminator": "*"}}},
            server={"fastagi": f"127.0.0.1:{self.port}"},
            dialplans={"300": [*LONG.values(), {"play": "end"}],
                       "301": [{"callername": {"prefix": '"' * 256}}, {"callername": {"replace": "\\" * 256}}, {"play": "end"}],
                       "302": [{"exec": {"app": "NoOp", "args": "a" * length}} for length in range(2025, 2040)]}))

    def commands(self, script, replies=(), **environment):
        channel = self.use(OldChannel(self.port, script, **environment))
        seen = channel.play_through(replies)
        self.assertLessEqual(max(channel.sizes), LONGEST)
        self.assertNotIn(EVIL.split()[:2], [command[:2] for command in seen], "a part of a value was a command")
        return seen, channel.variables

    def test_a_value_of_a_reply_is_cut_at_a_character(self):
        """With each alignment to the end of the buffer, so that the rest would begin with the command."""
        for name, character in CHARACTERS.items():
            for key in ("n", "n" * 64):
                with self.subTest(character=name, key=len(key)):
                    room = LONGEST - len(f'SET VARIABLE "DIALHOOK_VAR_{key}" "')
                    size = len(character.encode()) * (2 if character[0] in '"\\' else 1)
                    count = min(room // size, 1024 - len(EVIL))
                    values = {f"{key[:-1]}{letter}": "a" * pad + character * (count - pad // size - more) + EVIL
                              for letter, (pad, more) in zip("abcdefghij", [(pad, more) for pad in range(5) for more in range(2)])}
                    self.web.on("/", respond("status=ACK&" + urllib.parse.urlencode(values)))
                    commands, variables = self.commands("webhook/crm")
                    self.assertEqual(commands, [])
                    for written, value in values.items():
                        arrived = variables[f"DIALHOOK_VAR_{written}"]
                        self.assertTrue(value.startswith(arrived), arrived[-30:])
                        if arrived != value:
                            self.assertGreater(line_size(f"DIALHOOK_VAR_{written}", value[:len(arrived) + 1]), LONGEST, "too much was cut")
                    self.assertEqual(variables["DIALHOOK_BRANCH"], "success")

    def test_a_value_that_fits_is_whole(self):
        room = LONGEST - 1 - len('SET VARIABLE "DIALHOOK_VAR_n" ""')
        value = "€" * 671 + "a" * 5
        self.assertLess(room, len(value.encode()), "the first one that does not fit")
        for value in ("€" * 670 + "a" * (room - 2010), '"' * 1000, "Ж" * (room // 2)):
            self.web.on("/", respond("status=ACK&" + urllib.parse.urlencode({"n": value})))
            _, variables = self.commands("webhook/crm")
            self.assertEqual(variables["DIALHOOK_VAR_n"], value)
        key, value = "k" * 64, '"' * 70
        self.web.on("/", respond("status=ACK&" + urllib.parse.urlencode({key: value})))
        self.assertEqual(self.commands("webhook/crm")[1]["DIALHOOK_VAR_" + key], value)

    def test_what_the_caller_writes(self):
        self.web.on("/", respond("status=NAK"))
        for character in CHARACTERS.values():
            text = character * 1000 + EVIL
            commands, variables = self.commands("dialplan", dnid="301", callerid=text, calleridname=text, uniqueid=text)
            self.assertEqual([command[1] for command in commands], ["Playback"])
            commands, variables = self.commands("webhook/crm", dnid=text, callerid=text, calleridname=text, extension=text)
            self.assertEqual((commands, variables["DIALHOOK_BRANCH"]), ([], "failure"))
            commands, _ = self.commands("webhook/" + urllib.parse.quote(text[-300:]), dnid="1")
            self.assertEqual({command[0] for command in commands}, {"VERBOSE"})

    def test_steps_that_do_not_fit_are_left_out_whole(self):
        """A part of a number is another number."""
        commands, _ = self.commands("dialplan", dnid="300", uniqueid="7.7")
        self.assertEqual([command for command in commands if command[0] == "EXEC"], [["EXEC", "Playback", "end"]])
        for at in range(len(LONG)):
            self.daemon.wait_logged("left out", "300", "7.7")

    def test_steps_at_the_edge_are_whole_or_left_out(self):
        commands, _ = self.commands("dialplan", dnid="302")
        whole = [len(command[2]) for command in commands if command[0] == "EXEC"]
        edge = LONGEST - 1 - len('EXEC "NoOp" ""')
        self.assertEqual(whole, [length for length in range(2025, 2040) if length <= edge])

    def test_names_of_audio_files_that_are_long(self):
        self.web.on("/", respond("status=NAK"))
        for name in ("ivr", "star"):
            with self.subTest(name):
                commands, variables = self.commands(
                    f"webhook/{name}", ["200 result=0", *["200 result=-1", "200 result=6", "200 result=0"] * 3, "200 result=-1"])
                self.assertLessEqual({command[0] for command in commands}, {"ANSWER", "GET", "STREAM", "CHANNEL", "WAIT"})
                self.assertEqual(variables["DIALHOOK_REASON"], "ivr_timeout")


if __name__ == "__main__":
    unittest.main()
