# Golden values for the engines of lib/why_bird/stats: inputs, and what R says about them.
#
# README: `Rscript tests/stats/golden/golden.R > tests/stats/golden/golden.json`, then run tests/stats/golden. R is not
# needed for the tests. Nothing is random: all inputs are literals or quantiles, and are written beside the outputs.
# Debian's names: r-base-core, r-cran-{jsonlite,proc,igraph,exactranktests,survey,sandwich,lmtest}.
# The source of each value is said where it is computed. "Second implementation" marks what no packaged R function gives
# (PropCIs, TOSTER, lawstat are not in Debian): the published formula, solved in another way than in lib/why_bird/stats.

suppressPackageStartupMessages({
  library(jsonlite); library(pROC); library(igraph); library(exactRankTests); library(survey)
  library(sandwich); library(lmtest)
})

# A lax rate, the usual ones, then those of a claim of weight 2 of 58, and of one of weight 1 with nine contrasts.
ALPHAS <- c(.3, .05, .025, .025 * 2 / 58, .025 / 58 / 9)

# n values without a generator: quantiles of the normal, in an order that is not sorted.
sample_like <- function(n, step, mean = 0, sd = 1) round(mean + sd * qnorm(ppoints(n))[order(sin(step * seq_len(n)))], 4)

bounds <- function(lower, upper, alphas = ALPHAS)
  list(alpha = alphas, lower = vapply(alphas, lower, 0), upper = vapply(alphas, upper, 0))

p_values <- function(above, below, thresholds)
  list(threshold = thresholds, above = vapply(thresholds, above, 0), below = vapply(thresholds, below, 0))

solve_for <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-16, maxiter = 10000)$root

engines <- list()
later <- list()

# ---- one proportion: stats::binom.test (Clopper-Pearson) ----
engines$proportion <- lapply(
  list(c(0, 7), c(1, 7), c(3, 7), c(7, 7), c(0, 5000), c(5000, 5000), c(4873, 5000), c(930, 1000), c(9, 10)),
  function(k) {
    test <- function(alternative, p = .5, alpha = .05) binom.test(k[1], k[2], p, alternative, conf.level = 1 - alpha)
    list(successes = k[1], n = k[2],
      bounds = bounds(function(a) test("greater", alpha = a)$conf.int[1], function(a) test("less", alpha = a)$conf.int[2]),
      p = p_values(function(t) test("greater", t)$p.value, function(t) test("less", t)$p.value, c(.5, .6, .9, .95)))
  })

# ---- two proportions ----
# Newcombe (1998), method 10: bounds from the Wilson intervals of stats::prop.test. Its conf.level cannot say the smallest
# rates, so p solves the bound over Wilson's own formula, as the roots p of n (x/n - p)^2 = z^2 p (1 - p).
wilson <- function(x, n, alpha) suppressWarnings(prop.test(x, n, conf.level = 1 - 2 * alpha, correct = FALSE)$conf.int)
wilson_root <- function(x, n, z) sort(Re(polyroot(c(x^2 / n, -2 * x - z^2, n + z^2))))
stopifnot(all.equal(wilson_root(301, 1900, qnorm(.975)), wilson(301, 1900, .025)[1:2], tolerance = 1e-12))
newcombe <- function(x1, n1, x2, n2) {
  p1 <- x1 / n1; p2 <- x2 / n2
  lower <- function(w1, w2) p1 - p2 - sqrt((p1 - w1[1])^2 + (w2[2] - p2)^2)
  upper <- function(w1, w2) p1 - p2 + sqrt((w1[2] - p1)^2 + (p2 - w2[1])^2)
  p <- function(gap) pnorm(-solve_for(function(z) gap(wilson_root(x1, n1, z), wilson_root(x2, n2, z)), 1e-6, 37))
  near <- p1 - p2 - c(.02, .1); far <- p1 - p2 + c(.02, .1)
  near <- near[near > -1]; far <- far[far < 1]
  list(bounds = bounds(function(a) lower(wilson(x1, n1, a), wilson(x2, n2, a)),
                       function(a) upper(wilson(x1, n1, a), wilson(x2, n2, a))),
    above = list(threshold = I(near), p = I(vapply(near, function(t) p(function(w1, w2) lower(w1, w2) - t), 0))),
    below = list(threshold = I(far), p = I(vapply(far, function(t) p(function(w1, w2) upper(w1, w2) - t), 0))))
}

