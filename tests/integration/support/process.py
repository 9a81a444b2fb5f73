"""What the kernel says of a running process: descriptors, memory, CPU time."""
import os
import resource
import socket
import struct

SYN_SENT = "02"


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident(pid):
    """Bytes of memory that are really there."""
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        user, system = stat.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def is_connecting(port, host="127.0.0.1"):
    """Whether somebody waits for a connection to this port."""
    remote = "%08X:%04X" % (struct.unpack("=I", socket.inet_aton(host))[0], port)
    with open("/proc/net/tcp") as table:
        return any(line.split()[2:4] == [remote, SYN_SENT] for line in table)
