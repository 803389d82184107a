"""A record with one value changed checks itself, or is refused in the ways that are documented."""

from __future__ import annotations

import json
import math

from hostile_values import changed
from hypothesis import given, settings

from why_bird.evidence.codec import decode, encode
from why_bird.evidence.exhibits import Beside, Check, Part, Table
from why_bird.evidence.record import ClaimRecord
from why_bird.stats import Interval, Outcome

from .samples import record

MADE = record(
    checks=(Check("fed well", True, "0.93", "precondition"),),
    beside=(Beside("clipped", 0.5, 0.4, 0.6),),
    tables=(Table("t", ("a", "b"), ((1, "x"),)),),
    parts=(Part("cat", 0.5, 0.4, 0.6),),
    gate_interval=Interval(0.1, 0.9, 0.9998),
    standard_error=0.01,
)


@settings(max_examples=200)
@given(changed(encode(MADE)))
def test_a_record_with_one_value_changed_carries_its_verdict_or_is_refused(text: str) -> None:
    try:
        found = decode(ClaimRecord, json.loads(text))
    except (ValueError, RecursionError):
        return
    if found.verdict is Outcome.CONFIRMED:
        assert found.decision_interval is not None
        assert found.estimate is not None
        assert all(check.passed for check in found.checks)
        assert found.decision_interval.low > (found.threshold if found.side == "above" else -math.inf)
    for name in ("id", "network", "network_name", "module", "statement", "reason"):
        assert getattr(found, name).isprintable()
    # It travels as JSON, and comes back as it is.
    sent = json.dumps(encode(found), allow_nan=False)
    assert json.dumps(encode(decode(ClaimRecord, json.loads(sent)))) == sent
