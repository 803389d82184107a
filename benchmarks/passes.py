"""Where the images of a whole run go: ``python -m benchmarks.passes`` writes the list into docs/speed.md.

It is that of the shipped network if nothing of it were known, by the plan that a run says before it begins; with
``--print`` it goes to the terminal.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from contextlib import redirect_stdout
from os import devnull
from pathlib import Path

import pytest

from benchmarks.table import PAGE
from why_bird.evidence.escape import escaped, row, table_head
from why_bird.evidence.readme import with_block
from why_bird.files import write_whole
from why_bird.fixtures.collection import CLAIM
from why_bird.fixtures.measurements import MEASURED
from why_bird.measure.classifier import Classifier
from why_bird.measure.entry import Key
from why_bird.measure.inputs import Inputs, read_identity
from why_bird.measure.known_networks import open_known
from why_bird.measure.measurement import declared
from why_bird.measure.store import Store
from why_bird.measure.stored import still_to_make
from why_bird.shipped import REFERENCE


class _Asking:
    """A pytest plugin that notes which measurements the claims about a network ask for."""

    def __init__(self) -> None:
        self.claims: dict[str, list[str]] = defaultdict(list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take the names of their fixtures."""
        for item in session.items:
            claim = item.stash[CLAIM]
            if claim.scope == "network" and not claim.two_class and isinstance(item, pytest.Function):
                for name in set(item.fixturenames) & set(MEASURED):
                    if claim.id not in self.claims[name]:
                        self.claims[name].append(claim.id)


def block() -> str:
    """Return the list, most images first."""
    asking = _Asking()
    # The plugin is imported by now, so that pytest cannot rewrite it, which it says.
    words = ["hypotheses", "--collect-only", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestWarning"]
    with Path(devnull).open("w") as nowhere, redirect_stdout(nowhere):
        pytest.main(words, plugins=[asking])
    with tempfile.TemporaryDirectory() as empty:
        store = Store(Path(empty), None)
        network = open_known(REFERENCE / "resnet18.safetensors", Store(Path(empty), REFERENCE))
        subject = Classifier(network, Inputs(read_identity(REFERENCE / "images.json"), None), store)
        asked: dict[Key, list[str]] = defaultdict(list)
        passes: dict[Key, tuple[str, str, int]] = {}
        for each in declared(Classifier):
            for entry in still_to_make(each.wanted(subject), store):
                if entry.passes:
                    passes.setdefault(entry.key, (each.name, entry.label, entry.passes))
                    asked[entry.key] += asking.claims.get(each.fixture, [])
    rows: dict[str, list[Key]] = defaultdict(list)
    for key, (name, label, _) in passes.items():
        rows[label if label.startswith(("test images", "training")) and name != "untrained_stages" else name].append(
            key
        )
    counted = {name: sum(passes[key][2] for key in keys) for name, keys in rows.items()}
    lines = table_head("what passes", "images", "asked by")
    for name in sorted(rows, key=lambda each: -counted[each]):
        claims = sorted({claim for key in rows[name] for claim in asked[key]})
        lines.append(row(escaped(_words(name)), f"{counted[name]:,}", ", ".join(claims)))
    lines.append(row("**together**", f"**{sum(counted.values()):,}**", ""))
    return "\n".join(lines) + "\n"


def _words(name: str) -> str:
    """Return a label as it is, and of a measurement what it says it is."""
    known = {each.name: each for each in declared(Classifier)}
    return (known[name].__doc__ or name).splitlines()[0].rstrip(".") if name in known else name


def main() -> None:
    """Write or print the list."""
    parser = argparse.ArgumentParser(description="Where the images of a whole run go.")
    parser.add_argument("--print", action="store_true", help="print it, and write nothing")
    if parser.parse_args().print:
        print(block(), end="")
    else:
        write_whole(PAGE, with_block(PAGE.read_text(encoding="utf-8"), "passes", block()))


if __name__ == "__main__":
    main()
