"""How long a test waits for what must happen, and how much later than promised it may happen.

Sanitizer builds are many times slower. DIALHOOK_SLACK multiplies what depends on the speed of the machine, so the
numbers in the suites can be the ones of an ordinary build.
"""
import os
import select
import time

SLACK = float(os.environ.get("DIALHOOK_SLACK", "1"))

# For what must happen: only a failing test waits so long, so it is enough for a machine with forty other things to do.
PATIENCE = 30.0 * min(SLACK, 2)

# What a loaded test machine may add to a limit that the daemon promises.
LATENESS = 3.0 * SLACK


def ample():
    """A `timeout` for webhooks that are meant to answer: never the reason why a test fails on a slow machine."""
    return f"{int(60 * SLACK)}s"


def phase(milliseconds):
    """A limit that the phases before the stalled one must be able to meet, on a slow build and a busy machine too."""
    return f"{int(milliseconds * max(3, min(SLACK, 4)))}ms"


class Deadline:
    """A point in time that several waits in a row share, so that they do not add up."""

    def __init__(self, seconds=PATIENCE):
        self._at = time.monotonic() + seconds

    def left(self):
        return max(0.0, self._at - time.monotonic())

    def over(self):
        return self.left() <= 0.0


def wait_until(condition, what, seconds=PATIENCE):
    """Looks again and again at what cannot be waited on, such as a file of /proc; what `condition` says once it is true."""
    deadline = Deadline(seconds)
    while not (found := condition()):
        if deadline.over():
            raise AssertionError(f"waited {seconds:g} s in vain until {what}")
        select.select([], [], [], 0.01)
    return found
