"""A caller enters a code: what is asked, what counts as a code, how the dialogue ends, and where the code may not show up."""
import unittest

from support import replies
from support.case import DialhookTest
from support.configuration import configuration
from support.conversation import CALLER, DID, IVR, begin, decoded, enter, refusal
from support.patience import ample, phase
from support.places import RefusingPort
from support.replies import redirect, respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=%2B31502102544&callername=Jan&account=4711")
NAK = respond("status=NAK", 404)

COLLECT_KEYS = {"action", "play", "timeout_ms", "max_digits", "terminator", "attempt", "max_attempts", "state", "webhook"}


class IvrTest(DialhookTest):
    """The code is the last segment of the path, so a path of the web server is what it says to one code."""

    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/1", ACK).on("/2", NAK).on("/3", respond("status=NAK", 401)))

    def hook(self, url=None, ivr=None, **more):
        return {"url": url or self.web.url("/{code}"), "timeout": ample(), "ivr": {**IVR, **(ivr or {})}, **more}

    def start_ivr(self, **more):
        return self.start(configuration({"crm": self.hook(**more)}))

    def engine_of_ivr(self, **more):
        return self.engine(self.start_ivr(**more))

    def assert_asked(self, result, play, attempt, **expected):
        self.assertEqual(set(result), COLLECT_KEYS)
        expected = {"action": "collect", "play": play, "attempt": attempt, "webhook": "crm", **expected}
        self.assertEqual({key: result[key] for key in expected}, expected)


class Dialogue(IvrTest):
    def test_the_first_question_has_every_setting(self):
        asked = begin(self.engine_of_ivr(), webhook="crm")
        self.assert_asked(asked, "enter-code", 1, timeout_ms=7000, max_digits=6, terminator="#", max_attempts=3)
        self.assertEqual(len(self.web.requests), 0)

    def test_defaults(self):
        messages = {key: value for key, value in IVR.items() if key.endswith("_message")}
        daemon = self.start(configuration({"crm": {"url": self.web.url("/{code}"), "ivr": messages}}))
        asked = begin(self.engine(daemon), webhook="crm")
        self.assert_asked(asked, "enter-code", 1, timeout_ms=10000, max_digits=32, terminator="#", max_attempts=3)

    def test_a_right_code_ends_in_success(self):
        engine = self.engine_of_ivr()
        result = enter(engine, begin(engine, webhook="crm"), "1")
        self.assert_success(result, action="route", destination=DID, callername="Jan", variables={"account": "4711"},
                            play=None, steps=[], webhook="crm", http_status=200,
                            callerid={"number": CALLER, "presentation": "allowed"})

    def test_a_nak_asks_again_and_then_a_right_code_still_counts(self):
        engine = self.engine_of_ivr()
        asked = begin(engine, webhook="crm")
        for attempt in (2, 3):
            asked = enter(engine, asked, "2")
            self.assert_asked(asked, "wrong-code", attempt, timeout_ms=7000, max_attempts=3)
        self.assert_success(enter(engine, asked, "1"), play=None)

    def test_the_last_nak_ends_it(self):
        engine = self.engine_of_ivr()
        result = enter(engine, begin(engine, webhook="crm"), "2", "2", "3")
        self.assert_failure(result, "ivr_attempts", action="route", status="NAK", http_status=401, play="wrong-code",
                            destination=None, webhook="crm", steps=[])

    def test_silence_uses_up_attempts(self):
        engine = self.engine_of_ivr()
        asked = begin(engine, webhook="crm")
        for attempt in (2, 3):
            asked = enter(engine, asked, None)
            self.assert_asked(asked, "too-slow", attempt)
        self.assert_failure(enter(engine, asked, None), "ivr_timeout", action="route", status=None, http_status=None,
                            source=None, play="too-slow", webhook="crm")
        self.assertEqual(len(self.web.requests), 0)

    def test_naks_and_silence_share_the_attempts(self):
        cases = {("2", None, "2"): ("ivr_attempts", "NAK", 404, "wrong-code"),
                 (None, None, "3"): ("ivr_attempts", "NAK", 401, "wrong-code"),
                 ("2", "3", None): ("ivr_timeout", None, None, "too-slow"),
                 ("", "2", ""): ("ivr_attempts", "NAK", 404, "wrong-code"),
                 (None, None, ""): ("ivr_attempts", "NAK", None, "wrong-code")}
        engine = self.engine_of_ivr()
        for codes, (reason, status, http_status, play) in cases.items():
            with self.subTest(codes):
                result = enter(engine, begin(engine, webhook="crm"), *codes)
                self.assert_failure(result, reason, status=status, http_status=http_status, play=play)

    def test_an_empty_code_is_a_nak_without_a_request(self):
        engine = self.engine_of_ivr()
        for empty in ("", "#"):
            with self.subTest(empty):
                asked = enter(engine, begin(engine, webhook="crm"), empty)
                self.assert_asked(asked, "wrong-code", 2)
        result = enter(engine, begin(engine, webhook="crm"), "", "", "#")
        self.assert_failure(result, "ivr_attempts", status="NAK", http_status=None, source=None, play="wrong-code")
        self.assertEqual(len(self.web.requests), 0)

    def test_one_attempt_is_enough_for_a_dialogue(self):
        engine = self.engine_of_ivr(ivr={"max_attempts": 1})
        for code, reason in (("2", "ivr_attempts"), (None, "ivr_timeout"), ("", "ivr_attempts")):
            with self.subTest(code):
                self.assert_failure(enter(engine, begin(engine, webhook="crm"), code), reason)
        self.assert_success(enter(engine, begin(engine, webhook="crm"), "1"))

    def test_what_is_neither_ack_nor_nak_fails_at_once(self):
        self.web.on("/5", respond("status=ERR", 500)).on("/50", respond("no", 500)).on("/51", replies.close)
        self.web.on("/52", respond("nonsense")).on("/53", respond("status=ACK&destination=drop%20table"))
        self.web.on("/54", redirect("ftp://example.com/"))
        cases = {"5": ("err", "ERR", 500), "50": ("http_status", None, 500), "51": ("connect", None, None),
                 "52": ("bad_reply", None, 200), "53": ("bad_reply", "ACK", 200), "54": ("redirect", None, 302)}
        engine = self.engine_of_ivr()
        for code, (reason, status, http_status) in cases.items():
            for before in ((), ("2",), (None, None)):
                with self.subTest(code=code, before=before):
                    result = enter(engine, begin(engine, webhook="crm"), *before, code)
                    self.assert_failure(result, reason, play=None, http_status=http_status)
                    self.assertIn(result["status"], {status, None} if code == "53" else {status})

    def test_no_answer_in_time_fails_at_once(self):
        self.web.on("/9", replies.hang)
        engine = self.engine_of_ivr(timeout=phase(200))
        self.assert_failure(enter(engine, begin(engine, webhook="crm"), "9"), "timeout", play=None, status=None)


