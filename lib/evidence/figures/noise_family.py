"""The share of the class of noise over a family of noises, against what they differ in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import full, listed, short
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import BLUE, GREEN, INK, VERMILLION, percent_axis, plain_axes
from lib.evidence.numbers import number, probability
from lib.images.box import FAMILIES, draw_settings

__all__ = ["Family", "Trend", "draw", "gather", "trend"]

NAME = "noise-family"
_LOOKS = {"spectral": (BLUE, "o"), "uniform": (VERMILLION, "^"), "rademacher": (GREEN, "s")}
_BINS = 5
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """Mean share in equally filled bins of a parameter.

    Parameters
    ----------
    centres, means, errors : (B,) float64 arrays
        Mean of the parameter, mean share, and standard error of that over settings.
    """

    centres: Array
    means: Array
    errors: Array


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """M settings of the registered box.

    Parameters
    ----------
    network, target : str
    each : int
        Images of a setting.
    families : tuple of M str
    shifts, contrasts, shares : (M,) float64 arrays
        Shares of the images that are in the class of the post's noise.
    trends : dict of str to Trend
        Against ``"shift"`` and ``"contrast"``.
    """

    network: str
    target: str
    each: int
    families: tuple[str, ...]
    shifts: Array
    contrasts: Array
    shares: Array
    trends: dict[str, Trend]


def gather(source: Sources) -> Family:
    """Take the settings of claim P6."""
    subject = source.subject
    labels, target = subject.settings, subject.target
    settings = draw_settings(len(labels), subject.inputs.seed)
    shares = (labels == target.index).mean(1)
    shifts = np.array([each.params.shift for each in settings])
    contrasts = np.array([each.params.contrast for each in settings])
    return Family(
        source.network,
        target.name,
        labels.shape[1],
        tuple(each.family for each in settings),
        shifts,
        contrasts,
        shares,
        {"shift": trend(shifts, shares), "contrast": trend(contrasts, shares)},
    )


def trend(values: Array, shares: Array) -> Trend:
    """Return mean shares in five bins that hold equally many settings."""
    bins = [chosen for chosen in np.array_split(np.argsort(values, kind="stable"), _BINS) if len(chosen) > 1]
    return Trend(
        np.array([values[chosen].mean() for chosen in bins]),
        np.array([shares[chosen].mean() for chosen in bins]),
        np.array([shares[chosen].std(ddof=1) / np.sqrt(len(chosen)) for chosen in bins]),
    )


def draw(data: Family) -> Drawing:
    """Return two scatter plots, one below the other."""
    families = np.array(data.families)

    def paint(canvas: Canvas) -> None:
        panels = canvas.subplots(2, 1, sharey=True)
        parts = (
            ("shift", data.shifts, "shift of the mean (sd)"),
            ("contrast", data.contrasts, "contrast (factor on sd)"),
        )
        for axes, (name, values, words) in zip(panels, parts, strict=True):
            plain_axes(axes, "y")
            for family in FAMILIES:
                color, marker = _LOOKS[family]
                own = families == family
                look = {"color": color, "marker": marker, "markersize": 3.5, "alpha": 0.7, "linestyle": "none"}
                axes.plot(values[own], data.shares[own], label=family if name == "shift" else None, **look)
            line = data.trends[name]
            axes.errorbar(
                line.centres,
                line.means,
                yerr=2 * line.errors,
                color=INK,
                capsize=3,
                linewidth=1.4,
                label="mean ± 2 SE" if name == "shift" else None,
            )
            axes.set_xlabel(words)
            axes.set_ylim(-0.04, 1.04)
            percent_axis(axes.yaxis, 50)
        panels[1].set_xscale("log", base=2)
        panels[1].set_xticks([0.5, 1, 2], ["½", "1", "2"])
        panels[1].minorticks_off()
        canvas.supylabel(f"called {short(data.target)}", fontsize=10.5)
        canvas.legend(loc="outside upper center", ncols=4, columnspacing=0.9, handletextpad=0.3, handlelength=1.4)

    half = float((data.shares >= 0.5).mean())
    target = full(data.target)
    by = listed(
        [
            f"{name} {probability(float(data.shares[families == name].mean()))}"
            for name in FAMILIES
            if (families == name).any()
        ]
    )
    ways = listed(
        [
            f"the {name} from {number(float(line.centres[0]))} to {number(float(line.centres[-1]))} takes it from "
            f"{probability(float(line.means[0]))} to {probability(float(line.means[-1]))}"
            for name, line in data.trends.items()
            if len(line.means) > 1
        ]
        or ["there are too few settings for a trend"]
    )
    return Drawing(
        NAME,
        "test_noise_collapse",
        "The class of noise over a family of noises",
        f"Two scatter plots of the share called {target} over {len(families)} settings of noise. In "
        f"{probability(half)} of the settings it is half or more. Mean share by family: {by}. On average over "
        f"settings, {ways}.",
        f"Each mark is a setting of the registered family of noises: the share of its {data.each} images that "
        f"{data.network} calls {target}. Line: mean over settings in five bins, ±2 standard errors.",
        paint,
        height=4.4,
    )
