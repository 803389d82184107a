"""Labels of half precision are held against those of full precision, image by image."""

from __future__ import annotations

import numpy as np
import pytest

from why_bird.measure.checks import agreement

N = 2_000
FULL = np.arange(N) % 10


def half(wrong: int) -> np.ndarray:
    labels = FULL.copy()
    labels[:wrong] = (labels[:wrong] + 1) % 10
    return labels


@pytest.mark.parametrize("wrong", [0, 2, 3, N])
def test_one_label_in_a_thousand_may_differ(wrong: int) -> None:
    found = agreement({"noise images": (half(wrong), FULL)})
    assert found.least == 1 - wrong / N
    assert found.check.passed == (wrong <= 2)
    assert f"of {N - wrong:,} of 2,000 noise images" in found.check.detail


def test_each_kind_of_image_has_to_agree() -> None:
    found = agreement({"noise images": (half(4), FULL), "test images": (FULL, FULL)})
    # Of both together it is exactly one in a thousand.
    assert found.least == 0.998
    assert not found.check.passed
    assert found.check.detail.startswith("of 1,996 of 2,000 noise images and 2,000 of 2,000 test images")


@pytest.mark.parametrize("labels", [{}, {"noise images": (FULL[:0], FULL[:0])}, {"noise images": (FULL[:9], FULL)}])
def test_other_images_are_not_compared(labels: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    with pytest.raises(ValueError, match="labels of the same images are compared"):
        agreement(labels)
