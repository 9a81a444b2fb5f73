"""Start, stop, and what is left behind: no call is dropped that could be answered, no socket is taken from a living
daemon, and a dead one's is no obstacle."""
import signal
import socket
import threading
import unittest

from support import replies
from support.case import DialhookTest, stopwatch
from support.configuration import configuration
from support.daemon import Daemon
from support.engine import CLOSED
from support.patience import LATENESS, ample, phase
from support.replies import held, respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=101")


class LifecycleTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", ACK).on("/never", replies.hang))
        self.open_gate = threading.Event()
        self.addCleanup(self.open_gate.set)
        self.web.on("/held", held(self.open_gate, ACK))

    def content(self, **server):
        return configuration({"crm": {"url": self.web.url(), "timeout": ample()},
                              "held": {"url": self.web.url("/held"), "timeout": ample()},
                              "never": {"url": self.web.url("/never"), "timeout": ample()}}, server=server)


class Stop(LifecycleTest):
    def terminate(self, daemon):
        daemon.signal(signal.SIGTERM)
        daemon.notify.wait("STOPPING=1")

    def test_calls_under_way_get_their_decision_and_then_the_daemon_ends(self):
        daemon = self.start(self.content(drain=ample()))
        engine = self.engine(daemon)
        asked = {engine.start_route("held") for _ in range(5)}
        self.web.requests.wait_count(5, "requests")
        self.terminate(daemon)
        self.open_gate.set()
        answers = engine.rest()
        self.assertEqual({answer["id"] for answer in answers}, asked)
        for answer in answers:
            self.assert_success(answer["result"], destination="101")
        self.assertEqual(daemon.wait_exit(), 0)

    def test_idle_connections_are_closed_at_once_and_nothing_more_is_read(self):
        daemon = self.start(self.content(drain=ample()))
        busy, idle = self.engine(daemon), self.engine(daemon)
        self.assert_success(idle.route("crm"))
        asked = busy.start_route("held")
        self.web.wait_request("/held")
        self.terminate(daemon)
        watch = stopwatch()
        idle.assert_closed()
        self.assert_prompt(watch(), "idle connection closed at a stop")
        try:
            busy.start_route("crm")
        except CLOSED:
            pass    # the daemon has shut the direction that it does not read
        self.open_gate.set()
        self.assertEqual([answer["id"] for answer in busy.rest()], [asked])
        self.assertEqual(daemon.wait_exit(), 0)

    def test_no_new_connection_is_served(self):
        daemon = self.start(self.content(drain=ample()))
        busy = self.engine(daemon)
        busy.start_route("held")
        self.web.wait_request("/held")
        self.terminate(daemon)
        late = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(late.close)
        before = len(self.web.requests)
        try:
            late.connect(str(daemon.socket_path))
            late.sendall(b'{"jsonrpc":"2.0","id":1,"method":"call.route","params":{"webhook":"crm","did":"1"}}\n')
        except OSError:
            pass    # refused: even better
        self.open_gate.set()
        self.assertEqual(len(busy.rest()), 1)
        self.assertEqual(daemon.wait_exit(), 0)
        self.assertEqual(len(self.web.requests), before)

    def test_what_is_not_done_when_the_drain_is_over_fails_as_shutdown(self):
        daemon = self.start(self.content(drain=phase(300)))
        engine = self.engine(daemon)
        asked = {engine.start_route("never") for _ in range(3)}
        self.web.requests.wait_count(3, "requests")
        self.terminate(daemon)
        watch = stopwatch()
        answers = engine.rest()
        self.assert_in_time(watch(), int(phase(300).removesuffix("ms")) / 1000, "drain")
        self.assertEqual({answer["id"] for answer in answers}, asked)
        for answer in answers:
            self.assert_failure(answer["result"], "shutdown", http_status=None, source=None)
        self.assertEqual(daemon.wait_exit(), 0)

    def test_a_drain_of_zero_answers_at_once(self):
        daemon = self.start(self.content(drain=0))
        engine = self.engine(daemon)
        engine.start_route("never")
        self.web.wait_request("/never")
        self.terminate(daemon)
        watch = stopwatch()
        self.assert_failure(engine.answer()["result"], "shutdown")
        self.assert_prompt(watch(), "drain of zero")
        self.assertEqual(daemon.wait_exit(), 0)

    def test_a_second_sigterm_ends_at_once(self):
        daemon = Daemon(self.content(drain="10m"))
        self.addCleanup(daemon.kill)
        engine = self.engine(daemon)
        engine.start_route("never")
        self.web.wait_request("/never")
        self.terminate(daemon)
        watch = stopwatch()
        daemon.signal(signal.SIGTERM)
        daemon.wait_exit()
        self.assert_prompt(watch(), "second SIGTERM")

    def test_an_idle_daemon_ends_at_once(self):
        for threads in (1, 2):
            with self.subTest(threads=threads):
                daemon = self.start(self.content(drain=ample(), threads=threads))
                self.assert_success(self.engine(daemon).route("crm"))
                self.terminate(daemon)
                watch = stopwatch()
                self.assertEqual(daemon.wait_exit(), 0)
                self.assertLess(watch(), 1 + LATENESS)

    def test_an_engine_that_does_not_read_its_answers_does_not_hold_up_the_stop(self):
        daemon = self.start(self.content(drain=phase(300), log={"decisions": "none"}))
        engine = self.engine(daemon)
        engine.socket.setblocking(False)
        line = b'{"jsonrpc":"2.0","id":1,"method":"nobody"}\n' * 1000
        try:
            for _ in range(2000):
                engine.socket.send(line)
        except BlockingIOError:
            pass
        self.terminate(daemon)
        self.assertEqual(daemon.wait_exit(), 0)


