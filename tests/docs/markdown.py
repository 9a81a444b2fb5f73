"""The fenced code blocks of the project's pages."""

import pathlib
import re
import textwrap
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)``` *$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    page: pathlib.Path
    line: int  # of its first line of text
    info: tuple[str, ...]  # what stands behind the opening fence: the language, then marks
    text: str

    @property
    def file(self):
        """The NAME of a block with file=NAME behind its language."""
        return next((mark.removeprefix("file=") for mark in self.info if mark.startswith("file=")), None)

    @property
    def place(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page):
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start("text")) + 1
        yield Block(page, line, tuple(match["info"].split()), textwrap.dedent(match["text"]))


def pages():
    """README.md and every page of docs/."""
    readme = [page for page in [ROOT / "README.md"] if page.exists()]
    return readme + sorted((ROOT / "docs").glob("**/*.md"))
