"""What stands below one heading of a page, for tests that play it against the real daemon."""

import functools
import json
import re
import sys

from markdown import ROOT, blocks_of

sys.path.insert(0, str(ROOT / "tests" / "integration"))

from support.case import DialhookTest  # noqa: E402
from support.webserver import WebServer  # noqa: E402


class Example:
    """What stands below one heading."""

    def __init__(self, heading, page):
        self.page = page
        text = page.read_text(encoding="utf-8")
        assert text.count(f"\n{heading}\n") == 1, f"{page} has {text.count(heading)} times the heading {heading}"
        level, begin_at = heading.split(" ")[0], text.index(f"\n{heading}\n")
        end = re.compile(rf"^#{{1,{len(level)}}} ", re.MULTILINE).search(text, begin_at + len(heading) + 1)
        first = text.count("\n", 0, begin_at) + 1
        last = text.count("\n", 0, end.start()) if end else text.count("\n")
        self.text = " ".join(text.splitlines()[first:last])
        self.blocks = [block for block in blocks_of(page) if first <= block.line <= last]

    def only(self, *info):
        (block,) = [block for block in self.blocks if block.info == info]
        return block.text

    @property
    def configuration(self):
        return self.only("yaml")

    @property
    def json(self):
        return [json.loads(block.text) for block in self.blocks if block.info == ("json",)]

    def says(self, quoted):
        """`quoted`, which the page has in backquotes: so a test and the page cannot drift apart."""
        assert f"`{quoted}`" in self.text, f"{self.page} does not say {quoted!r} there"
        return quoted


SHOWN = []


def shows(heading, page):
    """The test is given this Example, and plays all its blocks but fragments of YAML."""
    example = Example(heading, page)

    def decorate(test):
        SHOWN.append((test.__module__, example))

        @functools.wraps(test)
        def run(self, *others):
            return test(self, *others, example)
        return run
    return decorate


def blocks_shown_in(module):
    return [block for name, example in SHOWN if name == module for block in example.blocks if block.info != ("yaml", "fragment")]


class PageTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer())

    def engine_of(self, configuration_text):
        files = self.scratch()
        text = re.sub(r"https://\w+\.example\.com", self.web.url("").rstrip("/"), configuration_text)
        self.assertNotIn("example.com", text)
        server = f"socket: {files.path}/engine.sock, control: {files.path}/control.sock"
        text, has_server = re.subn(r"^server:$", f"server:\n  {server.replace(', ', chr(10) + '  ')}", text, flags=re.MULTILINE)
        text += "" if has_server else f"server: {{ {server} }}\n"
        return self.engine(self.start(text + "egress: { allow: [127.0.0.0/8] }\n", scratch=files))
