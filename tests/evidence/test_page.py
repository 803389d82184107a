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

from why_bird.evidence.charts import Axis, Bars, Column, Stack, Stacked
from why_bird.evidence.charts.figure import Figure
from why_bird.evidence.claim import Question
from why_bird.evidence.document import Failure, Void, read_document
from why_bird.evidence.exhibits import Beside, Check, Part, Table
from why_bird.evidence.gate_lines import Gate, Line
from why_bird.evidence.judged import SIGN_FLIP
from why_bird.evidence.markdown import markdown
from why_bird.evidence.page.claims import anchors
from why_bird.evidence.page.page import html
from why_bird.evidence.page.small import small
from why_bird.evidence.report import write_report
from why_bird.evidence.retrained import retrained, total
from why_bird.evidence.words import Words
from why_bird.fixtures.evidence import figures_of
from why_bird.printing import printable
from why_bird.progress import SILENT

from .chart_samples import FLAT, PLAIN, hostile, many
from .samples import ACCURACY, BIAS, CLUTTER, HOSTILE, NOISE, document, documents, record, unmeasured, whole

ROOT = Path(__file__).resolve().parents[2]
STYLE = "".join(
    (ROOT / "lib" / "why_bird" / "evidence" / "page" / name).read_text(encoding="utf-8")
    for name in ("style.css", "report.css")
)
SAMPLES = [*PLAIN.values(), *FLAT, *hostile(), *many(1), *many(100)]
SHIPPED = ROOT / "reports" / "reference" / "evidence.html"
REFERENCE = read_document(json.loads(SHIPPED.with_suffix(".json").read_text(encoding="utf-8")))


def figure(claim=None, name="p2-bars", *, leads=False):
    """A figure of a claim of the document that it is shown with."""
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><g id="{name}-a"><text>axis</text></g></svg>'
    )
    shares = Column(Axis(f"{name} & frog", percent=True), (0.7,))
    chart = Bars(title="where noise falls", caption="A caption.", leads=leads, rows=("bird",), columns=(shares,))
    return Figure(name, claim or record(NOISE), chart, drawing)


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


def claim_of(tree, name):
    """What the page shows of a claim."""
    return next(e for e in tree.iter("details") if e.get("id") == f"claim-{name}")


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
    named = {e.get("id") for e in tree.iter("input")}
    assert named <= {e.find("input").get("id") for e in tree.iter("label") if e.find("input") is not None}
    assert all(e.find("select") is not None or e.find("input") is not None for e in tree.iter("label"))
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
    tree = parsed(html(made, [figure(claim) for claim in made.claims[:1]]))
    check_accessible(tree)
    check_self_contained(tree)


def test_page_of_the_committed_run():
    page = html(REFERENCE, [figure(claim, f"figure-{n}") for n, claim in enumerate(REFERENCE.claims[::20])])
    tree = parsed(page)
    check_accessible(tree)
    check_self_contained(tree)
    places = anchors(REFERENCE)
    shown = {e.get("id"): text_of(e) for e in tree.iter("details") if "claim" in (e.get("class") or "")}
    # Each claim stands there once, with what its verdict rests on.
    assert sorted(shown) == sorted(places.values())
    for claim in REFERENCE.claims:
        for words in (claim.statement, claim.words.found, f"{claim.n:,} " if claim.n else ""):
            assert words in shown[places[claim.key]]
    # Said once for all, and not of every claim.
    assert text_of(tree.find("body")).count("widening for skewness") == 1


def test_under_each_question_stands_its_file():
    tree = parsed(html(REFERENCE, []))
    (asked,) = (section for section in tree.iter("section") if section.get("id") == "pictures")
    files = [text_of(below).strip() for heading, below in pairwise(asked) if heading.tag == "h3"]
    assert sorted(files) == sorted({f"{claim.module}.py" for claim in REFERENCE.claims})
    assert all((SHIPPED.parents[2] / "hypotheses" / name).is_file() for name in files)


def test_the_shipped_page_is_read_in_half_an_hour():
    page = SHIPPED.read_text(encoding="utf-8")
    assert len(text_of(parsed(page).find("body")).split()) <= 8_000
    assert len(page.encode()) < 3_000_000


def test_what_a_claim_lacks_is_said_as_a_sentence():
    assert "Open: needs images: --images=DIR." in text_of(claim_of(parsed(html(document([unmeasured()]))), "Z2"))


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
        "li",
        "h3",
        "text",
        "rect",
        "g",
        "svg",
    }
    shown = " ".join(printable(name).split()).encode("utf-8", "backslashreplace").decode()
    assert " ".join("".join(tree.itertext()).split()).count(shown) >= 10