# Constrained maximum likelihood by the root of the score in (low, high), which falls there; an end where it has no root.
constrained <- function(score, low, high) {
  tiny <- 1e-14
  if (high - low < 3 * tiny || score(low + tiny) <= 0) return(low)
  if (score(high - tiny) >= 0) return(high)
  solve_for(score, low + tiny, high - tiny)
}
part <- function(count, p) if (count == 0) 0 else count / p
# A score interval: the differences at which gap is z se. Where se is 0 at the estimate, the estimate is a second root of
# that, and not the bound: the search stops short of it. There p is a half (0/0).
# Widened: z se + third (z^2 - 1) / 6, Cornish and Fisher's quantile, where that asks more (third > 0, z > 1), with third =
# third moment / variance of the estimate, towards the tested side; Gart and Nam (1988), Biometrics 44, 323-338.
score_interval <- function(d, gap, se, third = function(t) 0) {
  short <- 1e-13
  quantile <- function(t, z, sign) z * se(t) + max(sign * third(t), 0) * max(z^2 - 1, 0) / 6
  p <- function(t, sign) {
    if (gap(t) == 0) return(.5)
    g <- sign * gap(t)
    pnorm(if (g <= se(t)) g / se(t) else solve_for(function(z) g - quantile(t, z, sign), 0, 1.001 * g / se(t)), lower.tail = FALSE)
  }
  list(
    bounds = bounds(
      function(a) if (d == -1) -1 else solve_for(function(t) gap(t) - quantile(t, qnorm(a, lower.tail = FALSE), 1), -1, d - short),
      function(a) if (d == 1) 1 else solve_for(function(t) gap(t) + quantile(t, qnorm(a, lower.tail = FALSE), -1), d + short, 1)),
    p = p_values(function(t) p(t, 1), function(t) p(t, -1), c(-.2, -.05, .03, 0, .1, .5)))
}
# Central moment of order k of a variable with these values and probabilities.
moment <- function(values, probabilities, k) sum(probabilities * (values - sum(probabilities * values))^k)

# Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226: variance times N / (N - 1); second implementation.
# Mee (1984), Biometrics 40, 1175-1176: the same without that factor.
two_score <- function(x1, n1, x2, n2, factor, widened = FALSE) {
  d <- x1 / n1 - x2 / n2
  p2 <- function(t) constrained(
    function(p) part(x1, p + t) - part(n1 - x1, 1 - p - t) + part(x2, p) - part(n2 - x2, 1 - p), max(0, -t), min(1, 1 - t))
  variance <- function(p) sum(vapply(1:2, function(i) moment(0:1, c(1 - p[i], p[i]), 2) / c(n1, n2)[i], 0))
  third <- function(t) {
    p <- p2(t) + c(t, 0); v <- variance(p)
    if (v <= 0) 0 else (moment(0:1, c(1 - p[1], p[1]), 3) / n1^2 - moment(0:1, c(1 - p[2], p[2]), 3) / n2^2) / v
  }
  score_interval(d, function(t) d - t, function(t) sqrt(max(0, variance(p2(t) + c(t, 0)) * factor)),
    if (widened) third else function(t) 0)
}
engines$two_proportions <- lapply(
  list(c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29), c(0, 10, 0, 20), c(0, 10, 0, 10),
       c(10, 10, 0, 20), c(10, 10, 0, 10), c(812, 2000, 301, 1900),
       c(2000, 2000, 0, 2000), c(1993, 2000, 871, 2000), c(2000, 2000, 1000, 2000)),
  function(k) {
    N <- k[2] + k[4]
    list(successes1 = k[1], n1 = k[2], successes2 = k[3], n2 = k[4], newcombe = newcombe(k[1], k[2], k[3], k[4]),
      miettinen_nurminen = two_score(k[1], k[2], k[3], k[4], N / (N - 1)),
      miettinen_nurminen_widened = two_score(k[1], k[2], k[3], k[4], N / (N - 1), widened = TRUE),
      mee = two_score(k[1], k[2], k[3], k[4], 1))
  })
