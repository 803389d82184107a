"""What R says for engines to come, so far beside scipy and statsmodels only."""

import math

import numpy as np
from scipy import stats
from statsmodels.api import OLS

from .reference import LATER, assert_close


def test_slope_within_class():
    case = LATER["hc3"]
    classes = np.equal.outer(case["group"], np.unique(case["group"])).astype(float)
    fit = OLS(case["y"], np.column_stack([case["x"], classes])).fit(cov_type="HC3", use_t=True)
    # R: lmtest::coeftest(fit, sandwich::vcovHC(fit, type = "HC3")) of fit <- lm(y ~ x + factor(group))
    assert_close([fit.params[0], fit.bse[0], fit.df_resid], [case["slope"], case["se"], case["df"]])
    assert_close(fit.pvalues[0], case["p_two_sided"], atol=0.0)


def test_kendall_w():
    case = LATER["kendall_w"]
    ratings = np.array(case["ratings"])
    test = stats.friedmanchisquare(*ratings.T)
    raters, units = ratings.shape
    # R: friedman.test(ratings); W is its statistic / (m (k - 1))
    assert_close([test.statistic, test.statistic / (raters * (units - 1))], [case["chi_square"], case["w"]])
    assert_close(test.pvalue, case["p"], atol=0.0)


def test_spearman():
    exact, tied = LATER["spearman"]["exact"], LATER["spearman"]["tied"]
    theirs = stats.spearmanr(tied["x"], tied["y"], alternative="greater")
    # R: cor.test(x, y, method = "spearman", exact = FALSE, alternative = "greater")
    assert_close([theirs.statistic, theirs.pvalue], [tied["rho"], tied["p_greater"]])
    x, y = exact["x"], exact["y"]

    def rho(shuffled):
        return stats.spearmanr(shuffled, y).statistic

    permutation = stats.permutation_test((x,), rho, permutation_type="pairings", alternative="greater")
    # R: cor.test(x, y, method = "spearman", exact = TRUE, alternative = "greater")
    assert_close([permutation.statistic, permutation.pvalue], [exact["rho"], exact["p_greater"]])


def test_paired_delong():
    case = LATER["paired_delong"]
    noise, images = (np.array([case[name]["a"], case[name]["b"]]) for name in ("noise", "images"))
    above = (noise[:, :, None] > images[:, None]) + 0.5 * (noise[:, :, None] == images[:, None])
    over_noise, over_images = np.cov(above.mean(2)), np.cov(above.mean(1))
    covariance = over_noise / noise.shape[1] + over_images / images.shape[1]
    # R: pROC::auc, var, cov(a, b, method = "delong"), roc.test(a, b, method = "delong", paired = TRUE)
    assert_close(above.mean((1, 2)), case["auc"])
    assert_close([*np.diag(covariance), covariance[0, 1]], [*case["variance"], case["covariance"]])
    a, b = above.mean((1, 2))
    z = (a - b) / math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert_close([z, 2 * stats.norm.sf(abs(z))], [case["z"], case["p_two_sided"]])
