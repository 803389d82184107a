"""Every word about a claim follows its marker: none is typed beside the number that is asked."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from why_bird.evidence.markdown import markdown
from why_bird.evidence.page.page import html
from why_bird.evidence.register import Register
from why_bird.evidence.terminal import styled_lines
from why_bird.evidence.words import Number, Words, WordsError, asked, fill

from .planted import HYPOTHESES, REGISTER, STATED, planted, stated

NUMBERS = r"nine tenths|seven times|six times|(?<!\w)a tenth|half of the|one half"


@pytest.mark.parametrize(
    ("share", "form", "said"),
    [
        (0.9, "tenths", "nine tenths"),
        (0.5, "tenths", "half"),
        (0.1, "tenths", "a tenth"),
        (0.93, "tenths", "93 %"),
        (0.7, "times", "seven times in ten"),
        (0.5, "times", "five times in ten"),
        (0.5, "part", "half"),
        (0.4, "part", "four tenths of"),
        (0.45, "part", "45 % of"),
        (0.9, "%", "90 %"),
        (0.955, "%", "95.5 %"),
        (0.9, "", "0.90"),
        (-0.1, "tenths", "-10 %"),
    ],
)
def test_a_number_that_is_asked_can_be_said(share, form, said):
    assert format(asked(share), form) == said


def test_two_limits_can_be_said():
    assert [format(asked((0.91, 0.95)), form) for form in ("", "%")] == ["0.91 to 0.95", "91 % to 95 %"]


def test_a_template_takes_what_is_known_and_is_empty_where_something_is_not():
    known = {"asked": asked(0.9), "n": 5000, "value": 0.7102, "target": "{asked} {0} %s"}
    assert fill("{n} of {target}: {value} is {value:%}, asked {asked:tenths}", known) == (
        "5,000 of {asked} {0} %s: 0.710 is 71.0 %, asked nine tenths"
    )
    assert fill("{rank} of ten", known) is None
    assert fill("{value} of ten", {"value": None}) is None
    assert Words(holds="{rank}", fails="fails").filled(known) == Words(fails="fails")


@pytest.mark.parametrize("template", ["{asked", "{}", "{a.b}", "{asked[0]}", "{asked:tens}"])
def test_a_template_that_is_none_is_refused(template):
    with pytest.raises(WordsError):
        fill(template, {"asked": asked(0.9), "a": "b", "": "x"})


def test_a_value_has_the_forms_of_a_number():
    assert format(Number.of(0.5), "tenths") == "half"
    assert format(Number.of(0.123), "tenths") == "12.3 %"
    assert format(Number.of(-0.2089), "ratio") == "0.811"
    assert format(Number.of(-0.2), "points more|less") == "20 percentage points less"
    assert format(asked(0.1), "points") == "10 percentage points"
    assert format(Number.of(0.574), "standard deviations more|less") == "0.574 standard deviations more"
    assert format(Number.of(0.574), "farther|nearer") == "0.574 farther"


def test_a_rejection_says_what_was_found():
    for name, found in STATED.items():
        assert re.search(r"\{(value|without)\b", found.words.fails), name
        assert "clearly" not in found.words.fails, name
        assert found.words.fails != found.words.holds, name


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, "0 %"), (0.0004, "0.04 %"), (0.0238, "2.4 %"), (0.0942, "9.4 %"), (0.0999, "10 %"), (0.7098, "71 %"),
        (0.99, "99 %"), (0.9978, "99.8 %"), (0.99996, "99.996 %"), (1, "100 %"), (-0.0238, "−2.4 %"), (1.5, "150 %"),
    ],
)  # fmt: skip
def test_a_share_is_quoted_as_a_person_would(share, said):
    assert format(Number.of(share), "about") == said


def amended(tmp_path: Path, claim: str, new: str) -> str:
    """Everything that is printed of a claim, in all three verdicts, when its marker asks for something else."""
    for path in HYPOTHESES.glob("test_*.py"):
        text = re.sub(rf'("{claim}",\n\s+(?:above|below)=)0\.\d+', rf"\g<1>{new}", path.read_text(encoding="utf-8"))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    found = stated(tmp_path)[claim]
    assert found.claim.threshold == float(new)
    register = Register({**REGISTER.claims, claim: found.claim})
    documents = [
        planted({claim: outcome}, register=register, stated={**STATED, claim: found})
        for outcome in ("confirmed", "rejected", "inconclusive")
    ]
    return "".join(
        html(made) + markdown(made) + "".join(text for line in styled_lines(made) for text, _ in line)
        for made in documents
    )


@pytest.mark.parametrize("claim", ["P2", "P3", "P4", "P5", "P6", "P8", "B0", "K1", "K2", "X2", "Z2", "Z6", "U4"])
def test_a_claim_that_is_amended_says_another_number_everywhere(tmp_path, claim):
    plain = amended(tmp_path, claim, "0.35")
    # What the asker wrote is quoted.
    ours = re.sub(r"<blockquote>.*?</blockquote>", "", plain, flags=re.DOTALL)
    assert not re.search(NUMBERS, ours)
    assert "35 %" in ours


def test_the_example_of_the_issue(tmp_path):
    assert "nine tenths" not in amended(tmp_path, "P2", "0.50")


def test_every_claim_can_be_amended_in_its_marker_alone():
    for name, found in STATED.items():
        said = (found.words.holds, found.words.fails, found.words.besides)
        assert not any(re.search(r"nine tenths|in ten\b|a tenth\b|\d\d %(?! interval)", text) for text in said), name
        assert replace(found.claim, statement="") == replace(REGISTER.claims[name], statement="")