# At a difference of 0 the score without the factor is stats::prop.test's: that ties the formula to R.
stopifnot(all.equal(two_score(56, 70, 48, 80, 1)$p$above[4], tolerance = 1e-10,
  suppressWarnings(prop.test(c(56, 48), c(70, 80), alternative = "greater", correct = FALSE)$p.value)))

# ---- paired proportions: Tango (1998), Statistics in Medicine 17, 891-908, as PropCIs::scoreci.mp; second implementation
tango <- function(b, c, n, widened = FALSE) {
  cells <- function(t) {
    q <- constrained(function(q) part(b, q + t) + part(c, q) - 2 * part(n - b - c, 1 - 2 * q - t), max(0, -t), (1 - t) / 2)
    pmax(c(q + t, q, 1 - 2 * q - t), 0)
  }
  one_pair <- function(t, k) moment(c(1, -1, 0), cells(t), k)
  d <- (b - c) / n
  third <- function(t) if (one_pair(t, 2) <= 0) 0 else one_pair(t, 3) / one_pair(t, 2) / n
  score_interval(d, function(t) d - t, function(t) sqrt(one_pair(t, 2) / n), if (widened) third else function(t) 0)
}
engines$paired_drop <- lapply(
  list(c(1, 7, 21), c(28, 25, 618), c(0, 0, 40), c(30, 0, 30), c(0, 30, 30), c(12, 5, 60), c(0, 3, 40), c(9, 0, 30),
       c(2412, 31, 5000), c(5000, 0, 5000), c(0, 0, 5000)),
  function(k) list(first_only = k[1], second_only = k[2], n = k[3], tango = tango(k[1], k[2], k[3]),
    tango_widened = tango(k[1], k[2], k[3], widened = TRUE)))

# ---- one mean: stats::t.test; where all units agree at an end of the support, binom.test of n of n ----
t_bounds <- function(...) bounds(
  function(a) t.test(..., alternative = "greater", conf.level = 1 - a)$conf.int[1],
  function(a) t.test(..., alternative = "less", conf.level = 1 - a)$conf.int[2])
t_p <- function(x, thresholds) p_values(
  function(m) t.test(x, mu = m, alternative = "greater")$p.value,
  function(m) t.test(x, mu = m, alternative = "less")$p.value, thresholds)
# Widened by Johnson's (1978) term g (2 t^2 + 1) / (6 sqrt(n)), where the skewness g of either side makes the interval wider.
widened_t <- function(mean, se, df, skew_low, skew_high, n, thresholds) {
  half <- function(a, g) { t <- qt(a, df, lower.tail = FALSE); (t + max(g, 0) * (2 * t^2 + 1) / (6 * sqrt(n))) * se }
  p <- function(distance, g) {
    k <- max(g, 0) / (6 * sqrt(n))
    t <- if (k == 0) abs(distance) else max(Re(polyroot(c(k - abs(distance), 1, 2 * k))), 0)
    pt(sign(distance) * t, df, lower.tail = FALSE)
  }
  list(bounds = bounds(function(a) mean - half(a, skew_low), function(a) mean + half(a, skew_high)),
    p = p_values(function(m) p((mean - m) / se, skew_low), function(m) p((m - mean) / se, skew_high), thresholds))
}
mean_widened <- function(v, thresholds) {
  n <- length(v); g <- moment(v, rep(1 / n, n), 3) / moment(v, rep(1 / n, n), 2)^1.5
  widened_t(mean(v), sd(v) / sqrt(n), n - 1, -g, g, n, thresholds)
}
x <- sample_like(23, 7, .4); y <- sample_like(23, 5, .1, .8)
paired <- t.test(x, y, paired = TRUE, conf.level = .95)
means <- list(x - y, x, c(1.2, .7), exp(x), -exp(x), sample_like(1000, 3, .02, .1))
mean_thresholds <- c(-.5, .01, .2, .6)
engines$paired_mean <- list(
  paired = list(x = x, y = y, mean = unname(paired$estimate), low95 = paired$conf.int[1], high95 = paired$conf.int[2]),
  samples = lapply(means, function(v) list(values = v, plain = list(bounds = t_bounds(v), p = t_p(v, mean_thresholds)),
    widened = mean_widened(v, mean_thresholds))),
  all_ones = list(n = 59, lower = vapply(ALPHAS, function(a) binom.test(59, 59, alternative = "greater",
    conf.level = 1 - a)$conf.int[1], 0), alpha = ALPHAS))

