"""Detection scores against second implementations, planted noise, and data that determine no score."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import logsumexp, softmax

from why_bird.errors import Unavailable
from why_bird.measure.detection.detectors import (
    DETECTORS,
    FEATURE_DETECTORS,
    LOGIT_DETECTORS,
    NEIGHBOURS,
    fit_neighbours,
)
from why_bird.measure.detection.mahalanobis import fit_mahalanobis
from why_bird.measure.detection.quality import auroc
from why_bird.measure.detection.training import Training
from why_bird.measure.detection.vim import fit_vim, principal_dimension
from why_bird.measure.readout import Head

CLASSES = ("ant", "bee", "cat")
UNITS, INNER = 12, 5
ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng(0)

MIXING = RNG.normal(size=(INNER, UNITS))
CENTRES = 4 * RNG.normal(size=(3, INNER))
# A head that reads the inner directions alone, as one does that was trained on such features.
HEAD = Head(CENTRES @ np.linalg.pinv(MIXING).T, np.array([0.5, -0.3, 0.2]))
OUTSIDE = np.linalg.svd(np.vstack([MIXING, HEAD.weight]))[2][-1]
"""A direction that no inner direction and no logit has a part of."""


def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features of classes in five directions of twelve, and a little in the others."""
    rng = np.random.default_rng(seed)
    truth = np.arange(count) % 3
    inner = CENTRES[truth] + rng.normal(size=(count, INNER))
    return (inner @ MIXING + 0.05 * rng.normal(size=(count, UNITS))).astype(np.float32), truth


def training(features: np.ndarray | None = None, truth: np.ndarray | None = None, head: Head = HEAD) -> Training:
    drawn = draw(600, 1)
    return Training(drawn[0] if features is None else features, drawn[1] if truth is None else truth, CLASSES, head)


def logits(features: np.ndarray, head: Head = HEAD) -> np.ndarray:
    return head.logits(features).astype(np.float32)


def every_score(features: np.ndarray, fitted: Training) -> dict[str, np.ndarray]:
    of_logits = {name: score(logits(features, fitted.head)) for name, score in LOGIT_DETECTORS.items()}
    return of_logits | {name: fit(fitted)(features) for name, fit in FEATURE_DETECTORS.items()}


