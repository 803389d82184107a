"""What one collected claim found."""

from __future__ import annotations

import math
from dataclasses import dataclass

from why_bird.evidence.charts import Chart
from why_bird.evidence.claim import Question, Scope, Side
from why_bird.evidence.exhibits import Beside, Check, Part, Printed, Reading, Table, count_field
from why_bird.evidence.numbers import number, with_interval
from why_bird.evidence.replicates import Replicate
from why_bird.evidence.words import Evidence, Words
from why_bird.stats import Interval, Outcome
from why_bird.stats.estimate import Scale, limits

DATASET = "dataset"
PROCEDURE = "procedure"
_NO_WORDS = Words()
_MOST_CHARTS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRecord(Printed):
    """What one collected claim found: the evidence, and the verdict it led to.

    A record travels as JSON in pytest's ``user_properties``, through pytest-xdist and into JUnit's XML. It
    checks itself when made, so that no verdict leaves that its own numbers do not carry.

    What a field is says ``evidence.schema.json``; here stands what that leaves out. Module, statement, source, weight,
    guess, observed, explains, two_class, search and exact are as registered.

    Raises ValueError if a field has no such value, or the verdict does not follow: *confirmed* with a deciding interval
    that is not past the threshold, *rejected* with one that is not short of it, either one with a check that failed or
    without an estimate.
    """

    _filled = ("id", "network", "network_name", "target", "module", "statement", "reason")

    id: str
    network: str
    network_name: str
    """What `network` is, for a reader."""
    target: str | None
    module: str
    question: Question
    statement: str
    source: str
    scope: Scope
    """Of this item; ``"procedure"`` exactly where `network` is."""
    unit: str
    n: int
    test: str
    estimate: Reading | None
    """Of level 95 %."""
    decision_interval: Interval | None
    threshold: float | tuple[float, float]
    """What the claim is held against, in the estimate's unit."""
    side: Side
    weight: int
    alpha: float
    p: float | None
    p_adjusted: float | None
    verdict: Outcome
    reason: str
    """One sentence."""
    checks: tuple[Check, ...] = ()
    """What had to hold before the claim could be judged."""
    beside: tuple[Beside, ...] = ()
    tables: tuple[Table, ...] = ()
    parts: tuple[Part, ...] = ()
    replicates: tuple[Replicate, ...] = ()
    charts: tuple[Chart, ...] = ()
    seconds: float = 0.0
    """Wall-clock time."""
    standard_error: float | None = None
    gate_interval: Interval | None = None
    """None where nothing was measured."""
    scale: Scale = "standardised"
    """For the gate's margins."""
    guess: str = ""
    observed: bool = False
    explains: bool = False
    evidence: Evidence = "looked at"
    leads: bool = False
    words: Words = _NO_WORDS
    two_class: bool = False
    search: bool = False
    exact: bool = False
    given: bool = True
    holm: float | None = None
    benjamini_hochberg: float | None = None
    """The p-value adjusted over all claims of the run."""

    def _check(self) -> None:
        count_field(self, "n")
        object.__setattr__(self, "verdict", Outcome(self.verdict))
        if len(self.charts) > _MOST_CHARTS:
            raise ValueError(f"claim {self.id} has {len(self.charts)} charts: {_MOST_CHARTS} at most")
        self._check_scope()
        self._check_numbers()
        self._check_verdict()

    @property
    def said(self) -> str:
        """What the verdict says, without capital and full stop: what is so, what is not, or *whether* something is."""
        bare = self.statement.rstrip().rstrip(".")
        if self.verdict is Outcome.REJECTED:
            return self.words.fails or f"it is not so, by what was asked, that “{bare}”"
        holds = self.words.holds or f"it is so that “{bare}”"
        return holds if self.verdict is Outcome.CONFIRMED else f"whether {holds}"

    @property
    def told(self) -> str:
        """What was found, in a sentence; where there are no words for that the claim, or what its rejection says."""
        if self.words.found or self.verdict is not Outcome.REJECTED:
            return self.words.found or self.statement
        return f"{self.said[:1].upper()}{self.said[1:]}."

    @property
    def word(self) -> str:
        """The verdict, as a reader is told it."""
        return "open" if self.verdict is Outcome.INCONCLUSIVE else str(self.verdict)

    @property
    def shown(self) -> str:
        """The estimate with its interval, on the sides of what is asked on which they lie; a dash for none."""
        asked = limits(self.threshold, self.side)
        return with_interval(self.value, self.estimate.low, self.estimate.high, *asked) if self.estimate else "–"

    @property
    def digits(self) -> str:
        """The estimate alone, in the same way."""
        return number(self.value, *limits(self.threshold, self.side))

    @property
    def value(self) -> float | None:
        """What was found; None where nothing was, or it was not a finite number."""
        return None if self.estimate is None else self.estimate.value

    @property
    def key(self) -> tuple[str, str]:
        """Claim and network: no document holds two records of one key."""
        return self.id, self.network

    def _check_scope(self) -> None:
        expected = self.network if self.network in (DATASET, PROCEDURE) else "network"
        if self.scope != expected:
            raise ValueError(f"claim {self.id}: scope {self.scope!r} does not go with network {self.network!r}")

    def _check_numbers(self) -> None:
        limits(self.threshold, self.side)
        threshold = self.threshold
        plain = (float(threshold[0]), float(threshold[1])) if isinstance(threshold, tuple) else float(threshold)
        object.__setattr__(self, "threshold", plain)
        count_field(self, "weight")
        if self.weight < 1:
            raise ValueError(f"claim {self.id}: weight is {self.weight}, expected 1 or more")
        if not 0 < self.alpha < 0.5:
            raise ValueError(f"claim {self.id}: alpha is {self.alpha!r}, expected one between 0 and 0.5")
        if not 0 <= self.seconds < math.inf:
            raise ValueError(f"claim {self.id}: seconds are {self.seconds!r}, expected a finite time")
        for name in ("p", "p_adjusted"):
            p = getattr(self, name)
            if p is not None and not 0 <= p <= 1:
                raise ValueError(f"claim {self.id}: {name} is {p!r}, expected one between 0 and 1")
            object.__setattr__(self, name, None if p is None else float(p))
        # Its square is the variance that the gate takes.
        if self.standard_error is not None and not 0 <= self.standard_error * abs(self.standard_error) < math.inf:
            raise ValueError(f"claim {self.id}: a standard error of {self.standard_error!r} cannot be")
        object.__setattr__(self, "alpha", float(self.alpha))
        object.__setattr__(self, "seconds", float(self.seconds))

    def _check_verdict(self) -> None:
        measured = self.estimate is not None
        if measured and not (self.n and self.unit and self.test):
            raise ValueError(f"claim {self.id}: an estimate needs n, a unit and a test")
        rest = (self.decision_interval, self.gate_interval, self.standard_error, self.p)
        if not measured and (any(each is not None for each in rest) or self.parts or self.replicates):
            raise ValueError(f"claim {self.id}: an interval, a p-value, parts or replicates, but no estimate")
        if self.verdict is Outcome.INCONCLUSIVE:
            return
        if self.decision_interval is None:
            raise ValueError(f"claim {self.id}: {self.verdict} without an interval")
        failed = [check.name for check in self.checks if not check.passed]
        if failed:
            raise ValueError(f"claim {self.id}: {self.verdict} although {failed[0]!r} failed")
        low, high = limits(self.threshold, self.side)
        ends = self.decision_interval
        past = (low < ends.low or low == -math.inf) and (ends.high < high or high == math.inf)
        short = ends.high <= low or ends.low >= high
        if not (past if self.verdict is Outcome.CONFIRMED else short):
            raise ValueError(
                f"claim {self.id}: {self.verdict}, but the interval [{ends.low}, {ends.high}] does not say so "
                f"of {self.side} {self.threshold}"
            )
