"""Does noise fall into one class, and which?  (facts 1 and 2 of the post)"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.evidence.charts import (
    Axis,
    Bars,
    Cloud,
    HeatMap,
    HeatRow,
    ImageGrid,
    Line,
    Mark,
    Scatter,
    Stacked,
    bars,
    binned,
    image_row,
    most_first,
    stacked,
)
from why_bird.evidence.charts.chart import known
from why_bird.evidence.exhibits import Beside, Table
from why_bird.evidence.judged import beside_line
from why_bird.evidence.numbers import count, probability, quoted
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.judge import Judge
from why_bird.images.box import FAMILIES, Setting, draw_settings
from why_bird.images.box import corners as box_corners
from why_bird.images.noise import Params
from why_bird.images.published_noise import post
from why_bird.measure.classifier import Classifier
from why_bird.measure.counterexample import Counterexample, Found
from why_bird.measure.measurement import Classes
from why_bird.measure.noise_class import NoiseClass, Spectrum
from why_bird.measure.passes import Answers
from why_bird.stats import Intersection, PredictionEntropy, Proportion, ProportionDifference

pytestmark = guess(
    "Nearly all noise in one class, bird",
    observed=True,
    short="Collapse",
    quotes=(
        "5,000 random noise images, Gaussian with the mean and standard deviation of CIFAR-10. Expected: spread "
        "over the ten classes. Seen: nearly all are classified as bird.",
    ),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "Fresh noise of the same kind is passed through the network and its predictions are counted; then the kind "
        "of noise is varied (clipped, shifted, stretched, other spectra), and the plainest that leaves the class is "
        "drawn anew."
    ),
)
THE_POSTS, NEARLY_ALL = "bird", 0.90
MOST_ROWS, SHOWN = 4, 4
KINDS = {"spectral": "Gaussian", "uniform": "uniform", "rademacher": "two-valued"}
OFTEN = {0.5: "half the", 1.0: "the post's", 2.0: "twice the"}
WEAK = 0.7
"""Share of the post's contrast below which noise is called weak."""


def share(labels: NDArray[np.int64], index: int) -> Proportion:
    """Return the share of labels that are one class, as an estimate."""
    return Proportion(int((labels == index).sum()), len(labels), "noise images")


def recognised(test_images: Answers, classes: Classes) -> Bars:
    """Return how many of the test images of each class are given it, the best known class first."""
    labels, truth = test_images.labels, test_images.truth
    own = {name: labels[truth == c] == c for c, name in enumerate(classes) if (truth == c).any()}
    found = most_first({name: Proportion(int(each.sum()), len(each), "test images") for name, each in own.items()})
    best, worst = next(iter(found)), next(reversed(found))
    return bars(
        Axis("test images recognised", percent=True),
        found,
        title=f"{best} is known best, {quoted(found[best].value)}, {worst} worst, {quoted(found[worst].value)}",
        highlight=[worst],
    )


def called(labels: NDArray[np.int64], classes: Classes, target: str) -> Bars:
    """Return what noise is called, the most frequent class first; of many classes the last row is of all others."""
    found = most_first({name: share(labels, c) for c, name in enumerate(classes)})
    said = [f"{quoted(each.value)} of the noise is called {name}" for name, each in found.items()]
    if len(found) > MOST_ROWS:
        kept = dict(list(found.items())[: MOST_ROWS - 1])
        rest = len(labels) - sum(each.successes for each in kept.values())
        found = kept | {f"{len(found) - len(kept)} others": Proportion(rest, len(labels), "noise images")}
    return bars(
        Axis(f"share of {count(len(labels))} noise images", percent=True),
        found,
        marks=[Mark(THE_POSTS, NEARLY_ALL, "the post: nearly all bird")] if THE_POSTS in found else [],
        title=", ".join([*said[:1], *(each.replace(" of the noise is called", "") for each in said[1:2])]),
        caption="Whiskers: 95 % intervals (Clopper–Pearson).",
        leads=True,
        highlight=[target],
    )


