"""Records and documents to test with: one of each, and any of them."""

import math
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st

from why_bird.evidence.claim import Claim, Question
from why_bird.evidence.document import Failure, Void, assemble
from why_bird.evidence.exhibits import Beside, Check, Part, Reading, Table
from why_bird.evidence.provenance import ImageOrigin, InputOrigin, NetworkOrigin, Provenance, commit, machine, versions
from why_bird.evidence.record import ClaimRecord
from why_bird.evidence.register import Register
from why_bird.printing import printable
from why_bird.stats import Interval, Outcome

BIAS = Claim(
    "Z2",
    "test_bias_dominance",
    "Without the output bias a tenth of the noise leaves its class.",
    "comment",
    0.1,
    "above",
    "network",
    True,
    2,
)
NOISE = Claim(
    "P2", "test_noise_collapse", "Nearly all noise falls into one class.", "fact 2", 0.9, "above", "network", False, 2
)
ACCURACY = Claim(
    "P1", "test_noise_collapse", "It is as accurate.", "fact 1", (0.91, 0.95), "within", "network", False, 1
)
CLUTTER = Claim(
    "C1", "test_clutter", "Cats are cluttered.", "question 1", 0.56, "above", "dataset", False, 2, planned=True
)
REGISTER = Register({claim.id: claim for claim in (ACCURACY, NOISE, CLUTTER, BIAS)})

NETWORK = NetworkOrigin("1a2b3c", "resnet18", "resnet18, 3×3 stem", "full", "trained from scratch", 0.931)
OTHER = NetworkOrigin("9f8e7d", "other", "resnet18, 3×3 stem", None, "fine-tuned", None)


def record(claim=BIAS, outcome="confirmed", **changes):
    """A record of 5,000 noise images that carries its verdict."""
    low, high = claim.threshold if isinstance(claim.threshold, tuple) else (claim.threshold, claim.threshold + 1)
    middle, step = {"confirmed": ((low + high) / 2, 0.01), "rejected": (low - 0.05, 0.01), "inconclusive": (low, 0.02)}[
        outcome
    ]
    values = {
        "id": claim.id,
        "network": "1a2b3c",
        "network_name": "resnet18",
        "target": "bird",
        "module": claim.module,
        "question": Question.of_module(claim.module),
        "statement": claim.statement,
        "source": claim.source,
        "guess": claim.guess,
        "observed": claim.observed,
        "explains": claim.explains,
        "search": claim.search,
        "scope": "network",
        "unit": "noise images",
        "n": 5000,
        "test": "Tango",
        "estimate": Reading(middle, middle - step / 2, middle + step / 2),
        "decision_interval": Interval(middle - step, middle + step, 0.998),
        "threshold": claim.threshold,
        "side": claim.side,
        "weight": claim.weight,
        "alpha": 0.001,
        "p": {"confirmed": 1e-6, "rejected": 1.0, "inconclusive": 0.4}[outcome],
        "p_adjusted": {"confirmed": 1e-5, "rejected": 1.0, "inconclusive": 1.0}[outcome],
        "verdict": outcome,
        "reason": f"{outcome.capitalize()}: the interval says so.",
        "seconds": 0.5,
    }
    return ClaimRecord(**{**values, **changes})


def unmeasured(claim=BIAS, **changes):
    """The record of a claim whose input is missing."""
    nothing = {
        "estimate": None,
        "decision_interval": None,
        "p": None,
        "p_adjusted": None,
        "n": 0,
        "unit": "",
        "test": "",
    }
    return record(claim, "inconclusive", **{**nothing, "reason": "needs images: --images=DIR", **changes})


def provenance(networks=(NETWORK,)):
    sha, dirty = commit(Path(__file__).parent)
    return Provenance(
        networks=tuple(networks),
        images=ImageOrigin("cifar10", "c1fa", "folder of images"),
        inputs=(InputOrigin("noise-B logits of resnet18", "shipped"),),
        seeds={"noise": 0},
        versions=versions(),
        commit=sha,
        dirty=dirty,
        machine=machine(),
        device="cpu",
        start="2026-01-02T03:04:05+00:00",
        seconds=61.2,
        images_passed=12345,
    )


PROVENANCE = provenance()


def document(records, **changes):
    """A complete document of the small register, unless told otherwise."""
    values = {
        "register": REGISTER,
        "void": None,
        "provenance": PROVENANCE,
        "complete": True,
    }
    return assemble(records, **{**values, **changes})


def whole(**changes):
    """A document with one record of every written claim."""
    return document([record(BIAS, "rejected"), record(NOISE), record(ACCURACY, "inconclusive")], **changes)