# ---- two one-sided t tests (Schuirmann 1987), as TOSTER::t_TOST: p is the larger; from stats::t.test ----
engines$within <- lapply(list(c(-.2, .6), c(.2, 1.1), c(.45, .5)), function(k) list(
  values = x - y, low = k[1], high = k[2],
  p = max(t.test(x - y, mu = k[1], alternative = "greater")$p.value, t.test(x - y, mu = k[2], alternative = "less")$p.value)))

# ---- intersection-union (Berger 1982): every t.test at alpha; a rejection at alpha / m ----
contrasts <- list(a = sample_like(40, 3, .5), b = sample_like(40, 11, .3, .6), c = sample_like(40, 17, .35, 1.4))
side <- function(v, how, a) t.test(v, alternative = how, conf.level = 1 - a)$conf.int[if (how == "greater") 1 else 2]
engines$intersection <- list(contrasts = contrasts,
  bounds = bounds(function(a) min(sapply(contrasts, side, "greater", a)), function(a) min(sapply(contrasts, side, "less", a / 3))),
  p = p_values(
    function(m) max(sapply(contrasts, function(v) t.test(v, mu = m, alternative = "greater")$p.value)),
    function(m) min(1, 3 * min(sapply(contrasts, function(v) t.test(v, mu = m, alternative = "less")$p.value))), c(0, .2, .7)))

# ---- P(X > Y): Brunner and Munzel (2000), Biometrical Journal 42, 17-25, as lawstat::brunner.munzel.test ----
# Second implementation; estimate and variance are held against pROC's AUC and DeLong variance, which equal them.
quiet_roc <- function(x, y) roc(controls = y, cases = x, direction = "<", quiet = TRUE)
brunner_munzel <- function(x, y) {
  n1 <- length(x); n2 <- length(y); r <- rank(c(x, y)); rx <- r[seq_len(n1)]; ry <- r[-seq_len(n1)]
  v1 <- n1 * var(rx - rank(x)); v2 <- n2 * var(ry - rank(y))
  prob <- (mean(rx) - (n1 + 1) / 2) / n2
  se <- sqrt(v1 + v2) / (n1 * n2); df <- (v1 + v2)^2 / (v1^2 / (n1 - 1) + v2^2 / (n2 - 1))
  curve <- quiet_roc(x, y)
  stopifnot(all.equal(c(as.numeric(auc(curve)), var(curve)), c(prob, se^2), tolerance = 1e-12))
  list(x = x, y = y, prob = prob, se = se, df = df, statistic = (prob - .5) / se, auc = as.numeric(auc(curve)),
    delong_variance = var(curve),
    t_bounds = bounds(function(a) prob - qt(a, df, lower.tail = FALSE) * se, function(a) prob + qt(a, df, lower.tail = FALSE) * se),
    t_p = p_values(function(m) pt((prob - m) / se, df, lower.tail = FALSE), function(m) pt((prob - m) / se, df), c(.4, .5, .56, .8)))
}
pain_x <- c(1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1)
pain_y <- c(3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4)
scores <- list(x = sample_like(40, 7, .3, 2), y = sample_like(55, 11))
engines$superiority <- list(
  brunner_munzel(pain_y, pain_x), brunner_munzel(pain_x, pain_y), brunner_munzel(scores$x, scores$y),
  brunner_munzel(round(scores$x), round(scores$y)), brunner_munzel(sample_like(200, 3, .9), sample_like(150, 5, 0, 1.5)))
# Complete separation: the mass never seen in min(n, m) units, by binom.test of k of k.
engines$separation <- lapply(c(2, 3, 11, 300), function(k) list(k = k, alpha = ALPHAS, lower = vapply(ALPHAS, function(a)
  binom.test(k, k, alternative = "greater", conf.level = 1 - a)$conf.int[1], 0)))

