"""White noise against noise with the spectrum of natural images, and what lies between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import full, short
from lib.evidence.figures.shares import Share
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import BLUE, INK, VERMILLION, percent_axis, plain_axes
from lib.evidence.numbers import count, probability
from lib.images.box import draw_settings

__all__ = ["Sweep", "draw", "gather"]

NAME = "spectrum"
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Share of noise in one class against the exponent of its power spectrum.

    Parameters
    ----------
    network, target : str
    n : int
        Images at each of the two exponents of claim P8.
    betas : tuple of float
    shares : tuple of Share
        Of the class of the post's noise, at those exponents.
    largest : tuple of Share
        Of the class that most of an independent draw falls into, at those exponents.
    between, contrasts, of_between : (M,) float64 arrays
        Exponents and contrasts of the spectral settings of claim P6, and the share of their images in the class.
    each : int
        Images of a setting.
    """

    network: str
    target: str
    n: int
    betas: tuple[float, ...]
    shares: tuple[Share, ...]
    largest: tuple[Share, ...]
    between: Array
    contrasts: Array
    of_between: Array
    each: int


def gather(source: Sources) -> Sweep:
    """Put the stored spectra of claims P6 and P8 together."""
    subject = source.subject
    target, spectra, labels = subject.target, subject.spectra, subject.settings
    settings = draw_settings(len(labels), subject.inputs.seed)
    points = [
        (each.params.beta, each.params.contrast, float((row == target.index).mean()))
        for each, row in zip(settings, labels, strict=True)
        if each.params.beta is not None
    ]
    between = np.array(points, dtype=np.float64).reshape(-1, 3)
    return Sweep(
        source.network,
        target.name,
        len(spectra[0].labels),
        tuple(each.beta for each in spectra),
        tuple(Share.of(target.name, each.labels == target.index) for each in spectra),
        tuple(Share.of(subject.classes[each.chosen], each.labels == each.chosen) for each in spectra),
        between[:, 0],
        between[:, 1],
        between[:, 2],
        labels.shape[1],
    )


def draw(data: Sweep) -> Drawing:
    """Return the shares against the exponent."""

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        plain_axes(axes, "y")
        strong = data.contrasts >= 1
        dots = {"marker": "o", "color": BLUE, "linestyle": "none", "markersize": 4, "alpha": 0.8}
        axes.plot(data.between[strong], data.of_between[strong], label="family, contrast ≥ 1", **dots)
        dots["markerfacecolor"] = "none"
        axes.plot(data.between[~strong], data.of_between[~strong], label="family, contrast < 1", **dots)
        ends = [[s.value - s.low for s in data.shares], [s.high - s.value for s in data.shares]]
        values = [share.value for share in data.shares]
        axes.errorbar(data.betas, values, yerr=ends, fmt="none", ecolor=INK, capsize=5)
        axes.plot(data.betas, values, "D", color=VERMILLION, label=f"called {short(data.target)}")
        largest = {"color": INK, "markerfacecolor": "none", "markersize": 11}
        axes.plot(data.betas, [share.value for share in data.largest], "s", label="largest class there", **largest)
        for beta, share in zip(data.betas, data.largest, strict=True):
            right = beta < max(data.betas)
            axes.annotate(
                short(share.name),
                (beta, share.value),
                xytext=(10 if right else -10, 8),
                textcoords="offset points",
                ha="left" if right else "right",
            )
        axes.set_xlim(-0.12, max(data.betas) + 0.12)
        axes.set_ylim(0, 1.04)
        percent_axis(axes.yaxis)
        axes.set_xlabel("exponent β of the power spectrum 1/fᵝ")
        axes.set_ylabel("share of the noise")
        canvas.legend(loc="outside upper center", ncols=2, columnspacing=1, handletextpad=0.3, handlelength=1.4)

    target = full(data.target)
    said = "; ".join(
        f"at β = {beta:g} {target} holds {share.words}"
        + ("" if most == share else f", and the largest class, {full(most.name)}, {most.words}")
        for beta, share, most in zip(data.betas, data.shares, data.largest, strict=True)
    )
    middle = ""
    if len(data.between):
        first, last = data.between.min(), data.between.max()
        low, high = (probability(float(each)) for each in (data.of_between.min(), data.of_between.max()))
        middle = (
            f" Between β = {first:.2f} and {last:.2f}, {len(data.between)} settings of other mean and contrast range "
            f"from {low} to {high}."
        )
    return Drawing(
        NAME,
        "test_noise_collapse",
        "The spectrum of the noise",
        f"Scatter plot of the share of {target} against the exponent of the noise's power spectrum: {said}.{middle}",
        f"Diamonds: share of {count(data.n)} noise images that {data.network} calls {target}, where their power falls "
        "as 1/fᵝ, with 95 % intervals by Clopper and Pearson; squares: share of the class that an independent draw "
        f"fell into most. Dots: the spectral settings of the registered family, {data.each} images each, which also "
        "differ in mean and contrast.",
        paint,
    )
