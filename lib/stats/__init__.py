"""Statistics: estimates with their intervals, verdicts, and the error budget."""

from lib.stats.difference import ProportionDifference
from lib.stats.drift import Drift, DriftOutcome, drift
from lib.stats.entropy import PredictionEntropy
from lib.stats.estimate import Estimate, Interval, Side, Threshold
from lib.stats.exact import Exact
from lib.stats.intersection import Intersection
from lib.stats.jackknife import Jackknife, jackknife, jackknife_from_spreads
from lib.stats.mean import PairedMean, paired_mean
from lib.stats.multiplicity import FAMILY_ALPHA, benjamini_hochberg, holm, networks_needed, shares
from lib.stats.network_mean import NetworkMean
from lib.stats.overlap import TopOverlap, top_overlap
from lib.stats.pairs import PairedDrop, paired_drop
from lib.stats.pooling import NetworkValue, counted, network_value, pool
from lib.stats.proportion import Proportion
from lib.stats.quantiles import QuantileDifference, quantile_difference
from lib.stats.rank_agreement import RankAgreement, kendall_w, spearman
from lib.stats.ranking import permutation_p
from lib.stats.slope import Slope, slope
from lib.stats.superiority import Superiority, superiority
from lib.stats.top_members import TopMembers, top_members
from lib.stats.two_sources import TwoSources, two_sources
from lib.stats.verdict import Outcome, Verdict, decide, inconclusive

__all__ = [
    "FAMILY_ALPHA",
    "Drift",
    "DriftOutcome",
    "Estimate",
    "Exact",
    "Intersection",
    "Interval",
    "Jackknife",
    "NetworkMean",
    "NetworkValue",
    "Outcome",
    "PairedDrop",
    "PairedMean",
    "PredictionEntropy",
    "Proportion",
    "ProportionDifference",
    "QuantileDifference",
    "RankAgreement",
    "Side",
    "Slope",
    "Superiority",
    "Threshold",
    "TopMembers",
    "TopOverlap",
    "TwoSources",
    "Verdict",
    "benjamini_hochberg",
    "counted",
    "decide",
    "drift",
    "holm",
    "inconclusive",
    "jackknife",
    "jackknife_from_spreads",
    "kendall_w",
    "network_value",
    "networks_needed",
    "paired_drop",
    "paired_mean",
    "permutation_p",
    "pool",
    "quantile_difference",
    "shares",
    "slope",
    "spearman",
    "superiority",
    "top_members",
    "top_overlap",
    "two_sources",
]
