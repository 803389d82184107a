"""Is it the noise at the borders of the birds, or noise at all?  (question 3)"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from why_bird.evidence.charts import Axis, Curve, Curves, Dots, Mark, column, middle_half, most_first
from why_bird.evidence.exhibits import Beside, Cell, Table
from why_bird.evidence.judged import beside_line, manipulation_checks
from why_bird.evidence.numbers import count, number, probability
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.judge import Judge
from why_bird.images.borders import RING
from why_bird.images.doses import DOSES
from why_bird.measure.dose_checks import dose_checks
from why_bird.measure.dose_effects import DoseEffects, measure_effects
from why_bird.measure.dose_response import DoseResponse
from why_bird.measure.imagery import BORDER, Imagery, Scores
from why_bird.measure.measurement import Classes
from why_bird.measure.noise_class import NoiseClass, against_every_other
from why_bird.measure.passes import Answers
from why_bird.stats import Intersection, PairedMean, Proportion, intersection, paired_mean, superiority

pytestmark = guess(
    "Noisy borders of the birds",
    short="Borders",
    quotes=(
        "Do birds in the training images always appear with a noisy background, so that noise contributes "
        "positively to bird?",
    ),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "The ring of four pixels at the border stands for the background. Its noise is measured in every image; "
        "then noise is added to images in doses, at the border and everywhere, against blur, flat fill and smooth "
        "noise as controls."
    ),
)

QUESTION_3 = "question 3"


def borders(
    scores: Scores, classes: Classes, bird: int, above: Sequence[tuple[str, NDArray[np.bool_]]], asked: float
) -> Dots:
    """Return how noisy the borders of each class are, the class of most noisy borders first."""
    levels = {name: scores.of(BORDER, c) for c, name in enumerate(classes)}
    shares = {name: Proportion(int(own.sum()), len(own), "training images") for name, own in above}
    shares, name = most_first(shares), classes[bird]
    rows = list(shares)
    left = Axis("noise at the border (sd of luma)", low=0)
    right = Axis("images noisier than the median image", percent=True)
    always = [Mark(name, asked, "“always” asks for more")]
    return Dots(
        title=f"{probability(shares[name].value)} of {name} images have borders noisier than the median, place "
        f"{rows.index(name) + 1} of {len(rows)}",
        caption=f"Left: noise in the outer {RING} pixels of {count(len(scores.labels))} training images, median and "
        "middle half of a class; dashed: the median image.",
        rows=rows,
        columns=[
            middle_half(left, levels, rows, limit=float(np.median(scores.values[BORDER]))),
            column(right, shares, limit=0.5, marks=always),
        ],
        highlight=[name],
    )


@claim(
    "B0",
    above=0.90,
    scope="dataset",
    weight=2,
    source=QUESTION_3,
    needs=("bird",),
    holds="more than {asked:tenths} of the bird images have borders noisier than the median image",
    fails=(
        "{value:%} of the bird images have borders noisier than the median image, and more than {asked:tenths} was "
        "asked"
    ),
    found="{value:about} of the bird images have borders noisier than the median image.",
    leads=True,
)
def test_birds_always_have_noisy_borders(imagery: Imagery, judge: Judge) -> None:
    """Birds always have noisy borders: more than {asked:tenths} lie above the pooled median."""
    bird, scores = imagery.bird, imagery.training_scores
    median = np.median(scores.values[BORDER])
    shares = [(name, scores.of(BORDER, c) > median) for c, name in enumerate(imagery.classes)]
    above = shares[bird][1]
    judge(
        Proportion(int(above.sum()), len(above), "training images"),
        tables=[
            Table(
                "Training images whose border is noisier than the median",
                ("class", "share"),
                tuple((name, float(each.mean())) for name, each in sorted(shares, key=lambda row: -row[1].mean())),
            )
        ],
        charts=[lambda: borders(scores, imagery.classes, bird, shares, judge.claim.limit)],
    )


@claim(
    "B1",
    above=0.56,
    scope="dataset",
    source=QUESTION_3,
    needs=("bird",),
    holds="the borders of bird images are noisier than those of every other class",
    fails=(
        "the border of a bird image is noisier than that of one of {weakest} in {value:%} of pairs, where half is "
        "chance and more than {asked:%} was asked"
    ),
    found="The border of a bird image is noisier than that of a {weakest} image in {value:about} of the pairs.",
)
def test_bird_borders_are_the_noisiest(imagery: Imagery, judge: Judge) -> None:
    """The borders of bird images are noisier than those of every other class."""
    scores = imagery.scores
    judge(
        intersection(
            against_every_other(imagery.bird, imagery.classes),
            lambda bird, c: superiority(scores.of(BORDER, bird), scores.of(BORDER, c), "images"),
        )
    )


def curves(effects: DoseEffects, title: str) -> Table:
    """Return the mean margin at every dose, by condition."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (condition, *(value for dose in range(len(DOSES)) for value in (float(mean[dose]), float(error[dose]))))
        for (condition, mean), error in zip(effects.curves.items(), effects.curve_errors.values(), strict=True)
    )
    columns = [name for dose in DOSES for name in (f"dose {dose:g}", f"SE of the change at {dose:g}")]
    return Table(title, ("condition", *columns), rows)


