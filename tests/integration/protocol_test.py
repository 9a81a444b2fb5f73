"""JSON-RPC 2.0 on the engines' socket, to the letter: what is answered, with which id and which error."""
import fcntl
import json
import struct
import termios
import unittest

from support.case import RESULT_KEYS, DialhookTest
from support.configuration import configuration
from support.engine import call
from support.patience import ample, wait_until
from support.replies import respond
from support.webserver import WebServer

PARSE_ERROR, INVALID_REQUEST, NO_METHOD, BAD_PARAMS = -32700, -32600, -32601, -32602
UNKNOWN_WEBHOOK, NO_DIALPLAN = -32001, -32002

NO_JSON = [
    b"nonsense", b"{", b"[", b'{"jsonrpc":"2.0","id":1', b'{"jsonrpc":"2.0",}', b"{'jsonrpc':'2.0'}", b'"\\x"', b"NaN", b"01",
    b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"did":"1"}} trailing', b'[{"jsonrpc":"2.0"},', b"\xef\xbb\xbf{",
    b"\0", b"tru", b'"\t"', b"{]",
    # Invalid UTF-8: cut, overlong, a surrogate, beyond Unicode, a lone byte
    b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"did":"\xc3"}}', b'["\xc0\xaf"]', b'["\xed\xa0\x80"]',
    b'["\xf4\x90\x80\x80"]', b'["\xff"]', b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"did":"1","call_id":"Zo\xeb"}}',
    b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"did":"1","callername":"Zo\xeb","webhook":"Zo\xeb"}}',
]

NO_REQUEST = [
    b"1", b'"text"', b"null", b"true", b"{}", b'{"jsonrpc":"2.0","id":1}', b'{"id":1,"method":"call.route"}',
    b'{"jsonrpc":"1.0","id":1,"method":"call.route"}', b'{"jsonrpc":2.0,"id":1,"method":"call.route"}',
    b'{"jsonrpc":"2.0","id":1,"method":1}', b'{"jsonrpc":"2.0","id":1,"method":null}',
    b'{"jsonrpc":"2.0","id":{},"method":"call.route"}', b'{"jsonrpc":"2.0","id":[1],"method":"call.route"}',
    b'{"jsonrpc":"2.0","id":true,"method":"call.route"}',
]

IDS = ["1", "0", "-7", "null", '"text"', '""', '"\\u00e9\\n\\""', "12345678901234567890123", "-9223372036854775809", "1.50", "1e3",
       "1E+2", "0.1", "-0", '"' + "x" * 1000 + '"']

WRONG_PARAMS = [
    [], ["+31502102544"], {}, {"did": None}, {"did": ""}, {"did": 31502102544}, {"did": ["1"]}, {"did": {"a": 1}}, {"did": True},
    {"did": "x" * 257}, {"did": "é" * 129}, {"did": "1", "callerid": 5}, {"did": "1", "callerid": ["5"]}, {"did": "1", "callername": {}},
    {"did": "1", "callername": False}, {"did": "1", "call_id": 7}, {"did": "1", "webhook": 7}, {"did": "1", "webhook": []},
    {"did": "1", "presentation": "maybe"}, {"did": "1", "presentation": 1}, {"did": "1", "explain": "yes"}, {"did": "1", "explain": 1},
]

LONE_SURROGATES = [rb'"did":"\ud800"', rb'"did":"1","callerid":"\udc00x"', rb'"did":"1","callername":"a\ud83dA"',
                   rb'"did":"1","call_id":"\ude00\ud83d"', rb'"did":"1","webhook":"\ud800"']


