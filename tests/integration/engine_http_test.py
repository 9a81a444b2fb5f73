"""Engines over HTTP: `server.engine_http`, as curl and raw connections see it."""
import contextlib
import http.client
import json
import resource
import select
import signal
import socket
import ssl
import subprocess
import threading
import unittest
import urllib.parse

from support import replies
from support.case import DialhookTest, stopwatch
from support.certificates import Certificates
from support.configuration import configuration
from support.daemon import check
from support.engine import CLOSED, call
from support.patience import PATIENCE, SLACK, Deadline, ample
from support.places import ReservedPort
from support.replies import held, respond
from support.webserver import WebServer

ACK = respond("status=ACK&destination=101&callername=J%C3%B6rg+%26+Co&tier=gold")
FORM = {"Accept": "application/x-www-form-urlencoded"}
IVR = {"start_message": "enter", "incorrect_message": "wrong", "timeout_message": "silent"}


class Raw:
    """A connection on which any bytes can be sent."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)

    def close(self):
        self.socket.close()

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def ask(self, path, params, headers=""):
        body = json.dumps(params)
        self.send(f"POST {path} HTTP/1.1\r\nHost: pbx\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}")

    def answer(self):
        """The next answer: its status, headers and JSON."""
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        body = response.read()
        return response.status, response.headers, json.loads(body) if body else None

    def is_closed(self, seconds=PATIENCE):
        """Whether the daemon closes the connection, without another byte."""
        deadline, poll = Deadline(seconds), select.poll()    # select() takes no descriptor from 1024 on
        poll.register(self.socket, select.POLLIN)
        while poll.poll(deadline.left() * 1000):
            try:
                return self.socket.recv(1) == b""
            except CLOSED:
                return True
        return False


class EngineHttpTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", ACK).on("/no", respond("status=NAK")).on("/never", replies.hang))
        self.port = self.use(ReservedPort()).port
        self.hooks = {"crm": {"url": self.web.url(), "timeout": ample()},
                      "no": {"url": self.web.url("/no"), "timeout": ample()},
                      "never": {"url": self.web.url("/never"), "timeout": ample()},
                      "held": {"url": self.web.url("/held"), "timeout": ample()},
                      "code": {"url": self.web.url("/?code={code}"), "timeout": ample(), "ivr": IVR}}

    def content(self, engine_http=None, **server):
        door = {"listen": f"127.0.0.1:{self.port}", **(engine_http or {})}
        return configuration(self.hooks, server={"engine_http": door, **server})

    def serve(self, engine_http=None, arguments=(), descriptors=None, **server):
        self.daemon = self.start(self.content(engine_http, **server), arguments=arguments, descriptors=descriptors)
        return self.daemon

    def client(self):
        return self.use(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE))

    def raw(self):
        return self.use(Raw(self.port))

    def hold(self):
        released = threading.Event()
        self.addCleanup(released.set)
        self.web.on("/held", held(released, ACK))
        return released

    def post(self, client, path, params, headers=None, method="POST"):
        body = params if isinstance(params, (str, bytes)) else json.dumps(params)
        client.request(method, path, body, headers or {})
        response = client.getresponse()
        return response.status, response.headers, response.read()

    def ask(self, client, path, params, headers=None):
        status, _, body = self.post(client, path, params, headers)
        return status, json.loads(body)


class Asking(EngineHttpTest):
    def test_a_decision_is_the_result_of_the_socket(self):
        daemon = self.serve()
        status, headers, body = self.post(self.client(), "/v1/route", call("crm"))
        self.assertEqual((status, headers["Content-Type"], headers["Connection"]), (200, "application/json", None))
        decision, on_the_socket = json.loads(body), self.engine(daemon).route("crm")
        self.assert_success(decision, destination="101", callername="Jörg & Co", variables={"tier": "gold"})
        for result in (decision, on_the_socket):
            del result["elapsed_ms"]
        self.assertEqual(decision, on_the_socket)

    def test_a_failure_branch_is_an_answer_too(self):
        self.serve()
        status, decision = self.ask(self.client(), "/v1/route", call("no"))
        self.assertEqual(status, 200)
        self.assert_failure(decision, "nak", status="NAK")

    def test_a_conversation_goes_on_over_any_connection(self):
        self.serve()
        status, question = self.ask(self.client(), "/v1/route", call("code"))
        self.assertEqual((status, question["action"], question["play"]), (200, "collect", "enter"))
        status, decision = self.ask(self.client(), "/v1/continue", {"state": question["state"], "code": "12#"})
        self.assertEqual(status, 200)
        self.assert_success(decision, destination="101")
        self.assertEqual(self.web.requests[0].target, "/?code=12")

    def test_as_a_form(self):
        self.serve()
        _, headers, body = self.post(self.client(), "/v1/route", call("crm"), FORM)
        self.assertEqual(headers["Content-Type"], "application/x-www-form-urlencoded")
        flat = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True))
        expected = {"action": "route", "branch": "success", "status": "ACK", "destination": "101", "callername": "Jörg & Co",
                    "callerid": "+31612345678", "presentation": "allowed", "var.tier": "gold", "webhook": "crm", "source": "url",
                    "http_status": "200"}
        self.assertEqual({key: flat.get(key) for key in expected}, expected)
        self.assertEqual(set(flat) - set(expected), {"elapsed_ms"})
        status, _, body = self.post(self.client(), "/v1/route", call("crmm"), FORM)
        self.assertEqual((status, dict(urllib.parse.parse_qsl(body.decode()))["code"]), (404, "-32001"))

    def test_an_event_is_stored(self):
        files = self.scratch()
        self.serve(arguments=["--state", files.path / "state"])
        event = {"call_id": "1", "event": "created"}
        self.assertEqual(self.ask(self.client(), "/v1/event", event), (200, {"stored": True}))

    def test_an_event_that_cannot_be_stored(self):
        self.serve()
        status, error = self.ask(self.client(), "/v1/event", {"call_id": "1", "event": "created"})
        self.assertEqual((status, error["code"]), (503, -32007))

    def test_errors_have_a_status(self):
        self.serve()
        client = self.client()
        for path, params, status, code in (("/v1/route", "{", 400, -32700), ("/v1/route", "[]", 400, -32602),
                                           ("/v1/route", {}, 400, -32602), ("/v1/route", call("crmm"), 404, -32001),
                                           ("/v1/route", {"did": "4711"}, 404, -32002),
                                           ("/v1/continue", {"state": "nonsense"}, 409, -32003),
                                           ("/v1/event", {}, 400, -32602), ("/v1/cancel", {}, 404, -32601), ("/", {}, 404, -32601)):
            with self.subTest(path=path, params=params):
                answer = self.ask(client, path, params)
                self.assertEqual((answer[0], answer[1]["code"]), (status, code))
                self.assertTrue(answer[1]["message"])
        self.assertEqual(self.ask(client, "/v1/route", call("crmm"))[1]["message"], 'there is no webhook "crmm"; did you mean "crm"?')

    def test_another_method(self):
        self.serve()
        client = self.client()
        for method in ("GET", "PUT", "OPTIONS", "HEAD"):
            status, headers, body = self.post(client, "/v1/route", "", method=method)
            self.assertEqual((status, headers["Allow"], body == b""), (405, "POST", method == "HEAD"))

    def test_a_browser_is_turned_away(self):
        self.serve()
        self.assertEqual(self.ask(self.client(), "/v1/route", call("crm"), {"Origin": "https://evil.example"})[0], 403)
        self.assertEqual(len(self.web.requests), 0)


class Connections(EngineHttpTest):
    def test_one_connection_takes_many_requests(self):
        self.serve()
        client = self.client()
        client.connect()
        port = client.sock.getsockname()
        for _ in range(50):
            self.assertEqual(self.ask(client, "/v1/route", call("crm"))[0], 200)
        self.assertEqual(client.sock.getsockname(), port)

    def test_one_that_the_client_does_not_keep(self):
        self.serve()
        connection = self.raw()
        connection.ask("/v1/route", call("crm"), "Connection: close\r\n")
        status, headers, _ = connection.answer()
        self.assertEqual((status, headers["Connection"]), (200, "close"))
        self.assertTrue(connection.is_closed())

    def test_a_client_that_closes_cancels_its_call(self):
        self.serve()
        connection = self.raw()
        connection.ask("/v1/route", call("never"))
        request = self.web.wait_request("/never")
        watch = stopwatch()
        connection.close()
        self.assertTrue(self.web.connections[request.connection - 1].closed_by_peer.wait(PATIENCE), "the web server waits for nobody")
        self.assert_prompt(watch(), "a call cancelled")

    def test_pipelined_requests_are_not_read(self):
        self.serve()
        connection = self.raw()
        body = json.dumps(call("crm"))
        request = f"POST /v1/route HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        connection.send(request * 3)
        status, headers, decision = connection.answer()
        self.assertEqual((status, headers["Connection"], decision["branch"]), (200, "close", "success"))
        self.assertTrue(connection.is_closed())
        self.assertEqual(len(self.web.requests), 1)

    def test_neither_while_a_call_is_under_way(self):
        self.serve()
        released = self.hold()
        connection = self.raw()
        connection.ask("/v1/route", call("held"))
        self.web.wait_request("/held")
        connection.ask("/v1/route", call("crm"))
        other = self.client()
        self.assertEqual(self.ask(other, "/v1/route", call("crm"))[0], 200)
        released.set()
        status, headers, _ = connection.answer()
        self.assertEqual((status, headers["Connection"]), (200, "close"))
        self.assertTrue(connection.is_closed())
        self.assertEqual(len(self.web.requests), 2)

    def test_what_is_too_large_or_no_http(self):
        self.serve()
        large = json.dumps({**call("crm"), "x": "y" * 65536})
        for text, status in ((f"POST /v1/route HTTP/1.1\r\nContent-Length: {len(large)}\r\n\r\n{large}", 413),
                             ("POST /v1/route HTTP/1.1\r\nX: " + "y" * 9000, 431),
                             ("{}\r\n\r\n", 400), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
                             ("POST /v1/route HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400)):
            with self.subTest(text[:50]):
                connection = self.raw()
                connection.send(text)
                answered, headers, error = connection.answer()
                self.assertEqual((answered, headers["Connection"], error["code"]), (status, "close", -32600))
                self.assertTrue(connection.is_closed())

    def test_what_never_ends_is_refused(self):
        """Also in a chunked body, where a line, or what follows the last chunk, is understood as a whole."""
        self.serve({"tokens": ["t"]})
        for begin, endless in (("5;", "x"), ("0\r\n", "X: y\r\n")):
            with self.subTest(begin):
                connection = self.raw()
                connection.send("POST /v1/route HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + begin + endless * 10000)
                status, headers, error = connection.answer()
                self.assertEqual((status, headers["Connection"], error["code"]), (431, "close", -32600))

    def test_empty_lines_between_requests(self):
        self.serve()
        connection = self.raw()
        for _ in range(3):
            connection.ask("/v1/route", call("crm"))
            connection.send("\r\n")
            status, headers, _ = connection.answer()
            self.assertEqual((status, headers["Connection"]), (200, None))
            connection.send("\r\n")

    def test_the_largest_body(self):
        self.serve()
        params = {**call("crm"), "x": ""}
        params["x"] = "y" * (65536 - len(json.dumps(params)))
        self.assertEqual(self.ask(self.client(), "/v1/route", params)[0], 200)

    def test_a_client_that_waits_for_100_continue(self):
        self.serve()
        connection = self.raw()
        body = json.dumps(call("crm"))
        connection.send(f"POST /v1/route HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n")
        self.assertEqual(connection.socket.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.send(body)
        self.assertEqual(connection.answer()[0], 200)

    def test_one_who_sends_drop_by_drop_is_closed_after_ten_seconds(self):
        self.serve()
        connection = self.raw()
        watch = stopwatch()
        for byte in b"POST /v1/route HTTP/1.1\r\nX: " + b"y" * 100:
            with contextlib.suppress(*CLOSED):
                connection.send(bytes([byte]))
            if connection.is_closed(0.25):
                break
        else:
            self.fail("the daemon waits for ever")
        self.assertGreater(watch(), 9)

    def test_idle_ones_up_to_a_quarter_of_the_descriptors_and_the_longest_idle_makes_room(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        limit = min(10000, hard // 4 - 250)    # the test has as many of its own
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.serve(descriptors=4 * limit)
        asking = self.engine(self.daemon)
        idle = [self.raw() for _ in range(limit)]
        first = self.client()
        self.assertEqual(self.ask(first, "/v1/route", call("crm"))[0], 200)
        self.assertTrue(idle[0].is_closed(), "the longest idle one is still there")
        self.assertFalse(idle[-1].is_closed(0))
        self.assert_success(asking.route("crm"))
        idle[-1].ask("/v1/route", call("crm"))
        self.assertEqual(idle[-1].answer()[0], 200)


    def test_strangers_in_the_middle_of_a_request_make_room(self):
        limit = 100
        self.serve({"tokens": ["t"]}, descriptors=4 * limit)
        released, bearer = self.hold(), "Authorization: Bearer t\r\n"
        strangers = [self.raw() for _ in range(limit - 1)]
        for stranger in strangers:
            stranger.send("P")
        busy = self.raw()
        busy.ask("/v1/route", call("held"), bearer)
        self.web.wait_request("/held")    # by then all of them were read
        engine = self.raw()
        engine.ask("/v1/route", call("crm"), bearer)
        self.assertEqual(engine.answer()[0], 200)
        self.assertTrue(strangers[0].is_closed(), "the longest one is still there")
        released.set()
        self.assertEqual(busy.answer()[0], 200)


class Stopping(EngineHttpTest):
    def test_calls_get_their_answer_and_what_comes_later_is_told(self):
        daemon = self.serve(drain=ample())
        released = self.hold()
        busy, idle, late = self.raw(), self.client(), self.raw()
        self.assertEqual(self.ask(idle, "/v1/route", call("crm"))[0], 200)
        busy.ask("/v1/route", call("held"))
        late.send("POST /v1/route HTTP/1.1\r\nContent-Length: 2\r\n")
        self.web.wait_request("/held")
        self.assertEqual(self.ask(self.client(), "/v1/route", call("crm"))[0], 200)    # by then the half of a request was read
        daemon.signal(signal.SIGTERM)
        daemon.notify.wait("STOPPING=1")
        self.assertEqual(idle.sock.recv(1), b"")
        status, headers, error = late.answer()
        self.assertEqual((status, headers["Connection"], error["code"]), (503, "close", -32009))
        released.set()
        status, headers, decision = busy.answer()
        self.assertEqual((status, headers["Connection"], decision["branch"]), (200, "close", "success"))
        self.assertEqual(daemon.wait_exit(), 0)

    def test_half_a_request_does_not_delay_it(self):
        daemon = self.serve(drain=ample())
        half = self.raw()
        half.send("P")
        self.assertEqual(self.ask(self.client(), "/v1/route", call("crm"))[0], 200)    # by then it was read
        daemon.signal(signal.SIGTERM)
        status, headers, error = half.answer()
        self.assertEqual((status, headers["Connection"], error["code"]), (503, "close", -32009))
        self.assertEqual(daemon.wait_exit(), 0)    # although the client keeps its connection

    def test_what_is_left_after_the_drain_fails_with_its_reason(self):
        daemon = self.serve(drain="100ms")
        connection = self.raw()
        connection.ask("/v1/route", call("never"))
        self.web.wait_request("/never")
        daemon.signal(signal.SIGTERM)
        status, _, decision = connection.answer()
        self.assertEqual((status, decision["reason"]), (200, "shutdown"))
        self.assertEqual(daemon.wait_exit(), 0)


class Guarded(EngineHttpTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.share_scratch()
        cls.certificates = Certificates(cls.files.path)
        cls.cert, cls.key = cls.certificates.issue("daemon")
        cls.client_pem, cls.client_key = cls.certificates.issue("engine")
        cls.stranger = cls.certificates.issue("by-stranger", authority="stranger")

    def tls(self, **more):
        return {"cert": self.cert, "key": self.key, **more}

    def curl(self, *arguments):
        done = subprocess.run(["curl", "--silent", "--show-error", "--cacert", self.certificates.ca_file, "--max-time", str(int(PATIENCE)),
                               "--write-out", "\n%{http_code}", "--data", json.dumps(call("crm")), *arguments,
                               f"https://127.0.0.1:{self.port}/v1/route"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        body, _, status = done.stdout.decode().rpartition("\n")
        return done.returncode, int(status), json.loads(body) if body else None

    def test_a_client_certificate(self):
        self.serve({"tls": self.tls(client_ca=self.certificates.ca_file)})
        code, status, decision = self.curl("--cert", self.client_pem, "--key", self.client_key)
        self.assertEqual((code, status, decision["branch"]), (0, 200, "success"))
        self.assertEqual(self.curl("--tls-max", "1.2", "--cert", self.client_pem, "--key", self.client_key)[1], 200)
        for without in ([], ["--tls-max", "1.2"], ["--cert", self.stranger[0], "--key", self.stranger[1]]):
            code, status, _ = self.curl(*without)
            self.assertEqual((code != 0, status), (True, 0))
        self.assertEqual(len(self.web.requests), 2)

    def test_a_token(self):
        self.serve({"tls": self.tls(), "tokens": ["first", "${file:" + self.token_file("second\n") + "}"]})
        for token in ("first", "second"):
            self.assertEqual(self.curl("--header", f"Authorization: Bearer {token}")[1], 200)
        self.assertEqual(len(self.web.requests), 2)
        for headers in ([], ["--header", "Authorization: Bearer third"], ["--user", "first:second"]):
            code, status, error = self.curl(*headers)
            self.assertEqual((code, status, error["code"]), (0, 401, -32600))
        self.assertIn('WWW-Authenticate: Bearer realm="dialhook"', self.curl_head())
        self.assertEqual(len(self.web.requests), 2)
        self.assertNotIn("third", self.daemon.stderr())

    def token_file(self, text):
        self.files.write("token", text)
        return str(self.files.path / "token")

    def curl_head(self):
        return subprocess.run(["curl", "--silent", "--include", "--cacert", self.certificates.ca_file, "--data", "{}",
                               f"https://127.0.0.1:{self.port}/v1/route"], stdout=subprocess.PIPE).stdout.decode()

    def test_strangers_in_a_handshake_make_room(self):
        limit = 100
        self.serve({"tls": self.tls(), "tokens": ["t"]}, descriptors=4 * limit)
        strangers = [self.raw() for _ in range(limit)]
        self.assertEqual(self.curl("--header", "Authorization: Bearer t")[:2], (0, 200))
        self.assertTrue(strangers[0].is_closed(), "the longest one is still there")

    def test_many_requests_over_one_connection_and_a_resumed_session(self):
        self.serve({"tls": self.tls(client_ca=self.certificates.ca_file)})
        context = ssl.create_default_context(cafile=self.certificates.ca_file)
        context.load_cert_chain(self.client_pem, self.client_key)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context.minimum_version = context.maximum_version = version
            session = None
            for turn in range(2):
                plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
                secure = self.use(context.wrap_socket(plain, server_hostname="127.0.0.1", session=session))
                self.assertEqual(secure.session_reused, turn == 1)
                raw = Raw.__new__(Raw)
                raw.socket = secure
                for _ in range(3):
                    raw.ask("/v1/route", call("crm"))
                    self.assertEqual(raw.answer()[0], 200)
                session = secure.session

    def test_reload_changes_tokens_and_certificates_but_not_the_address(self):
        daemon = self.serve({"tokens": ["old"]})
        client = self.client()
        bearer = lambda token: {"Authorization": f"Bearer {token}"}
        self.assertEqual(self.ask(client, "/v1/route", call("crm"), bearer("old"))[0], 200)
        daemon.configure(self.content({"tokens": ["new"]}))
        daemon.reload()
        self.assertEqual(self.ask(client, "/v1/route", call("crm"), bearer("old"))[0], 401)
        self.assertEqual(self.ask(client, "/v1/route", call("crm"), bearer("new"))[0], 200)
        daemon.configure(self.content({"tls": self.tls(client_ca=self.certificates.ca_file)}))
        daemon.reload()
        self.assertEqual(self.ask(client, "/v1/route", call("crm"), bearer("new"))[0], 403)    # it never showed a certificate
        self.assertEqual(self.curl("--cert", self.client_pem, "--key", self.client_key)[1], 200)
        other = self.use(ReservedPort()).port
        daemon.configure(self.content({"listen": f"127.0.0.1:{other}"}))
        daemon.reload()
        daemon.wait_logged("server.engine_http.listen", "restart")
        self.assertEqual(self.ask(self.client(), "/v1/route", call("crm"))[0], 200)

    def test_a_reload_without_the_door_closes_it(self):
        """Its guards go with it, so nobody gets in by an address that stays until a restart."""
        daemon = self.serve({"tokens": ["t"]})
        client, bearer = self.client(), {"Authorization": "Bearer t"}
        self.assertEqual(self.ask(client, "/v1/route", call("crm"), bearer)[0], 200)
        daemon.configure(configuration(self.hooks))
        daemon.reload()
        for headers in (bearer, {}):
            status, error = self.ask(client, "/v1/route", call("crm"), headers)
            self.assertEqual((status, error.get("message")), (403, "the configuration no longer has server.engine_http"))
        self.assertTrue(self.raw().is_closed())
        self.assertEqual(len(self.web.requests), 1)
        daemon.configure(self.content({"tokens": ["t"]}))
        daemon.reload()
        self.assertEqual(self.ask(self.client(), "/v1/route", call("crm"), bearer)[0], 200)

    def test_a_reload_does_not_open_an_address_that_others_reach(self):
        """The address stays until a restart, whatever the configuration says of it by then."""
        door = {"listen": f"0.0.0.0:{self.port}", "tls": self.tls(), "tokens": ["t"]}
        daemon = self.serve(door)
        own = own_address()
        if own is None:
            self.skipTest("this machine has no address but its loopback's")
        daemon.configure(configuration(self.hooks))
        daemon.reload()
        connection = socket.create_connection((own, self.port), timeout=PATIENCE)
        self.addCleanup(connection.close)
        self.assertEqual(connection.recv(1), b"")


def own_address():
    """One that is no loopback address, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))    # sends nothing
            address = one.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") else address


