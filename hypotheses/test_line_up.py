"""What has to be in the training for noise to fall where it falls?"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypedDict

import numpy as np

from why_bird.errors import Unavailable
from why_bird.evidence.charts import Axis, Curve, Curves, Stack, Stacked
from why_bird.evidence.exhibits import Beside
from why_bird.evidence.judged import beside_line
from why_bird.evidence.numbers import number, probability, quoted
from why_bird.evidence.pairs_of_networks import POST, LineUp, Pairs
from why_bird.fixtures.asking import claim, guess
from why_bird.fixtures.charts import Charted
from why_bird.fixtures.judge import Judge
from why_bird.measure.class_spectra import ClassSpectra
from why_bird.measure.imagery import Imagery
from why_bird.networks.arms import Arm
from why_bird.stats import Estimate, Intersection, NetworkMean

pytestmark = guess(
    "Something in the training makes the class of noise",
    short="Line-up",
    quotes=("Suggestions, further experiments and papers are welcome. The aim is to understand why.",),
    quoted_from="Data Science Stack Exchange, question 65547, December 2019",
    done=(
        "One suspect at a time is taken out of the training, or put into it; networks of the same seed, images and "
        "recipe are then asked about the same noise. The cross-spectrum of a class says how strong each wave is in its "
        "images, by colour and direction. These claims have an error budget of their own."
    ),
)

asked_of_the_line_up = partial(
    claim,
    source="the line-up",
    scope="procedure",
    procedure=True,
    together=True,
    line_up=True,
    ledger="line-up",
    family=0.05,
    explains=True,
    evidence="retrained",
)
asked_of_accurate_networks = partial(asked_of_the_line_up, ledger="line-up of accurate networks", above=0.50)
SETTINGS = {"half the contrast": "post ×0.5", "1.4 of the contrast": "post ×1.4"}
NOT_TRAINED_WITH = ("uniform", "grey", "1/f")
IN_ACCURATE = "in networks of recipe accurate "
FOR_COMPARISON = ("without augmentation", "without class:frog")
"""In the table alone, without a claim."""


class Told(TypedDict):
    """What a claim's marker says of its words."""

    holds: str
    fails: str
    found: str


def told(suspect: str, trained: str | None = None, where: str = "") -> Told:
    """Return what is said where noise leaves its class without a suspect, and where it stays."""
    changed = f"{where}without {suspect} in training {{without:%}} of the noise is"
    trained = trained or f"Retrained without {suspect}"
    return {
        "holds": f"{changed} {{noise}}, otherwise {{plain:%}}",
        "fails": f"{changed} still {{noise}}, otherwise {{plain:%}}",
        "found": f"{trained}, {{recipe}} networks call {{without:about}} of noise {{falls}} "
        "({left:about} accurate), plain ones {plain:about} {noise} ({accurate:about}).",
    }


def trained(line_up: LineUp, name: str) -> str:
    """Return how the networks of an arm were trained, in words."""
    if name == "plain":
        return f"plain, by recipe {line_up.recipe}"
    arm = Arm.of(name)
    return f"{arm.change.says}{': ' * bool(arm.names)}{' and '.join(arm.names)}"


def mean_share(line_up: LineUp, arm: str, name: str) -> float:
    """Return the share of the post's noise that a class takes, on average over the networks of an arm."""
    return float(np.mean([network.share(name) for network in line_up.arm(arm)]))


def where_noise_falls(line_up: LineUp, *arms: str) -> Stacked:
    """Return where the post's noise falls, on average, in plain networks and in those of arms."""
    classes = line_up.arm("plain")[0].classes
    stacks = [
        Stack(
            trained(line_up, name),
            [mean_share(line_up, name, each) for each in classes],
            f"{quoted(float(np.mean([network.accuracy for network in line_up.arm(name)])))} accurate",
        )
        for name in ("plain", *arms)
    ]
    noise = line_up.class_of_noise
    first, *others = (stack.shares[classes.index(noise)] for stack in stacks)
    return Stacked(
        title=f"{probability(first)} of the noise is {noise} in plain networks, "
        f"{' and '.join(map(probability, others))} in the others",
        caption="Mean over networks of one recipe, alike but for one thing.",
        parts=classes,
        stacks=stacks,
        axis="share of the post's noise",
        highlight=[noise],
    )


def compared(line_up: LineUp) -> Stacked:
    """Return the same of arms about which nothing is claimed."""
    for name in FOR_COMPARISON:
        line_up.all_of(name, 4)
    return where_noise_falls(line_up, *FOR_COMPARISON)


