"""Who of the users of this host may control the daemon."""
import os
import pwd
import socket
import stat
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.patience import PATIENCE


def ask_as_nobody(path):
    """What a reload comes to that the user `nobody` asks for: in a process of its own, which gives root up."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(pwd.getpwnam("nobody").pw_gid)
            os.setuid(pwd.getpwnam("nobody").pw_uid)
            os.write(writing, reload_at(path))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with open(reading, "rb") as said:
        return said.read()


def reload_at(path):
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(PATIENCE)
        try:
            control.connect(str(path))
            control.sendall(b'{"jsonrpc":"2.0","id":1,"method":"reload"}\n')
            return control.recv(65536) or b"closed"
        except PermissionError:
            return b"no permission"
        except (BrokenPipeError, ConnectionResetError):
            return b"closed"


class Control(DialhookTest):
    def test_the_control_socket_is_root_s_and_the_daemon_s_own(self):
        daemon = self.start(configuration({"crm": {"url": "http://crm.example/"}}))
        path = daemon.scratch.path / "control.sock"
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(path.stat().st_uid, os.geteuid())
        self.assertEqual(daemon.status()["webhooks"], 1)
        if os.geteuid() != 0:
            self.skipTest("only root can ask as another user")
        daemon.scratch.path.chmod(0o755)
        self.assertEqual(ask_as_nobody(path), b"no permission")
        with self.subTest("whatever its mode is"):
            path.chmod(0o666)
            self.assertEqual(ask_as_nobody(path), b"closed")
            daemon.wait_logged("control connection refused")


if __name__ == "__main__":
    unittest.main()
