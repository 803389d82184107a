"""The composite of clutter: the mean of four standardised measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import BadInput

COMPONENTS = ("edge density", "local entropy", "high-frequency energy", "lossless size")


@dataclass(frozen=True, slots=True)
class Pool:
    """Mean and standard deviation of the four measures over the images that set the scale.

    Raises BadInput if a measure does not vary, or is not finite: it has no z-score.
    """

    means: tuple[float, ...]
    sds: tuple[float, ...]
    """tuple of 4 float: in the order of :data:`COMPONENTS`; the population's standard deviation (divided by n)."""

    def __post_init__(self) -> None:
        if not len(self.means) == len(self.sds) == len(COMPONENTS):
            raise BadInput(f"the pool has {len(self.means)} means and {len(self.sds)} sds: give {len(COMPONENTS)} each")
        for name, mean, sd in zip(COMPONENTS, self.means, self.sds, strict=True):
            if not (np.isfinite(mean) and np.isfinite(sd) and sd > 0):
                raise BadInput(
                    f"{name} has mean {mean} and sd {sd} over the pool: a z-score needs images that differ in it"
                )

    @classmethod
    def of(cls, values: Mapping[str, NDArray[np.float64]]) -> Self:
        """Take the moments of measured images, in the protocol the training images of all classes.

        The values have to hold :data:`COMPONENTS`, (N,) each. Raises BadInput if a measure is missing, empty, or does
        not vary.
        """
        columns = _columns(values)
        if not columns.shape[1]:
            raise BadInput("the pool holds no images: give the training images of all classes")
        # A constant column may come out with a tiny sd, by rounding.
        spread = np.where(np.ptp(columns, axis=1) > 0, columns.std(1), 0)
        return cls(tuple(map(float, columns.mean(1))), tuple(map(float, spread)))


def composite(values: Mapping[str, NDArray[np.float64]], pool: Pool) -> NDArray[np.float64]:
    r"""Return the mean of the four z-scores, :math:`\tfrac14 \sum_k (x_k - m_k) / s_k`.

    The result is a (N,) float64 array, in standard deviations; 0 on average over the pool. Raises BadInput if a measure
    is missing, or the four are not of equally many images.

    Parameters
    ----------
    values : mapping of str to (N,) float64 array
        Edge density, local entropy, high-frequency energy and lossless size of the same images.
    pool : Pool
        Sets the scale, so that images measured apart can be compared.

    References
    ----------
    docs/protocol.md, C1 and C2.

    Examples
    --------
    >>> values = {name: np.array([1.0, 3.0]) for name in COMPONENTS}
    >>> composite(values, Pool.of(values)).tolist()  # each one standard deviation from the mean of 2
    [-1.0, 1.0]
    """
    means, sds = np.array(pool.means)[:, None], np.array(pool.sds)[:, None]
    scores: NDArray[np.float64] = ((_columns(values) - means) / sds).mean(0)
    return scores


def _columns(values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    missing = [name for name in COMPONENTS if name not in values]
    if missing:
        raise BadInput(f"{', '.join(missing)} of the images was not measured: the composite needs all four measures")
    sizes = {len(values[name]) for name in COMPONENTS}
    if len(sizes) > 1:
        raise BadInput(f"the four measures are of {sorted(sizes)} images: measure the same images with each")
    return np.stack([np.asarray(values[name], dtype=np.float64) for name in COMPONENTS])
