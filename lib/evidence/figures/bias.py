"""The output bias of each class beside its logit on noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import enough_room, full, short
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import BLUE, INK, VERMILLION, plain_axes, rows
from lib.evidence.numbers import count, number

__all__ = ["Biases", "draw", "gather"]

NAME = "bias"
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Biases:
    """Bias and noise logits of K classes, the highest bias first.

    Parameters
    ----------
    network : str
    n : int
        Noise images.
    classes : tuple of K str
    bias, mean, sd : (K,) float64 arrays
        Output bias; mean and standard deviation of the logit over noise-B.
    target : int
        Place of the class of noise.
    """

    network: str
    n: int
    classes: tuple[str, ...]
    bias: Array
    mean: Array
    sd: Array
    target: int


def gather(source: Sources) -> Biases:
    """Put bias and logits side by side.

    Raises
    ------
    Unavailable
        If the head has no bias or there are too many classes.
    """
    subject = source.subject
    classes = enough_room(subject.classes)
    bias, logits = subject.head_with_bias.bias, subject.noise.logits.astype(np.float64)
    order = np.argsort(-bias, kind="stable")
    return Biases(
        source.network,
        len(logits),
        tuple(classes[c] for c in order),
        bias[order],
        logits.mean(0)[order],
        logits.std(0)[order],
        int(np.flatnonzero(order == subject.target.index)[0]),
    )


def draw(data: Biases) -> Drawing:
    """Return two columns of marks, a row a class."""

    def paint(canvas: Canvas) -> None:
        left, right = canvas.subplots(1, 2, sharey=True, width_ratios=(1, 1.3))
        for axes in (left, right):
            plain_axes(axes, "both")
        places = rows(left, [short(name) for name in data.classes])
        right.tick_params(axis="y", length=0)
        others = places != data.target
        for axes, values in ((left, data.bias), (right, data.mean)):
            axes.axvline(0, color=INK, linewidth=0.8)
            axes.plot(values[others], places[others], "o", color=BLUE)
            axes.plot(values[data.target], data.target, "D", color=VERMILLION, markersize=7)
        for here, color in ((others, BLUE), (~others, VERMILLION)):
            right.errorbar(data.mean[here], places[here], xerr=data.sd[here], fmt="none", ecolor=color, capsize=3)
        left.set_xlabel("output bias")
        right.set_xlabel("logit on noise (mean ± sd)")

    highest, lead = data.classes[0], data.classes[int(data.mean.argmax())]
    target = full(data.classes[data.target])
    message = (
        f"{full(highest)} has the highest output bias ({number(data.bias[0])}); {full(lead)} has the highest mean "
        f"logit on noise ({number(data.mean.max())}). The bias of {target}, the class of noise, is "
        f"{number(data.bias[data.target])} (place {data.target + 1} of {len(data.classes)}), its mean logit "
        f"{number(data.mean[data.target])}."
    )
    return Drawing(
        NAME,
        "test_bias_dominance",
        "Output bias and logit on noise, by class",
        f"Two dot plots with a row for each class. {message}",
        f"Classes of {data.network} by output bias. Right: their logits on {count(data.n)} images of noise, bars of "
        f"one standard deviation over the images. Diamond: {target}, the class of noise.",
        paint,
        height=1.0 + 0.275 * max(len(data.classes), 4),
    )
