"""Everything stands still at one point of a decision until the test lets it go on, or the daemon gives up."""
import threading

from support.journal import Journal
from support.replies import CLOSE


class Hold:
    """`reached`: connections that stand still, or did; `left`: those that the daemon gave up meanwhile."""

    def __init__(self):
        self.reached = Journal()
        self.left = Journal()
        self._event = threading.Event()

    def release(self):
        self._event.set()

    def script(self, then):
        """Goes on with `then` when it is released. Nothing is read meanwhile."""
        def held(connection):
            self.reached.add(connection)
            while not self._event.is_set():
                if connection.peer_hangs_up_within(0.02):
                    self.left.add(connection)
                    return CLOSE
            return then(connection)
        return held
