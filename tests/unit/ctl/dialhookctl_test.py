"""The program `dialhookctl` as a user runs it: exit status, output and messages, against a scripted daemon."""

import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import unittest
import urllib.request

PROGRAM = os.path.join(os.environ["DIALHOOK_BIN_DIR"], "dialhookctl")
DECISION = {
    "action": "route", "branch": "success", "status": "ACK", "reason": None, "destination": "101",
    "callername": "Zoë \x1b[2J", "callerid": {"number": "+31", "presentation": "allowed"}, "variables": {},
    "steps": [], "play": None, "webhook": "crm", "source": "url", "http_status": 200, "elapsed_ms": 1.5,
}


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=30, check=False)


class ScriptedDaemon:
    """Answers one question on a Unix socket with `answer`, a JSON-RPC answer without its id."""

    def __init__(self, answer):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "s")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.listener.settimeout(30)
        self.answer = answer
        self.question = None
        self.thread = threading.Thread(target=self.play)

    def play(self):
        peer, _ = self.listener.accept()
        with peer, peer.makefile("rw", encoding="utf-8") as lines:
            self.question = json.loads(lines.readline())
            lines.write(json.dumps({"jsonrpc": "2.0", "id": self.question["id"], **self.answer}) + "\n")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()
        self.folder.cleanup()


class Route(unittest.TestCase):
    def test_asks_as_an_engine_and_shows_the_decision(self):
        with ScriptedDaemon({"result": DECISION}) as daemon:
            done = run("route", "crm", "--did", "+31", "--callerid=", "--explain", "--socket", daemon.path)
        self.assertEqual(daemon.question["method"], "call.route")
        self.assertEqual(daemon.question["params"],
                         {"did": "+31", "webhook": "crm", "callerid": "", "explain": True})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "success: ACK (webhook crm, HTTP 200, 1.5 ms)\n"
                                      "  destination   101\n"
                                      "  callername    Zoë \\x1b[2J\n"
                                      "  callerid      +31 (allowed)\n")

    def test_json_is_the_raw_result_in_one_line_of_ascii(self):
        with ScriptedDaemon({"result": DECISION}) as daemon:
            done = run("--socket", daemon.path, "--json", "route", "--did", "+31")
        self.assertEqual(json.loads(done.stdout), DECISION)
        self.assertTrue(done.stdout.isascii())
        self.assertEqual(done.stdout.count("\n"), 1)
        self.assertEqual(done.returncode, 0)

    def test_the_failure_branch_is_exit_status_1(self):
        with ScriptedDaemon({"result": {**DECISION, "branch": "failure", "reason": "timeout"}}) as daemon:
            done = run("route", "--did", "+31", "--socket", daemon.path)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.startswith("failure: timeout (webhook crm,"))

    def test_an_unknown_webhook_is_refused(self):
        error = {"code": -32001, "message": "unknown webhook 'crn'"}
        with ScriptedDaemon({"error": error}) as daemon:
            done = run("route", "crn", "--did", "+31", "--socket", daemon.path, "--json")
        self.assertEqual((done.returncode, done.stderr), (1, "dialhookctl: unknown webhook 'crn'\n  Which are there?  dialhookctl webhooks\n"))
        self.assertEqual(json.loads(done.stdout), {"error": error})

    def test_an_action_of_a_newer_daemon_is_named(self):
        with ScriptedDaemon({"result": {"action": "transfer"}}) as daemon:
            done = run("route", "--did", "+31", "--socket", daemon.path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("asks for 'transfer'", done.stderr)


class Control(unittest.TestCase):
    def test_status_and_webhooks_are_asked_without_parameters(self):
        for command, result in (("status", {"version": "0.1.0"}), ("webhooks", {"webhooks": []})):
            with ScriptedDaemon({"result": result}) as daemon:
                done = run(command, "--control", daemon.path)
            self.assertEqual(daemon.question, {"jsonrpc": "2.0", "id": 1, "method": command})
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_refused_reload_lists_the_errors(self):
        error = {"code": -32010, "message": "the configuration was refused",
                 "data": {"errors": ["/etc/d.yaml:1:2: first", "/etc/d.yaml:3:4: second"]}}
        with ScriptedDaemon({"error": error}) as daemon:
            done = run("reload", "--control", daemon.path)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr, "/etc/d.yaml:1:2: first\n/etc/d.yaml:3:4: second\n"
                                      "dialhookctl: the configuration was refused\n")

    def test_an_answer_of_a_wrong_shape_is_no_crash(self):
        for result in ([], "text", {"uptime_s": "x"}, {"decisions": {"failure": 3}}):
            with ScriptedDaemon({"result": result}) as daemon:
                done = run("status", "--control", daemon.path)
            self.assertIn(done.returncode, (0, 1))

    def test_no_daemon_is_exit_status_3(self):
        done = run("status", "--control", "/nowhere/c.sock")
        self.assertEqual(done.returncode, 3)
        self.assertIn("/nowhere/c.sock: No such file or directory", done.stderr)

    def test_programs_are_told_of_a_daemon_that_is_away_in_json(self):
        done = run("--json", "status", "--control", "/nowhere/c.sock")
        self.assertEqual(done.returncode, 3)
        self.assertIn("/nowhere/c.sock: No such file", json.loads(done.stdout)["error"]["message"])
        self.assertIn("systemctl status dialhook", done.stderr)

    def test_wrong_usage_is_exit_status_2(self):
        self.assertEqual(run("statsu").returncode, 2)

    @unittest.skipIf(os.geteuid() != 0, "root can become nobody, others cannot")
    def test_a_socket_that_is_not_ours_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            path = os.path.join(folder, "c.sock")
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(path)
                listener.listen()
                os.chmod(path, 0o600)
                # The program's own folder may be closed to nobody; an open descriptor is not.
                with open(PROGRAM, "rb") as program:
                    done = subprocess.run([f"/proc/self/fd/{program.fileno()}", "status", "--control", path], user=65534,
                                          pass_fds=[program.fileno()], capture_output=True, text=True, timeout=30,
                                          check=False)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith(f"dialhookctl: may not use {path}: Permission denied\n"), done.stderr)
        self.assertIn("sudo dialhookctl", done.stderr)


