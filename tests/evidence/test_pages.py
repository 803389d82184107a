"""Terminal and Markdown: they never raise, they fit, and a class named `<script>` stays text."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from why_bird.evidence import numbers
from why_bird.evidence.document import Void
from why_bird.evidence.exhibits import Beside, Check, Part, Table
from why_bird.evidence.markdown import LIMIT, markdown
from why_bird.evidence.terminal import WIDTH, styled_lines
from why_bird.evidence.words import Words
from why_bird.printing import columns, folded, printable, shorten

from .samples import (
    ACCURACY,
    BIAS,
    HOSTILE,
    NETWORK,
    NOISE,
    OTHER,
    document,
    documents,
    provenance,
    record,
    unmeasured,
    whole,
)


def lines(made, verbosity=0):
    """The summary without styles."""
    return ["".join(text for text, _ in line) for line in styled_lines(made, verbosity)]


OURS = {"text", "text_special", "entity", "strong_open", "strong_close", "em_open", "em_close", "softbreak"}


def rendered(page):
    """The page's inline tokens, read as GitHub reads it: tables, and HTML where something is HTML."""
    blocks = MarkdownIt("commonmark", {"html": True}).enable("table").parse(page)
    assert not [block for block in blocks if block.type in ("html_block", "fence", "code_block")]
    return [token for block in blocks for token in block.children or []]


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(documents())
def test_pages_of_any_document(made):
    page = markdown(made)
    assert len(page.encode("utf-8")) < LIMIT
    assert {token.type for token in rendered(page)} <= OURS
    for verbosity in (-1, 0, 2):
        for line in lines(made, verbosity):
            assert columns(line) <= WIDTH
            assert line.isprintable()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text_everywhere(name):
    made = document(
        [
            record(
                target=name,
                network_name=name,
                unit=name,
                parts=(Part(name, 0.5, 0.4, 0.6),),
                beside=(Beside(name, 0.5, unit=name, n=3),),
                tables=(Table(name, (name, "x"), ((name, 1),)),),
            ),
            unmeasured(NOISE, reason=name, checks=(Check(name, False, name, "precondition"),)),
        ]
    )
    page = markdown(made)
    tokens = rendered(page)
    assert {token.type for token in tokens} <= OURS
    assert "<" not in page
    text = "".join(token.content for token in tokens)
    assert text.count(shorten(printable(name), 32).rstrip("…")) >= 4
    widths = [line.count("|") - line.count("\\|") for line in page.splitlines() if line.startswith("| ")]
    assert set(widths) == {4, 7}


def test_a_claim_has_one_line_with_its_verdict_and_what_was_found():
    (found,) = (line for line in lines(document([record(words=Words(found="It fell by a tenth."))])) if " Z2 " in line)
    assert found.split() == ["CONFIRMED", "Z2", "It", "fell", "by", "a", "tenth.", "0.600,", "asked", ">", "0.10"]
    assert columns(found) == WIDTH


def test_above_the_claims_stands_how_to_read_them():
    made = document([record()])
    said = lines(made)
    (place,) = (i for i, line in enumerate(said) if line.startswith("The verdict is on the claim; then what was found"))
    assert " Z2 " in said[place + 1]
    assert said[place] not in lines(made, -1)
    assert said[place] not in lines(replace(made, claims=()))


def test_what_is_too_long_goes_on_in_the_next_line_and_is_not_cut():
    words = " ".join(f"word{i}" for i in range(40))
    made = document([record(words=Words(found=words))])
    said = " ".join(line.replace("0.600, asked > 0.10", "").strip() for line in lines(made))
    assert f"CONFIRMED Z2  {words} " in said


