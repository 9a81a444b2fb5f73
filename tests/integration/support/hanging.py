"""A test that hangs fails, says where, and lets the others go on.

Each wait has a limit of its own; this one is for the wait whose limit was forgotten, and for many limits that add up.
"""
import contextlib
import faulthandler
import signal
import sys

from .patience import PATIENCE, SLACK

# Less than CTest gives a suite (TIMEOUT in the CMakeLists.txt): CTest can only say that it ended it.
LONGEST = 280.0 * max(1, SLACK / 6)


@contextlib.contextmanager
def no_longer_than(seconds, what, again=PATIENCE):
    """Breaks off whatever the main thread waits for inside with an error, and after each further `again` seconds once more:
    the error may be caught by a subTest or followed by a cleanup that hangs as well."""
    def give_up(*_):
        print(f"--- {what} hangs; all threads, the innermost call first:", file=sys.stderr, flush=True)
        faulthandler.dump_traceback(file=sys.__stderr__, all_threads=True)
        raise AssertionError(f"{what} was not over after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, give_up)
    around = signal.setitimer(signal.ITIMER_REAL, seconds, again)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *around)
        signal.signal(signal.SIGALRM, before)
