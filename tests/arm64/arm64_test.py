"""The programs for arm64 that were cross-compiled: what the package and the image hold, and that the daemon answers a call under QEMU."""
import os
import re
import select
import subprocess
import unittest

from support import ROOT
from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import check, sibling
from support.patience import PATIENCE, ample

PACKAGES = ROOT / "build" / "arm64" / "package"
IMAGE = ROOT / "build" / "image"
LIBRARIES = {"libboost-url1.81.0", "libc-ares2", "libc6", "libgcc-s1", "libjemalloc2", "libspdlog1.10-fmt9", "libsqlite3-0", "libssl3",
             "libstdc++6", "libsystemd0", "libyaml-0-2"}


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=5 * PATIENCE).stdout


def mock_on(test):
    """The address of a web server for trials that `test` ends."""
    server = subprocess.Popen([sibling("dialhookctl"), "mock", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    test.addCleanup(server.stdout.close)
    test.addCleanup(server.wait, PATIENCE)
    test.addCleanup(server.terminate)
    assert select.select([server.stdout], [], [], PATIENCE)[0], "the mock server says where it listens"
    return re.search(r"http://[\d.]+:\d+", server.stdout.readline()).group()


class Package(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.deb,) = PACKAGES.glob("dialhook_*_arm64.deb")
        scratch = cls.share_scratch()
        subprocess.run(["dpkg-deb", "--extract", cls.deb, scratch.path], check=True)
        cls.programs = [scratch.path / "usr/sbin/dialhookd", scratch.path / "usr/bin/dialhookctl"]

    def test_says_which_architecture_it_is_for(self):
        self.assertEqual(output("dpkg-deb", "--field", self.deb, "Architecture").strip(), "arm64")

    def test_depends_on_every_library_and_on_versions_of_those_that_have_them(self):
        depends = dict(re.fullmatch(r"(\S+)(?: \((.*)\))?", name.strip()).groups()
                       for name in output("dpkg-deb", "--field", self.deb, "Depends").split(",") if "|" not in name)
        self.assertEqual(set(depends), LIBRARIES)
        for name in ("libc6", "libstdc++6", "libssl3", "libboost-url1.81.0"):
            self.assertRegex(depends[name] or "", r"^>= \d", name)

    def test_programs_are_hardened_and_stripped(self):
        for program in self.programs:
            with self.subTest(program.name):
                elf = output("readelf", "--wide", "--file-header", "--program-headers", "--dynamic", "--sections", program)
                self.assertRegex(elf, r"Machine:\s+AArch64")
                self.assertRegex(elf, r"Type:\s+DYN")
                self.assertRegex(elf, r"\(FLAGS_1\).*NOW.*PIE")
                self.assertIn("GNU_RELRO", elf)
                self.assertNotIn(".debug_info", elf)
                code = output("aarch64-linux-gnu-objdump", "--disassemble", program)
                self.assertGreater(code.count("paciasp"), 100, "return addresses are signed")


class Answers(DialhookTest):
    def test_the_sample_has_no_faults(self):
        code, said = check(ROOT / "config" / "dialhook.yaml")
        self.assertEqual(code, 0, said)
        self.assertIn("no faults", said)

    def test_a_fault_is_named(self):
        file = self.scratch().write("dialhook.yaml", "webhooks: { crm: { url: nowhere } }\n")
        code, said = check(file)
        self.assertEqual(code, 1)
        self.assertIn("dialhook.yaml:1:", said)

    def test_a_call(self):
        daemon = self.start(configuration({"crm": {"url": mock_on(self) + "/in?did={did}", "timeout": ample()}}))
        said = output(sibling("dialhookctl"), "route", "crm", "--did", "+31502102544", "--callerid", "+31612345678",
                      "--socket", daemon.socket_path)
        self.assertRegex(said, r"^success: ACK \(webhook crm, HTTP 200, ")
        self.assertRegex(said, r"(?m)^  destination   100$")


class Image(unittest.TestCase):
    def test_its_daemon_starts_with_the_images_libraries_alone(self):
        root = IMAGE / "root"
        self.assertEqual(len(list(IMAGE.glob("dialhook_*_arm64.oci.tar"))), 1)
        emulator = os.environ["DIALHOOK_EMULATOR"].split()
        emulator[emulator.index("-L") + 1] = str(root)
        done = subprocess.run([*emulator, root / "usr/sbin/dialhookd", "--config", root / "etc/dialhook/dialhook.yaml", "--check"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=5 * PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("0 webhooks, no faults", done.stdout)


if __name__ == "__main__":
    unittest.main()
