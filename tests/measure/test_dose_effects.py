"""Networks whose answer to a dose is known: what is measured is what was planted, and nothing else."""

import numpy as np
import pytest
from dose_networks import CLASSES, IMAGES, TARGET, Damaged, Linear, Rough, Smooth, asking, image_set

from why_bird.errors import Unavailable
from why_bird.images.doses import DOSES
from why_bird.images.image_set import Images
from why_bird.images.interventions import BorderDoses, WholeDoses
from why_bird.measure.dose_checks import dose_checks
from why_bird.measure.dose_effects import slopes
from why_bird.stats import paired_mean


@pytest.fixture
def ask(tmp_path):
    return asking(tmp_path)


def unit_by_hand(logits, truth):
    own = [(logits[i, TARGET] - np.delete(logits[i], [TARGET, truth[i]]).mean(), truth[i]) for i in range(len(truth))]
    values = np.array([[v, t] for v, t in own if t != TARGET])
    centred = np.concatenate([values[values[:, 1] == t, 0] - values[values[:, 1] == t, 0].mean() for t in (0, 2, 3, 4)])
    return np.sqrt((centred**2).sum() / (len(centred) - 4))


@pytest.mark.parametrize(("experiment", "intervention"), [("border", BorderDoses(9)), ("whole", WholeDoses(9))])
def test_the_slopes_of_a_linear_network_are_exact(ask, experiment, intervention):
    response, effects, _ = ask(Linear(), experiment)
    W = Linear().W.detach().numpy().astype(np.float64)
    test = IMAGES.test
    kept = np.flatnonzero(test.labels != TARGET)
    clean = test.pixels.astype(np.float64).transpose(0, 3, 1, 2).reshape(len(test), -1) / 255 @ W.T
    sd = unit_by_hand(clean, test.labels)
    assert effects.sd == pytest.approx(sd, rel=1e-4)
    np.testing.assert_array_equal(response.digests, test.digests[kept])
    np.testing.assert_array_equal(response.truth, test.labels[kept])
    push = np.empty((len(kept), len(intervention.conditions), len(CLASSES)))
    for row, i in enumerate(kept):
        # The network is linear: the slope per full dose is what it makes of the change at full dose.
        _, changes = intervention.changes(test.pixels[i] / 255, test.digests[i].tobytes().hex())
        push[row] = changes.transpose(0, 3, 1, 2).reshape(len(changes), -1) @ W.T
    rest = [np.delete(push[row], [TARGET, test.labels[i]], axis=1).mean(1) for row, i in enumerate(kept)]
    expected = (push[:, :, TARGET] - np.array(rest)) / sd
    for c, name in enumerate(intervention.conditions):
        np.testing.assert_allclose(effects.slopes[name], expected[:, c], atol=1e-3)
        if c:
            np.testing.assert_allclose(effects.differences[name], expected[:, 0] - expected[:, c], atol=1e-3)
    assert np.abs(expected).mean() > 0.05
    assert list(effects.differences) == list(intervention.conditions[1:])
    for c, name in enumerate(CLASSES):
        if c != TARGET:
            neither = (test.labels != TARGET) & (test.labels != c)
            values, groups = (clean[:, TARGET] - clean[:, c])[neither], test.labels[neither]
            means = np.array([values[groups == g].mean() for g in groups])
            unit = np.sqrt(((values - means) ** 2).sum() / (neither.sum() - len(set(groups))))
            by_hand = (push[:, 0, TARGET] - push[:, 0, c])[test.labels[kept] != c] / unit
            np.testing.assert_allclose(effects.contrasts[name], by_hand, atol=1e-3)
    assert TARGET not in [CLASSES.index(name) for name in effects.contrasts]