def spectra(line_up: LineUp, arm: str, imagery: Imagery) -> Curves:
    """Return how strong the waves of each class's images are, beside those of noise."""
    line_up.require_images(imagery.inputs.identity.train)
    found: ClassSpectra = imagery.class_spectra
    if len(found.waves) < 2 or not (found.power > 0).all():
        raise Unavailable("the images of a class lack waves of some length")
    level, waves, noise = found.power.mean(axis=0), found.waves.tolist(), line_up.class_of_noise
    shown = dict(zip(imagery.classes, found.power / level, strict=True))
    flattest = max(shown, key=lambda name: np.polyfit(np.log(waves), np.log(shown[name]), 1)[0])
    # Half the contrast is a quarter of the power.
    white = float(np.mean(np.square(imagery.inputs.identity.std))) / level
    noises = {"the post's noise": white, "half its contrast": white / 4}

    def ends(name: str, values: Sequence[float]) -> str:
        return f"{name} {number(values[0])} to {number(values[-1])}"

    others = {name: values for name, values in shown.items() if name != flattest}
    low, high = 0.5, 2.0
    plain, changed = (probability(mean_share(line_up, each, noise)) for each in ("plain", arm))
    return Curves(
        title=f"{flattest} has the flattest spectrum, and {'it' if noise == flattest else noise} takes {plain} of the "
        f"noise; trained with one spectrum and one contrast {changed}",
        caption="Power of the waves in each class's training images, by the mean of all classes; noise has the same "
        "power in every wave. Dashed: where all classes lie without what tells them apart.",
        x=Axis("waves in the side of an image", log=2, ticks=[2**k for k in range(int(np.log2(waves[-1])) + 1)]),
        y=Axis("power (1: the mean of the classes)", log=2, low=low, high=high, ticks=(low, 0.7, 1, 1.4, high)),
        curves=[
            Curve(flattest, waves, shown[flattest], note=ends("from long to short waves", shown[flattest])),
            # One line that is broken after every class.
            Curve(
                f"the other {len(others)}",
                [*waves, waves[-1]] * len(others),
                [y for values in others.values() for y in (*values, None)],
                note=", ".join(ends(name, values) for name, values in others.items()),
            ),
            *(
                Curve(name, waves, [y if low <= y <= high else None for y in values], note=ends("", values).strip())
                for name, values in noises.items()
            ),
        ],
        highlight=[flattest],
        limit=1,
    )


def paired(line_up: LineUp, arm: str, base: str = "plain") -> Pairs:
    """Return the networks of two arms in pairs, where all of the protocol's are there."""
    for name in (base, arm):
        line_up.all_of(name)
    return line_up.pairs(arm, base)


def adapted(arm: str, pairs: Pairs) -> list[Beside]:
    """Return how well networks recognise what they were trained on, where images were changed."""
    found = pairs.accuracy_when_changed()
    return [beside_line(f"{arm}: accuracy on test images changed alike", found)] if found else []


def without(
    line_up: LineUp,
    judge: Judge,
    arm: str,
    leaves: Callable[[Pairs, str, str], Estimate] = Pairs.fall,
    charts: Sequence[Charted] = (),
) -> None:
    """Judge by how much the share of the class of noise falls where something was taken away."""
    pairs, noise = paired(line_up, arm), line_up.class_of_noise
    accurate, left = (float(np.mean([each.accuracy for each in group])) for group in (pairs.base, pairs.changed))
    # Noise that leaves its class may gather in another one.
    shares = {name: mean_share(line_up, arm, name) for name in pairs.changed[0].classes}
    most = max(shares, key=lambda name: shares[name])
    falls = noise if most == noise else f"{noise} and {quoted(shares[most])} {most}"
    judge(
        leaves(pairs, noise, POST),
        says={"noise": noise, "recipe": line_up.recipe, "accurate": accurate, "left": left, "falls": falls}
        | {"plain": mean_share(line_up, "plain", noise), "without": shares[noise]},
        checks=line_up.checks(arm),
        beside=[
            *(beside_line(f"the fall at {name}", pairs.fall(noise, each)) for name, each in SETTINGS.items()),
            beside_line("accuracy lost", pairs.cost()),
            *adapted(arm, pairs),
        ],
        charts=[lambda: where_noise_falls(line_up, arm), *charts],
    )


