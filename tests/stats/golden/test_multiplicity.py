"""Adjusted p-values against R."""

import numpy as np
import pytest

from why_bird.stats import benjamini_hochberg, holm

from .reference import ENGINES, assert_close


@pytest.mark.parametrize("case", ENGINES["multiplicity"])
def test_columns_for_reading(case):
    p = np.atleast_1d(case["p"]).tolist()
    # R: p.adjust(p, "holm"), p.adjust(p, "BH")
    assert_close(holm(p), case["holm"], atol=0.0)
    assert_close(benjamini_hochberg(p), case["benjamini_hochberg"], atol=0.0)


def test_without_claims_there_is_no_column():
    assert holm([]) == benjamini_hochberg([]) == []