def test_each_verbosity_says_more():
    said = [lines(whole(), verbosity) for verbosity in (-1, 0, 1)]
    assert [len(each) for each in said] == sorted(len(each) for each in said)
    assert not any("Z2" in line for line in said[0])
    assert said[0][0] == "Nearly all noise falls into one class."
    assert said[0][-1] == said[1][-1] == "1 confirmed, 1 rejected, 1 open, 1 not yet written"
    assert not any("the interval says so" in line for line in said[1])
    assert any("Rejected: the interval says so." in line for line in said[2])
    checked = document([record(checks=(Check("fed rightly", True, "by 0.2", "control"),))])
    assert not any("fed rightly" in line for line in lines(checked, 1))
    assert any("holds: fed rightly: by 0.2" in line for line in lines(checked, 2))


def test_styles_follow_the_verdict():
    styles = {line[0][0].strip(): line[0][1] for line in styled_lines(whole()) if line[0][1] != "bold"}
    assert (styles["CONFIRMED"], styles["REJECTED"], styles["OPEN"]) == ("green", "red", "yellow")


def test_a_claim_without_an_estimate_has_its_reason_where_more_is_asked_for():
    made = document([unmeasured()])
    assert not any("needs images" in line for line in lines(made))
    assert any(line.strip() == "needs images: --images=DIR" for line in lines(made, 1))
    assert "- Z2: needs images: --images=DIR" in markdown(made)


def test_several_networks_are_told_apart():
    made = document(
        [record(), record(network="9f8e7d", network_name="other", verdict="confirmed"), record(NOISE, "rejected")],
        provenance=provenance((NETWORK, OTHER)),
    )
    found = lines(made)
    assert any("Z2[resnet18]" in line for line in found)
    assert any("Z2[other]" in line for line in found)
    page = markdown(made)
    assert "| Z2 | other | Without the output bias" in page
    assert "other (resnet18, 3×3 stem), fine-tuned." in page
    assert "trained from scratch by the recipe full" in page


def test_many_networks_still_fit_and_the_page_says_what_it_left_out():
    long = Table("scores", ("image", "score"), tuple((f"image {i} " * 9, i / 7) for i in range(300)))
    made = document(
        [
            record(claim, network=f"{i:06x}", network_name=f"network {i}", tables=(long,))
            for i in range(200)
            for claim in (ACCURACY, BIAS, NOISE)
        ]
    )
    page = markdown(made)
    assert len(page.encode("utf-8")) < LIMIT
    assert re.search(r"\*[\d,]+ more lines are in evidence\.json\.\*", page)
    assert "600 verdicts: 600 confirmed, 0 rejected, 0 open, 1 not yet written." in page
    assert "## Where it comes from" in page


def test_the_page_opens_with_the_answer_then_the_guesses_then_the_table():
    page = markdown(whole())
    order = [
        "- Nearly all noise falls into one class.",
        "3 verdicts: 1 confirmed, 1 rejected, 1 open, 1 not yet written.",
        "## The guesses",
        "## Verdicts",
        "| Z2 | Without",
        "## Not judged",
        "the test not written yet: C1.",
        "## Where it comes from",
    ]
    places = [page.index(text) for text in order]
    assert places == sorted(places)


def test_two_procedures_are_told_apart():
    one, other = (
        replace(claim, network="procedure", network_name=name, scope="procedure")
        for claim, name in zip(whole().claims, ("recipe one", "recipe two"), strict=False)
    )
    page = markdown(replace(whole(), claims=(one, other)))
    assert f"| {one.id} | recipe one | {one.statement}" in page
    assert f"| {other.id} | recipe two | {other.statement}" in page


def test_a_partial_run_says_so_on_both_pages():
    made = document([record()], complete=False, selection="-k bias")
    assert "- **Partial:** not every written claim was judged (-k bias)" in markdown(made)
    assert "Not judged in this run: P1, P2." in markdown(made)
    assert "PARTIAL: not every written claim was judged (-k bias), so this is not the whole answer." in lines(made)


