"""How often the verdicts of a scenario are wrong, and what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import binom

from why_bird.fixtures.collection import Ledgers
from why_bird.stats import Estimate, Verdict, decide
from why_bird.streams import generator

from .calibration_scenario import Draw, Scenario

__all__ = ["CLASSES", "Figures", "greatest_allowed", "power", "simulate", "small_rates", "smallest_alpha"]

ROOT, CLASSES = 65547, 10


@dataclass(frozen=True, slots=True)
class Figures:
    """What the verdicts on `simulations` samples at θ = δ were, and how often the 95 % interval held θ."""

    simulations: int
    false_confirms: int
    false_rejects: int
    covered: int


def smallest_alpha(scope: str) -> float:
    """Return the smallest one-sided error rate of a claim in the scope's ledger."""
    ledgers = Ledgers()
    claims = ledgers.register.claims.values()
    if scope == "procedure":
        return min(ledgers.alpha(claim.id, procedure=True) for claim in claims if claim.procedure)
    return min(ledgers.alphas().values())


def small_rates(scope: str) -> tuple[float, float]:
    """Return the smallest error rate of a claim, and that at which an intersection of K − 1 parts rejects by one."""
    smallest = smallest_alpha(scope)
    return smallest, smallest / (CLASSES - 1)


def greatest_allowed(simulations: int, alpha: float) -> int:
    """Return the count that a rate of `alpha` exceeds once in 10,000 times or less."""
    return int(binom.ppf(1 - 1e-4, simulations, alpha))


def simulate(scenario: Scenario, simulations: int, *alphas: float) -> list[Figures]:
    """Return the figures at each error rate, of the same samples."""
    rng = generator(ROOT, "calibration", str(scenario))
    judge = _judge(scenario)
    counts = np.zeros((len(alphas), 3), dtype=int)
    for _ in range(simulations):
        estimate = scenario.draw(rng)
        for i, alpha in enumerate(alphas):
            verdict = judge(estimate, alpha)
            counts[i] += verdict.confirmed, verdict.rejected, _covers(verdict, scenario)
    return [Figures(simulations, *(int(count) for count in row)) for row in counts]


def power(scenario: Scenario, planned: Draw, simulations: int, alpha: float) -> int:
    """Return how many samples of the planned world were confirmed."""
    rng = generator(ROOT, "calibration, planned", str(scenario))
    judge = _judge(scenario)
    return sum(judge(planned(rng), alpha).confirmed for _ in range(simulations))


def _judge(scenario: Scenario):
    # An estimate of counts recurs, and its verdict with it.
    @lru_cache(maxsize=20_000)
    def judge(estimate: Estimate, alpha: float) -> Verdict:
        return decide(estimate, scenario.threshold, scenario.side, alpha)

    return judge


def _covers(verdict: Verdict, scenario: Scenario) -> bool:
    return verdict.interval95.low <= scenario.truth <= verdict.interval95.high
