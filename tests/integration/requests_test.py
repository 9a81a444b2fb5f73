"""What goes out to the web server: the URL with the values of the call, and nothing that a caller could add to it."""
import base64
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.patience import ample
from support.replies import respond
from support.webserver import WebServer

ALL = "/hook?did={did}&cid={callerid}&name={callername}&id={call_id}"

# template, parameters of the call -> request target
TARGETS = [
    ("/hook", {}, "/hook"),
    ("", {}, "/"),
    ("/hook?did={did}", {}, "/hook?did=%2B31502102544"),
    ("/hook/{did}/{callerid}", {}, "/hook/%2B31502102544/%2B31612345678"),
    (ALL, {"did": "101", "callerid": "102", "callername": "Jan van Dijk", "call_id": "a-1.2_3~"},
     "/hook?did=101&cid=102&name=Jan%20van%20Dijk&id=a-1.2_3~"),
    # No value, no text
    (ALL, {"did": "101", "callerid": None}, "/hook?did=101&cid=&name=&id="),
    (ALL, {"did": "101", "callerid": "", "callername": None}, "/hook?did=101&cid=&name=&id="),
    # Bytes that mean something in a URL, in a header, or in between
    ("/hook?n={callername}&x=1", {"callername": "a&b=c#d?e/f%41+g;h"}, "/hook?n=a%26b%3Dc%23d%3Fe%2Ff%2541%2Bg%3Bh&x=1"),
    ("/hook?n={callername}", {"callername": "x\r\nX-Evil: 1\r\n\r\n"}, "/hook?n=x%0D%0AX-Evil%3A%201%0D%0A%0D%0A"),
    ("/hook?n={callername}", {"callername": "a\u0000b\u007f"}, "/hook?n=a%00b%7F"),
    ("/hook?n={callername}", {"callername": "Zoë €\U0001F600"}, "/hook?n=Zo%C3%AB%20%E2%82%AC%F0%9F%98%80"),
    ("/hook?n={callername}", {"callername": "{did}"}, "/hook?n=%7Bdid%7D"),
    ("/a/{callername}/b", {"callername": "../../admin"}, "/a/..%2F..%2Fadmin/b"),
    # A whole segment of dots never comes from a variable
    ("/a/{callername}/b", {"callername": ".."}, "/a//b"),
    ("/a/{callername}/b", {"callername": "."}, "/a//b"),
    ("/a/{callername}", {"callername": ".."}, "/a/"),
    ("/a/{callername}/b", {"callername": "..."}, "/a/.../b"),
    ("/a?n={callername}", {"callername": ".."}, "/a?n=.."),
    # The text of the template itself
    ("/a?json={{\"did\":{did}}}", {"did": "101"}, "/a?json=%7B%22did%22:101%7D"),
    ("/a%20b/{did}?x=%2B", {"did": "101"}, "/a%20b/101?x=%2B"),
    ("/zoë?é={did}", {"did": "101"}, "/zo%C3%AB?%C3%A9=101"),
    ("/a?did={did}#part", {"did": "101"}, "/a?did=101"),
    # The webhook belongs to the owner of the PBX: it sees the number that the recipient may not see
    ("/a?cid={callerid}", {"presentation": "prohibited"}, "/a?cid=%2B31612345678"),
]


class Urls(DialhookTest):
    def test_a_call_fills_the_template(self):
        web = self.use(WebServer())
        hooks = {f"hook {n}": {"url": web.url(template), "timeout": ample()} for n, (template, _, _) in enumerate(TARGETS)}
        engine = self.engine(self.start(configuration(hooks)))
        for n, (template, params, target) in enumerate(TARGETS):
            with self.subTest(template, **params):
                engine.route(f"hook {n}", **params)
                self.assertEqual(web.requests[-1].target, target)
                self.assertEqual(web.requests[-1].header("Host"), f"127.0.0.1:{web.port}")

    def test_the_names_of_webhooks_may_hold_spaces_dots_and_dashes(self):
        web = self.use(WebServer()).on("/", respond())
        names = ["CRM connection", "a.b-c_d", "7", "x" * 64, "true", "null"]
        engine = self.engine(self.start(configuration({name: {"url": web.url(), "timeout": ample()} for name in names})))
        for name in names:
            with self.subTest(name):
                self.assert_success(engine.route(name), webhook=name)


