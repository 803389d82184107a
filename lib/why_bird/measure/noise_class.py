"""Which class noise falls into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["NoiseClass", "Spectrum", "choose_noise_class"]


@dataclass(frozen=True, slots=True)
class NoiseClass:
    """The class that most of noise-A falls into.

    Parameters
    ----------
    index, name : int, str
        The class.
    share : float
        Of noise-A.
    runner_up : int
        The second class: by share, then by mean logit.
    """

    index: int
    name: str
    share: float
    runner_up: int


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Predictions on 1/f^β noise.

    Parameters
    ----------
    beta : float
    chosen : int
        Class that most of the first draws fall into.
    labels : (N,) int64 array
        Predicted classes of independent draws.
    """

    beta: float
    chosen: int
    labels: NDArray[np.int64]


def choose_noise_class(logits: NDArray[np.floating], classes: tuple[str, ...]) -> NoiseClass:
    """Return the class that most images fall into, and the second; of equal ones, that of the higher mean logit.

    Parameters
    ----------
    logits : (N, K) array
        On noise-A.
    classes : tuple of K str

    Examples
    --------
    >>> choose_noise_class(np.array([[2, 0, 1], [3, 0, 1], [0, 0, 9]]), ("bird", "cat", "dog"))
    NoiseClass(index=0, name='bird', share=0.6666666666666666, runner_up=2)
    """
    counts = np.bincount(logits.argmax(1), minlength=len(classes))
    first, second = (int(c) for c in np.lexsort((-logits.mean(0), -counts))[:2])
    return NoiseClass(first, classes[first], float(counts[first] / len(logits)), second)
