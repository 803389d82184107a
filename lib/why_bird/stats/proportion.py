"""One proportion, by Clopper and Pearson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scipy.special import betainc, betaincc, betainccinv, betaincinv

from why_bird.stats.estimate import Estimate, Scale
from why_bird.stats.validation import store_counts


@dataclass(frozen=True, slots=True)
class Proportion(Estimate):
    """A share of independent units, with the exact binomial test.

    Notes
    -----
    lower(α) = B⁻¹(α; x, n − x + 1), upper(α) = B⁻¹(1 − α; x + 1, n − x), with B the beta distribution
    function; 0 where x = 0 and 1 where x = n.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934), Biometrika 26, 404–413.

    Examples
    --------
    >>> both = Proportion(3, 7, "units").interval(0.95)  # R: binom.test(3, 7)$conf.int is .0990, .8159
    >>> round(both.low, 4), round(both.high, 4)
    (0.099, 0.8159)
    """

    successes: int
    n: int
    """Counts, 0 <= successes <= n, n > 0."""
    unit: str
    method: ClassVar[str] = "Clopper–Pearson"
    null: ClassVar[None] = None
    scale: ClassVar[Scale] = "share"
    support: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def __post_init__(self) -> None:
        store_counts(self, "successes")
        store_counts(self, "n", minimum=1)
        if self.successes > self.n:
            raise ValueError(f"{self.successes} successes among {self.n} {self.unit} cannot be")

    @property
    def value(self) -> float:
        """Observed share."""
        return self.successes / self.n

    @property
    def variance(self) -> float:
        """Binomial variance with a success and a failure added, so that it is never 0."""
        return smoothed_variance(self.successes, self.n)

    def _lower(self, alpha: float) -> float:
        return float(betaincinv(self.successes, self.n - self.successes + 1, alpha)) if self.successes else 0.0

    def _upper(self, alpha: float) -> float:
        failures = self.n - self.successes
        return float(betainccinv(self.successes + 1, failures, alpha)) if failures else 1.0

    def _p_above(self, threshold: float) -> float:
        return float(betainc(self.successes, self.n - self.successes + 1, threshold)) if self.successes else 1.0

    def _p_below(self, threshold: float) -> float:
        failures = self.n - self.successes
        return float(betaincc(self.successes + 1, failures, threshold)) if failures else 1.0


def smoothed_variance(successes: int, n: int) -> float:
    """Return p(1 − p)/n at p = (successes + 1)/(n + 2), the sampling variance of a share."""
    share = (successes + 1) / (n + 2)
    return share * (1.0 - share) / n
