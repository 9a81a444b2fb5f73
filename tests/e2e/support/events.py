"""The test cases of suites that look at the events of calls, as a web server is told of them."""
import json

from .case import DialhookTest
from .configuration import configuration
from .patience import ample
from .replies import respond
from .webserver import WebServer


def with_notification(content, url):
    """A configuration with one notification, of all events of all calls."""
    return {**content, "notifications": {"all": {"url": url, "format": "cloudevents", "timeout": ample()}}}


class Told:
    """For a test case with `web`, and `seen`, the count of requests before the test."""

    def told(self):
        """The data of all events that came in this test, in order."""
        return [json.loads(request.body)["data"] for request in self.web.requests[self.seen:] if request.path == "/events"]

    @staticmethod
    def shown(event):
        kind = event["event"]
        words = {"ringing": event["targets"], "answered": [event["answered_by"]], "ended": [event["reason"]],
                 "transferred": [event["transfer"], event["transferred_by"]]}
        return " ".join([kind, *(word or "?" for word in words.get(kind, []))])

    def wait_event(self, kind, count=1):
        def is_there(_):
            return [event["event"] for event in self.told()].count(kind) >= count
        self.web.requests.wait(is_there, f"{count} events {kind}, after {[self.shown(event) for event in self.told()]}")

    def wait_end(self):
        """What came of the one call of this test, until its end."""
        self.wait_event("ended")
        return [self.shown(event) for event in self.told()]

    def wait_told(self, *expected):
        """The same, with what must hold of any call; the data of its events."""
        self.assertEqual(self.wait_end(), list(expected))
        told = self.told()
        self.assertEqual({event["call_id"] for event in told}, {told[0]["call_id"]})
        self.assertEqual([event["seq"] for event in told], list(range(1, len(told) + 1)))
        return told


class EventsTest(Told, DialhookTest):
    """A web server and the daemon, which tells it everything, for a class."""
    IDLE = "4h"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = cls.share(WebServer())
        cls.web.on("/events", respond(""))
        content = configuration({}, server={"event_idle": cls.IDLE})
        cls.daemon = cls.share_daemon(with_notification(content, cls.web.url("/events")), arguments=["--state", cls.share_scratch().path])

    def setUp(self):
        super().setUp()
        self.seen = len(self.web.requests)
