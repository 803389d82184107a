"""What growing doses of a change do to the margin of the class of noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import full, listed, short
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import BLUE, FAINT, GREEN, VERMILLION, plain_axes
from lib.evidence.numbers import count, number
from lib.images.doses import DOSES
from lib.measure.dose_effects import measure_effects

__all__ = ["Curve", "DoseCurves", "draw", "gather"]

NAMES = {True: "dose-border", False: "dose-whole"}
_WORDS = {"flat": "flat fill", "white": "white noise", "smooth": "smooth noise"}
_LOOKS = ((VERMILLION, "o", "-"), (BLUE, "s", "--"), (GREEN, "^", "-."))
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The mean margin under one condition.

    Parameters
    ----------
    condition : str
    means, errors : (D,) float64 arrays
        By dose, in standard deviations of the margin; the errors are of the change from dose 0.
    """

    condition: str
    means: Array
    errors: Array

    @property
    def change(self) -> float:
        """From dose 0 to the full dose."""
        return float(self.means[-1] - self.means[0])


@dataclass(frozen=True, slots=True, eq=False)
class DoseCurves:
    """Curves of one experiment.

    Parameters
    ----------
    network, target : str
    n : int
        Test images of other classes.
    curves : tuple of Curve
    at_border : bool
        Whether the border was changed, or the whole image.
    """

    network: str
    target: str
    n: int
    curves: tuple[Curve, ...]
    at_border: bool


def gather(source: Sources, *, at_border: bool) -> DoseCurves:
    """Take the curves of claims B2 and B5.

    Raises
    ------
    Unavailable
        If the doses were not measured, or are too weak.
    """
    subject = source.subject
    response = subject.border_doses if at_border else subject.whole_doses
    effects = measure_effects(response, subject.target.index, subject.classes, subject.test_images)
    curves = tuple(
        Curve(_WORDS.get(name, name), mean, effects.curve_errors[name]) for name, mean in effects.curves.items()
    )
    return DoseCurves(source.network, subject.target.name, int(response.kept.sum()), curves, at_border)


def draw(data: DoseCurves) -> Drawing:
    """Return the curves with their bands."""
    where = "at the border" if data.at_border else "over the whole image"

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        plain_axes(axes, "y")
        for curve, (color, marker, line) in zip(data.curves, _LOOKS, strict=False):
            # One image has no standard error.
            band = 2 * np.nan_to_num(curve.errors)
            axes.fill_between(DOSES, curve.means - band, curve.means + band, color=color, alpha=FAINT, linewidth=0)
            axes.plot(DOSES, curve.means, color=color, marker=marker, linestyle=line, label=curve.condition)
        axes.set_xticks(DOSES, ["0", "¼", "½", "1"])
        axes.set_xlabel(f"dose {where} (1: full)")
        axes.set_ylabel(f"margin of {short(data.target)} (sd)")
        canvas.legend(loc="outside upper center", ncols=len(data.curves))

    target = full(data.target)
    changes = [
        f"{curve.condition} moves it by {number(curve.change)} (±{number(2 * curve.errors[-1])})"
        for curve in data.curves
    ]
    return Drawing(
        NAMES[data.at_border],
        "test_background_noise",
        f"Dose and response {where}",
        f"Line chart of the margin of {target} against the dose {where}. From no dose to the full one, in standard "
        f"deviations: {listed(changes)}.",
        f"Mean margin of {target} (its logit less the mean of the other logits but the true class's) on "
        f"{count(data.n)} test images of other classes in {data.network}, in its standard deviations. Bands: ±2 "
        "standard errors of the change from dose 0.",
        paint,
    )
