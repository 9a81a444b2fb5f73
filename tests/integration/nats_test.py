"""Call events in streams of NATS JetStream: in the order of their calls, once, whatever breaks, and in nobody else's way."""
import json
import threading
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.nats import NatsServer, SilentNats
from support.patience import PATIENCE, ample, wait_until
from support.replies import respond
from support.threads import join
from support.webserver import WebServer

DID = "+31502102544"


class NatsTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.files = self.scratch()
        self.server = self.use(NatsServer())

    def serve(self, url, **keys):
        named = {"bus": {"url": url, "timeout": "2s", "connect_timeout": "1s", **keys}}
        self.begin(configuration({}, notifications=named))

    def begin(self, content):
        self.daemon = self.start(content, scratch=self.files, arguments=("--state", str(self.files.path / "state")))
        self.asking = self.engine(self.daemon)

    def client(self, **stream):
        return self.use(self.server.client().stream(**stream))

    def wait_count(self, client, count):
        wait_until(lambda: client.count() == count, f"{count} messages are stored", 2 * PATIENCE)

    def assert_whole(self, client, calls, seqs):
        """Each event once, those of a call in their order."""
        told = [(json.loads(body)["call_id"], int(headers["webhook-sequence"])) for _, headers, body in client.messages()]
        for call in calls:
            self.assertEqual([seq for other, seq in told if other == call], seqs, call)


class Delivery(NatsTest):
    def test_events_are_in_the_stream_in_the_order_of_their_call(self):
        client = self.client()
        self.serve(self.server.url("calls.events"))
        calls = ["1", "2", "3"]
        for event in ("created", "ringing", "answered", "ended"):
            for call in calls:
                self.asking.report(call, event, did=DID)
        self.wait_count(client, 12)
        self.assert_whole(client, calls, [1, 2, 3, 4])
        for subject, headers, body in client.messages():
            self.assertEqual(subject, "calls.events")
            self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(len({headers["Nats-Msg-Id"] for _, headers, _ in client.messages()}), 12)

    def test_a_cloudevent_has_the_id_of_its_message(self):
        client = self.client()
        self.serve(self.server.url("calls.events"), format="cloudevents")
        self.asking.report("1", "created", did=DID)
        self.wait_count(client, 1)
        ((_, headers, body),) = client.messages()
        self.assertEqual(json.loads(body)["id"], headers["Nats-Msg-Id"])
        self.assertEqual(headers["Content-Type"], "application/cloudevents+json")

    def test_each_url_gets_each_event(self):
        client = self.client()
        web = self.use(WebServer().on("/", respond("")))
        self.serve([self.server.url("calls.a"), web.url("/"), self.server.url("calls.b")])
        self.asking.report("1", "created", "ended", did=DID)
        self.wait_count(client, 4)
        web.requests.wait_count(2, "requests")
        for wanted in ("calls.a", "calls.b"):
            self.assertEqual([json.loads(body)["status"] for subject, _, body in client.messages() if subject == wanted],
                             ["created", "ended"])

    def test_a_server_that_is_killed_and_comes_back_loses_nothing(self):
        client = self.server.client().stream()
        self.serve(self.server.url("calls.events"))
        calls = [str(number) for number in range(20)]
        for call in calls:
            self.asking.report(call, "created", did=DID)
        self.server.kill()
        client.close()
        for call in calls:
            self.asking.report(call, "answered", "transferred", did=DID)    # `ringing` would expire after a minute
        self.daemon.wait_logged("an event is not delivered, and is tried again")
        self.server.start()
        for call in calls:
            self.asking.report(call, "ended", did=DID)
        client = self.use(self.server.client())
        self.wait_count(client, 80)
        self.assert_whole(client, calls, [1, 2, 3, 4])

    def test_a_daemon_that_is_killed_and_comes_back_loses_nothing(self):
        client = self.client()
        self.serve(self.server.url("calls.events"))
        calls = [str(number) for number in range(20)]
        for call in calls:
            self.asking.report(call, "created", did=DID)
        self.daemon.kill()
        self.begin(None)
        for call in calls:
            self.asking.report(call, "ended", did=DID)
        self.wait_count(client, 40)
        self.assert_whole(client, calls, [1, 2])


