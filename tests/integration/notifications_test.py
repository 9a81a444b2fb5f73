"""Call events reach web servers: in their order, at least once, over retries, restarts and kill -9."""
import base64
import collections
import threading
import time
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.patience import PATIENCE, ample, phase
from support.replies import hang, head, held, raw, redirect, respond
from support.signatures import is_signed_by
from support.webserver import WebServer

DID = "+31502102544"
SECRET = base64.b64encode(b"a" * 32).decode()


class NotificationsTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("")))
        self.files = self.scratch()

    def content(self, notifications, **more):
        named = {name: {"timeout": ample(), "connect_timeout": ample(), **keys} for name, keys in notifications.items()}
        return configuration(more.pop("webhooks", {}), notifications=named, **more)

    def serve(self, notifications, **more):
        self.begin(self.content(notifications, **more))

    def begin(self, content):
        self.daemon = self.start(content, scratch=self.files, arguments=("--state", str(self.files.path / "state")))
        self.asking = self.engine(self.daemon)

    def told(self, path="/"):
        """(call, seq) of each request that came for `path`, in that order."""
        return [seen(request) for request in self.web.requests_for(path)]

    def wait_told(self, count, path="/"):
        self.web.requests.wait(lambda requests: sum(request.path == path for request in requests) >= count,
                               f"{count} requests for {path}")
        return self.web.requests_for(path)


def seen(request):
    return request.json()["call_id"], int(request.header("webhook-sequence"))