def test_a_void_run_withholds_every_verdict_and_says_so_first():
    void = Void("held-out images", "resnet18", "they collapse")
    tree = parsed(html(whole(void=void), [figure(leads=True)]))
    header = text_of(tree.find("body/header"))
    assert "Void. The negative control held-out images is broken for resnet18: they collapse." in header
    said = text_of(next(e for e in tree.iter("section") if e.get("id") == "answer"))
    assert "This run answers nothing" in said
    assert "where noise falls" not in said.lower()


def test_the_first_screen_says_what_was_measured():
    header = text_of(parsed(html(whole())).find("body/header"))
    assert "resnet18 (93.1 % accurate); cifar10; 3 verdicts: 1 confirmed, 1 rejected," in header


def test_the_answer_is_a_link_to_its_evidence_beside_the_pictures_that_lead():
    figures = [figure(name="family"), figure(name="one", leads=True)]
    tree = parsed(html(whole(), [*figures, figure(record(BIAS), "three", leads=True)]))
    answer = next(e for e in tree.iter("section") if e.get("id") == "answer")
    assert [e.find("a").get("href") for e in answer.iter("li")] == ["#claim-P2", "#claim-Z2"]
    # Those of one claim: the first that leads.
    assert [e.get("aria-label") for e in answer.iter("div")] == [figures[1].chart.description]
    rest = next(e for e in tree.iter("section") if e.get("id") == "pictures")
    assert len(list(rest.iter("figure"))) == 2


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


@pytest.mark.parametrize(
    ("p", "alpha", "doubted"), [(0.004, 0.003, True), (0.002, 0.003, False), (0.004, 0.001, False)]
)
def test_a_reader_is_told_what_was_seen_before_and_what_doubts_a_confirmation(p, alpha, doubted):
    # Nine networks whose signs are all alike have p = 1/512: at a smaller error rate the test can confirm nothing.
    claim = record(
        NOISE,
        alpha=alpha,
        words=Words(found="So it is.", seen="It had been seen."),
        beside=(Beside(SIGN_FLIP, p, n=9, unit="pairs"),),
    )
    said = text_of(parsed(html(document([claim]))).find("body"))
    assert "It had been seen." in said
    assert (
        f"has p = {p}, where the error rate of this claim is {alpha}: by it this is not confirmed." in said
    ) == doubted


def test_claims_can_be_chosen_and_put_in_order_without_a_script():
    page = html(whole())
    claims = {e.get("id"): e for e in parsed(page).iter("details") if "claim" in (e.get("class") or "")}
    assert {name: e.get("class").split()[1:] for name, e in claims.items()} == {
        "claim-P1": ["inconclusive", "q1"],
        "claim-P2": ["confirmed", "q1"],
        "claim-Z2": ["rejected", "q2"],
    }
    assert [e.get("style") for e in claims.values()] == [f"--ranked:{place};--done:2" for place in (2, 0, 1)]
    assert '#claims:has(option[value="q2"]:checked) .claim:not(.q2):not(:target) { display: none; }' in page
    options = {e.get("value") for e in parsed(page).iter("option")}
    assert set(re.findall(r'option\[value="([^"]+)"\]', page)) <= options


def trained_again(name, bird, accurate="77 %"):
    plain, changed = Stack("plain", (0.9, 0.1), f"{accurate} accurate"), Stack(f"no {name}", (bird, 1 - bird))
    return Stacked(title="t", parts=("bird", "frog"), stacks=(plain, changed), axis="noise", highlight=("bird",))


def shown(claim, chart):
    return replace(figure(), name="f", claim=claim, chart=chart)


def test_what_was_retrained_is_a_table_of_its_own_the_plain_networks_first():
    charts = [trained_again("colour", 0.2), trained_again("border", 0.8)]
    first, second = (
        record(claim, charts=(chart,), evidence="retrained") for claim, chart in zip((BIAS, NOISE), charts, strict=True)
    )
    rows = retrained(document([first, second]))
    assert [(each.stack.label, each.stack.note, each.claim and each.claim.id) for each in rows] == [
        ("plain", "77 % accurate", None),
        ("no border", "", "P2"),
        ("no colour", "", "Z2"),
    ]
    assert rows[2].chart.told(rows[2].stack) == "bird 20 %, frog 80 %"
    assert retrained(document([replace(first, evidence="changed")])) == []
    # What a claim shows besides has no verdict; each row stands under the plain networks of its recipe.
    other, more = trained_again("border", 0.8, "92 %"), trained_again("zeros", 0.7)
    again = retrained(document([replace(first, charts=(charts[0], more)), replace(second, charts=(other,))]))
    assert [(each.stack.label, each.stack.note, each.claim and each.claim.id) for each in again] == [
        ("plain", "92 % accurate", None),
        ("no border", "", "P2"),
        ("plain", "77 % accurate", None),
        ("no colour", "", "Z2"),
        ("no zeros", "", None),
    ]
    assert retrained(replace(document([first, second]), void=Void("P1", "resnet18", "broken"))) == []
    assert "| no border |  | bird 80 %, frog 20 % | **confirmed** P2 |" in markdown(document([first, second]))
    page = parsed(html(document([first, second]), [shown(first, charts[0]), shown(second, charts[1])]))
    assert "Train again, with one thing changed" in text_of(page.find("body/main"))
    # Networks of another recipe have a caption of their own.
    named = [replace(chart, caption=f"Recipe {name}.") for chart, name in zip((charts[0], other), "ab", strict=True)]
    pairs = [(replace(claim, charts=(chart,)), chart) for claim, chart in zip((first, second), named, strict=True)]
    page_of_both = parsed(html(document([claim for claim, _ in pairs]), [shown(*each) for each in pairs]))
    assert "Recipe b. Recipe a." in text_of(page_of_both.find("body/main"))
    # There it is shown; it is not drawn once more.
    assert page.findall(".//figure") == []
    both = replace(first, charts=(charts[0], figure().chart))
    drawn = [shown(both, each) for each in both.charts]
    (only,) = parsed(html(document([both]), drawn)).findall(".//figcaption")
    assert text_of(only) == "Where noise falls"
    looked_at = replace(first, evidence="looked at")
    assert len(parsed(html(document([looked_at]), [shown(looked_at, charts[0])])).findall(".//figure")) == 1