class Codes(IvrTest):
    def sent(self, code, **ivr):
        """The code that the web server gets for what was typed."""
        path = f"/sent{len(self.web.requests)}"
        self.web.on(path, ACK)
        daemon = self.start_ivr(url=self.web.url(path + "?code={code}"), ivr=ivr)
        engine = self.engine(daemon)
        self.assert_success(enter(engine, begin(engine, webhook="crm"), code))
        daemon.stop()
        return self.web.wait_request(path).query

    def test_every_key_reaches_the_web_server_encoded(self):
        self.assertEqual(self.sent("0123456789*#ABCD", max_digits=32), "code=0123456789%2A%23ABCD")

    def test_a_trailing_terminator_is_removed_and_one_inside_stays(self):
        self.assertEqual(self.sent("12#"), "code=12")
        self.assertEqual(self.sent("1#2#"), "code=1%232")
        self.assertEqual(self.sent("#12"), "code=%2312")
        self.assertEqual(self.sent("12##"), "code=12%23")
        self.assertEqual(self.sent("12#*", terminator="*"), "code=12%23")
        self.assertEqual(self.sent("12*", terminator="#"), "code=12%2A")

    def test_the_terminator_does_not_count(self):
        self.assertEqual(self.sent("123456#"), "code=123456")

    def test_what_is_no_code_is_an_invalid_parameter_and_is_not_quoted(self):
        engine = self.engine_of_ivr()
        asked = begin(engine, webhook="crm")
        for code in ("98a", "98E", "98 ", " 98", "98\n", "98\0", "98-76", "+98", "９８", "98\x7f", "98d", "98%31", "{did}98"):
            with self.subTest(code):
                error = refusal(engine, "call.continue", state=asked["state"], code=code)
                self.assertEqual(error["code"], -32602)
                self.assertIn("code", error["message"])
                self.assertNotIn("98", error["message"])
        for code in ("9876543", "98765432" * 30, "9876543#"):
            with self.subTest(code):
                error = refusal(engine, "call.continue", state=asked["state"], code=code)
                self.assertEqual(error["code"], -32602)
                self.assertNotIn("9876", error["message"])
        self.assertEqual(len(self.web.requests), 0)
        self.assert_success(enter(engine, asked, "1"))

    def test_code_or_timeout_and_nothing_else(self):
        engine = self.engine_of_ivr()
        asked = begin(engine, webhook="crm")
        wrong = [{}, {"code": None}, {"timeout": False}, {"timeout": None}, {"code": None, "timeout": False},
                 {"code": "1", "timeout": True}, {"code": "", "timeout": True}, {"code": 1}, {"code": ["1"]},
                 {"code": {"code": "1"}}, {"code": True}, {"timeout": "true"}, {"timeout": 1}, {"code": "1", "timeout": "no"}]
        for params in wrong:
            with self.subTest(params):
                self.assertEqual(refusal(engine, "call.continue", state=asked["state"], **params)["code"], -32602)
        self.assertEqual(len(self.web.requests), 0)

    def test_state_must_be_text(self):
        engine = self.engine_of_ivr()
        for params in ({}, {"state": None}, {"state": 1}, {"state": ["x"]}, {"state": {"a": 1}}):
            with self.subTest(params):
                self.assertEqual(refusal(engine, "call.continue", code="1", **params)["code"], -32602)
        engine.send_json({"jsonrpc": "2.0", "id": 1, "method": "call.continue", "params": ["state"]})
        self.assertEqual(engine.answer()["error"]["code"], -32602)

    def test_a_post_carries_the_code(self):
        call = {"did": DID, "callerid": CALLER, "callername": "Jan", "call_id": "c-1", "presentation": "allowed", "code": "42#7"}
        for body, read in (("form", lambda request: request.form()), ("json", lambda request: request.json())):
            with self.subTest(body):
                path = f"/post-{body}"
                self.web.on(path, ACK)
                engine = self.engine_of_ivr(url=self.web.url(path), method="POST", body=body)
                enter(engine, begin(engine, webhook="crm", callername="Jan", call_id="c-1"), "42#7#")
                self.assertEqual(read(self.web.wait_request(path)), call)

    def test_explain_is_carried_through(self):
        engine = self.engine_of_ivr()
        result = enter(engine, begin(engine, webhook="crm", explain=True), "2", None, "1")
        self.assertEqual(set(result["timing"]), {"dns", "connect", "tls", "send", "wait", "read", "retries"})
        self.assertEqual([(entry["url"], entry["http_status"]) for entry in result["tries"]], [("url", 200)])
        silent = enter(engine, begin(engine, webhook="crm", explain=True), None, None, None)
        self.assertEqual(silent["tries"], [], "nothing was tried")
        self.assertNotIn("timing", enter(engine, begin(engine, webhook="crm"), "1"))


