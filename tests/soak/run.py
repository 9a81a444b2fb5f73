"""Runs two daemons under a mixed load: one is restarted again and again, the other one runs all the time and shows by its memory
and descriptors whether anything is left behind. A third one is killed again and again, and only told of events. `scripts/soak --help`
says more."""
import argparse
import asyncio
import csv
import pathlib
import signal
import socket
import sys
import time

import judgement
import scenario
from agi import call_again_and_again
from engine import Engine, Results, vanish_again_and_again
from events import Reporter
from support.certificates import Certificates
from support.daemon import Daemon
from support.dnsserver import SERVFAIL, DnsServer
from support.places import RefusingPort
from support.process import descriptors, resident
from support.scratch import Scratch
from web import Web

ENGINES, CHANNELS = 4, 3
RELOAD_EVERY, FAULTY_RELOAD, RESTART_EVERY, KILL_EVERY, DNS_OUTAGE_EVERY, DNS_OUTAGE = 4, 5, 15, 3, 40, 5
SETTLE, TELL = 15, 60


class Run:
    def __init__(self, minutes, rate):
        self._until = time.monotonic() + minutes * 60
        self._begin = time.monotonic()
        self._rate = rate
        self._scratch = Scratch()
        self._certificates = Certificates(self._scratch.path)
        self._dns = DnsServer()
        self._refusing = RefusingPort()
        self._listeners = {name: self._listen(name) for name in ("steady", "restarted", "killed")}
        self._steady = self._restarted = self._killed = None
        self._edition = self._kills = 0
        self._results = Results()
        self.samples = {name: {"memory": [], "descriptors": []} for name in ("restarted", "steady")}
        self.answered, self.problems, self.restarts = [], [], []

    def _listen(self, daemon):
        """Sockets that this process keeps, as systemd keeps them: a restart refuses nobody."""
        listeners = {"engine": socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
                     "fastagi": socket.create_server(("127.0.0.1", 0), backlog=1024)}
        listeners["engine"].bind(str(self._scratch.path / f"{daemon}.sock"))
        listeners["engine"].listen(1024)
        return listeners

    def _now(self):
        return time.monotonic() - self._begin

    def _content(self):
        return scenario.content(self._web, self._refusing.port, self._certificates.ca_file, self._dns.address, self._edition)

    def _start(self, daemon):
        return Daemon(self._content(), passed=list(self._listeners[daemon].items()),
                      arguments=("--state", str(self._scratch.path / f"state-{daemon}")))

    async def play(self):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
        self._web = Web(self._certificates.server_context(*self._certificates.issue("server")))
        await self._web.start()
        for name in ("crm.test", "outage.test"):
            self._dns.set(name, a=["127.0.0.1"], ttl=1)
        self._steady, self._restarted, self._killed = (self._start(name) for name in self._listeners)
        self._descriptors_before = descriptors(self._steady.process.pid)
        all_paths = [listeners["engine"].getsockname() for listeners in self._listeners.values()]
        paths = all_paths[:2]
        ports = [listeners["fastagi"].getsockname()[1] for listeners in list(self._listeners.values())[:2]]
        engines = [Engine(path, self._web, self._results, self._rate / (2 * ENGINES)) for path in paths for _ in range(ENGINES)]
        stopped = asyncio.Event()
        self._reporters = [Reporter(f"reported{number}", path) for number, path in enumerate(all_paths)]
        asking = [asyncio.create_task(engine.run()) for engine in engines]
        asking += [asyncio.create_task(vanish_again_and_again(path, stopped)) for path in paths]
        asking += [asyncio.create_task(call_again_and_again(port, self._web, self._results, stopped))
                   for port in ports * CHANNELS]
        asking += [asyncio.create_task(reporter.run(stopped)) for reporter in self._reporters]
        work = {RELOAD_EVERY: self._reload, RESTART_EVERY: self._restart, KILL_EVERY: self._kill, DNS_OUTAGE_EVERY: self._fail_dns, 1: self._sample}
        await asyncio.gather(*(self._every(seconds, action) for seconds, action in work.items()))
        stopped.set()
        for engine in engines:
            engine.stop()
        await asyncio.gather(*asking)
        return await self._end()

    async def _every(self, seconds, action):
        while time.monotonic() + seconds < self._until:
            await asyncio.sleep(seconds)
            await action()

    async def _sample(self):
        for name, daemon in (("steady", self._steady), ("restarted", self._restarted)):
            try:
                memory, files = resident(daemon.process.pid) / judgement.MIB, descriptors(daemon.process.pid)
            except OSError:
                memory = files = None    # between two daemons
            self.samples[name]["memory"].append((self._now(), memory))
            self.samples[name]["descriptors"].append((self._now(), files))
        self._unsent()
        self.answered.append((self._now(), self._results.answered))
        self.problems.append((self._now(), len(self._results.problems)))

    def _unsent(self):
        """Background requests that are not out yet. Looked at all the time: the web server forgets what it saw long ago."""
        self._results.background -= {call_id for call_id in self._results.background if self._web.has_seen(call_id)}
        return self._results.background

    async def _reload(self):
        self._edition += 1
        for daemon in (self._steady, self._restarted):
            try:
                daemon.configure("webhooks: [" if self._edition % FAULTY_RELOAD == 0 else self._content())
            except (FileExistsError, FileNotFoundError):    # it has just ended, and its folder goes with it
                continue
            if daemon.process.poll() is None:
                daemon.signal(signal.SIGHUP)

    async def _restart(self):
        """As `systemctl restart` does it: the next daemon starts when the last one has ended."""
        self.restarts.append(self._now())
        await asyncio.to_thread(self._stop, self._restarted)
        self._edition += 1
        self._restarted = await asyncio.to_thread(self._start, "restarted")

    async def _kill(self):
        await asyncio.to_thread(self._killed.kill)
        self._kills += 1
        self._killed = await asyncio.to_thread(self._start, "killed")

    def _stop(self, daemon):
        daemon.signal(signal.SIGTERM)
        code = daemon.wait_exit(60)
        if code != 0:
            self._results.lose(f"the daemon ended with {code}: {daemon.stderr()[-2000:]}")

    async def _fail_dns(self):
        self._dns.set("outage.test", a=SERVFAIL, aaaa=SERVFAIL)
        await asyncio.sleep(DNS_OUTAGE)
        self._dns.set("outage.test", a=["127.0.0.1"], ttl=1)

    async def _end(self):
        untold = await self._untold()
        await asyncio.to_thread(self._stop, self._killed)
        await asyncio.to_thread(self._stop, self._restarted)
        unsent = self._unsent()
        self._web.close()
        after = await self._settled(self._descriptors_before)
        await asyncio.to_thread(self._stop, self._steady)
        memory = [value * judgement.MIB for _, value in self.samples["steady"]["memory"]]
        listeners = [listener for of_one in self._listeners.values() for listener in of_one.values()]
        for thing in (self._dns, self._refusing, *listeners):
            thing.close()
        self._scratch.remove()
        return judgement.faults(memory=memory, descriptors_before=self._descriptors_before, descriptors_after=after,
                                problems=self._results.problems + self._web.histories.faults(), unsent=unsent, untold=untold,
                                answered=self._results.answered, restarts=len(self.restarts))

    async def _untold(self):
        """Calls whose end the web server was not told of, at once or after a while."""
        reported = set().union(*(reporter.calls for reporter in self._reporters))
        for _ in range(TELL * 10):
            if not (untold := reported - self._web.histories.ended()):
                break
            await asyncio.sleep(0.1)
        return untold

    async def _settled(self, wanted):
        """How many descriptors the steady daemon has once they are as many as wanted, or after a while."""
        for _ in range(SETTLE * 10):
            if (count := descriptors(self._steady.process.pid)) == wanted:
                break
            await asyncio.sleep(0.1)
        return count

    def leave_nothing_running(self):
        """Whatever ended the run: the daemons that it started end with it."""
        for daemon in (self._steady, self._restarted, self._killed):
            if daemon is not None and daemon.process.poll() is None:
                daemon.kill()

    def summary(self):
        return (f"{self._results.answered} calls answered, {self._results.asked_again} asked again of the next daemon, "
                f"{len(self._results.problems)} lost or wrong, {len(self.restarts)} restarts, {self._edition} reloads, "
                f"{len(self._web.histories.calls)} calls told of with {self._kills} kills")

    def rows(self):
        """(second, figure, of which daemon, value), for a spreadsheet or a plot; no value while a daemon is down."""
        for daemon, samples in self.samples.items():
            for figure in ("memory", "descriptors"):
                yield from ((at, figure, daemon, value) for at, value in samples[figure])
        yield from ((at, "answered", "both", value) for at, value in self.answered)
        yield from ((at, "problems", "both", value) for at, value in self.problems)
        yield from ((at, "restart", "restarted", None) for at in self.restarts)

    def write(self, file):
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", newline="", encoding="utf-8") as out:
            table = csv.writer(out)
            table.writerow(("second", "figure", "daemon", "value"))
            table.writerows((f"{at:.1f}", figure, daemon, value) for at, figure, daemon, value in self.rows())


def main():
    options = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    options.add_argument("--minutes", type=float, default=60, help="how long (60)")
    options.add_argument("--rate", type=float, default=300, help="calls a second, of all engines together (300)")
    options.add_argument("--samples", type=pathlib.Path, default=pathlib.Path("build/soak.csv"),
                         help="where memory (MiB), descriptors and calls over time go (build/soak.csv)")
    chosen = options.parse_args()
    run = Run(chosen.minutes, chosen.rate)
    try:
        faults = asyncio.run(run.play())
    finally:
        run.leave_nothing_running()
    run.write(chosen.samples)
    print(f"{run.summary()}\nsamples: {chosen.samples}")
    for fault in faults[:20]:
        print(f"FAULT {fault}")
    print("soak: failed" if faults else "soak: nothing lost, memory flat, no descriptor left behind")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
