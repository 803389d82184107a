"""The stratified jackknife against R."""

import math

import numpy as np

from why_bird.stats import jackknife, jackknife_from_spreads

from .reference import assert_bounds, assert_close, assert_p, each

STATISTICS = {
    "ratio_of_pairs": lambda s: s[0][:, 0].mean() / s[0][:, 1].mean(),
    "log_ratio_of_means": lambda s: math.log(s[0].mean() / s[1].mean()),
    "scaled_difference": lambda s: (s[0].mean() - s[1].mean()) / s[2].std(ddof=1),
    "difference_of_means": lambda s: s[0].mean() - s[1].mean(),
}


@each("jackknife")
def test_jackknife(case):
    statistic = STATISTICS[case["statistic"]]
    strata = [np.array(stratum) for stratum in case["strata"]]
    replicates = [
        [statistic([*strata[:h], np.delete(stratum, i, axis=0), *strata[h + 1 :]]) for i in range(len(stratum))]
        for h, stratum in enumerate(strata)
    ]
    spreads = [float(np.sum((np.array(each) - np.mean(each)) ** 2)) for each in replicates]
    ours = jackknife_from_spreads(statistic(strata), spreads, [len(each) for each in replicates], "images")
    # R: jackknife_t(), held against t.test (Welch) and the JK1 replicates of survey::svyratio
    assert_close([ours.value, ours.se, ours.df], [case["value"], case["se"], case["df"]])
    assert_bounds(ours, case["bounds"])
    assert_p(ours, case["p"])
    # What single units tell besides only widens it.
    widened = jackknife(statistic(strata), replicates, "images")
    assert_close([widened.value, widened.se], [ours.value, ours.se])
    for alpha in (0.025, 0.001):
        assert widened.lower(alpha) <= ours.lower(alpha) + 1e-12
        assert widened.upper(alpha) >= ours.upper(alpha) - 1e-12
