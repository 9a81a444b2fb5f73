"""A file for each customer: what a reload comes to, whichever files changed, and what `reload --dry-run` and `webhooks --match` say."""
import json
import os
import subprocess
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import check, sibling
from support.patience import PATIENCE, ample
from support.replies import respond
from support.webserver import WebServer

CUSTOMERS = 300


class ManyFiles(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer())
        for name in ("old", "new"):
            self.web.on(f"/{name}", respond(f"status=ACK&callername={name}"))
        self.files = self.scratch()
        for number in range(CUSTOMERS):
            self.customer(number)
        self.settings = {"include": "customers/*.yaml", "defaults": {"timeout": ample()}}
        self.daemon = self.start(self.main(), scratch=self.files)
        self.asking = self.engine(self.daemon)

    def main(self, **more):
        return {**configuration({"of the main file": {"url": self.web.url("/old")}}), **self.settings, **more}

    def customer(self, number, path="/old", name=None, **keys):
        """Written beside the file and renamed, as a program should."""
        name = name or f"customer-{number}"
        content = {"webhooks": {name: {"url": self.web.url(path), **keys}},
                   "dialplans": {f"+31{number:09}": [{"webhook": name}]}}
        return self.files.write(f"customers/{number:06}.yaml", json.dumps(content))

    def remove(self, number):
        (self.files.path / f"customers/{number:06}.yaml").unlink()

    def ctl(self, *arguments):
        return subprocess.run([sibling("dialhookctl"), "--control", str(self.files.path / "control.sock"), *arguments],
                              capture_output=True, text=True, timeout=PATIENCE)

    def done(self, *arguments):
        done = self.ctl(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def name_by(self, number):
        return self.asking.route(f"customer-{number}")["callername"]

    def refused(self):
        """What a reload says of faults, which is what a daemon that reads all for the first time says."""
        done = self.ctl("reload")
        self.assertEqual(done.returncode, 1, done.stdout)
        code, printed = check(self.daemon.config_path)
        self.assertEqual(code, 1)
        faults = done.stderr.splitlines()[:-1]
        self.assertEqual(faults, printed.splitlines()[:len(faults)])
        return faults


class Reload(ManyFiles):
    def test_one_changed_file_among_many(self):
        self.customer(7, "/new")
        self.assertEqual(self.done("reload"), "the configuration was read again and is in force\n")
        self.assertEqual((self.name_by(6), self.name_by(7), self.name_by(8)), ("old", "new", "old"))
        self.assertEqual(self.daemon.status()["webhooks"], CUSTOMERS + 1)

    def test_one_changed_in_place_twice_within_a_moment(self):
        """The size is the same, and so may the time be."""
        path = self.files.path / "customers/000007.yaml"
        text = {name: path.read_text().replace("/old", f"/{name}") for name in ("old", "new")}
        for name in ("new", "old", "new"):
            path.write_text(text[name])
            self.done("reload")
            self.assertEqual(self.name_by(7), name)

    def test_files_come_and_go(self):
        self.customer(CUSTOMERS)
        self.remove(3)
        self.customer(4, "/new", name="customer-3")
        self.done("reload")
        self.assertEqual((self.name_by(3), self.name_by(CUSTOMERS)), ("new", "old"))
        self.assertEqual(self.daemon.status()["webhooks"], CUSTOMERS + 1)
        self.asking.start_route("customer-4")
        self.assertEqual(self.asking.answer()["error"]["code"], -32001)
        self.asking.send_json(self.asking.request("call.route", {"did": f"+31{4:09}"}))
        self.assertEqual(self.asking.answer()["result"]["webhook"], "customer-3")

    def test_a_fault_is_said_until_it_is_repaired(self):
        self.customer(5, timeout="never")
        first = self.refused()
        self.assertEqual(len(first), 1)
        self.assertIn("000005.yaml:1:", first[0])
        self.assertEqual(self.refused(), first)
        self.customer(9, name="customer-8")
        self.assertEqual(len(self.refused()), 2, "the name that stands twice too")
        self.assertEqual(self.name_by(5), "old", "nothing changed")
        self.customer(5, "/new")
        self.customer(9)
        self.done("reload")
        self.assertEqual(self.name_by(5), "new")

    def test_a_webhook_that_a_dialplan_of_another_file_needs(self):
        self.files.write("customers/zz.yaml", json.dumps({"dialplans": {"100": [{"webhook": "customer-1"}]}}))
        self.done("reload")
        self.remove(1)
        self.assertIn('there is no webhook "customer-1"', self.refused()[0])
        self.customer(1)
        self.done("reload")

    def test_a_secret_changes_under_a_file_that_does_not(self):
        secret = self.files.write("secret", "one")
        self.customer(2, headers={"X-Token": f"${{file:{secret}}}"})
        self.done("reload")
        self.asking.route("customer-2")
        self.files.write("secret", "two")
        self.done("reload")
        self.asking.route("customer-2")
        self.assertEqual([request.header("X-Token") for request in self.web.requests], ["one", "two"])
        os.unlink(secret)
        self.assertIn("000002.yaml:1:", self.refused()[0])

    def test_the_main_file_changes_all(self):
        self.daemon.configure(self.main(defaults={"timeout": ample(), "headers": {"X-All": "yes"}}))
        self.done("reload")
        self.asking.route("customer-2")
        self.assertEqual(self.web.requests[-1].header("X-All"), "yes")


class DryRun(ManyFiles):
    def test_says_what_would_change_and_changes_nothing(self):
        self.customer(CUSTOMERS)
        self.customer(5, "/new")
        self.remove(3)
        self.daemon.configure(self.main(notifications={"crm": {"url": self.web.url("/events")}},
                                        server={"threads": 2, "redact": True}, vars=["tenant"]))
        said = self.done("reload", "--dry-run")
        self.assertEqual(said.splitlines(), [
            "a reload would change this:",
            f"  webhooks      1 added: customer-{CUSTOMERS}",
            "  webhooks      1 changed: customer-5",
            "  webhooks      1 removed: customer-3",
            f"  dialplans     1 added: +31{CUSTOMERS:09}",
            f"  dialplans     1 removed: +31{3:09}",
            "  notifications 1 added: crm",
            "  settings      3 changed: server.threads, server.redact, vars",
            "  server.threads would change only at a restart"])
        self.assertEqual((self.name_by(3), self.name_by(5)), ("old", "old"))
        self.assertIsNone(self.daemon.status()["last_reload"])
        answer = json.loads(self.done("reload", "--dry-run", "--json"))
        self.assertEqual(answer["webhooks"], {"added": [f"customer-{CUSTOMERS}"], "changed": ["customer-5"], "removed": ["customer-3"]})
        self.assertEqual(answer["messages"], ["server.threads would change only at a restart"])
        self.done("reload")
        self.assertEqual(self.name_by(5), "new")
        self.assertEqual(self.done("reload", "--dry-run"),
                         "a reload would change nothing\n  server.threads would change only at a restart\n")

    def test_nothing_and_everything(self):
        self.assertEqual(self.done("reload", "--dry-run"), "a reload would change nothing\n")
        self.daemon.configure(self.main(defaults={"timeout": ample(), "redirects": 1}))
        said = self.done("reload", "--dry-run").splitlines()
        self.assertEqual(len(said), 2, said)
        self.assertTrue(said[1].startswith(f"  webhooks      {CUSTOMERS + 1} changed: customer-0, customer-1, customer-10, "), said)
        self.assertTrue(said[1].endswith(f" and {CUSTOMERS + 1 - 20} more"), said)

    def test_a_secret_that_changed_changes_its_webhooks(self):
        secret = self.files.write("secret", "one")
        self.customer(2, headers={"X-Token": f"${{file:{secret}}}"})
        self.done("reload")
        self.files.write("secret", "two")
        self.assertEqual(self.done("reload", "--dry-run"), "a reload would change this:\n  webhooks      1 changed: customer-2\n")

    def test_changed_tokens_of_engines_are_said_and_not_shown(self):
        self.daemon.configure(self.main(server={"engine_http": {"listen": "127.0.0.1:1", "tokens": ["canary"]}}))
        said = self.done("reload", "--dry-run")
        self.assertEqual(said, "a reload would change this:\n  settings      1 changed: server.engine_http\n"
                               "  server.engine_http.listen would change only at a restart\n")

    def test_faults(self):
        self.customer(5, timeout="never")
        done = self.ctl("reload", "--dry-run")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("000005.yaml:1:", done.stderr)
        self.assertIn("1 fault", done.stderr)
        self.assertIsNone(self.daemon.status()["last_reload"], "none was refused, since there was none")


class Match(ManyFiles):
    def names(self, pattern):
        answer = json.loads(self.done("webhooks", "--match", pattern, "--json"))
        self.assertEqual(answer["known"], CUSTOMERS + 1)
        return [webhook["name"] for webhook in answer["webhooks"]]

    def test_names_that_match(self):
        self.assertEqual(self.names("main"), ["of the main file"])
        self.assertEqual(self.names("MAIN"), ["of the main file"])
        self.assertEqual(self.names("*-29?"), [f"customer-{number}" for number in range(290, 300)])
        self.assertEqual(self.names("customer-29"), ["customer-29", *(f"customer-{number}" for number in range(290, 300))])
        self.assertEqual(self.names("main*"), [])
        self.assertEqual(len(self.names("*")), CUSTOMERS + 1)
        self.assertEqual(len(self.done("webhooks", "--match", "customer-7?").splitlines()), 11, "a heading and ten")
        self.assertEqual(self.done("webhooks", "--match", "nobody"), f"none of {CUSTOMERS + 1} webhooks matches\n")


if __name__ == "__main__":
    unittest.main()