class ProtocolTest(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = cls.share(WebServer().on("/", respond("status=ACK&destination=101")))
        cls.daemon = cls.share_daemon(configuration({"crm": {"url": cls.web.url(), "timeout": ample()}}))

    def setUp(self):
        super().setUp()
        self.asking = self.engine(self.daemon)

    def assert_error(self, answer, code, request_id):
        self.assertEqual(set(answer), {"jsonrpc", "id", "error"}, answer)
        self.assertEqual((answer["jsonrpc"], answer["id"], answer["error"].get("code")), ("2.0", request_id, code), answer)
        self.assertIsInstance(answer["error"]["message"], str)
        self.assertTrue(answer["error"]["message"])

    def assert_still_serving(self):
        self.assert_success(self.asking.route("crm"), destination="101")


class Requests(ProtocolTest):
    def test_a_decision_has_all_its_fields_and_no_others(self):
        answer = self.asking.ask_raw(json.dumps(self.asking.request("call.route", call("crm", callername="Jan"))))
        self.assertEqual((set(answer), answer["jsonrpc"]), ({"jsonrpc", "id", "result"}, "2.0"))
        result = answer["result"]
        self.assertEqual(set(result), RESULT_KEYS)
        elapsed = result.pop("elapsed_ms")
        self.assertGreaterEqual(elapsed, 0)
        self.assertEqual(result, {
            "action": "route", "branch": "success", "status": "ACK", "reason": None, "destination": "101", "callername": "Jan",
            "callerid": {"number": "+31612345678", "presentation": "allowed"}, "variables": {}, "steps": [], "play": None,
            "webhook": "crm", "source": "url", "http_status": 200})

    def test_explain_adds_phases_and_tries(self):
        result = self.asking.route("crm", explain=True)
        self.assertEqual(set(result) - RESULT_KEYS, {"timing", "tries"})
        self.assertEqual(set(result["timing"]), {"dns", "connect", "tls", "send", "wait", "read", "retries"})
        spent = [value for value in result["timing"].values() if value is not None]
        self.assertTrue(all(value >= 0 for value in spent), spent)
        self.assertLessEqual(sum(spent), result["elapsed_ms"] + 1)
        self.assertEqual(len(result["tries"]), 1)
        self.assertEqual(set(self.asking.route("crm", explain=False)), RESULT_KEYS)

    def test_ids_come_back_as_they_were_written(self):
        for request_id in IDS:
            with self.subTest(request_id):
                line = '{"jsonrpc":"2.0","id":%s,"method":"call.route","params":{"webhook":"crm","did":"1"}}' % request_id
                self.asking.send(line.encode() + b"\n")
                raw = self.asking.line().decode()
                answer = json.loads(raw, parse_int=str, parse_float=str)
                self.assertIn("result", answer)
                self.assertEqual(answer["id"], json.loads(request_id, parse_int=str, parse_float=str), raw)
                self.asking.send(line.replace("call.route", "nobody").encode() + b"\n")
                self.assertEqual(json.loads(self.asking.line(), parse_int=str, parse_float=str)["id"], answer["id"])

    def test_what_is_no_json_is_a_parse_error_and_the_connection_goes_on(self):
        for line in NO_JSON:
            with self.subTest(line):
                self.assert_error(self.asking.ask_raw(line), PARSE_ERROR, None)
                self.assert_still_serving()

    def test_json_of_absurd_depth_is_refused(self):
        for opening in (b"[", b'{"a":'):
            with self.subTest(opening):
                answer = self.asking.ask_raw(opening * (60_000 // len(opening)))
                self.assertIn(answer["error"]["code"], (PARSE_ERROR, INVALID_REQUEST))
        depth = 10_000
        deep = b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"did":"1","x":' + b"[" * depth + b"]" * depth + b"}}"
        self.assertTrue(self.asking.ask_raw(deep))
        self.assert_still_serving()

    def test_what_is_no_request_is_an_invalid_request(self):
        for line in NO_REQUEST:
            with self.subTest(line):
                answer = self.asking.ask_raw(line)
                # The specification lets a server give the id where it could tell one.
                self.assertIn(answer["id"], (None, 1))
                self.assert_error(answer, INVALID_REQUEST, answer["id"])
        self.assert_still_serving()

    def test_unknown_methods(self):
        for method in ("nobody", "", "call.Route", "call.route ", "rpc.discover"):
            with self.subTest(method):
                self.assert_error(self.asking.ask_raw(json.dumps(self.asking.request(method, {}, "x"))), NO_METHOD, "x")

    def test_wrong_parameters(self):
        for params in WRONG_PARAMS:
            with self.subTest(str(params)[:60]):
                sent = {"webhook": "crm", **params} if isinstance(params, dict) else params
                self.asking.send_json(self.asking.request("call.route", sent, 7))
                self.assert_error(self.asking.answer(), BAD_PARAMS, 7)
        with self.subTest("no parameters at all"):
            self.asking.send_json({"jsonrpc": "2.0", "id": 7, "method": "call.route"})
            self.assert_error(self.asking.answer(), BAD_PARAMS, 7)
        with self.subTest("parameters that are neither object nor array"):
            answer = self.asking.ask_raw(b'{"jsonrpc":"2.0","id":7,"method":"call.route","params":"did"}')
            self.assertIn(answer["error"]["code"], (INVALID_REQUEST, BAD_PARAMS))
        self.assert_still_serving()

    def test_lone_surrogates_are_wrong_parameters(self):
        for params in LONE_SURROGATES:
            with self.subTest(params):
                line = b'{"jsonrpc":"2.0","id":7,"method":"call.route","params":{"webhook":"crm",' + params + b"}}"
                self.assert_error(self.asking.ask_raw(line), BAD_PARAMS, 7)
        self.assert_still_serving()

    def test_a_call_is_never_refused_for_who_calls(self):
        for value in (None, "", "anonymous", "jan.p@pbx.example", "x" * 256, "é" * 128, "\r\n\u0000\u001b", "'; DROP TABLE", "\U0001F600"):
            for name in ("callerid", "callername"):
                with self.subTest(name, value=value):
                    self.assert_success(self.asking.route("crm", **{name: value}))
        for name in ("callerid", "callername"):
            for value, read in (("x" * 257, "x" * 256), ("é" * 1000, "é" * 128), ("a" + "€" * 100, "a" + "€" * 85)):
                with self.subTest(name, longer_than=256, value=value[:3]):
                    result = self.asking.route("crm", **{name: value})
                    self.assertEqual(result["callername"] if name == "callername" else result["callerid"]["number"], read)
            with self.subTest(name, bytes_that_are_not="UTF-8"):
                params = b'{"webhook":"crm","did":"1","' + name.encode() + b'":"Zo\xeb \x80"}'
                answer = self.asking.ask_raw(b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":' + params + b"}")
                result = answer["result"]
                self.assertEqual(result["callername"] if name == "callername" else result["callerid"]["number"], "Zoë €")
        with self.subTest("did of 256 bytes"):
            self.assert_success(self.asking.route("crm", did="é" * 128))
        with self.subTest("a surrogate pair is one character"):
            params = rb'{"webhook":"crm","did":"1","callername":"\ud83d\ude00"}'
            answer = self.asking.ask_raw(b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":' + params + b"}")
            self.assertEqual(answer["result"]["callername"], "\U0001F600")

    def test_unknown_parameters_and_members_are_ignored(self):
        self.assert_success(self.asking.route("crm", language="nl", nested={"a": [1, {"b": None}]}, **{"Did": 5}))
        answer = self.asking.ask_raw(json.dumps({**self.asking.request("call.route", call("crm"), 5), "trace": {"x": 1}}))
        self.assertEqual((answer["id"], answer["result"]["branch"]), (5, "success"))

    def test_unknown_webhook_and_no_dialplan(self):
        for name in ("nobody", "CRM", "crm "):
            with self.subTest(name):
                self.asking.send_json(self.asking.request("call.route", call(name), 7))
                self.assert_error(self.asking.answer(), UNKNOWN_WEBHOOK, 7)
        for params in ({"did": "+31502102544"}, {"did": "1", "callerid": "2"}):
            with self.subTest(**params):
                self.asking.send_json(self.asking.request("call.route", params, 7))
                self.assert_error(self.asking.answer(), NO_DIALPLAN, 7)


def unread(sock):
    """How many bytes of what was sent the other end has not read; the kernel counts some of its own (SIOCOUTQ)."""
    return struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)))[0]


