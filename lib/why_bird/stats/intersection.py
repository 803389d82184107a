"""Several contrasts that must all hold: the intersection–union test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from why_bird.stats.estimate import Estimate, Scale, Side


@dataclass(frozen=True, slots=True)
class Intersection(Estimate):
    """The smallest of m quantities: "it exceeds every other" says that this one is above the threshold.

    Notes
    -----
    lower(α) is the smallest of the parts' lower bounds at α: all must hold, so each is tested at full α.
    upper(α) is the smallest of their upper bounds at α/m: one that falls short is enough, so that is
    corrected for the choice among m. p is the largest of the parts' p-values.

    References
    ----------
    Berger, R. L. (1982), Technometrics 24, 295–300.

    Examples
    --------
    >>> from why_bird.stats import Proportion
    >>> Intersection((("cat", Proportion(9, 10, "images")), ("dog", Proportion(5, 10, "images")))).weakest
    'dog'
    """

    parts: tuple[tuple[str, Estimate], ...]
    """Name and estimate of each contrast, at least one, all of one unit."""

    def __post_init__(self) -> None:
        parts = tuple((str(name), part) for name, part in self.parts)
        if not parts:
            raise ValueError("an intersection needs at least one part")
        if len({name for name, _ in parts}) < len(parts):
            raise ValueError(f"the parts of an intersection need names of their own, not {[n for n, _ in parts]}")
        if len({part.unit for _, part in parts}) > 1:
            raise ValueError(f"the parts of an intersection need one unit, not {sorted({p.unit for _, p in parts})}")
        object.__setattr__(self, "parts", parts)

    @property
    def weakest(self) -> str:
        """Name of the part with the smallest value."""
        return min(self.parts, key=lambda part: part[1].value)[0]

    @property
    def _weakest(self) -> Estimate:
        return dict(self.parts)[self.weakest]

    @property
    def value(self) -> float:
        """Smallest of the parts' values."""
        return self._weakest.value

    @property
    def n(self) -> int:
        """Number of units behind the weakest part."""
        return self._weakest.n

    @property
    def unit(self) -> str:
        """What was counted."""
        return self._weakest.unit

    @property
    def method(self) -> str:
        """Name of the test."""
        return f"{self._weakest.method}, intersection–union of {len(self.parts)}"

    @property
    def variance(self) -> float | None:
        """Sampling variance of the weakest part."""
        return self._weakest.variance

    @property
    def null(self) -> float | None:
        """Value where the weakest contrast shows no effect."""
        return self._weakest.null

    @property
    def scale(self) -> Scale:
        """Scale of the weakest part."""
        return self._weakest.scale

    @property
    def support(self) -> tuple[float, float] | None:
        """What the parts have in common as their support, where it is one."""
        (support, *others) = {part.support for _, part in self.parts}
        return None if others else support

    @property
    def note(self) -> str:
        """Which part is the weakest."""
        extra = self._weakest.note
        return f"weakest: {self.weakest}" + (f"; {extra}" if extra else "")

    def _lower(self, alpha: float) -> float:
        return min(part.lower(alpha) for _, part in self.parts)

    def _upper(self, alpha: float) -> float:
        return min(part.upper(alpha / len(self.parts)) for _, part in self.parts)

    def p_above(self, threshold: float) -> float:
        """Return the largest of the parts' p-values."""
        return max(part.p_above(threshold) for _, part in self.parts)

    def p_below(self, threshold: float) -> float:
        """Return the smallest of the parts' p-values that they are below, times the number of parts."""
        return min(1.0, len(self.parts) * min(part.p_below(threshold) for _, part in self.parts))


def require_above(estimate: Estimate, side: Side) -> None:
    """Raise ValueError where an intersection is held against another side than *above*: its parts do not all lie there.

    That the smallest part is below a threshold says so of one part alone.

    Examples
    --------
    >>> from why_bird.stats import Proportion
    >>> both = Intersection((("birds", Proportion(40, 50, "images")), ("frogs", Proportion(45, 50, "images"))))
    >>> require_above(both, "above")
    >>> require_above(both, "below")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: an intersection says that all of its parts are above a number, so its side is 'above', not 'below'...
    """
    if isinstance(estimate, Intersection) and side != "above":
        raise ValueError(
            f"an intersection says that all of its parts are above a number, so its side is 'above', not {side!r}: "
            "turn the sign of each part and of the number"
        )


def intersection(pairs: Iterable[tuple[str, int, int]], contrast: Callable[[int, int], Estimate]) -> Intersection:
    """Return a contrast of two classes, over pairs of them that must all hold.

    A pair is what it is called, and its classes.

    Examples
    --------
    >>> from why_bird.stats import Proportion
    >>> called = [8, 1, 3]  # by class, of twelve images of class 0
    >>> pairs = [("own beside cat", 0, 1), ("own beside dog", 0, 2)]
    >>> found = intersection(pairs, lambda own, other: Proportion(called[own], called[own] + called[other], "images"))
    >>> found.weakest, round(found.value, 4)  # 8 of 11
    ('own beside dog', 0.7273)
    """
    return Intersection(tuple((name, contrast(first, second)) for name, first, second in pairs))