# ---- delete-one jackknife by stratum with Satterthwaite's df (Efron and Tibshirani 1993, chapter 11) ----
# Second implementation, each unit deleted from the raw data. Tied to R by t.test (Welch) and survey (JK1).
STATISTICS <- list(
  ratio_of_pairs = function(s) { m <- matrix(s[[1]], ncol = 2); mean(m[, 1]) / mean(m[, 2]) },
  log_ratio_of_means = function(s) log(mean(s[[1]]) / mean(s[[2]])),
  scaled_difference = function(s) (mean(s[[1]]) - mean(s[[2]])) / sd(s[[3]]),
  difference_of_means = function(s) mean(s[[1]]) - mean(s[[2]]))
without <- function(v, i) if (is.matrix(v)) v[-i, , drop = FALSE] else v[-i]
size <- function(v) if (is.matrix(v)) nrow(v) else length(v)
jackknife_t <- function(name, strata) {
  statistic <- STATISTICS[[name]]; n <- vapply(strata, size, 0)
  v <- vapply(seq_along(strata), function(h) {
    theta <- vapply(seq_len(n[h]), function(i) { s <- strata; s[[h]] <- without(s[[h]], i); statistic(s) }, 0)
    (n[h] - 1) / n[h] * sum((theta - mean(theta))^2)
  }, 0)
  value <- statistic(strata); se <- sqrt(sum(v)); df <- sum(v)^2 / sum(v^2 / (n - 1))
  list(statistic = name, strata = unname(strata), value = value, se = se, df = df,
    bounds = bounds(function(a) value + qt(a, df) * se, function(a) value - qt(a, df) * se),
    p = p_values(function(m) pt((value - m) / se, df, lower.tail = FALSE), function(m) pt((value - m) / se, df), c(-.5, 0, .1, .7)))
}
pairs <- cbind(sample_like(15, 7, 4), sample_like(15, 3, 9, 2))
g <- list(sample_like(9, 5, 4), sample_like(14, 3, 9, 2), sample_like(12, 11, 1, 3))
engines$jackknife <- list(jackknife_t("ratio_of_pairs", list(pairs)), jackknife_t("log_ratio_of_means", g[1:2]),
  jackknife_t("scaled_difference", g), jackknife_t("difference_of_means", g[1:2]))
welch <- t.test(g[[1]], g[[2]])
jk1 <- as.svrepdesign(svydesign(ids = ~1, data = data.frame(a = pairs[, 1], b = pairs[, 2]), weights = ~1), type = "JK1")
jk_se <- SE(svyratio(~a, ~b, jk1))
with(engines$jackknife[[4]], stopifnot(all.equal(c(se, df), unname(c(welch$stderr, welch$parameter)), tolerance = 1e-12)))
with(engines$jackknife[[1]], stopifnot(all.equal(se, as.numeric(jk_se), tolerance = 1e-12)))

# ---- over networks: t.test; with a floor of the variance or a skewness of 1/2 either way by formula; sign flips by
# exactRankTests::perm.test; prediction by predict(lm) ----
networks <- list(c(.962, .981, .94, .99, .955, .973, .948, .966), c(.31, .92, .85, .4, .77), sample_like(20, 7, .5, .2),
  c(.9, .91, .9, .92, .91))
engines$network_mean <- lapply(networks, function(v) {
  s2 <- var(v); R <- length(v); thresholds <- c(.5, .9, .95)
  by_formula <- function(variance, skewness) widened_t(mean(v), sqrt(variance / R), R - 1, skewness, skewness, R, thresholds)
  flip <- function(m, how) perm.test(round(1e4 * v), rep(round(1e4 * m), R), paired = TRUE, exact = TRUE, alternative = how)$p.value
  predicted <- function(level) as.numeric(predict(lm(v ~ 1), data.frame(row.names = 1), interval = "prediction", level = level))
  plain <- list(bounds = t_bounds(v), p = t_p(v, thresholds))
  stopifnot(all.equal(plain, by_formula(s2, 0), tolerance = 1e-10))
  list(values = v, variance = s2, floor = 4 * s2, plain = plain, widened = by_formula(s2, .5),
    plain_on_the_floor = by_formula(4 * s2, 0), widened_on_the_floor = by_formula(4 * s2, .5),
    flips = p_values(function(m) flip(m, "greater"), function(m) flip(m, "less"), thresholds),
    prediction = list(level = c(.95, .9998), low = c(predicted(.95)[2], predicted(.9998)[2]),
      high = c(predicted(.95)[3], predicted(.9998)[3])))
})

