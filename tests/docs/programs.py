"""Programs that a test starts and that are gone when it ends."""

import contextlib
import os
import pathlib
import select
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from support.ports import free_port  # noqa: E402

BIN = pathlib.Path(os.environ["DIALHOOK_BIN_DIR"])
PATIENCE = 30  # seconds: how long a healthy but busy machine may take


@contextlib.contextmanager
def running(command, **options):
    """The process of `command`; ended with SIGTERM, or SIGKILL when that does not help."""
    process = subprocess.Popen([str(part) for part in command], **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_it_listens(port, process):
    """Returns whether `process` serves the port; false when it ended instead."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return False
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
            return True
        select.select([], [], [], 0.02)
    raise TimeoutError(f"{process.args} does not listen on port {port}")


@contextlib.contextmanager
def web_server(command_for):
    """Starts the web server `command_for(port)` on a free port and yields the port; takes another one when somebody was
    quicker."""
    for _ in range(5):
        port = free_port()
        with running(command_for(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            if wait_until_it_listens(port, process):
                yield port
                return
    raise RuntimeError(f"{command_for('PORT')} ends at once")


@contextlib.contextmanager
def daemon(webhooks):
    """A daemon with these lines of YAML under `webhooks:`; yields the path of its engines' socket once it is ready."""
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        folder = pathlib.Path(name)
        notify.bind(str(folder / "notify"))
        notify.settimeout(PATIENCE)
        engines = folder / "dialhook.sock"
        config = folder / "dialhook.yaml"
        config.write_text(f"server: {{ socket: {engines}, control: {folder / 'control.sock'} }}\n"
                          f"egress: {{ allow: [127.0.0.0/8] }}\nwebhooks:\n{webhooks}", encoding="utf-8")
        environment = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify")}
        with running([BIN / "dialhookd", "--config", config], env=environment):
            while b"READY=1" not in notify.recv(4096):
                pass
            yield engines
