"""The daemon under Valgrind's memcheck, where DIALHOOK_MEMCHECK=1 (`scripts/test valgrind`): its log must stay empty.

A program too, for whoever starts the daemon without this module: `memcheck.py LOG COMMAND…` becomes the command under memcheck.
"""
import os
import pathlib
import sys

IS_ON = os.environ.get("DIALHOOK_MEMCHECK") == "1"

# The daemon's exit code when memcheck found something, for those who see nothing else of it.
EXIT_CODE = 99


def command(log):
    """What stands in front of the command. `--quiet`: the log has errors and nothing else. What is still reachable when the
    daemon ends is no error, since libraries keep it on purpose. A leak is looked for at an orderly end alone; all else is
    reported when it happens, so a daemon that was killed is judged by it too. A child that the daemon forks is not it."""
    return ["valgrind", "--tool=memcheck", "--quiet", f"--error-exitcode={EXIT_CODE}", "--leak-check=full",
            "--show-leak-kinds=definite,indirect", "--errors-for-leak-kinds=definite", "--num-callers=40",
            "--child-silent-after-fork=yes", f"--log-file={escaped(log)}"]


def escaped(path):
    """Valgrind reads `%` in the name of a log."""
    return str(path).replace("%", "%%")


def assert_clean(log):
    """For the log of a daemon that has ended. A log that is not there comes from no Valgrind, which is no clean one."""
    try:
        found = pathlib.Path(log).read_text("utf-8", "replace")
    except FileNotFoundError:
        raise AssertionError(f"memcheck has written no log {log}: the daemon was not run under it") from None
    assert not found.strip(), f"memcheck found:\n{found}"


if __name__ == "__main__":
    os.execvp("valgrind", [*command(sys.argv[1]), *sys.argv[2:]])
