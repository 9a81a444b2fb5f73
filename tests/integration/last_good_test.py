"""A start with a faulty, absent or unreadable configuration: the last good one serves, and with none nothing hangs."""
import json
import os
import signal
import socket
import stat
import subprocess
import time
import unittest

from support.agi import AgiChannel
from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import Daemon, sibling
from support.engine import Engine
from support.patience import LATENESS, PATIENCE, ample, wait_until
from support.ports import free_port
from support.prometheus import Metrics
from support.replies import respond
from support.webserver import WebServer

GOOD, NEWER = "good", "newer"


def ctl(*arguments):
    begin = time.monotonic()
    done = subprocess.run([sibling("dialhookctl"), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
    return done.returncode, done.stdout, time.monotonic() - begin


class LastGoodTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer())
        for name in (GOOD, NEWER):
            self.web.on(f"/{name}", respond(f"status=ACK&callername={name}"))
        self.folder = self.scratch()
        self.state = self.folder.path / "state"
        self.file = self.state / "last-good-configuration"
        self.http = free_port()

    def content(self, name=GOOD, server=None, **more):
        return configuration({"crm": {"url": self.web.url(f"/{name}"), "timeout": ample()}},
                             server={"http": f"127.0.0.1:{self.http}", **(server or {})}, **more)

    def launch(self, content, **options):
        return self.start(content, scratch=self.folder, arguments=["--state", str(self.state)], **options)

    def keep(self, content, holds="crm"):
        """Runs a daemon until it has kept its configuration."""
        daemon = self.launch(content)
        self.wait_kept(holds)
        daemon.stop()

    def wait_kept(self, holds):
        wait_until(lambda: self.file.exists() and holds.encode() in self.file.read_bytes(), f"{holds} is kept")

    def name_by(self, daemon):
        return self.engine(daemon).route("crm")["callername"]

    def refused(self, content, **options):
        """All that a daemon says that cannot start."""
        daemon = Daemon(content, scratch=self.folder, arguments=["--state", str(self.state)], wait_ready=False, **options)
        self.addCleanup(daemon.kill)
        self.assertEqual(daemon.wait_exit(), 1)
        return daemon.stderr()


class Falls(LastGoodTest):
    def break_it(self, how):
        """Returns the file that the first fault names."""
        path = self.folder.path / "dialhook.yaml"
        if path.exists() and not path.is_dir():
            path.unlink()
        if how == "a folder":
            path.mkdir()
            return path
        if how == "a pipe":
            os.mkfifo(path)
            return path
        if path.is_dir():
            path.rmdir()
        if how == "an include that cannot be read":
            include = self.folder.path / "late.yaml"
            os.mkfifo(include)
            path.write_text("include: late.yaml\n")
            return include
        texts = {"an unknown key": "webhooks:\n  crm:\n    url: http://127.0.0.1/\n    timout: 5s\n", "no YAML": "webhooks: [\n",
                 "empty": "", "no file of a secret": "webhooks: { crm: { url: http://a.example/, headers: { X-A: \"${file:/nonexistent}\" } } }\n",
                 "no credential": "webhooks: { crm: { url: http://a.example/, headers: { X-A: \"${credential:gone}\" } } }\n"}
        if how != "absent":
            path.write_text(texts[how])
        return path

    def test_calls_go_on_with_the_last_good_one_and_it_shouts(self):
        self.keep(self.content())
        for how in ("an unknown key", "no YAML", "empty", "no file of a secret", "no credential", "an include that cannot be read",
                    "a pipe", "a folder", "absent"):
            with self.subTest(how):
                place = self.break_it(how)
                daemon = self.launch(None)
                self.assertEqual(self.name_by(daemon), GOOD)
                status = daemon.status()
                self.assertIs(status["stale"], True)
                self.assertTrue(status["faults"][0].startswith(f"{place}:"), status["faults"])
                self.assertEqual(Metrics(self.http)("dialhook_config_stale"), 1)
                self.assertTrue([line for line in daemon.notify.messages.entries() if line.startswith("STATUS=STALE ")])
                daemon.stop()    # its whole log is written then
                errors = [line["message"] for line in daemon.log_lines() if line["level"] == "error"]
                self.assertEqual(errors, ["configuration refused; the last good one is in force, repair it and reload",
                                          *status["faults"]])

    def test_a_good_reload_ends_it(self):
        self.keep(self.content())
        daemon = self.launch("webhooks: [\n")
        since = daemon.status()["config_since"]
        daemon.reload("webhooks: { crm: 1 }\n")
        status = daemon.status()
        self.assertEqual((status["stale"], status["config_since"]), (True, since), "a refused reload changes nothing")
        self.assertIn(":1:18:", status["faults"][0], "but the faults are those of now")
        daemon.reload(self.content(NEWER))
        status = daemon.status()
        self.assertEqual((status["stale"], status["faults"]), (False, []))
        self.assertEqual(Metrics(self.http)("dialhook_config_stale"), 0)
        self.assertEqual(self.name_by(daemon), NEWER)
        self.assertFalse(daemon.notify.messages.entries()[-1].startswith("STATUS=STALE"))
        self.wait_kept(f"/{NEWER}")

    def test_the_service_manager_is_told_the_state_at_each_change(self):
        told = lambda: [line for line in daemon.notify.messages.entries() if line.startswith("STATUS=")]
        daemon = self.launch(self.content())
        daemon.notify.messages.wait(lambda lines: told(), "STATUS=")
        self.assertRegex(told()[-1], r"^STATUS=version \S+, 1 webhook, 0 calls in flight$")
        self.name_by(daemon)
        content = self.content()
        content["webhooks"]["second"] = content["webhooks"]["crm"]
        daemon.reload(content)
        daemon.notify.messages.wait(lambda lines: "2 webhooks" in told()[-1], "the reload's state")
        daemon.reload("webhooks: [\n")
        daemon.notify.messages.wait(lambda lines: "STATUS=reload refused " in told()[-1], "the refusal")
        daemon.stop()
        self.assertTrue(told()[-1].endswith(", stopping"), told())
        self.assertEqual(len(told()), 4, "nothing for each call")

    def test_many_faults_are_summed_up_in_the_log(self):
        self.keep(self.content())
        daemon = self.launch("webhooks:\n" + "".join(f"  w{number}: {{ url: http://a.example/, timout: 1s }}\n" for number in range(100)))
        self.assertEqual(len(daemon.status()["faults"]), 100)
        daemon.stop()
        self.assertEqual(len([line for line in daemon.log_lines() if line["level"] == "error"]), 21)

    def test_dialhookctl_says_which_file_and_time_is_in_force(self):
        self.keep(self.content())
        daemon = self.launch("webhooks: [\n")
        code, said, _ = ctl("status", "--control", self.folder.path / "control.sock")
        self.assertEqual(code, 0)
        self.assertIn(f"STALE: it has faults, and the last good one, applied {daemon.status()['config_since']}, is in force", said)
        self.assertIn("dialhook.yaml:", said)
        _, top, _ = ctl("top", "--once", "--json", "--control", self.folder.path / "control.sock")
        config = json.loads(top)["config"]
        self.assertEqual((config["stale"], config["file"], config["fault_count"]), (True, str(daemon.config_path), len(config["faults"])))

    def test_dialhookctl_waits_for_no_daemon_that_hangs(self):
        daemon = self.start(self.content(), scratch=self.folder)
        daemon.signal(signal.SIGSTOP)
        try:
            code, said, seconds = ctl("status", "--control", self.folder.path / "control.sock")
        finally:
            daemon.signal(signal.SIGCONT)
        self.assertEqual(code, 3)
        self.assertIn("the daemon does not read the request", said)
        self.assertNotIn("last words", said)
        self.assertLessEqual(seconds, 3 + LATENESS)

    def test_included_files_are_kept_too(self):
        self.folder.write("conf.d/more.yaml", f"webhooks:\n  more:\n    url: {self.web.url('/newer')}\n    timeout: {ample()}\n")
        self.keep(self.content(include="conf.d/*.yaml"), holds="more")
        (self.folder.path / "conf.d/more.yaml").unlink()
        daemon = self.launch("webhooks: [\n")
        self.assert_success(self.engine(daemon).route("more"), callername=NEWER)
        self.assertEqual(self.name_by(daemon), GOOD)

    def test_each_reload_that_is_applied_is_kept_and_none_that_is_refused(self):
        daemon = self.launch(self.content())
        daemon.reload(self.content(NEWER))
        self.wait_kept(f"/{NEWER}")
        daemon.reload("webhooks: [\n")
        daemon.stop()
        self.assertEqual(self.name_by(self.launch("webhooks: [\n")), NEWER)

    def test_sockets_that_cannot_be_opened_are_a_fault_too(self):
        self.keep(self.content())
        taken = self.use(socket.create_server(("127.0.0.1", 0)))
        daemon = self.launch(self.content(NEWER, server={"fastagi": f"127.0.0.1:{taken.getsockname()[1]}"}))
        self.assertEqual(self.name_by(daemon), GOOD)
        self.assertIn(f"{taken.getsockname()[1]}", daemon.status()["faults"][0])

    def test_a_reload_that_would_listen_elsewhere_is_not_kept(self):
        daemon = self.launch(self.content())
        self.wait_kept("crm")
        kept = self.file.read_bytes()
        daemon.reload(self.content(NEWER, server={"http": "192.0.2.77:9464"}))
        self.assertEqual(self.name_by(daemon), NEWER)
        self.assertIn("falls back on the one kept before", daemon.status()["last_reload"]["messages"][-1])
        daemon.stop()
        self.assertEqual(self.file.read_bytes(), kept, "nobody has tried yet to listen there")
        again = self.launch(None)
        self.assertEqual(self.name_by(again), GOOD)
        self.assertIn("192.0.2.77", again.status()["faults"][0])

    def test_a_reload_with_another_spool_is_kept(self):
        """One that cannot be opened stops no start."""
        daemon = self.launch(self.content())
        spool = str(self.folder.path / "other.db")
        daemon.reload(self.content(NEWER, server={"spool": spool}))
        self.assertEqual(daemon.status()["last_reload"]["messages"],
                         ["server.spool changes only at a restart; everything else was applied"])
        self.wait_kept(spool)

    def test_a_reload_that_would_log_to_another_file_is_not_kept(self):
        daemon = self.launch(self.content())
        self.wait_kept("crm")
        kept = self.file.read_bytes()
        daemon.reload(self.content(NEWER, server={"log": {"file": str(self.folder.path / "other.log")}}))
        self.assertIn("falls back on the one kept before", daemon.status()["last_reload"]["messages"][-1])
        daemon.stop()
        self.assertEqual(self.file.read_bytes(), kept)

    def test_the_folder_of_the_unit_is_the_default(self):
        environment = {"STATE_DIRECTORY": str(self.state)}
        daemon = self.start(self.content(), scratch=self.folder, environment=environment)
        self.wait_kept("crm")
        self.assertEqual(daemon.status()["last_good"], str(self.file))
        daemon.stop()
        self.assertEqual(self.name_by(self.start("webhooks: [\n", scratch=self.folder, environment=environment)), GOOD)


class Kept(LastGoodTest):
    def test_for_the_daemon_s_user_alone_and_without_the_contents_of_secrets(self):
        secret = self.folder.write("secret", "canary-of-a-file")
        credentials = self.folder.write("credentials/token", "canary-of-a-credential").parent
        content = self.content()
        content["webhooks"]["crm"]["headers"] = {"X-A": "${credential:token}", "X-B": f"${{file:{secret}}}"}
        daemon = self.launch(content, environment={"CREDENTIALS_DIRECTORY": str(credentials)})
        self.wait_kept("${credential:token}")
        self.assertNotIn(b"canary", self.file.read_bytes())
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.state.stat().st_mode), 0o700)
        others = [entry.name for entry in self.state.iterdir() if not entry.name.startswith("spool.db")]
        self.assertEqual(others, [self.file.name])
        daemon.stop()
        secret.write_text("another")
        daemon = self.launch("webhooks: [\n", environment={"CREDENTIALS_DIRECTORY": str(credentials)})
        self.assertEqual(self.name_by(daemon), GOOD)
        request = self.web.requests[-1]
        self.assertEqual((request.header("X-A"), request.header("X-B")), ("canary-of-a-credential", "another"))

    def test_what_does_not_fit_is_refused_and_says_why(self):
        self.keep(self.content())
        kept = self.file.read_bytes()
        self.assertEqual(os.getuid(), 0, "this test gives files away")
        cases = {
            "mode": (lambda: self.file.chmod(0o640), "mode 0600"),
            "owner": (lambda: os.chown(self.file, 65534, 65534), "belongs to user 65534"),
            "cut": (lambda: self.file.write_bytes(kept[:-1]), "checksum is wrong"),
            "changed": (lambda: self.file.write_bytes(kept.replace(b"/good", b"/evil")), "checksum is wrong"),
            "version": (lambda: self.file.write_bytes(kept.replace(b" 1 ", b" 2 ", 1)), "another version"),
            "link": (lambda: (self.file.unlink(), self.file.symlink_to("/dev/zero")), "cannot be read"),
            "pipe": (lambda: (self.file.unlink(), os.mkfifo(self.file, 0o600)), "not a regular file"),
            "absent": (self.file.unlink, "none was kept yet"),
        }
        for name, (spoil, said) in cases.items():
            with self.subTest(name):
                self.file.unlink(missing_ok=True)
                self.file.write_bytes(kept)
                self.file.chmod(0o600)
                spoil()
                self.assertIn(said, self.refused("webhooks: [\n"))
        with self.subTest("another main file"):
            self.file.unlink(missing_ok=True)
            self.file.write_bytes(kept)
            self.file.chmod(0o600)
            other = self.scratch()
            daemon = Daemon("webhooks: [\n", scratch=other, arguments=["--state", str(self.state)], wait_ready=False)
            self.addCleanup(daemon.kill)
            self.assertEqual(daemon.wait_exit(), 1)
            self.assertIn(f"it is the configuration of {self.folder.path}/dialhook.yaml, not of {other.path}/dialhook.yaml", daemon.stderr())

    def test_a_folder_that_cannot_be_written_stops_no_call(self):
        self.state = self.folder.write("a-file", "") / "state"
        daemon = self.launch(self.content())
        daemon.wait_logged("cannot be kept", str(self.state))
        self.assertEqual(self.name_by(daemon), GOOD)

    def test_without_a_folder_none_is_kept(self):
        daemon = self.start(self.content(), scratch=self.folder)
        self.assertIsNone(daemon.status()["last_good"])
        daemon.stop()
        faulty = Daemon("webhooks: [\n", scratch=self.folder, wait_ready=False)
        self.addCleanup(faulty.kill)
        self.assertEqual(faulty.wait_exit(), 1)
        self.assertIn("dialhook.yaml:", faulty.stderr())


