"""Commands that the daemon is run by to see other folders than the test does; the process is the daemon's own all along.
The test finds what the daemon sees in /proc/PID/root."""

UNSHARED = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")


def with_small_disk(folder, size):
    """`folder` is a disk of its own, of `size` (such as "64k")."""
    return (*UNSHARED, 'mount -t tmpfs -o "size=$2" tmpfs "$1" && shift 2 && exec "$@"', "sh", str(folder), size)


def with_folder(folder, place):
    """`folder` is found at `place`, which has to be there."""
    return (*UNSHARED, 'mount --bind "$1" "$2" && shift 2 && exec "$@"', "sh", str(folder), place)
