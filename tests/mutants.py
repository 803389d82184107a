"""Mistakes that someone could make in this project, and the test that has to catch each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

__all__ = ["MUTANTS", "Mutant"]


@dataclass(frozen=True)
class Mutant:
    """One edit of one file.

    Parameters
    ----------
    name : str
        What the mistake is.
    file : str
        Path in the project.
    original, mutated : str
        Text that stands there once, and what it becomes.
    test : str
        Node id of the test that catches it; of a parametrised one with or without its parameters.
    nightly : bool, default False
        Whether it is caught at night: where that takes a whole run of the claims, and where another mutant shows
        already that the same tests can fail.
    """

    name: str
    file: str
    original: str
    mutated: str
    test: str
    nightly: bool = False


RULE = "tests/stats/test_verdict.py::test_the_rule"
ADJUSTED = "tests/stats/test_verdict.py::test_p_is_adjusted_by_the_share_of_the_budget"
ALL_OR_ONE = "tests/stats/test_verdict.py::test_an_intersection_needs_all_and_falls_with_one"
INVERSION = "tests/stats/test_inversion.py::test_p_is_below_alpha_exactly_where_the_bound_is_past"
GOLDEN = "tests/stats/test_golden.py::"
PROXIMITY = "tests/measure/test_proximity.py::"
ONE_POINT = "tests/measure/test_one_point.py::"
SPLITS = "tests/measure/test_splits.py::"
FORWARD = "tests/measure/test_forward.py::"
SELECTION = "tests/plugin/test_selection.py::"
WORLDS = "tests/plugin/test_worlds.py::"
NEURONS = "tests/plugin/test_neuron_worlds.py::"

VERDICT = (
    ("confirmed where the interval begins short of the threshold",
     "low < interval.low)", "low > interval.low)", RULE),
    ("confirmed on the threshold itself",
     "low < interval.low)", "low <= interval.low)", RULE),
    ("rejected where the interval ends past the threshold",
     "elif interval.high < low or", "elif interval.high > low or", RULE),
    ("within one limit is enough",
     "interval.low) and (high", "interval.low) or (high", RULE),
    ("reversed and too small exchanged",
     "if ends[1] < sign * null:", "if ends[0] > sign * null:", RULE),
    ("decided by the interval that is for reading",
     "    interval = estimate.interval(1.0 - 2.0 * alpha)", "    interval = estimate.interval(0.95)", ADJUSTED),
    ("a two-sided error rate",
     "    interval = estimate.interval(1.0 - 2.0 * alpha)", "    interval = estimate.interval(1.0 - alpha)", ADJUSTED),
    ("p not adjusted for the other claims",
     "min(1.0, p / weight_share)", "min(1.0, p)", ADJUSTED),
)  # fmt: skip

INTERSECTION = (
    ("a rejection not corrected for the choice among contrasts",
     "part.upper(alpha / len(self.parts))", "part.upper(alpha)", ALL_OR_ONE),
    ("one contrast is enough to confirm",
     "return min(part.lower(alpha)", "return max(part.lower(alpha)", ALL_OR_ONE),
    ("p of the best contrast",
     "return max(part.p_above(threshold)", "return min(part.p_above(threshold)",
     "tests/stats/test_inversion.py::test_intersection_bounds"),
    ("p of a rejection not corrected",
     "len(self.parts) * min(part.p_below", "min(part.p_below", ALL_OR_ONE),
)  # fmt: skip

ENGINES = (
    ("the p-value of a bound short of the threshold", "lib/why_bird/stats/estimate.py",
     "self._lower(alpha) > threshold", "self._lower(alpha) < threshold", f"{INVERSION}[entropy]"),
    ("within takes the smaller p", "lib/why_bird/stats/estimate.py",
     "return max(self.p_above(low), self.p_below(high))", "return min(self.p_above(low), self.p_below(high))",
     "tests/stats/test_inversion.py::test_within_takes_the_larger_p"),
    ("a bound searched on the wrong side", "lib/why_bird/stats/score.py",
     "self.excess > z * self.se + widening", "self.excess < z * self.se + widening",
     "tests/stats/golden/test_proportions.py::test_paired_drop"),
    ("a score test not widened for skewness", "lib/why_bird/stats/score.py",
     "self.excess > z * self.se + widening", "self.excess > z * self.se",
     "tests/stats/golden/test_proportions.py::test_proportion_difference"),
    ("a lower bound above the mean", "lib/why_bird/stats/student.py",
     "return location + (t +", "return location - (t +", f"{GOLDEN}test_t_against_scipy"),
    ("an interval made narrower for skewness", "lib/why_bird/stats/student.py",
     "return max(skewness, 0.0) /", "return skewness /", "tests/stats/golden/test_means.py::test_paired_mean"),
    ("the lower bound of a share taken from one success too many", "lib/why_bird/stats/proportion.py",
     "betaincinv(self.successes, self.n - self.successes + 1, alpha)",
     "betaincinv(self.successes + 1, self.n - self.successes + 1, alpha)",
     f"{GOLDEN}test_clopper_pearson_against_scipy_and_statsmodels"),
    ("the pairs lost: a paired test of what is not paired", "lib/why_bird/stats/pairs.py",
     "np.asarray(first), np.asarray(second)", "np.asarray(first), np.sort(np.asarray(second))",
     f"{GOLDEN}test_paired_drop_counts_the_table"),
    ("samples exchanged", "lib/why_bird/stats/superiority.py",
     "placements(second, first)", "placements(first, second)",
     "tests/stats/golden/test_superiority.py::test_superiority"),
    ("one overlap more evidence than none", "lib/why_bird/stats/superiority.py",
     "return min(bound, separated)", "return bound",
     f"{GOLDEN}test_one_overlap_is_not_more_evidence_than_separation"),
    ("an interval without width where no unit differs", "lib/why_bird/stats/mean.py",
     "if self.value == least:", "if self.value >= least:", f"{GOLDEN}test_mean_without_variation"),
    ("the jackknife without its factor (n - 1)/n", "lib/why_bird/stats/jackknife.py",
     "(n - 1) / n * float(spread)", "float(spread)", f"{GOLDEN}test_jackknife_of_means_is_the_welch_test"),
    ("the jackknife of a bootstrap's spread", "lib/why_bird/stats/jackknife.py",
     "(n - 1) / n * float(spread)", "float(spread) / (n - 1)", f"{GOLDEN}test_jackknife_of_means_is_the_welch_test"),
    ("the jackknife widened on the wrong side", "lib/why_bird/stats/jackknife.py",
     "(replicates.mean() - replicates)", "(replicates - replicates.mean())",
     "tests/stats/test_features.py::test_few_right_answers_are_skewed_and_widen_the_jackknife"),
    ("sampling error taken for disagreement", "lib/why_bird/stats/concordance.py",
     "value = _in_common(given, errors)", "value = _in_common(given, 0.0 * errors)",
     "tests/stats/test_concordance.py::test_sampling_error_does_not_pass_for_disagreement"),
    ("networks that differ by less than chance", "lib/why_bird/stats/network_mean.py",
     "if differ else 0.0, self.within)", "if differ else 0.0, 0.0)",
     "tests/stats/test_pooling.py::test_the_variance_within_networks_is_kept"),
    ("where one more network falls, taken for where the mean lies", "lib/why_bird/stats/network_mean.py",
     "spread * (1.0 + 1.0 / self.n)", "spread * (1.0 / self.n)", "tests/stats/golden/test_means.py::test_prediction"),
    ("a dropped weight", "lib/why_bird/stats/multiplicity.py",
     "claim: weight / total for", "claim: 1 / len(weights) for", f"{GOLDEN}test_shares_and_networks"),
    ("a weight not normalised", "lib/why_bird/stats/multiplicity.py",
     "claim: weight / total for", "claim: weight / len(weights) for", f"{GOLDEN}test_shares_and_networks"),
)  # fmt: skip

LEDGER = f"{SELECTION}test_each_ledger_shares_out_the_protocols_budget"
BUDGET = (
    ("a ledger without weights",
     "ledgers[name, False][claim.id] = claim.weight", "ledgers[name, False][claim.id] = 1", LEDGER),
    ("procedures in the ledger of networks", 'if claim.scope != "procedure":', "if claim:", LEDGER),
    ("weights among procedures", 'claim.weight if claim.scope == "procedure" else 1', "claim.weight", LEDGER),
    ("a budget for the claims that were collected",
     "config.stash[LEDGERS] = ledgers",
     "config.stash[LEDGERS] = Ledgers(Register({claim.id: claim for claim in written}))",
     f"{SELECTION}test_the_error_budget_is_the_registers"),
)  # fmt: skip

MEASURES = (
    ("cosines not centred", "proximity", "if centred else products.gram", "if not centred else products.gram",
     f"{PROXIMITY}test_without_centring_a_common_offset_hides_the_opposite"),
    ("a sink that holds eight tenths", "noise_class", "9 * len(logits)", "8 * len(logits)",
     "tests/measure/test_subject.py::test_the_sink_is_the_smallest_set_that_holds_nine_tenths"),
    ("noise in the balanced mean", "proximity", "gram[..., :-1].mean(-1,", "gram.mean(-1,",
     f"{PROXIMITY}test_the_origin_weighs_classes_and_not_images"),
    ("the edge itself among the paths around it", "proximity",
     " = path[..., end, start] = np.inf", " = path[..., end, start]",
     f"{PROXIMITY}test_the_nearest_class_is_joined_to_noise"),
    ("one point about zero", "one_point", "across - first - second + squared_origin", "across",
     f"{ONE_POINT}test_shares_are_those_of_the_formula"),
    ("lengths about zero", "one_point", "half:] - 2 * second + squared_origin", "half:]",
     f"{ONE_POINT}test_shares_are_those_of_the_formula"),
    ("one draw in place of two, so that its mean is never short", "one_point",
     "by_class), noise_a, *(f[1::2]", "by_class), noise_b, *(f[1::2]",
     f"{ONE_POINT}test_noise_without_a_direction_has_a_share_near_zero_of_either_sign"),
    ("one half of a class twice", "one_point", "f[1::2] for f", "f[0::2] for f",
     f"{ONE_POINT}test_shares_are_those_of_the_formula"),
    ("an image left out of the sum and not of the count", "group_means",
     "(self.means[group] - f) / (n - 1)", "(self.values[group] - f) / n",
     "tests/measure/test_group_means.py::test_products_with_and_without_each_image"),
    ("a head without its bias", "readout", "product + self.bias if bias else product", "product",
     "tests/measure/test_readout.py::test_logits_with_and_without_the_bias"),
    ("a bias that cannot be left out", "readout", "product + self.bias if bias else product", "product + self.bias",
     "tests/measure/test_readout.py::test_labels_with_and_without_the_bias"),
    ("normalisation folded into nothing", "folding",
     "setattr(part, first, fuse_conv_bn_eval(convolution, norm))", "setattr(part, first, convolution)",
     f"{FORWARD}test_folding_takes_out_the_normalisation_and_keeps_the_logits"),
    ("images not normalised", "inference", "network.preprocess(torch.from_numpy(read(start, stop)).to(device))",
     "torch.from_numpy(read(start, stop)).to(device)", f"{FORWARD}test_logits_features_and_stages_are_those_by_hand"),
    ("pixels from 0 to 255", "forward", ".astype(np.float32) / np.float32(255)", ".astype(np.float32)",
     f"{FORWARD}test_an_image_set_is_passed_on_the_scale_from_0_to_1"),
)  # fmt: skip

SUBJECT = (
    ("noise-B chooses", "choose_noise_class(self.noise_a.logits", "choose_noise_class(self.noise.logits",
     f"{SPLITS}test_the_class_of_noise_is_chosen_on_noise_a"),
    ("noise-A tests", "answers(self.network, self.planned.noise_b)",
     "answers(self.network, self.planned.noise_a)", f"{SPLITS}test_noise_b_tests_as_do_its_other_forms"),
    ("a collapse at less than half", "self.target.share < 0.5", "self.target.share < 0.25",
     "tests/measure/test_subject.py::test_little_noise_in_one_class_is_no_collapse"),
)  # fmt: skip

CLASSIFIER = (
    ("a spectrum tested on the draws that chose its class", "tests.labels[:count]", "chooses.labels[:count]",
     f"{SPLITS}test_a_spectrum_is_tested_on_other_draws_than_its_class_is_chosen_on"),
    ("noise-B in both places of the product", "_, _, noise_a = self._features(self.noise_a)",
     "_, _, noise_a = self._features(self.noise)",
     f"{SPLITS}test_one_point_is_a_product_of_both_draws_and_distances_are_of_noise_b"),
    ("the claims of nearness not centred", "(self.group_means, centred=True)",
     "(self.group_means, centred=False)",
     f"{SPLITS}test_one_point_is_a_product_of_both_draws_and_distances_are_of_noise_b"),
)  # fmt: skip

PLANNED = (
    ("noise-B drawn as noise-A is", 'self.draws.post("B",', 'self.draws.post("A",',
     "tests/measure/test_subject.py::test_noise_a_and_noise_b_share_no_image"),
    ("training images evaluate",
     'self._sample("test", self.classes, TEST,', 'self._sample("train", self.classes, TEST,',
     "tests/measure/test_subject.py::test_many_test_images_are_cut_to_a_fixed_sample"),
)  # fmt: skip

IMAGES = (
    ("images in the order of their files", "lib/why_bird/images/decode.py",
     "np.lexsort((*digests.T[::-1], labels))", "np.lexsort((labels,))",
     "tests/images/test_layouts.py::test_order_is_by_class_and_content_not_by_file_name"),
    ("a sample of the last", "lib/why_bird/images/select.py", "of_class[:each]", "of_class[-each:]",
     "tests/images/test_select.py::test_a_balanced_sample_is_the_selection_or_a_sample_of_it"),
    ("normalisation without the standard deviation", "lib/why_bird/networks/preprocess.py",
     "return (images - mean) / std", "return images - mean",
     "tests/networks/test_preprocess.py::test_normalises_each_channel_and_keeps_values_outside_the_unit_interval"),
    ("one stream for every role", "lib/why_bird/streams.py", "{claim}\\0{role}\\0{replicate}", "{claim}\\0{replicate}",
     "tests/test_streams.py::test_any_other_name_is_another_stream"),
    ("noise of one role for all", "lib/why_bird/images/noise.py", '"noise", f"{self.role}/', '"noise", f"',
     "tests/images/test_noise.py::test_seeds_roles_and_families_share_no_draw"),
)  # fmt: skip

TESTED = f"{WORLDS}test_every_claim_is_tested_as_the_protocol_says"
CALLED_BIRD = '"""More than {asked:tenths} of the noise is called bird."""'
CLAIMS = (
    ("damage taken for a push", "background_noise", '"no change": effects.slopes["noise"], ', "",
     "tests/plugin/test_damage_worlds.py::test_what_controls_take_away_is_no_push_by_noise"),
    ("what other units take taken for what its own give", "neurons",
     '[("than with them", paired_drop(before, own, "noise images"))]', "[]",
     f"{NEURONS}test_what_other_units_take_from_the_class_is_nothing_that_its_own_give"),
    ("statistics of noise without their placebo", "normalisation", "placebo[:n] == exchanged.largest.index",
     "before[:n] == collapse.index",
     f"{NEURONS}test_statistics_that_need_not_be_those_of_noise_are_not_what_puts_it_there"),
    ("moments of noise without their placebo", "normalisation", "turned.astype(np.float64) - anyway",
     "turned.astype(np.float64)", f"{NEURONS}test_images_that_any_foreign_moments_turn_say_nothing_of_noise"),
    ("what is paired tested as if it were not", "bias_dominance",
     'paired_drop(with_bias, without == collapse.index, "noise images")',
     "__import__('why_bird.stats').stats.ProportionDifference(int(with_bias.sum()), with_bias.size, "
     "int((without == collapse.index).sum()), with_bias.size, 'noise images')", TESTED),
    ("bird's share of noise-A", "noise_collapse",
     f"(noise: Answers, bird: int, judge: Judge) -> None:\n    {CALLED_BIRD}\n    judge(share(noise.labels",
     f"(noise_a: Answers, bird: int, judge: Judge) -> None:\n    {CALLED_BIRD}\n    judge(share(noise_a.labels",
     TESTED),
    ("the bias left in", "bias_dominance", "head.labels(noise.features, bias=False)", "head.labels(noise.features)",
     f"{WORLDS}test_the_bias_makes_the_sink"),
    ("nearest is farthest", "feature_proximity",
     "graph.nearer(own, c)", "graph.nearer(c, own)", f"{WORLDS}test_noise_lands_among_the_images_of_its_class"),
    ("classes more of a point than noise", "bias_dominance", "float(shares[-1] - shares[c])",
     "float(shares[c] - shares[-1])", f"{WORLDS}test_noise_is_a_point_beside_images_that_scatter"),
    ("the path without the edge that it is held against", "feature_proximity",
     "return bottleneck(distances, noise, c) - distances[..., noise, c]",
     "return bottleneck(distances, noise, c)", f"{WORLDS}test_noise_lands_far_from_its_class"),
    ("white against white", "noise_collapse", "counts[1], len(natural.labels)", "counts[0], len(natural.labels)",
     f"{WORLDS}test_only_white_noise_of_full_contrast_collapses"),
)  # fmt: skip

_ALL = (
    *(Mutant(name, "lib/why_bird/stats/verdict.py", *rest) for name, *rest in VERDICT),
    *(Mutant(name, "lib/why_bird/stats/intersection.py", *rest) for name, *rest in INTERSECTION),
    *(Mutant(*each) for each in (*ENGINES, *IMAGES)),
    *(Mutant(name, "fixtures/why_bird/fixtures/collection.py", *rest) for name, *rest in BUDGET),
    *(Mutant(name, f"lib/why_bird/measure/{module}.py", *rest) for name, module, *rest in MEASURES),
    *(Mutant(name, "lib/why_bird/measure/subject.py", *rest) for name, *rest in SUBJECT),
    *(Mutant(name, "lib/why_bird/measure/classifier.py", *rest) for name, *rest in CLASSIFIER),
    *(Mutant(name, "lib/why_bird/measure/planned_passes.py", *rest) for name, *rest in PLANNED),
    *(Mutant(name, f"hypotheses/test_{module}.py", *rest, nightly=True) for name, module, *rest in CLAIMS),
)


def _one_a_file(mutants: Sequence[Mutant]) -> tuple[Mutant, ...]:
    """Leave the first of each file of tests to the day."""
    seen: set[str] = set()
    chosen = []
    for each in mutants:
        file = each.test.partition("::")[0]
        chosen.append(replace(each, nightly=each.nightly or file in seen))
        seen.add(file)
    return tuple(chosen)


MUTANTS = _one_a_file(_ALL)
