"""Socket activation: systemd opens the sockets and keeps them, so that a restart refuses nobody."""
import signal
import socket
import threading
import unittest

from support.agi import AgiChannel
from support.asking import Asking
from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import Daemon
from support.engine import Engine
from support.patience import ample
from support.replies import held, respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=101")


class SocketActivationTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", ACK))
        self.open_gate = threading.Event()
        self.addCleanup(self.open_gate.set)
        self.web.on("/held", held(self.open_gate, ACK))
        self.folder = self.scratch()
        self.path = self.folder.path / "passed.sock"

    def content(self, **server):
        return configuration({"crm": {"url": self.web.url("/?id={call_id}"), "timeout": ample()},
                              "held": {"url": self.web.url("/held?id={call_id}"), "timeout": ample()}},
                             server={"drain": ample(), **server})

    def unix(self, path=None):
        listener = self.use(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        listener.bind(str(path or self.path))
        listener.listen(128)
        return listener

    def tcp(self):
        return self.use(socket.create_server(("127.0.0.1", 0)))

    def connect(self):
        return self.use(Engine(self.path))


class Serving(SocketActivationTest):
    def test_engines_are_served_on_the_passed_socket_and_its_file_stays(self):
        daemon = self.start(self.content(), passed=[("engine", self.unix())])
        self.assert_success(self.connect().route("crm"), destination="101")
        self.assertFalse(daemon.socket_path.exists(), "no second socket is opened")
        self.assertTrue((daemon.scratch.path / "control.sock").is_socket(), "what was not passed is opened")
        daemon.stop()
        self.assertTrue(self.path.is_socket(), "the file of a passed socket is systemd's")

    def test_what_the_configuration_says_of_a_passed_socket_is_said_to_be_in_vain(self):
        daemon = self.start(self.content(), passed=[("engine", self.unix())])
        daemon.wait_logged("server.socket is not used", str(self.path), "ListenStream=")
        logged = daemon.reload()
        daemon.wait_logged("server.socket is not used", start=logged)

    def test_fastagi_is_served_on_a_passed_socket_even_if_the_configuration_names_none(self):
        listener = self.tcp()
        self.start(self.content(), passed=[("fastagi", listener)])
        channel = self.use(AgiChannel(listener.getsockname()[1], "webhook/crm"))
        channel.play_through(())
        self.assertEqual(channel.variables["DIALHOOK_BRANCH"], "success")

    def test_dialhookctl_is_answered_on_a_passed_control_socket(self):
        daemon = self.start(self.content(control=str(self.path)),
                            passed=[("engine", self.unix(self.folder.path / "e")), ("control", self.unix())])
        control = self.connect()
        answer = control.ask_raw('{"jsonrpc":"2.0","id":1,"method":"status"}')
        self.assertEqual(answer["result"]["socket"], str(self.folder.path / "e"))
        self.assertEqual(daemon.process.poll(), None)


class Refused(SocketActivationTest):
    def refused(self, *passed):
        daemon = Daemon(self.content(), passed=passed, wait_ready=False)
        self.addCleanup(daemon.kill)
        self.assertNotEqual(daemon.wait_exit(), 0)
        return daemon.stderr()

    def test_a_socket_of_the_wrong_kind(self):
        datagram = self.use(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        silent = self.use(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        for name, wrong in (("engine", self.tcp()), ("control", datagram), ("fastagi", self.unix()), ("http", silent)):
            with self.subTest(name):
                said = self.refused((name, wrong))
                self.assertIn(f"'{name}'", said)
                self.assertIn("wrong kind", said)

    def test_a_socket_of_an_unknown_name(self):
        said = self.refused(("dialhook.socket", self.unix()))
        self.assertIn("'dialhook.socket'", said)
        self.assertIn("engine, control, fastagi or http", said)

    def test_two_sockets_of_one_name(self):
        said = self.refused(("engine", self.unix()), ("engine", self.unix(self.folder.path / "second")))
        self.assertIn("second one", said)


class Restart(SocketActivationTest):
    def terminate(self, daemon):
        daemon.signal(signal.SIGTERM)
        daemon.notify.wait("STOPPING=1")

    def test_who_connects_during_the_drain_is_served_by_the_next_daemon(self):
        listener = self.unix()
        first = self.start(self.content(), passed=[("engine", listener)])
        busy = self.connect()
        asked = busy.start_route("held")
        self.web.wait_request("/held")
        self.terminate(first)
        late = self.connect()    # not refused: it waits in the queue
        late_asked = late.start_route("crm")
        self.open_gate.set()
        self.assertEqual([answer["id"] for answer in busy.rest()], [asked])
        self.assertEqual(first.wait_exit(), 0)
        self.start(self.content(), passed=[("engine", listener)])
        answer = late.answer()
        self.assertEqual(answer["id"], late_asked)
        self.assert_success(answer["result"])

    def test_a_line_that_the_stop_cuts_off_is_unread_and_not_answered(self):
        daemon = self.start(self.content(), passed=[("engine", self.unix())])
        engine = self.connect()
        asked = engine.start_route("held")
        self.web.wait_request("/held")
        engine.send(b'{"jsonrpc":"2.0","id":7,"met')
        self.terminate(daemon)
        self.open_gate.set()
        self.assertEqual([answer["id"] for answer in engine.rest()], [asked])
        self.assertEqual(daemon.wait_exit(), 0)

    def test_restarts_under_load_answer_each_call_once(self):
        listener = self.unix()
        engines = [Asking(self.path, "crm", "one"), Asking(self.path, "crm", "many", pipelined=16),
                   Asking(self.path, "crm", "short", calls_each=1)]
        for engine in engines:
            engine.start()
        for _ in range(5):
            daemon = self.start(self.content(), passed=[("engine", listener)])
            before = len(self.web.requests)
            self.web.requests.wait_count(before + 40, "requests")
            daemon.stop()
        self.start(self.content(), passed=[("engine", listener)])
        for engine in engines:
            engine.finish()
        answered = sorted(call for engine in engines for call in engine.answered)
        asked = sorted(request.query.removeprefix("id=") for request in self.web.requests_for("/"))
        self.assertEqual(asked, answered, "a call that was read was answered, and one that was not was asked again")


if __name__ == "__main__":
    unittest.main()