def by_numpy(features: np.ndarray, fitted: Training) -> dict[str, np.ndarray]:
    """Return the same scores from the papers' formulas in 64 bits."""
    z = fitted.head.logits(features)
    seen, f = fitted.features.astype(np.float64), features.astype(np.float64)
    means = np.stack([seen[fitted.truth == c].mean(0) for c in range(3)])
    within = seen - means[fitted.truth]
    differences = f[:, None] - means
    precision = np.linalg.inv(within.T @ within)
    unit, unit_seen = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (f, seen))
    distances = np.linalg.norm(unit[:, None] - unit_seen, axis=2)
    origin = -np.linalg.pinv(fitted.head.weight) @ fitted.head.bias
    null = np.linalg.svd(seen - origin)[2][f.shape[1] // 2 :].T
    alpha = fitted.head.logits(seen).max(1).mean() / np.linalg.norm((seen - origin) @ null, axis=1).mean()
    return {
        "MSP": -softmax(z, 1).max(1),
        "max logit": -z.max(1),
        "energy": -logsumexp(z, 1),
        "Mahalanobis": np.einsum("ncd,de,nce->nc", differences, precision, differences).min(1) / 2,
        "kNN": np.sort(distances, 1)[:, NEIGHBOURS - 1],
        "ViM": alpha * np.linalg.norm((f - origin) @ null, axis=1) - logsumexp(z, 1),
    }


@pytest.mark.parametrize("detector", DETECTORS)
def test_a_score_is_what_the_formula_of_its_paper_says(detector: str) -> None:
    fitted = training()
    features = np.vstack([draw(40, 2)[0], np.random.default_rng(3).normal(size=(40, UNITS)) * 3]).astype(np.float32)
    found, wanted = every_score(features, fitted)[detector], by_numpy(features, fitted)[detector]
    assert found.dtype == np.float32
    assert np.allclose(found, wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())


def test_the_detectors_fitted_by_their_own_package_say_the_same() -> None:
    """Where the directions are well apart, so that 32 bits determine them."""
    from pytorch_ood.detector import Mahalanobis, ViM

    rng, truth = np.random.default_rng(8), np.arange(600) % 3
    features = ((rng.normal(size=(600, UNITS)) + truth[:, None]) * 1.5 ** -np.arange(UNITS)).astype(np.float32)
    fitted, x, y = training(features, truth), torch.from_numpy(features), torch.from_numpy(truth)
    weight, bias = torch.from_numpy(HEAD.weight), torch.from_numpy(HEAD.bias)
    theirs = {fit_mahalanobis: Mahalanobis(None), fit_vim: ViM(None, d=UNITS // 2, w=weight, b=bias)}
    for fit, detector in theirs.items():
        wanted = detector.fit_features(x, y).predict_features(x).numpy()
        assert np.allclose(fit(fitted)(features), wanted, rtol=1e-3, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_the_covariance_may_have_any_scale_and_be_ill_conditioned(scale: float) -> None:
    stretch = scale * np.logspace(0, -4, UNITS)
    features, truth = draw(600, 1)
    others = draw(50, 2)[0]
    fitted = training((features * stretch).astype(np.float32), truth)
    found = fit_mahalanobis(fitted)((others * stretch).astype(np.float32))
    assert np.allclose(found, by_numpy(others, training())["Mahalanobis"], rtol=1e-2)


@pytest.mark.parametrize("detector", FEATURE_DETECTORS)
def test_the_order_of_the_units_does_not_matter(detector: str) -> None:
    order = np.random.default_rng(4).permutation(UNITS)
    others = draw(50, 2)[0]
    fitted = training()
    moved = training(fitted.features[:, order].copy(), head=Head(HEAD.weight[:, order], HEAD.bias))
    score, of_moved = (FEATURE_DETECTORS[detector](each) for each in (fitted, moved))
    found, wanted = of_moved(others[:, order].copy()), score(others)
    assert np.allclose(found, wanted, rtol=1e-4, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.parametrize("detector", DETECTORS)
def test_noise_far_from_all_classes_scores_higher_throughout(detector: str) -> None:
    images = draw(300, 2)[0]
    # Near the point where all logits are alike, far from the classes, and outside of what they span.
    noise = np.random.default_rng(5).normal(size=(200, UNITS)).astype(np.float32) * 0.1 + OUTSIDE.astype(np.float32) * 9
    fitted = training()
    assert auroc(every_score(images, fitted)[detector], every_score(noise, fitted)[detector]) > 0.999


@pytest.mark.parametrize("detector", DETECTORS)
def test_noise_drawn_as_images_are_cannot_be_told_from_them(detector: str) -> None:
    fitted = training()
    first, second = (every_score(draw(1500, seed)[0], fitted)[detector] for seed in (6, 7))
    # Four standard errors of the AUROC of two equal samples.
    assert abs(auroc(first, second) - 0.5) < 4 * np.sqrt((1500 + 1500 + 1) / (12 * 1500 * 1500))


def test_noise_outside_the_span_of_the_images_is_seen_by_vim_and_not_by_the_logits() -> None:
    fitted = training()
    images, (noise, _) = draw(1500, 6)[0], draw(1500, 7)
    noise = (noise + 2 * OUTSIDE).astype(np.float32)
    of_images, of_noise = every_score(images, fitted), every_score(noise, fitted)
    reached = {name: auroc(of_images[name], of_noise[name]) for name in DETECTORS}
    assert reached["ViM"] > 0.99
    assert reached["Mahalanobis"] > 0.99
    for name in LOGIT_DETECTORS:
        assert abs(reached[name] - 0.5) < 0.05, name


def test_neighbours_look_at_directions_and_not_at_lengths() -> None:
    score, others = fit_neighbours(training()), draw(50, 2)[0]
    assert np.allclose(score(others), score(others * np.float32(7)), atol=1e-6)
    assert np.isfinite(score(np.zeros((1, UNITS), dtype=np.float32))).all()


@pytest.mark.parametrize(
    ("features", "dimension"), [(512, 256), (64, 32), (767, 383), (768, 512), (2047, 512), (2048, 1000), (1, 0)]
)
def test_the_main_subspace_has_the_dimension_of_the_authors_rule(features: int, dimension: int) -> None:
    assert principal_dimension(features) == dimension


def test_a_class_of_one_training_image_has_no_covariance() -> None:
    features, truth = draw(600, 1)
    kept = np.flatnonzero((truth != 1) | (np.arange(600) == 1))
    with pytest.raises(Unavailable, match="the class bee has 1 training images: a covariance needs at least 2"):
        fit_mahalanobis(training(features[kept], truth[kept]))


def test_a_class_without_training_images_has_no_covariance() -> None:
    features, truth = draw(600, 1)
    with pytest.raises(Unavailable, match="the class cat has 0 training images"):
        fit_mahalanobis(training(features[truth != 2], truth[truth != 2]))


def test_more_features_than_training_images_have_no_covariance() -> None:
    features, truth = draw(UNITS + 3, 1)
    with pytest.raises(Unavailable, match="12 features is singular: 15 training images of 3 classes"):
        fit_mahalanobis(training(features, truth))


@pytest.mark.parametrize("silent", ["one unit", "all units", "a copy"])
def test_features_that_do_not_vary_in_some_direction_have_no_covariance(silent: str) -> None:
    features, truth = draw(600, 1)
    features[:, 4] = {"one unit": 0.0, "all units": 1.0, "a copy": features[:, 3]}[silent]
    if silent == "all units":
        features[:] = 1.0
    with pytest.raises(Unavailable, match="singular: the training images of a class do not differ in some direction"):
        fit_mahalanobis(training(features, truth))


def test_neighbours_need_as_many_training_images() -> None:
    with pytest.raises(Unavailable, match="49 training images are fewer than the 50 nearest"):
        fit_neighbours(training(*draw(49, 1)))
    assert np.isfinite(fit_neighbours(training(*draw(50, 1)))(draw(5, 2)[0])).all()


@pytest.mark.parametrize("constant", [False, True])
def test_images_within_the_main_subspace_have_no_virtual_logit(*, constant: bool) -> None:
    rng = np.random.default_rng(1)
    origin = -np.linalg.pinv(HEAD.weight) @ HEAD.bias
    # Six of twelve dimensions are the main subspace; these images vary in five about the origin, or in none.
    features = np.ones((600, UNITS)) if constant else origin + rng.normal(size=(600, INNER)) @ MIXING
    with pytest.raises(Unavailable, match="no training image lies outside its 6-dimensional main subspace"):
        fit_vim(training(features.astype(np.float32), np.arange(600) % 3))


def test_logits_below_zero_give_the_virtual_logit_no_scale() -> None:
    with pytest.raises(Unavailable, match="not positive on average"):
        fit_vim(training(head=Head(HEAD.weight, HEAD.bias - 1000)))


def test_huge_features_have_finite_distances_or_say_that_they_have_none() -> None:
    features, truth = draw(600, 1)
    fitted = training(features * np.float32(1e30), truth)
    assert np.isfinite(fit_mahalanobis(fitted)(fitted.features)).all()
    assert not np.isfinite(fit_vim(fitted)(fitted.features)).any()


def test_training_images_that_do_not_fit_the_head_are_an_error() -> None:
    features, truth = draw(60, 1)
    with pytest.raises(ValueError, match="do not fit together"):
        training(features[:, 1:], truth)
    with pytest.raises(ValueError, match="do not fit together"):
        training(features, truth[1:])


def test_the_detectors_are_loaded_where_they_are_asked_and_not_with_the_library() -> None:
    """Importing pytorch_ood takes seconds, also for a run whose scores were shipped."""
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "lib").rglob("*.py")}
    asking = {path: text for path, text in texts.items() if "import" in text and "pytorch_ood" in text}
    assert len(asking) >= 3
    for path, text in asking.items():
        for node in ast.parse(text).body:
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.split(".")[0] == "pytorch_ood" for name in names), path
