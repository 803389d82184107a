"""The house knows no claim: whatever is said of one stands in its module of hypotheses."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HYPOTHESES = ROOT / "hypotheses"
CLAIMS = tomllib.loads((HYPOTHESES / "register.toml").read_text(encoding="utf-8"))["claim"]
SOURCES = sorted(path for folder in ("lib", "fixtures") for path in (ROOT / folder).rglob("*.py"))
TEMPLATES = sorted((ROOT / "lib").rglob("*.html"))

# Names of random streams: another name would be another noise, and every number that is shipped would be another.
STREAMS = {"generator", "stream"}

NAMES = {claim["id"] for claim in CLAIMS} | {claim["module"] for claim in CLAIMS}
# The name of a stream for a draw of noise goes on after a slash.
A_NAME = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(NAMES))})(?![\w/-])")
SENTENCES = {sentence.rstrip(".").lower() for claim in CLAIMS for sentence in (claim["statement"], claim["guess"])}
LONG = 30
"""Characters from which on words are somebody's: shorter ones, such as "normalisation statistics", are anyone's."""


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module but its docstrings and the names of its random streams, with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(node.body[0], ast.Expr):
            left_out.add(node.body[0].value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STREAMS:
            left_out.update(node.args)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in left_out:
            yield node.lineno, node.value


def told(text: str) -> list[str]:
    """What of a text is known of one claim alone."""
    said = text.rstrip(".").lower()
    return A_NAME.findall(text) + [each for each in SENTENCES if each == said or (len(each) >= LONG and each in said)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_of_the_house_knows_a_claim(path: Path) -> None:
    assert [(line, told(text)) for line, text in strings(path) if told(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_of_the_page_knows_a_claim(path: Path) -> None:
    assert told(path.read_text(encoding="utf-8")) == []


def test_a_claim_that_the_house_knew_would_be_found(tmp_path: Path) -> None:
    path = tmp_path / "knowing.py"
    lines = ('"""P2 is fine here."""', 'is_it = claim.id == "P2"', 'pages["test_clutter"] = "Closeness of features"')
    path.write_text("\n".join(lines), encoding="utf-8")
    assert sorted(line for line, text in strings(path) if told(text)) == [2, 3, 3]
