"""The container image as scripts/image makes it: what is in it, and how it runs with what docs/containers.md mounts into it."""
import graphlib
import json
import os
import signal
import stat
import unittest
import urllib.error
import urllib.request

import yaml
from support import ROOT
from support.asterisk import Asterisk
from support.case import DialhookTest
from support.container import PUBLIC, Container, Image, layout
from support.engine import Engine
from support.patience import PATIENCE, ample
from support.replies import respond
from support.webserver import WebServer

CONTAINERS = ROOT / "config" / "containers"
USER = "10001:10001"
HEALTHZ = "http://127.0.0.1:9464/healthz"


def compose():
    return yaml.safe_load((CONTAINERS / "compose.yaml").read_text())


def needed_by(service):
    """The services that Compose starts before this one: those it names, and whose namespaces it shares."""
    shared = (service.get(key, "") for key in ("network_mode", "ipc", "pid"))
    return {*service.get("depends_on", ()), *(value.removeprefix("service:") for value in shared if value.startswith("service:"))}


def setUpModule():
    image = Image()
    unittest.addModuleCleanup(image.close)
    ImageTest.image = image


class ImageTest(DialhookTest):
    image = None


class Content(ImageTest):
    def paths(self):
        for folder, names, files in os.walk(self.image.root):
            yield from (os.path.join(folder, name) for name in names + files)

    def test_it_is_small(self):
        folder, _ = layout()
        self.assertLess(sum(blob.stat().st_size for blob in (folder / "blobs").glob("*/*")), 60e6)

    def test_what_is_run_and_as_whom(self):
        config = self.image.config
        self.assertEqual((config["User"], config["Entrypoint"], config["Cmd"], config["StopSignal"]), (
            USER, ["/usr/sbin/dialhookd"], ["--config", "/etc/dialhook/dialhook.yaml", "--state", "/var/lib/dialhook"], "SIGTERM"))
        self.assertEqual(set(config["Volumes"]), {"/run/dialhook", "/var/lib/dialhook"})
        self.assertTrue(config["Labels"]["org.opencontainers.image.version"])

    def test_nothing_in_it_has_rights_of_its_own(self):
        bad = [path for path in self.paths() if not os.path.islink(path) and os.lstat(path).st_mode & (stat.S_ISUID | stat.S_ISGID)]
        self.assertEqual(bad, [])

    def test_the_daemons_user_owns_the_two_folders_it_writes_to(self):
        owned = [os.path.relpath(path, self.image.root) for path in self.paths() if os.lstat(path).st_uid != 0]
        self.assertEqual(sorted(owned), ["run/dialhook", "var/lib/dialhook"])

    def test_the_only_programs_are_the_daemons_and_busybox(self):
        """What is not there needs no update."""
        names = {name for folder in ("usr/bin", "usr/sbin") for name in os.listdir(self.image.root / folder)}
        self.assertLessEqual({"dialhookd", "dialhookctl", "busybox"}, names)
        self.assertEqual(os.readlink(self.image.root / "usr/bin/sh"), "busybox")
        self.assertEqual(names & {"bash", "dash", "perl", "dpkg", "apt-get", "openssl", "login", "su"}, set())

    def test_scanners_see_what_is_in_it(self):
        packages = os.listdir(self.image.root / "var/lib/dpkg/status.d")
        self.assertLessEqual({"dialhook", "libc6", "libssl3", "busybox-static", "ca-certificates"}, set(packages))
        self.assertIn("ID=debian", (self.image.root / "etc/os-release").read_text())
        for package in set(packages) - {"usr-is-merged"}:
            # libgcc-s1 and libstdc++6 have a link to the folder of gcc-12-base.
            self.assertTrue((self.image.root / "usr/share/doc" / package / "copyright").exists(), package)