def test_noise_that_only_destroys_the_own_class_is_no_push(ask):
    response, effects, _ = ask(Damaged())
    for slope in effects.slopes.values():
        assert np.abs(slope).max() < 1e-4
    for of_contrast in effects.contrasts.values():
        assert np.abs(of_contrast).max() < 1e-4
    # The network is damaged all the same: held against the mean of all others, the margin would rise.
    logits = response.logits[:, 0].astype(np.float64)
    naive = slopes(logits[..., TARGET] - np.delete(logits, TARGET, axis=-1).mean(-1)) / effects.sd
    assert naive.mean() > 0.2


def test_roughness_that_speaks_for_a_class_is_a_push_by_noise_alone(ask):
    _, effects, _ = ask(Rough())
    means = {name: paired_mean(slope, "test images") for name, slope in effects.slopes.items()}
    assert means["noise"].lower(0.001) > 0.2
    assert means["blur"].upper(0.001) < 0
    assert means["flat"].upper(0.001) < 0
    assert all(paired_mean(gap, "test images").lower(0.001) > 0.2 for gap in effects.differences.values())
    # Cat is pushed half as much: its contrast is the weakest.
    contrasts = {name: slope.mean() for name, slope in effects.contrasts.items()}
    assert min(contrasts, key=contrasts.get) == "cat"
    assert min(contrasts.values()) > 0
    assert {name: len(slope) for name, slope in effects.contrasts.items()} == dict.fromkeys(contrasts, 36)
    assert effects.trend.p_value < 1e-6
    assert effects.trend.n == 48


def test_a_fall_with_the_dose_is_no_trend(ask):
    _, effects, _ = ask(Smooth())
    assert effects.trend.p_value > 0.999
    assert effects.slopes["noise"].mean() < -0.2


def test_white_noise_is_told_from_smooth_noise_of_the_same_strength(ask):
    _, effects, _ = ask(Rough(), "whole")
    assert list(effects.slopes) == ["white", "smooth"]
    assert paired_mean(effects.differences["smooth"], "test images").lower(0.001) > 0.2


def test_the_curve_is_the_mean_margin_at_each_dose(ask):
    response, effects, _ = ask(Linear())
    logits, truth = response.logits.astype(np.float64), response.truth
    for c, name in enumerate(response.conditions):
        curve = []
        for d in range(len(DOSES)):
            rows = logits[:, c, d]
            rest = [np.delete(row, [TARGET, t]).mean() for row, t in zip(rows, truth, strict=True)]
            curve.append((rows[:, TARGET] - rest) / effects.sd)
        np.testing.assert_allclose(effects.curves[name], np.mean(curve, axis=1))
        changes = np.array(curve) - curve[0]
        np.testing.assert_allclose(effects.curve_errors[name], changes.std(1, ddof=1) / np.sqrt(len(truth)), atol=1e-12)
        assert effects.curve_errors[name][0] == 0


def test_a_slope_is_the_least_squares_fit_of_the_four_points():
    values = np.random.default_rng(0).normal(size=(5, 3, 4))
    fitted = [[np.polyfit(DOSES, points, 1)[0] for points in conditions] for conditions in values]
    np.testing.assert_allclose(slopes(values), fitted)


# --- which images


def test_images_with_too_weak_a_dose_are_left_out_and_counted(ask):
    # The blurred ring is not quite even, since the inside bleeds into it; the flat fill has nothing to take away.
    images = Images(IMAGES.train, image_set(12, 2, even=(0, 30, 59)), "planted", "made up")
    response, effects, _ = ask(Linear(), images=images)
    assert effects.left_out == response.left_out == 3
    assert len(response.full) == 48
    assert len(effects.slopes["noise"]) == len(effects.differences["flat"]) == effects.trend.n == 45
    assert all(check.passed for check in dose_checks(response))
    assert dose_checks(response)[1].detail.endswith("on 45 of 48 images, of a full dose of 0.01 or more")
    assert ask(Linear(), "whole", images=images)[1].left_out == 0


def test_where_every_dose_is_too_weak_there_is_no_effect(ask):
    images = Images(IMAGES.train, image_set(2, 2, even=range(10)), "planted", "made up")
    with pytest.raises(Unavailable, match="the full dose is too weak on all of the 8 images"):
        ask(Linear(), images=images)