class Mock(unittest.TestCase):
    def start(self, *arguments):
        process = subprocess.Popen([PROGRAM, "mock", "--listen", "127.0.0.1:0", *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        ready, _, _ = select.select([process.stdout], [], [], 30)
        self.assertTrue(ready, "the mock says nothing")
        first = process.stdout.readline()
        self.assertRegex(first, r"^listening on http://127\.0\.0\.1:\d+\n$")
        return process, first.split()[-1]

    def test_answers_and_prints_a_line_for_each_request(self):
        process, url = self.start()
        with urllib.request.urlopen(url + "/nak?did=%2B31", timeout=30) as reply:
            self.assertEqual(reply.read(), b"status=NAK")
        self.assertEqual(process.stdout.readline(), "GET /nak?did=%2B31 -> 200 status=NAK\n")

    def test_json_has_an_object_a_line(self):
        process = subprocess.Popen([PROGRAM, "mock", "--listen", "127.0.0.1:0", "--json"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        url = json.loads(process.stdout.readline())["message"].split()[-1]
        with urllib.request.urlopen(url + "/nak", timeout=30):
            self.assertEqual(json.loads(process.stdout.readline()), {"message": "GET /nak -> 200 status=NAK"})

    def test_both_signals_end_it_with_0(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process, _ = self.start()
            process.send_signal(number)
            self.assertEqual(process.wait(timeout=30), 0)

    def test_ends_with_0_while_a_request_hangs(self):
        process, url = self.start()
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as client:
            client.sendall(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(process.stdout.readline(), "GET /hang -> hangs\n")
            process.terminate()
            self.assertEqual(process.wait(timeout=30), 0)

    def test_a_faulty_replies_file_is_refused_with_its_places(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("- {path: /a}\n- {delay: soon, body: x}\n")
            file.flush()
            done = run("mock", "--replies", file.name)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{file.name}:1:3: a rule needs an answer", done.stderr)
        self.assertIn(f"{file.name}:2:11: 'delay' must be a time", done.stderr)

    def test_a_port_that_is_taken_says_so(self):
        _, url = self.start()
        done = run("mock", "--listen", url.removeprefix("http://"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("Address already in use", done.stderr)


if __name__ == "__main__":
    unittest.main()