class Lines(ProtocolTest):
    def test_a_request_may_come_byte_by_byte(self):
        line = json.dumps(self.asking.request("call.route", call("crm"), 3)).encode() + b"\n"
        for at in range(len(line)):
            self.asking.send(line[at:at + 1])
        self.assertEqual(self.asking.answer()["id"], 3)

    def test_empty_lines_are_ignored(self):
        self.asking.send(b"\n\n\n")
        self.assert_still_serving()
        self.asking.half_close()
        self.assertEqual(self.asking.rest(), [])

    def test_line_ends_of_windows(self):
        self.asking.send(json.dumps(self.asking.request("call.route", call("crm"), 3)).encode() + b"\r\n")
        self.assertEqual(self.asking.answer()["id"], 3)

    def test_every_answer_is_one_line(self):
        self.web.on("/", respond("status=ACK&callername=a%0Ab%E2%80%A8c&x=%0D%0A"))
        self.addCleanup(self.web.on, "/", respond("status=ACK&destination=101"))
        result = self.asking.route("crm", call_id="\n", callername="x\ny")
        self.assertEqual(result["callername"], "ab\u2028c")
        self.asking.half_close()
        self.assertIsNone(self.asking.line())

    def padded(self, size):
        line = json.dumps(self.asking.request("call.route", call("crm"), 3)).encode()
        return line + b" " * (size - len(line))

    def test_a_line_of_almost_64_kib_is_read(self):
        self.assertEqual(self.asking.ask_raw(self.padded(65535))["id"], 3)

    def test_the_line_end_of_the_longest_line_may_come_in_halves(self):
        for rest, ids in ((b"\n", [3]), (b"", [3]), (b" \n", [None])):
            with self.subTest(rest=rest), self.daemon.engine() as engine:
                engine.send(self.padded(65536) + b"\r")
                wait_until(lambda: unread(engine.socket) == 0, "the daemon has read the first half")
                engine.send(rest)
                engine.half_close()
                self.assertEqual([answer["id"] for answer in engine.rest()], ids)

    def test_a_longer_line_is_refused_and_closes_the_connection(self):
        for size, ending in ((65537, b"\n"), (65537, b""), (1_000_000, b"\n")):
            with self.subTest(size=size, ending=ending), self.daemon.engine() as engine:
                try:
                    engine.send(self.padded(size) + ending)
                except (BrokenPipeError, ConnectionResetError):
                    pass    # closed while we were still sending
                self.assert_error(engine.answer(), INVALID_REQUEST, None)
                engine.assert_closed()


