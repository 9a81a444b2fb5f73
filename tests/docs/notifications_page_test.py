"""docs/notifications.md shows the very bodies that web servers get of the call that it tells."""

import json
import re
import unittest

from markdown import ROOT, blocks_of
from page_case import PageTest

from support.replies import respond

PAGE = ROOT / "docs" / "notifications.md"


def blocks(*info):
    return [block for block in blocks_of(PAGE) if block.info == info]


def plays():
    return [*blocks("json", "lines"), *blocks("json"), *blocks("json", "cloudevent"), *blocks("json", "fields")]


class NotificationsPage(PageTest):
    def told(self, configuration, path, count):
        """What comes of the call of the page for `path`."""
        self.web.on(path, respond(""))
        asking = self.engine_of(configuration)
        (lines,) = blocks("json", "lines")
        for line in lines.text.splitlines():
            self.assertEqual(asking.ask_raw(line)["result"], {"stored": True})
        self.web.requests.wait(lambda requests: len(requests) >= count, f"{count} requests")
        return self.web.requests_for(path)

    def engine_of(self, configuration_text):
        spool = self.scratch().path / "spool.db"
        return super().engine_of(f"server:\n  spool: {spool}\n{configuration_text}")

    def test_voys_v2(self):
        first = blocks("yaml")[0].text
        requests = self.told(first, "/calls", 5)
        self.assertEqual([request.json() for request in requests], [json.loads(block.text) for block in blocks("json")])
        self.assertEqual([request.header("webhook-sequence") for request in requests], ["1", "2", "3", "4", "5"])

    def test_a_choice_of_events(self):
        requests = self.told(blocks("yaml")[1].text, "/calls", 3)
        self.assertEqual([request.json()["status"] for request in requests], ["ringing", "in-progress", "ended"])

    def test_cloudevents(self):
        (_, _, bus, _), (shown,) = blocks("yaml"), blocks("json", "cloudevent")
        answered = self.told(bus.text, "/events", 5)[2]
        expected = json.loads(re.sub("the webhook-id", answered.header("webhook-id"), shown.text))
        self.assertEqual(answered.json(), expected)
        self.assertTrue(answered.header("content-type").startswith("application/cloudevents+json"))

    def test_fields(self):
        (_, _, _, chat), (shown,) = blocks("yaml"), blocks("json", "fields")
        (request,) = self.told(chat.text, "/hooks", 1)
        self.assertEqual(request.json(), json.loads(shown.text))


if __name__ == "__main__":
    unittest.main()
