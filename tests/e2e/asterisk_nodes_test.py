"""The dialplan of docs/several-nodes.md in a real Asterisk with two daemons: one of them is killed, before a call and in the middle of one."""
import sys
import unittest

from support import ROOT
from support.asterisk import Asterisk
from support.case import DialhookTest
from support.configuration import configuration
from support.daemon import Daemon
from support.patience import ample
from support.ports import free_port
from support.replies import respond
from support.webserver import WebServer

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from elsewhere import dialplan_of_several_nodes  # noqa: E402

AWAY = "102"


class Nodes(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/crm", respond("status=ACK&destination=103")))
        ports = free_port(), free_port()
        block, = dialplan_of_several_nodes()
        dialplan = block.text
        for address, port in zip(("127.0.0.1:4573", "192.0.2.11:4573"), ports, strict=True):
            assert dialplan.count(address) == 1, f"{block.place} does not name {address}"
            dialplan = dialplan.replace(address, f"127.0.0.1:{port}")
        self.asterisk = self.use(Asterisk(ports[0], f"\n{dialplan}"))
        self.nodes = [self.node(port) for port in ports]

    def node(self, port):
        hooks = {"crm": {"url": self.web.url("/crm?did={did}"), "timeout": ample()}}
        daemon = Daemon(configuration(hooks, server={"fastagi": f"127.0.0.1:{port}"}))
        self._own_daemons.append(daemon)
        self.addCleanup(daemon.kill)
        return daemon

    def routed(self):
        call = self.asterisk.call("+31502102544", entry="dialhook-either", webhook="crm")
        sight = call.routed()
        call.wait_ended()
        return sight.extension, sight.variables["DIALHOOK_BRANCH"] or None

    def decided(self):
        return [len(node.decision_lines()) for node in self.nodes]

    def test_calls_while_nodes_go(self):
        self.assertEqual(self.routed(), ("103", "success"))
        self.nodes[0].wait_logged('"branch":"success"')
        self.assertEqual(self.decided(), [1, 0])
        self.nodes[0].kill()
        self.assertEqual(self.routed(), ("103", "success"))
        self.nodes[1].kill()
        self.assertEqual(self.routed(), (AWAY, None))

    def test_a_node_dies_in_the_middle_of_a_call(self):
        def dies(connection):
            self.nodes[0].kill()
            return respond("status=ACK&destination=999")(connection)  # to nobody

        self.web.on("/crm", dies, respond("status=ACK&destination=103"))
        self.assertEqual(self.routed(), ("103", "success"))
        self.assertEqual([request.target for request in self.web.requests], ["/crm?did=%2B31502102544"] * 2)

    def test_a_no_is_an_answer(self):
        """Nobody else is asked then."""
        self.web.on("/crm", respond("status=NAK"))
        self.assertEqual(self.routed(), ("100", "failure"))
        self.assertEqual(len(self.web.requests), 1)


if __name__ == "__main__":
    unittest.main()
