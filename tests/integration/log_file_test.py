"""The log in a file, which is opened again when it was renamed, and in syslog."""
import gzip
import grp
import json
import os
import pathlib
import pwd
import re
import signal
import socket
import subprocess
import unittest

from support import namespaces
from support.asking import Asking
from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import check, program, sibling
from support.patience import PATIENCE, Deadline, ample
from support.replies import respond
from support.webserver import WebServer

ROOT = pathlib.Path(__file__).resolve().parents[2]


class LogFileTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("status=ACK&destination=101")))
        self.files = self.scratch()
        self.file = self.files.path / "dialhook.log"

    def content(self, **log):
        return configuration({"crm": {"url": self.web.url(), "timeout": ample()}},
                             server={"log": {"level": "info", "decisions": "all", "format": "json", "file": str(self.file), **log}})

    def lines(self, *files):
        return [line for file in files or (self.file,) for line in file.read_text().splitlines()]

    def wait_line(self, text, file=None):
        deadline = Deadline()
        while not (found := [line for line in self.lines(file or self.file) if text in line]):
            self.assertFalse(deadline.over(), f"{text} in {self.lines(file or self.file)}")
        return found[0]

    def dialhookctl(self, daemon, *words):
        return subprocess.run([sibling("dialhookctl"), *words, "--control", str(daemon.scratch.path / "control.sock")],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=5 * PATIENCE, text=True)


class Lines(LogFileTest):
    def test_they_go_to_the_file_alone(self):
        for kind, looks in (("json", r'\{"time":"[^"]+","level":"info","message":"decision","call_id":"known"'),
                            ("text", r"\S+Z info decision call_id=known "), ("auto", r"\S+Z info decision call_id=known ")):
            with self.subTest(kind):
                self.file = self.files.path / f"{kind}.log"
                daemon = self.start(self.content(format=kind))
                self.engine(daemon).route("crm", call_id="known")
                daemon.stop()
                self.assertRegex(self.wait_line("known"), looks)
                self.assertIn("stopped", self.lines()[-1])
                self.assertEqual(daemon.stderr(), "")

    def test_a_restart_appends(self):
        for call_id in ("first", "second"):
            daemon = self.start(self.content())
            self.engine(daemon).route("crm", call_id=call_id)
            daemon.stop()
        self.assertEqual([json.loads(line)["call_id"] for line in self.lines() if "call_id" in line], ["first", "second"])

    def test_only_owner_and_group_may_read_it(self):
        self.start(self.content())
        self.assertEqual(self.file.stat().st_mode & 0o137, 0, oct(self.file.stat().st_mode))


class Faults(LogFileTest):
    def faults_of(self, **log):
        file = self.files.write("faulty.yaml", json.dumps(self.content(**log)))
        code, said = check(file)
        self.assertEqual(code, 1, said)
        return said

    def test_the_check_names_what_is_wrong(self):
        (self.files.path / "folder").mkdir()
        self.files.write("file", "")
        for path, said in (("log/dialhook.log", 'found "log/dialhook.log", expected the absolute path'),
                           (f"{self.files.path}/none/dialhook.log", f"there is no folder {self.files.path}/none/; make it first"),
                           (f"{self.files.path}/folder", "found a folder, expected the path of a file in it"),
                           (f"{self.files.path}/file/dialhook.log", f"cannot make a file in {self.files.path}/file/: Not a directory"),
                           (f"{self.files.path}/folder/", "expected the absolute path of a file")):
            with self.subTest(path):
                faults = self.faults_of(file=path)
                self.assertIn("server.log.file: ", faults)
                self.assertIn(said, faults)
        self.assertIn("`format: syslog` writes to no file", self.faults_of(format="syslog"))

    def test_a_folder_that_cannot_be_written(self):
        folder = self.files.path / "closed"
        folder.mkdir(mode=0o500)
        file = self.files.write("dialhook.yaml", json.dumps(self.content(file=f"{folder}/dialhook.log")))
        done = subprocess.run(["unshare", "--user", program(), "--config", str(file), "--check"],    # takes root's rights away
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout, rf"server.log.file: user \d+ cannot make a file in {folder}/: Permission denied")


