"""The settings of claim P6 as one sequence: any slice of it is made of the single noises."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from why_bird.images.box import SettingsInTurn, draw_settings

EACH, SIZE, MOMENTS = 3, 4, ((0.5, 0.4, 0.3), (0.2, 0.2, 0.3))
NOISES = tuple(setting.noise(*MOMENTS, SIZE, 7) for setting in draw_settings(5, 7))
SEQUENCE = SettingsInTurn(NOISES, EACH)
WHOLE = np.concatenate([noise.images(0, EACH) for noise in NOISES])


@given(st.lists(st.integers(0, len(WHOLE)), max_size=6))
def test_any_slicing_gives_the_images_of_the_single_noises(cuts):
    edges = [0, *sorted(cuts), len(WHOLE)]
    slices = [SEQUENCE.images(start, stop) for start, stop in itertools.pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(slices), WHOLE)


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2), (0, len(WHOLE) + 1)])
def test_what_lies_outside_is_refused(start, stop):
    with pytest.raises(ValueError, match="no range within the 15"):
        SEQUENCE.images(start, stop)
