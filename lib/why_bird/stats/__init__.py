"""Statistics: estimates with their intervals, verdicts, and the error budget.

What a function calls `unit` is the name of what was counted, in the plural (``"noise images"``).
"""

from why_bird.stats.concordance import Concordance, concordance
from why_bird.stats.difference import ProportionDifference
from why_bird.stats.drift import Drift, DriftOutcome, drift
from why_bird.stats.entropy import PredictionEntropy
from why_bird.stats.estimate import Estimate, Interval, Side, Threshold
from why_bird.stats.exact import Exact
from why_bird.stats.intersection import Intersection, intersection, require_above
from why_bird.stats.jackknife import Jackknife, jackknife, jackknife_from_spreads
from why_bird.stats.mean import PairedMean, paired_mean
from why_bird.stats.multiplicity import FAMILY_ALPHA, benjamini_hochberg, holm, networks_needed, shares
from why_bird.stats.network_mean import NetworkMean
from why_bird.stats.overlap import TopOverlap, top_overlap
from why_bird.stats.pairs import PairedDrop, paired_drop
from why_bird.stats.pooling import NetworkValue, counted, network_value, pool
from why_bird.stats.proportion import Proportion
from why_bird.stats.quantiles import QuantileDifference, quantile_difference
from why_bird.stats.rank_agreement import RankAgreement, spearman
from why_bird.stats.ranking import permutation_p
from why_bird.stats.ratio import Ratio
from why_bird.stats.slope import Slope, slope
from why_bird.stats.superiority import Superiority, superiority
from why_bird.stats.top_members import TopMembers, top_members
from why_bird.stats.verdict import Outcome, Verdict, decide, inconclusive
from why_bird.stats.within_reach import ReachDifference, ShareWithin

__all__ = [
    "FAMILY_ALPHA", "Concordance", "Drift", "DriftOutcome", "Estimate", "Exact", "Intersection", "Interval",
    "Jackknife", "NetworkMean", "NetworkValue", "Outcome", "PairedDrop", "PairedMean", "PredictionEntropy",
    "Proportion", "ProportionDifference", "QuantileDifference", "RankAgreement", "Ratio", "ReachDifference",
    "ShareWithin", "Side", "Slope", "Superiority", "Threshold", "TopMembers", "TopOverlap", "Verdict",
    "benjamini_hochberg", "concordance", "counted", "decide", "drift", "holm", "inconclusive", "intersection",
    "jackknife", "jackknife_from_spreads", "network_value", "networks_needed", "paired_drop", "paired_mean",
    "permutation_p", "pool", "quantile_difference", "require_above", "shares", "slope", "spearman", "superiority",
    "top_members", "top_overlap",
]  # fmt: skip
