"""The numbers behind the figures, against other ways to them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from evidence.figure_samples import gathered, planted, shipped
from lib.errors import Unavailable
from lib.evidence.figures import bias, class_graph, cluster, lead, noise_histogram, roc, units
from lib.evidence.figures.distances import resampled_distances
from lib.evidence.figures.labels import place_labels
from lib.evidence.figures.names import enough_room, full, short
from lib.evidence.figures.noise_family import trend
from lib.measure.readout import Head

EVIDENCE = Path(__file__).resolve().parents[2] / "reports" / "reference" / "evidence.json"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def claim(name: str) -> dict[str, Any]:
    document = json.loads(EVIDENCE.read_text())
    return next(
        each for each in document["claims"] if each["id"] == name and each["network_name"] in ("resnet18", "the images")
    )


def test_histogram_has_the_counts_of_claim_p2() -> None:
    data = gathered("noise-histogram")
    table = {name: (n, share) for name, n, share in claim("P2")["tables"][0]["rows"]}
    assert {share.name: share.value for share in data.shares} == {name: share for name, (_, share) in table.items()}
    for share in data.shares:
        exact = binomtest(table[share.name][0], data.n).proportion_ci(0.95, method="exact")
        assert (share.low, share.high) == pytest.approx((exact.low, exact.high), abs=1e-9)
    assert data.shares[data.post].name == "bird"


def test_histogram_of_many_classes_adds_the_rest_up() -> None:
    labels = np.repeat(np.arange(100), np.arange(100) + 1)
    subject = SimpleNamespace(noise=SimpleNamespace(labels=labels), classes=tuple(f"class {c}" for c in range(100)))
    data = noise_histogram.gather(SimpleNamespace(subject=subject, network="many"))  # type: ignore[arg-type]
    assert [share.name for share in data.shares[:2]] == ["class 99", "class 98"]
    assert data.shares[-1].name == "89 others"
    assert sum(share.value for share in data.shares) == pytest.approx(1)
    assert data.post is None
    assert "the post" not in noise_histogram.draw(data).alt.lower()


def test_graph_has_the_tree_of_claim_x3_and_the_distances_of_x1() -> None:
    data = gathered("class-graph")
    tree = {frozenset(row[:2]): row[2] for row in claim("X3")["tables"][0]["rows"]}
    ours = {frozenset((data.names[e.first], data.names[e.second])): e.distance for e in data.tree}
    assert ours == pytest.approx(tree)
    assert data.names[data.nearest] == claim("X1")["tables"][0]["rows"][0][0]
    raw = {frozenset(row[:2]) for row in claim("X4")["tables"][0]["rows"]}
    of_raw = gathered("class-graph-raw")
    assert {frozenset((of_raw.names[e.first], of_raw.names[e.second])) for e in of_raw.tree} == raw
    assert all(0 <= edge.support <= 1 for edge in data.tree)


def groups(rng: np.random.Generator, centres: np.ndarray, spread: float) -> tuple[np.ndarray, np.ndarray]:
    truth = np.repeat(np.arange(len(centres)), 30)
    return centres[truth] + spread * rng.standard_normal((len(truth), centres.shape[1])), truth


def test_support_is_whole_where_nothing_varies_and_halved_where_two_edges_tie() -> None:
    rng = np.random.default_rng(1)
    # Noise is as far from the second class as from the third, and both are nearer to it than to each other.
    centres = np.array([[1.0, 0.0, 0.2], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    centres[1, 2], centres[2, 2] = 0.5, -0.5
    head = Head(np.eye(3), np.zeros(3))
    images, truth = groups(rng, centres, 0.0)
    noise = np.tile([0.0, 1.0, 0.3], (50, 1))
    still = class_graph.gather(planted(noise, images, truth, head, ("a", "b", "c")), centred=False)
    assert [edge.support for edge in still.tree] == [1.0, 1.0, 1.0]
    assert still.others == ()
    assert {(e.first, e.second) for e in still.tree} >= {(1, 3), (2, 3)}
    images, truth = groups(rng, np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]]), 0.3)
    shaken = class_graph.gather(planted(images[:30] * [0, 1, 1], images, truth, head, ("a", "b", "c")), centred=False)
    assert sum(edge.support for edge in (*shaken.tree, *shaken.others)) <= 3 + 1e-9
    assert min(edge.support for edge in shaken.tree) < 0.95


def test_resampled_distances_vary_as_the_jackknife_says() -> None:
    found = resampled_distances(shipped(), centred=True)
    rows = claim("X1")["parts"]
    target = CLASSES.index("bird")
    for part in rows:
        c = CLASSES.index(part["label"])
        contrast = found.resampled[:, -1, c] - found.resampled[:, -1, target]
        error = (part["high"] - part["low"]) / 2 / 1.96
        # A standard deviation of 200 resamples has a relative error of a twentieth.
        assert contrast.std(ddof=1) == pytest.approx(error, rel=0.25)


def test_scaling_gives_back_a_plane() -> None:
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, 9)
    distances = 0.5 * (1 - np.cos(angles[:, None] - angles))
    points, kept = class_graph.classical_scaling(distances)
    squared = ((points[:, None] - points) ** 2).sum(-1)
    np.testing.assert_allclose(squared, distances, atol=1e-12)
    assert kept == pytest.approx(1)


def test_bias_and_logits_are_those_of_claim_z1() -> None:
    data = gathered("bias")
    rows = claim("Z1")["tables"][0]["rows"]
    assert list(data.classes) == [row[0] for row in rows]
    np.testing.assert_allclose(data.bias, [row[1] for row in rows])
    np.testing.assert_allclose(data.mean, [row[2] for row in rows], atol=1e-4)
    assert data.classes[data.target] == "bird"


def test_the_lead_is_taken_apart_as_it_was_put_together() -> None:
    rng = np.random.default_rng(0)
    head = Head(np.array([[2.0, 0.0], [0.5, 1.0]]), np.array([0.7, 0.1]))
    noise = np.array([3.0, 1.0]) + np.stack([rng.uniform(-1, 1, 4001), np.zeros(4001)], axis=1)
    data = lead.gather(planted(noise, noise, np.zeros(4001, int), head, ("a", "b")))
    assert data.bias == pytest.approx(0.6)
    assert data.constant == pytest.approx(1.5 * noise[:, 0].mean() - 1)
    assert data.mean == pytest.approx((head.logits(noise) @ [1, -1]).mean())
    assert data.varying == pytest.approx((-1.5 * 0.95, 1.5 * 0.95), abs=0.06)
    assert data.ahead == 1.0


def test_the_shipped_lead_is_that_of_claim_z6() -> None:
    data = gathered("lead")
    beside = {row["label"]: row["value"] for row in claim("Z6")["beside"]}
    assert data.mean == pytest.approx(beside[f"mean lead over {data.runner_up}"])
    assert data.bias == pytest.approx(beside["lead by the bias"])


def test_clutter_is_ranked_as_in_claim_c5() -> None:
    data = gathered("clutter-ranks")
    found = claim("C5")
    assert (data.agreement, data.low, data.high) == pytest.approx(
        (found["estimate"]["value"], found["estimate"]["low"], found["estimate"]["high"])
    )
    order = {row[0]: row[1:] for row in found["tables"][0]["rows"]}
    for name, ranks in zip(data.definitions, data.ranks, strict=True):
        assert [data.classes[c] for c in np.argsort(ranks)] == order[name]


def test_noise_in_clusters_is_that_of_claims_d3_and_x1() -> None:
    data = gathered("noise-in-clusters")
    assert {share.name: share.value for share in data.inside} == pytest.approx(dict(claim("D3")["tables"][0]["rows"]))
    near = claim("X1")["tables"][0]["rows"]
    assert list(data.classes) == [name for name, _ in near]
    np.testing.assert_allclose(data.distances, [distance for _, distance in near], rtol=1e-6)
    assert (data.errors > 0).all()


def test_border_noise_is_that_of_claim_b0() -> None:
    data = gathered("border-noise")
    rows = claim("B0")["tables"][0]["rows"]
    assert [(share.name, share.value) for share in data.above] == [(name, pytest.approx(share)) for name, share in rows]
    assert data.classes[data.bird] == "bird"
    assert (np.diff(data.quartiles) > 0).all()
    # A class of which more than half lies above the median image has its own median above it.
    assert [share.value > 0.5 for share in data.above] == list(data.quartiles[:, 1] > data.median)


@pytest.mark.parametrize(("figure", "name"), [("dose-border", "B2"), ("dose-whole", "B5")])
def test_doses_have_the_curves_of_their_claim(figure: str, name: str) -> None:
    data = gathered(figure)
    rows = {row[0]: row[1:] for row in claim(name)["tables"][0]["rows"]}
    words = {"flat fill": "flat", "white noise": "white", "smooth noise": "smooth"}
    assert len(data.curves) == len(rows)
    for curve in data.curves:
        row = rows[words.get(curve.condition, curve.condition)]
        np.testing.assert_allclose(curve.means, row[::2], rtol=1e-6)
        np.testing.assert_allclose(curve.errors, row[1::2], rtol=1e-6, atol=1e-12)


def test_ablation_starts_whole_and_ends_where_the_strongest_are_set_to_their_mean() -> None:
    data, subject = gathered("unit-ablation"), shipped().subject
    target = subject.target.index
    features = subject.noise.features.astype(np.float64)
    assert data.strongest[0].value == (subject.head.labels(features) == target).mean()
    features[:, subject.class_units[target]] = subject.unit_means.balanced[subject.class_units[target]]
    assert data.strongest[-1].value == pytest.approx((subject.head.labels(features) == target).mean(), abs=1e-3)
    assert data.counts[-1] == 26
    assert data.matched_counts[-1] == 25
    mean, low, high = data.matched
    assert ((low - 1e-12 <= mean) & (mean <= high + 1e-12)).all()


def test_units_are_shown_with_the_noise_that_excites_them_most() -> None:
    data, subject = gathered("top-units"), shipped().subject
    assert list(data.units) == subject.class_units[subject.target.index][:8].tolist()
    np.testing.assert_array_equal(data.of_noise, subject.noise.features[:, list(data.units)].max(0))
    assert (data.of_made > data.of_noise).all()


def test_large_pictures_are_drawn_smaller() -> None:
    images = np.random.default_rng(0).uniform(-1, 2, (2, 3, 224, 224)).astype(np.float32)
    small = units.pixels_of(images)
    assert small.shape == (2, 64, 64, 3)
    # Of noise nothing is averaged away.
    assert {0, 255} <= set(np.unique(small))


def test_cat_is_counted_by_class() -> None:
    data, pair = gathered("called-cat"), shipped().two_class
    assert pair is not None
    for share in data.shares[:-1]:
        own = pair.unseen.truth == pair.unseen_classes.index(share.name)
        assert share.value == (pair.unseen.logits[own].argmax(1) == pair.classes.index("cat")).mean()
    assert data.shares[-1].name == "noise"
    values = [share.value for share in data.shares[:-1]]
    assert values == sorted(values, reverse=True)


def test_spectra_are_those_of_claim_p8() -> None:
    data = gathered("spectrum")
    beside = {row["label"]: row["value"] for row in claim("P8")["beside"]}
    assert {
        f"β = {beta:g}: {share.name}": share.value for beta, share in zip(data.betas, data.largest, strict=True)
    } == beside
    assert ((data.between >= 0) & (data.between <= 0.5)).all()


def test_the_family_is_that_of_claim_p6() -> None:
    data = gathered("noise-family")
    assert (data.shares >= 0.5).mean() == claim("P6")["estimate"]["value"]
    assert len(data.shares) == len(data.families) == 300
    spectral = gathered("spectrum")
    np.testing.assert_array_equal(spectral.of_between, data.shares[np.array(data.families) == "spectral"])


def test_a_trend_follows_its_line() -> None:
    values = np.linspace(-0.5, 0.5, 300)
    found = trend(values, 0.5 + values)
    np.testing.assert_allclose(found.means, 0.5 + found.centres)
    assert len(found.means) == 5
    assert np.isfinite(trend(np.array([1.0]), np.array([1.0])).means).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 60), st.integers(1, 12))
def test_points_of_a_roc_curve_lie_on_it(seed: int, m: int, n: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    images, noise = rng.integers(levels, size=m).astype(float), rng.integers(levels, size=n) + 0.5 * (levels > 6)
    false, true = roc.roc_points(images, noise)
    exact = {((images >= cut).mean(), (noise >= cut).mean()) for cut in [*images, *noise]} | {(0.0, 0.0)}
    for point in zip(false, true, strict=True):
        assert min(abs(point[0] - a) + abs(point[1] - b) for a, b in exact) < 1e-12
    assert (false[-1], true[-1]) == (1.0, 1.0)
    assert (np.diff(false) >= 0).all()
    assert (np.diff(true) >= 0).all()


def test_shipped_curves_have_the_areas_in_their_legend() -> None:
    scores = shipped().subject.detection
    for curve in gathered("roc").curves:
        images, noise = scores.of_images(curve.detector), scores.of_noise("noise-B", curve.detector)
        exact = roc_auc_score(np.repeat([1, 0], [len(noise), len(images)]), np.concatenate([noise, images]))
        assert curve.auroc == pytest.approx(exact, abs=1e-9)
        assert np.trapezoid(curve.true, curve.false) == pytest.approx(exact, abs=2e-3)
        assert curve.low < curve.auroc < curve.high


def test_the_counterexample_is_what_the_search_found() -> None:
    data, found = gathered("counterexample"), shipped().subject.counterexample.found
    assert found is not None
    assert data.share.value == (found.labels == CLASSES.index("bird")).mean()
    assert data.parameters == f"{found.family}, shift 0 sd, contrast ×{found.params.contrast:.3f}, β = 0"
    assert data.examples.shape == (8, 32, 32, 3)


def test_too_many_classes_are_refused_in_words() -> None:
    classes = tuple(f"class {c}" for c in range(100))
    head = Head(np.zeros((100, 2)), np.zeros(100))
    source = planted(np.ones((5, 2)), np.ones((5, 2)), np.zeros(5, int), head, classes)
    for gather in (bias.gather, cluster.gather, lambda s: class_graph.gather(s, centred=True)):
        with pytest.raises(Unavailable, match="100 classes are too many for this figure: it has room for"):
            gather(source)
    assert enough_room(CLASSES) == CLASSES


def test_names_are_cut_and_never_empty() -> None:
    assert short("x" * 40) == "x" * 11 + "…"
    assert full("y" * 50) == "y" * 39 + "…"
    assert short("\x1b") == "\\x1b"
    assert full(" \n ") == "(no name)"


def test_labels_cover_neither_each_other_nor_nodes() -> None:
    written: list[tuple[float, float, str]] = []
    identity = SimpleNamespace(transform=lambda points: np.asarray(points, float), inverted=lambda: identity)
    axes = SimpleNamespace(
        transData=identity,
        figure=SimpleNamespace(dpi=72, bbox=SimpleNamespace(extents=(0, 0, 360, 300))),
        text=lambda x, y, word, **_look: written.append((x, y, word)),
    )
    points = np.array([[100.0, 100.0], [112.0, 100.0], [100.0, 114.0], [355.0, 295.0]])
    words = ["bird", "frog", "automobile", "noise"]
    place_labels(axes, points, words, [(points[0], points[3])], ["98"], 9.5)
    boxes = [(x, y, 0.5 * len(word) * 9.5 / 2, 9.5 / 2) for x, y, word in written]
    for i, (x, y, wide, high) in enumerate(boxes):
        assert wide <= x <= 360 - wide
        assert high <= y <= 300 - high
        assert not any(abs(x - a) < wide and abs(y - b) < high for a, b in points)
        assert not any(abs(x - a) < wide + w and abs(y - b) < high + h for a, b, w, h in boxes[:i])