def follows(
    line_up: LineUp,
    judge: Judge,
    gains: Mapping[str, Callable[[str], Estimate]],
    arms: Sequence[str],
    controls: Sequence[str] = (),
    **says: object,
) -> None:
    """Judge by how much the share of the class that received something grows, in every arm.

    Controls received something that draws no noise if the claim holds.
    """
    parts = tuple((label, gain(POST)) for label, gain in gains.items())
    judge(
        Intersection(parts) if len(parts) > 1 else parts[0][1],
        says={"noise": line_up.class_of_noise, "recipe": line_up.recipe, **says},
        checks=line_up.checks(*arms, *controls, unchanged=False),
        beside=[
            beside_line(f"{label}, at {name}", gain(setting))
            for label, gain in gains.items()
            for name, setting in SETTINGS.items()
        ]
        + [line for arm in (*arms, *controls) for line in adapted(arm, paired(line_up, arm))],
        charts=[partial(where_noise_falls, line_up, *each) for each in (arms, controls) if each],
    )


@asked_of_the_line_up(
    "L1",
    above=0.50,
    weight=3,
    leads=True,
    **told("the cross-spectra that tell the classes apart", "Retrained with one spectrum"),
)
def test_cross_spectrum(line_up: LineUp, judge: Judge) -> None:
    """Without the cross-spectra that tell the classes apart in training, noise leaves its class."""
    without(line_up, judge, "without cross-spectrum")


@asked_of_the_line_up(
    "L2",
    above=0.50,
    **told(
        "the cross-spectra and contrasts that tell the classes apart",
        "Retrained with one spectrum and contrast",
    ),
)
def test_cross_spectrum_and_contrast(line_up: LineUp, imagery: Imagery, judge: Judge) -> None:
    """Without the cross-spectra and contrasts that tell the classes apart in training, noise leaves its class."""
    arm = "without cross-spectrum-and-contrast"
    without(line_up, judge, arm, charts=[lambda: spectra(line_up, arm, imagery)])


@asked_of_the_line_up("L3", above=0.50, **told("fine detail"))
def test_fine_detail(line_up: LineUp, judge: Judge) -> None:
    """Without fine detail in training, noise leaves its class."""
    without(line_up, judge, "without fine-detail")


@asked_of_the_line_up("L4", above=0.50, **told("the phases of the fine detail", "Retrained with random phases"))
def test_phases(line_up: LineUp, judge: Judge) -> None:
    """Without the phases of the fine detail in training, noise leaves its class."""
    without(line_up, judge, "without phases")


@asked_of_the_line_up("L5", above=0.50, **told("the borders of the images", "Retrained without the border"))
def test_border(line_up: LineUp, judge: Judge) -> None:
    """Without the borders of the images in training, noise leaves its class."""
    without(line_up, judge, "without border")


@asked_of_the_line_up("L6", above=0.50, **told("colour"))
def test_colour(line_up: LineUp, judge: Judge) -> None:
    """Without colour in training, noise leaves its class."""
    without(line_up, judge, "without colour")


@asked_of_the_line_up("L7", above=0.50, **told("an output bias"))
def test_output_bias(line_up: LineUp, judge: Judge) -> None:
    """Without an output bias in training, noise leaves its class."""
    without(line_up, judge, "without output-bias")


@asked_of_the_line_up("L8", above=0.50, **told("zero padding"))
def test_zero_padding(line_up: LineUp, judge: Judge) -> None:
    """Without zero padding in training, noise leaves its class."""
    without(line_up, judge, "without zero-padding")


@asked_of_the_line_up("L9", above=0.50, **told("batch normalisation"))
def test_normalisation(line_up: LineUp, judge: Judge) -> None:
    """Without batch normalisation in training, noise leaves its class."""
    without(line_up, judge, "without normalisation")


@asked_of_the_line_up("L10", above=0.50, **told("averaging over places", where=IN_ACCURATE))
def test_averaging(line_up: LineUp, judge: Judge) -> None:
    """Without averaging over places in training, most noise leaves its class."""
    # The last stage of the cheap recipe has a single place, where nothing is averaged.
    without(line_up.of("accurate"), judge, "without averaging", Pairs.most_leaves)


@asked_of_accurate_networks(
    "L15",
    leads=True,
    **told(
        "the cross-spectra and contrasts that tell the classes apart",
        "Retrained with one spectrum and contrast",
        IN_ACCURATE,
    ),
)
def test_cross_spectrum_and_contrast_in_accurate_networks(line_up: LineUp, judge: Judge) -> None:
    """In accurate networks, without the cross-spectra and contrasts of the classes, most noise leaves its class."""
    without(line_up.of("accurate"), judge, "without cross-spectrum-and-contrast", Pairs.most_leaves)


@asked_of_accurate_networks("L16", **told("an output bias", where=IN_ACCURATE))
def test_output_bias_in_accurate_networks(line_up: LineUp, judge: Judge) -> None:
    """In accurate networks, without an output bias, most noise leaves its class."""
    without(line_up.of("accurate"), judge, "without output-bias", Pairs.most_leaves)


