"""A value without sampling error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from why_bird.stats.estimate import Estimate, Side, Threshold
from why_bird.stats.validation import store_counts, store_finite


@dataclass(frozen=True, slots=True)
class Exact(Estimate):
    """A property of the given weights or images themselves, which nothing was drawn for."""

    value: float
    """The value."""
    n: int
    """Number of units that it is about."""
    unit: str
    """What they are (``"classes"``)."""
    null: float | None = None
    method: ClassVar[str] = "exact"
    variance: ClassVar[None] = None

    def __post_init__(self) -> None:
        store_counts(self, "n", minimum=1)
        store_finite(self, "value", "null")

    def _lower(self, alpha: float) -> float:  # noqa: ARG002
        return self.value

    def _upper(self, alpha: float) -> float:  # noqa: ARG002
        return self.value

    def p_value(self, threshold: Threshold, side: Side) -> None:  # noqa: ARG002
        """Return None: there is no sampling, so there is nothing to test."""
        return None