class Secrecy(IvrTest):
    CODES = {"ack": "47110001", "nak": "47110002", "status": "47110003", "close": "47110004", "hang": "47110005",
             "redirect": "47110006", "hops": "47110007", "nonsense": "47110008"}

    def play_them_all(self, engine):
        """Every answer that the daemon gave, as text."""
        said = []
        for code in self.CODES.values():
            asked = begin(engine, webhook="crm", explain=True)
            said.append(asked)
            said.append(enter(engine, asked, code))
            said.append(enter(engine, begin(engine, webhook="post", explain=True), code))
            said.append(refusal(engine, "call.continue", state=asked["state"], code=code + "x"))
            said.append(refusal(engine, "call.continue", state=asked["state"], code=code * 9))
            said.append(refusal(engine, "call.continue", state=asked["state"], code=code, timeout=True))
        said.append(enter(engine, begin(engine, webhook="down"), self.CODES["ack"]))
        said.append(enter(engine, begin(engine, webhook="closed"), self.CODES["ack"]))
        return said

    def test_a_code_is_in_no_log_and_no_answer_and_no_state(self):
        codes = self.CODES
        self.web.on(f"/{codes['ack']}", ACK).on(f"/{codes['nak']}", NAK).on(f"/{codes['status']}", respond("no", 500))
        self.web.on(f"/{codes['close']}", replies.close).on(f"/{codes['hang']}", replies.hang)
        self.web.on(f"/{codes['redirect']}", redirect(f"ftp://example.com/{codes['redirect']}"))
        self.web.on(f"/{codes['hops']}", redirect(f"/{codes['hops']}?again={codes['hops']}"))
        self.web.on(f"/{codes['nonsense']}", replies.raw(b"\0\1")).on("/post", NAK)
        ivr = {"max_digits": 20}
        refusing = self.use(RefusingPort()).port
        hooks = {"crm": self.hook(ivr=ivr, timeout=phase(300)), "post": self.hook(self.web.url("/post"), ivr, method="POST"),
                 "down": self.hook(f"http://127.0.0.1:{refusing}/{{code}}", ivr),
                 "closed": self.hook("http://10.0.0.1/{code}", ivr)}
        daemon = self.start(configuration(hooks, server={"log": {"level": "debug", "decisions": "all", "format": "json"}}))
        answers = self.play_them_all(self.engine(daemon))
        daemon.stop()
        self.assertEqual({code for code in codes.values() if self.web.requests_for(f"/{code}")}, set(codes.values()))
        self.assertGreater(len(daemon.decision_lines()), 5)
        states = b"".join(decoded(answer["state"]) for answer in answers if "state" in answer)
        self.assertGreater(len(states), 0)
        for name, code in codes.items():
            with self.subTest(name):
                self.assertNotIn(code, daemon.stderr())
                self.assertNotIn(code, str(answers))
                self.assertNotIn(code.encode(), states)


if __name__ == "__main__":
    unittest.main()
