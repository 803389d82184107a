"""How every chart looks: one width, one size of letters, colours that the colour-blind can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from why_bird.evidence.numbers import together
from why_bird.printing import columns, folded, shorten

Canvas: TypeAlias = Any
"""A matplotlib figure, whose declared types leave out much of what it takes."""

WIDTH, HEIGHT = 312 / 72, 3.3
"""Inches: 312 units of an SVG in width, so that on a telephone of 360 pixels a unit is at least a pixel."""

SIZE = 11.0
"""Of every letter, in units: on no screen it is drawn smaller than in as many pixels."""

BLUE, VERMILLION, GREEN, PURPLE, OCHRE = "#0072b2", "#d55e00", "#008f68", "#bd6397", "#a87400"
"""After Okabe and Ito (2008), darkened where needed: each stands out by 3 : 1 and more from white and from black."""

COLORS = (BLUE, GREEN, PURPLE, OCHRE)
"""Of what is not highlighted, which is vermillion."""

INK = "#000000"
"""Becomes the colour of the text around the chart."""

LOOKS = (("s", "--"), ("^", "-."), ("D", ":"), ("v", (0, (5, 1))), ("P", (0, (1, 1))))
"""Mark and line beside the colour, for whom colours are not enough."""

FAINT = 0.25
"""Opacity of what stands behind."""

MARGIN = 0.05

SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "charts",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": SIZE,
    "axes.titlesize": SIZE,
    "axes.labelsize": SIZE,
    "xtick.labelsize": SIZE,
    "ytick.labelsize": SIZE,
    "legend.fontsize": SIZE,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "legend.handletextpad": 0.4,
    "legend.columnspacing": 1.2,
    "legend.borderaxespad": 0.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.5,
    "figure.constrained_layout.h_pad": MARGIN,
    "figure.constrained_layout.w_pad": MARGIN,
}

_LETTER = 6.6
"""Mean width of a letter, in units: generous, since a page may choose another font."""


def plain_axes(axes: Any, grid: str) -> None:
    """Draw faint lines across the values of one axis, ``"x"``, ``"y"`` or ``"both"``, behind everything."""
    axes.set_axisbelow(True)
    axes.grid(axis=grid, color=INK, alpha=0.15, linewidth=0.8)


def bare(axes: Any) -> None:
    """Leave nothing of the axes but what is drawn in them."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def legend(canvas: Canvas, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """Write a legend above everything, in as many columns as fit."""
    if not handles:
        return
    words = [short(label, 40) for label in labels]
    widest = max(_LETTER * columns(each) for each in words) + 36
    canvas.legend(handles, words, loc="outside upper center", ncols=max(1, int(72 * WIDTH / widest)))


def short(name: str, most: int = 14) -> str:
    """Return a name that fits beside a drawing."""
    return shorten(name, most) or "(no name)"


def wrapped(words: str, room: float) -> str:
    """Return words in lines that fit into so many units; a word that does not is cut."""
    most = max(6, int(room / _LETTER))
    kept = together(" ".join(words.split())).split(" ")
    return "\n".join(folded(" ".join(shorten(word, most) for word in kept), most))


def listed(parts: Sequence[str], most: int = 12) -> str:
    """Return parts joined as a sentence lists them; of very many the first, and how many more there are.

    Examples
    --------
    >>> listed(["bird", "cat", "dog"]), listed("abcdefgh", most=2)
    ('bird, cat and dog', 'a, b and 6 more')
    """
    shown = [*parts[:most], f"{len(parts) - most} more"] if len(parts) > most + 1 else list(parts)
    return "".join(shown) if len(shown) < 2 else f"{', '.join(shown[:-1])} and {shown[-1]}"
