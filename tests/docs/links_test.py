"""Every link of the documentation leads somewhere, to a file and to a heading, and every page is reached from the index: in the
sources, and in the copy that is installed. (tests/systemd looks at the package's copy.)"""

import os
import pathlib
import subprocess
import tempfile
import unittest

from links import LINK, dead_links, prose, unreached
from markdown import ROOT, blocks_of, pages
from programs import PATIENCE

BUILD = pathlib.Path(os.environ["DIALHOOK_BUILD_DIR"])


class Links(unittest.TestCase):
    def test_of_the_sources(self):
        self.assertEqual(list(dead_links(ROOT, [*pages(), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"])), [])
        self.assertEqual(unreached(ROOT), set())


class InstalledLinks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        subprocess.run(["cmake", "--install", BUILD, "--prefix", folder.name, "--component", "documentation"], check=True,
                       stdout=subprocess.DEVNULL, timeout=PATIENCE)
        cls.root = pathlib.Path(folder.name).resolve() / "share" / "doc" / "dialhook"
        cls.pages = sorted(cls.root.glob("**/*.md"))

    def test_lead_somewhere(self):
        self.assertGreater(len(self.pages), 20)
        self.assertEqual(list(dead_links(self.root, self.pages)), [])
        self.assertEqual(unreached(self.root), set())

    def test_only_those_that_would_be_dead_were_changed(self):
        for page in self.pages:
            with self.subTest(page.name):
                source = ROOT / page.relative_to(self.root)
                kept = set(LINK.findall(prose(page)))
                for link in LINK.findall(prose(source)):
                    target = (page.parent / link.partition("#")[0]).resolve()
                    self.assertTrue(link in kept or not target.exists(), link)
                    if link not in kept:
                        self.assertIn(str(target.relative_to(self.root)), prose(page), "where it is in the sources")
                self.assertEqual([block.text for block in blocks_of(page)], [block.text for block in blocks_of(source)])


if __name__ == "__main__":
    unittest.main()