class Failures(NatsTest):
    def test_a_full_stream_is_said_and_its_events_are_kept(self):
        client = self.client(max_msgs=1, discard="new")
        self.serve(self.server.url("calls.events"))
        self.asking.report("1", "created", did=DID)
        self.wait_count(client, 1)
        self.asking.report("2", "created", did=DID)
        self.daemon.wait_logged("JetStream refused the event", "maximum messages exceeded (10077)")
        client.purge()
        self.wait_count(client, 1)
        self.assertEqual(json.loads(client.messages()[-1][2])["call_id"], "2")

    def test_what_is_wrong_with_the_server_is_said(self):
        self.serve(self.server.url("calls.events"))
        self.asking.report("1", "created", did=DID)
        self.daemon.wait_logged("no stream of JetStream has the subject")

    def test_wrong_credentials_are_said_without_the_password(self):
        guarded = self.use(NatsServer('authorization { users: [{ user: pbx, password: "s3cret" }] }'))
        self.serve(guarded.url("calls.events", user_info="pbx:wr0ng@"))
        self.asking.report("1", "created", did=DID)
        line = self.daemon.wait_logged("refused the credentials (Authorization Violation)")
        self.assertIn("nats://***@127.0.0.1", line)
        self.assertNotIn("wr0ng", self.daemon.stderr())

    def test_closed_addresses_are_said(self):
        named = {"bus": {"url": self.server.url("calls.events")}}
        self.begin(configuration({}, notifications=named, egress=None))
        self.asking.report("1", "created", did=DID)
        self.daemon.wait_logged("127.0.0.1 is closed by loopback 127.0.0.0/8")

    def test_a_silent_server_delays_no_other(self):
        silent = self.use(SilentNats())
        accepting = threading.Thread(target=silent.accept)
        accepting.start()
        client = self.client()
        web = self.use(WebServer().on("/", respond("")))
        silent_url = f"nats://127.0.0.1:{silent.port}/calls.events"
        self.serve([silent_url, self.server.url("calls.events"), web.url("/")], timeout=ample(), connect_timeout=ample())
        self.asking.report("1", "created", did=DID)
        join(accepting, "the silent server")
        self.asking.report("1", "ringing", "answered", "ended", did=DID)
        self.wait_count(client, 4)
        web.requests.wait_count(4, "requests")
        self.assertNotIn("not delivered", self.daemon.stderr())

    def test_a_daemon_stops_while_a_server_is_silent(self):
        silent = self.use(SilentNats())
        accepting = threading.Thread(target=silent.accept)
        accepting.start()
        self.serve(f"nats://127.0.0.1:{silent.port}/calls.events", timeout=ample(), connect_timeout=ample())
        self.asking.report("1", "created", did=DID)
        join(accepting, "the silent server")
        self.daemon.configure(configuration({}, notifications={}, server={"drain": "100ms"}))
        self.daemon.reload()
        self.daemon.stop()


class Reload(NatsTest):
    def test_another_subject_and_other_rules_hold_from_the_next_event_on(self):
        client = self.client()
        self.serve(self.server.url("calls.a"))
        self.asking.report("1", "created", did=DID)
        self.wait_count(client, 1)
        self.daemon.reload(configuration({}, notifications={"bus": {"url": self.server.url("calls.b")}}))
        self.asking.report("2", "created", did=DID)
        self.wait_count(client, 2)
        self.assertEqual([subject for subject, _, _ in client.messages()], ["calls.a", "calls.b"])
        self.daemon.reload(configuration({}, notifications={"bus": {"url": self.server.url("calls.b")}}, egress=None))
        self.asking.report("3", "created", did=DID)
        self.daemon.wait_logged("the egress rules no longer allow the address of 127.0.0.1")


if __name__ == "__main__":
    unittest.main()
