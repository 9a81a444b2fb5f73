"""Two daemons with one configuration, and an engine that asks the second one when the first is gone in the middle of a call, as
docs/several-nodes.md says: the call goes on where it was, and ends as it would have without that."""
import pathlib
import sys
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.conversation import CALLER, DID, IVR
from support.daemon import Daemon
from support.patience import ample
from support.replies import respond
from support.webserver import WebServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "docs"), str(ROOT / "config" / "clients")]
from elsewhere import engine_of_several_nodes  # noqa: E402

CALL = {"did": DID, "callerid": CALLER, "callername": "Jan", "call_id": "call-7", "vars": {"tenant": "acme"}}
PLAN = [{"play": "welcome"}, {"callername": {"prefix": "IVR "}},
        {"webhook": "crm", "on_success": [{"callername": {"from": "webhook"}}, {"dial": {"destination": "variable"}}],
         "on_failure": [{"dial": "101"}]}]


class TwoNodes(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/1", respond("status=ACK&destination=201&callername=Zo%C3%AB")).on("/2", respond("status=NAK")))
        url = self.web.url("/{code}?did={did}&from={callerid}&name={callername}&call={call_id}&tenant={var.tenant}")
        content = configuration({"crm": {"url": url, "timeout": ample(), "ivr": IVR}}, dialplans={DID: PLAN}, vars=["tenant"])
        self.nodes = [self.node(content, self.scratch()) for _ in range(2)]

    def node(self, content, scratch):
        daemon = Daemon(content, scratch=scratch)
        self._own_daemons.append(daemon)
        self.addCleanup(daemon.kill)
        return daemon

    def engine_of_the_page(self, nodes):
        """`ask` as the page has it, with these nodes."""
        block, = engine_of_several_nodes()
        text = block.text
        for path, node in zip(("/run/dialhook/dialhook.sock", "/run/dialhook/second/dialhook.sock"), nodes, strict=True):
            assert text.count(path) == 1, f"{block.place} does not name {path}"
            text = text.replace(path, str(node.socket_path))
        names = {}
        exec(compile(text, block.place, "exec"), names)  # the page's own lines
        self.addCleanup(lambda: [client.close() for client in names["nodes"]])
        return names["ask"]

    def questions(self):
        """A whole call: each question is made of the answer before."""
        yield "call.route", lambda _: CALL
        yield "call.continue", lambda answer: {"state": answer["state"]}
        yield "call.continue", lambda answer: {"state": answer["state"], "code": "2"}
        yield "call.continue", lambda answer: {"state": answer["state"], "timeout": True}
        yield "call.continue", lambda answer: {"state": answer["state"], "code": "1"}

    def play(self, ask, before=lambda number: None):
        """All answers, without what time it took."""
        answers, answer = [], None
        for number, (method, params) in enumerate(self.questions()):
            before(number)
            answer = ask(method, **params(answer))
            answers.append({name: value for name, value in answer.items() if name != "elapsed_ms"})
        return answers

    def undisturbed(self):
        answers = self.play(self.engine_of_the_page(self.nodes))
        self.assertEqual([answer["action"] for answer in answers], ["run", "collect", "collect", "collect", "route"])
        self.assert_decision({**answers[-1], "elapsed_ms": 0}, branch="success", destination="201", callername="Zoë",
                             steps=[{"callername": "Zoë"}, {"dial": "201"}])
        return answers

    def test_the_first_node_dies_before_each_question(self):
        """Between the first and the last: each time with a new first node, on the same sockets."""
        expected, asked = self.undisturbed(), [request.target for request in self.web.requests]
        for dies_before in range(1, len(expected)):
            with self.subTest(question=dies_before):
                seen = len(self.web.requests)
                answers = self.play(self.engine_of_the_page(self.nodes), lambda number, at=dies_before: number == at and self.nodes[0].kill())
                self.assertEqual(answers, expected)
                self.assertEqual([request.target for request in self.web.requests[seen:]], asked)
                self.nodes[0] = self.node(None, self.nodes[0].scratch)

    def test_the_first_node_dies_while_the_web_server_thinks(self):
        """The second asks the web server again, with the same call_id, and ends the call as the first would have."""
        expected = self.undisturbed()

        def dies(connection):
            self.nodes[0].kill()
            return respond("status=ACK&destination=999")(connection)  # to nobody

        self.web.on("/1", dies, respond("status=ACK&destination=201&callername=Zo%C3%AB"))
        seen = len(self.web.requests)
        self.assertEqual(self.play(self.engine_of_the_page(self.nodes)), expected)
        targets = [request.target for request in self.web.requests[seen:]]
        self.assertEqual([target.partition("?")[0] for target in targets], ["/2", "/1", "/1"])
        self.assertEqual(targets[1], targets[2])
        self.assertIn("call=call-7", targets[2])

    def test_without_any_node_there_is_no_answer(self):
        ask = self.engine_of_the_page(self.nodes)
        for node in self.nodes:
            node.kill()
        with self.assertRaises(sys.modules["dialhook_client"].Away):
            ask("call.route", **CALL)


if __name__ == "__main__":
    unittest.main()
