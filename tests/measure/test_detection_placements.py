"""Placements against counting over all pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from why_bird.stats.superiority import placements

SCORE = st.integers(-4, 4).map(float)


def pairs(most: int = 25) -> st.SearchStrategy:
    return st.lists(st.tuples(SCORE, SCORE), min_size=1, max_size=most).map(np.array)


def counted(images: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return DeLong's ψ of every image (row) and every noise (column)."""
    return (noise > images[:, None]) + 0.5 * (noise == images[:, None])


@given(images=pairs(), noise=pairs())
def test_a_placement_is_the_share_of_the_other_sample_beyond(images: np.ndarray, noise: np.ndarray) -> None:
    psi = counted(images[:, 0], noise[:, 0])
    of_images, of_noise = placements(images[:, 0], noise[:, 0])
    assert np.allclose(of_images, psi.mean(1), atol=1e-14)
    assert np.allclose(of_noise, psi.mean(0), atol=1e-14)


def test_placements_worked_by_hand() -> None:
    of_images, of_noise = placements([1.0, 2.0, 3.0], [2.0, 4.0])
    assert of_images.tolist() == [1.0, 0.75, 0.5]
    assert of_noise.tolist() == [0.5, 1.0]


def test_what_is_no_sample_is_an_error() -> None:
    for broken in ([], [np.nan], [[1.0]]):
        with pytest.raises(ValueError, match="images"):
            placements(broken, [1.0])
        with pytest.raises(ValueError, match="noise"):
            placements([1.0], broken)
