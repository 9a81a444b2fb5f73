"""Where things run and how they are reached."""

import socket

SYSTEM_CORE = 0  # the system under test, alone
OTHER_CORE = 1   # web server, load generator, this script
BOTH_CORES = f"{SYSTEM_CORE},{OTHER_CORE}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(family, address):
    with socket.socket(family) as probe:
        return probe.connect_ex(address) == 0
