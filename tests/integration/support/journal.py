"""A list that one thread writes and another waits on: the reason why no test needs to sleep."""
import threading

from .patience import Deadline, PATIENCE


class Journal:
    def __init__(self):
        self._entries = []
        self._changed = threading.Condition()

    def add(self, entry):
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()

    def entries(self):
        with self._changed:
            return list(self._entries)

    def __len__(self):
        return len(self.entries())

    def __iter__(self):
        return iter(self.entries())

    def __getitem__(self, index):
        return self.entries()[index]

    def wait(self, wanted, what, seconds=PATIENCE):
        """What `wanted` says of the entries, as soon as it is true; `what` names it in the failure."""
        deadline = Deadline(seconds)
        with self._changed:
            while not (found := wanted(self._entries)):
                if deadline.over():
                    shown = "\n  ".join(str(entry)[:300] for entry in self._entries[-20:])
                    raise AssertionError(f"waited {seconds:g} s in vain for {what}; there is:\n  {shown}")
                self._changed.wait(deadline.left())
            return found

    def wait_count(self, count, what, seconds=PATIENCE):
        """The first `count` entries, once they are there."""
        return self.wait(lambda entries: len(entries) >= count and list(entries[:count]), f"{count} {what}", seconds)

    def wait_entry(self, matches, what, start=0, seconds=PATIENCE):
        """The first entry from `start` on that `matches`."""
        return self.wait(lambda entries: next(([entry] for entry in entries[start:] if matches(entry)), None),
                         what, seconds)[0]
