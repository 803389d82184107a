"""What a claim hands over to be drawn: a chart, or a function that makes one, which never costs the verdict."""

from __future__ import annotations

import pytest

from why_bird.errors import Unavailable
from why_bird.evidence.charts import Axis, Bars, Chart, Column
from why_bird.fixtures.charts import made

CHART = Bars(title="t", rows=("a",), columns=(Column(Axis("x"), (1,)),))


def lacks() -> Chart:
    raise Unavailable("no features were kept")


def breaks() -> Chart:
    return Bars(title="t", rows=("a",), columns=())


def test_a_chart_is_made_where_it_can_be_and_left_out_where_it_cannot() -> None:
    warnings: list[str] = []
    assert made([CHART, lambda: CHART, lacks], "Q1", warnings.append) == [CHART, CHART]
    assert warnings == []
    assert made([breaks], "Q1", warnings.append) == []
    (warning,) = warnings
    assert warning.startswith("claim Q1 lacks a chart, which could not be made: 't': every column needs")


def test_what_is_no_chart_is_left_out_too() -> None:
    warnings: list[str] = []
    assert made([lambda: "a picture"], "Q1", warnings.append) == []  # type: ignore[list-item, return-value]
    assert warnings == ["claim Q1 lacks a chart, which could not be made: 'a picture' is no chart"]
    with pytest.raises(ValueError, match="every column needs"):
        breaks()
