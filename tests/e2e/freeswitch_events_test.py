"""config/freeswitch/dialhook_events.lua says what happens to calls. FreeSWITCH itself is a stub of its Lua API that tells of channels what
FreeSWITCH would; with each Lua that mod_lua can be built with."""
import json
import subprocess
import sys
import unittest

from support import ROOT
from support.events import EventsTest
from support.program import find_program

sys.path.insert(0, str(ROOT / "tests" / "clients"))
from scripted_daemon import ScriptedDaemon, reply_to  # noqa: E402

LUAS = ("lua5.1", "lua5.2", "lua5.3", "lua5.4")
SCRIPT = ROOT / "config" / "freeswitch" / "dialhook_events.lua"
STUB = ROOT / "tests" / "e2e" / "freeswitch" / "events_stub.lua"
CLIENTS = ROOT / "config" / "clients"
A, B, C = "a-leg", "b-leg", "c-leg"
TIME = 1785330245250000


def event(name, uuid, **headers):
    return {"Event-Name": f"CHANNEL_{name}", "Unique-ID": uuid, "Event-Date-Timestamp": str(TIME),
            **{key.replace("_", "-") if key[0].isupper() else key: value for key, value in headers.items()}}


def caller(uuid=A, context="public", **headers):
    return event("CREATE", uuid, Call_Direction="inbound", Caller_Context=context, Caller_Destination_Number="+31502102544",
                 Caller_Caller_ID_Number="+31612345678", Caller_Caller_ID_Name="Tester", **headers)


def telephone(uuid, number, of=A, **headers):
    return event("CREATE", uuid, Call_Direction="outbound", Caller_Context="public", Caller_Destination_Number=number,
                 Other_Leg_Unique_ID=of, **headers)


def rings(uuid, number, name="PROGRESS"):
    return event(name, uuid, Caller_Destination_Number=number)


def answers(uuid, number="0"):
    return event("ANSWER", uuid, Caller_Destination_Number=number)


def hangs_up(uuid, cause="NORMAL_CLEARING", **headers):
    return event("HANGUP", uuid, Hangup_Cause=cause, **headers)


TALK = [caller(), telephone(B, "101"), rings(B, "101"), answers(B), answers(A)]
TALKED = ["created", "ringing 101", "answered 101"]

# What FreeSWITCH tells of a call, and what becomes of it.
CALLS = {
    "the callee hangs up": ([*TALK, hangs_up(B), hangs_up(A)], [*TALKED, "ended completed"]),
    "the caller hangs up": ([*TALK, hangs_up(A), hangs_up(B)], [*TALKED, "ended completed"]),
    "early media and no ringing": ([caller(), telephone(B, "101"), rings(B, "101", "PROGRESS_MEDIA"), answers(B), hangs_up(B), hangs_up(A)],
                                   [*TALKED, "ended completed"]),
    "ringing and early media": ([caller(), telephone(B, "101"), rings(B, "101"), rings(B, "101", "PROGRESS_MEDIA"), hangs_up(B, "NO_ANSWER"),
                                 hangs_up(A, "NO_ANSWER")], ["created", "ringing 101", "ended no-answer"]),
    "busy": ([caller(), telephone(B, "101"), hangs_up(B, "USER_BUSY"), hangs_up(A, "USER_BUSY")], ["created", "ended busy"]),
    "busy, and the dialplan hangs up": ([caller(), telephone(B, "101"), hangs_up(B, "USER_BUSY"),
                                         hangs_up(A, variable_originate_disposition="USER_BUSY")], ["created", "ended busy"]),
    "declined": ([caller(), telephone(B, "101"), hangs_up(B, "CALL_REJECTED"), hangs_up(A, "CALL_REJECTED")], ["created", "ended declined"]),
    "unreachable": ([caller(), telephone(B, "101"), hangs_up(B, "NO_ROUTE_DESTINATION"), hangs_up(A, "NO_ROUTE_DESTINATION")],
                    ["created", "ended failed"]),
    "the caller gives up while it rings": ([caller(), telephone(B, "101"), rings(B, "101"), hangs_up(A, "ORIGINATOR_CANCEL"),
                                            hangs_up(B, "ORIGINATOR_CANCEL")], ["created", "ringing 101", "ended cancelled"]),
    "the caller gives up before anything rings": ([caller(), hangs_up(A, "ORIGINATOR_CANCEL")], ["created", "ended cancelled"]),
    "the caller gives up, and no cause says so": ([caller(), hangs_up(A)], ["created", "ended cancelled"]),
    "the dialplan sends the call away": ([caller(), hangs_up(A, "UNALLOCATED_NUMBER")], ["created", "ended failed"]),
    "a mailbox": ([caller(), answers(A), hangs_up(A)], ["created", "ended completed"]),
    "nobody answers, then a mailbox": ([caller(), telephone(B, "101"), rings(B, "101"), hangs_up(B, "NO_ANSWER"), answers(A),
                                        hangs_up(A, variable_originate_disposition="NO_ANSWER")], ["created", "ringing 101", "ended no-answer"]),
    "two telephones": ([caller(), telephone(B, "101"), telephone(C, "102"), rings(B, "101"), rings(C, "102"), answers(C),
                        hangs_up(B, "LOSE_RACE"), hangs_up(C), hangs_up(A)],
                       ["created", "ringing 101", "ringing 102", "answered 102", "ended completed"]),
    "a user of the directory": ([caller(), telephone(B, "x7f3"), event("PROGRESS", B, variable_dialed_user="101", Caller_Destination_Number="x7f3"),
                                 hangs_up(A, "ORIGINATOR_CANCEL")], ["created", "ringing 101", "ended cancelled"]),
    "the callee transfers blind": ([*TALK, hangs_up(B, "BLIND_TRANSFER"), telephone(C, "103"), rings(C, "103"), answers(C), hangs_up(C),
                                    hangs_up(A)],
                                   [*TALKED, "transferred blind 101", "ringing 103", "answered 103", "ended completed"]),
    "the callee transfers attended": ([*TALK, hangs_up(B, "ATTENDED_TRANSFER"), hangs_up(A)],
                                      [*TALKED, "transferred attended 101", "ended completed"]),
    "the caller transfers blind": ([*TALK, hangs_up(A, "BLIND_TRANSFER"), telephone(C, "103", of=B), rings(C, "103"), answers(C), hangs_up(C),
                                    hangs_up(B)],
                                   [*TALKED, "transferred blind +31612345678", "ringing 103", "answered 103", "ended completed"]),
    "the caller transfers attended": ([*TALK, hangs_up(A, "ATTENDED_TRANSFER"), hangs_up(B)],
                                      [*TALKED, "transferred attended +31612345678", "ended completed"]),
    "the caller transfers himself away from nobody": ([caller(), hangs_up(A, "BLIND_TRANSFER")],
                                                      ["created", "transferred blind +31612345678", "ended failed"]),
}


