"""A real systemd restarts the daemon under load, and no call is lost."""
import unittest

from support.asking import Asking
from support.installed_case import SERVICE, SOCKET, InstalledTest

RESTARTS = 20


class Restart(InstalledTest):
    def test_each_call_is_answered_once_and_no_connection_is_refused(self):
        self.configure(log={"decisions": "none"})
        self.machine.run("systemctl", "restart", SERVICE)
        path = self.machine.root / SOCKET.lstrip("/")
        engines = [Asking(path, "crm", "one"), Asking(path, "crm", "many", pipelined=16),
                   Asking(path, "crm", "short", calls_each=1), Asking(path, "crm", "some", pipelined=4, calls_each=50)]
        for engine in engines:
            engine.start()
        pids = set()
        for _ in range(RESTARTS):
            seen = len(self.web.requests)
            self.web.requests.wait_count(seen + 50, "requests")
            self.machine.run("systemctl", "restart", SERVICE)
            pids.add(self.main_pid())
        for engine in engines:
            engine.finish()
        self.assertEqual(len(pids), RESTARTS)
        answered = sorted(call for engine in engines for call in engine.answered)
        asked = sorted(request.query.removeprefix("id=") for request in self.web.requests)
        print(f"{RESTARTS} restarts: {len(answered)} calls on {sum(engine.connections for engine in engines)} connections "
              f"were answered, {sum(engine.asked_again for engine in engines)} of them at the second attempt")
        self.assertEqual(asked, answered, "a call that was read was answered, and one that was not was asked again")


if __name__ == "__main__":
    unittest.main()