class Requests(DialhookTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = web = cls.share(WebServer().on("/", respond()))
        cls.files = cls.share_scratch()
        cls.files.write("token", "s3cret token\n")
        cls.files.write("api-key", "k3y\r\n")
        hook = {"url": web.url(), "timeout": ample()}
        post = {**hook, "method": "POST"}
        cls.daemon = cls.share_daemon(
            configuration({
                "get": {**hook, "description": "asks the CRM"},
                "user": {**hook, "url": web.url("/", user_info="jan%40pbx:p%3Ass@")},
                "headers": {**hook, "headers": {"X-Plain": "plain: text", "Authorization": "Bearer ${credential:token}",
                                                "X-Key": f"${{file:{cls.files.path}/api-key}}"}},
                "coded": {**hook, "headers": {"ACCEPT-encoding": "gzip, identity"}},
                "form": {**post, "body": "form"}, "json": {**post, "body": "json"},
            }),
            environment={"CREDENTIALS_DIRECTORY": str(cls.files.path)})

    def setUp(self):
        super().setUp()
        self.asking = self.engine(self.daemon)

    def sent(self, webhook, **params):
        self.assert_success(self.asking.route(webhook, **params))
        return self.web.requests[-1]

    def test_a_get_asks_for_nothing_that_the_daemon_could_not_read(self):
        request = self.sent("get")
        self.assertEqual((request.method, request.body), ("GET", b""))
        self.assertEqual(request.header("Accept-Encoding"), "identity")
        self.assertEqual(self.sent("form").header("Accept-Encoding"), "identity")
        self.assertEqual(self.sent("coded").header("Accept-Encoding"), "gzip, identity", "the administrator's own alone")
        self.assertNotEqual((request.header("Connection") or "").lower(), "close")
        self.assertIsNone(request.header("Transfer-Encoding"))
        self.assertIsNone(request.header("Authorization"))

    def test_user_info_of_the_url_is_basic_authentication(self):
        request = self.sent("user")
        self.assertEqual(request.header("Authorization"), "Basic " + base64.b64encode(b"jan@pbx:p:ss").decode())
        self.assertEqual((request.target, request.header("Host")), ("/", f"127.0.0.1:{self.web.port}"))

    def test_headers_with_credentials_and_files(self):
        request = self.sent("headers")
        self.assertEqual(request.header("X-Plain"), "plain: text")
        self.assertEqual(request.header("Authorization"), "Bearer s3cret token")
        self.assertEqual(request.header("X-Key"), "k3y")
        self.assertIsNone(self.sent("get").header("X-Plain"), "one webhook's headers stay out of another's requests")

    def posted(self, webhook, content_type, read, **params):
        request = self.sent(webhook, **params)
        self.assertEqual(request.method, "POST")
        self.assertEqual((request.header("Content-Type") or "").partition(";")[0], content_type)
        self.assertEqual(request.header("Content-Length"), str(len(request.body)))
        self.assertIsNone(request.header("Expect"))
        return read(request)

    def test_post_carries_the_call(self):
        kinds = {"form": ("application/x-www-form-urlencoded", lambda request: request.form()),
                 "json": ("application/json", lambda request: request.json())}
        calls = [
            {"did": "+31502102544", "callerid": "+31612345678", "callername": "Jan \"& Zoë\"=+%41\n", "call_id": "1.2",
             "presentation": "prohibited"},
            {"did": "101", "callerid": "anonymous", "callername": "\u0001\u2028\\", "call_id": "x", "presentation": "allowed"},
        ]
        for webhook, (content_type, read) in kinds.items():
            for params in calls:
                with self.subTest(webhook, **params):
                    self.assertEqual(self.posted(webhook, content_type, read, **params), params)
            with self.subTest(f"{webhook}, absent values are left out"):
                fields = self.posted(webhook, content_type, read, did="101", callerid=None)
                fields.pop("presentation", None)
                self.assertEqual(fields, {"did": "101"})

    def test_credentials_are_read_again_at_a_reload(self):
        files = self.scratch()
        files.write("token", "first")
        daemon = self.start(configuration({"crm": {"url": self.web.url(), "timeout": ample(),
                                                   "headers": {"X-Token": "${credential:token}"}}}),
                            environment={"CREDENTIALS_DIRECTORY": str(files.path)})
        asking = self.engine(daemon)
        self.assert_success(asking.route("crm"))
        self.assertEqual(self.web.requests[-1].header("X-Token"), "first")
        files.write("token", "second\n")
        daemon.reload()
        self.assert_success(asking.route("crm"))
        self.assertEqual(self.web.requests[-1].header("X-Token"), "second")


if __name__ == "__main__":
    unittest.main()
