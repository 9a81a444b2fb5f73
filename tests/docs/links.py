"""Links between the pages, and the files of `config` that they speak of, in the sources or in an installed copy."""

import os
import pathlib
import re

from markdown import FENCE

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED_SAMPLE = re.compile(r"`(config/[\w./-]+(?<!\.cpp)(?<!\.hpp))`")  # not of src/config


def prose(page):
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchor(heading):
    """As forges make it of a heading: lower case, without punctuation, blanks as dashes."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page):
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)}


def links(page):
    """The files and anchors that a page leads to. (A path is not resolved: it may be one below /proc/PID/root.)"""
    for link in LINK.findall(prose(page)):
        if not re.match(r"[a-z]+:", link):
            path, _, fragment = link.partition("#")
            yield link, pathlib.Path(os.path.normpath(page.parent / path)) if path else page, fragment


def dead_links(root, pages):
    """What the pages of the tree `root` lead to or name, and is not there."""
    for page in pages:
        for link, target, fragment in links(page):
            if not target.exists():
                yield f"{page.relative_to(root)}: nothing is at {link}"
            elif fragment and fragment not in anchors(target):
                yield f"{page.relative_to(root)}: no heading is called {link}"
        for sample in NAMED_SAMPLE.findall(prose(page)):
            if not (root / sample).exists():
                yield f"{page.relative_to(root)}: there is no {sample}"


def unreached(root):
    """The pages of docs/ that no way leads to from the index."""
    index = root / "docs" / "README.md"
    reached, new = set(), {index}
    while new:
        reached |= new
        new = {target for page in new for _, target, _ in links(page) if target.suffix == ".md" and target.exists()} - reached
    return set((root / "docs").glob("**/*.md")) - reached