def in_proportion(labels: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return the places of n labels: of each class as many as its share (largest remainders), the first ones."""
    quotas = n * np.bincount(labels) / len(labels)
    whole = np.floor(quotas).astype(int)
    whole[np.argsort(whole - quotas, kind="stable")[: n - whole.sum()]] += 1
    order = np.argsort(-quotas, kind="stable")
    return np.concatenate([np.flatnonzero(labels == c)[: whole[c]] for c in order])


def some(subject: Classifier, labels: NDArray[np.int64], classes: Classes) -> ImageGrid:
    """Return pictures of the noise, each with what it is called: of each class as many as its share."""
    identity, places = subject.inputs.identity, in_proportion(labels, SHOWN)
    drawn = post(identity.mean, identity.std, subject.network.preprocess.size, subject.inputs.seed, "B")
    names = [classes[labels[i]] for i in places]
    return ImageGrid(
        title=f"Of {SHOWN} noise images, picked in proportion, the network calls "
        + ", ".join(f"{n} {name}" for name, n in Counter(names).items()),
        caption=f"{SHOWN} of {count(len(labels))} noise images, shared out as the classes are: the first ones of each. "
        "Gaussian, with the mean and standard deviation of the images; clipped to the range of an image file.",
        columns=names,
        rows=[image_row("noise", np.concatenate([drawn.images(i, i + 1) for i in places.tolist()]))],
        leads=True,
    )


def contrast(settings: Sequence[Setting], shares: NDArray[np.float64], target: str) -> Scatter:
    """Return the share in the class over the settings of the family, against their contrast."""
    x, kinds = np.array([each.params.contrast for each in settings]), np.array([each.family for each in settings])
    trend = binned("mean ± 2 SE", x, shares, support=(0.0, 1.0))
    if trend is None:
        raise Unavailable("there are too few settings for a trend")
    low, high = (f"{quoted(known(trend.y)[i])} at {quoted(trend.x[i])}" for i in (0, -1))
    return Scatter(
        title=f"{target} takes {low} of the post's contrast, and {high}",
        caption=f"Each mark is one kind of noise: the share of its images called {target}. "
        "Line: mean in five bins, ±2 standard errors.",
        x=Axis("contrast (1: the post's)", log=2, ticks=(0.5, 1, 2)),
        y=Axis(f"called {target}", percent=True, low=-0.04, high=1.04),
        clouds=[Cloud(KINDS[kind], x[kinds == kind], shares[kinds == kind]) for kind in FAMILIES if kind in kinds],
        trend=trend,
        line=Line("the post's noise", 1),
    )


def kind_of(params: Params, family: str) -> str:
    """Return the kind of noise of a setting, in words."""
    return KINDS[family] + (f" 1/f^{params.beta:.2g}" if params.beta else "")


def setting(params: Params, family: str) -> str:
    """Return what noise of a setting is, in words."""
    words = [
        f"{kind_of(params, family)} noise of {OFTEN.get(params.contrast, f'{quoted(params.contrast)} of the')} contrast"
    ]
    words += [f"{abs(params.shift):.2g} sd {'darker' if params.shift < 0 else 'brighter'}"] * bool(params.shift)
    return ", ".join(words)


def plainest(found: Found, again: Proportion, target: str) -> ImageGrid:
    """Return the first pictures of the noise that was found to leave the class."""
    return ImageGrid(
        title=f"The plainest noise found to leave {target}: {setting(found.params, found.family)}",
        caption=f"{probability(again.value)} of {count(again.n)} fresh draws are called {target}.",
        columns=[f"{i + 1} of {len(found.examples)}" for i in range(len(found.examples))],
        rows=[image_row("noise", found.examples)],
    )


def by_spectrum(spectra: tuple[Spectrum, ...], classes: Classes) -> Stacked:
    """Return what white noise is called, and noise with the spectrum of natural images."""
    said = [
        f"{probability(share(each.labels, each.chosen).value)} {classes[each.chosen]} at β = {each.beta:g}"
        for each in spectra
    ]
    return stacked(
        classes,
        {f"β = {each.beta:g}": each.labels for each in spectra},
        "noise images each",
        title=f"Noise whose power falls as 1/fᵝ is {', '.join(said)}",
        caption="β = 0 is white noise, as the post's; β = 2 has the spectrum of natural images.",
        highlight=[classes[spectra[0].chosen]],
    )


@claim(
    "P1",
    within=(0.91, 0.95),
    source="fact 1",
    guess="Accuracy about 93 %",
    observed=True,
    even_if_misfed=True,
    holds="the network is about as accurate as the post's",
    fails="the network recognises {value:%} of the test images, not {asked:%}",
    found="It is right about {value:%} of the test images.",
)
def test_network_is_about_as_accurate_as_the_posts(test_images: Answers, classes: Classes, judge: Judge) -> None:
    """The network is about as accurate on test images as the post's."""
    judge(
        Proportion(int((test_images.labels == test_images.truth).sum()), len(test_images), "test images"),
        charts=[lambda: recognised(test_images, classes)],
    )


@claim(
    "P2",
    above=0.90,
    weight=2,
    source="fact 2",
    target=True,
    holds="more than {asked:tenths} of the noise falls into one class, {target}",
    fails="{value:%} of the noise falls into {target}, and more than {asked:tenths} was asked",
    found="The network calls {value:about} of {n} noise images {target}{next}.",
    leads=True,
)
def test_nearly_all_noise_falls_into_one_class(
    subject: Classifier,
    noise: Answers,
    target: NoiseClass,
    sensitivity: dict[str, Answers],
    classes: Classes,
    judge: Judge,
) -> None:
    """More than {asked:tenths} of the noise falls into one class."""
    counts = np.bincount(noise.labels, minlength=len(classes))
    rows = tuple((name, int(n), float(n / len(noise))) for name, n in zip(classes, counts, strict=True))
    follow = sorted((row for row in rows if row[0] != target.name and row[1]), key=lambda row: -row[1])
    # Of all others the class of the post is the one that is asked about.
    named = follow[:1] + [row for row in follow[1:] if row[0] == THE_POSTS]
    judge(
        share(noise.labels, target.index),
        says={"next": "".join(f", {quoted(each)} {name}" for name, _, each in named)},
        beside=[beside_line(form, share(other.labels, target.index)) for form, other in sensitivity.items()],
        tables=[Table("Predictions on the post's noise", ("class", "noise images", "share"), rows)],
        charts=[lambda: some(subject, noise.labels, classes), lambda: called(noise.labels, classes, target.name)],
    )


@claim(
    "P3",
    above=0.90,
    weight=2,
    source="fact 2",
    needs=("bird",),
    holds="more than {asked:tenths} of the noise is called bird",
    fails="{value:%} of the noise is called bird, and more than {asked:tenths} was asked",
    found="The class of the post, bird, takes {value:about} of the noise.",
)
def test_the_class_of_noise_is_bird(noise: Answers, bird: int, judge: Judge) -> None:
    """More than {asked:tenths} of the noise is called bird."""
    judge(share(noise.labels, bird), beside=[Beside("the same number as P2's, where the class of noise is bird", None)])


@claim(
    "P4",
    below=0.90,
    source="fact 2",
    holds="the predictions on noise are not spread over the classes",
    fails=(
        "the predictions on noise are spread over the classes, with {value:%} of the largest entropy, where less than "
        "{asked:%} was asked"
    ),
    found="Its answers to noise have {value:about} of the largest possible spread.",
)
def test_predictions_on_noise_are_not_spread(noise: Answers, classes: Classes, judge: Judge) -> None:
    """The predictions on noise are not spread over the classes."""
    judge(
        PredictionEntropy(tuple(np.bincount(noise.labels, minlength=len(classes)).tolist()), "noise images"),
        beside=[Beside("follows from P2 where P2 is confirmed: it is no second piece of evidence", None)],
    )


@claim(
    "P5",
    above=0.50,
    scope="procedure",
    procedure=True,
    source="fact 2",
    guess="The same in other networks and for other noise",
    observed=True,
    needs=("bird",),
    holds="most networks of this recipe put noise into bird",
    fails="{value:%} of the networks of this recipe put noise into bird, and more than {asked:tenths} was asked",
    found="Of {n} networks of {recipe}, {common_in} call most of the noise {common}.",
    leads=True,
)
def test_most_networks_put_noise_into_bird(
    target: NoiseClass, untrained_target: NoiseClass, bird: int, judge: Judge
) -> None:
    """Most networks of this recipe put noise into bird."""
    judge(
        Proportion(int(target.index == bird), 1, "networks"),
        beside=[
            beside_line(
                "the same networks before training", Proportion(int(untrained_target.index == bird), 1, "networks")
            )
        ],
    )


@claim(
    "P6",
    above=0.90,
    source="fact 2",
    guess="The same in other networks and for other noise",
    observed=True,
    target=True,
    evidence="changed",
    holds="of many kinds of noise more than {asked:tenths} are mostly {target}",
    fails="of many kinds of noise {value:%} are mostly {target}, and more than {asked:tenths} was asked",
    found="Of many kinds of noise {value:about} are mostly {target}; of weaker noise {weak:about} is {weak_class}.",
)
def test_it_holds_for_a_family_of_noises(
    subject: Classifier, settings: NDArray[np.int64], target: NoiseClass, classes: Classes, judge: Judge
) -> None:
    """Of many kinds of noise more than {asked:tenths} fall into the same class."""
    shares = (settings == target.index).mean(axis=1)
    drawn = draw_settings(len(shares), subject.inputs.seed)
    weak = settings[[each.params.contrast < WEAK for each in drawn]]
    counts = np.bincount(weak.ravel(), minlength=len(classes))
    most = classes[counts.argmax()] + (" too" if counts.argmax() == target.index else "")
    judge(
        Proportion(int((shares >= 0.5).sum()), len(shares), "kinds of noise"),
        says={"weak_class": most, "weak": counts.max() / weak.size if weak.size else None},
        charts=[lambda: contrast(drawn, shares, target.name)],
    )


def at_corners(corners: Sequence[Setting], shares: Mapping[str, Proportion], target: str) -> HeatMap:
    """Return the share in the class of each of the most extreme kinds of noise."""
    cells: dict[str, dict[str, float]] = {}
    for each, found in zip(corners, shares.values(), strict=True):
        look = f"{'dark' if each.params.shift < 0 else 'bright'}, {each.params.contrast:g} ×"
        cells.setdefault(kind_of(each.params, each.family), {})[look] = 100 * found.value
    least = min(shares, key=lambda name: shares[name].value)
    return HeatMap(
        title=f"Of {least}, {quoted(shares[least].value)} is {target}",
        caption=f"Per cent called {target}, of {count(shares[least].n)} images each: darker or brighter, at so many "
        "times the post's contrast.",
        columns=list(next(iter(cells.values()))),
        rows=[HeatRow(kind, list(values.values())) for kind, values in cells.items()],
        quantity=f"per cent called {target}",
    )


@claim(
    "P7",
    above=0.50,
    source="fact 2",
    guess="The same in other networks and for other noise",
    observed=True,
    target=True,
    evidence="changed",
    holds="of each of the most extreme kinds of noise more than {asked:tenths} falls into {target}",
    fails="{value:%} of {weakest} falls into {target}, and more than {asked:tenths} was asked",
    found="Of {weakest}, {value:about} is {target}.",
    seen="Amended when a search had left the class; no corner was seen.",
)
def test_no_corner_of_the_box_escapes(
    corners: NDArray[np.int64], counterexample: Counterexample, collapse: NoiseClass, judge: Judge
) -> None:
    """Of each of the most extreme kinds of noise more than {asked:tenths} falls into the class."""
    shares = {
        setting(each.params, each.family): share(labels, collapse.index)
        for each, labels in zip(box_corners(), corners, strict=True)
    }
    found = counterexample.found
    leaving = Proportion(counterexample.leaving, counterexample.settings, "kinds of noise")
    beside, tables, charts = [beside_line("kinds of noise of which at most a quarter is in the class", leaving)], [], []
    if found is not None:
        again, params = share(found.labels, collapse.index), found.params
        beside.append(beside_line("the plainest of them, drawn anew", again, exploratory=True))
        columns = ("family", "mean shift (sd)", "contrast", "exponent of the spectrum", "share in the class")
        row = (KINDS[found.family], params.shift, params.contrast, params.beta, again.value)
        tables.append(Table("The plainest noise that was found to leave the class", columns, (row,)))
        charts.append(lambda: plainest(found, again, collapse.name))
    judge(
        Intersection(tuple(shares.items())),
        beside=beside,
        tables=tables,
        charts=[lambda: at_corners(box_corners(), shares, collapse.name), *charts],
    )


@claim(
    "P8",
    above=0.50,
    source="fact 2",
    guess="The same in other networks and for other noise",
    observed=True,
    evidence="changed",
    holds=(
        "white noise collapses into one class by more than {asked:tenths} of the images more than noise with a "
        "natural spectrum"
    ),
    fails=(
        "the largest class of white noise is {value:points larger|smaller} than that of noise with a natural "
        "spectrum, and {asked:points} larger was asked"
    ),
    found="Noise with the spectrum of natural images is {natural:about} {natural_class}.",
)
def test_the_white_spectrum_does_it(spectra: tuple[Spectrum, ...], classes: Classes, judge: Judge) -> None:
    """White noise collapses into one class more than noise of a natural spectrum, by over {asked:tenths} of it."""
    white, natural = spectra
    counts = [int((spectrum.labels == spectrum.chosen).sum()) for spectrum in spectra]
    judge(
        ProportionDifference(counts[0], len(white.labels), counts[1], len(natural.labels), "noise images"),
        says={"natural": counts[1] / len(natural.labels), "natural_class": classes[natural.chosen]},
        beside=[
            beside_line(f"β = {spectrum.beta:g}: {classes[spectrum.chosen]}", share(spectrum.labels, spectrum.chosen))
            for spectrum in spectra
        ],
        charts=[lambda: by_spectrum(spectra, classes)],
    )