class Sockets(LifecycleTest):
    def second(self, daemon):
        """A daemon that wants the sockets of another one: its exit code and what it says."""
        with_notify = Daemon(self.content(), scratch=daemon.scratch, wait_ready=False)
        try:
            return with_notify.wait_exit(), with_notify.stderr()
        finally:
            with_notify.kill()

    def test_the_socket_of_a_living_daemon_is_never_stolen(self):
        daemon = self.start(self.content())
        engine = self.engine(daemon)
        self.assert_success(engine.route("crm"))
        code, said = self.second(daemon)
        self.assertNotEqual(code, 0)
        self.assertIn(str(daemon.scratch.path), said)
        self.assert_success(engine.route("crm"))
        self.assert_success(self.engine(daemon).route("crm"))

    def test_the_socket_of_a_busy_daemon_with_a_full_queue_is_not_stolen_either(self):
        # A process that listens and never accepts stands for a daemon that is stopped in a debugger.
        scratch = self.scratch()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(listener.close)
        path = scratch.path / "engine.sock"
        listener.bind(str(path))
        listener.listen(0)
        inode = path.stat().st_ino
        daemon = Daemon(self.content(), scratch=scratch, wait_ready=False)
        self.addCleanup(daemon.kill)
        self.assertNotEqual(daemon.wait_exit(), 0)
        self.assertEqual(path.stat().st_ino, inode)

    def test_a_socket_left_by_kill_9_is_replaced(self):
        scratch = self.scratch()
        killed = self.start(self.content(), scratch=scratch)
        self.assert_success(self.engine(killed).route("crm"))
        killed.kill()
        self.assertTrue(killed.socket_path.is_socket(), "nobody tidied up")
        daemon = self.start(self.content(), scratch=scratch)
        self.assert_success(self.engine(daemon).route("crm"))

    def test_a_daemon_may_start_again_after_an_orderly_end(self):
        scratch = self.scratch()
        for _ in range(3):
            daemon = self.start(self.content(), scratch=scratch)
            self.assert_success(self.engine(daemon).route("crm"))
            daemon.stop()

    def test_an_orderly_end_leaves_neither_sockets_nor_locks(self):
        scratch = self.scratch()
        daemon = self.start(self.content(), scratch=scratch)
        self.assertTrue(any(scratch.path.glob("*.lock")))
        self.assertNotEqual(self.second(daemon)[0], 0)
        self.assertEqual(len(list(scratch.path.glob("*.lock"))), 2, "and one that is refused takes no other's away")
        daemon.stop()
        self.assertEqual([*scratch.path.glob("*.lock"), *scratch.path.glob("*.sock")], [])

    def test_a_file_in_the_place_of_the_socket_is_left_alone(self):
        scratch = self.scratch()
        precious = scratch.write("engine.sock", "precious")
        daemon = Daemon(self.content(), scratch=scratch, wait_ready=False)
        self.addCleanup(daemon.kill)
        self.assertNotEqual(daemon.wait_exit(), 0)
        self.assertIn(str(precious), daemon.stderr())
        self.assertEqual(precious.read_text(), "precious")

    def test_a_socket_that_cannot_be_made_is_said(self):
        too_long = "/tmp/" + "x" * 120
        for path, said in (("/nonexistent/folder/engine.sock", "/nonexistent/folder does not exist"), (too_long, "server.socket: found a path of 125 bytes")):
            with self.subTest(said):
                daemon = Daemon(self.content(socket=path), wait_ready=False)
                self.addCleanup(daemon.kill)
                self.assertNotEqual(daemon.wait_exit(), 0)
                self.assertIn(said, daemon.stderr())

    def test_the_daemon_does_not_start_with_a_faulty_configuration(self):
        scratch = self.scratch()
        daemon = Daemon("webhooks:\n  crm:\n    timeot: 1s\n", scratch=scratch, wait_ready=False)
        self.addCleanup(daemon.kill)
        self.assertNotEqual(daemon.wait_exit(), 0)
        self.assertIn("dialhook.yaml:3:5:", daemon.stderr())
        self.assertNotIn("READY=1", daemon.notify.messages.entries())


if __name__ == "__main__":
    unittest.main()
