"""Planted networks whose answer to a dose is known: what is measured is what was planted, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from lib.errors import Unavailable
from lib.images import doses as images_doses
from lib.images.doses import DOSES
from lib.images.imageset import Images, ImageSet, digest_pixels
from lib.images.interventions import BorderDoses, WholeDoses, border_ring
from lib.images.noise import Noise
from lib.measure import doses as doses_module
from lib.measure.dosechecks import dose_checks, measure_dose_zero
from lib.measure.doseeffects import measure_effects, slopes
from lib.measure.doses import dose_passes, measure_doses
from lib.measure.forward import forward
from lib.measure.inputs import NEEDS_IMAGES, Inputs, identify
from lib.measure.passes import Answers
from lib.measure.store import Store
from lib.networks.network import Network
from lib.networks.preprocess import Preprocess
from lib.stats import paired_mean

SIZE, CLASSES, TARGET = 16, ("ant", "bird", "cat", "dog", "elk"), 1
RING = torch.from_numpy(border_ring(SIZE, SIZE)[0])
MIDDLE, STEP = SIZE // 2, 50
PASSED = []
NOISE = Noise("gaussian", SIZE, (0.5, 0.5, 0.5), (0.25, 0.2, 0.3), seed=1)


class Linear(nn.Module):
    """Logits that are linear in the pixels."""

    def __init__(self, classes=5):
        super().__init__()
        rng = np.random.default_rng(5)
        self.W = nn.Parameter(torch.from_numpy(rng.normal(size=(classes, 3 * SIZE * SIZE)).astype(np.float32)))

    def forward(self, x):
        PASSED.extend(image.numpy().tobytes() for image in x.contiguous())
        return x.flatten(1) @ self.W.T


class Damaged(Linear):
    """Reads the class of an image off its middle pixel; what is rough at the border damages only that class."""

    def forward(self, x):
        inside = torch.where(RING, 0.0, x)
        logits = super().forward(inside) * 0.05
        own = (x[:, 0, MIDDLE, MIDDLE] * 255 / STEP).round().long()
        return logits + nn.functional.one_hot(own, logits.shape[1]) * (5 - 40 * roughness(x))[:, None]


class Rough(Linear):
    """Roughness at the border speaks for bird, and half as much for cat."""

    def forward(self, x):
        logits = super().forward(torch.where(RING, 0.0, x)) * 0.05
        return logits + roughness(x)[:, None] * torch.tensor([0.0, 20, 10, 0, 0])


class Smooth(Rough):
    """The opposite."""

    def forward(self, x):
        return -super().forward(x)


def roughness(x):
    """Return the mean absolute difference of neighbours along the top and bottom rows."""
    return (x[:, :, [0, 1, -1, -2], 1:] - x[:, :, [0, 1, -1, -2], :-1]).abs().mean((1, 2, 3))


def network(module, classes=CLASSES):
    module = module.eval().requires_grad_(requires_grad=False)
    preprocess = Preprocess(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0), size=SIZE)
    return Network("planted", module, "planted", None, preprocess, classes, type(module).__name__, None, {}, (), "cpu")


def image_set(per_class, seed, even=()):
    """Return images whose middle pixel tells the class; those at the places `even` have a border of one colour."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(CLASSES)), per_class)
    pixels = rng.integers(60, 200, (len(labels), SIZE, SIZE, 3), dtype=np.uint8)
    pixels[:, MIDDLE, MIDDLE] = labels[:, None] * STEP
    for i in even:
        pixels[i, RING.numpy()] = 90
    digests = np.array([np.frombuffer(digest_pixels(image), np.uint8) for image in pixels])
    order = np.lexsort((digests[:, 0], labels))
    return ImageSet(pixels[order], labels[order], digests[order], CLASSES)


IMAGES = Images(image_set(2, 1), image_set(12, 2), "planted", "made up")


@pytest.fixture
def ask(tmp_path):
    """Return a function that measures a network, and gives answers, effects and the store."""

    def run(module, experiment="border", images=IMAGES, classes=CLASSES, target=TARGET, store=None):
        net = network(module, classes)
        store = store or Store(tmp_path / "cache", None)
        PASSED.clear()
        passes = dose_passes(Inputs(identify(images), images, seed=9), classes, target)
        response = measure_doses(net, getattr(passes, experiment), passes.clean, store)
        test = Answers(forward(net, images.test, taps=("logits",))["logits"], None, np.array(images.test.labels))
        return response, measure_effects(response, target, classes, test), store

    return run


def unit_by_hand(logits, truth):
    own = [(logits[i, TARGET] - np.delete(logits[i], [TARGET, truth[i]]).mean(), truth[i]) for i in range(len(truth))]
    values = np.array([[v, t] for v, t in own if t != TARGET])
    centred = np.concatenate([values[values[:, 1] == t, 0] - values[values[:, 1] == t, 0].mean() for t in (0, 2, 3, 4)])
    return np.sqrt((centred**2).sum() / (len(centred) - 4))


# --- what is planted is found


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


