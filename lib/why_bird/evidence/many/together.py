"""Which claims go together: where networks have much of one, they have much of the other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from why_bird.evidence.many.judged import Many

_FEWEST = 5
"""Networks from which on a rank correlation says anything."""


@dataclass(frozen=True, slots=True)
class Together:
    """How alike claims differ between networks."""

    claims: tuple[str, ...]
    """Those that go together stand together."""
    correlations: tuple[tuple[float, ...], ...]
    """Spearman's ρ of each pair."""
    n: int
    """How many networks it is of."""


def together(many: Many) -> Together | None:
    """Return the rank correlations between claims over networks, None where there are too few.

    Of a claim that says that something is small the value is turned round, so that a positive correlation always says
    that both claims are nearer to hold in the same networks. Networks that lack a value of any claim are left out, and
    claims that less than half of the networks have, or that are the same in all. Of the epochs of a training the last
    counts alone.

    References
    ----------
    Spearman, C. (1904), American Journal of Psychology 15, 72–101.
    """
    networks = [each.hash for group in many.groups.values() for each in group if each.hash in many.final]
    values = {claim: [_value(many, claim, network) for network in networks] for claim in many.claims}
    known = {claim: row for claim, row in values.items() if 2 * sum(map(math.isfinite, row)) > len(row)}
    table = np.array(list(known.values())) if known else np.empty((0, 0))
    table = table[:, np.isfinite(table).all(axis=0)]
    varies = np.ptp(table, axis=1) > 0 if table.shape[1] >= _FEWEST else np.zeros(len(table), bool)
    if varies.sum() < 2:
        return None
    names = [claim for claim, each in zip(known, varies, strict=True) if each]
    found = np.corrcoef(rankdata(table[varies], axis=1))
    order = _order(found)
    rows = tuple(tuple(float(found[i, j]) for j in order) for i in order)
    return Together(tuple(names[i] for i in order), rows, table.shape[1])


def _value(many: Many, claim: str, network: str) -> float:
    record = many.records.get((claim, network))
    if record is None or record.value is None:
        return math.nan
    if isinstance(record.threshold, tuple):
        return -abs(record.value - sum(record.threshold) / 2)
    return record.value if record.side == "above" else -record.value


def _order(correlations: NDArray[np.float64]) -> list[int]:
    """Return the claims in the order of the leaves of a tree of average linkage."""
    distances = np.clip(1 - correlations, 0, 2)
    np.fill_diagonal(distances, 0)
    if len(distances) < 3:
        return list(range(len(distances)))
    return [int(i) for i in leaves_list(linkage(squareform(distances, checks=False), "average", optimal_ordering=True))]


def strongest(found: Together, most: int) -> list[tuple[str, str, float]]:
    """Return the pairs that are furthest from 0, as (claim, claim, ρ)."""
    pairs: Mapping[tuple[str, str], float] = {
        (found.claims[i], found.claims[j]): found.correlations[i][j] for i in range(len(found.claims)) for j in range(i)
    }
    return [(*pair, value) for pair, value in sorted(pairs.items(), key=lambda each: -abs(each[1]))[:most]]
