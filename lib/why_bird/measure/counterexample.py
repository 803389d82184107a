"""The search for a noise of the registered box that leaves the class of noise: shown beside claim P7."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from why_bird.images.box import BETA, CONTRAST, FAMILIES, SHIFT
from why_bird.images.noise import Noise, Params
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.forward import forward
from why_bird.measure.inputs import Inputs
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored
from why_bird.measure.taps import LOGITS
from why_bird.networks.network import Network
from why_bird.streams import stream

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

VERSION = 1
SCREEN, AT_MOST = 32, 8
"""A setting has escaped where, of so many images, at most so many are in the class: where half of the noise is in it,
that happens in 35 of 10,000 settings by chance, and a setting at the threshold itself would not survive the retest."""

RETEST, EXAMPLES = 2_000, 8
_STEPS = 100


class Point(NamedTuple):
    """A setting on the grid that is searched; 0 is the plainest value of each."""

    family: int
    """Place in :data:`why_bird.images.box.FAMILIES`."""
    shift: int
    contrast: int
    beta: int
    """Hundredths of a standard deviation, of an octave, and of the exponent. Beta counts for spectral noise only."""

    def plain(self) -> Point:
        """Return the point without an exponent where it has no meaning."""
        return self if FAMILIES[self.family] == "spectral" else self._replace(beta=0)

    def noise(self, inputs: Inputs, size: int, role: str) -> Noise:
        """Return the noise of this setting."""
        family = FAMILIES[self.family]
        params = Params(
            shift=self.shift / _STEPS,
            contrast=2.0 ** (self.contrast / _STEPS),
            beta=self.beta / _STEPS if family == "spectral" else None,
        )
        name = f"P7/{role}/{family}/{self.shift}/{self.contrast}/{self.beta}"
        return Noise(family, size, inputs.identity.mean, inputs.identity.std, params, inputs.seed, name)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The plainest noise that was found to leave the class."""

    family: str
    params: Params
    labels: NDArray[np.int64]
    """(N,): predictions on fresh draws of it."""
    examples: NDArray[np.float32]
    """(8, C, S, S): the first of them, as the network was given them."""


@dataclass(frozen=True, slots=True, eq=False)
class Counterexample:
    """What a search came to."""

    settings: int
    """Different settings that were asked."""
    images: int
    """Images that passed for it, without the retest."""
    found: Found | None


def measure_counterexample(network: Network, inputs: Inputs, target: int) -> Stored[Counterexample]:
    """Return the entry of a search of the box for a noise that leaves a class, shrunk to the plainest and drawn anew.

    Parameters
    ----------
    inputs : Inputs
        Give the moments of the noise, the seed of search and draws, and how many images they may pass.
    target : int
        The class of noise.

    Notes
    -----
    Hypothesis draws settings, and shrinks one that escapes towards the plainest: white Gaussian noise of the post's
    mean and contrast. It keeps no database, has no deadline, and its randomness comes from the run's seed. What was
    asked once is not asked again; where the budget is used up, no further setting escapes, so that the plainest
    one so far stands. The retest uses draws that the search has not seen.
    """
    budget, retest = inputs.few(inputs.search_budget), inputs.few(RETEST)
    identity, size = inputs.identity, network.preprocess.size

    def labels(noise: Noise, count: int) -> NDArray[np.int64]:
        return np.asarray(forward(network, noise, count, taps=LOGITS)["logits"].argmax(1))

    def compute(store: Store, _scratch: Path) -> Arrays:
        with store.progress("search for a noise that escapes", budget) as advance:

            def escapes(point: Point) -> bool:
                said = labels(point.noise(inputs, size, "search"), SCREEN)
                advance(SCREEN)
                return int((said == target).sum()) <= AT_MOST

            point, asked = _search(escapes, budget // SCREEN, inputs.seed)
        arrays: dict[str, NDArray[Any]] = {"asked": np.array(asked)}
        if point is not None:
            again = point.noise(inputs, size, "retest")
            arrays |= {
                "point": np.array(point, dtype=np.int64),
                "labels": labels(again, retest),
                "examples": again.images(0, EXAMPLES),
            }
        return arrays

    def passed(arrays: Arrays) -> int:
        return int(arrays["asked"]) * SCREEN + (retest if "point" in arrays else 0)

    def read(arrays: Arrays) -> Counterexample:
        asked = int(arrays["asked"])
        if "point" not in arrays:
            return Counterexample(asked, asked * SCREEN, None)
        again = Point(*(int(value) for value in arrays["point"])).noise(inputs, size, "retest")
        found = Found(
            again.family, again.params, np.array(arrays["labels"]), np.array(arrays["examples"], dtype=np.float32)
        )
        return Counterexample(asked, asked * SCREEN, found)

    parts: dict[str, Any] = {
        "network": network.key,
        "box": {"shift": SHIFT, "contrast": CONTRAST, "beta": BETA, "families": FAMILIES},
        "noise": [identity.mean, identity.std, size, inputs.seed],
        "target": target,
        "budget": budget,
        "screen": [SCREEN, AT_MOST, retest],
    }
    label = "noise of a search for one that escapes"
    # A search that may not ask of a single setting finds nothing to test again.
    at_most = budget + retest if budget >= SCREEN else 0
    return Stored(Key("counterexample", VERSION, parts), read, compute, label, passed, at_most)


def _search(escapes: Callable[[Point], bool], most: int, seed: int) -> tuple[Point | None, int]:
    """Return the plainest point found that escapes, if any, and how many were asked."""
    from hypothesis import HealthCheck, Phase, Verbosity, find, settings
    from hypothesis.errors import NoSuchExample

    if not most:
        return None, 0
    asked = 0

    @cache
    def answer(point: Point) -> bool:
        nonlocal asked
        if asked >= most:
            return False
        asked += 1
        return escapes(point)

    def seen(point: Point) -> bool:
        # Of white noise the exponent says nothing, and is not to be asked about.
        return answer(point.plain())

    how = settings(
        # Points repeat, and what was asked is free: the budget ends the search, not the number of draws.
        max_examples=2 * most,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    start = int(stream(seed, "P7", "search").generate_state(1)[0])
    try:
        point = find(_points(), seen, settings=how, random=Random(start))  # noqa: S311 - nothing is kept secret
    except NoSuchExample:
        return None, asked
    return point.plain(), asked


def _points() -> SearchStrategy[Point]:
    from hypothesis import strategies as st

    octaves = round(_STEPS * math.log2(CONTRAST[1]))
    return st.builds(
        Point,
        family=st.integers(0, len(FAMILIES) - 1),
        shift=st.integers(round(SHIFT[0] * _STEPS), round(SHIFT[1] * _STEPS)),
        contrast=st.integers(round(_STEPS * math.log2(CONTRAST[0])), octaves),
        beta=st.integers(round(BETA[0] * _STEPS), round(BETA[1] * _STEPS)),
    )
