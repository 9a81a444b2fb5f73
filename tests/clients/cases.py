"""What every client of config/clients has to do, whatever its language.

A client under test is an object with `ask(seconds, **params)`, which gives (fault, result): fault is None, `away`, `timeout`,
`bad_answer`, or a JSON-RPC error code. `end(seconds, call_id)` says that a call ended, as it was busy, and gives the fault.
"""
import json
import os
import socket
import threading
import time

from scripted_daemon import (ScriptedDaemon, answering, answering_once, bytewise, closing, dripping, endless, late, refusing_events, saying,
                             silent, storing)

AMPLE = 20.0  # seconds for what must be answered
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CLIENTS = os.path.join(ROOT, "config", "clients")


class ClientCases:
    def client(self, path):
        raise NotImplementedError

    def start(self, *scripts):
        daemon = ScriptedDaemon(*scripts)
        self.addCleanup(daemon.close)
        return daemon, self.client(daemon.path)

    def assert_answered(self, client, **params):
        fault, result = client.ask(AMPLE, did="100", **params)
        self.assertIsNone(fault)
        self.assertEqual(result, {"action": "route", "destination": "101"})

    def test_a_question_and_its_answer(self):
        daemon, client = self.start(answering)
        self.assert_answered(client)
        self.assertEqual(len(daemon.questions), 1)

    def test_the_connection_is_kept(self):
        daemon, client = self.start(answering)
        for _ in range(5):
            self.assert_answered(client)
        self.assertEqual((daemon.connections, len(daemon.questions)), (1, 5))

    def test_an_answer_byte_by_byte(self):
        _, client = self.start(bytewise)
        self.assert_answered(client)

    def test_silence_ends_at_the_deadline(self):
        for script in (silent, dripping):
            with self.subTest(script.__name__):
                _, client = self.start(script)
                begin = time.monotonic()
                self.assertEqual(client.ask(0.3, did="100"), ("timeout", None))
                self.assertGreaterEqual(time.monotonic() - begin, 0.29)  # clocks differ in their last digits

    def test_a_late_answer_is_nobody_elses(self):
        released = threading.Event()
        daemon, client = self.start(late(released), answering)
        self.assertEqual(client.ask(0.2, did="100"), ("timeout", None))
        released.set()
        self.assert_answered(client)
        self.assertEqual(daemon.connections, 2)

    def test_a_kept_connection_that_was_closed_is_opened_again(self):
        daemon, client = self.start(answering_once)
        for _ in range(3):
            self.assert_answered(client)
        self.assertEqual((daemon.connections, len(daemon.questions)), (3, 3))

    def test_a_kept_connection_is_opened_again_only_once(self):
        daemon, client = self.start(answering_once, closing)
        self.assert_answered(client)
        self.assertEqual(client.ask(AMPLE, did="100"), ("away", None))
        self.assertEqual(daemon.connections, 2)

    def test_a_fresh_connection_that_is_closed_is_not_tried_again(self):
        daemon, client = self.start(closing)
        self.assertEqual(client.ask(AMPLE, did="100"), ("away", None))
        self.assertEqual((daemon.connections, len(daemon.questions)), (1, 1))

    def test_the_daemon_is_away_and_comes_back(self):
        daemon, client = self.start(answering)
        self.assert_answered(client)
        daemon.close()
        self.assertEqual(client.ask(AMPLE, did="100"), ("away", None))
        daemon.folder.mkdir()
        daemon.listen()
        self.assert_answered(client)

    def test_a_socket_on_which_nobody_listens(self):
        daemon, client = self.start(answering)
        daemon.stop_listening()
        self.assertEqual(client.ask(AMPLE, did="100"), ("away", None))

    def test_a_path_that_is_too_long(self):
        self.assertEqual(self.client("/tmp/" + "x" * 200).ask(AMPLE, did="100"), ("away", None))

    def test_an_answer_that_is_too_long(self):
        daemon, client = self.start(endless, answering)
        self.assertEqual(client.ask(AMPLE, did="100"), ("bad_answer", None))
        self.assert_answered(client)
        self.assertEqual(daemon.connections, 2)

    def test_half_an_answer(self):
        _, client = self.start(saying(b'{"jsonrpc":"2.0","id":1,"re'), answering)
        self.assertEqual(client.ask(AMPLE, did="100"), ("bad_answer", None))
        self.assert_answered(client)

    def test_two_answers_to_one_question(self):
        line = b'{"jsonrpc":"2.0","id":1,"result":{"action":"route","destination":"999"}}\n'
        _, client = self.start(saying(line + line), answering)
        self.assertEqual(client.ask(AMPLE, did="100"), ("bad_answer", None))
        self.assert_answered(client)

    def test_an_event_is_stored(self):
        daemon, client = self.start(storing)
        for call_id in ("1732-7@pbx", 'a "b" \\ é'):
            self.assertIsNone(client.end(AMPLE, call_id))
            asked = json.loads(daemon.questions[-1])
            self.assertEqual((asked["method"], asked["params"]),
                             ("call.event", {"event": "ended", "call_id": call_id, "reason": "busy"}))
        self.assert_answered(client)
        self.assertEqual(daemon.connections, 1, "events and questions share the connection")

    def test_an_event_that_is_not_stored(self):
        daemon, client = self.start(refusing_events)
        for _ in range(2):
            self.assertEqual(client.end(AMPLE, "1"), -32007)
        self.assertEqual(daemon.connections, 1, "an error is an answer")

    def test_an_event_that_nobody_takes(self):
        for script, fault in ((silent, "timeout"), (closing, "away")):
            with self.subTest(script.__name__):
                _, client = self.start(script)
                self.assertEqual(client.end(0.3 if fault == "timeout" else AMPLE, "1"), fault)

    def test_a_daemon_that_does_not_read(self):
        """Its queue of connections takes the client, and nobody serves it."""
        with socket.socket(socket.AF_UNIX) as listener:
            daemon, _ = self.start(answering)
            path = str(daemon.folder / "deaf")
            listener.bind(path)
            listener.listen(1)
            self.assertEqual(self.client(path).ask(0.2, did="100", callername="x" * 60000), ("timeout", None))


class JsonRpcCases(ClientCases):
    """Besides, of clients that read JSON."""

    def test_what_is_no_answer_to_this_question(self):
        for data in (b"nonsense\n", b"[]\n", b"null\n", b"{}\n", b'{"jsonrpc":"2.0","id":77,"result":{}}\n', b'{"jsonrpc":"2.0","id":1}\n'):
            with self.subTest(data):
                daemon, client = self.start(saying(data), answering)
                self.assertEqual(client.ask(AMPLE, did="100"), ("bad_answer", None))
                self.assert_answered(client)
                self.assertEqual(daemon.connections, 2)

    def test_an_error(self):
        error = b'{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"there is no webhook of this name"}}\n'
        _, client = self.start(saying(error))
        self.assertEqual(client.ask(AMPLE, did="100"), (-32001, None))
