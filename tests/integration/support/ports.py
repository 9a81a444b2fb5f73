"""Ports for programs that must be told one."""
import errno
import random
import socket

# Below what Linux gives to outgoing connections and to `bind` without a port: nobody else is handed one of these.
FIRST, LAST = 10_000, 32_000


def free_port(kind=socket.SOCK_STREAM):
    while True:
        port = random.randint(FIRST, LAST)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