# ---- entropy of the predictions / ln K: binom.test's box at alpha / K; second implementation ----
# Greatest: p = clip(exp(-1 - lambda), box) by the root in lambda (the Lagrange condition). Least: h's chord over the box
# is its convex envelope; that linear programme is a fractional knapsack, filled by slope.
h <- function(p) sum(ifelse(p > 0, -p * log(p), 0))
entropy_bounds <- function(counts) {
  K <- length(counts); n <- sum(counts)
  box <- function(a) t(vapply(counts, function(x) binom.test(x, n, conf.level = 1 - a / K)$conf.int[1:2], c(0, 0)))
  upper <- function(a) {
    b <- box(a); fill <- function(lambda) pmin(pmax(exp(-1 - lambda), b[, 1]), b[, 2])
    lambda <- solve_for(function(l) sum(fill(l)) - 1, -2, 800)
    best <- h(fill(lambda)) / log(K)
    softmax <- function(u) exp(u) / sum(exp(u))  # and no search finds more inside the box
    found <- optim(rep(0, K), function(u) { p <- softmax(u); h(p) - 1e6 * sum(pmax(p - b[, 2], 0) + pmax(b[, 1] - p, 0)) },
      control = list(fnscale = -1, maxit = 20000))
    stopifnot(found$value / log(K) <= best + 1e-4)
    best
  }
  lower <- function(a) {
    b <- box(a); width <- b[, 2] - b[, 1]
    ends <- vapply(seq_len(K), function(k) c(h(b[k, 1]), h(b[k, 2])), c(0, 0)); slope <- (ends[2, ] - ends[1, ]) / width
    total <- sum(ends[1, ]); room <- 1 - sum(b[, 1])
    for (k in order(slope)) { take <- min(room, width[k]); total <- total + slope[k] * take; room <- room - take }
    max(total / log(K), 0)
  }
  list(counts = counts, value = h(counts / n) / log(K), bounds = bounds(lower, upper))
}
engines$entropy <- lapply(list(c(3, 1), c(20, 5, 0), c(7, 7, 7), c(60, 3, 2, 1, 0), c(10, 20, 30, 40), c(4873, 90, 20, 10, 7, 0, 0, 0, 0, 0),
  c(5000, rep(0, 9)), c(480, 520, 610, 390, 505, 495, 500, 450, 550, 500)), entropy_bounds)

# ---- several p-values: stats::p.adjust ----
engines$multiplicity <- lapply(list(c(.01, .04, .03, .005), c(.5, .5, 1, 0, .2), c(1e-12, .049, .0001, .9, .9, .04, 3e-5, .2), .3),
  function(p) list(p = p, holm = p.adjust(p, "holm"), benjamini_hochberg = p.adjust(p, "BH")))

# ---- two draws of one finding: interval of the difference from two intervals (Zou and Donner 2008), on binom.test's ----
engines$drift <- lapply(list(c(4873, 5000, 4858, 5000), c(5000, 5000, 4990, 5000), c(500, 1000, 700, 1000)), function(k) {
  old <- binom.test(k[1], k[2])$conf.int; new <- binom.test(k[3], k[4])$conf.int; p <- k[1] / k[2]; q <- k[3] / k[4]
  list(successes1 = k[1], n1 = k[2], successes2 = k[3], n2 = k[4], difference = q - p,
    low95 = q - p - sqrt((q - new[1])^2 + (old[2] - p)^2), high95 = q - p + sqrt((new[2] - q)^2 + (p - old[1])^2))
})

# ---- minimum spanning tree: igraph; the bottleneck of a path without an edge is the longest edge of the tree's path ----
engines$bottleneck <- lapply(c(3, 5, 7), function(step) {
  N <- 11; d <- matrix(0, N, N); d[upper.tri(d)] <- round(pnorm(sample_like(N * (N - 1) / 2, step)), 6)
  if (step > 3) d[1, N] <- .001  # so short that the tree holds it
  d <- d + t(d)
  whole <- graph_from_adjacency_matrix(d, mode = "undirected", weighted = TRUE)
  cut <- mst(delete_edges(whole, get_edge_ids(whole, c(1, N))))
  path <- E(cut)[shortest_paths(cut, 1, N, output = "epath")$epath[[1]]]
  list(distances = d, start = 0, end = N - 1, bottleneck = max(path$weight), tree_weights = sort(E(mst(whole))$weight))
})

