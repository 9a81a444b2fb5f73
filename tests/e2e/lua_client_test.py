"""config/clients/dialhook_client.lua, by the cases of all clients; the scripts for Kamailio and FreeSWITCH ask through it."""
import json
import os
import subprocess
import sys
import unittest

from support import ROOT
from support.program import find_program

sys.path.insert(0, str(ROOT / "tests" / "clients"))
from cases import AMPLE, CLIENTS, JsonRpcCases  # noqa: E402
from scripted_daemon import ScriptedDaemon, answering, answering_batches, silent  # noqa: E402


class LuaClient:
    def __init__(self, path, lua):
        command = [find_program(lua), ROOT / "tests" / "e2e" / "clients" / "ask.lua", path]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         env={**os.environ, "LUA_PATH": f"{CLIENTS}/?.lua;;"})

    def ask(self, seconds, hangs_up=False, **params):
        answer = self._exchange({"seconds": seconds, "hangs_up": hangs_up, "params": {"webhook": "crm", **params}})
        return answer.get("fault"), answer.get("result")

    def end(self, seconds, call_id):
        params = {"call_id": call_id, "reason": "busy", "targets": [], "answered_by": ""}
        answer = self._exchange({"seconds": seconds, "event": "ended", "params": params})
        assert answer.get("stored", False) == ("fault" not in answer), answer
        return answer.get("fault")

    def text(self, data):
        """What the client makes of bytes that a caller sent."""
        return self._exchange({"text": data.hex()})["text"]

    def say(self, *call_ids, step=0):
        """Has an outbox say the ends of these calls and what waits, its clock set by `step` seconds; how many wait, and its warnings."""
        answer = self._exchange({"add": [{"event": "ended", "call_id": call_id} for call_id in call_ids], "step": step})
        return answer["waiting"], answer["warned"]

    def close(self):
        self._process.stdin.close()
        assert self._process.wait(AMPLE) == 0
        self._process.stdout.close()

    def _exchange(self, value):
        self._process.stdin.write(json.dumps(value).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


LUAS = ("lua5.1", "lua5.2", "lua5.3", "lua5.4")


class InLua(JsonRpcCases, unittest.TestCase):
    lua = LUAS[0] # as Kamailio's

    def client(self, path):
        client = LuaClient(path, self.lua)
        self.addCleanup(client.close)
        return client

    def test_an_answer_that_nobody_wants_any_more_is_not_waited_for(self):
        daemon = ScriptedDaemon(silent, answering)
        self.addCleanup(daemon.close)
        client = self.client(daemon.path)
        self.assertEqual(client.ask(600, hangs_up=True), ("unwanted", None))
        # The connection is not used again, and an answer that is there at once is taken.
        self.assertEqual(client.ask(AMPLE, hangs_up=True)[1]["destination"], "101")
        self.assertEqual(daemon.connections, 2)

    def test_texts_of_a_caller_become_utf8(self):
        client = self.client("/tmp/dh-nobody")
        same = ["", "Jan", "Zoë", "€", "📞", "\x00\x01", "\ud7ff\ue000"]
        for text in same:
            self.assertEqual(client.text(text.encode()), text)
        for data in (b"M\xfcller", b"O\x92Brien \x80", b"\xff", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf0\x8f\xbf\xbf",
                     b"\xf4\x90\x80\x80", b"a\xe2\x82b", b"\xf5\x80\x80\x80", b"Andr\xe9", b"M\xfcller \xc3", b"UME\xc5"):
            self.assertEqual(client.text(data), data.decode("cp1252", "ignore"), data)
        for cut in (b"\xc3", b"\xe2", b"\xe2\x82", b"\xe0", b"\xed\x9f", b"\xf0", b"\xf0\x9f\x98", b"\xf4\x8f"):
            self.assertEqual(client.text("Bäcker".encode() + cut), "Bäcker", cut)
        self.assertEqual(client.text(b"Caf\xc3"), "Caf")

    def test_texts_are_cut_at_a_character(self):
        client = self.client("/tmp/dh-nobody")
        self.assertEqual(client.text(b"x" * 300), "x" * 256)
        self.assertEqual(client.text("x".encode() + "é".encode() * 200), "x" + "é" * 127)
        self.assertEqual(client.text("📞".encode() * 65), "📞" * 64)
        self.assertEqual(client.text(b"\xfc" * 200), "ü" * 128)

    def assert_said_again(self, *firsts, pause=2):
        """What the daemon answers with one of `firsts` waits, is not said before a second is over, and comes again after `pause`."""
        for first in firsts:
            with self.subTest(first=first):
                daemon = ScriptedDaemon(answering_batches(first, {"result": {"stored": True}}))
                self.addCleanup(daemon.close)
                client = self.client(daemon.path)
                self.assertEqual(client.say("1", "2"), (2, "2 events wait: not stored"))
                self.assertEqual(client.say("3"), (3, ""))
                self.assertEqual(client.say(step=pause), (0, ""))
                self.assertEqual([[request["params"]["call_id"] for request in json.loads(line)] for line in daemon.questions],
                                 [["1", "2"], ["1", "2", "3"]])

    def test_an_outbox_keeps_what_was_not_stored(self):
        """A full disk, or a daemon without a valid configuration."""
        self.assert_said_again(*({"error": {"code": code, "message": "later"}} for code in (-32007, -32008)))

    def test_an_outbox_goes_on_after_the_clock_was_set_back(self):
        self.assert_said_again({"error": {"code": -32007, "message": "full"}}, pause=-3600)

    def test_an_outbox_drops_what_would_never_be_stored(self):
        daemon = ScriptedDaemon(answering_batches({"error": {"code": -32602, "message": "wrong"}}))
        self.addCleanup(daemon.close)
        waiting, warned = self.client(daemon.path).say("1")
        self.assertEqual(waiting, 0)
        self.assertIn("event refused: -32602", warned)


for lua in LUAS:
    if lua != InLua.lua:
        name = f"In{lua.title().replace('.', '')}"
        globals()[name] = type(name, (InLua,), {"lua": lua})


if __name__ == "__main__":
    unittest.main()
