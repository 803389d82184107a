"""The answer of the page: every sentence is true of the document it is made from, whatever was found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from why_bird.evidence.answer import MOST, answer, strongest_first
from why_bird.evidence.claim import Question
from why_bird.evidence.document import Failure, Void
from why_bird.evidence.page.page import html
from why_bird.evidence.suspects import suspects
from why_bird.evidence.terminal import styled_lines

from .planted import NETWORK, OTHER, REGISTER, STATED, TARGETED, planted
from .samples import whole

SNAPSHOT = Path(__file__).with_name("page_sentences.txt")
CONFIRMED = dict.fromkeys(REGISTER.claims, "confirmed")
REJECTED = dict.fromkeys(REGISTER.claims, "rejected")
ABOUT_BIRD = {"P3", "P5", "X4", "C2", "D4", "D5", "B0", "B1", "N3", "Z1"}
MIXED = {
    **dict.fromkeys(("P2", "P3", "Z4", "Z3", "C1", "X2", "B2"), "confirmed"),
    **dict.fromkeys(("Z2", "Z6", "C2", "X1", "B0", "U3"), "rejected"),
    **dict.fromkeys(("U1", "O1"), "inconclusive"),
}


def said(document):
    """Everything that the answer says, as lines of text."""
    lines = [sentence.text for sentence in answer(document)]
    for each in suspects(document):
        claims = " ".join(
            [f"{claim.id}:{claim.verdict}" for claim in each.claims] + [f"{a}:absent" for a in each.absent]
        )
        lines.append(f"{each.name} [{each.status}] {each.found} ({claims})")
    return lines


WORLDS = {
    "noise is bird": planted(MIXED, noise={"bird": 4900, "frog": 100}),
    "noise is frog": planted({**MIXED, "P3": "rejected"}, "frog", noise={"frog": 4900, "bird": 100}),
    "no collapse": planted(
        {"P2": "rejected", "P3": "rejected", "P4": "rejected"}, "frog", noise={"frog": 520, "bird": 500, "cat": 480}
    ),
    "several networks": planted(MIXED, networks=(NETWORK, OTHER)),
    "no images": planted({**dict.fromkeys(("C1", "C2", "B0", "B1", "X1", "P1"), "unmeasured"), "P2": "confirmed"}),
    "a partial run": planted({"Z2": "rejected"}, selection="-k bias"),
    "a void run": planted(MIXED, void=Void("held-out images", "resnet18", "they collapse")),
    "a claim raised an error": planted({"Z2": "confirmed"}, errors=[Failure("Z6", "resnet18", "it broke")]),
    "everything confirmed": planted(CONFIRMED, complete=True),
    "everything rejected": planted(REJECTED, complete=True),
    "nothing judged": planted({}),
}


def test_sentences_are_those_that_were_read_and_found_true(snapshot):
    found = "".join(
        f"== {name}\n" + "".join(f"{line}\n" for line in said(made)) + "\n" for name, made in WORLDS.items()
    )
    snapshot(SNAPSHOT, found)


def claim_of_training(claim):
    """Whether a claim is about networks that are yet to be trained, or has a single sentence for all."""
    return claim.together


def test_every_registered_claim_has_words_a_guess_and_a_question():
    assert STATED.keys() == REGISTER.claims.keys()
    assert {name: stated.claim for name, stated in STATED.items()} == REGISTER.claims
    for stated in STATED.values():
        assert stated.claim.guess
        assert stated.words.holds
        assert stated.words.fails
        assert stated.words.found or claim_of_training(stated.claim)
        assert stated.question.quotes
        assert stated.question.done.endswith(".")
    guessed = {claim.id for claim in REGISTER.claims.values() if not claim.observed}
    about_images = {"C1", "C2", "C5", "D4", "D5", "B0", "B1", "N3", "N5", "N6"}
    reasons = {claim.id for claim in REGISTER.claims.values() if claim.explains}
    assert guessed - about_images - reasons == {"K4", "K5", "L14", "O1", "O2", "O3", "X4"}


def test_every_registered_claim_is_one_line_of_the_terminal():
    lines = styled_lines(planted(dict.fromkeys(REGISTER.claims, "unmeasured")))
    assert [line for line in lines if line[0][0].startswith(" ")] == []
    assert len([line for line in lines if line[0][0].startswith("OPEN")]) == len(REGISTER.claims)


@pytest.mark.parametrize("name", REGISTER.claims)
@pytest.mark.parametrize("outcome", ["confirmed", "rejected", "inconclusive"])
def test_a_clause_speaks_of_the_class_that_noise_falls_into(name, outcome):
    words = planted({name: outcome}, "frog").claims[0].said
    assert "{" not in words
    assert not words.endswith(".")
    assert words.startswith("whether ") == (outcome == "inconclusive")
    # Bird is named only by the claims that are about bird whatever noise does.
    assert ("bird" in words) <= (name in ABOUT_BIRD)
    assert {claim.id for claim in REGISTER.claims.values() if "bird" in claim.needs} == ABOUT_BIRD
    template = STATED[name].words.fails if outcome == "rejected" else STATED[name].words.holds
    if "{target}" in template:
        assert name in TARGETED
        assert "frog" in words


def test_a_frog_network_is_never_called_a_bird_network():
    text = "\n".join(said(WORLDS["noise is frog"]))
    assert "The network calls 98 % of 5,000 noise images frog, 2 % bird." in text
    assert "noise images bird" not in text


def test_a_class_may_be_called_anything():
    text = "\n".join(said(planted(MIXED, "{target} {0} %s")))
    assert "{target} {0} %s" in text


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ({"Z3": "confirmed", "Z4": "confirmed"}, "holds"),
        ({"Z3": "confirmed", "Z4": "inconclusive"}, "holds, some open"),
        ({"Z3": "confirmed"}, "holds, some open"),
        ({"Z3": "confirmed", "Z4": "rejected"}, "holds in part"),
        ({"Z3": "rejected", "Z4": "rejected"}, "does not hold"),
        ({"Z3": "rejected", "Z4": "unmeasured"}, "does not hold, some open"),
        ({"Z3": "rejected"}, "does not hold, some open"),
        ({"Z3": "unmeasured", "Z4": "inconclusive"}, "open"),
    ],
)
def test_a_guess_fares_as_all_of_its_claims_do(outcomes, status):
    (found,) = suspects(planted(outcomes))
    assert found.status == status


def test_what_was_seen_comes_first_then_what_a_reader_believes_most():
    found = answer(planted(dict.fromkeys(("C2", "Z2", "L1", "N7", "P2"), "confirmed")))
    assert [each.claim.id for each in found] == ["P2", "L1", "Z2", "N7", "C2"]


def test_a_sentence_of_the_answer_is_one_of_a_claim_that_was_measured():
    for made in WORLDS.values():
        found = answer(made)
        assert 1 <= len(found) <= MOST
        assert all(each.claim is None or each.claim.estimate is not None for each in found)
        assert len({each.text for each in found}) == len(found)


def test_a_leading_claim_is_not_left_out_because_it_is_open():
    """What was seen stands without a word, whatever the verdict; what explains it is said to be open."""
    claims = {"P2": "confirmed", "P5": "inconclusive", "L1": "inconclusive", "Z2": "rejected", "N7": "unmeasured"}
    found = answer(planted(claims))
    assert [each.claim.id for each in found] == ["P2", "P5", "L1", "Z2"]
    assert [each.text.endswith("; open.") for each in found] == [False, False, True, False]


def test_of_one_weight_the_smaller_p_comes_first():
    made = planted({"L2": "confirmed", "L12": "confirmed"})
    smaller = [replace(each, p=each.p / 2) if each.id == "L12" else each for each in made.claims]
    assert [each.id for each in strongest_first(smaller)] == ["L12", "L2"]
    assert [each.id for each in strongest_first(list(made.claims))] == ["L2", "L12"]


def test_a_question_that_leads_with_nothing_has_an_answer_too():
    (only,) = answer(whole())[:1]
    assert only.text == "Nearly all noise falls into one class."


def test_of_several_networks_it_is_said_where_noise_falls_and_of_which_the_rest_speaks():
    made = planted({"P2": "confirmed", "Z2": "rejected", "C2": "rejected"}, networks=(NETWORK, OTHER))
    first, *rest = answer(made)
    assert first.text == "Of 2 networks, most of the noise is bird in 2."
    assert [each.text.partition(":")[0] for each in rest[:2]] == ["In resnet18", "In resnet18"]
    # What is about the images alone is about no network.
    assert rest[2].text.startswith("Bird images")


def test_noise_that_joins_its_class_without_the_bias_is_not_said_to_leave_it():
    (found,) = answer(planted({"Z2": "rejected"}, share=-0.002))
    assert found.text == "Without the output bias 0.2 percentage points more of the noise is called bird."


def test_a_void_run_says_nothing_of_guesses():
    made = WORLDS["a void run"]
    assert suspects(made) == []
    assert len(answer(made)) == 1


def test_the_answer_stands_on_the_page_as_it_is_said():
    page = html(WORLDS["noise is frog"]).replace("\N{NO-BREAK SPACE}", " ")
    assert "The network calls 98 % of 5,000 noise images frog, 2 % bird." in page
    assert "<h1>Why is noise called frog?</h1>" in page
    assert "<h1>Why is noise called bird?</h1>" in html(WORLDS["several networks"])
    assert "<h1>What was asked, and what was found</h1>" in html(planted({"C2": "rejected"}))


def test_a_module_that_the_post_did_not_ask_about_has_a_section_too():
    assert Question.of_module("test_new_idea").title == "New idea"
    assert '<h3 id="question-2">Bias dominance</h3>' in html(whole())
