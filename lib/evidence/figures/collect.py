"""Every figure that can be drawn from what is stored, and why the others cannot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, NamedTuple

from lib.errors import Unavailable
from lib.evidence.figures import (
    ablation,
    bias,
    border_noise,
    called_cat,
    class_graph,
    cluster,
    clutter_ranks,
    counterexample,
    dose_response,
    lead,
    noise_family,
    noise_histogram,
    roc,
    spectrum,
    units,
)
from lib.evidence.figures.drawing import Drawing
from lib.evidence.figures.figure import Figure
from lib.evidence.figures.stored import Sources, sources
from lib.measure.classifier import Classifier
from lib.measure.imagery import Imagery
from lib.measure.two_class import TwoClass
from lib.progress import SILENT, Progress

__all__ = ["MAKERS", "Maker", "collect", "drawings"]


class Maker(NamedTuple):
    """How a figure is made: from what is stored to numbers, and from those to a drawing.

    Attributes
    ----------
    gather : callable
        Raises Unavailable where something is missing.
    draw : callable
        Of what `gather` returns.
    module : str
        The claims that it belongs to.
    """

    gather: Callable[[Sources], Any]
    draw: Callable[[Any], Drawing]
    module: str


MAKERS: Mapping[str, Maker] = {
    noise_histogram.NAME: Maker(noise_histogram.gather, noise_histogram.draw, "test_noise_collapse"),
    spectrum.NAME: Maker(spectrum.gather, spectrum.draw, "test_noise_collapse"),
    noise_family.NAME: Maker(noise_family.gather, noise_family.draw, "test_noise_collapse"),
    counterexample.NAME: Maker(counterexample.gather, counterexample.draw, "test_noise_collapse"),
    class_graph.NAMES[True]: Maker(
        partial(class_graph.gather, centred=True), class_graph.draw, "test_feature_proximity"
    ),
    class_graph.NAMES[False]: Maker(
        partial(class_graph.gather, centred=False), class_graph.draw, "test_feature_proximity"
    ),
    bias.NAME: Maker(bias.gather, bias.draw, "test_bias_dominance"),
    lead.NAME: Maker(lead.gather, lead.draw, "test_bias_dominance"),
    clutter_ranks.NAME: Maker(clutter_ranks.gather, clutter_ranks.draw, "test_clutter"),
    cluster.NAME: Maker(cluster.gather, cluster.draw, "test_clutter"),
    border_noise.NAME: Maker(border_noise.gather, border_noise.draw, "test_background_noise"),
    dose_response.NAMES[True]: Maker(
        partial(dose_response.gather, at_border=True), dose_response.draw, "test_background_noise"
    ),
    dose_response.NAMES[False]: Maker(
        partial(dose_response.gather, at_border=False), dose_response.draw, "test_background_noise"
    ),
    ablation.NAME: Maker(ablation.gather, ablation.draw, "test_neurons"),
    units.NAME: Maker(units.gather, units.draw, "test_neurons"),
    called_cat.NAME: Maker(called_cat.gather, called_cat.draw, "test_cat_vs_dog"),
    roc.NAME: Maker(roc.gather, roc.draw, "test_ood_detection"),
}
"""By name, in the order of the questions."""


def drawings(
    subject: Classifier,
    two_class: TwoClass | None,
    imagery: Imagery,
    document: dict[str, Any] | None,
    modules: Collection[str] | None = None,
) -> tuple[list[Drawing], dict[str, str]]:
    """Return the figures that can be drawn, and for the others the reason; see :func:`collect`."""
    source = sources(subject, two_class, imagery, document)
    made, reasons = [], {}
    for name, make in MAKERS.items():
        if modules is not None and make.module not in modules:
            continue
        try:
            made.append(make.draw(make.gather(source)))
        except Unavailable as reason:
            reasons[name] = str(reason)
    return made, reasons


def collect(
    subject: Classifier,
    two_class: TwoClass | None,
    imagery: Imagery,
    document: dict[str, Any] | None,
    modules: Collection[str] | None = None,
    progress: Progress = SILENT,
) -> tuple[list[Figure], dict[str, str]]:
    """Return the figures that can be drawn from what is stored, and for the others the reason.

    Nothing passes through a network for it, whatever was measured so far.

    Parameters
    ----------
    subject : Classifier
        The network of several classes.
    two_class : TwoClass or None
        The network of two classes, where one was asked.
    imagery : Imagery
        The image set.
    document : dict or None
        The evidence of the run, for what the networks are called in it.
    modules : collection of str, optional
        Of which claims the figures are wanted; of all where it is not given.
    progress : Progress

    Returns
    -------
    figures : list of Figure
        In the order of the questions.
    reasons : dict of str to str
        By the name of a figure that cannot be drawn.
    """
    made, reasons = drawings(subject, two_class, imagery, document, modules)
    figures = []
    with progress("figures of the report", len(made)) as advance:
        for each in made:
            figures.append(each.figure())
            advance(1)
    return figures, reasons
