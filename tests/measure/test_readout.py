"""The head in double precision is W f + b, and W f where the bias is left out."""

import numpy as np
import pytest

from why_bird.measure.readout import Head

HEAD = Head(np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]), np.array([0.0, 3.0, -1.0]))
FEATURES = np.array([[4.0, 2.0], [1.0, 1.5]], dtype=np.float16)


def test_logits_with_and_without_the_bias():
    np.testing.assert_array_equal(HEAD.logits(FEATURES), [[4, 5, 2], [1, 4.5, 0.25]])
    np.testing.assert_array_equal(HEAD.logits(FEATURES, bias=False), [[4, 2, 3], [1, 1.5, 1.25]])


@pytest.mark.parametrize(("bias", "labels"), [(True, [1, 1]), (False, [0, 1])])
def test_labels_with_and_without_the_bias(bias, labels):
    assert HEAD.labels(FEATURES, bias=bias).tolist() == labels


def test_sixteen_bits_are_multiplied_in_sixty_four():
    """In 16 bits 2048 + 1 is 2048."""
    wide = Head(np.ones((1, 2)), np.zeros(1))
    assert wide.logits(np.array([[2048.0, 1.0]], dtype=np.float16)).tolist() == [[2049.0]]