def test_the_sample_is_balanced_and_fixed_by_content(monkeypatch):
    monkeypatch.setattr(doses_module, "IMAGES", 23)
    inputs = Inputs(identify(IMAGES), IMAGES)
    chosen = dose_passes(inputs, CLASSES, TARGET).clean.read()
    assert np.bincount(chosen.labels, minlength=5).tolist() == [5, 0, 5, 5, 5]
    expected = np.concatenate([IMAGES.test.digests[IMAGES.test.labels == c][:5] for c in (0, 2, 3, 4)])
    np.testing.assert_array_equal(chosen.digests, expected)
    passes = dose_passes(inputs, ("elk", "unicorn", "ant"), 0)
    assert np.bincount(passes.clean.read().labels, minlength=3).tolist() == [0, 0, 12]
    assert (passes.clean.count, passes.border.count, passes.whole.count) == (12, 12 * 9, 12 * 6)


def test_two_classes_have_no_margin(ask):
    with pytest.raises(Unavailable, match="the network has 2"):
        ask(Linear(2), classes=("ant", "bird"))


def test_without_images_of_another_class_there_is_nothing_to_ask(ask):
    with pytest.raises(Unavailable, match="no test images of another class than ant"):
        ask(Linear(2), classes=("ant", "unicorn"), target=0)


# --- the store


def test_no_image_passes_twice_and_both_experiments_share_dose_0(ask):
    _, _, store = ask(Linear())
    PASSED.clear()
    one, _, store = ask(Linear(), "whole", store=store)
    passed = PASSED[: -len(IMAGES.test)]  # the last ones serve the standard deviations
    assert len(passed) == len(set(passed)) == 48 * 6
    counts = {receipt.key.measure: 0 for receipt in store.ledger}
    for receipt in store.ledger:
        counts[receipt.key.measure] += receipt.images
    assert counts == {"forward": 48, "doses": 48 * (9 + 6)}
    other, _, _ = ask(Linear(), "whole", store=Store(store.cache, None))
    assert len(PASSED) == len(IMAGES.test)
    np.testing.assert_array_equal(one.logits, other.logits)


def test_what_is_shipped_judges_without_images(ask, tmp_path):
    computed, _, store = ask(Rough())
    store.export([receipt.key for receipt in store.ledger], tmp_path / "reference")
    offline = Store(tmp_path / "other", tmp_path / "reference")
    passes = dose_passes(Inputs(identify(IMAGES), None, seed=9), CLASSES, TARGET)
    shipped = measure_doses(network(Rough()), passes.border, passes.clean, offline)
    for name in ("logits", "truth", "digests", "full", "realised", "outside"):
        np.testing.assert_array_equal(getattr(shipped, name), getattr(computed, name))
    assert shipped.conditions == computed.conditions
    with pytest.raises(Unavailable) as caught:
        measure_doses(network(Rough()), passes.whole, passes.clean, offline)
    assert str(caught.value) == NEEDS_IMAGES


def test_whatever_decides_the_answers_is_in_the_key():
    inputs = Inputs(identify(IMAGES), IMAGES, seed=9)
    net = network(Linear())
    keys = [
        each.key(net).name
        for passes in (
            dose_passes(inputs, CLASSES, TARGET),
            dose_passes(inputs, CLASSES, 2),
            dose_passes(replace(inputs, seed=10), CLASSES, TARGET),
        )
        for each in (passes.border, passes.whole)
    ]
    assert len(set(keys)) == len(keys)


# --- the checks


def test_the_checks_pass_on_a_sound_experiment(ask):
    for experiment in ("border", "whole"):
        checks = dose_checks(ask(Linear(), experiment)[0])
        assert [check.passed for check in checks] == [True] * 3
        assert checks[0].detail == "largest RMS change 0"


def scaled(doses, factors):
    return replace(doses, realised=doses.realised * np.array(factors))


@pytest.mark.parametrize(
    ("alter", "caught"),
    [
        (lambda r: replace(r, realised=r.realised + np.array([1e-9, 0, 0, 0])), [0]),
        (lambda r: scaled(r, [1, 1, 1.001, 1]), [1]),
        (lambda r: scaled(r, [1, 1, 0.5, 1]), [1, 2]),
        (lambda r: scaled(r, [1, 1, np.nan, 1]), [1, 2]),
        (lambda r: replace(r, full=r.full * 0), [0, 1, 2]),
    ],
    ids=["dose 0", "off by a thousandth", "no growth", "not a number", "none used"],
)
def test_each_check_catches_what_it_is_there_for(ask, alter, caught):
    checks = dose_checks(alter(ask(Linear())[0]))
    assert [i for i, check in enumerate(checks) if not check.passed] == caught


def test_clipping_is_caught(ask, monkeypatch):
    right = images_doses._dosed
    monkeypatch.setattr(images_doses, "_dosed", lambda *given: np.clip(right(*given), 0, 1))
    checks = dose_checks(ask(Linear(), "whole")[0])
    assert [check.passed for check in checks] == [True, False, True]


def test_dose_0_moves_no_logit():
    assert measure_dose_zero(network(Rough()), NOISE, 4) == 0


def test_a_dose_0_that_changes_the_last_bit_is_caught(monkeypatch):
    right = images_doses._dosed
    monkeypatch.setattr(images_doses, "_dosed", lambda *given: np.nextafter(right(*given), np.float32(2)))
    assert measure_dose_zero(network(Linear()), NOISE, 4) > 0


def test_a_network_that_answers_at_random_is_caught():
    module = nn.Sequential(Linear(), nn.Dropout())
    net = network(module)
    net.module.train()
    torch.manual_seed(0)
    assert measure_dose_zero(net, NOISE, 4) > 0
