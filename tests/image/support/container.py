"""A container of the image that scripts/image has made, run as an engine would run it: what the image says is to be run, as its user, on a root
that is only read, with namespaces of its own and Docker's capabilities. The engine is `unshare` and `chroot`.
"""
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import threading

from . import ROOT
from .journal import Journal
from .patience import PATIENCE
from .scratch import Scratch

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1

# Of the container's network alone, and no private one: what the egress rules let through without a word.
PUBLIC = "11.0.0.1"

RUN = """
set -e
root=$1 user=$2 binds=$3
shift 3
ip link set lo up
ip address add """ + PUBLIC + """/32 dev lo
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/dev"
for device in null zero full random urandom; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
echo "$binds" | while IFS=: read -r here there options; do
    [ -d "$here" ] || [ -e "$root$there" ]
    mount --bind "$here" "$root$there"
    [ "$options" != ro ] || mount -o remount,bind,ro "$root$there"
done
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs scripts/as-in-a-container env -i "$@"
"""


def layout():
    """The image as a folder, and its tag."""
    folder = ROOT / "build" / "image" / "oci"
    assert (folder / "index.json").exists(), f"there is no image in {folder}; scripts/image makes it"
    manifest, = json.loads((folder / "index.json").read_text())["manifests"]
    return folder, manifest["annotations"]["org.opencontainers.image.ref.name"]


class Image:
    """Unpacked from its layers, as an engine does. `config`: what it says of how to run it."""

    def __init__(self):
        self._scratch = Scratch()
        self.bundle = self._scratch.path / "bundle"
        folder, tag = layout()
        subprocess.run(["umoci", "unpack", "--image", f"{folder}:{tag}", self.bundle], check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE * 4)
        self.root = self.bundle / "rootfs"

        def blob(descriptor):
            return json.loads((folder / "blobs" / descriptor["digest"].replace(":", "/")).read_text())
        index = json.loads((folder / "index.json").read_text())
        self.config = blob(blob(index["manifests"][0])["config"])["config"]

    def close(self):
        self._scratch.remove()


class Container:
    """Ready for calls once constructed. `binds`: triples of a path here, a path there, and `ro` or `rw`."""

    def __init__(self, image, binds, wait_ready=True):
        self.image, self.log = image, Journal()
        command = [*image.config["Env"], "/usr/sbin/chroot", f"--userspec={image.config['User']}", image.root,
                   *image.config["Entrypoint"], *image.config["Cmd"]]
        lines = "\n".join(f"{here}:{there}:{options}" for here, there, options in binds)
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child", "sh", "-c", RUN, "sh",
             image.root, image.config["User"], lines, *command],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if wait_ready:
            self.log.wait_entry(lambda line: '"message":"ready"' in line or "(ended)" in line, "a log line that it is ready")
            assert "(ended)" not in self.log.entries(), self.stderr()
            self.pid = self._first_process()

    def _first_process(self):
        """Of the container; None before it has one."""
        children = pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return next(map(int, children.read_text().split()), None)

    def _read(self):
        for line in self._process.stderr:
            self.log.add(line.decode("utf-8", "backslashreplace").rstrip("\n"))
        self.log.add("(ended)")

    def stderr(self):
        return "\n".join(self.log.entries())

    def enter_network(self):
        """This thread, and those that it starts from now on, are on the container's network."""
        with open(f"/proc/{self.pid}/ns/net", "rb") as network:
            if LIBC.setns(network.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def run(self, *command, user=None):
        """`docker exec`: the exit code and what it printed."""
        uid, gid = (user or self.image.config["User"]).split(":")
        done = subprocess.run(
            ["env", "-i", *self.image.config["Env"], "/usr/bin/nsenter", f"--target={self.pid}", "--mount", "--pid", "--net", "--uts", "--ipc",
             "--root", "--wd=/", f"--setuid={uid}", f"--setgid={gid}", "--", *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
        return done.returncode, done.stdout

    def status(self):
        """What the kernel says of its first process."""
        lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return dict(line.split(":\t", 1) for line in lines)

    def signal(self, number):
        os.kill(self.pid, number)

    def wait_exit(self):
        """The exit code, as the engine would show it."""
        return self._process.wait(PATIENCE)

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait_exit()

    def close(self):
        if self._process.poll() is None:
            # --kill-child is not enough: what a parent's death means for a process is forgotten when its user changes.
            for process in filter(None, (self._first_process(), self._process.pid)):
                os.kill(process, signal.SIGKILL)
            self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self._process.stderr.close()
