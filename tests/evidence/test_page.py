"""The page: valid, accessible, nothing of the document becomes markup, and it needs nothing beside itself."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings

from why_bird.evidence.charts import Axis, Bars, Column
from why_bird.evidence.charts.figure import Figure, Owned
from why_bird.evidence.claim import Question
from why_bird.evidence.document import Failure, Void, read_document
from why_bird.evidence.exhibits import Beside, Check, Part, Table
from why_bird.evidence.gate_lines import Gate, Line
from why_bird.evidence.page.anchors import anchors
from why_bird.evidence.page.forest import position, scaled
from why_bird.evidence.page.page import html
from why_bird.evidence.report import write_report
from why_bird.evidence.text import printable
from why_bird.evidence.words import Words
from why_bird.fixtures.evidence import figures_of
from why_bird.progress import SILENT

from .samples import ACCURACY, BIAS, HOSTILE, NOISE, document, documents, record, unmeasured, whole

ROOT = Path(__file__).resolve().parents[2]
STYLE = (ROOT / "lib" / "why_bird" / "evidence" / "page" / "style.css").read_text(encoding="utf-8")
REFERENCE = read_document(json.loads((ROOT / "reports" / "reference" / "evidence.json").read_text(encoding="utf-8")))


def figure(name="p2-bars", module="test_noise_collapse", *, leads=False):
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><g id="{name}-a"><text>axis</text></g></svg>'
    )
    shares = Column(Axis(f"{name} & frog", percent=True), (0.7,))
    chart = Bars(title="where noise falls", caption="A caption.", leads=leads, rows=("bird",), columns=(shares,))
    return Figure(Owned(name, record(NOISE, module=module), chart), drawing)


def parsed(page):
    """The page as a tree; an error of the HTML standard raises."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    assert isinstance(tree, ET.Element)
    for element in tree.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return tree


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def check_accessible(tree):
    """Landmarks, headings, names, links and tables of a page."""
    assert tree.get("lang") == "en"
    body = tree.find("body")
    kinds = [child.tag for child in body]
    assert kinds == ["a", "header", "nav", "main", "footer"]
    assert body[0].get("class") == "skip"
    assert len(tree.findall(".//h1")) == 1
    levels = [int(e.tag[1]) for e in tree.iter() if isinstance(e.tag, str) and re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(text_of(e) for e in tree.iter() if e.tag in ("h1", "h2", "h3", "a", "summary", "title", "th"))
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    links = [e.get("href") for e in tree.iter("a")]
    assert all(link.startswith("#") for link in links)
    assert {link[1:] for link in links} <= set(ids)
    assert {e.get("aria-labelledby") for e in tree.iter() if e.get("aria-labelledby")} <= set(ids)
    assert all(e.get("alt") for e in tree.iter("img"))
    named = [e for e in tree.iter("div") if e.get("class") == "drawing"]
    assert all(e.get("role") == "img" and e.get("aria-label") for e in named)
    silent = [e for e in tree.iter("svg") if e.get("aria-hidden") == "true"]
    covered = {id(inner) for outer in (*named, *silent) for inner in outer.iter("svg")}
    assert covered == {id(e) for e in tree.iter("svg")}
    for table in tree.iter("table"):
        assert all(head.get("scope") in ("col", "row") for head in table.iter("th"))
        assert [row[0].tag for row in table.iter("tr")] == ["th"] * len(list(table.iter("tr")))
    for box in (e for e in tree.iter("div") if e.get("class") == "box"):
        assert (box.get("tabindex"), box.get("role")) == ("0", "region")
        assert box.get("aria-label")


def check_self_contained(tree):
    """No script, no handler, nothing from outside."""
    assert not {e.tag for e in tree.iter()} & {"script", "iframe", "object", "embed", "base", "form", "foreignObject"}
    for element in tree.iter():
        assert not [name for name in element.attrib if name.startswith("on")]
        for name in ("src", "data", "action", "srcset", "{http://www.w3.org/1999/xlink}href", "xlink:href"):
            assert element.get(name, "data:").startswith("data:"), (element.tag, name)
        if element.tag == "link":
            assert element.get("href") == "data:,"
    assert "@import" not in STYLE
    assert "url(" not in STYLE


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(documents())
def test_page_of_any_document(made):
    tree = parsed(html(made, [figure()]))
    check_accessible(tree)
    check_self_contained(tree)


def test_page_of_the_committed_run():
    page = html(REFERENCE, [figure(), figure("graph", "test_feature_proximity"), figure("roc", "test_ood_detection")])
    tree = parsed(page)
    check_accessible(tree)
    check_self_contained(tree)
    articles = {e.get("id"): text_of(e) for e in tree.iter("article")}
    assert len(articles) == len(REFERENCE.claims)
    places = anchors(REFERENCE)
    for claim in REFERENCE.claims:
        for words in (claim.statement, claim.reason, claim.test, "What would change this verdict."):
            assert words in articles[places[claim.key]]
    assert len(page.encode()) < 3_000_000


def test_what_a_claim_lacks_is_said_as_a_sentence():
    (article,) = parsed(html(document([unmeasured()]))).iter("article")
    assert "Open: needs images: --images DIR." in text_of(article)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text_everywhere(name):
    made = document(
        [
            record(
                target=name,
                network_name=name,
                guess=name,
                question=Question(name, name, (name,), name, name),
                words=Words(name, name, name, name),
                unit=name,
                parts=(Part(name, 0.5, 0.4, 0.6),),
                beside=(Beside(name, 0.5, unit=name, n=3),),
                tables=(Table(name, (name, "x"), ((name, 1),)),),
                charts=(Bars(title=name, rows=(name,), columns=(Column(Axis(name), (1,)),)),),
            ),
            unmeasured(NOISE, reason=name, checks=(Check(name, False, name, "precondition"),)),
        ],
        void=None,
        errors=[Failure(name, name, name)],
        complete=False,
        selection=name,
    )
    plain = html(document([record(), unmeasured(NOISE)]))
    page = html(made)
    tree = parsed(page)
    check_accessible(tree)
    check_self_contained(tree)
    assert {e.tag for e in tree.iter()} <= {e.tag for e in parsed(plain).iter()} | {
        "img",
        "figure",
        "figcaption",
        "code",
        "blockquote",
    }
    shown = " ".join(printable(name).split()).encode("utf-8", "backslashreplace").decode()
    assert " ".join("".join(tree.itertext()).split()).count(shown) >= 12
    assert all(shown in e.get("alt") for e in tree.iter("img"))


def test_a_void_run_withholds_every_verdict_and_says_so_first():
    void = Void("held-out images", "resnet18", "they collapse")
    tree = parsed(html(whole(void=void), [figure(leads=True)]))
    header = text_of(tree.find("body/header"))
    assert "Void. The negative control held-out images is broken for resnet18: they collapse." in header
    said = text_of(next(e for e in tree.iter("section") if e.get("id") == "answer"))
    assert "This run answers nothing" in said
    assert "survive" not in said
    assert "where noise falls" not in said.lower()


def test_the_first_screen_says_what_was_measured():
    header = text_of(parsed(html(whole())).find("body/header"))
    assert "resnet18 (resnet18, 3×3 stem), trained from scratch by the recipe full, accuracy 93.1" in header
    assert "cifar10 (folder of images)." in header


def test_figures_stand_in_the_answer_and_in_their_sections():
    figures = [figure("roc", "test_ood_detection"), figure("family"), figure(leads=True)]
    tree = parsed(html(whole(), figures))
    places = {
        section.get("id"): [text_of(f.find("p"))[:9] for f in section.iter("figure")]
        for section in tree.iter("section")
    }
    assert places["answer"] == ["Figure 1,"]
    assert places["question-1"] == ["Figure 2,"]
    assert sum(map(len, places.values())) == 3
    named = [e.get("aria-label") for e in tree.iter("div") if e.get("class") == "drawing"]
    assert named == [f.of.chart.description for f in reversed(figures)]
    titles = {text_of(f.find("figcaption")) for f in tree.iter("figure")}
    assert titles == {"Where noise falls"}


def test_a_gate_is_shown_where_there_is_one():
    lines = [
        Line("Z2", "1a2b3c", "red", "drift", "Z2 <b>moved</b>."),
        Line("P2", "1a2b3c", "green", "held", "It held."),
    ]
    gate = Gate.of(lines, "0123456789abcdef", "2026-01-02T00:00:00+00:00")
    said = text_of(next(e for e in parsed(html(replace(whole(), gate=gate))).iter("section") if e.get("id") == "gate"))
    assert "gate: 1 held, 0 amber, 1 red, 0 noted, against the findings of commit 01234567 of 2026-01-02." in said
    assert "Z2 <b>moved</b>." in said
    assert "gate" not in {e.get("id") for e in parsed(html(whole())).iter("section")}


def claim_of(threshold, side):
    return unmeasured(threshold=threshold, side=side)


def test_the_forest_puts_what_a_claim_says_to_the_right():
    assert scaled(claim_of(0.5, "above"), 0.75) == pytest.approx(0.5)
    assert scaled(claim_of(0.5, "below"), 0.25) == pytest.approx(0.5)
    assert scaled(claim_of(-0.5, "above"), 0.0) == pytest.approx(1.0)
    assert scaled(claim_of(0.0, "above"), 0.25) == pytest.approx(0.25)
    within = claim_of((0.91, 0.95), "within")
    assert [scaled(within, x) for x in (0.91, 0.93, 0.95, 0.97)] == pytest.approx([0, 1, 0, -1])
    assert position(0) == 50
    assert (position(-1e9), position(1e9)) == (0, 100)
    assert position(0.1) - 50 == pytest.approx(50 - position(-0.1))


@pytest.mark.parametrize("outcome", ["confirmed", "rejected", "inconclusive"])
def test_a_row_of_the_forest_agrees_with_its_verdict(outcome):
    tree = parsed(html(document([record(BIAS, outcome), record(ACCURACY), record(NOISE)])))
    row = next(r for r in tree.iter("tr") if r[0].tag == "th" and text_of(r[0]).startswith("Z2"))
    drawing = next(row.iter("svg"))
    assert drawing.get("class") == f"forest {outcome}"
    marks = [e for e in drawing.iter("svg") if e is not drawing]
    at = float(marks[-1].get("x").rstrip("%"))
    assert {"confirmed": at > 50, "rejected": at < 50, "inconclusive": at == 50}[outcome]
    assert [e.tag for e in marks[-1]] == [{"confirmed": "circle"}.get(outcome, "path")]
    assert ("open" if outcome == "inconclusive" else outcome) in text_of(row)


def schemes():
    """The colours of the three schemes, by name."""
    blocks = re.findall(r":root\s*\{([^}]*)\}", STYLE)
    assert len(blocks) == 3
    light, dark, paper = (dict(re.findall(r"--([a-z]+):\s*(#[0-9a-f]{6})", block)) for block in blocks)
    assert light.keys() == dark.keys() == paper.keys()
    return {"light": light, "dark": dark, "print": paper}


def luminance(colour):
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_the_guidelines_do():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("ink", ["ink", "quiet", "link", "confirmed", "rejected", "inconclusive", "mixed"])
def test_every_text_stands_out(scheme, ink):
    colours = schemes()[scheme]
    assert all(contrast(colours[ink], colours[ground]) >= 4.5 for ground in ("paper", "panel"))


def test_no_colour_is_used_that_is_not_checked():
    rules = re.sub(r":root\s*\{[^}]*\}", "", STYLE)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl", rules)
    assert set(re.findall(r"var\(--([a-z]+)\)", rules)) == schemes()["light"].keys()
    assert ":focus-visible" in rules


def test_the_page_is_written_beside_the_others_with_its_figures(tmp_path):
    folder = write_report(tmp_path / "latest", whole(), [figure()])
    assert (folder / "evidence.html").read_text("utf-8") == html(whole(), [figure()])
    assert (folder / "evidence.md").exists()


def test_figures_that_cannot_be_drawn_leave_a_report_without_figures():
    warnings = []
    assert figures_of(SimpleNamespace(), SILENT, warnings) == []
    (warning,) = warnings
    assert warning.startswith("the report has no figures, they could not be drawn: ")
