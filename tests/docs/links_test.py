"""Every link within the documentation leads somewhere, to a file and to a heading, and every page is reached from the index."""

import re
import unittest

from markdown import FENCE, ROOT, pages

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TEXTS = [*pages(), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]


def prose(page):
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchor(heading):
    """As forges make it of a heading: lower case, without punctuation, blanks as dashes."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page):
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)}


def links(page):
    """The pages and anchors that a page leads to."""
    for link in LINK.findall(prose(page)):
        if not re.match(r"[a-z]+:", link):
            path, _, fragment = link.partition("#")
            yield link, (page.parent / path).resolve() if path else page, fragment


class Links(unittest.TestCase):
    def test_lead_somewhere(self):
        for page in TEXTS:
            for link, target, fragment in links(page):
                with self.subTest(page=page.name, link=link):
                    self.assertTrue(target.exists())
                    if fragment:
                        self.assertIn(fragment, anchors(target))

    def test_every_page_is_reached_from_the_index(self):
        reached, new = set(), {ROOT / "docs" / "README.md"}
        while new:
            reached |= new
            new = {target for page in new for _, target, _ in links(page) if target.suffix == ".md"} - reached
        self.assertEqual(set(pages()) - {ROOT / "README.md"} - reached, set())


if __name__ == "__main__":
    unittest.main()
