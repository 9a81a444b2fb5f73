"""README.md, the tutorial and the how-tos do what they say, word by word: see session.py."""

import unittest

from markdown import ROOT, blocks_of
from session import Session, commands_of, matches

PAGES = [ROOT / "README.md", ROOT / "docs" / "tutorial.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]


class Console(unittest.TestCase):
    def test_pages(self):
        for page in PAGES:
            with self.subTest(page.name), Session() as session:
                self.play(page, session)

    def play(self, page, session):
        played = 0
        for block in blocks_of(page):
            name = next((mark.removeprefix("file=") for mark in block.info if mark.startswith("file=")), None)
            if name:
                session.write(name, block.text)
            elif block.info == ("console",):
                for command, expected in commands_of(block.text):
                    printed = session.run(command)
                    same = len(printed) == len(expected) and all(map(matches, expected, printed))
                    self.assertTrue(same, f"{block.place}: {command}\nexpected:\n" + "\n".join(expected) + "\nprinted:\n" +
                                    "\n".join(printed))
                    played += 1
        self.assertGreater(played, 2, page)


if __name__ == "__main__":
    unittest.main()