class Faults(EngineHttpTest):
    def faults(self, engine_http):
        files = self.scratch()
        files.write("dialhook.yaml", "server:\n  engine_http: " + json.dumps(engine_http) + "\nwebhooks: {}\n")
        code, text = check(files.path / "dialhook.yaml")
        return code, text

    def test_what_others_reach_has_to_be_guarded(self):
        made = Certificates(self.scratch().path)
        cert, key = made.issue("daemon")
        for door, words in (({"listen": "0.0.0.0:8443"}, ["needs `tls`", "needs `tokens`"]),
                            ({"listen": "192.0.2.1:8443", "tokens": ["t"]}, ["needs `tls`"]),
                            ({"listen": "[::]:8443", "tls": {"cert": cert, "key": key}}, ["needs `tokens`"]),
                            ({"listen": "0.0.0.0:8443", "tls": {"cert": cert, "key": key}, "tokens": [""]}, ["the token is empty"]),
                            ({"listen": "0.0.0.0:8443", "tls": {"cert": cert}, "tokens": ["t"]}, ["no `key`"]),
                            ({"listen": "127.0.0.1:8443", "tls": {"cert": cert, "key": made.path("stranger.key")}}, ["stranger.key is not an unencrypted PEM key"]),
                            ({"listen": "127.0.0.1:8443", "tls": {"cert": "/nonexistent", "key": key}}, ["/nonexistent cannot be read"]),
                            ({"tokens": ["t"]}, ["no `listen`"]), ({"listen": "127.0.0.1:8443", "tokens": []}, ["an empty list"])):
            with self.subTest(door):
                code, text = self.faults(door)
                self.assertEqual(code, 1, text)
                for word in words:
                    self.assertIn(word, text)
        for door in ({"listen": "127.0.0.1:8443"}, {"listen": "127.9.9.9:1", "tokens": ["t"]}, {"listen": "[::1]:8443"},
                     {"listen": "0.0.0.0:8443", "tls": {"cert": cert, "key": key, "client_ca": made.ca_file}}):
            code, text = self.faults(door)
            self.assertEqual(code, 0, text)


if __name__ == "__main__":
    unittest.main()
