"""One engine in one world: what is drawn, and the threshold that is true there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from why_bird.stats import Estimate, Side, Threshold

__all__ = ["Draw", "Scenario"]

Draw = Callable[[np.random.Generator], Estimate]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One engine in one world.

    Parameters
    ----------
    engine, name : str
        What is calibrated, and on what.
    draw : callable
        One sample's estimate in a world where the quantity is `threshold`.
    threshold : float or tuple of float
        θ = δ; for ``side="within"`` θ is `end`.
    side : {"above", "within"}, default "above"
        Where the claim puts the quantity.
    scope : {"images", "procedure"}, default "images"
        What the verdict speaks about; *images* stands for the dataset and network scopes, whose units are images.
    planned : tuple of str and callable, optional
        Name and draw of a sample's estimate at θ₁, where the size of the claims gives a power of .85 or more.
    held : bool, default True
        Whether the bounds hold; else the figures are only reported.
    fast : bool, default True
        Whether 100,000 simulations are affordable at the small error rates; else they are 10,000 there too.
    end : float, optional
        The end of the region that is true.
    """

    engine: str
    name: str
    draw: Draw
    threshold: Threshold
    side: Side = "above"
    scope: str = "images"
    planned: tuple[str, Draw] | None = None
    held: bool = True
    fast: bool = True
    end: float | None = None

    def __str__(self) -> str:
        return f"{self.engine}, {self.name}, {self.scope}"

    @property
    def truth(self) -> float:
        """The quantity of the world that is drawn from."""
        return self.threshold if self.end is None else self.end