def test_it_is_said_how_many_changes_explain_and_where_none_does():
    fared = ((NOISE, "confirmed"), (BIAS, "rejected"))
    found = [record(claim, outcome, evidence="retrained", explains=True) for claim, outcome in fared]
    said = "2 claims say that a change of training moves most of the noise: 1 confirmed, 1 rejected, 0 open."
    assert total(document(found)) == said
    unasked = unmeasured(ACCURACY, evidence="retrained", explains=True)
    cure = record(CLUTTER, evidence="retrained", explains=False, network="dataset", scope="dataset")
    said = said.replace("2", "3").replace("0 open.", "1 open, 1 of these not measured. C1: asked something else.")
    assert total(document([*found, unasked, cure])) == said
    others = [replace(found[1], network=str(i)) for i in range(3)]
    innocent = "None of the 3 changes of training moves the noise as far as was asked: why is still open."
    assert total(document(others)) == innocent
    assert total(document([replace(each, explains=False) for each in found])) == ""


@pytest.mark.parametrize("chart", SAMPLES, ids=lambda each: each.kind)
def test_a_small_picture_of_any_chart_is_sound(chart):
    drawn = small(chart)
    if not drawn:
        assert chart.kind == "heatmap"
        return
    root = html5lib.parseFragment(drawn, namespaceHTMLElements=False)[0]
    assert root.get("width") == "220"
    inside = [e for e in root.iter() if e is not root]
    places = [float(e.get(key)) for e in inside for key in ("x", "y", "width", "cx", "cy") if e.get(key)]
    assert all(-0.1 <= each <= 220.1 for each in places)
    assert {e.tag.rpartition("}")[2] for e in inside} <= {"g", "text", "rect", "polyline", "circle", "line", "image"}


def words_of(picture):
    """What is written in a small picture, line by line."""
    return [text_of(each) for each in parsed(f"<!DOCTYPE html><title>t</title>{picture}").iter("text")]


def test_a_small_picture_says_what_its_numbers_are_of_and_cuts_no_label():
    long = "all classes have the same cross-spectrum, all images the same contrast"
    stacked = trained_again("colour", 0.18)
    stacked = replace(stacked, stacks=(stacked.stacks[0], replace(stacked.stacks[1], label=long)))
    assert " ".join(words_of(small(stacked))) == f"plain: bird 90 % {long}: bird 18 % noise"
    found = Column(Axis("distance from noise, ½(1 − cos)"), (0.2, 0.3, 0.6, 0.7))
    rows = ("frog", "bird", "deer", "horse")
    chart = Bars(title="t", rows=rows, columns=(found,), highlight=("bird",))
    assert words_of(small(chart)) == ["frog 0.200", "bird 0.300", "horse 0.700", found.axis.label]
    few = replace(chart, rows=rows[:2], columns=(replace(found, values=(0.2, 0.3)),))
    assert words_of(small(few)) == ["frog 0.200", "bird 0.300", found.axis.label]
    curve = PLAIN["curves"]
    assert " ".join(words_of(small(curve))) == f"{curve.highlight[0]} {curve.y.label}, by {curve.x.label}"


def test_every_suspect_of_the_committed_run_has_a_small_picture_of_its_numbers():
    rows = [e for e in parsed(html(REFERENCE)).iter("tr") if e.find("td/span[@class='ids']") is not None]
    assert len(rows) > 10
    for each in rows:
        assert each.find("td/svg//text") is not None, text_of(each.find("th"))


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
    assert set(re.findall(r"var\(--([a-z]+)\)", rules)) - {"ranked", "done"} == schemes()["light"].keys()
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