# Texts of others: any characters, lone surrogates and terminal escapes among them, and what Markdown and HTML read.
HOSTILE = [
    "<script>alert(1)</script>",
    "a|b",
    "`x`",
    "[a](http://b)",
    "![i](j)",
    "\x1b[31mred",
    "*b*",
    "a\\|b",
    "&lt;",
    "火" * 60,
    "\ud800",
    "a\nb",
]
words = (st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=30)).filter(printable)
numbers = st.floats(allow_nan=False, allow_infinity=False)
levels = st.floats(0.5, 0.9999)


@st.composite
def ends(draw):
    low, high = sorted((draw(st.floats(allow_nan=False)), draw(st.floats(allow_nan=False))))
    return (-math.inf if low == math.inf else low), (math.inf if high == -math.inf else high)


@st.composite
def readings(draw):
    return Reading(draw(st.none() | numbers), *draw(ends()), draw(levels))


@st.composite
def tables(draw):
    names = draw(st.lists(words, min_size=1, max_size=3))
    cells = st.none() | st.booleans() | st.integers() | st.floats() | words
    rows = draw(st.lists(st.tuples(*[cells] * len(names)), max_size=3))
    return Table(draw(words), tuple(names), tuple(rows))


@st.composite
def records(draw, claim=None):
    """Any record that checks its own verdict, of any claim or of the one given."""
    pair = st.tuples(numbers, numbers).map(lambda two: tuple(sorted(two))).filter(lambda two: two[0] < two[1])
    side = claim.side if claim else draw(st.sampled_from(["above", "below", "within"]))
    threshold = claim.threshold if claim else draw(pair if side == "within" else numbers)
    reading = draw(st.none() | readings())
    network = draw(st.sampled_from(["dataset", "procedure"]) | words)
    low, high = draw(ends())
    values = {
        "id": claim.id if claim else draw(words),
        "network": network,
        "network_name": draw(words),
        "target": draw(st.none() | words),
        "module": claim.module if claim else draw(words),
        "question": Question(draw(words), draw(words), (draw(words),), draw(words), draw(words)),
        "statement": claim.statement if claim else draw(words),
        "source": claim.source if claim else draw(st.text()),
        "scope": printable(network) if network in ("dataset", "procedure") else "network",
        "unit": draw(words),
        "n": draw(st.integers(1, 2**53)),
        "test": draw(words),
        "estimate": reading,
        "decision_interval": reading and Interval(low, high, draw(levels)),
        "threshold": threshold,
        "side": side,
        "weight": claim.weight if claim else draw(st.integers(1, 9)),
        "alpha": draw(st.floats(1e-9, 0.4)),
        "p": reading and draw(st.none() | st.floats(0, 1)),
        "p_adjusted": reading and draw(st.none() | st.floats(0, 1)),
        "reason": draw(words),
        "checks": draw(
            st.lists(
                st.builds(Check, words, st.just(True), st.text(), st.sampled_from(["precondition", "control"])),
                max_size=2,
            ).map(tuple)
        ),
        "beside": tuple(draw(st.lists(readings().flatmap(beside_of), max_size=2))),
        "tables": tuple(draw(st.lists(tables(), max_size=2))),
        "parts": tuple(draw(st.lists(readings().flatmap(part_of), max_size=2))) if reading else (),
        "seconds": draw(st.floats(0, 1e6)),
    }
    for outcome in draw(st.permutations(list(Outcome))):
        try:
            return ClaimRecord(**values, verdict=outcome)
        except ValueError as error:
            assert "but the interval" in str(error) or "without an interval" in str(error)  # noqa: PT017
    raise AssertionError("inconclusive follows from any numbers")


def beside_of(reading):
    return st.builds(
        Beside,
        words,
        st.just(reading.value),
        st.just(reading.low),
        st.just(reading.high),
        st.just(reading.level),
        st.integers(0, 2**53),
        words,
        st.booleans(),
    )


def part_of(reading):
    return st.builds(Part, words, st.just(reading.value), st.just(reading.low), st.just(reading.high))


@st.composite
def documents(draw):
    """Any document: every network judged on every claim, complete or not, void or not, with errors or not."""
    found = {}
    for claim in (ACCURACY, NOISE, BIAS):
        for each in draw(st.lists(records(claim), max_size=3)):
            found[each.key] = each
    origin = st.builds(NetworkOrigin, words, words, words, st.none() | words, words, st.none() | st.floats(0, 1))
    return document(
        found.values(),
        void=draw(st.none() | st.builds(Void, words, words, words)),
        errors=draw(st.lists(st.builds(Failure, words, words, words), max_size=2)),
        complete=draw(st.booleans()),
        selection=draw(st.text()),
        provenance=replace(PROVENANCE, networks=tuple(draw(st.lists(origin, max_size=3)))),
    )
