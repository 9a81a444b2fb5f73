"""A temporary folder with a short name: the path of a Unix socket ends after 107 bytes, and TMPDIR may be long."""
import pathlib
import shutil
import tempfile


class Scratch:
    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="dh-", dir="/tmp"))

    def write(self, name, content):
        """A file with the given text or bytes, folders made as needed; replaced in one step, as editors do."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".fresh~")
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)
        fresh.rename(path)
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)
