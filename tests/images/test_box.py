"""The box of claim P6 is what the protocol registered."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import kstest

from why_bird.images.box import draw_settings

SETTINGS = draw_settings(3000, seed=1)


def test_a_setting_depends_on_seed_and_index_alone() -> None:
    assert draw_settings(20, seed=1) == SETTINGS[:20]
    assert draw_settings(20, seed=2) != SETTINGS[:20]


def test_families_are_equally_likely_and_only_spectra_have_an_exponent() -> None:
    counts = Counter(s.family for s in SETTINGS)
    assert set(counts) == {"spectral", "uniform", "rademacher"}
    assert max(counts.values()) < 1150  # 1,000 ± 26 (SE)
    assert all((s.params.beta is not None) == (s.family == "spectral") for s in SETTINGS)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([s.params.shift for s in SETTINGS], -0.5, 0.5),
        ([np.log2(s.params.contrast) for s in SETTINGS], -1, 1),
        ([s.params.beta for s in SETTINGS if s.params.beta is not None], 0, 0.5),
    ],
    ids=["shift", "log contrast", "beta"],
)
def test_ranges_are_filled_evenly(values: list[float], low: float, high: float) -> None:
    assert low <= min(values)
    assert max(values) <= high
    assert kstest(values, "uniform", args=(low, high - low)).pvalue > 1e-3


def test_settings_share_no_draw() -> None:
    uniform = [s for s in SETTINGS if s.family == "uniform"][:2]
    a, b = (s.noise((0.5,) * 3, (0.25,) * 3, 8, seed=1).images(0, 50).ravel() for s in uniform)
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.05


def test_a_setting_moves_mean_and_sd_of_the_training_set() -> None:
    for setting in SETTINGS[:6]:
        images = setting.noise((0.5, 0.4, 0.6), (0.2, 0.25, 0.3), 16, seed=1).images(0, 100)
        sd = np.array((0.2, 0.25, 0.3))
        shifted = np.array((0.5, 0.4, 0.6)) + setting.params.shift * sd
        np.testing.assert_allclose(images.mean((0, 2, 3)), shifted, atol=0.04)
        np.testing.assert_allclose(images.std((0, 2, 3)), setting.params.contrast * sd, rtol=0.05)


@pytest.mark.parametrize(("n", "seed"), [(-1, 0), (1, -1)])
def test_negative_numbers_are_refused(n: int, seed: int) -> None:
    with pytest.raises(ValueError, match="have to be 0 or more"):
        draw_settings(n, seed)
