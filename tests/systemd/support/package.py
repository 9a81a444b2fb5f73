"""The Debian package that scripts/package has built."""
import subprocess

from . import ROOT


def built():
    """Where it is."""
    found = sorted((ROOT / "build" / "trained" / "package").glob("dialhook_*.deb"))
    assert len(found) == 1, f"there should be one package, but there is {found}; scripts/package builds it"
    return found[0]


def version():
    return subprocess.run(["dpkg-deb", "--field", built(), "Version"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()


def as_version(number, folder):
    """The same package with another version, in `folder`: what an upgrade goes to."""
    content = folder / f"content-{number}"
    subprocess.run(["dpkg-deb", "--raw-extract", built(), content], check=True)
    control = content / "DEBIAN" / "control"
    lines = control.read_text().splitlines()
    control.write_text("".join(f"Version: {number}\n" if line.startswith("Version:") else line + "\n" for line in lines))
    package = folder / f"dialhook_{number}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", content, package],
                   stdout=subprocess.DEVNULL, check=True)
    return package
