"""The charts of the shipped run against the tables of their claims, and what builds them against other ways."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_line_up import CLASSES, planted_line_up
from scipy.integrate import trapezoid
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from why_bird.errors import Unavailable
from why_bird.evidence.charts import (
    binned,
    image_row,
    in_a_plane,
    resampled_means,
    roc,
    sampled,
    shared,
    stacked,
    tree_of,
)
from why_bird.evidence.charts.labels import place_labels
from why_bird.images.image_set import ImageSet
from why_bird.measure.class_spectra import ClassSpectra

ROOT = Path(__file__).resolve().parents[2]
CLOSE = {"rel": 1e-5, "abs": 1e-6}


@cache
def claims() -> dict[str, dict[str, Any]]:
    document = json.loads((ROOT / "reports" / "reference" / "evidence.json").read_text(encoding="utf-8"))
    # A claim about a procedure has no chart.
    return {claim["id"]: claim for claim in document["claims"] if claim["scope"] != "procedure"}


def chart(name: str, place: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = claims()[name]["charts"][place]
    return found


def table(name: str, place: int = 0) -> dict[str, Any]:
    return {row[0]: row[1:] for row in claims()[name]["tables"][place]["rows"]}


def column(name: str, place: int = 0) -> dict[str, float]:
    found = chart(name)
    return dict(zip(found["rows"], found["columns"][place]["values"], strict=True))


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"claims_{name}", ROOT / "hypotheses" / f"test_{name}.py")
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(made)
    return made


def test_every_question_but_those_of_numbers_alone_has_its_picture() -> None:
    kinds = {name: [each["kind"] for each in claim["charts"]] for name, claim in claims().items() if claim["charts"]}
    assert kinds == {
        "P1": ["bars"], "P2": ["images", "bars"], "P6": ["scatter"], "P7": ["heatmap", "images"], "P8": ["stacked"],
        "X1": ["dots"], "X3": ["tree"],
        "C2": ["dots"], "C5": ["heatmap"],
        "B0": ["dots"], "B2": ["curves"], "B5": ["curves"],
        "Z1": ["dots"], "Z3": ["scatter"], "Z6": ["bars"],
        "U1": ["curves", "images"], "U4": ["stacked"], "U5": ["stacked"],
        "K1": ["bars"], "K5": ["bars"], "Y3": ["stacked"], "O1": ["curves"],
        "N1": ["curves", "dots"], "N3": ["bars"], "N4": ["stacked"], "N7": ["stacked"],
    }  # fmt: skip
    leading = [name for name, claim in claims().items() for each in claim["charts"] if each["leads"]]
    assert leading[:2] == ["P2", "P2"]
    assert len(json.dumps([claim["charts"] for claim in claims().values()])) < 200_000


@pytest.mark.parametrize(
    ("name", "place", "cell"),
    [("X1", 0, 0), ("B0", 1, 0), ("Z1", 0, 0), ("Z1", 1, 1), ("K1", 0, 0)],
)
def test_a_column_is_that_of_the_claims_table(name: str, place: int, cell: int) -> None:
    values = {row: cells[cell] for row, cells in table(name).items()}
    assert column(name, place) == pytest.approx(values, **CLOSE)


def test_intervals_are_exact() -> None:
    found = chart("P2", 1)["columns"][0]
    counts, n = table("P2"), claims()["P2"]["n"]
    *rows, others = chart("P2", 1)["rows"]
    assert others == f"{len(counts) - len(rows)} others"
    assert found["values"][-1] * n == pytest.approx(sum(each[0] for name, each in counts.items() if name not in rows))
    for name, value, low, high in zip(rows, *(found[key][:-1] for key in ("values", "lows", "highs")), strict=True):
        assert value == pytest.approx(counts[name][1], **CLOSE)
        exact = binomtest(counts[name][0], n).proportion_ci(0.95, method="exact")
        assert (low, high) == pytest.approx((exact.low, exact.high), **CLOSE)


def test_the_tree_is_that_of_the_claims_table() -> None:
    name = "X3"
    nodes = [node["label"] for node in chart(name)["nodes"]]
    drawn = {frozenset((nodes[e["first"]], nodes[e["second"]])): e["length"] for e in chart(name)["edges"]}
    rows = claims()[name]["tables"][0]["rows"]
    assert drawn == pytest.approx({frozenset(row[:2]): row[2] for row in rows}, **CLOSE)
    assert all(0 <= edge["support"] <= 1 for edge in chart(name)["edges"])


@pytest.mark.parametrize("name", ["B2", "B5"])
def test_doses_have_the_curves_of_the_claims_table(name: str) -> None:
    words = {"flat fill": "flat", "white noise": "white", "smooth noise": "smooth"}
    rows, curves = table(name), chart(name)["curves"]
    assert len(curves) == len(rows)
    for curve in curves:
        row = rows[words.get(curve["label"], curve["label"])]
        assert curve["y"] == pytest.approx(row[::2], **CLOSE)
        half = (np.array(curve["high"]) - curve["low"]) / 2
        assert half == pytest.approx(2 * np.array(row[1::2]), rel=1e-3, abs=1e-5)


def test_ranks_order_the_classes_as_the_claims_table_does() -> None:
    order, found = table("C5"), chart("C5")
    for row in found["rows"]:
        assert [found["columns"][c] for c in np.argsort(row["values"])] == order[row["label"]]
    assert found["highlight"] == claims()["C5"]["target"]


def test_lead_and_family_and_ablation_have_the_numbers_of_their_claims() -> None:
    by_bias, features, lead = column("Z6").values()
    assert by_bias / lead == pytest.approx(claims()["Z6"]["estimate"]["value"], rel=1e-4)
    assert by_bias + features == pytest.approx(lead, rel=1e-4)
    shares = [y for cloud in chart("P6")["clouds"] for y in cloud["y"]]
    assert (np.array(shares) >= 0.5).mean() == claims()["P6"]["estimate"]["value"]
    strongest, matched = chart("U1")["curves"]
    assert strongest["y"] == pytest.approx([row[0] for row in table("U1", 1).values()], **CLOSE)
    assert strongest["y"][0] == matched["y"][0]


def test_areas_under_the_curves_are_those_in_the_legend() -> None:
    areas = {row[1]: row[2] for row in claims()["O1"]["tables"][0]["rows"] if row[0] == "noise-B"}
    for curve in chart("O1")["curves"]:
        name, _, area = curve["label"].rpartition(" ")
        assert float(area) == pytest.approx(areas[name], abs=5e-4)
        assert trapezoid(curve["y"], curve["x"]) == pytest.approx(areas[name], abs=4e-3)


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 60), st.integers(1, 12))
def test_points_of_a_roc_curve_lie_on_it(seed: int, m: int, n: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    images, noise = rng.integers(levels, size=m).astype(float), rng.integers(levels, size=n) + 0.5 * (levels > 6)
    curve = roc("any", images, noise)
    exact = {((images >= cut).mean(), (noise >= cut).mean()) for cut in [*images, *noise]} | {(0.0, 0.0)}
    for x, y in zip(curve.x, curve.y, strict=True):
        assert min(abs(x - a) + abs(y - b) for a, b in exact) < 1e-5
    assert (curve.x[-1], curve.y[-1]) == (1.0, 1.0)
    assert (np.diff(curve.x) >= 0).all()
    area = roc_auc_score(np.repeat([1, 0], [n, m]), np.concatenate([noise, images]))
    assert trapezoid(curve.y, curve.x) == pytest.approx(area, abs=0.05)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [((0, 71, 28, 1), [1, 1, 1, 2]), ((9, 0, 1), [0] * 4), ((25,) * 4, [0, 1, 2, 3]), ((3,), [0] * 3)],
)
def test_pictures_are_shared_out_as_the_classes_are_the_first_of_each(
    counts: tuple[int, ...], shown: list[int]
) -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(range(len(counts)), counts))
    places = module("noise_collapse").in_proportion(labels, 4)
    assert labels[places].tolist() == shown
    assert places.tolist() == [i for c in dict.fromkeys(shown) for i in np.flatnonzero(labels == c)[: shown.count(c)]]


def test_images_nearest_to_noise_are_those_whose_features_point_as_its_do() -> None:
    rng = np.random.default_rng(0)
    truth, angle = np.repeat([0, 1], 20), np.linspace(0, 2 * np.pi, 40, endpoint=False)
    order = rng.permutation(40)
    features = (np.column_stack([np.cos(angle), np.sin(angle)]) * rng.uniform(1, 9, (40, 1)) + 50)[order]
    pixels = np.broadcast_to(np.arange(40, dtype=np.uint8)[:, None, None, None], (40, 4, 4, 3))
    images = ImageSet(pixels, truth, np.zeros((40, 32), np.uint8), ("cat", "dog"))
    middle = np.mean([features[truth == c].mean(0) for c in (0, 1)], axis=0)
    noise = SimpleNamespace(features=np.tile(features[7] - 3 * (middle - features[7]), (3, 1)))
    subject = SimpleNamespace(
        inputs=SimpleNamespace(images=images), planned=SimpleNamespace(test=SimpleNamespace(read=lambda: images))
    )
    answers = SimpleNamespace(features=features, truth=truth)
    made = module("feature_proximity").nearest_images(subject, answers, noise)
    (row,) = made.rows
    away = features - middle
    cosines = away @ away[7] / np.linalg.norm(away, axis=1)
    expected = np.argsort(-cosines)[:8]
    assert row.pngs == image_row("", pixels[expected]).pngs
    assert row.notes == tuple(np.array(images.classes)[truth[expected]])
    subject.planned.test.read = None
    with pytest.raises(Unavailable, match="the run has no images"):
        module("feature_proximity").nearest_images(subject, answers, noise)


def test_spectra_stand_beside_those_of_noise_and_the_flattest_is_named() -> None:
    line_up = planted_line_up(plain={"frog": 0.9}, without_cross_spectrum={"ship": 0.8})
    waves = np.arange(1.0, 17)
    power = np.stack([waves**-slope for slope in (2.4, 1.5, 2.2, 2.0, 2.1)])
    identity = SimpleNamespace(train=line_up.networks[0].training_images, std=(0.2, 0.3))
    imagery = SimpleNamespace(
        classes=CLASSES, inputs=SimpleNamespace(identity=identity), class_spectra=ClassSpectra(power)
    )
    found = module("line_up").spectra(line_up, "without cross-spectrum", imagery)
    assert found.title == (
        "frog has the flattest spectrum, and it takes 90.0 % of the noise; "
        "trained with one spectrum and one contrast 0.0 %"
    )
    level, (frog, others, noise, half) = power.mean(axis=0), found.curves
    assert (found.highlight, found.limit) == (("frog",), 1)
    assert frog.y == pytest.approx(power[1] / level, rel=1e-4)
    assert [y for y in others.y if y is not None] == pytest.approx((power[[0, 2, 3, 4]] / level).ravel(), rel=1e-4)
    for curve, size in ((noise, 1.0), (half, 0.5)):
        expected = size**2 * (0.2**2 + 0.3**2) / 2 / level
        assert {y for y in curve.y if y is not None} == {float(f"{y:.6g}") for y in expected if 0.5 <= y <= 2}
    identity.train = "others"
    with pytest.raises(Unavailable, match="trained on other images"):
        module("line_up").spectra(line_up, "without cross-spectrum", imagery)


def test_resampling_by_what_each_item_moves_is_resampling_where_the_value_is_a_mean() -> None:
    values = np.random.default_rng(0).normal(size=(50, 2))
    left_out = (values.sum(0) - values) / 49
    found = resampled_means(values.mean(0), [left_out], 300, np.random.default_rng(1))
    weights = np.random.default_rng(1).multinomial(50, np.full(50, 1 / 50), size=300) / 50
    np.testing.assert_allclose(found, weights @ values, atol=1e-12)


def test_support_is_whole_where_nothing_varies_and_halved_where_two_edges_tie() -> None:
    distances = np.array([[0, 1, 2.0], [1, 0, 2.1], [2.0, 2.1, 0]])
    still = tree_of("abc", distances, np.stack([distances] * 4), title="t")
    assert [(edge.first, edge.second, edge.support) for edge in still.edges] == [(0, 1, 1), (0, 2, 1)]
    assert still.others == ()
    other = distances.copy()
    other[0, 2] = other[2, 0] = 2.2
    shaken = tree_of("abc", distances, np.stack([distances, other]), title="t")
    assert [edge.support for edge in shaken.edges] == [1, 0.5]
    assert [(edge.first, edge.second, edge.support) for edge in shaken.others] == [(1, 2, 0.5)]


def test_a_trend_follows_its_line() -> None:
    values = np.linspace(-0.5, 0.5, 300)
    found = binned("t", values, 0.5 + values)
    assert found is not None
    assert found.y == pytest.approx(0.5 + np.array(found.x), abs=1e-6)
    assert len(found.y) == 5
    assert binned("t", np.ones(1), np.ones(1)) is None
    # One share of ten is a half: the mean of .95 ± .10 would go beyond all.
    shares = binned("t", np.arange(10.0), np.array([0.5, *[1.0] * 9]), bins=1, support=(0.0, 1.0))
    assert shares is not None
    assert shares.high == (1.0,)


def test_curves_of_shares_and_of_samples_have_their_bands() -> None:
    curve = shared("s", (0, 1), (0.5, 0.0), 20)
    exact = binomtest(10, 20).proportion_ci(0.95, method="exact")
    assert (curve.low[0], curve.high[0]) == pytest.approx((exact.low, exact.high), **CLOSE)
    assert curve.low[1] == 0
    samples = np.arange(101.0)[:, None] * [1, 2]
    assert sampled("s", (0, 1), samples).high == pytest.approx((97.5, 195))


def test_groups_in_a_plane_keep_their_places() -> None:
    rng = np.random.default_rng(0)
    groups = {
        "a": rng.normal(size=(300, 5)) * 0.1,
        "b": rng.normal(size=(300, 5)) * 0.1 + [9, 0, 0, 0, 0],
        "c": np.empty((0, 5)),
    }
    ellipses, cloud, kept = in_a_plane(groups, "noise", np.zeros((500, 5)))
    a, b = ellipses
    assert np.hypot(a.x - b.x, a.y - b.y) == pytest.approx(9, abs=0.1)
    assert len(cloud.x) == 200
    assert (cloud.x[0], cloud.y[0]) == pytest.approx((a.x, a.y), abs=0.1)
    assert kept > 0.9


def test_many_classes_are_added_up() -> None:
    labels = np.repeat(np.arange(100), np.arange(100) + 1)
    found = module("noise_collapse").called(labels, tuple(f"class {c}" for c in range(100)), "class 99")
    assert found.rows[:2] == ("class 99", "class 98")
    assert found.rows[-1] == "97 others"
    assert sum(found.columns[0].values) == pytest.approx(1, abs=1e-5)
    assert found.columns[0].marks == ()


def test_shares_of_labels() -> None:
    found = stacked("abcd", {"some": np.array([0, 2, 2]), "none": np.array([], int)}, "images", title="t")
    assert found.stacks[0].shares == pytest.approx((1 / 3, 0, 2 / 3, 0), abs=1e-6)
    assert found.stacks[1].shares == (0, 0, 0, 0)
    assert found.axis == "share of 3 images"


def test_labels_cover_neither_each_other_nor_nodes_nor_what_is_to_be_seen() -> None:
    written: list[tuple[float, float, str]] = []
    identity = SimpleNamespace(transform=lambda points: np.asarray(points, float), inverted=lambda: identity)
    axes = SimpleNamespace(
        transData=identity,
        figure=SimpleNamespace(dpi=72, bbox=SimpleNamespace(extents=(0, 0, 360, 300))),
        text=lambda x, y, word, **_look: written.append((x, y, word)),
        plot=lambda *_line, **_look: None,
    )
    points = np.array([[100.0, 100.0], [112.0, 100.0], [100.0, 114.0], [355.0, 295.0]])
    seen = np.array([[130.0, 100.0], [95.0, 80.0]])
    words = ["bird", "frog", "automobile", "noise"]
    place_labels(axes, points, words, [(points[0], points[3])], ["98"], seen)
    boxes = [(x, y, 0.5 * len(word) * 11 / 2, 11 / 2) for x, y, word in written]
    for i, (x, y, wide, high) in enumerate(boxes):
        assert wide <= x <= 360 - wide
        assert high <= y <= 300 - high
        assert not any(abs(x - a) < wide and abs(y - b) < high for a, b in (*points, *seen))
        assert not any(abs(x - a) < wide + w and abs(y - b) < high + h for a, b, w, h in boxes[:i])
