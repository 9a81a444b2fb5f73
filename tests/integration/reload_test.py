"""SIGHUP: the next call sees the new configuration, calls under way keep the old one, and a fault changes nothing."""
import pathlib
import re
import subprocess
import threading
import unittest

from support import replies
from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import sibling
from support.patience import PATIENCE, ample
from support.replies import held, respond
from support.webserver import WebServer


def pauses(daemon):
    """How often the thread that reads configurations went to sleep by itself."""
    for task in pathlib.Path(f"/proc/{daemon.process.pid}/task").iterdir():
        if (task / "comm").read_text() == "dialhook-load\n":
            return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.MULTILINE)[1])
    raise AssertionError("there is no thread that reads configurations")


class Reload(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer())
        for name in ("old", "new"):
            self.web.on(f"/{name}", respond(f"status=ACK&callername={name}"))

    def content(self, path="/old", **more):
        return configuration({"crm": {"url": self.web.url(path), "timeout": ample()}}, **more)

    def name_by(self, engine):
        return engine.route("crm")["callername"]

    def test_the_next_call_sees_the_new_configuration(self):
        daemon = self.start(self.content())
        engine = self.engine(daemon)
        self.assertEqual(self.name_by(engine), "old")
        content = self.content("/new")
        content["webhooks"]["added"] = content["webhooks"]["crm"]
        daemon.reload(content)
        self.assertEqual(self.name_by(engine), "new")
        self.assert_success(engine.route("added"))
        del content["webhooks"]["crm"]
        daemon.reload(content)
        engine.start_route("crm")
        self.assertEqual(engine.answer()["error"]["code"], -32001)

    def test_all_threads_see_the_new_configuration(self):
        daemon = self.start(self.content(server={"threads": 3}))
        engines = [self.engine(daemon) for _ in range(9)]
        self.assertEqual({self.name_by(engine) for engine in engines}, {"old"})
        daemon.reload(self.content("/new", server={"threads": 3}))
        self.assertEqual({self.name_by(engine) for engine in engines}, {"new"})

    def test_calls_under_way_end_with_the_old_configuration(self):
        event = threading.Event()
        self.addCleanup(event.set)
        self.web.on("/redirect", held(event, replies.redirect("/old")))
        content = self.content("/redirect")
        content["webhooks"]["crm"]["headers"] = {"X-Version": "old"}
        daemon = self.start(content)
        engine = self.engine(daemon)
        asked = engine.start_route("crm")
        self.web.wait_request("/redirect")
        daemon.reload(self.content("/new"))
        self.assertEqual(self.name_by(self.engine(daemon)), "new")
        event.set()
        answer = engine.answer()
        self.assertEqual((answer["id"], answer["result"]["callername"]), (asked, "old"))
        self.assertEqual(self.web.requests[-1].header("X-Version"), "old")

    def test_a_faulty_file_changes_nothing_and_says_so(self):
        faults = {
            "unknown key": ("webhooks:\n  crm:\n    url: http://127.0.0.1/\n    timeot: 1s\n", "dialhook.yaml:4:5"),
            "no YAML": ("webhooks: [\n", "dialhook.yaml:"),
            "empty": ("", "dialhook.yaml:"),
            "missing credential": ("webhooks:\n  crm:\n    url: http://127.0.0.1/\n    headers: { X: \"${file:/nonexistent/x}\" }\n",
                                   "/nonexistent/x"),
        }
        daemon = self.start(self.content())
        engine = self.engine(daemon)
        for name, (text, said) in faults.items():
            with self.subTest(name):
                logged = daemon.reload(text)
                daemon.wait_logged(said, start=logged)
                self.assertEqual(self.name_by(engine), "old")
        with self.subTest("a file that is gone"):
            daemon.config_path.unlink()
            logged = daemon.reload()
            daemon.wait_logged("dialhook.yaml", start=logged)
            self.assertEqual(self.name_by(engine), "old")
        with self.subTest("and the next good one is applied"):
            daemon.reload(self.content("/new"))
            self.assertEqual(self.name_by(engine), "new")

    def test_warnings_are_logged_once_and_refuse_nothing(self):
        content = self.content("/new", dialplans={"100": [{"dail": "1"}]})
        with self.subTest("at a reload"):
            daemon = self.start(self.content())
            logged = daemon.reload(content)
            daemon.wait_logged('"level":"warning"', "dialhook.yaml", "as a step, which no integration", start=logged)
            self.assertEqual(self.name_by(self.engine(daemon)), "new")
            done = subprocess.run([sibling("dialhookctl"), "reload", "--control", str(daemon.scratch.path / "control.sock")],
                                  capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn('found "dail" as a step', done.stdout)
        with self.subTest("at a start"):
            daemon = self.start(content)
            daemon.stop()
            lines = [line for line in daemon.log_lines() if 'found "dail" as a step' in line["message"]]
            self.assertEqual([line["level"] for line in lines], ["warning"])

    def test_what_needs_a_restart_is_said_and_the_rest_is_applied(self):
        changes = {"socket": {"socket": "/tmp/dialhook-elsewhere.sock"}, "threads": {"threads": 2},
                   "control": {"control": "/tmp/dialhook-elsewhere-control.sock"}}
        for setting, server in changes.items():
            with self.subTest(setting):
                daemon = self.start(self.content())
                engine = self.engine(daemon)
                logged = daemon.reload(self.content("/new", server=server))
                daemon.wait_logged(setting, "restart", start=logged)
                self.assertEqual(self.name_by(engine), "new")
                self.assertEqual(self.name_by(self.engine(daemon)), "new")

    def test_kept_connections_of_an_unaltered_webhook_stay(self):
        daemon = self.start(self.content())
        engine = self.engine(daemon)
        self.assertEqual(self.name_by(engine), "old")
        daemon.reload()
        self.assertEqual(self.name_by(engine), "old")
        self.assertEqual(len(self.web.connections), 1)

    def test_included_files_are_read_again(self):
        daemon = self.start(self.content(include="conf.d/*.yaml"))
        engine = self.engine(daemon)
        engine.start_route("late")
        self.assertEqual(engine.answer()["error"]["code"], -32001)
        daemon.scratch.write("conf.d/late.yaml", f"webhooks:\n  late:\n    url: {self.web.url('/new')}\n    timeout: {ample()}\n")
        daemon.reload()
        self.assert_success(engine.route("late"), callername="new")

    def test_who_reads_the_configuration_sleeps_again_and_again(self):
        daemon = self.start(self.content(include="conf.d/*.yaml"))
        many = "".join(f"  w{number}:\n    url: {self.web.url('/')}\n" for number in range(3000))
        daemon.scratch.write("conf.d/many.yaml", "webhooks:\n" + many)
        before = pauses(daemon)
        daemon.reload()
        self.assertGreater(pauses(daemon), before + 10)

    def test_many_reloads_under_load_lose_no_call(self):
        daemon = self.start(self.content(server={"threads": 2}))
        engines = [self.engine(daemon) for _ in range(4)]
        for turn in range(10):
            asked = {engine: {engine.start_route("crm") for _ in range(20)} for engine in engines}
            daemon.reload(self.content("/new" if turn % 2 else "/old", server={"threads": 2}))
            for engine, ids in asked.items():
                answers = [engine.answer() for _ in ids]
                self.assertEqual({answer["id"] for answer in answers}, ids)
                self.assertEqual({answer["result"]["branch"] for answer in answers}, {"success"})


if __name__ == "__main__":
    unittest.main()
