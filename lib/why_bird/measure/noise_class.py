"""Which class noise falls into, and which few hold nearly all of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.images.select import listed

Pair = tuple[str, int, int]
"""Two classes that are compared, under a name."""


@dataclass(frozen=True, slots=True)
class NoiseClass:
    """The class that most of noise-A falls into."""

    index: int
    name: str
    """The class."""
    share: float
    """Of noise-A."""
    runner_up: int
    """The second class: by share, then by mean logit."""


@dataclass(frozen=True, slots=True)
class Sink:
    """The smallest set of classes that holds nine tenths of noise-A."""

    members: tuple[int, ...]
    """The classes, the one of most noise first."""
    share: float
    """Of noise-A, in all of them."""
    classes: tuple[str, ...]
    """tuple of K str: the network's."""

    @property
    def names(self) -> str:
        """Its classes, as a sentence holds them."""
        return listed([self.classes[c] for c in self.members])

    @property
    def rest(self) -> tuple[int, ...]:
        """The classes outside it.

        Raises Unavailable if it takes more than half of the classes: then nothing is a sink.
        """
        K, n = len(self.classes), len(self.members)
        if 2 * n > K:
            raise Unavailable(
                f"no sink to explain: it takes {n} of the {K} classes to hold nine tenths of noise-A, more than half"
            )
        return tuple(c for c in range(K) if c not in self.members)

    def against_the_rest(self) -> list[Pair]:
        """Return each of its classes beside each class outside it; Unavailable where nothing is a sink."""
        return [(f"{self.classes[s]} against {self.classes[c]}", s, c) for s, c in product(self.members, self.rest)]

    def within(self) -> list[Pair]:
        """Return its largest class beside each of its others; Unavailable where it has none, or nothing is a sink."""
        first, *others = self.members
        if self.rest and not others:
            raise Unavailable(f"the sink is {self.names} alone, so there is no other class of it to be compared with")
        return [(self.classes[s], first, s) for s in others]


def against_every_other(index: int, classes: tuple[str, ...]) -> list[Pair]:
    """Return a class beside each other class.

    Examples
    --------
    >>> against_every_other(1, ("bird", "cat", "dog"))
    [('bird', 1, 0), ('dog', 1, 2)]
    """
    return [(name, index, c) for c, name in enumerate(classes) if c != index]


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Predictions on 1/f^β noise."""

    beta: float
    chosen: int
    """Class that most of the first draws fall into."""
    labels: NDArray[np.int64]
    """(N,): predicted classes of independent draws."""


def choose_noise_class(logits: NDArray[np.floating], classes: tuple[str, ...]) -> NoiseClass:
    """Return the class that most images fall into, and the second; of equal ones, that of the higher mean logit.

    `logits` are (N, K), on noise-A.

    Examples
    --------
    >>> choose_noise_class(np.array([[2, 0, 1], [3, 0, 1], [0, 0, 9]]), ("bird", "cat", "dog"))
    NoiseClass(index=0, name='bird', share=0.6666666666666666, runner_up=2)
    """
    counts, order = _by_noise(logits)
    first, second = order[:2]
    return NoiseClass(first, classes[first], float(counts[first] / len(logits)), second)


def choose_sink(logits: NDArray[np.floating], classes: tuple[str, ...]) -> Sink:
    """Return the smallest set of classes that holds nine tenths of some images; of equal ones, as above.

    `logits` are (N, K), on noise-A.

    Examples
    --------
    >>> choose_sink(np.array([[2, 0, 1], [3, 0, 1], [0, 0, 9]]), ("bird", "cat", "dog")).names
    'bird, dog'
    """
    counts, order = _by_noise(logits)
    # In whole numbers: .9 of 2,000 is not quite 1,800 in floating point.
    held = np.cumsum(counts[order])
    n = int(np.searchsorted(10 * held, 9 * len(logits))) + 1
    return Sink(tuple(order[:n]), float(held[n - 1] / len(logits)), classes)


def _by_noise(logits: NDArray[np.floating]) -> tuple[NDArray[np.int64], list[int]]:
    """Return how many images fall into each class, and the classes by that, then by mean logit."""
    counts = np.bincount(logits.argmax(1), minlength=logits.shape[1])
    return counts, [int(c) for c in np.lexsort((-logits.mean(0), -counts))]
