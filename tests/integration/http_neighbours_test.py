"""`server.http` beside clients that hold their connection: whoever makes no progress has ten seconds, and gives way before."""
import http.client
import re
import select
import socket
import unittest

from http_test import HttpTest
from support.patience import PATIENCE, Deadline
from support.prometheus import fetch

PLACES = 128    # of clients at once
ASK = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Neighbours(HttpTest):
    def connect(self, text=b"", room=None):
        """A client that has sent `text`; `room`: bytes that its kernel takes of an answer that it does not read."""
        client = self.use(socket.socket())
        client.settimeout(PATIENCE)
        if room:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        client.connect(("127.0.0.1", self.port))
        client.sendall(text)
        return client

    def serve_much(self):
        """Makes `/metrics` longer than what kernels take of an answer that nobody reads."""
        hooks = {f"{n:064}": {"url": "http://169.254.169.254/"} for n in range(2000)}   # denied: no request is sent
        self.serve(hooks, log={"decisions": "none", "level": "error"})
        requests = [self.asking.request("call.route", {"did": "1", "webhook": name}) for name in hooks]
        self.asking.send_json(*requests)
        for _ in requests:
            self.asking.answer()
        self.assertGreater(len(fetch(self.port)[2]), 5_000_000)

    def never_reading(self):
        """A client whose answer has begun to come, and who reads nothing of it."""
        client = self.connect(ASK, room=4096)
        self.assertTrue(select.select([client], [], [], PATIENCE)[0], "the answer has begun")
        return client

    def wait_broken_off(self, client, seconds):
        """Until the client's kernel knows that nothing more will come, though it has read nothing."""
        poll = select.poll()
        poll.register(client, 0)    # errors alone
        self.assertTrue(poll.poll(seconds * 1000), f"the answer was broken off within {seconds:g} s")

    def test_those_who_never_read_keep_nobody_out(self):
        self.serve_much()
        clients = [self.never_reading() for _ in range(PLACES)]
        self.assertEqual(fetch(self.port, "/healthz")[0], 200)
        self.wait_broken_off(clients[0], PATIENCE)
        status, _, text = fetch(self.port)
        self.assertEqual(status, 200)
        self.assertIn("\ndialhook_build_info{", text)

    def test_nor_do_those_who_come_again_and_again(self):
        self.serve_much()
        clients = [self.never_reading() for _ in range(2 * PLACES)]
        clients += [self.connect(b"GET /metr") for _ in range(2 * PLACES)]
        self.assertEqual(len(clients), 4 * PLACES)
        self.assertEqual(fetch(self.port, "/healthz")[0], 200)

    def test_an_answer_that_nobody_reads_is_broken_off_after_ten_seconds(self):
        self.serve_much()
        self.wait_broken_off(self.never_reading(), 10 + PATIENCE)

    def test_an_answer_that_is_read_slowly_comes_whole(self):
        self.serve_much()
        client = self.connect(ASK.replace(b"localhost", b"localhost\r\nConnection: close"), room=131072)
        received = bytearray()
        for _ in range(24):    # twelve seconds in all, and some of the answer in each of them
            select.select([], [], [], 0.5)
            received += client.recv(100_000)
        self.assertLess(len(received), 5_000_000, "there is more")
        while piece := client.recv(1 << 20):
            received += piece
        self.assertTrue(received.endswith(b"\r\n0\r\n\r\n"), received[-100:])

    def test_a_further_request_has_ten_seconds_from_its_first_byte(self):
        self.serve()
        connection = self.use(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE))
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        client = connection.sock
        client.settimeout(0.5)
        deadline = Deadline(10 + PATIENCE)
        drops = iter(b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 1000)
        while not deadline.over():
            try:
                client.sendall(bytes([next(drops)]))
                self.assertEqual(client.recv(1), b"")
                return
            except TimeoutError:
                continue    # still open: the next drop
            except ConnectionError:
                return
        self.fail("drop by drop a head takes as long as its client likes")

    def test_who_follows_events_stays(self):
        self.serve()
        watching = self.connect(b"GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n")
        events = self.events(watching)
        next(events)
        silent = [self.connect(b"GET /metr") for _ in range(2 * PLACES)]
        self.assertEqual(fetch(self.port, "/healthz")[0], 200)
        self.assertEqual(silent[0].recv(1), b"", "others have made room")
        for _ in range(3):
            next(events)

    def events(self, client):
        """Events as they come."""
        received = b""
        while piece := client.recv(65536):
            received += piece
            *whole, received = re.split(rb"\n\n", received)
            yield from whole


if __name__ == "__main__":
    unittest.main()
