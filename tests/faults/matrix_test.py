"""The fault matrix, played: exactly one answer in each cell, the right reason, and nothing is left behind.

The cells of a round run at the same time in one daemon, each with a web server of its own.
"""
import signal
import unittest

from scenes import scene
from hostile_dns import HostileDns
from support.case import DialhookTest
from support.certificates import Certificates
from support.configuration import configuration
from support.patience import PATIENCE, SLACK, ample, phase as limit, wait_until
from support.process import descriptors, resident
from support.replies import respond
from support.webserver import WebServer
from table import FAULTS, NOBODY, PHASES, SUCCESS, TABLE, Case, Impossible, cases, cells, grid

ROUNDS = 4

# A round has about a hundred calls: far less than one of their connections, buffers or coroutines for each.
MEMORY_OF_A_ROUND = 512 * 1024

AT_ONCE = [fault for fault in FAULTS if fault not in ("cancel", "reload", "SIGTERM")]


class Table(unittest.TestCase):
    def test_every_cell_is_a_case_or_says_why_it_cannot_happen(self):
        print(f"\n{grid()}")
        self.assertEqual(sorted(TABLE), sorted(PHASES))
        for phase, fault in cells():
            with self.subTest(phase=phase, fault=fault):
                self.assertIsInstance(TABLE[phase].get(fault), (Case, Impossible))
        self.assertEqual({(phase, fault) for phase, row in TABLE.items() for fault in row}, set(cells()), "and none beside them")