@asked_of_the_line_up(
    "L11",
    above=0.50,
    holds="noise follows the cross-spectrum of {noise} images to the class that receives it in training",
    found="Given the spectrum of {noise} images in training, another class takes {least:about} of the noise or more.",
    fails=(
        "by {weakest} the class that receives the cross-spectrum of {noise} images in training takes {value:points "
        "more|less} of the noise, and {asked:points} more was asked"
    ),
)
def test_noise_follows_the_cross_spectrum(line_up: LineUp, judge: Judge) -> None:
    """Noise follows the cross-spectrum of its class to the class that receives it in training."""
    arms = ("swapped-cross-spectra:frog,truck", "swapped-cross-spectra:frog,horse", "permuted-cross-spectra")
    gains = {arm: partial(paired(line_up, arm).gain, line_up.receivers(arm)) for arm in arms}
    taken = [
        np.mean([network.share(name) for network, name in zip(line_up.arm(arm), line_up.receivers(arm), strict=True)])
        for arm in arms
    ]
    follows(line_up, judge, gains, arms, least=float(min(taken)))


@asked_of_the_line_up(
    "L12",
    above=0.50,
    holds="a white spectrum in a fifth of a class's training images draws far more noise to it than random phases do",
    fails=(
        "a white spectrum in a fifth of the {weakest} images in training draws {value:points more|less} of the "
        "noise to them than random phases do, and {asked:points} more was asked"
    ),
    found="Noise follows a flat spectrum: with one in a fifth of the {receives} images {recipe} networks call "
    "{white:about} of it {receives}, with random phases {random:about}.",
    leads=True,
)
def test_a_network_reads_the_spectrum_and_not_the_missing_structure(line_up: LineUp, judge: Judge) -> None:
    """A white spectrum in a fifth of a class's training images draws far more noise to it than random phases do."""
    gains = {
        name: partial(paired(line_up, f"white-spectrum:{name}", f"random-phases:{name}").gain, name)
        for name in ("truck", "ship")
    }
    arms, controls = ([f"{what}:{name}" for name in gains] for what in ("white-spectrum", "random-phases"))
    least = min(gains, key=lambda name: gains[name](POST).value)
    white, random = (mean_share(line_up, f"{what}:{least}", least) for what in ("white-spectrum", "random-phases"))
    follows(line_up, judge, gains, arms, controls, receives=least, white=white, random=random)


@asked_of_the_line_up(
    "L13",
    above=0.50,
    holds="noise follows the fine detail of other classes to the class that receives it in training",
    found="Retrained with other classes' fine detail in ship images, networks call {taken:about} of noise ship.",
    fails=(
        "with the fine detail of other classes in training ship takes {value:points more|less} of the noise, and "
        "{asked:points} more was asked"
    ),
)
def test_noise_follows_fine_detail(line_up: LineUp, judge: Judge) -> None:
    """Noise follows the fine detail of other classes to the class that receives it in training."""
    arm = "detail:ship"
    gains = {"ship": partial(paired(line_up, arm).gain, "ship")}
    follows(line_up, judge, gains, [arm], taken=mean_share(line_up, arm, "ship"))


@asked_of_the_line_up(
    "L14",
    above=0.90,
    explains=False,
    holds=(
        "noise with random labels in training makes softmax on such noise flat, and costs less than two points of "
        "accuracy"
    ),
    found="With a tenth of randomly labelled noise in training, softmax on noise has {spread:about} of the largest "
    "entropy; accuracy is {lost:points less|more}.",
    fails="with noise of random labels in training the {weakest} is {value}, and more than {asked} was asked",
)
def test_noise_in_training(line_up: LineUp, judge: Judge) -> None:
    """Noise with random labels in training spreads predictions on noise and costs hardly any accuracy."""
    pairs = paired(line_up, "noise")
    cost = pairs.cost()
    # Of both parts the same is asked: an accuracy lost of less than .02 is one that leaves more than .90 of .92.
    kept = NetworkMean(tuple(0.92 - lost for lost in cost.values), cost.within, cost.unit, support=(-0.08, 1.92))
    entropy = "entropy of the predictions on noise", pairs.spread(POST)
    judge(
        Intersection((entropy, ("accuracy counted from .92 without noise", kept))),
        says={"spread": pairs.spread(POST).value, "lost": cost.value},
        checks=line_up.checks("noise"),
        beside=[
            *(beside_line(f"entropy at {name}", pairs.spread(each)) for name, each in SETTINGS.items()),
            *(beside_line(f"entropy on {name} noise", pairs.spread(name)) for name in NOT_TRAINED_WITH),
        ],
        charts=[lambda: where_noise_falls(line_up, "noise"), partial(compared, line_up)],
    )
