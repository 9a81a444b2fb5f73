"""The NATS client against a real nats-server with JetStream: what is published is stored once and in order, whatever breaks."""
import ssl
import subprocess
import threading
import unittest

from support.certificates import Certificates
from support.daemon import sibling
from support.hanging import LONGEST, no_longer_than
from support.journal import Journal
from support.nats import NatsServer, SilentNats, cluster
from support.patience import PATIENCE, wait_until
from support.scratch import Scratch
from support.threads import join


class Publisher:
    """The program that publishes each line with the daemon's client until it is stored."""

    def __init__(self, ports, subject="calls.events", *more):
        self.said = Journal()
        self._process = subprocess.Popen([sibling("nats-publisher"), ",".join(map(str, ports)), subject, *more],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self.said.add(line.rstrip("\n"))

    def publish(self, *ids):
        self._process.stdin.write("".join(f"{id} body of {id}\n" for id in ids))
        self._process.stdin.flush()

    def stored(self):
        return [line.split()[0] for line in self.said if " stored in " in line]

    def wait_stored(self, count, seconds=PATIENCE):
        self.said.wait(lambda lines: sum(" stored in " in line for line in lines) >= count, f"{count} stored", seconds)

    def wait_said(self, words):
        return self.said.wait_entry(lambda line: words in line, words)

    def finish(self):
        """Ends its input; it ends when all is stored."""
        self._process.stdin.close()
        code = self._process.wait(PATIENCE)
        join(self._reader, "the reader of what nats-publisher says")
        assert code == 0, code

    def close(self):
        self._process.kill()
        self._process.wait(PATIENCE)
        join(self._reader, "the reader of what nats-publisher says")
        self._process.stdout.close()
        try:
            self._process.stdin.close()
        except BrokenPipeError:    # what was not written goes nowhere
            pass


class NatsTest(unittest.TestCase):
    def run(self, result=None):
        with no_longer_than(LONGEST, self.id()):
            return super().run(result)

    def use(self, thing):
        self.addCleanup(thing.close)
        return thing

    def serve(self, more="", **options):
        self.server = self.use(NatsServer(more, **options))
        return self.server

    def publisher(self, *more, ports=None):
        return self.use(Publisher(ports or [self.server.port], "calls.events", *more))

    def assert_stored_once(self, client, ids):
        found = [(headers["Nats-Msg-Id"], body) for _, headers, body in client.messages()]
        self.assertEqual(sorted(found), sorted((id, f"body of {id}") for id in ids))
        return [id for id, _ in found]


class OneServer(NatsTest):
    def test_what_is_handed_over_in_order_is_stored_in_order(self):
        client = self.use(self.serve().client().stream())
        publisher = self.publisher()
        ids = [f"msg_{number}" for number in range(500)]
        publisher.publish(*ids)
        publisher.wait_stored(500)
        publisher.finish()
        self.assertEqual(self.assert_stored_once(client, ids), ids)
        self.assertEqual(publisher.said[0], "msg_0 stored in CALLS as 1")

    def test_the_same_id_is_stored_once(self):
        client = self.use(self.serve().client().stream())
        publisher = self.publisher()
        publisher.publish("msg_1")
        publisher.wait_stored(1)
        publisher.publish("msg_1")
        publisher.wait_said("msg_1 stored in CALLS as 1 again")
        self.assert_stored_once(client, ["msg_1"])

    def test_a_server_that_is_killed_and_comes_back_loses_nothing(self):
        client = self.serve().client().stream()
        publisher = self.publisher()
        first, second = ([f"msg_{start + number}" for number in range(200)] for start in (0, 200))
        publisher.publish(*first)
        publisher.wait_stored(50)
        self.server.kill()
        client.close()
        publisher.publish(*second)
        publisher.wait_said("Connection refused")
        self.server.start()
        publisher.wait_stored(400)
        publisher.finish()
        self.assert_stored_once(self.use(self.server.client()), first + second)

    def test_a_full_stream_is_said_and_tried_again(self):
        client = self.use(self.serve().client().stream(max_msgs=2, discard="new"))
        publisher = self.publisher()
        publisher.publish("msg_1", "msg_2", "msg_3")
        publisher.wait_said(f"failed: JetStream refused the event (127.0.0.1:{self.server.port}): maximum messages exceeded (10077)")
        self.assertEqual(client.count(), 2)
        client.purge()
        publisher.wait_stored(3)
        self.assertEqual(client.count(), 1)

    def test_that_no_stream_has_the_subject_is_said(self):
        self.serve()
        publisher = self.publisher()
        publisher.publish("msg_1")
        publisher.wait_said("msg_1 failed: no stream of JetStream has the subject")
        self.use(self.server.client().stream())
        publisher.wait_stored(1)

    def test_wrong_credentials_are_said(self):
        self.serve('authorization { users: [{ user: pbx, password: "s3cret" }] }')
        self.use(self.server.client(**{"user": "pbx", "pass": "s3cret"}).stream())
        wrong = self.publisher("pbx", "wrong")
        wrong.publish("msg_1")
        wrong.wait_said(f"127.0.0.1:{self.server.port} refused the credentials (Authorization Violation)")
        right = self.publisher("pbx", "s3cret")
        right.publish("msg_1")
        right.wait_stored(1)

    def test_missing_permissions_are_said(self):
        self.serve("""authorization { users: [
            { user: admin, password: a }
            { user: mute, password: m, permissions: { publish: { deny: "calls.>" } } }
            { user: deaf, password: d, permissions: { subscribe: { deny: "_INBOX.>" } } }
            { user: pbx, password: p, permissions: { publish: "calls.events", subscribe: "_INBOX.>" } } ] }""")
        self.use(self.server.client(**{"user": "admin", "pass": "a"}).stream())
        for user, password, words in (("mute", "m", 'does not let this user publish: Permissions Violation for Publish to "calls.events"'),
                                      ("deaf", "d", "does not let this user subscribe to _INBOX.>")):
            with self.subTest(user):
                publisher = self.publisher(user, password)
                publisher.publish("msg_1")
                publisher.wait_said(words)
        publisher = self.publisher("pbx", "p")    # what docs/nats.md says is enough
        publisher.publish("msg_1")
        publisher.wait_stored(1)

    def test_a_server_that_falls_silent_is_noticed(self):
        client = self.use(self.serve().client().stream())
        publisher = self.publisher()
        publisher.publish("msg_1")
        publisher.wait_stored(1)
        self.server.pause()
        self.addCleanup(self.server.resume)
        publisher.publish("msg_2")
        publisher.wait_said("msg_2 failed: no acknowledgement of JetStream from")
        publisher.wait_said("expired while waiting for its INFO")    # it opens another connection
        self.server.resume()
        publisher.wait_stored(2)
        self.assert_stored_once(client, ["msg_1", "msg_2"])

    def test_one_that_is_silent_after_its_info_gives_way_to_the_next(self):
        silent = self.use(SilentNats())
        accepting = threading.Thread(target=silent.accept)
        accepting.start()
        self.use(self.serve().client().stream())
        publisher = self.publisher(ports=[silent.port, self.server.port])
        publisher.publish("msg_1")
        publisher.wait_stored(1)
        join(accepting, "the silent server")


class Tls(NatsTest):
    def setUp(self):
        scratch = Scratch()
        self.addCleanup(scratch.remove)
        self.certificates = Certificates(scratch.path)

    def serve_tls(self, **options):
        certificate, key = self.certificates.issue("nats", **options)
        context = ssl.create_default_context(cafile=self.certificates.ca_file)
        return self.serve(f'tls {{ cert_file: "{certificate}", key_file: "{key}" }}', tls=context)

    def test_events_go_over_tls_where_the_server_requires_it(self):
        client = self.use(self.serve_tls().client().stream())
        publisher = self.publisher("", "", self.certificates.ca_file)
        publisher.publish(*(f"msg_{number}" for number in range(100)))
        publisher.wait_stored(100)
        self.assertEqual(client.count(), 100)

    def test_without_trust_it_is_said(self):
        self.serve_tls()
        publisher = self.publisher()
        publisher.publish("msg_1")
        publisher.wait_said("requires TLS, for which nothing was configured")

    def test_another_name_or_authority_is_not_trusted(self):
        self.serve_tls(names="DNS:elsewhere.test")
        publisher = self.publisher("", "", self.certificates.ca_file)
        publisher.publish("msg_1")
        publisher.wait_said("the certificate of localhost is not trusted: hostname mismatch")
        stranger = self.publisher("", "", self.certificates.path("stranger.pem"))
        stranger.publish("msg_1")
        stranger.wait_said("the certificate of localhost is not trusted: unable to get local issuer certificate")

    def test_a_silent_handshake_hangs_nothing(self):
        silent = self.use(SilentNats(b'INFO {"headers":true,"tls_required":true}\r\n'))
        accepting = threading.Thread(target=silent.accept)
        accepting.start()
        publisher = self.publisher("", "", self.certificates.ca_file, ports=[silent.port])
        publisher.publish("msg_1")
        publisher.wait_said("expired while shaking hands for TLS")
        join(accepting, "the silent server")


class Cluster(NatsTest):
    def test_one_of_three_is_killed_under_load_and_nothing_is_lost(self):
        servers = cluster()
        for server in servers:
            self.use(server)
        client = servers[0].client().stream(num_replicas=3)
        led_by = int(client.info()["cluster"]["leader"][1:])
        client.close()
        # The one that we are connected to goes first, then the one that leads, if it is another.
        publisher = self.publisher(ports=[server.port for server in servers])
        count = 600
        ids = [f"msg_{number}" for number in range(count)]
        publisher.publish(*ids[:200])
        publisher.wait_stored(100)
        servers[0].kill()
        publisher.publish(*ids[200:400])
        publisher.wait_stored(300, 2 * PATIENCE)
        servers[0].start()
        if led_by != 0:
            self.wait_whole(servers[0])
            servers[led_by].kill()
        publisher.publish(*ids[400:])
        publisher.wait_stored(count, 2 * PATIENCE)
        publisher.finish()
        self.assert_stored_once(self.use(servers[0].client()), ids)

    def wait_whole(self, server):
        """Until the stream has all of its replicas again."""
        client = self.use(server.client())
        def is_whole():
            state = client.info()["cluster"]
            return state.get("leader") and len(state.get("replicas", [])) == 2 and all(one.get("current") for one in state["replicas"])
        wait_until(is_whole, "the stream is whole again", 2 * PATIENCE)


if __name__ == "__main__":
    unittest.main()