class Stub:
    def __init__(self, lua, folder, socket_path, events, **globals_):
        self._stop = folder.path / "stop"
        told = {"globals": {"dialhook_socket": str(socket_path), "script_dir": str(CLIENTS), **globals_}, "events": events,
                "stop": str(self._stop)}
        path = folder.write("told.json", json.dumps(told))
        self._process = subprocess.Popen([find_program(lua), STUB, SCRIPT, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def close(self):
        """FreeSWITCH ends; what the script logged."""
        self._stop.touch()
        output, _ = self._process.communicate(timeout=30)
        assert self._process.returncode == 0, output
        return output


class Events(EventsTest):
    lua = "lua5.3" # as FreeSWITCH's own packages for Debian 12

    def play(self, events, **globals_):
        return self.use(Stub(self.lua, self.scratch(), self.daemon.socket_path, events, **globals_))

    def test_each_call(self):
        for at, (title, (events, expected)) in enumerate(CALLS.items()):
            with self.subTest(title):
                self.seen = len(self.web.requests)
                names = {uuid: f"{self.lua}-{at}-{uuid}" for uuid in (A, B, C)}
                self.play([{key: names.get(value, value) for key, value in one.items()} for one in events])
                told = self.wait_told(*expected)
                self.assertEqual(told[0]["call_id"], names[A])

    def test_what_is_said_of_a_call(self):
        self.play([caller("1" + self.lua, Caller_Privacy_Hide_Number="true"), hangs_up("1" + self.lua)])
        created, *_ = self.wait_told("created", "ended cancelled")
        self.assertEqual([created[name] for name in ("direction", "did", "callerid", "callername", "presentation", "at")],
                         ["inbound", "+31502102544", "+31612345678", "Tester", "prohibited", "2026-07-29T13:04:05.250000+00:00"])

    def test_only_calls_of_the_contexts_that_are_named(self):
        uuid = "2" + self.lua
        events = [caller("x" + self.lua, "default"), hangs_up("x" + self.lua), caller(uuid, "inside"), hangs_up(uuid)]
        self.play(events, dialhook_events="public=inbound inside=internal")
        created, *_ = self.wait_told("created", "ended cancelled")
        self.assertEqual((created["call_id"], created["direction"]), (uuid, "internal"))

    def test_nothing_is_lost_while_the_disk_is_full(self):
        def script(connection):
            for member in ({"error": {"code": -32007, "message": "full"}}, {"result": {"stored": True}}):
                line = connection.read()
                connection.send(b"[" + b",".join(reply_to(json.dumps(one), **member).strip() for one in json.loads(line)) + b"]\n")
            connection.read()
        daemon = self.use(ScriptedDaemon(script))
        stub = Stub(self.lua, self.scratch(), daemon.path, [caller(), hangs_up(A)])
        with daemon.changed:
            daemon.changed.wait_for(lambda: len(daemon.questions) == 2, 30)
        self.assertIn("2 events wait: not stored", stub.close())
        said = [[one["params"]["event"] for one in json.loads(line)] for line in daemon.questions]
        self.assertEqual(said, [["created", "ended"]] * 2)


for lua in LUAS:
    if lua != Events.lua:
        name = f"Events{lua.title().replace('.', '')}"
        globals()[name] = type(name, (Events,), {"lua": lua})


if __name__ == "__main__":
    unittest.main()
