"""Does noise fall into one class, and which?  (facts 1 and 2 of the post)"""

import numpy as np

from fixtures.asking import claim, guess
from lib.errors import Unavailable
from lib.evidence.exhibits import Beside, Check, Table
from lib.evidence.judged import beside_line
from lib.evidence.pictures import pictures
from lib.stats import PredictionEntropy, Proportion, ProportionDifference

pytestmark = guess(
    "Nearly all noise in one class, bird",
    observed=True,
    short="Collapse",
    quotes=(
        "5,000 random noise images, Gaussian with the mean and standard deviation of CIFAR-10. Expected: spread "
        "over the ten classes. Seen: nearly all are classified as bird.",
    ),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019, in short",
    done=(
        "Fresh noise of the same kind is passed through the network and its predictions are counted; then the kind "
        "of noise is varied (clipped, shifted, stretched, other spectra), and a search looks for noise that leaves "
        "the class."
    ),
)


def share(labels, index):
    """Return the share of labels that are one class, as an estimate."""
    return Proportion(int((labels == index).sum()), len(labels), "noise images")


@claim(
    "P1",
    within=(0.91, 0.95),
    source="fact 1",
    guess="Accuracy about 93 %",
    observed=True,
    even_if_misfed=True,
    holds="the network is about as accurate as the post's",
    fails="the network is not about as accurate as the post's",
)
def test_network_is_about_as_accurate_as_the_posts(test_images, judge):
    """The network is about as accurate on test images as the post's."""
    judge(Proportion(int((test_images.labels == test_images.truth).sum()), len(test_images), "test images"))


@claim(
    "P2",
    above=0.90,
    weight=2,
    source="fact 2",
    target=True,
    holds="more than {asked:tenths} of the noise falls into one class, {target}",
    fails="no more than {asked:tenths} of the noise falls into {target}",
    opens=(
        "Of {n} images of noise that {network} was shown, it calls {value:%} {target} (95 % interval {low:%} to "
        "{high:%}){next}."
    ),
    counts="of the noise is called {target}",
    figure="{value:%}",
)
def test_nearly_all_noise_falls_into_one_class(noise, target, sensitivity, classes, judge):
    """More than {asked:tenths} of the noise falls into one class."""
    counts = np.bincount(noise.labels, minlength=len(classes))
    rows = tuple((name, int(n), float(n / len(noise))) for name, n in zip(classes, counts, strict=True))
    next_name, next_count, next_share = max((row for row in rows if row[0] != target.name), key=lambda row: row[1])
    judge(
        share(noise.labels, target.index),
        says={"next": f", and {100 * next_share:.1f} % {next_name}" if next_count else ""},
        beside=[beside_line(form, share(other.labels, target.index)) for form, other in sensitivity.items()],
        tables=[Table("Predictions on the post's noise", ("class", "noise images", "share"), rows)],
    )


@claim(
    "P3",
    above=0.90,
    weight=2,
    source="fact 2",
    needs=("bird",),
    holds="more than {asked:tenths} of the noise is called bird",
    fails="no more than {asked:tenths} of the noise is called bird",
    opens="The post's class, bird, takes {value:%}.",
)
def test_the_class_of_noise_is_bird(noise, bird, judge):
    """More than {asked:tenths} of the noise is called bird."""
    judge(share(noise.labels, bird))


@claim(
    "P4",
    below=0.90,
    source="fact 2",
    holds="the predictions on noise are not spread over the classes",
    fails="the predictions on noise are spread over the classes, with at least {asked:tenths} of the largest entropy",
)
def test_predictions_on_noise_are_not_spread(noise, classes, judge):
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
    fails="at most {asked:tenths} of the networks of this recipe put noise into bird",
)
def test_most_networks_put_noise_into_bird(target, untrained_target, bird, judge):
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
    holds="in more than {asked:tenths} of a family of noise settings at least half of the noise falls into {target}",
    fails=(
        "in no more than {asked:tenths} of a family of noise settings does at least half of the noise fall into "
        "{target}"
    ),
)
def test_it_holds_for_a_family_of_noises(settings, target, judge):
    """Noise of more than {asked:tenths} of a family of settings falls into the same class."""
    half = (settings == target.index).mean(axis=1) >= 0.5
    judge(Proportion(int(half.sum()), len(half), "settings of noise"))


@claim(
    "P7",
    above=0.50,
    source="fact 2",
    guess="The same in other networks and for other noise",
    observed=True,
    target=True,
    search=True,
    evidence="changed",
    holds="no noise of that family leaves {target}",
    fails="a search found noise of that family of which no more than {asked:tenths} falls into {target}",
)
def test_no_noise_of_the_box_escapes(counterexample, collapse, judge):
    """No noise of the family's box leaves the class."""
    found = counterexample.found
    if found is None:
        raise Unavailable(
            f"no noise that leaves it was found in {counterexample.settings} settings of the box: a search cannot "
            "confirm that there is none"
        )
    again = share(found.labels, collapse.index)
    # What the search took for an escape is judged on fresh draws, and what was found by searching cannot confirm.
    stays_out = again.upper(judge.alpha) < judge.claim.threshold
    params = found.params
    judge(
        again,
        checks=[
            Check(
                "the noise that was found leaves the class again when it is drawn anew",
                stays_out,
                f"{again.value:.1%} of {again.n:,} fresh draws are in it",
                "precondition",
            )
        ],
        tables=[
            Table(
                "The plainest noise that was found to leave the class",
                ("family", "mean shift (sd)", "contrast", "exponent of the spectrum", "share in the class"),
                ((found.family, params.shift, params.contrast, params.beta, again.value),),
            )
        ],
        beside=[
            Beside("settings searched", float(counterexample.settings)),
            Beside("images passed by the search", float(counterexample.images)),
        ],
        pictures=pictures(found.examples, "The plainest noise that leaves the class, clipped to [0, 1]"),
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
        "white noise does not collapse by more than {asked:tenths} of the images more than noise with a natural "
        "spectrum"
    ),
)
def test_the_white_spectrum_does_it(spectra, classes, judge):
    """White noise collapses into one class by at least {asked:tenths} of the images more than noise with a natural spectrum."""  # noqa: E501 - the registered sentence
    white, natural = spectra
    counts = [int((spectrum.labels == spectrum.chosen).sum()) for spectrum in spectra]
    judge(
        ProportionDifference(counts[0], len(white.labels), counts[1], len(natural.labels), "noise images"),
        beside=[
            beside_line(f"β = {spectrum.beta:g}: {classes[spectrum.chosen]}", share(spectrum.labels, spectrum.chosen))
            for spectrum in spectra
        ],
    )