class Delivery(NotificationsTest):
    def test_each_url_gets_each_event_in_the_order_of_its_call(self):
        self.web.on("/a", respond("")).on("/b", respond("", status=204))
        self.serve({"crm": {"url": [self.web.url("/a"), self.web.url("/b")]}})
        calls = ["1", "2", "3"]
        for event in ("created", "ringing", "answered", "ended"):
            for call in calls:
                self.asking.report(call, event, did=DID)
        for path in ("/a", "/b"):
            self.wait_told(12, path)
            for call in calls:
                self.assertEqual([seq for told, seq in self.told(path) if told == call], [1, 2, 3, 4])

    def test_an_event_is_a_post_of_what_is_known(self):
        self.serve({"crm": {"url": self.web.url("/", user_info="me:secret@"), "headers": {"X-Tenant": "17"}}})
        self.asking.report("1", "created", did=DID, callerid="+31612345678", direction="inbound")
        self.asking.report("1", "ended", reason="busy")
        created, ended = self.wait_told(2)
        self.assertEqual((created.method, created.target, created.header("content-type")), ("POST", "/", "application/json"))
        self.assertEqual(created.header("authorization"), "Basic " + base64.b64encode(b"me:secret").decode())
        self.assertEqual(created.header("x-tenant"), "17")
        self.assertEqual([request.json()["status"] for request in (created, ended)], ["created", "ended"])
        self.assertEqual(ended.json()["destination"]["number"], DID)
        self.assertEqual(ended.json()["reason"], "busy")
        self.assertNotEqual(created.header("webhook-id"), ended.header("webhook-id"))

    def test_a_question_of_a_call_is_its_beginning(self):
        self.web.on("/crm", respond())
        self.serve({"crm": {"url": self.web.url()}}, webhooks={"crm": {"url": self.web.url("/crm"), "timeout": ample()}})
        self.assert_success(self.asking.route("crm", call_id="1"))
        self.asking.report("1", "ended")
        self.assertEqual([request.json()["status"] for request in self.wait_told(2)], ["created", "ended"])

    def test_only_what_is_wanted_is_told(self):
        self.web.on("/dids", respond("")).on("/events", respond(""))
        self.serve({"dids": {"url": self.web.url("/dids"), "dids": ["050*"]},
                    "events": {"url": self.web.url("/events"), "events": ["ended"]}},
                   server={"numbers": {"country": "31", "trunk": "0"}})
        self.asking.report("other", "created", "ended", did="+31201234567")
        self.asking.report("ours", "created", "ended", did=DID)
        self.wait_told(2, "/dids")
        self.wait_told(2, "/events")
        self.assertEqual(self.told("/dids"), [("ours", 1), ("ours", 2)])
        self.assertEqual(sorted(self.told("/events")), [("other", 2), ("ours", 2)])

    def test_a_cloud_event_has_its_id(self):
        self.serve({"bus": {"url": self.web.url(), "format": "cloudevents"}})
        self.asking.report("1", "created")
        (request,) = self.wait_told(1)
        self.assertEqual(request.header("content-type").partition(";")[0], "application/cloudevents+json")
        self.assertEqual(request.json()["id"], request.header("webhook-id"))
        self.assertIsNone(request.header("webhook-sequence"))

    def test_fields_say_what_the_configuration_wants(self):
        self.serve({"crm": {"url": self.web.url(), "format": "fields",
                            "fields": {"what": "{event}", "from": "{callerid}", "call": {"id": "{call_id}", "no": "{seq}"}}}})
        self.asking.report("1", "created", callerid="101")
        (request,) = self.wait_told(1)
        self.assertEqual(request.json(), {"what": "created", "from": "101", "call": {"id": "1", "no": "1"}})

    def test_an_event_is_signed(self):
        self.serve({"crm": {"url": self.web.url(), "secret": f"whsec_{SECRET}"}})
        self.asking.report("1", "created")
        (request,) = self.wait_told(1)
        self.assertTrue(is_signed_by(SECRET, request))
        self.assertLess(abs(time.time() - int(request.header("webhook-timestamp"))), 300)

    def test_one_url_that_hangs_delays_no_other_and_no_call(self):
        self.web.on("/hangs", hang).on("/crm", respond())
        self.serve({"a": {"url": [self.web.url("/hangs"), self.web.url()]}, "b": {"url": self.web.url("/hangs")}},
                   webhooks={"crm": {"url": self.web.url("/crm"), "timeout": ample()}}, server={"drain": "100ms"})
        for call in ("1", "2", "3"):
            self.asking.report(call, "created", "ended")
        self.wait_told(6)
        self.wait_told(6, "/hangs")    # the first event of each call, of two notifications
        self.assert_success(self.asking.route("crm"))
        self.assertEqual({seq for _, seq in self.told("/hangs")}, {1})

    def test_calls_go_on_where_no_folder_is(self):
        self.web.on("/crm", respond())
        daemon = self.start(self.content({"crm": {"url": self.web.url()}},
                                         webhooks={"crm": {"url": self.web.url("/crm"), "timeout": ample()}}))
        daemon.wait_logged("no event is stored", "--state")
        asking = self.engine(daemon)
        self.assert_success(asking.route("crm", call_id="1"))
        self.assertEqual(asking.ask("call.event", call_id="1", event="ended")["error"]["code"], -32007)

    def test_a_reload_tells_others(self):
        self.web.on("/new", respond(""))
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created")
        self.wait_told(1)
        self.daemon.reload(self.content({"new": {"url": self.web.url("/new")}}))
        self.asking.report("1", "ended")
        self.wait_told(1, "/new")
        self.assertEqual(self.told(), [("1", 1)])
        self.assertEqual(self.told("/new"), [("1", 2)])

    def test_another_spool_needs_a_restart(self):
        notifications = {"crm": {"url": self.web.url()}}
        self.serve(notifications)
        self.daemon.reload(self.content(notifications, server={"spool": str(self.files.path / "other.db")}))
        self.daemon.wait_logged("server.spool changes only at a restart")
        self.asking.report("1", "created")
        self.wait_told(1)
        self.assertFalse((self.files.path / "other.db").exists())