def test_a_void_run_says_so_first():
    made = whole(void=Void("dose 0", "resnet18", "moved by 0.1"))
    bullet = next(line for line in markdown(made).splitlines() if line.startswith("- "))
    assert bullet == (
        "- **Void:** the negative control dose 0 is broken for resnet18: moved by 0.1. Every verdict is withheld."
    )
    assert any(line.startswith("VOID: the negative control dose 0 is broken for resnet18") for line in lines(made))
    assert "**confirmed**" not in markdown(made)


def test_failed_checks_are_shown():
    checks = (Check("collapse", False, "share 0.2", "precondition"), Check("fine", True, "", "control"))
    page = markdown(document([unmeasured(checks=checks)]))
    assert "- Z2, precondition: collapse. share 0.2" in page
    assert "fine" not in page


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1234, "0.123"),
        (-0.05, "−0.0500"),
        (0.935, "0.935"),
        (0.99926, "0.999"),
        (0.99968, "0.9997"),
        (0.999996, "0.999996"),
        (0.99999999, "0.999999"),
        (-0.99999999, "−0.999999"),
        (1.0000001, "1.00"),
        (1.0, "1.00"),
        (0, "0"),
        (12.345, "12.3"),
        (12345.6, "12,346"),
        (24.0, "24"),
        (-1500.0, "−1,500"),
        (1.5e-6, "1.50e-06"),
        (-2.5e9, "−2.50e+09"),
        (None, "–"),
        (float("inf"), "∞"),
        (-float("inf"), "−∞"),
    ],
)
def test_numbers(value, text):
    assert numbers.number(value) == text


@pytest.mark.parametrize(
    ("value", "limits", "text"),
    [
        (0.9004, (0.9,), "0.9004"),
        (0.89996, (0.9,), "0.89996"),
        (0.9, (0.9,), "0.900"),
        (-0.05004, (-0.05,), "−0.05004"),
        (0.949, (0.91, 0.95), "0.949"),
        (0.94999, (0.91, 0.95), "0.94999"),
        (12.04, (12.0,), "12.04"),
        (0.71, (0.9, math.inf), "0.710"),
    ],
)
def test_a_number_reads_on_the_side_of_what_is_asked_on_which_it_lies(value, limits, text):
    assert numbers.number(value, *limits) == text


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_rounding_moves_no_value_past_what_is_asked(value, limit):
    near = float(numbers.number(value, limit).replace("−", "-"))
    assert ((near > limit), (near < limit)) == ((value > limit), (value < limit)) or abs(value - limit) < 1e-6
    assert near == pytest.approx(value, rel=0.0051, abs=1e-12)


def test_thresholds_intervals_and_p_values():
    assert numbers.against(0.1, "above") == "> 0.10"
    assert numbers.against(0.0953101798, "below") == "< 0.0953"
    assert numbers.against((0.91, 0.95), "within") == "within 0.91 to 0.95"
    assert numbers.with_interval(0.25, -math.inf, 0.5) == "0.250 [−∞, 0.500]"
    assert numbers.with_interval(0.9004, 0.8996, math.inf, 0.9) == "0.9004 [0.8996, ∞]"
    assert [numbers.p_value(p) for p in (None, 0.0, 0.0312, 1.0)] == ["–", "< 1e-99", "0.031", "1"]
    said = [(5000, "noise images"), (1, "networks"), (1, "pairs of networks"), (2, "pairs of networks"), (1, "classes")]
    assert [numbers.counted(*each) for each in said] == [
        "5,000 noise images",
        "1 network",
        "1 pair of networks",
        "2 pairs of networks",
        "1 class",
    ]
    assert numbers.counted(0, "networks") == "–"


def test_wide_characters_count_as_two_columns():
    assert columns("火a\u0301") == 3
    assert shorten("火火火", 5) == "火火…"
    assert shorten("abc", 3) == "abc"


def test_lines_are_folded_between_words_and_within_one_that_is_too_long():
    assert folded("ab cd ef", 5) == ["ab cd", "ef"]
    assert folded("abcdefg h", 3) == ["abc", "def", "g h"]
    assert folded("火火火", 5) == ["火火", "火"]
