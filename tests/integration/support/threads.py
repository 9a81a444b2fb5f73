"""Waiting for a thread to end, never for ever."""
import sys
import traceback

from .patience import PATIENCE


def join(thread, what, seconds=PATIENCE):
    """Back when `thread` has ended; one that does not end is an error that says where it stands."""
    thread.join(seconds)
    if thread.is_alive():
        frame = sys._current_frames().get(thread.ident)
        raise AssertionError(f"waited {seconds:g} s in vain for {what} to end; it stands at\n{''.join(traceback.format_stack(frame))}")
