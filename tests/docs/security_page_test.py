"""docs/security.md names a test for each of its promises: every one of them exists."""

import re
import unittest

from markdown import ROOT

PAGE = ROOT / "docs" / "security.md"
NAMED_TEST = re.compile(r"\[`(?P<name>\w+)`\]\((?P<path>\.\./tests/[^)#]+)\)")


class SecurityPage(unittest.TestCase):
    def test_every_test_that_it_names_exists(self):
        named = {(match["name"], match["path"]) for match in NAMED_TEST.finditer(PAGE.read_text(encoding="utf-8"))}
        self.assertGreater(len(named), 30)
        for name, path in sorted(named):
            with self.subTest(name, path=path):
                text = (PAGE.parent / path).resolve().read_text(encoding="utf-8")
                self.assertRegex(text, rf"(def {name}\(self\)|TEST(_F|_P)?\(\w+, {name}\))")

    def test_each_promise_of_a_table_is_shown(self):
        """The last column of a table with `shown by` names a test, or the row leads to where one is named."""
        is_in_table = False
        for line in PAGE.read_text(encoding="utf-8").splitlines():
            if line.startswith("|") and line.rstrip().endswith("shown by |"):
                is_in_table = True
            elif not line.startswith("|"):
                is_in_table = False
            elif is_in_table and not line.startswith("|---"):
                with self.subTest(line[:60]):
                    self.assertRegex(line, NAMED_TEST.pattern + r"|see \[below\]")


if __name__ == "__main__":
    unittest.main()
