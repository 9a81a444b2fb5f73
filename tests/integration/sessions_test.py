"""Connections of engines: pipelined calls, engines that half-close, vanish, do not read, or may not ask at all."""
import concurrent.futures
import grp
import os
import pwd
import select
import stat
import threading
import unittest

from support import replies
from support.case import DialhookTest, stopwatch
from support.configuration import configuration
from support.engine import CLOSED, call
from support.patience import PATIENCE, SLACK, ample, phase
from support.replies import held, respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=101")


class SessionTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", ACK).on("/never", replies.hang))
        self.hooks = {"crm": {"url": self.web.url(), "timeout": ample()},
                      "never": {"url": self.web.url("/never"), "timeout": ample()},
                      "path": {"url": self.web.url("/{call_id}"), "timeout": ample()}}

    def event(self, path):
        """Holds requests for `path` until the event is set; at the end of the test it is."""
        event = threading.Event()
        self.addCleanup(event.set)
        self.web.on(path, held(event, ACK))
        return event


class Pipelining(SessionTest):
    def test_answers_come_in_the_order_in_which_they_are_ready(self):
        engine = self.engine(self.start(configuration(self.hooks)))
        events = [self.event(f"/{n}") for n in range(4)]
        asked = [engine.start_route("path", call_id=str(n)) for n in range(4)]
        quick = engine.start_route("crm")
        self.assertEqual(engine.answer()["id"], quick)
        for n in (2, 0, 3, 1):
            self.web.wait_request(f"/{n}")
            events[n].set()
            self.assertEqual(engine.answer()["id"], asked[n])

    def test_a_thousand_calls_in_one_breath(self):
        engine = self.engine(self.start(configuration(self.hooks)))
        for result, _ in engine.route_all([call("crm") for _ in range(1000)]):
            self.assertEqual(result["branch"], "success", result)

    def test_a_batch_is_answered_when_its_last_request_is_and_holds_nobody_else(self):
        engine = self.engine(self.start(configuration(self.hooks)))
        event = self.event("/slow")
        engine.send_json([engine.request("call.route", call("path", call_id="slow")), engine.request("call.route", call("crm"))])
        self.assert_success(engine.route("crm"))
        event.set()
        self.assertEqual(len(engine.answer()), 2)


