"""The lead of the class of noise over the next class, taken apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.errors import Unavailable
from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import full, short
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import BLUE, INK, VERMILLION, plain_axes, rows
from lib.evidence.numbers import count, number, probability

__all__ = ["Lead", "draw", "gather"]

NAME = "lead"


@dataclass(frozen=True, slots=True)
class Lead:
    """logit of the class of noise − logit of the runner-up = bias + constant + varying, on noise-B.

    Parameters
    ----------
    network, target, runner_up : str
    n : int
        Noise images.
    bias : float
        Difference of the output biases.
    constant : float
        (w_target − w_runner-up) · μ with μ the mean feature vector of the noise.
    error : float
        Standard error of `constant`, and of the mean lead.
    varying : tuple of 2 floats
        The middle 95 % of (w_target − w_runner-up) · (f − μ) over the images; its mean is 0.
    ahead : float
        Share of images on which the lead is positive.
    """

    network: str
    target: str
    runner_up: str
    n: int
    bias: float
    constant: float
    error: float
    varying: tuple[float, float]
    ahead: float

    @property
    def mean(self) -> float:
        """Mean lead."""
        return self.bias + self.constant


def gather(source: Sources) -> Lead:
    """Take the lead apart.

    Raises
    ------
    Unavailable
        If there is no linear head with a bias.
    """
    subject = source.subject
    head, features, target = subject.head_with_bias, subject.noise.features, subject.target
    if features is None:
        raise Unavailable("no features were kept of this network")
    t, r = target.index, target.runner_up
    parts = features.astype(np.float64) @ (head.weight[t] - head.weight[r])
    constant, bias = float(parts.mean()), float(head.bias[t] - head.bias[r])
    low, high = np.quantile(parts - constant, (0.025, 0.975))
    return Lead(
        source.network,
        subject.classes[t],
        subject.classes[r],
        len(parts),
        bias,
        constant,
        float(parts.std(ddof=1) / np.sqrt(len(parts))),
        (float(low), float(high)),
        float((parts + bias > 0).mean()),
    )


def draw(data: Lead) -> Drawing:
    """Return bars of the parts, and the lead that they add up to."""
    low, high = data.varying

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        plain_axes(axes, "x")
        rows(axes, ["output bias", "mean feature", "varies by image", "lead"])
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.barh([0, 1], [data.bias, data.constant], color=BLUE, height=0.55)
        axes.errorbar(data.constant, 1, xerr=2 * data.error, fmt="none", ecolor=INK, capsize=3)
        spread = {"linewidth": 5, "alpha": 0.6, "solid_capstyle": "butt"}
        axes.plot([low, high], [2, 2], color=BLUE, **spread)
        axes.plot(0, 2, "o", color=BLUE)
        axes.plot([data.mean + low, data.mean + high], [3, 3], color=VERMILLION, **spread)
        axes.errorbar(data.mean, 3, xerr=2 * data.error, fmt="D", color=VERMILLION, ecolor=INK, capsize=3)
        axes.set_xlabel(f"logit of {short(data.target)} − logit of {short(data.runner_up)}")

    target, runner_up = full(data.target), full(data.runner_up)
    return Drawing(
        NAME,
        "test_bias_dominance",
        "The lead of the class of noise, taken apart",
        f"On noise the logit of {target} leads that of {runner_up} by {number(data.mean)} on average: "
        f"{number(data.bias)} by the output bias and {number(data.constant)} by the mean feature vector. What varies "
        f"by image reaches from {number(low)} to {number(high)} on 95 % of them; {target} is ahead of {runner_up} on "
        f"{probability(data.ahead)}.",
        f"Lead of {target}, the class of noise, over {runner_up}, the runner-up, on {count(data.n)} images of noise in "
        f"{data.network}: the bias, the part (w − w′)·μ of the mean feature vector μ, and the rest, which varies by "
        "image. Bars and diamond: means, whiskers ±2 standard errors; wide lines: the middle 95 % of the images.",
        paint,
        height=2.3,
    )
