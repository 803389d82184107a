"""Numbers of detection against hand calculation, counting over all pairs, and each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.measure.detection.quality import Quality, aupr, auroc, fpr_at_tpr, measure_quality

FEW = settings(max_examples=25)

# Whole numbers, so that scores tie.
SCORES = st.lists(st.integers(-4, 4), min_size=1, max_size=25).map(lambda values: np.array(values, dtype=np.float64))


@FEW
@given(images=SCORES, noise=SCORES)
def test_the_auroc_counts_pairs_and_ties_by_half(images: np.ndarray, noise: np.ndarray) -> None:
    pairs = (noise[:, None] > images) + 0.5 * (noise[:, None] == images)
    assert auroc(images, noise) == pytest.approx(pairs.mean(), abs=1e-12)


@FEW
@given(images=SCORES, noise=SCORES)
def test_a_rising_transform_changes_nothing_and_a_falling_one_turns_the_auroc(
    images: np.ndarray, noise: np.ndarray
) -> None:
    found = measure_quality(images, noise)
    risen = measure_quality(np.exp(images) + 3, np.exp(noise) + 3)
    assert (found.fpr95_images, found.fpr95_noise) == (risen.fpr95_images, risen.fpr95_noise)
    assert found.auroc == pytest.approx(risen.auroc, abs=1e-12)
    assert found.aupr_in == pytest.approx(risen.aupr_in, abs=1e-12)
    assert auroc(-images, -noise) == pytest.approx(1 - found.auroc, abs=1e-12)


@FEW
@given(images=SCORES, noise=SCORES)
def test_images_and_noise_exchange_their_parts_when_the_score_is_turned(images: np.ndarray, noise: np.ndarray) -> None:
    found, turned = measure_quality(images, noise), measure_quality(-noise, -images)
    assert turned.auroc == pytest.approx(found.auroc, abs=1e-12)
    assert (turned.aupr_in, turned.aupr_out) == pytest.approx((found.aupr_out, found.aupr_in), abs=1e-12)
    assert (turned.fpr95_images, turned.fpr95_noise) == (found.fpr95_noise, found.fpr95_images)


@FEW
@given(positives=SCORES, negatives=SCORES, prevalence=st.floats(0.01, 0.99))
def test_the_area_under_precision_and_recall_is_that_of_the_definition(
    positives: np.ndarray, negatives: np.ndarray, prevalence: float
) -> None:
    area, reached = 0.0, 0.0
    for threshold in sorted({*positives, *negatives}, reverse=True):
        hits, alarms = (positives >= threshold).mean(), (negatives >= threshold).mean()
        if hits > reached:
            area += (hits - reached) * prevalence * hits / (prevalence * hits + (1 - prevalence) * alarms)
            reached = hits
    assert aupr(positives, negatives, prevalence) == pytest.approx(area, abs=1e-9)


def test_the_area_does_not_depend_on_how_many_were_drawn() -> None:
    rng = np.random.default_rng(0)
    images, noise = rng.normal(size=200), rng.normal(1, 1, size=50)
    assert aupr(np.tile(noise, 7), images) == pytest.approx(aupr(noise, images), abs=1e-12)
    assert aupr(np.zeros(3), np.zeros(90)) == pytest.approx(0.5)


def test_a_false_positive_rate_worked_by_hand() -> None:
    images = np.arange(1, 101, dtype=np.float64)
    # To keep 95 of 100 images the threshold lies at 95: two of four noises pass below it, the one on it included.
    noise = np.array([50.0, 95.0, 95.5, 200.0])
    assert fpr_at_tpr(-images, -noise) == 0.5
    # To detect 95 % of four noises all four are needed, from 50 on: 51 of 100 images are flagged.
    assert fpr_at_tpr(noise, images) == 0.51
    assert measure_quality(images, noise).fpr95_images == 0.5
    assert measure_quality(images, noise).fpr95_noise == 0.51


@FEW
@given(positives=SCORES, negatives=SCORES, tpr=st.sampled_from([0.05, 0.5, 0.95, 1.0]))
def test_a_false_positive_rate_is_the_least_at_which_enough_is_found(
    positives: np.ndarray, negatives: np.ndarray, tpr: float
) -> None:
    rates = [(negatives >= t).mean() for t in {*positives, *negatives, np.inf} if (positives >= t).mean() >= tpr]
    assert fpr_at_tpr(positives, negatives, tpr) == pytest.approx(min(rates), abs=1e-12)


def test_complete_separation_and_complete_error() -> None:
    low, high = np.arange(5.0), np.arange(10.0, 13.0)
    assert measure_quality(low, high) == Quality(1.0, 1.0, 1.0, 0.0, 0.0)
    wrong = measure_quality(high, low)
    assert (wrong.auroc, wrong.fpr95_images, wrong.fpr95_noise) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize("broken", [[], [np.nan], [np.inf, 1.0], [[1.0]]])
def test_scores_that_are_none_are_an_error(broken: list) -> None:
    for first, second in ((broken, [1.0]), ([1.0], broken)):
        for function in (auroc, aupr, fpr_at_tpr, measure_quality):
            with pytest.raises(ValueError, match="scores must be one-dimensional, finite and at least one"):
                function(first, second)


def test_shares_that_are_none_are_an_error() -> None:
    for share in (0.0, 1.0, 2.0, float("nan")):
        with pytest.raises(ValueError, match="prevalence must lie between 0 and 1"):
            aupr([1.0], [0.0], share)
    for share in (0.0, 1.1, float("nan")):
        with pytest.raises(ValueError, match="tpr must be above 0"):
            fpr_at_tpr([1.0], [0.0], share)
