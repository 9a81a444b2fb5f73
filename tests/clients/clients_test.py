"""The clients of config/clients in C and Python, against a daemon that misbehaves, and against the real one."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

from cases import AMPLE, CLIENTS, ROOT, ClientCases, JsonRpcCases

sys.path.insert(0, CLIENTS)
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))
import dialhook_client  # noqa: E402
from support.case import DialhookTest  # noqa: E402
from support.configuration import configuration  # noqa: E402
from support.patience import ample  # noqa: E402
from support.replies import respond  # noqa: E402
from support.webserver import WebServer  # noqa: E402

HOSTILE = 'Zoë "Q" \\ \x01\t 📞 \x7f'


class PythonClient:
    def __init__(self, path):
        self._client = dialhook_client.Client(path)
        self.close = self._client.close

    def ask(self, seconds, **params):
        return self._of(lambda: self._client.ask("call.route", {"webhook": "crm", **params}, seconds))

    def end(self, seconds, call_id):
        self._client._seconds = seconds
        return self._of(lambda: self._client.event("ended", call_id, reason="busy"))[0]

    @staticmethod
    def _of(ask):
        try:
            return None, ask()
        except dialhook_client.Refused as refused:
            return refused.code, None
        except dialhook_client.Fault as fault:
            names = {dialhook_client.Away: "away", dialhook_client.TimedOut: "timeout", dialhook_client.BadAnswer: "bad_answer"}
            return names[type(fault)], None


class CClient:
    FAULTS = {1: "away", 2: "timeout", 3: "bad_answer", 4: "not_stored"}

    def __init__(self, path, room=65536):
        program = pathlib.Path(os.environ["DIALHOOK_BIN_DIR"]) / "dialhook-client-ask"
        self._process = subprocess.Popen([program, path, str(room)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, seconds, did="100", callername="Jan"):
        assert did == "100", "ask.c knows no other"
        fault, answer = self._exchange(seconds, callername)
        if fault is not None:
            assert answer == "\n", answer
            return fault, None
        return None, json.loads(answer)["result"]

    def end(self, seconds, call_id):
        fault, answer = self._exchange(seconds, f"event {call_id}")
        return json.loads(answer)["error"]["code"] if fault == "not_stored" else fault

    def _exchange(self, seconds, text):
        self._process.stdin.write(f"{int(seconds * 1000)} {text}\n".encode("utf-8", "surrogateescape"))
        self._process.stdin.flush()
        fault, _, answer = self._process.stdout.readline().decode().partition(" ")
        return self.FAULTS.get(int(fault)), answer

    def close(self):
        self._process.stdin.close()
        assert self._process.wait(AMPLE) == 0
        self._process.stdout.close()


class InPython(JsonRpcCases, unittest.TestCase):
    def client(self, path):
        client = PythonClient(path)
        self.addCleanup(client.close)
        return client


class InC(ClientCases, unittest.TestCase):
    def client(self, path):
        client = CClient(path)
        self.addCleanup(client.close)
        return client

    def test_an_event_that_is_too_long_is_not_said(self):
        from scripted_daemon import ScriptedDaemon, storing
        daemon = ScriptedDaemon(storing)
        self.addCleanup(daemon.close)
        client = self.client(daemon.path)
        self.assertEqual(client._exchange(AMPLE, "event " + "x" * 2100), ("not_stored", "\n"))
        self.assertEqual(daemon.questions, [])

    def test_there_is_just_room_for_the_answer(self):
        from scripted_daemon import ScriptedDaemon, answering
        daemon = ScriptedDaemon(answering)
        self.addCleanup(daemon.close)
        size = len('{"jsonrpc": "2.0", "id": 1, "result": {"action": "route", "destination": "101"}}\n')
        for room, fault in ((size, None), (size - 1, "bad_answer")):
            client = CClient(daemon.path, room)
            self.addCleanup(client.close)
            self.assertEqual(client.ask(AMPLE)[0], fault)


class WithTheRealDaemon(DialhookTest):
    def test_a_decision_for_a_caller_with_a_strange_name(self):
        web = self.use(WebServer().on("/", respond("status=ACK&destination=101")))
        daemon = self.start(configuration({"crm": {"url": web.url("/?name={callername}"), "timeout": ample()}}))
        for kind in (PythonClient, CClient):
            with self.subTest(kind.__name__):
                seen = len(web.requests)
                client = self.use(kind(str(daemon.socket_path)))
                for _ in range(2):
                    fault, result = client.ask(AMPLE, did="100", callername=HOSTILE)
                    self.assertEqual((fault, result["branch"], result["destination"]), (None, "success", "101"))
                self.assertEqual({request.target for request in web.requests[seen:]},
                                 {"/?name=Zo%C3%AB%20%22Q%22%20%5C%20%01%09%20%F0%9F%93%9E%20%7F"})

    def test_of_what_is_not_utf8_only_names_are_taken(self):
        web = self.use(WebServer().on("/", respond("status=ACK&destination=101")))
        daemon = self.start(configuration({"crm": {"url": web.url("/?name={callername}"), "timeout": ample()}}))
        client = self.use(CClient(daemon.socket_path))
        self.assertEqual(client.ask(AMPLE, callername="Zo\udceb")[1]["destination"], "101")
        self.assertEqual([request.target for request in web.requests.entries()], ["/?name=Zo%C3%AB"])
        self.assertEqual(client.end(AMPLE, "Zo\udceb"), -32700)

    def test_a_conversation(self):
        web = self.use(WebServer().on("/", respond("status=ACK&destination=101")))
        messages = {"start_message": "enter", "incorrect_message": "wrong", "timeout_message": "late"}
        daemon = self.start(configuration({"ivr": {"url": web.url("/?code={code}"), "timeout": ample(), "ivr": messages}}))
        client = self.use(dialhook_client.Client(str(daemon.socket_path), AMPLE))
        question = client.route(webhook="ivr", did="100")
        self.assertEqual((question["action"], question["play"]), ("collect", "enter"))
        self.assertEqual(client.go_on(question["state"], timeout=True)["play"], "late")
        self.assertEqual(client.go_on(question["state"], code="1234")["destination"], "101")


if __name__ == "__main__":
    unittest.main()
