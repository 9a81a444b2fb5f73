"""Sockets passed to a program as systemd passes them: from descriptor 3 on, named in the environment."""

FIRST = 3


def command(passed):
    """What stands in front of the program: a shell that moves the descriptors and becomes the program, so that
    LISTEN_PID is right."""
    if not passed:
        return []
    moved = [(descriptor, FIRST + index) for index, descriptor in enumerate(descriptors(passed))]
    # Out of the way first: one of them may be where another one has to go.
    away = "".join(f" {100 + target}<&{source}" for source, target in moved)
    back = "".join(f" {target}<&{100 + target}" for _, target in moved)
    names = ":".join(name for name, _ in passed)
    return ["/bin/bash", "-c", f"exec{away}; exec{back}; export LISTEN_PID=$$ LISTEN_FDS={len(passed)} "
            f"LISTEN_FDNAMES={names}; exec \"$@\"", "bash"]


def descriptors(passed):
    return tuple(socket.fileno() for _, socket in passed)
