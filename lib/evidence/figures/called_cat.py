"""What a network that knows two classes calls cat, of all that it never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.errors import Unavailable
from lib.evidence.figures.drawing import Canvas, Drawing
from lib.evidence.figures.names import enough_room, full, listed, short
from lib.evidence.figures.shares import Share, whiskers
from lib.evidence.figures.stored import Sources
from lib.evidence.figures.style import BLUE, VERMILLION, percent_axis, plain_axes, rows

__all__ = ["CalledCat", "draw", "gather"]

NAME = "called-cat"
HORSE, NOISE = "horse", "noise"
OVER, OF_HORSES = 0.70, 0.28
"""The post: planes, cars, birds, deer, frogs, ships and trucks are over 70 % cat; horses are 72 % dog."""

THE_POSTS = ("airplane", "automobile", "bird", "deer", "frog", "ship", "truck")


@dataclass(frozen=True, slots=True)
class CalledCat:
    """Shares of images called cat.

    Parameters
    ----------
    network : str
    other : str
        The class that the network knows beside cat.
    shares : tuple of Share
        Of each class that the network never saw, most first, then of noise.
    """

    network: str
    other: str
    shares: tuple[Share, ...]


def gather(source: Sources) -> CalledCat:
    """Count what is called cat.

    Raises
    ------
    Unavailable
        If there is no two-class network that knows cats, or it was not asked about unseen classes.
    """
    subject = source.two_class
    if subject is None:
        raise Unavailable("no two-class network was asked")
    cat, unseen = subject.cat, subject.unseen
    if unseen.truth is None:
        raise Unavailable("the unseen images have no labels")
    enough_room(subject.unseen_classes)
    shares = [
        Share.of(name, unseen.labels[own] == cat)
        for c, name in enumerate(subject.unseen_classes)
        if (own := np.asarray(unseen.truth == c)).any()
    ]
    shares.sort(key=lambda share: -share.value)
    of_noise = Share.of(NOISE, subject.noise.labels == cat)
    return CalledCat(source.pair, subject.classes[1 - cat], (*shares, of_noise))


def draw(data: CalledCat) -> Drawing:
    """Return bars with the post's numbers."""
    last = len(data.shares) - 1

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        plain_axes(axes, "x")
        places = rows(axes, [short(share.name) for share in data.shares])
        axes.barh(places, [share.value for share in data.shares], color=BLUE, alpha=0.6, height=0.62)
        whiskers(axes, data.shares, places)
        mark = {"color": VERMILLION, "linestyle": "none", "clip_on": False}
        over = [i for i, share in enumerate(data.shares) if share.name in THE_POSTS and i != last]
        if over:
            axes.plot([OVER] * len(over), over, marker=">", label="the post: over 70 %", **mark)
        horses = [i for i, share in enumerate(data.shares) if share.name == HORSE and i != last]
        if horses:
            axes.plot([OF_HORSES], horses, marker="D", label="the post: 72 % dog", **mark)
        axes.plot([1], [last], marker="*", markersize=10, label="the post: all", **mark)
        axes.set_xlim(0, 1)
        percent_axis(axes.xaxis)
        axes.set_xlabel(f"called cat (else {short(data.other)})")
        canvas.legend(loc="outside upper center", ncols=3, columnspacing=1, handletextpad=0.1, handlelength=1.4)

    said = listed([f"{full(share.name)} {share.words}" for share in data.shares])
    return Drawing(
        NAME,
        "test_cat_vs_dog",
        "What a cat/dog network calls cat",
        f"Bar chart of the share called cat: {said}. The post found over 70 % for each unseen class but the horse, "
        "28 % for the horse (72 % dog), and all of the noise.",
        f"Share of the test images of each class that {data.network} never saw, and of noise, that it calls cat. "
        "Whiskers: 95 % intervals by Clopper and Pearson. Marks: what the post found.",
        paint,
        height=1.2 + 0.27 * max(len(data.shares), 4),
    )
