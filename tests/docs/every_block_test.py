"""No block of a page is without a test: it is played by one of the modules here, by one elsewhere, or stands in NOT_PLAYED with the
reason. A new block that nobody plays fails this suite, and so does a reason for a block that is gone, or is played by now."""

import importlib
import pathlib
import unittest

import elsewhere
from markdown import FENCE, ROOT, blocks_of

# A page, the first words of a block, and why nothing plays it.
NOT_PLAYED = {
    ("README.md", "1. call.route"): "a drawing",
    ("docs/asterisk.md", "call ──▶ extensions.conf"): "a drawing",
    ("docs/containers.md", "scripts/package"): "builds a release; scripts/test --e2e runs both scripts",
    ("docs/freepbx.md", "call ──▶ inbound route"): "a drawing",
    ("docs/kamailio.md", "INVITE sip:"): "a drawing",
    ("docs/opensips.md", "loadmodule"): "needs an OpenSIPS, as the page says",
    ("docs/performance.md", "core 1"): "a drawing",
    ("docs/state.md", 'state    = "dh1."'): "a grammar; the example below it is played, and unit tests hold each field and limit",
}

FOLDER = pathlib.Path(__file__).resolve().parent
SUITES = sorted({path.stem for path in FOLDER.glob("*_test.py")} - {pathlib.Path(__file__).stem})


def pages():
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])


def played():
    """Each block that is played, with who plays it."""
    found = {}
    for suite in SUITES:
        module = importlib.import_module(suite)
        assert pathlib.Path(module.__file__).parent == FOLDER, f"{module.__file__} has the name of a suite of {FOLDER}"
        for block in getattr(module, "plays", list)():
            found.setdefault(block, suite)
    for function in (elsewhere.in_a_debian_with_systemd, elsewhere.installing_beside_a_pbx, elsewhere.dialplans_of_asterisk,
                     elsewhere.commands_of_freepbx, elsewhere.globals_of_freepbx, elsewhere.engine_of_several_nodes,
                     elsewhere.dialplan_of_several_nodes,
                     elsewhere.redirects_that_are_followed, elsewhere.lines_that_send_by_kamailio,
                     elsewhere.lines_that_send_by_asterisk,
                     elsewhere.flow_of_node_red):
        assert function(), function.__doc__
        assert (ROOT / function.__doc__).exists(), function.__doc__
        found.update((block, function.__doc__) for block in function())
    return found


class EveryBlock(unittest.TestCase):
    def test_is_played_or_has_a_reason(self):
        known, reasons = played(), dict(NOT_PLAYED)
        for block in (block for page in pages() for block in blocks_of(page)):
            with self.subTest(block.place):
                key = (str(block.page.relative_to(ROOT)), block.text.strip())
                reason = next((known for known in reasons if known[0] == key[0] and key[1].startswith(known[1])), None)
                self.assertNotEqual(block in known, reason is not None,
                                    f"played by {known[block]}: no reason is needed" if block in known else
                                    f"```{' '.join(block.info)} is played by no test, and NOT_PLAYED has no reason")
                reasons.pop(reason, None)
        self.assertEqual(reasons, {}, "reasons for blocks that are not there")

    def test_is_seen(self):
        """A fence that the reader of pages does not understand would hide a block."""
        for page in pages():
            with self.subTest(page.name):
                rest = FENCE.sub("", page.read_text(encoding="utf-8"))
                self.assertNotIn("```", rest.replace("` `` `", ""))
                self.assertNotRegex(rest, r"(?m)^\s*~~~")
                self.assertNotRegex(rest, r"\n\n {4,}(?![-*\d|])\S", "a block without a fence, by its indentation")


if __name__ == "__main__":
    unittest.main()
