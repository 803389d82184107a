"""The delete-one update of a Gram matrix is what leaving an image out for real gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.measure.group_means import group_means


def vectors(sizes, width=5, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(rng.normal(size=width), 1.0, (n, width)) for n in sizes]


def brute_force(groups):
    means = np.array([np.mean(group, axis=0) for group in groups])
    gram = [[sum(a * b for a, b in zip(one, other, strict=True)) for other in means] for one in means]
    square = [np.mean([float(v @ v) for v in group]) for group in groups]
    return np.array(gram), np.array(square)


@settings(max_examples=30)
@given(st.lists(st.integers(2, 6), min_size=1, max_size=4), st.integers(0, 1000))
def test_products_with_and_without_each_image(sizes, seed):
    groups = vectors(sizes, seed=seed)
    reduced = group_means(groups)
    gram, square = brute_force(groups)
    np.testing.assert_allclose(reduced.products.gram, gram, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(reduced.products.square, square, rtol=1e-12)
    for g, left_out in enumerate(reduced.left_out()):
        assert left_out.gram.shape == (sizes[g], len(sizes), len(sizes))
        for i in range(sizes[g]):
            fewer = [np.delete(group, i, axis=0) if j == g else group for j, group in enumerate(groups)]
            gram, square = brute_force(fewer)
            np.testing.assert_allclose(left_out.gram[i], gram, rtol=1e-11, atol=1e-11)
            np.testing.assert_allclose(left_out.square[i], square, rtol=1e-11)


def test_sixteen_bits_are_summed_in_sixty_four():
    groups = [np.full((4096, 1), 0.1, np.float16), np.full((2, 1), 0.1, np.float16)]
    means = group_means(groups).means
    assert means.dtype == np.float64
    np.testing.assert_allclose(means, float(np.float16(0.1)), rtol=1e-13)


def test_one_vector_is_refused():
    with pytest.raises(ValueError, match="group 1 has 1 vectors"):
        group_means(vectors([3, 1]))
