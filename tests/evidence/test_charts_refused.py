"""Data that cannot be a chart are refused when it is made, in a sentence."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from why_bird.evidence.charts import (
    Axis,
    Bars,
    Chart,
    Cloud,
    Column,
    Curve,
    Curves,
    Edge,
    HeatMap,
    HeatRow,
    ImageGrid,
    ImageRow,
    Node,
    Scatter,
    Stack,
    Stacked,
    Tree,
    classical_scaling,
    ellipse_of,
    evenly,
    image_row,
)
from why_bird.evidence.codec import decode, encode

from .chart_samples import PLAIN, noise

X, LOG = Axis("x"), Axis("x", log=2)
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "not a number": (lambda: Column(X, (math.nan,)), r"Column.values is nan, expected a finite number"),
    "infinite": (lambda: Curve("c", (0,), (math.inf,)), "Curve.y is inf"),
    "a word for a number": (lambda: Column(X, ("much",)), "Column.values is 'much', expected a number"),
    "a word for a part": (lambda: Column("x", (1,)), "expected Axis"),
    "a number for a flag": (lambda: Axis("x", percent=2), "Axis.percent is 2, expected bool"),
    "lengths": (lambda: Column(X, (1, 2), (1,), (1, 2)), "lengths differ"),
    "one end": (lambda: Column(X, (1,), (1,)), "one end of its intervals"),
    "half an interval": (lambda: Column(X, (1,), (None,), (1,)), "an interval from None to 1"),
    "ends turned": (lambda: Column(X, (1,), (2,), (1,)), "an interval from 2.0 to 1.0"),
    "axis turned": (lambda: Axis("x", low=1, high=0), "goes from 1.0 to 0.0"),
    "logarithm of zero": (lambda: Axis("x", log=10, ticks=(0, 1)), "logarithmic"),
    "points at zero": (lambda: Scatter(title="t", x=LOG, y=X, clouds=(Cloud("c", (0,), (0,)),)), "0 or below"),
    "curve at zero": (lambda: Curves(title="t", x=Axis("x", log=2), y=X, curves=(Curve("c", (0,), (0,)),)), "x is 0"),
    "rows": (lambda: Bars(title="t", rows=("a", "b"), columns=(Column(X, (1,)),)), "each of 2 rows"),
    "no rows": (lambda: Bars(title="t", rows=(), columns=()), "every column needs"),
    "too many rows": (lambda: Bars(title="t", rows=["a"] * 401, columns=()), "401 items, and a chart takes 400"),
    "more than all": (lambda: Stack("all", (0.9, 0.2)), "more than 1 together"),
    "parts": (lambda: Stacked(title="t", parts=("a",), stacks=(Stack("s", (0.1, 0.2)),), axis="x"), "each of 1 parts"),
    "no curve": (lambda: Curves(title="t", x=X, y=X, curves=()), "0 curves"),
    "many curves": (lambda: Curves(title="t", x=X, y=X, curves=[Curve("c", (0,), (0,))] * 13), "13 curves"),
    "points": (lambda: Cloud("c", (1,), ()), "1 x and 0 y"),
    "nothing": (lambda: Scatter(title="t", x=X, y=X), "neither points nor ellipses"),
    "many clouds": (lambda: Scatter(title="t", x=X, y=X, clouds=[Cloud("c", (0,), (0,))] * 13), "13 clouds"),
    "edge to nowhere": (lambda: Tree(title="t", nodes=(Node("a", 0, 0),), edges=(Edge(0, 1, 1),)), "none of 1 nodes"),
    "cells": (lambda: HeatMap(title="t", columns=("a",), rows=(HeatRow("r", ()),), quantity="q"), "each of 1 columns"),
    "too many cells": (
        lambda: HeatMap(title="t", columns=["a"] * 60, rows=[HeatRow("r", [0] * 60)] * 60, quantity="q"),
        "2,500 can be drawn",
    ),
    "no picture": (lambda: ImageRow("r", ("aGVsbG8=",)), "not a PNG file"),
    "no base64": (lambda: ImageRow("r", ("!",)), "not a PNG file"),
    "other shape": (lambda: image_row("r", np.zeros((2, 32, 32, 3))), r"need the shape \(N, 3, S, S\)"),
    "bytes of another shape": (lambda: image_row("r", np.zeros((2, 3, 32, 32), np.uint8)), "or one channel, not"),
    "notes": (lambda: image_row("r", noise(2), ["one"]), "lengths differ"),
    "pictures": (lambda: ImageGrid(title="t", columns="ab", rows=(image_row("r", noise(1)),)), "each of 2 columns"),
    "kind": (lambda: decode(Chart, {"kind": "pie"}), "no chart of kind 'pie': bars, curves"),
    "no kind": (lambda: decode(Chart, {}), "no chart of kind None"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_odd_data_are_refused(case: str) -> None:
    make, sentence = REFUSED[case]
    with pytest.raises(ValueError, match=sentence):
        make()


def test_fields_that_no_chart_has_are_refused() -> None:
    written = encode(PLAIN["bars"])
    assert isinstance(written, dict)
    with pytest.raises(ValueError, match="'script', which is no field of a Bars"):
        decode(Chart, {**written, "script": "alert(1)"})
    with pytest.raises(ValueError, match="has no rows"):
        decode(Chart, {"kind": "bars", "title": "t"})


def test_arrays_become_plain_numbers_of_six_digits() -> None:
    column = Column(X, np.float32([1 / 3, 2e9]), np.array([0.0, 1.0]), np.array([1.0, 3e9]))
    assert column.values == (0.333333, 2e9)
    assert {type(each) for each in column.values} == {float}


def test_a_chart_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        PLAIN["bars"].title = "another"  # type: ignore[misc]


def test_large_pictures_are_drawn_smaller_and_of_noise_nothing_is_averaged_away() -> None:
    (png,) = image_row("r", noise(1, 224)).pngs
    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        assert image.size == (64, 64)
        assert image.getextrema() == ((0, 255),) * 3


def test_scaling_gives_back_a_plane() -> None:
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, 9)
    distances = 0.5 * (1 - np.cos(angles[:, None] - angles))
    points, kept = classical_scaling(distances)
    squared = ((points[:, None] - points) ** 2).sum(-1)
    np.testing.assert_allclose(squared, distances, atol=1e-12)
    assert kept == pytest.approx(1)
    assert classical_scaling(np.zeros((3, 3)))[1] == 1


def test_an_ellipse_holds_half_of_normal_points() -> None:
    points = np.random.default_rng(0).multivariate_normal([1, 2], [[4, 1], [1, 1]], 20_000)
    ring = ellipse_of("a", points)
    turn = np.radians(ring.angle)
    along = (points - (ring.x, ring.y)) @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    assert ((along / (ring.first, ring.second)) ** 2).sum(1).__le__(1).mean() == pytest.approx(0.5, abs=0.01)
    assert ring.first > ring.second
    assert ellipse_of("one", points[:1]).first == 0


def test_places_are_evenly_spread() -> None:
    assert len(set(evenly(5000, 200))) == 200
    assert evenly(5000, 200)[::199] == [0, 4999]
