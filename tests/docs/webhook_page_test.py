"""docs/webhook-authors.md shows the very requests that the daemon sends, and a reply that it takes."""

import re
import unittest

from markdown import ROOT, blocks_of
from page_case import PageTest

from support.conversation import begin, enter
from support.replies import respond

PAGE = ROOT / "docs" / "webhook-authors.md"


def requests_shown():
    """Pairs of a configuration and the request that stands behind it."""
    blocks = [block for block in blocks_of(PAGE) if block.info in {("yaml",), ("http",)}]
    return [(before, block) for before, block in zip(blocks, blocks[1:]) if block.info == ("http",)]


def replies_shown():
    return [block for block in blocks_of(PAGE) if block.info in {("text",), ("json",)}]


def several_shown():
    """Replies that name more destinations than one."""
    return [block for block in blocks_of(PAGE) if block.info == ("text", "several")]


def plays():
    return [block for _, block in requests_shown()] + replies_shown() + several_shown()


class WebhookPage(PageTest):
    def test_requests(self):
        self.assertEqual(len(requests_shown()), 3)
        for configuration, block in requests_shown():
            with self.subTest(block.place):
                self.judge(configuration, block)

    def judge(self, configuration, block):
        (name,) = re.findall(r"^  (\w+):$", configuration.text, re.MULTILINE)
        callername = "Jan de Vries" if "{callername}" in configuration.text else None
        asked = begin(self.engine_of(configuration.text), webhook=name, callername=callername)
        if asked["action"] == "collect":
            enter(self.engine_of(configuration.text), asked, "4711")
        request = self.web.requests[-1]
        head, _, body = block.text.rstrip("\n").partition("\n\n")
        first, *fields = head.split("\n")
        self.assertEqual((f"{request.method} {request.target} HTTP/1.1", request.body.decode()), (first, body))
        sent = [f"{name}: {value}" for name, value in request.headers]
        self.assertLessEqual({field.replace("crm.example.com", f"127.0.0.1:{self.web.port}") for field in fields}, set(sent))

    def test_several_destinations(self):
        self.assertEqual(len(several_shown()), 2)
        for block in several_shown():
            with self.subTest(block.place):
                self.web.on("/call", respond(block.text))
                crm = requests_shown()[0][0].text.replace("timeout:", "max_destinations: 2\n    timeout:")
                decision = begin(self.engine_of(crm), webhook="crm")
                self.assert_success(decision, destination="101")
                self.assertEqual((decision["destinations"], decision["strategy"], decision["ring_s"]),
                                 (["101", "+31612345678"], "sequential", 20))

    def test_a_reply(self):
        self.assertEqual(len(replies_shown()), 2)
        for block in replies_shown():
            self.web.on("/call", respond(block.text))
            decision = begin(self.engine_of(requests_shown()[0][0].text), webhook="crm")
            self.assert_success(decision, destination="+31502102544", callername="Jan de Vries", variables={"account": "4711"})


if __name__ == "__main__":
    unittest.main()