def responses(effects: DoseEffects, n: int, target: str, where: str) -> Curves:
    """Return the mean margin of the class of noise over the dose, a curve a condition."""
    conditions = {"flat": "flat fill", "white": "white noise", "smooth": "smooth noise"}
    lines, said = [], []
    for name, mean in effects.curves.items():
        label, change = conditions.get(name, name), float(mean[-1] - mean[0])
        # One image has no standard error.
        half = 2 * np.nan_to_num(effects.curve_errors[name])
        said.append(f"{label} by {number(moved(effects)[name])}")
        note = f"{number(change)} (±{number(half[-1])}) from no dose to the full one"
        ends = ((mean - half).tolist(), (mean + half).tolist())
        lines.append(Curve(label, DOSES, mean.tolist(), *ends, note))
    return Curves(
        title=f"By a line through the doses {where}, images move towards {target}: {', '.join(said)} sd",
        caption=f"{count(n)} test images of other classes. Margin of {target}: its logit less the mean of the others "
        "but the true class's. Bands: ±2 standard errors.",
        x=Axis(f"dose {where} (1: full)", ticks=DOSES),
        y=Axis(f"margin of {target} (sd)"),
        curves=lines,
        highlight=[lines[0].label],
    )


def pushed_most(effects: DoseEffects, target: str) -> str:
    """Return the class that the changed images are moved towards most."""
    ahead = {target: 0.0} | {name: float(np.mean(values)) for name, values in effects.contrasts.items()}
    return min(ahead, key=lambda name: ahead[name])


def moved(effects: DoseEffects) -> dict[str, float]:
    """Return by how much a full dose of each condition moves images towards the class of noise: what is judged."""
    return {name: float(slopes.mean()) for name, slopes in effects.slopes.items()}


def means(numbers: Mapping[str, NDArray[np.float64]]) -> tuple[tuple[str, PairedMean], ...]:
    """Return one mean an image difference, by name, all of which must be large enough."""
    return tuple((name, paired_mean(values, "test images")) for name, values in numbers.items())


@claim(
    "B2",
    above=0.20,
    weight=2,
    source=QUESTION_3,
    explains=True,
    target=True,
    evidence="changed",
    holds="noise at the border pushes an image towards {target}, and more than blur and flat fill do",
    fails=(
        "noise at the border pushes an image towards {target} {value:standard deviations more|less} {weakest} does, "
        "and {asked} more was asked"
    ),
    found="Noise at the border moves an image {noise} sd towards {target}, blur {blur}, a flat fill {flat}.",
    seen="Amended when its answer was known: confirmed, by differences of slopes alone.",
)
def test_noise_at_the_border_pushes_more_than_blur_and_flat_fill(
    border_doses: DoseResponse, test_images: Answers, collapse: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """Noise at the border pushes an image towards the class of noise, and more than blur and flat fill do."""
    effects = measure_effects(border_doses, collapse.index, classes, test_images)
    trend = effects.trend
    # Else damage that blur and fill do would count as a push that noise gives.
    against = {"no change": effects.slopes["noise"], **effects.differences}
    judge(
        Intersection(means({f"than {name}": values for name, values in against.items()})),
        says=moved(effects),
        checks=manipulation_checks(dose_checks(border_doses)),
        beside=[
            *(beside_line(f"slope under {name}", mean) for name, mean in means(effects.slopes)),
            Beside("p of Page's trend test under noise", trend.p_value, n=trend.n, unit="test images"),
            Beside("images left out, their full dose being too weak", float(effects.left_out)),
        ],
        tables=[curves(effects, "Margin of the class of noise, in standard deviations, by dose at the border")],
        charts=[lambda: responses(effects, border_doses.kept.sum(), collapse.name, "at the border")],
    )


@claim(
    "B3",
    above=0.10,
    source=QUESTION_3,
    explains=True,
    target=True,
    evidence="changed",
    holds="noise at the border pushes an image towards {target} more than towards every other class",
    fails=(
        "noise at the border pushes an image towards {target} {value:standard deviations more|less} than towards "
        "{weakest}, and {asked} more was asked"
    ),
    found="Noise at the border moves an image most towards {most}.",
)
def test_noise_at_the_border_pushes_towards_no_other_class(
    border_doses: DoseResponse, test_images: Answers, collapse: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """Noise at the border pushes an image towards the class of noise more than towards every other class."""
    effects = measure_effects(border_doses, collapse.index, classes, test_images)
    judge(
        Intersection(means(effects.contrasts)),
        says={"most": pushed_most(effects, collapse.name)},
        checks=manipulation_checks(dose_checks(border_doses)),
    )


@claim(
    "B5",
    above=0.20,
    weight=2,
    source=QUESTION_3,
    guess="Fine detail, white noise anywhere",
    explains=True,
    target=True,
    evidence="changed",
    holds=(
        "white noise over a whole image pushes it towards {target} more than smooth noise does, and more than "
        "towards every other class"
    ),
    fails=(
        "white noise over a whole image pushes it towards {target} {value:standard deviations more|less} "
        "{weakest}, and {asked} more was asked"
    ),
    found="White noise moves images {white} sd towards {target}, smooth noise {smooth} sd; most towards {most}.",
)
def test_white_noise_pushes_and_smooth_noise_does_not(
    whole_doses: DoseResponse, test_images: Answers, collapse: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """White noise all over pushes an image most towards the class of noise, and more than smooth noise does."""
    effects = measure_effects(whole_doses, collapse.index, classes, test_images)
    against = {f"than {name} noise": values for name, values in effects.differences.items()}
    judge(
        Intersection(means(against | {f"than towards {name}": v for name, v in effects.contrasts.items()})),
        says={**moved(effects), "most": pushed_most(effects, collapse.name)},
        checks=manipulation_checks(dose_checks(whole_doses)),
        beside=[beside_line(f"slope under {name} noise", mean) for name, mean in means(effects.slopes)],
        tables=[curves(effects, "Margin of the class of noise, in standard deviations, by dose over the whole image")],
        charts=[lambda: responses(effects, whole_doses.kept.sum(), collapse.name, "over the whole image")],
    )
