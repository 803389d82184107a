"""Statistics: estimates with their intervals, verdicts, and the error budget.

What a function calls `unit` is the name of what was counted, in the plural (``"noise images"``).
"""

from why_bird.stats.concordance import Concordance as Concordance
from why_bird.stats.concordance import concordance as concordance
from why_bird.stats.difference import ProportionDifference as ProportionDifference
from why_bird.stats.drift import Drift as Drift
from why_bird.stats.drift import DriftOutcome as DriftOutcome
from why_bird.stats.drift import drift as drift
from why_bird.stats.entropy import PredictionEntropy as PredictionEntropy
from why_bird.stats.estimate import Estimate as Estimate
from why_bird.stats.estimate import Interval as Interval
from why_bird.stats.estimate import Side as Side
from why_bird.stats.estimate import Threshold as Threshold
from why_bird.stats.exact import Exact as Exact
from why_bird.stats.intersection import Intersection as Intersection
from why_bird.stats.intersection import intersection as intersection
from why_bird.stats.intersection import require_above as require_above
from why_bird.stats.jackknife import (
    Jackknife as Jackknife,
)
from why_bird.stats.jackknife import (
    jackknife as jackknife,
)
from why_bird.stats.jackknife import (
    jackknife_from_spreads as jackknife_from_spreads,
)
from why_bird.stats.mean import PairedMean as PairedMean
from why_bird.stats.mean import paired_mean as paired_mean
from why_bird.stats.multiplicity import (
    FAMILY_ALPHA as FAMILY_ALPHA,
)
from why_bird.stats.multiplicity import (
    benjamini_hochberg as benjamini_hochberg,
)
from why_bird.stats.multiplicity import (
    holm as holm,
)
from why_bird.stats.multiplicity import (
    networks_needed as networks_needed,
)
from why_bird.stats.multiplicity import (
    shares as shares,
)
from why_bird.stats.network_mean import NetworkMean as NetworkMean
from why_bird.stats.overlap import TopOverlap as TopOverlap
from why_bird.stats.overlap import top_overlap as top_overlap
from why_bird.stats.pairs import PairedDrop as PairedDrop
from why_bird.stats.pairs import paired_drop as paired_drop
from why_bird.stats.pooling import (
    NetworkValue as NetworkValue,
)
from why_bird.stats.pooling import (
    counted as counted,
)
from why_bird.stats.pooling import (
    network_value as network_value,
)
from why_bird.stats.pooling import (
    pool as pool,
)
from why_bird.stats.proportion import Proportion as Proportion
from why_bird.stats.quantiles import (
    QuantileDifference as QuantileDifference,
)
from why_bird.stats.quantiles import (
    quantile_difference as quantile_difference,
)
from why_bird.stats.rank_agreement import RankAgreement as RankAgreement
from why_bird.stats.rank_agreement import spearman as spearman
from why_bird.stats.ranking import permutation_p as permutation_p
from why_bird.stats.ratio import Ratio as Ratio
from why_bird.stats.slope import Slope as Slope
from why_bird.stats.slope import slope as slope
from why_bird.stats.superiority import Superiority as Superiority
from why_bird.stats.superiority import superiority as superiority
from why_bird.stats.top_members import TopMembers as TopMembers
from why_bird.stats.top_members import top_members as top_members
from why_bird.stats.verdict import (
    Outcome as Outcome,
)
from why_bird.stats.verdict import (
    Verdict as Verdict,
)
from why_bird.stats.verdict import (
    decide as decide,
)
from why_bird.stats.verdict import (
    inconclusive as inconclusive,
)
from why_bird.stats.within_reach import ReachDifference as ReachDifference
from why_bird.stats.within_reach import ShareWithin as ShareWithin