class Retries(NotificationsTest):
    def test_what_fails_is_tried_again_before_what_comes_after_it(self):
        self.web.on("/", respond(status=500), respond(""))
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created", "ringing")
        self.asking.report("2", "created")
        requests = self.wait_told(4)
        of_one = [request for request in requests if request.json()["call_id"] == "1"]
        self.assertEqual([seen(request)[1] for request in of_one], [1, 1, 2])
        self.assertEqual(of_one[0].header("webhook-id"), of_one[1].header("webhook-id"))
        self.assertEqual(of_one[0].body, of_one[1].body)

    def test_every_failure_that_may_pass_is_tried_again(self):
        cases = {"/closes": lambda connection: "close", "/404": respond(status=404), "/503": respond(status=503)}
        for path, failure in cases.items():
            self.web.on(path, failure, respond(""))
        self.serve({f"n{number}": {"url": self.web.url(path)} for number, path in enumerate(cases)})
        self.asking.report("1", "created")
        for path in cases:
            with self.subTest(path):
                first, second = self.wait_told(2, path)
                self.assertEqual(first.header("webhook-id"), second.header("webhook-id"))

    def test_retry_after_is_kept(self):
        self.web.on("/", respond(status=429, headers=[("Retry-After", "4")]), respond(""))
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created")
        self.wait_told(1)
        began = time.monotonic()
        self.wait_told(2)
        self.assertGreater(time.monotonic() - began, 3.5, "without it the second attempt comes after a second")

    def test_410_switches_off_until_a_reload(self):
        self.web.on("/gone", respond(status=410), respond("")).on("/", respond(""))
        notifications = {"gone": {"url": self.web.url("/gone")}, "other": {"url": self.web.url()}}
        self.serve(notifications)
        self.asking.report("1", "created")
        self.daemon.wait_logged("switched off", "gone")
        self.asking.report("2", "created", "ended")
        self.wait_told(3)
        self.assertEqual(self.told("/gone"), [("1", 1)])
        self.daemon.reload(self.content(notifications))
        self.wait_told(4, "/gone")
        self.assertEqual(sorted(self.told("/gone")[1:]), [("1", 1), ("2", 1), ("2", 2)])

    def test_a_body_that_breaks_off_or_never_ends_is_not_looked_at(self):
        bodies = {"/cut": raw(head(headers=[("Content-Length", 3)]) + b"ok"),
                  "/misframed": raw(head(headers=[("Transfer-Encoding", "chunked")]) + b"zz\r\n"),
                  "/stalled": raw(head(headers=[("Content-Type", "text/event-stream")]) + b"ok\n", then=hang)}
        for path, body in bodies.items():
            self.web.on(path, body, respond(""))
        self.serve({path[1:]: {"url": self.web.url(path), **({"timeout": phase(300)} if path == "/stalled" else {})} for path in bodies})
        self.asking.report("1", "created", "ended")
        for path in bodies:
            with self.subTest(path):
                self.assertEqual([seen(request)[1] for request in self.wait_told(2, path)], [1, 2])
        self.assertNotIn("not delivered", self.daemon.stderr())

    def test_410_switches_off_though_its_body_breaks_off(self):
        self.web.on("/", raw(head(410, [("Content-Length", 3)]) + b"no"), respond(""))
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created")
        self.daemon.wait_logged("switched off", "crm")

    def test_a_try_ends_with_its_timeout(self):
        self.web.on("/", hang, respond(""))
        self.serve({"crm": {"url": self.web.url(), "timeout": phase(200)}})
        self.asking.report("1", "created")
        first, second = self.wait_told(2)
        self.assertEqual(first.header("webhook-id"), second.header("webhook-id"))
        self.assertIn("no answer within `timeout`", self.daemon.stderr())