class Refuses(LastGoodTest):
    """With none to fall back on, on sockets that the service manager holds."""

    def setUp(self):
        super().setUp()
        self.listeners = {}
        for name in ("engine", "control"):
            listener = self.use(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            listener.bind(str(self.folder.path / f"{name}.sock"))
            listener.listen(128)
            self.listeners[name] = listener
        for name in ("fastagi", "http"):
            self.listeners[name] = self.use(socket.create_server(("127.0.0.1", 0)))

    def port(self, name):
        return self.listeners[name].getsockname()[1]

    def faulty(self, content="webhooks:\n  crm:\n    timout: 5s\n", **options):
        daemon = Daemon(content, scratch=self.folder, passed=list(self.listeners.items()), wait_ready=False, **options)
        self.addCleanup(daemon.kill)
        return daemon

    def engine_before(self):
        return self.use(Engine(self.folder.path / "engine.sock"))

    def test_who_waited_is_answered_and_closed(self):
        asked, silent, half = (self.engine_before() for _ in range(3))
        ids = [asked.start_route("crm"), asked.start_route("crm")]
        asked.send(b'{"jsonrpc":"2.0","id":"a text","method":"nonsense"}\n{"id":')
        half.send(b'{"jsonrpc":"2.0","id":1')
        begin = time.monotonic()
        daemon = self.faulty()
        answers = asked.rest()
        self.assertEqual([answer["id"] for answer in answers], [*ids, "a text"])
        for engine in (silent, half):
            answers += engine.rest()
        self.assertEqual([answer["id"] for answer in answers[3:]], [None, None])
        self.assertEqual({answer["error"]["code"] for answer in answers}, {-32008})
        self.assertNotIn("timout", json.dumps(answers), "an engine need not see the configuration")
        self.assert_prompt(time.monotonic() - begin, "refused", limit=1)
        self.assertEqual(daemon.wait_exit(), 1)
        self.assertIn("dialhook.yaml:3:5:", daemon.stderr())

    def test_each_request_of_a_batch_is_answered(self):
        engine = self.engine_before()
        engine.send(b'[{"jsonrpc":"2.0","id":1,"method":"call.route"},{"jsonrpc":"2.0","id":"b","method":"call.route"}]\n[]\n\n')
        self.faulty()
        batch, empty = engine.rest()    # and nothing for the empty line, as ever
        self.assertEqual([(answer["id"], answer["error"]["code"]) for answer in batch], [(1, -32008), ("b", -32008)])
        self.assertIsNone(empty["id"])

    def test_who_connects_while_it_is_there_is_refused_at_once(self):
        daemon = self.faulty()
        daemon.wait_logged("fault")
        begin = time.monotonic()
        engine = self.engine_before()
        asked = engine.start_route("crm")
        self.assertEqual([answer["id"] for answer in engine.rest()], [asked])
        self.assert_prompt(time.monotonic() - begin, "refused")
        self.assertEqual(daemon.wait_exit(), 1)

    def test_a_channel_is_closed(self):
        channel = self.use(AgiChannel(self.port("fastagi"), "webhook/crm"))
        begin = time.monotonic()
        self.faulty()
        self.assertIsNone(channel.line())
        self.assert_prompt(time.monotonic() - begin, "closed", limit=1)

    def test_health_is_503(self):
        client = self.use(socket.create_connection(("127.0.0.1", self.port("http")), timeout=PATIENCE))
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.faulty()
        answer = b""
        while more := client.recv(65536):
            answer += more
        self.assertTrue(answer.startswith(b"HTTP/1.1 503 "), answer)
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertIn(b"Content-Length: %d\r\n" % len(body), head)

    def test_dialhookctl_says_its_last_words_before_and_after_the_end(self):
        daemon = self.faulty()
        control = ["--control", self.folder.path / "control.sock", "--socket", self.folder.path / "engine.sock"]
        for command in (["status"], ["reload"], ["webhooks"], ["plan", "1"], ["top", "--once"], ["tail", "--once"],
                        ["try", "crm", "--did", "1", "--callerid", "2"], ["route", "crm", "--did", "1", "--callerid", "2"]):
            with self.subTest(command[0]):
                code, said, seconds = ctl(*command, *control)
                self.assertEqual(code, 3, said)
                self.assertIn("it does not run; its last words", said.lower())
                self.assertIn("dialhook.yaml:3:5: ", said)
                self.assertLessEqual(seconds, 3 + LATENESS)
                if daemon.process.poll() is not None:
                    daemon.wait_exit()
                    daemon = self.faulty()
        daemon.signal(signal.SIGTERM)
        daemon.wait_exit()
        for command in (["status"], ["route", "crm", "--did", "1", "--callerid", "2"]):
            with self.subTest(f"{command[0]}, when nobody reads"):
                code, said, seconds = ctl(*command, *control)
                self.assertEqual(code, 3, said)
                self.assertIn("It does not run; its last words, at ", said)
                self.assertIn("dialhook.yaml:3:5: ", said)
                self.assertLessEqual(seconds, 3 + LATENESS)
        words = self.folder.path / "last-words"
        self.assertEqual(stat.S_IMODE(words.stat().st_mode), 0o640)

    def test_a_daemon_that_runs_has_none_and_one_that_was_stopped_says_so(self):
        self.faulty().wait_exit()
        daemon = self.start(self.content(), scratch=self.folder, passed=list(self.listeners.items()))
        self.assertFalse((self.folder.path / "last-words").exists())
        daemon.stop()
        code, said, _ = ctl("status", "--control", self.folder.path / "control.sock")
        self.assertEqual(code, 3)
        self.assertIn("it was stopped", said)

    def test_each_start_stays_longer_and_says_the_faults_once(self):
        stays = []
        for number in range(3):
            out, into = os.pipe()
            journal = os.fstat(into)
            daemon = self.faulty(stderr=into, environment={"JOURNAL_STREAM": f"{journal.st_dev}:{journal.st_ino}"})
            os.close(into)
            begin = time.monotonic()
            with open(out, encoding="utf-8") as printed:
                lines = printed.read().splitlines()
            stays.append(time.monotonic() - begin)
            self.assertEqual(daemon.process.wait(PATIENCE), 1)
            self.assertTrue(lines and all(line.startswith("<3>") for line in lines), lines)
            if number == 0:
                self.assertTrue(any("dialhook.yaml:3:5: " in line for line in lines), lines)
            else:
                self.assertEqual(len(lines), 1, lines)
                self.assertIn("still the same", lines[0])
        self.assertGreater(stays[1], 1.9)
        self.assertGreater(stays[2], 3.9)

    def test_a_signal_to_stop_ends_it_at_once(self):
        daemon = self.faulty()
        daemon.wait_logged("fault")
        begin = time.monotonic()
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait_exit(), 0)
        self.assert_prompt(time.monotonic() - begin, "stopped")

    def test_a_crowd_is_refused_within_the_time(self):
        crowd = [self.engine_before() for _ in range(100)]
        for engine in crowd:
            engine.start_route("crm")
        begin = time.monotonic()
        self.faulty()
        for engine in crowd:
            self.assertEqual([answer["error"]["code"] for answer in engine.rest()], [-32008])
        self.assert_prompt(time.monotonic() - begin, "100 refused", limit=1)


if __name__ == "__main__":
    unittest.main()
