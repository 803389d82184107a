"""The gate's rule on findings: what is green, amber, red and noted, and in which words."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from why_bird.errors import BadInput
from why_bird.evidence.accepted import Baseline
from why_bird.evidence.claim import Question
from why_bird.evidence.exhibits import Reading
from why_bird.evidence.exit_code import gate_code
from why_bird.evidence.gate import changes, hold, margin_floor, require_same_images
from why_bird.evidence.gate_lines import gate_lines, gate_total
from why_bird.evidence.noise_counts import NoiseCounts
from why_bird.evidence.record import ClaimRecord
from why_bird.evidence.replicates import Replicate
from why_bird.stats import Interval, NetworkMean, NetworkValue, Proportion
from why_bird.stats.drift import GATE_LEVEL
from why_bird.stats.estimate import limits

A, B = "a" * 64, "b" * 64


def finding(successes=4880, of=5000, **changes):
    """P2 of one network: a share of noise images."""
    share = Proportion(successes, of, "noise images")
    reading, strict = share.interval(0.95), share.interval(GATE_LEVEL)
    values = {
        "id": "P2",
        "network": A,
        "network_name": "resnet18",
        "target": "bird",
        "module": "test_noise_collapse",
        "question": Question.of_module("test_noise_collapse"),
        "statement": "Nearly all noise falls into one class.",
        "source": "fact 2",
        "scope": "network",
        "unit": "noise images",
        "n": of,
        "test": share.method,
        "scale": share.scale,
        "threshold": 0.9,
        "side": "above",
        "weight": 2,
        "alpha": 0.001,
        "p": None,
        "p_adjusted": None,
        "verdict": "confirmed" if share.value > 0.9 else "rejected",
        "reason": "The interval says so.",
        "value": share.value,
        "standard_error": math.sqrt(share.variance),
        "reading": (reading.low, reading.high),
        "strict": (strict.low, strict.high),
        **changes,
    }
    value, ends, bounds = (values.pop(name) for name in ("value", "reading", "strict"))
    if value is None and not values["n"]:
        return ClaimRecord(**values, estimate=None, decision_interval=None)
    values["estimate"] = Reading(value, *ends, 0.95)
    values["gate_interval"] = Interval(*bounds, GATE_LEVEL)
    low, high = limits(values["threshold"], values["side"])
    past, short = (
        (max(low, -1e6) + 1e-9, min(high, 1e6) - 1e-9),
        (low - 1, low) if low > -math.inf else (high, high + 1),
    )
    decided = {"confirmed": past, "rejected": short}.get(values["verdict"])
    return ClaimRecord(**values, decision_interval=decided and Interval(*decided, 0.998))


def unmeasured(**changes):
    nothing = {"value": None, "n": 0, "verdict": "inconclusive", "standard_error": None}
    lacking = {} if changes.get("n") else {"unit": "", "test": ""}
    ends = {"reading": (-math.inf, math.inf), "strict": (-math.inf, math.inf)}
    return finding(**{**nothing, **lacking, **ends, "reason": "needs images: --images=DIR.", **changes})


def findings(*some, seed=0, images="1" * 64, noise=()):
    return Baseline(some, images, "CIFAR-10", seed, "c0ffee" * 6 + "c0ff", "2026-01-02T03:04:05+00:00", tuple(noise))


def fell(network, **counts):
    return NoiseCounts(network, tuple(counts), tuple(counts.values()))


def only(accepted, new, *, seed=7):
    """The one line of one claim held against another."""
    (line,) = hold(findings(accepted), findings(new, seed=seed)).lines
    return line


@pytest.mark.parametrize(
    ("new", "status", "words"),
    [
        (finding(4871), "green", "has held: 0.976 was accepted, 0.974 is new"),
        (finding(4770), "amber", "may have moved: 0.976 was accepted, 0.954 is new"),
        (finding(2500, verdict="inconclusive"), "red", "has moved: 0.976 was accepted, 0.500 is new"),
        (finding(2500), "red", "is reversed: it was confirmed and is rejected now; 0.976 was accepted, 0.500 is new"),
        # confirmed and inconclusive now, the value as it was
        (finding(4876, verdict="inconclusive"), "green", "has held"),
        (unmeasured(), "red", "0.976 was accepted, and nothing was measured now: needs images: --images=DIR."),
        (unmeasured(n=5000), "red", "0.976 was accepted, and its new value is not a number."),
        (finding(4871, unit="test images"), "red", "0.976 of noise images was accepted, 0.974 of test images is new"),
    ],
)
def test_the_same_network_on_fresh_draws(new, status, words):
    line = only(finding(), new)
    assert line.status == status
    assert words in line.sentence
    assert line.sentence.startswith("P2 (resnet18) ")
    assert line.sentence.count(". ") == 0
    assert line.sentence.endswith(".")


def test_each_line_says_old_new_and_margin():
    line = only(finding(), finding(2500, verdict="inconclusive"))
    assert (line.claim, line.about, line.accepted, line.new) == ("P2", A, 0.976, pytest.approx(0.5))
    # by hand: √(.976·.024/5000 + .25/5000) = .0074 and 5.7 times that is .0421, above half of .05
    assert line.margin == pytest.approx(0.0421, abs=1e-3)
    assert f"±{line.margin:.3g}" in line.sentence


def test_the_same_draws_are_equal_or_red():
    assert only(finding(), finding(), seed=0).status == "green"
    moved = only(finding(), finding(4879), seed=0)
    assert (moved.status, moved.kind) == ("red", "same draws")
    assert "cannot be repeated: 0.976 was accepted, 0.9758 is new" in moved.sentence
    # one of the 5,000 labels may be a near-tie of two classes, and floats may differ by 1e-4
    tied = findings(finding(4879), noise=[NoiseCounts(A, (), (), 1)])
    (line,) = hold(findings(finding()), tied).lines
    assert line.status == "green"
    assert "near-ties" in line.sentence
    assert only(finding(), finding(value=0.976 * (1 + 9e-5)), seed=0).status == "green"
    assert (
        only(finding(scale="standardised"), finding(scale="standardised", value=0.976 * (1 + 2e-4)), seed=0).status
        == "red"
    )


@pytest.mark.parametrize("network", [A, B])
@pytest.mark.parametrize("difference", [0.0001, 0.08, 0.4])
@pytest.mark.parametrize("side", ["above", "below"])
@pytest.mark.parametrize("exact", [False, True])
def test_a_reversed_verdict_is_red_whatever_the_margin(network, difference, side, exact):
    """The margin of a ratio: 5.7 standard errors of .1 are more than any difference here."""

    def at(value, verdict, **more):
        ends = {"reading": (value - 0.2, value + 0.2), "strict": (value - 0.4, value + 0.4)}
        ends |= {"standard_error": 0.1, "scale": "standardised", "threshold": 0.5, "side": side, "exact": exact}
        return finding(value=value, verdict=verdict, **ends, **more)

    first, second = at(0.5 - difference / 2, "confirmed"), at(0.5 + difference / 2, "rejected", network=network)
    for old, new in ((first, second), (second, first)):
        line = only(old, new)
        assert (line.status, line.kind) == ("red", "reversed")
        assert f"it was {old.verdict} and is {new.verdict} now" in line.sentence
        open_now = replace(new, verdict="inconclusive", decision_interval=None)
        assert only(old, open_now).status in ("green", "amber")


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (finding(4880), finding(4875, network=B), "green"),
        (finding(4880), finding(4600, network=B), "amber"),  # both confirmed: it differs, beyond the margin
        (finding(4880), finding(4200, network=B, verdict="inconclusive"), "amber"),  # not by its verdict
        (finding(4880), finding(4450, network=B), "red"),
        (finding(3500), finding(4880, network=B), "red"),
        (finding(3500), finding(1000, network=B), "amber"),  # rejected, and further down
        (finding(4480, verdict="inconclusive"), finding(2500, network=B), "amber"),
    ],
)
def test_one_retrained_network_is_red_where_its_verdict_is_reversed(old, new, status):
    assert only(old, new, seed=0).status == status


def test_an_exact_value_has_no_error_and_is_red_where_its_verdict_is_reversed():
    exact = {
        "test": "exact",
        "scale": "standardised",
        "exact": True,
        "standard_error": 0.0,
        "threshold": 0.01,
        "unit": "classes",
        "target": None,
        "n": 10,
    }

    def at(value, **more):
        return finding(value=value, reading=(value, value), strict=(value, value), **{**exact, **more})

    assert only(at(0.22), at(0.223)).status == "green"
    assert only(at(0.22), at(0.25)).status == "amber"
    assert only(at(0.22), at(-0.2, verdict="rejected")).status == "red"


def test_a_missing_claim_is_red_and_a_new_one_is_noted():
    gate = hold(findings(finding(), finding(id="P3", target=None)), findings(finding(), finding(id="P9", target=None)))
    assert [(line.claim, line.status) for line in gate.lines] == [("P2", "green"), ("P3", "red"), ("P9", "noted")]
    assert gate.lines[1].sentence == "P3 is missing: it was accepted (0.976, confirmed) and has no record now."
    assert gate_code(gate) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("threshold", 0.8), ("side", "below"), ("weight", 1), ("statement", "Another."), ("threshold", (0.8, 0.9))],
)
def test_a_changed_register_is_its_own_message_whatever_the_values(name, value):
    more = {"side": "within"} if isinstance(value, tuple) and name == "threshold" else {}
    line = only(finding(), finding(2500, **{name: value}, **more))
    assert (line.status, line.kind) == ("red", "register")
    assert "says something else in the register" in line.sentence


def test_noise_that_falls_elsewhere_is_red_in_one_sentence_whatever_the_shares():
    before = [fell(A, bird=4880, frog=120)]
    after = [fell(B, bird=120, frog=4880)]
    about = [finding(), finding(id="X1", statement="It is near.")]
    accepted = findings(*about, noise=before)
    new = findings(*(replace(f, network=B, target="frog") for f in about), noise=after)
    gate = hold(accepted, new)
    assert [(line.claim, line.status, line.kind) for line in gate.lines] == [
        ("P2", "red", "class of noise"),
        ("X1", "noted", "another class"),
    ]
    assert (
        "noise falls into frog now and fell into bird when accepted: 4,880 of 5,000 in frog, 120"
        in gate.lines[0].sentence
    )
    # nobody counted: that it is chance is not to be assumed
    (line, _) = hold(findings(*about), findings(*new.claims)).lines
    assert line.status == "red"


def test_two_level_classes_are_amber():
    before = [fell(A, bird=2450, frog=2400)]
    after = [fell(A, bird=2400, frog=2450)]
    old, new = finding(2450), finding(2450, target="frog")
    (line,) = hold(findings(old, noise=before), findings(new, noise=after, seed=3)).lines
    assert line.status == "amber"


def replicates(values, first=0, **changes):
    return [finding(round(5000 * value), network=f"{first + i:064d}", **changes) for i, value in enumerate(values)]


def test_a_network_that_was_not_accepted_is_held_against_each_and_the_mildest_counts():
    accepted = findings(*replicates([0.95, 0.96, 0.97]), *replicates([0.85], first=9))

    def status(network):
        (line,) = hold(accepted, findings(network)).lines
        return line.status

    assert status(finding(4800, network=B)) == "green"
    assert status(finding(4550, network=B)) == "amber"
    # Rejected, as one that was accepted is.
    assert status(finding(500, network=B)) == "amber"
    accepted = findings(*replicates([0.95, 0.96, 0.97]), unmeasured(network="9" * 64))
    assert status(finding(500, network=B)) == "red"
    assert status(unmeasured(network=B)) == "red"


def test_an_accepted_network_is_held_against_itself_among_several():
    accepted = replicates([0.95, 0.96, 0.97])
    lines = hold(findings(*accepted), findings(*accepted[:2])).lines
    assert [(line.about, line.status) for line in lines] == [(each.network, "green") for each in accepted[:2]]


def test_a_procedure_is_held_by_its_mean_over_networks():
    def procedure(values, first):
        pooled = replicates(values, first)
        rows = tuple(
            Replicate.of(each.network, "net", NetworkValue(each.value, each.standard_error**2, 9, "noise images"))
            for each in pooled
        )
        over = NetworkMean(tuple(values), 0.0)
        reading, strict = over.interval(0.95), over.interval(GATE_LEVEL)
        return finding(
            network="procedure",
            scope="procedure",
            target=None,
            test="t over networks, widened for skewness",
            scale="standardised",
            n=len(values),
            unit="networks",
            value=over.value,
            standard_error=math.sqrt(over.variance),
            reading=(reading.low, reading.high),
            strict=(strict.low, strict.high),
            verdict="inconclusive",
            replicates=rows,
        )

    some = [0.95, 0.96, 0.97, 0.98]
    assert only(procedure(some, 0), procedure([0.96, 0.95, 0.99, 0.97], 9)).status == "green"
    assert only(procedure(some, 0), procedure([0.02, 0.03, 0.01, 0.02], 9)).status == "red"
    assert only(procedure(some, 0), procedure([0.94, 0.96, 0.97, 0.98], 0), seed=0).status == "red"


def test_what_was_not_given_to_a_run_is_noted_and_what_vanished_otherwise_is_red():
    of_many = {"network": "procedure", "scope": "procedure", "target": None}
    accepted, gone = finding(**of_many), unmeasured(**of_many)
    noted = only(accepted, replace(gone, given=False))
    assert (noted.status, noted.kind) == ("noted", "not given")
    assert "0.976 was accepted of several networks trained alike, which this run was not given." in noted.sentence
    assert only(accepted, gone).status == "red"
    assert only(replace(accepted, threshold=0.8), replace(gone, given=False)).status == "red"
    assert only(gone, replace(gone, given=False)).kind == "never measured"


def test_what_a_search_finds_is_held_by_its_verdict():
    found, missed = finding(500, search=True), unmeasured(search=True)
    assert only(found, finding(900, search=True)).status == "green"
    assert only(missed, missed).status == "green"
    assert only(found, missed).status == only(missed, found).status == "amber"
    assert only(finding(4876, search=True), finding(500, search=True)).kind == "reversed"


def test_other_images_are_refused_in_one_sentence():
    accepted = findings(finding())
    with pytest.raises(BadInput, match=r"measured on CIFAR-10 \(11111111\) and this run is on mine \(22222222\)"):
        require_same_images(accepted, "2" * 64, "mine")
    with pytest.raises(BadInput, match="not held against each other"):
        hold(accepted, findings(finding(), images="3" * 64))


@given(st.integers(0, 5000), st.integers(0, 5000), st.sampled_from([A, B]))
def test_any_two_shares_are_told_apart_or_not_but_never_pass_beyond_the_margin(old, new, network):
    line = only(finding(old), finding(new, network=network))
    assert line.status in ("green", "amber", "red")
    if line.status == "green" and line.margin is not None:
        assert abs(new - old) / 5000 < line.margin
    back = only(finding(new, network=network), finding(old))
    assert (line.status == "green") == (back.status == "green")


def test_the_margin_comes_from_what_was_planned():
    # by hand, from the protocol: proportion δ + .05, P(X > Y) δ + .04, standardised 2δ; half of it
    assert margin_floor("share", 0.9, "above") == 0.025
    assert margin_floor("share", 0.1, "above") == 0.025
    assert margin_floor("probability", 0.56, "above") == 0.02
    assert margin_floor("standardised", 0.02, "above") == 0.01
    assert margin_floor("standardised", 0.5, "below") == 0.125
    assert margin_floor("standardised", 0.9, "above") == 0.025  # 2δ is past 1
    assert margin_floor("difference", 0.02, "above") == 0.01
    assert margin_floor("share", (0.91, 0.95), "within") == pytest.approx(0.01)
    with pytest.raises(ValueError, match="says nothing about how far"):
        margin_floor("standardised", 0.0, "above")


def test_the_lines_are_said_worst_first_and_what_is_noted_together():
    never = [unmeasured(id=name) for name in ("R1", "R2")]
    others = [finding(id=name, target=None) for name in ("Q0", "Q1", "Q2")]
    accepted = findings(finding(), *others, *never)
    new = findings(finding(2500), *others[1:], *never, seed=3)
    gate = hold(accepted, new)
    said = gate_lines(gate)
    assert [status for status, _ in said] == ["red", "red", "noted"]
    assert said[-1][1] == "R1, R2: measured neither when accepted nor now."
    assert gate_total(gate) == (
        "gate: 2 held, 0 amber, 2 red, 2 noted, against the findings of commit c0ffeec0 of 2026-01-02"
    )


def test_a_new_baseline_says_what_it_changes():
    old = findings(finding(), finding(id="P3"))
    assert changes(None, old) == ["Accepted for the first time: 2 findings."]
    assert changes(old, old) == ["nothing changed."]
    assert changes(old, findings(finding(2500), finding(id="P4"))) == [
        "P2 (resnet18) was 0.976, confirmed, and is 0.500, rejected.",
        "P4 (resnet18) is new: 0.976, confirmed.",
        "P3 (resnet18) is gone.",
    ]


def test_a_new_baseline_says_what_changed_beside_a_verdict():
    old = findings(finding(), unmeasured(id="P4"))
    new = findings(finding(source="fact 3"), unmeasured(id="P4", reason="4 of 9 networks are there."))
    assert changes(old, new) == [
        "P2 (resnet18) is 0.976, confirmed, as before; what stands beside it changed.",
        "P4 (resnet18) is –, inconclusive, as before; now: 4 of 9 networks are there.",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"value": math.nan},
        {"value": math.inf},
        {"standard_error": math.nan},
        {"standard_error": -0.1},
        {"reading": (0.5, 0.4)},
        {"strict": (math.nan, 1.0)},
        {"threshold": math.nan},
        {"verdict": "maybe"},
        {"standard_error": 1e200},
    ],
)
def test_no_finding_holds_what_is_no_number(change):
    with pytest.raises(ValueError):  # noqa: PT011 - each message is its own
        finding(**change)
