"""The composite is the mean of four z-scores on the scale of the pool."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from why_bird.errors import BadInput
from why_bird.images.clutter import COMPONENTS, MEASURES, Pool, composite


def values(count: int, seed: int = 0) -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(10 * i, 3 ** (i - 1), count) for i, name in enumerate(COMPONENTS)}


def test_the_components_are_measures() -> None:
    assert len(COMPONENTS) == 4
    assert set(COMPONENTS) < set(MEASURES)


def test_worked_by_hand() -> None:
    pool = Pool.of({name: np.array([0.0, 2.0]) * (i + 1) for i, name in enumerate(COMPONENTS)})
    assert pool == Pool((1, 2, 3, 4), (1, 2, 3, 4))
    one = {name: np.array([x]) for name, x in zip(COMPONENTS, (2.0, 2.0, 0.0, 12.0), strict=True)}
    assert composite(one, pool)[0] == (1 + 0 - 1 + 2) / 4


def test_it_is_0_on_average_over_the_pool_and_each_measure_counts_alike() -> None:
    measured = values(500)
    pool = Pool.of(measured)
    assert composite(measured, pool).mean() == pytest.approx(0, abs=1e-12)
    for name, sd in zip(COMPONENTS, pool.sds, strict=True):
        moved = {**measured, name: measured[name] + sd}
        assert composite(moved, pool) - composite(measured, pool) == pytest.approx(0.25)


def test_the_pool_sets_the_scale_not_the_images_asked_about() -> None:
    pool = Pool.of(values(500))
    some = values(20, seed=1)
    apart = [composite({name: column[[i]] for name, column in some.items()}, pool)[0] for i in range(20)]
    assert composite(some, pool) == pytest.approx(apart, abs=1e-12)


def test_more_measures_than_four_may_be_there() -> None:
    measured = values(30)
    assert np.array_equal(
        composite({**measured, "feature congestion": np.ones(30)}, Pool.of(measured)),
        composite(measured, Pool.of(measured)),
    )


def test_what_has_no_score_is_said() -> None:
    measured = values(30)
    with pytest.raises(BadInput, match=r"lossless size has mean .* sd 0\.0 over the pool"):
        Pool.of({**measured, "lossless size": np.full(30, 0.1)})
    with pytest.raises(BadInput, match="edge density has mean nan"):
        Pool.of({**measured, "edge density": np.full(30, np.nan)})
    with pytest.raises(BadInput, match="local entropy of the images was not measured"):
        composite({name: x for name, x in measured.items() if name != "local entropy"}, Pool.of(measured))
    with pytest.raises(BadInput, match=r"of \[29, 30\] images"):
        composite({**measured, "edge density": np.ones(29)}, Pool.of(measured))
    with pytest.raises(BadInput, match="no images"):
        Pool.of({name: np.empty(0) for name in COMPONENTS})
    with pytest.raises(BadInput, match="3 means"):
        Pool((1, 2, 3), (1, 2, 3, 4))