class Closing(SessionTest):
    def test_a_half_closed_connection_still_gets_its_answers(self):
        engine = self.engine(self.start(configuration(self.hooks)))
        event = self.event("/slow")
        asked = {engine.start_route("path", call_id="slow"), engine.start_route("crm")}
        engine.half_close()
        self.web.wait_request("/slow")
        event.set()
        self.assertEqual({answer["id"] for answer in engine.rest()}, asked)

    def test_half_a_line_and_then_the_end(self):
        engine = self.engine(self.start(configuration(self.hooks)))
        engine.send(b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"webhook":"crm","di')
        engine.half_close()
        self.assertEqual([answer for answer in engine.rest() if "result" in answer], [])
        self.assertEqual(len(self.web.requests), 0)

    def test_an_engine_that_vanishes_cancels_its_calls(self):
        daemon = self.start(configuration(self.hooks))
        for pipelined in (1, 20):
            with self.subTest(pipelined=pipelined):
                before = len(self.web.requests)
                engine = daemon.engine()
                for _ in range(pipelined):
                    engine.start_route("never")
                self.web.requests.wait_count(before + pipelined, "requests")
                watch = stopwatch()
                engine.close()
                for request in self.web.requests[before:]:
                    connection = self.web.connections[request.connection - 1]
                    self.assertTrue(connection.closed_by_peer.wait(PATIENCE), "the web server waits for nobody")
                self.assert_prompt(watch(), f"{pipelined} calls cancelled")

    def test_one_that_vanishes_harms_no_other(self):
        daemon = self.start(configuration(self.hooks))
        staying, event = self.engine(daemon), self.event("/slow")
        asked = staying.start_route("path", call_id="slow")
        for turn in range(20):
            with daemon.engine() as leaving:
                leaving.start_route("never")
                leaving.start_route("crm")
                if turn % 2:
                    leaving.answer()
        self.web.wait_request("/slow")
        event.set()
        self.assertEqual(staying.answer()["id"], asked)


class Cancelling(SessionTest):
    CANCELLED = {"code": -32006, "message": "call.cancel ended this call"}

    def cancel(self, engine, of, request_id=None):
        return engine.request("call.cancel", {"id": of}, request_id)

    def test_one_call_ends_and_the_others_go_on(self):
        engine = self.engine(self.start(configuration(self.hooks)))
        event = self.event("/slow")
        staying, leaving = engine.start_route("path", call_id="slow"), engine.start_route("never")
        request = self.web.wait_request("/never")
        cancel = self.cancel(engine, leaving)
        engine.send_json(cancel)
        self.assertEqual(engine.answer(), {"jsonrpc": "2.0", "id": leaving, "error": self.CANCELLED})
        self.assertEqual(engine.answer(), {"jsonrpc": "2.0", "id": cancel["id"], "result": {"cancelled": True}})
        connection = self.web.connections[request.connection - 1]
        self.assertTrue(connection.closed_by_peer.wait(PATIENCE), "the web server waits for nobody")
        event.set()
        self.assertEqual(engine.answer()["id"], staying)

    def test_in_one_breath_with_its_call(self):
        engine = self.engine(self.start(configuration(self.hooks)))
        for of in ("a", 1, 1.50, -3):
            with self.subTest(of):
                engine.send_json(engine.request("call.route", call("never"), of), self.cancel(engine, of, "cancel"))
                self.assertEqual(engine.answer()["error"], self.CANCELLED)
                self.assertEqual(engine.answer()["result"], {"cancelled": True})

    def test_in_a_batch_with_its_call(self):
        engine = self.engine(self.start(configuration(self.hooks)))
        engine.send_json([engine.request("call.route", call("never"), "a"), self.cancel(engine, "a", "b")])
        answers = {answer["id"]: answer for answer in engine.answer()}
        self.assertEqual(answers["a"]["error"], self.CANCELLED)
        self.assertEqual(answers["b"]["result"], {"cancelled": True})

    def test_of_a_code_that_is_being_asked_for(self):
        ivr = {"start_message": "enter", "incorrect_message": "wrong", "timeout_message": "silent"}
        engine = self.engine(self.start(configuration({"code": {"url": self.web.url("/never?code={code}"),
                                                                "timeout": ample(), "ivr": ivr}})))
        state = engine.route("code")["state"]
        engine.send_json(engine.request("call.continue", {"state": state, "code": "12"}, "going on"))
        self.web.wait_request("/never")
        engine.send_json(self.cancel(engine, "going on"))
        self.assertEqual(engine.answer()["error"], self.CANCELLED)
        self.assertEqual(engine.answer()["result"], {"cancelled": True})

    def test_a_notification_cancels_too(self):
        engine = self.engine(self.start(configuration(self.hooks)))
        asked = engine.start_route("never")
        engine.send_json({"jsonrpc": "2.0", "method": "call.cancel", "params": {"id": asked}})
        self.assertEqual(engine.answer(), {"jsonrpc": "2.0", "id": asked, "error": self.CANCELLED})
        self.assert_success(engine.route("crm"))

    def test_what_is_not_under_way_here_is_not_cancelled(self):
        daemon = self.start(configuration(self.hooks))
        engine, other = self.engine(daemon), self.engine(daemon)
        self.assert_success(engine.route("crm"))
        event = self.event("/slow")
        theirs = other.start_route("path", call_id="slow")
        self.web.wait_request("/slow")
        for of in (theirs, 4711, str(theirs)):
            self.assertEqual(engine.ask("call.cancel", id=of)["result"], {"cancelled": False})
        event.set()
        self.assertEqual(other.answer()["id"], theirs)

    def test_the_others_that_share_its_request_keep_it(self):
        hooks = {"kept": {"url": self.web.url("/kept"), "timeout": ample(), "cache": 60}}
        engine = self.engine(self.start(configuration(hooks)))
        event = self.event("/kept")
        first = engine.start_route("kept")
        self.web.wait_request("/kept")
        second = engine.start_route("kept")
        engine.send_json(self.cancel(engine, first, "cancel"))
        self.assertEqual(engine.answer()["error"], self.CANCELLED)
        self.assertEqual(engine.answer()["id"], "cancel")
        event.set()
        answer = engine.answer()
        self.assertEqual((answer["id"], answer["result"]["branch"]), (second, "success"))


class BackPressure(SessionTest):
    MOST = 64 * 1024 * 1024

    def send_until_stuck(self, engine, line):
        """Sends without ever reading until the daemon takes no more; how many whole lines it took, and what is left
        of the next one."""
        block = line * (65536 // len(line))
        sent = 0
        engine.socket.setblocking(False)
        while sent < self.MOST and select.select([], [engine.socket], [], 0.5 * SLACK)[1]:
            at = sent % len(block)
            sent += engine.socket.send(block[at:])
        engine.socket.settimeout(PATIENCE)
        self.assertLess(sent, self.MOST, "the daemon takes requests without end though nobody reads its answers")
        return sent // len(line), line[sent % len(line):] if sent % len(line) else b""

    def test_an_engine_that_does_not_read_is_not_read_either(self):
        self.hooks["down"] = {"url": "http://10.0.0.1/", "timeout": ample()}
        daemon = self.start(configuration(self.hooks, server={"log": {"decisions": "none"}}))
        cases = {"errors": b'{"jsonrpc":"2.0","id":1,"method":"nobody"}\n',
                 "calls": b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"webhook":"down","did":"1"}}\n'}
        for name, line in cases.items():
            with self.subTest(name), daemon.engine() as engine:
                whole, rest = self.send_until_stuck(engine, line)
                with self.subTest("other engines are served meanwhile"):
                    self.assert_success(self.engine(daemon).route("crm"))
                # Nothing is lost: once it reads, every request gets its answer.
                with concurrent.futures.ThreadPoolExecutor(1) as pool:
                    sending = pool.submit(engine.send, rest)
                    for _ in range(whole + (1 if rest else 0)):
                        self.assertEqual(engine.answer()["id"], 1)
                    sending.result()
                self.assert_success(engine.route("crm"))

    def test_max_in_flight_fails_the_next_call_at_once(self):
        event = self.event("/held")
        hook = {"url": self.web.url("/held"), "timeout": ample()}
        daemon = self.start(configuration({**self.hooks, "few": {**hook, "max_in_flight": 2}, "many": hook}))
        engine, other = self.engine(daemon), self.engine(daemon)
        under_way = {engine.start_route("few"), engine.start_route("few")}
        self.web.requests.wait_count(2, "requests")
        for asking in (engine, other):
            result, seconds = asking.route_timed("few")
            self.assert_failure(result, "overload", http_status=None, source=None)
            self.assert_prompt(seconds, "overload")
        self.assert_success(other.route("crm"))
        event.set()
        self.assertEqual({engine.answer()["id"], engine.answer()["id"]}, under_way)
        self.assert_success(engine.route("few"))

    def test_calls_that_time_out_or_are_cancelled_make_room_again(self):
        hook = {"url": self.web.url("/never"), "timeout": phase(200), "max_in_flight": 1}
        daemon = self.start(configuration({"short": hook, "long": {**hook, "timeout": ample()}}))
        engine = self.engine(daemon)
        for _ in range(3):
            self.assert_failure(engine.route("short"), "timeout")
        leaving = daemon.engine()
        leaving.start_route("long")
        connection = self.web.connections[self.web.requests.wait_count(4, "requests")[3].connection - 1]
        leaving.close()
        self.assertTrue(connection.closed_by_peer.wait(PATIENCE))
        self.web.on("/never", ACK)
        self.assert_success(engine.route("long"))


def stranger_group(mine):
    return "daemon" if mine == "nogroup" else "nogroup"


class Peers(SessionTest):
    def test_only_listed_users_and_groups_may_ask(self):
        me, mine = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
        # root is not special on these lists: it is refused like any other user that is not there
        stranger = "daemon" if me == "nobody" else "nobody"
        cases = [({"allow_users": [me]}, True), ({"allow_users": [stranger, me]}, True), ({"allow_users": [stranger]}, False),
                 ({"allow_groups": [mine]}, True), ({"allow_groups": [stranger_group(mine)]}, False),
                 ({"allow_users": [stranger], "allow_groups": [mine]}, True)]
        for server, served in cases:
            with self.subTest(**server):
                engine = self.engine(self.start(configuration(self.hooks, server=server)))
                if served:
                    self.assert_success(engine.route("crm"))
                else:
                    self.assert_refused(engine)

    def assert_refused(self, engine):
        before = len(self.web.requests)
        try:
            engine.start_route("crm")
        except CLOSED:
            pass    # closed before we had asked
        self.assertEqual([answer for answer in engine.rest() if "result" in answer], [])
        self.assertEqual(len(self.web.requests), before)

    def test_the_mode_of_the_socket(self):
        for mode in ("0600", "0660", "0666"):
            with self.subTest(mode):
                daemon = self.start(configuration(self.hooks, server={"socket_mode": mode}))
                self.assertEqual(stat.S_IMODE(daemon.socket_path.stat().st_mode), int(mode, 8))


class Threads(SessionTest):
    def test_many_connections_are_served_by_two_threads(self):
        daemon = self.start(configuration(self.hooks, server={"threads": 2}))
        engines = [self.engine(daemon) for _ in range(20)]
        events = [self.event(f"/{n}") for n in range(len(engines))]
        for n, engine in enumerate(engines):
            engine.start_route("path", call_id=str(n))
        self.web.requests.wait_count(len(engines), "requests")
        for n, engine in enumerate(engines):
            with self.subTest(engine=n):
                for result, _ in engine.route_all([call("crm") for _ in range(10)]):
                    self.assert_success(result)
        for event in events:
            event.set()
        for engine in engines:
            self.assert_success(engine.answer()["result"], destination="101")
        threads = len(os.listdir(f"/proc/{daemon.process.pid}/task"))
        self.assertGreaterEqual(threads, 2)

    def test_max_in_flight_counts_over_all_threads(self):
        event = self.event("/held")
        few = {"url": self.web.url("/held"), "timeout": ample(), "max_in_flight": 4}
        daemon = self.start(configuration({"few": few}, server={"threads": 4}))
        engines = [self.engine(daemon) for _ in range(16)]
        for engine in engines:
            engine.start_route("few")
        refused = 0
        waiting = list(engines)
        while refused < len(engines) - 4:
            readable = select.select([engine.socket for engine in waiting], [], [], PATIENCE)[0]
            self.assertTrue(readable, f"only {refused} of 12 were refused")
            for engine in [engine for engine in waiting if engine.socket in readable]:
                self.assert_failure(engine.answer()["result"], "overload")
                waiting.remove(engine)
                refused += 1
        event.set()
        for engine in waiting:
            self.assert_success(engine.answer()["result"])

    def test_the_limit_of_descriptors_is_raised(self):
        daemon = self.start(configuration(self.hooks), soft_descriptors=256)
        with open(f"/proc/{daemon.process.pid}/limits") as limits:
            soft, hard = next(line.split()[3:5] for line in limits if line.startswith("Max open files"))
        self.assertEqual(soft, hard)


if __name__ == "__main__":
    unittest.main()
