"""The Markdown of known documents is, to the letter, the one that was read and found right."""

from __future__ import annotations

from pathlib import Path

from why_bird.evidence.markdown import markdown

from .test_page_answer import WORLDS

SNAPSHOT = Path(__file__).with_name("markdown.txt")
READ = ("noise is frog", "several networks", "no images", "a partial run", "a void run", "a claim raised an error")


def without_provenance(text: str) -> str:
    """Return a page down to where it names this machine and its libraries."""
    before, mark, _ = text.partition("\n## Where it comes from")
    assert mark
    return before


def test_pages_are_those_that_were_read(snapshot):
    found = "".join(f"== {name}\n{without_provenance(markdown(WORLDS[name]))}\n\n" for name in READ)
    snapshot(SNAPSHOT, found)
