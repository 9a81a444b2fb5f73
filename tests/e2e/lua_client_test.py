"""config/clients/dialhook_client.lua, by the cases of all clients; the scripts for Kamailio and FreeSWITCH ask through it."""
import json
import os
import subprocess
import sys
import threading
import unittest

from support import ROOT
from support.program import find_program

sys.path.insert(0, str(ROOT / "tests" / "clients"))
from cases import AMPLE, CLIENTS, JsonRpcCases  # noqa: E402
from scripted_daemon import ScriptedDaemon, late  # noqa: E402


LUAS = ("lua5.1", "lua5.2", "lua5.3", "lua5.4")


class LuaClient:
    def __init__(self, path, lua):
        command = [find_program(lua), ROOT / "tests" / "e2e" / "clients" / "ask.lua", path]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         env={**os.environ, "LUA_PATH": f"{CLIENTS}/?.lua;;"})

    def ask(self, seconds, wanted_for=None, **params):
        """`wanted_for`: how often the client hears that the answer is still wanted."""
        answer = self._exchange({"seconds": seconds, "wanted_for": wanted_for, "params": {"webhook": "crm", **params}})
        self.detail = answer.get("detail")
        return answer.get("fault"), answer.get("result")

    def text(self, data):
        """What the client makes of bytes that a caller sent."""
        return self._exchange({"text": data.hex()})["text"]

    def close(self):
        self._process.stdin.close()
        assert self._process.wait(AMPLE) == 0
        self._process.stdout.close()

    def _exchange(self, value):
        self._process.stdin.write(json.dumps(value).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class InLua(JsonRpcCases, unittest.TestCase):
    lua = LUAS[0] # as Kamailio's

    def client(self, path):
        client = LuaClient(path, self.lua)
        self.addCleanup(client.close)
        return client

    def test_a_question_that_is_no_longer_wanted(self):
        """Its connection is closed, long before the time is over; one that is wanted gets its answer, however late."""
        closed = threading.Event()

        def script(connection):
            connection.read()
            try:
                connection.read()
            finally:
                closed.set()

        daemon = ScriptedDaemon(script)
        self.addCleanup(daemon.close)
        client = self.client(daemon.path)
        self.assertEqual(client.ask(10 * AMPLE, wanted_for=2), ("unwanted", None))
        self.assertTrue(closed.wait(AMPLE))

        gate = threading.Event()
        slow = ScriptedDaemon(late(gate))
        self.addCleanup(slow.close)
        threading.Timer(0.3, gate.set).start()
        self.assertEqual(self.client(slow.path).ask(AMPLE, wanted_for=10**6)[0], None)

    def test_why_nobody_could_be_asked(self):
        for path, why in (("/tmp/dh-nobody", "no such file or directory"), ("/etc/passwd", "connection refused")):
            client = self.client(path)
            self.assertEqual(client.ask(AMPLE), ("away", None))
            self.assertEqual(client.detail, f"{path}: {why}")

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


for lua in LUAS:
    if lua != InLua.lua:
        name = f"In{lua.title().replace('.', '')}"
        globals()[name] = type(name, (InLua,), {"lua": lua})


if __name__ == "__main__":
    unittest.main()