class RunningTest(ImageTest):
    """A container with the folders of the page, and a web server that its default egress rules let through."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = cls.share_scratch()
        for name in ("run", "state"):
            (cls.folder.path / name).mkdir()
            cls.own(cls.folder.path / name)
        cls.folder.path.chmod(0o755)
        cls.folder.write("secrets/crm-token", "s3cret\n")
        # The port is known once there is a network to listen on.
        cls.folder.write("conf.d/crm.yaml", "webhooks: {}\n")
        cls.container = cls.share(Container(cls.image, cls.binds()))
        cls._shared_daemons.append(cls.container)
        cls.container.enter_network()
        cls.web = cls.share(WebServer(address=PUBLIC))
        cls.reload({"crm": cls.webhook("/crm")})

    @classmethod
    def own(cls, folder):
        """As Docker makes a volume of the image's own folder."""
        os.chown(folder, *map(int, USER.split(":")))

    @classmethod
    def binds(cls):
        path = cls.folder.path
        return [(path / "run", "/run/dialhook", "rw"), (path / "state", "/var/lib/dialhook", "rw"),
                (path / "conf.d", "/etc/dialhook/conf.d", "ro"), (path / "secrets", "/run/secrets", "ro")]

    @classmethod
    def webhook(cls, path, **more):
        return {"url": cls.web.url(path, host=PUBLIC), "timeout": ample(), **more}

    @classmethod
    def reload(cls, webhooks):
        """SIGHUP to the container, as `docker kill --signal HUP` says it."""
        cls.folder.write("conf.d/crm.yaml", json.dumps({"webhooks": webhooks}))
        logged = len(cls.container.log)
        cls.container.signal(signal.SIGHUP)
        cls.container.log.wait_entry(lambda line: '"configuration re' in line, "a line on the reload", logged)

    def engine(self):
        return self.use(Engine(self.folder.path / "run" / "dialhook.sock"))

    def ask(self, webhook="crm"):
        return self.engine().route(webhook)


