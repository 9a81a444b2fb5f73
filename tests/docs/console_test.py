"""README.md, the tutorial, the how-tos and what webhook-authors.md shows of the programs: they do what they say, word by word; see
session.py."""

import unittest

from elsewhere import NODE_RED
from markdown import ROOT, blocks_of
from session import Session, commands_of, matches, shape

PAGES = [ROOT / "README.md", ROOT / "docs" / "tutorial.md", ROOT / "docs" / "webhook-authors.md", ROOT / "docs" / "engines-over-http.md",
         *sorted(set((ROOT / "docs" / "how-to").glob("*.md")) - {NODE_RED})]  # which tests/e2e plays, with a program from npm


def blocks(page):
    return [block for block in blocks_of(page) if block.file or block.info[:1] == ("console",)]


def plays():
    """All that is typed, and the files that are then used."""
    for page in PAGES:
        typed = [block for block in blocks(page) if not block.file]
        words = {word.split("/")[0] for block in typed for word in block.text.split()}
        yield from typed
        yield from (block for block in blocks(page) if block.file and block.file.split("/")[0] in words)


class Console(unittest.TestCase):
    def test_pages(self):
        for page in PAGES:
            with self.subTest(page.name), Session() as session:
                self.play(page, session)

    def play(self, page, session):
        played = 0
        for block in blocks(page):
            if block.file:
                session.write(block.file, block.text)
            for command, expected in commands_of(block.text) if not block.file else ():
                self.judge(block, command, expected, session)
                played += 1
        self.assertGreater(played, 2, page)

    def judge(self, block, command, expected, session):
        if "foreground" in block.info:
            printed = session.stay(command, [line.split(" ")[1] for line in expected if line.startswith("GET ")])
        else:
            printed = session.run(command)
        alike = (lambda one, other: shape(one) == shape(other)) if "figures-vary" in block.info else matches
        same = len(printed) == len(expected) and all(map(alike, expected, printed))
        self.assertTrue(same, f"{block.place}: {command}\nexpected:\n" + "\n".join(expected) + "\nprinted:\n" + "\n".join(printed))


if __name__ == "__main__":
    unittest.main()