class Rotation(LogFileTest):
    def test_it_is_opened_again_at_sighup_and_by_dialhookctl_reload(self):
        daemon = self.start(self.content())
        engine = self.engine(daemon)
        for turn, reload in enumerate((daemon.reload, lambda: self.dialhookctl(daemon, "reload"))):
            old = self.file.rename(self.files.path / f"old{turn}")
            reload()
            engine.route("crm", call_id=f"call-{turn}")
            self.wait_line(f"call-{turn}")
            self.assertNotIn(f"call-{turn}", old.read_text())

    def test_a_faulty_configuration_does_not_keep_the_old_file(self):
        daemon = self.start(self.content())
        self.file.rename(self.files.path / "old")
        daemon.reload("webhooks: [\n")
        self.wait_line("configuration refused")

    def test_what_cannot_be_opened_again_is_said_and_the_old_file_stays(self):
        daemon = self.start(self.content())
        folder = self.files.path / "away"
        folder.mkdir()
        old = self.file.rename(folder / "old")
        self.file.mkdir()
        reloaded = self.dialhookctl(daemon, "reload")
        self.assertIn(f"cannot open {self.file} again", reloaded.stdout)
        self.engine(daemon).route("crm", call_id="after-it")
        self.wait_line("after-it", old)

    def test_another_file_takes_a_restart(self):
        daemon = self.start(self.content())
        daemon.reload(self.content(file=str(self.files.path / "other.log")))
        self.wait_line("server.log.file changes only at a restart")

    def test_logrotate_under_load_loses_no_line(self):
        daemon = self.start(self.content())
        shipped = (ROOT / "config/logrotate/dialhook").read_text()
        user = f"{pwd.getpwuid(os.geteuid()).pw_name} {grp.getgrgid(os.getegid()).gr_name}"
        text = re.sub("systemctl is-active .*", "false", shipped).replace("! false", f"""
            {sibling("dialhookctl")} reload --control {daemon.scratch.path}/control.sock >/dev/null""")
        rules = self.files.write("logrotate.conf", text.replace("/var/log/dialhook/*.log", str(self.file)).replace("dialhook dialhook", user))
        self.assertIn(str(daemon.scratch.path), rules.read_text())
        rules.chmod(0o644)
        engines = [Asking(daemon.socket_path, "crm", f"engine{number}", pipelined=8) for number in range(3)]
        for engine in engines:
            engine.start()
        for turn in range(10):
            asked = len(engines[0].answered)
            engines[0].answered.wait_count(asked + 50, "calls between two rotations")
            done = subprocess.run(["logrotate", "--force", "--state", str(self.files.path / "state"), str(rules)],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=5 * PATIENCE)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
        for engine in engines:
            engine.finish()
        self.assertEqual(daemon.status()["log_dropped"], 0)
        daemon.stop()
        rotated = list(self.files.path.glob("dialhook.log.*.gz"))
        self.assertEqual(len(rotated), 10)
        lines = [*self.lines(), *(line for file in rotated for line in gzip.decompress(file.read_bytes()).decode().splitlines())]
        logged = sorted(line["call_id"] for line in map(json.loads, lines) if "branch" in line)
        self.assertEqual(logged, sorted(call for engine in engines for call in engine.answered))


class Syslog(LogFileTest):
    def setUp(self):
        super().setUp()
        self.folder = self.files.path / "dev"
        self.folder.mkdir()
        self.log = None

    def listen(self):
        self.log = self.use(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self.log.settimeout(PATIENCE)
        self.log.bind(str(self.folder / "log"))

    def start_daemon(self):
        content = self.content(format="syslog")
        del content["server"]["log"]["file"]
        return self.start(content, within=namespaces.with_folder(self.folder, "/dev"))

    def test_each_record_is_a_line_with_its_priority(self):
        self.listen()
        daemon = self.start_daemon()
        self.assertIn("ready", self.log.recv(8192).decode())
        self.engine(daemon).route("crm", call_id="known\nFORGED")
        line = self.log.recv(8192).decode()
        self.assertRegex(line, rf'^<30>\w+ +\d+ [0-9:]+ dialhookd\[{daemon.process.pid}\]: decision call_id="known\\nFORGED" ')
        daemon.signal(signal.SIGHUP)
        self.assertIn("configuration reloaded", self.log.recv(8192).decode())
        self.assertEqual(daemon.stderr(), "")

    def test_without_a_syslog_lines_are_lost_and_counted(self):
        daemon = self.start_daemon()
        self.assert_success(self.engine(daemon).route("crm", call_id="lost"))
        deadline = Deadline()
        while daemon.status()["log_dropped"] < 2:    # this one, and the one of the start
            self.assertFalse(deadline.over())
        self.listen()
        self.engine(daemon).route("crm", call_id="found")
        said = self.log.recv(8192).decode() + self.log.recv(8192).decode()
        self.assertIn("call_id=found", said)
        self.assertTrue(re.search(r"<28>.*: \d+ log records were dropped", said), said)


if __name__ == "__main__":
    unittest.main()
