"""How every figure looks: one width, one size of letters, colours that the colour-blind can tell apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from cycler import cycler
from numpy.typing import NDArray

__all__ = [
    "BLUE",
    "FAINT",
    "GREEN",
    "HEIGHT",
    "INK",
    "ORANGE",
    "PURPLE",
    "SETTINGS",
    "SMALL",
    "VERMILLION",
    "WIDTH",
    "bare",
    "percent_axis",
    "plain_axes",
    "rows",
    "show",
]

WIDTH, HEIGHT = 5.0, 3.75
"""Inches: 360 by 270 units of an SVG, so that on a narrow telephone a unit is a pixel."""

BLUE, VERMILLION, GREEN, PURPLE, ORANGE = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"
"""Of Okabe and Ito (2008); those with enough contrast on white and on black come first."""

INK = "#000000"
"""Becomes the colour of the text around the figure."""

FAINT = 0.25
"""Opacity of what stands behind."""

SMALL = 9.5

SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "figures",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 10.5,
    "axes.prop_cycle": cycler(color=[INK]),
    "axes.titlesize": 10.5,
    "axes.labelsize": 10.5,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "legend.handlelength": 3.0,
    "legend.borderaxespad": 0.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.5,
    "figure.constrained_layout.h_pad": 0.05,
    "figure.constrained_layout.w_pad": 0.05,
}


def plain_axes(axes: Any, grid: str) -> None:
    """Draw faint lines across the values of one axis, ``"x"``, ``"y"`` or ``"both"``, behind everything."""
    axes.set_axisbelow(True)
    axes.grid(axis=grid, color=INK, alpha=0.15, linewidth=0.8)


def percent_axis(axis: Any, step: int = 25) -> None:
    """Label an axis of shares from 0 to 1 in percent."""
    ticks = range(0, 101, step)
    axis.set_ticks([tick / 100 for tick in ticks], [f"{tick} %" for tick in ticks])


def rows(axes: Any, labels: list[str]) -> NDArray[np.int64]:
    """Give every label a row, the first one at the top, and return where the rows are."""
    places = np.arange(len(labels))
    axes.set_yticks(places, labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    return places


def bare(axes: Any) -> None:
    """Leave nothing of the axes but what is drawn in them."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def show(axes: Any, pixels: NDArray[np.uint8]) -> None:
    """Show one small picture, (S, S, 3), pixel by pixel."""
    axes.imshow(pixels, interpolation="none")
    bare(axes)