class Batches(ProtocolTest):
    def ask(self, *requests):
        self.asking.send_json(list(requests))
        answer = self.asking.answer()
        self.assertIsInstance(answer, list)
        return answer

    def route(self, request_id):
        return self.asking.request("call.route", call("crm"), request_id)

    def test_every_request_of_a_batch_is_answered_in_one_line(self):
        answers = self.ask(self.route(1), self.route("two"), self.route(3.5))
        self.assertEqual({answer["id"] for answer in answers}, {1, "two", 3.5})
        self.assertTrue(all(answer["result"]["branch"] == "success" for answer in answers))

    def test_a_mixed_batch(self):
        notification = {"jsonrpc": "2.0", "method": "call.route", "params": call("crm")}
        answers = self.ask(self.route(1), notification, {"foo": "bar"}, self.asking.request("nobody", {}, 2), 7,
                           self.asking.request("call.route", [], 3), self.asking.request("call.route", call("nobody"), 4))
        self.assertEqual(sorted((str(answer["id"]), answer.get("error", {}).get("code", 0)) for answer in answers),
                         sorted([("1", 0), ("None", INVALID_REQUEST), ("2", NO_METHOD), ("None", INVALID_REQUEST), ("3", BAD_PARAMS),
                                 ("4", UNKNOWN_WEBHOOK)]))

    def test_an_empty_batch_is_an_invalid_request(self):
        self.assert_error(self.asking.ask_raw(b"[]"), INVALID_REQUEST, None)
        self.assert_error(self.asking.ask_raw(b" [ ] "), INVALID_REQUEST, None)

    def test_a_batch_of_nonsense_is_as_many_invalid_requests(self):
        answers = self.ask(1, "x", None, [])
        self.assertEqual(len(answers), 4)
        for answer in answers:
            self.assert_error(answer, INVALID_REQUEST, None)

    def test_256_requests_are_a_batch_and_257_are_too_many(self):
        self.assertEqual({answer["id"] for answer in self.ask(*(self.route(n) for n in range(256)))}, set(range(256)))
        before = len(self.web.requests)
        self.asking.send_json([self.route(n) for n in range(257)])
        self.assert_error(self.asking.answer(), INVALID_REQUEST, None)
        self.assertEqual(len(self.web.requests), before)
        self.assert_still_serving()

    def test_notifications_are_never_answered(self):
        notification = {"jsonrpc": "2.0", "method": "call.route", "params": call("crm")}
        self.asking.send_json(notification, {**notification, "method": "nobody"}, {**notification, "params": []},
                              {**notification, "params": call("nobody")}, [notification, notification])
        self.assert_still_serving()
        self.asking.half_close()
        self.assertEqual(self.asking.rest(), [])


if __name__ == "__main__":
    unittest.main()