class Running(RunningTest):
    def test_a_call_by_the_socket_in_the_shared_folder(self):
        self.web.on("/crm", respond("status=ACK&destination=101"))
        self.assert_success(self.ask(), destination="101")

    def test_it_has_no_rights(self):
        status = self.container.status()
        self.assertEqual([set(status[name].split()) for name in ("Uid", "Gid")], [{"10001"}] * 2)
        self.assertEqual([int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")], [0] * 4)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(status["NSpid"].split()[-1], "1", "the daemon is the container's first process")

    def test_its_root_cannot_be_written_to(self):
        for place in ("/etc/dialhook", "/usr", "/var"):
            code, said = self.container.run("busybox", "touch", f"{place}/new", user="0:0")
            self.assertEqual((code, "Read-only file system" in said), (1, True), said)

    def test_its_log_is_json_on_standard_error(self):
        self.web.on("/crm", respond("status=ACK&destination=101"))
        self.ask()
        self.container.log.wait_entry(lambda line: '"branch":"success"' in line, "the decision's line")
        for line in self.container.log.entries():
            self.assertIn("message", json.loads(line))

    def test_healthy(self):
        with urllib.request.urlopen(HEALTHZ, timeout=PATIENCE) as answer:
            self.assertEqual(answer.status, 200)
        self.assertEqual(self.container.run(*compose()["services"]["dialhook"]["healthcheck"]["test"][1:]), (0, ""))

    def test_dialhookctl_is_in_it(self):
        self.assertEqual(self.container.run("dialhookctl", "status")[0], 0)

    def test_a_secret_is_a_credential(self):
        self.reload({"crm": self.webhook("/crm", headers={"Authorization": "Bearer ${credential:crm-token}"})})
        self.web.on("/crm", respond("status=ACK&destination=101"))
        self.ask()
        self.assertEqual(self.web.requests.entries()[-1].header("Authorization"), "Bearer s3cret")

    def test_a_reload_and_a_faulty_one(self):
        self.web.on("/new", respond("status=ACK&destination=102"))
        self.reload({"crm": self.webhook("/crm"), "new": self.webhook("/new")})
        self.assert_success(self.ask("new"), destination="102")
        self.reload({"crm": {"urll": "http://a/"}})
        self.assert_success(self.ask("new"), destination="102")

    def test_web_servers_are_judged_by_debians_authorities(self):
        code, said = self.container.run("busybox", "grep", "-c", "BEGIN CERTIFICATE", "/etc/ssl/certs/ca-certificates.crt")
        self.assertEqual(code, 0)
        self.assertGreater(int(said), 100)


class Stopping(RunningTest):
    def test_a_stop_drains(self):
        """The call that is under way gets its decision, /healthz says 503 meanwhile, and the exit code is 0."""
        def while_it_drains(connection):
            self.container.signal(signal.SIGTERM)
            with self.assertRaises(urllib.error.HTTPError) as refused:
                wait_for_refusal()
            drained.append((refused.exception.code, self.container.run(*compose()["services"]["dialhook"]["healthcheck"]["test"][1:])[0]))
            return respond("status=ACK&destination=101")(connection)

        def wait_for_refusal():
            while True:
                urllib.request.urlopen(HEALTHZ, timeout=PATIENCE).close()

        drained = []
        self.web.on("/crm", while_it_drains)
        self.assert_success(self.ask(), destination="101")
        self.assertEqual(self.container.wait_exit(), 0)
        self.assertEqual(drained, [(503, 1)])


class Coming(RunningTest):
    def test_a_container_that_comes_after_another_uses_its_folders(self):
        """Its socket and its last good configuration are there, and conf.d is broken by now."""
        self.container.stop()
        self.folder.write("conf.d/crm.yaml", "webhooks: {crm: {}}\n")
        after = self.use(Container(self.image, self.binds()))
        self.assertEqual(after.run("dialhookctl", "status", "--json")[0], 0)
        self.assertTrue(json.loads(after.run("dialhookctl", "status", "--json")[1])["stale"])


class BesideAsterisk(RunningTest):
    """compose.yaml and kubernetes.yaml: Asterisk has the container's network, and asks over its loopback device."""

    @classmethod
    def own(cls, folder):
        """As Kubernetes makes a volume for the group of the pod's `fsGroup`."""
        os.chown(folder, 0, int(USER.split(":")[1]))
        folder.chmod(0o2777)

    def test_a_call(self):
        asterisk = self.use(Asterisk(4573))
        self.web.on("/crm", respond("status=ACK&destination=103"))
        call = asterisk.call("+31502102544")
        self.assertEqual(call.callee().extension, "103")
        call.wait_ended()


class Samples(ImageTest):
    """The files for Compose, Podman and Kubernetes say what the image is like; no engine is here to run them."""

    def setUp(self):
        super().setUp()
        self.compose = compose()["services"]["dialhook"]
        documents = list(yaml.safe_load_all((CONTAINERS / "kubernetes.yaml").read_text()))
        self.config_map, self.secret, self.set = documents
        self.pod = self.set["spec"]["template"]["spec"]
        self.sidecar, = self.pod["initContainers"]
        self.quadlet = (CONTAINERS / "dialhook.container").read_text().splitlines()
        self.own = yaml.safe_load((CONTAINERS / "dialhook.yaml").read_text())["server"]

    def test_user_and_root(self):
        self.assertEqual((self.compose["user"], self.compose["read_only"], self.compose["cap_drop"]), (USER, True, ["ALL"]))
        context = self.sidecar["securityContext"]
        self.assertEqual(f"{context['runAsUser']}:{context['runAsGroup']}", USER)
        self.assertTrue(context["readOnlyRootFilesystem"] and context["runAsNonRoot"])
        self.assertEqual(self.pod["securityContext"]["fsGroup"], context["runAsGroup"])
        self.assertLessEqual({"ReadOnly=true", "DropCapability=all", "NoNewPrivileges=true"}, set(self.quadlet))
        self.assertIn("--owner=10001 --group=10001", "\n".join(self.quadlet))

    def test_compose_finds_an_order_to_start_in(self):
        order = graphlib.TopologicalSorter({name: needed_by(service) for name, service in compose()["services"].items()})
        self.assertEqual(list(order.static_order()), ["asterisk", "dialhook"])

    def test_folders(self):
        places = {"/etc/dialhook/conf.d", "/run/dialhook", "/var/lib/dialhook"}
        self.assertEqual({volume.split(":")[1] for volume in self.compose["volumes"]}, places)
        self.assertEqual({mount["mountPath"] for mount in self.sidecar["volumeMounts"]}, places | {"/etc/dialhook/credentials"})
        self.assertEqual({line.split(":")[1] for line in self.quadlet if line.startswith("Volume=")}, places)
        volumes = {volume["name"] for volume in self.pod["volumes"]}
        for container in (self.sidecar, *self.pod["containers"]):
            self.assertLessEqual({mount["name"] for mount in container["volumeMounts"]}, volumes)
        for place in places:
            self.assertTrue((self.image.root / place.lstrip("/")).is_dir(), place)

    def test_a_stop_has_time_to_drain(self):
        drain = 10  # seconds, `server.drain`, which the image leaves as it is
        self.assertNotIn("drain", self.own)
        self.assertGreater(int(self.compose["stop_grace_period"].rstrip("s")), drain)
        self.assertGreater(self.pod["terminationGracePeriodSeconds"], drain)
        self.assertIn("PodmanArgs=--stop-timeout=20", self.quadlet)

    def test_health_is_asked_where_the_image_answers(self):
        health = " ".join(self.compose["healthcheck"]["test"][1:])
        self.assertIn(f"http://{self.own['http']}/healthz", health)
        self.assertEqual(" ".join(self.sidecar["startupProbe"]["exec"]["command"]), health)
        self.assertIn(f"HealthCmd={health}", self.quadlet)

    def test_credentials_of_the_sample_are_there(self):
        self.assertIn("${credential:crm-token}", self.config_map["data"]["crm.yaml"])
        self.assertEqual(list(self.secret["stringData"]), ["crm-token"])
        self.assertEqual(self.compose["secrets"], list(compose()["secrets"]))


if __name__ == "__main__":
    unittest.main()