# ---- for engines to come ----
# A slope within class: lm and sandwich::vcovHC type HC3, t by lmtest::coeftest, bounds by lmtest::coefci.
group <- rep(0:3, c(8, 9, 10, 13)); x <- sample_like(40, 7)
y <- round(.3 * x + c(.1, -.4, .9, .2)[group + 1] + (.3 + abs(x)) * sample_like(40, 11, 0, .6), 4)
fit <- lm(y ~ x + factor(group)); robust <- coeftest(fit, vcovHC(fit, type = "HC3"))
slope <- robust["x", 1]; slope_se <- robust["x", 2]
later$hc3 <- list(x = x, y = y, group = group, slope = slope, se = slope_se, df = df.residual(fit), p_two_sided = robust["x", 4],
  bounds = bounds(function(a) coefci(fit, "x", 1 - 2 * a, vcovHC(fit, type = "HC3"))[1],
                  function(a) coefci(fit, "x", 1 - 2 * a, vcovHC(fit, type = "HC3"))[2]),
  p = p_values(function(m) pt((slope - m) / slope_se, df.residual(fit), lower.tail = FALSE),
               function(m) pt((slope - m) / slope_se, df.residual(fit)), c(0, .1, .5)))
# Two AUROCs of the same units: pROC's roc.test, paired, DeLong; covariance by pROC::cov.
noise <- list(a = sample_like(30, 7, 1), b = round(.6 * sample_like(30, 7, 1) + sample_like(30, 3, .2, .8), 2))
images <- list(a = sample_like(45, 5), b = round(.6 * sample_like(45, 5) + sample_like(45, 13, 0, .8), 2))
ra <- quiet_roc(noise$a, images$a); rb <- quiet_roc(noise$b, images$b)
test <- roc.test(ra, rb, method = "delong", paired = TRUE)
later$paired_delong <- list(noise = noise, images = images, auc = c(auc(ra), auc(rb)), variance = c(var(ra), var(rb)),
  covariance = cov(ra, rb, method = "delong"), z = unname(test$statistic), p_two_sided = test$p.value)
# Kendall's W = Friedman's chi-square / (m (k - 1)), with ties, by stats::friedman.test; rows are raters (its blocks).
ratings <- rbind(c(3, 1, 4, 2, 6, 5, 9, 8, 7, 10), c(2, 2, 4, 1, 6, 7, 8, 8, 5, 10), c(1, 4, 3, 3, 5, 9, 7, 6, 8, 10),
                 c(5, 1, 2, 3, 4, 6, 10, 7, 8, 9))
friedman <- friedman.test(ratings)
later$kendall_w <- list(ratings = ratings, w = unname(friedman$statistic) / (nrow(ratings) * (ncol(ratings) - 1)),
  chi_square = unname(friedman$statistic), p = friedman$p.value)
# Spearman: stats::cor.test; the exact p (seven values, no ties), and the t approximation with ties.
exact <- cor.test(ratings[1, 1:7], ratings[4, 1:7], method = "spearman", exact = TRUE, alternative = "greater")
tied <- cor.test(ratings[1, ], ratings[2, ], method = "spearman", exact = FALSE, alternative = "greater")
later$spearman <- list(
  exact = list(x = ratings[1, 1:7], y = ratings[4, 1:7], rho = unname(exact$estimate), p_greater = exact$p.value),
  tied = list(x = ratings[1, ], y = ratings[2, ], rho = unname(tied$estimate), p_greater = tied$p.value))

used <- c("stats", "jsonlite", "pROC", "igraph", "exactRankTests", "survey", "sandwich", "lmtest")
versions <- sapply(used, function(name) as.character(packageVersion(name)), simplify = FALSE)
cat(toJSON(list(made_with = c(list(R = paste(R.version$major, R.version$minor, sep = ".")), versions),
  engines = engines, later = later), digits = I(17), auto_unbox = TRUE, pretty = TRUE), "\n", sep = "")