class MatrixTest(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.share_scratch()
        cls.certificates = Certificates(cls.files.path)
        cls.identity = cls.certificates.issue("server")

    def setUp(self):
        super().setUp()
        self.elsewhere = self.use(WebServer().on("/", respond("status=ACK&destination=202")))
        self.dns = self.use(HostileDns())

    def set_up(self, faults):
        """The scenes of these faults by the names of their webhooks."""
        self.cases = {f"{phase} {fault}": (phase, fault, case) for (phase, fault), case in cases(*faults).items()}
        self.scenes = {name: self.scene_of(name) for name in self.cases}

    def scene_of(self, name):
        phase, fault, _ = self.cases[name]
        return scene(phase, fault, dns=self.dns, certificates=self.certificates, identity=self.identity, files=self.files)

    def names(self, *faults):
        return [name for name, (_, fault, _) in self.cases.items() if fault in faults]

    def content(self, reloaded=False, **server):
        hooks = {name: scene.hook for name, scene in self.scenes.items()}
        hooks["healthy"] = {"url": self.elsewhere.url(), "timeout": ample()}
        if reloaded:
            hooks |= {name: {**hooks[name], "url": self.elsewhere.url(), "retries": 0}
                      for name in self.names("reload") if not name.startswith("idle")}
        server = {"dns": {"servers": [self.dns.address]}, "log": {"level": "info", "decisions": "none", "format": "json"}, **server}
        return configuration(hooks, server=server)

    def judge(self, name, result):
        outcome = self.cases[name][2].outcome
        with self.subTest(name):
            if outcome == SUCCESS:
                self.assert_success(result, destination="101")
            else:
                self.assert_failure(result, outcome, destination=None)


class Matrix(MatrixTest):
    def setUp(self):
        super().setUp()
        self.set_up([fault for fault in FAULTS if fault != "SIGTERM"])
        # The long requests of "send" go back to the kernel at once: what stays is what would be lost.
        self.daemon = self.start(self.content(), environment={"MALLOC_MMAP_THRESHOLD_": str(1 << 20)})
        self.pid = self.daemon.process.pid
        self.asking = self.engine(self.daemon)
        self.asking.ask_raw("{}")    # it is there

    def test_each_cell_has_exactly_one_answer_and_leaves_nothing_behind(self):
        descriptors_before = descriptors(self.pid)
        memory = []
        for _ in range(ROUNDS):
            self.play_at_once()
            self.play_cancelled()
            self.play_reloaded()
            self.assertEqual(self.asking.route("healthy")["destination"], "202")
            memory.append(resident(self.pid))
        self.asking.half_close()
        self.assertEqual(self.asking.rest(), [], "no call has a second answer")
        self.assert_nothing_under_way()
        for one in self.scenes.values():
            one.close()
        self.elsewhere.close()
        wait_until(lambda: descriptors(self.pid) == descriptors_before - 1, "the descriptors are as many as without an engine")
        self.assert_flat(memory)

    def play_at_once(self):
        names = self.names(*AT_ONCE)
        self.prepare(names)
        asked = {self.asking.start_route(name, explain=True): name for name in names}
        for name, result in self.answers_to(asked):
            if name == "send silence":
                self.assertGreater(result["timing"]["send"], 10 * result["timing"]["wait"], "the phase is the one that is meant")

    def answers_to(self, asked):
        """Judges one answer for each of `asked`, names by ids, and gives it."""
        while asked:
            try:
                answer = self.asking.answer()
            except AssertionError as silence:
                self.fail(f"no answer for {sorted(asked.values())}: {silence}")
            name = asked.pop(answer["id"])
            self.judge(name, answer["result"])
            yield name, answer["result"]

    def play_cancelled(self):
        names = self.names("cancel")
        self.prepare(names)
        (idle,) = [name for name in names if self.cases[name][2].outcome != NOBODY]
        self.judge(idle, self.asking.route(idle))
        engines = []
        for name in names:
            if name != idle:
                engines.append(self.engine(self.daemon))
                engines[-1].start_route(name)
                self.scenes[name].wait_reached()
        for engine in engines:
            engine.close()
        for name in names:
            if name != idle:
                self.scenes[name].wait_left()

    def play_reloaded(self):
        names = self.names("reload")
        self.prepare(names)
        (idle,) = [name for name in names if name.startswith("idle")]
        held = [name for name in names if name != idle]
        asked = {self.asking.start_route(name): name for name in held}
        for name in held:
            self.scenes[name].wait_reached()
        self.daemon.reload(self.content(reloaded=True))
        for name in held:
            self.scenes[name].release()
        connections = len(self.scenes[idle].web.connections)
        asked[self.asking.start_route(idle)] = idle
        for _ in self.answers_to(asked):
            pass
        self.assertEqual(len(self.scenes[idle].web.connections), connections, "the idle connection served again")
        for name in held:
            with self.subTest(name, then="the next call sees the new configuration"):
                self.assertEqual(self.asking.route(name)["destination"], "202")
        self.replace(held)
        self.daemon.reload(self.content())

    def replace(self, names):
        """What was released is released for good: new scenes for the next round."""
        for name in names:
            self.scenes[name].close()
            self.scenes[name] = self.scene_of(name)

    def prepare(self, names):
        for name in names:
            with self.subTest(name, step="prepare"):
                self.scenes[name].prepare(self.daemon.engine, name)

    def assert_nothing_under_way(self):
        status = self.daemon.status()
        self.assertEqual(status["in_flight"], 0)
        self.assertEqual(status["abandoned"], ROUNDS * sum(case.outcome == NOBODY for case in cases("cancel").values()))

    def assert_flat(self, memory):
        """A configuration that was replaced is given back a second later. What a sanitizer keeps aside is judged by
        LeakSanitizer."""
        print(f"resident after each round, MiB: {', '.join(f'{size / 2**20:.1f}' for size in memory)}")
        if SLACK == 1:
            most = min(memory) + (ROUNDS - 1) * MEMORY_OF_A_ROUND
            wait_until(lambda: resident(self.pid) < most, f"the memory is less than {most / 2**20:.1f} MiB")


class Terminated(MatrixTest):
    def setUp(self):
        super().setUp()
        self.set_up(["SIGTERM"])
        self.held = [name for name in self.names("SIGTERM") if self.cases[name][2].outcome != NOBODY]

    def stop_with_all_held(self, drain):
        daemon = self.start(self.content(drain=drain))
        (idle,) = [name for name in self.cases if name not in self.held]
        self.scenes[idle].prepare(daemon.engine, idle)
        engine = self.engine(daemon)
        asked = {engine.start_route(name): name for name in self.held}
        for name in self.held:
            self.scenes[name].wait_reached()
        daemon.signal(signal.SIGTERM)
        daemon.notify.wait("STOPPING=1")
        return daemon, engine, asked, self.scenes[idle].web.connections[-1]

    def close_scenes(self):
        for one in self.scenes.values():
            one.close()

    def test_what_does_not_come_before_the_drain_is_over_is_a_shutdown(self):
        daemon, engine, asked, idle = self.stop_with_all_held(limit(300))
        answers = engine.rest()
        self.assertCountEqual([answer["id"] for answer in answers], asked)
        for answer in answers:
            self.judge(asked[answer["id"]], answer["result"])
        self.assertTrue(idle.closed_by_peer.wait(PATIENCE))
        self.assertEqual(daemon.wait_exit(), 0)
        self.close_scenes()

    def test_what_comes_in_time_is_an_answer_like_any_other(self):
        daemon, engine, asked, _ = self.stop_with_all_held(ample())
        for name in self.held:
            self.scenes[name].release()
        answers = engine.rest()
        self.assertCountEqual([answer["id"] for answer in answers], asked)
        for answer in answers:
            with self.subTest(asked[answer["id"]]):
                self.assert_success(answer["result"], destination="101")
        self.assertEqual(daemon.wait_exit(), 0)
        self.close_scenes()


if __name__ == "__main__":
    unittest.main()
