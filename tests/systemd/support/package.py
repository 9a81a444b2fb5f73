"""The Debian package that scripts/package has built, and others made of it."""
import os
import pathlib
import shutil
import subprocess

from . import ROOT


def built():
    """Where the newest one is: of scripts/package, or of scripts/package --untrained."""
    found = [deb for preset in ("trained", "release") for deb in (ROOT / "build" / preset / "package").glob("dialhook_*.deb")]
    assert found, "there is no package; scripts/package builds it"
    return max(found, key=lambda deb: deb.stat().st_mtime)


def version():
    return subprocess.run(["dpkg-deb", "--field", built(), "Version"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()


# What packages were like when /etc/dialhook/dialhook.yaml was a conffile of dpkg's, with every key in it.
BEFORE = "b1c8748cbad6dc30dbb381a5a91db9f4eefddd13"
UNITS = "usr/lib/systemd/system"


def as_version(number, folder, change=lambda content: None):
    """The same package with another version, in `folder`: what an upgrade goes to. `change` gets the unpacked files."""
    content = folder / f"content-{number}"
    subprocess.run(["dpkg-deb", "--raw-extract", built(), content], check=True)
    control = content / "DEBIAN" / "control"
    lines = control.read_text().splitlines()
    control.write_text("".join(f"Version: {number}\n" if line.startswith("Version:") else line + "\n" for line in lines))
    change(content)
    package = folder / f"dialhook_{number}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", content, package],
                   stdout=subprocess.DEVNULL, check=True)
    shutil.rmtree(content)
    return package


def before(folder):
    """The version before, in `folder`: the one that $DIALHOOK_BEFORE names (scripts/upgrade-from builds it), or else its packaging
    around the programs of this one, which takes no second build."""
    if path := os.environ.get("DIALHOOK_BEFORE"):
        return pathlib.Path(shutil.copy(path, folder))
    return as_version("0.1.0~before-1", folder, _with_the_packaging_of_before)


def _with_the_packaging_of_before(content):
    shutil.rmtree(content / "usr/libexec")
    (content / "usr/share/dialhook/dialhook.yaml").unlink()
    shutil.rmtree(content / UNITS)
    _check_out("cmake/debian", content / "DEBIAN", ["conffiles", "postinst", "prerm", "postrm"])
    _check_out("config", content / "etc/dialhook", ["dialhook.yaml"])
    _check_out("systemd", content / UNITS, ["dialhook.service", *(f"dialhook-{socket}.socket" for socket in (
        "control", "engine", "fastagi", "http"))])
    for kind in ("sysusers", "tmpfiles"):
        _check_out("systemd", content / f"usr/lib/{kind}.d", [f"dialhook.{kind}"])
        (content / f"usr/lib/{kind}.d/dialhook.{kind}").rename(content / f"usr/lib/{kind}.d/dialhook.conf")
    sums = content / "DEBIAN" / "md5sums"
    sums.write_text("".join(line for line in sums.read_text().splitlines(True) if (content / line.split()[1]).exists()))


def _check_out(folder, to, files):
    to.mkdir(parents=True, exist_ok=True)
    for file in files:
        shown = subprocess.run(["git", "-C", ROOT, "show", f"{BEFORE}:{folder}/{file}"], stdout=subprocess.PIPE, check=False)
        assert shown.returncode == 0, f"git has no commit {BEFORE}: these tests need a clone with its history (git fetch --unshallow)"
        (to / file).write_bytes(shown.stdout)
        if to.name == "DEBIAN" and file != "conffiles":
            (to / file).chmod(0o755)