class Redirects(NotificationsTest):
    def told_over(self, first, **keys):
        self.web.on("/", first)
        self.serve({"crm": {"url": self.web.url(), "secret": f"whsec_{SECRET}", **keys}})
        self.asking.report("1", "created")

    def test_307_keeps_the_event(self):
        self.web.on("/next", respond(""))
        self.told_over(redirect("/next", status=307))
        (request,) = self.wait_told(1, "/next")
        self.assertEqual(request.method, "POST")
        self.assertEqual(request.json()["call_id"], "1")
        self.assertTrue(is_signed_by(SECRET, request))

    def test_302_loses_it_and_so_does_not_count(self):
        self.web.on("/next", respond(""))
        self.told_over(redirect("/next", status=302))
        self.assertEqual(self.wait_told(1, "/next")[0].method, "GET")
        self.daemon.wait_logged("without the event", "307")
        self.wait_told(2)

    def test_after_303_it_has_come(self):
        self.web.on("/next", respond(""))
        self.told_over(redirect("/next", status=303))
        self.wait_told(1, "/next")
        self.asking.report("1", "ended")
        self.assertEqual([seq for _, seq in (seen(request) for request in self.wait_told(2))], [1, 2])

    def test_after_303_nothing_that_follows_brings_it_again(self):
        for path, following in (("/missing", respond(status=404)), ("/gone", respond(status=410)), ("/around", redirect("/around", status=302))):
            self.web.on(path, following)
        self.web.on("/", redirect("/missing", status=303), redirect("/gone", status=303), redirect("/around", status=303), respond(""))
        self.serve({"crm": {"url": self.web.url()}})
        self.asking.report("1", "created", "ringing", "answered", "ended")
        self.assertEqual([seq for _, seq in (seen(request) for request in self.wait_told(4))], [1, 2, 3, 4])
        self.assertNotIn("not delivered", self.daemon.stderr())

    def test_a_303_to_what_came_without_it_does_not_count(self):
        self.web.on("/next", redirect("/last", status=303)).on("/last", respond(""))
        self.told_over(redirect("/next", status=302))
        self.daemon.wait_logged("without the event", "307")

    def test_no_event_goes_to_another_origin(self):
        other = self.use(WebServer().on("/", respond("")))
        self.told_over(redirect(other.url(), status=308))
        self.daemon.wait_logged("another origin")
        self.assertEqual(other.requests.entries(), [])


class Restarts(NotificationsTest):
    def test_what_was_stored_survives_kill_9(self):
        calls, events = [str(number) for number in range(12)], ("created", "ringing", "ended")
        content = self.content({"crm": {"url": self.web.url(), "expires": "1h"}})
        self.web.on("/", respond(status=503))
        self.begin(content)
        for call in calls:
            self.asking.report(call, *events)
        self.wait_told(len(calls))
        self.daemon.kill()
        tried = {seen(request): request.header("webhook-id") for request in self.web.requests}
        before = len(self.web.requests)
        self.web.on("/", respond(""))
        self.begin(content)
        self.wait_told(before + len(calls) * len(events))
        after = self.web.requests.entries()[before:]
        order = collections.defaultdict(list)
        for request in after:
            call, seq = seen(request)
            order[call].append(seq)
        self.assertEqual(order, {call: [1, 2, 3] for call in calls})
        self.assertEqual({seen(request): request.header("webhook-id") for request in after if seen(request) in tried}, tried)
        self.assertEqual(len({request.header("webhook-id") for request in after}), len(calls) * len(events))

    def test_the_sequence_of_a_call_goes_on_after_a_restart(self):
        content = self.content({"crm": {"url": self.web.url()}})
        self.begin(content)
        self.asking.report("1", "created", did=DID)
        self.wait_told(1)
        self.daemon.stop()
        self.begin(content)
        self.asking.report("1", "ended")
        ended = self.wait_told(2)[1]
        self.assertEqual(seen(ended), ("1", 2))
        self.assertEqual(ended.json()["destination"]["number"], DID)

    def test_a_stop_waits_for_what_is_under_way(self):
        released = threading.Event()
        self.addCleanup(released.set)
        self.web.on("/", held(released, respond("")))
        self.serve({"crm": {"url": self.web.url()}}, server={"drain": ample()})
        self.asking.report("1", "created")
        self.wait_told(1)
        stopping = threading.Thread(target=self.daemon.stop)
        stopping.start()
        self.daemon.wait_logged("stopping")
        released.set()
        stopping.join(PATIENCE)
        self.assertFalse(stopping.is_alive())
        self.assertNotIn("not delivered", self.daemon.stderr())

    def test_what_hangs_at_a_stop_is_the_next_daemon_s(self):
        content = self.content({"crm": {"url": self.web.url()}}, server={"drain": "100ms"})
        self.web.on("/", hang, respond(""))
        self.begin(content)
        self.asking.report("1", "created")
        self.wait_told(1)
        self.daemon.stop()
        self.begin(content)
        first, second = self.wait_told(2)
        self.assertEqual(first.header("webhook-id"), second.header("webhook-id"))


if __name__ == "__main__":
    unittest.main()
