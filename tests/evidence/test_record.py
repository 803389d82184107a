"""A record says what was found, travels as JSON, and cannot carry a verdict that its numbers do not."""

import json
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from why_bird.evidence.claim import Question, Stated
from why_bird.evidence.codec import decode, encode
from why_bird.evidence.exhibits import Beside, Check, Part, Reading, Table
from why_bird.evidence.judged import beside_line, judged
from why_bird.evidence.record import ClaimRecord
from why_bird.evidence.words import Words
from why_bird.stats import Intersection, Interval, Proportion, decide, inconclusive

from .samples import BIAS, NOISE, record, records, unmeasured

QUESTION = Question("What is it?")


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(records())
def test_any_record_comes_back_from_json(made):
    text = json.dumps(encode(made), allow_nan=False, ensure_ascii=False)
    text.encode("utf-8")
    assert decode(ClaimRecord, json.loads(text)) == made


def test_an_infinite_end_is_null_and_comes_back_infinite():
    made = record(estimate=Reading(0.5, 0.2, math.inf), decision_interval=Interval(0.2, math.inf, 0.99))
    content = encode(made)
    assert content["estimate"] == {"value": 0.5, "low": 0.2, "high": None, "level": 0.95}
    assert decode(ClaimRecord, content).decision_interval == Interval(0.2, math.inf, 0.99)


def test_numpy_scalars_become_plain_numbers():
    table = Table("t", ("a", "b", "c", "d"), ((np.int64(3), np.float32(0.5), np.bool_(True), np.nan),))
    made = record(n=np.int64(7), p=np.float64(0.001), tables=(table,), estimate=Reading(np.float64(0.6), 0.5, 0.7))
    content = encode(made)
    assert content["tables"][0]["rows"] == [[3, 0.5, True, None]]
    assert [type(content[name]) for name in ("n", "p")] == [int, float]
    assert type(content["estimate"]["value"]) is float


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verdict": "rejected"}, "does not say so"),
        ({"decision_interval": None}, "without an interval"),
        ({"decision_interval": Interval(0.1, 0.9, 0.99)}, "does not say so"),
        ({"checks": (Check("fed well", False, "", "precondition"),)}, "'fed well' failed"),
        ({"estimate": None}, "no estimate"),
        ({"n": 0}, "needs n"),
        ({"network": "dataset"}, "scope"),
        ({"threshold": (0.1, 0.2)}, "needs one number"),
        ({"p": 1.5}, "p is 1.5"),
        ({"p": math.nan}, "p is nan"),
        ({"alpha": 0.5}, "alpha"),
        ({"weight": 0}, "weight"),
        ({"reason": " \n"}, "reason"),
        ({"seconds": math.inf}, "seconds"),
        ({"verdict": "maybe"}, "maybe"),
    ],
)
def test_a_record_refuses_what_does_not_follow(changes, words):
    with pytest.raises(ValueError, match=words):
        record(**changes)


def test_rejected_needs_an_interval_short_of_the_threshold():
    assert record(outcome="rejected").verdict == "rejected"
    with pytest.raises(ValueError, match="does not say so"):
        record(outcome="rejected", decision_interval=Interval(0.0, 0.11, 0.99))


def test_an_exact_value_on_the_threshold_is_rejected():
    made = record(outcome="rejected", decision_interval=Interval(0.1, 0.1, 0.99), p=None, p_adjusted=None)
    assert made.verdict == "rejected"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Reading(math.nan, 0, 1),
        lambda: Reading(0.5, 1, 0),
        lambda: Reading(0.5, math.nan, 1),
        lambda: Reading(0.5, math.inf, math.inf),
        lambda: Reading(0.5, 0, 1, level=1.0),
        lambda: Part("", 0.5, 0, 1),
        lambda: Beside("x", 1.0, n=-1),
        lambda: Check("x", True, "", "feeling"),
        lambda: Table("t", ("a", "b"), ((1,),)),
        lambda: Table("t", (), ()),
    ],
)
def test_exhibits_check_themselves(wrong):
    with pytest.raises(ValueError, match=r"expected|needs"):
        wrong()


def test_a_judged_estimate_becomes_a_record():
    estimate = Proportion(4900, 5000, "noise images")
    verdict = decide(estimate, 0.9, "above", 0.001, 0.04)
    made = judged(
        Stated(NOISE, QUESTION, Words()), verdict, estimate, network="1a2b3c", network_name="resnet18", target="bird"
    )
    assert (made.verdict, made.n, made.unit, made.scope) == ("confirmed", 5000, "noise images", "network")
    assert made.estimate == Reading(0.98, estimate.interval(0.95).low, estimate.interval(0.95).high)
    assert made.decision_interval == verdict.interval_at_alpha
    assert (made.p, made.p_adjusted, made.test) == (verdict.p, verdict.p_adjusted, estimate.method)


def test_a_judged_claim_about_retraining_has_the_scope_procedure():
    estimate = Proportion(10, 10, "networks")
    verdict = decide(estimate, 0.1, "above", 0.004, 1 / 6)
    made = judged(Stated(BIAS, QUESTION, Words()), verdict, estimate, network="procedure", network_name="recipe full")
    assert made.scope == "procedure"


def test_the_parts_of_an_intersection_are_kept():
    parts = (("cat", Proportion(480, 500, "images")), ("dog", Proportion(400, 500, "images")))
    estimate = Intersection(parts)
    made = judged(
        Stated(NOISE, QUESTION, Words()),
        decide(estimate, 0.9, "above", 0.01),
        estimate,
        network="1a",
        network_name="net",
    )
    assert [(part.label, part.value) for part in made.parts] == [("cat", 0.96), ("dog", 0.8)]
    assert made.parts[1].high == parts[1][1].interval(0.95).high
    assert made.verdict == "rejected"


def test_a_claim_without_input_has_no_numbers():
    made = judged(
        Stated(NOISE, QUESTION, Words()),
        inconclusive("needs images: --images=DIR", 0.001),
        None,
        network="1a",
        network_name="net",
    )
    assert (made.n, made.unit, made.test, made.estimate, made.p) == (0, "", "", None, None)
    assert made.reason == "needs images: --images=DIR"


def test_a_line_beside_has_an_interval_and_says_whether_it_was_registered():
    line = beside_line("clipped", Proportion(90, 100, "noise images"), exploratory=True)
    assert (line.value, line.n, line.unit, line.exploratory, line.level) == (0.9, 100, "noise images", True, 0.95)
    assert line.low < 0.9 < line.high


def test_text_of_others_is_made_printable():
    made = unmeasured(target="\x1b[31mbird\n\ud800", reason="a\u202eb")
    assert made.target == "\\x1b[31mbird \\ud800"
    assert made.reason == "a\\u202eb"
