"""What R says: golden.R computes the values and says where each is from, golden.json keeps them."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from why_bird.stats import Estimate

__all__ = ["ENGINES", "LATER", "NORMAL", "assert_bounds", "assert_close", "assert_p", "each"]

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))
ENGINES, LATER = GOLDEN["engines"], GOLDEN["later"]

# Both sides are solved to about 1e-15; R gets the smallest error rates back from 1 - level, with an error of 2e-12.
RTOL = 1e-9
# Of a bound that is 0 up to rounding, beside others of order 1.
ATOL = 1e-14
# Of a p-value: where floats lose digits, R and scipy underflow in different places.
NORMAL = 1e-300


def each(engine):
    return pytest.mark.parametrize(
        "case",
        ENGINES[engine],
        ids=lambda case: (
            " ".join(f"{name}={value}" for name, value in case.items() if isinstance(value, int | str)) or None
        ),
    )


def assert_close(ours, theirs, *, atol=ATOL):
    np.testing.assert_allclose(ours, theirs, rtol=RTOL, atol=atol)


def assert_bounds(estimate: Estimate, bounds, least=-math.inf, greatest=math.inf):
    alphas = bounds["alpha"]
    assert_close([estimate.lower(alpha) for alpha in alphas], np.clip(bounds["lower"], least, greatest))
    assert_close([estimate.upper(alpha) for alpha in alphas], np.clip(bounds["upper"], least, greatest))


def assert_p(estimate: Estimate, p):
    # Nearly no absolute tolerance: the smallest p-values are the ones that decide.
    assert_close([estimate.p_above(threshold) for threshold in p["threshold"]], p["above"], atol=NORMAL)
    assert_close([estimate.p_below(threshold) for threshold in p["threshold"]], p["below"], atol=NORMAL)
