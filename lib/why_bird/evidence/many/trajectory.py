"""Epochs of one training: how accuracy and the classes of noise come and go."""

from __future__ import annotations

from why_bird.evidence.charts import Axis, Curve, Curves
from why_bird.evidence.many.judged import Judged, Many

_LEAST = 0.05
_MOST_TRAININGS, _MOST_CLASSES = 12, 8


def trajectories(many: Many) -> list[Curves]:
    """Return a chart for each training of which several epochs were judged, of very many trainings the first ones."""
    trainings: dict[tuple[str, str, str], list[Judged]] = {}
    for group in many.groups.values():
        for each in group:
            if each.epoch is not None and each.hash in many.noise:
                trainings.setdefault(each.training, []).append(each)
    found = [_chart(many, name, epochs) for name, epochs in trainings.items() if len(epochs) > 1]
    return found[:_MOST_TRAININGS]


def _chart(many: Many, training: tuple[str, str, str], epochs: list[Judged]) -> Curves:
    recipe, arm, seed = training
    x = tuple(float(each.epoch or 0) for each in epochs)
    noise = [many.noise[each.hash] for each in epochs]
    shares = {name: tuple(each.of(name) / sum(each.counts) for each in noise) for name in noise[-1].classes}
    shown = sorted((name for name in shares if max(shares[name]) >= _LEAST), key=lambda name: -max(shares[name]))
    last = max(shares, key=lambda name: shares[name][-1])
    first = max(shares, key=lambda name: shares[name][0])
    came = (
        f"noise ends in {last}, where it was from the first" if first == last else f"noise goes from {first} to {last}"
    )
    curves = [Curve(name, x, shares[name]) for name in shown[:_MOST_CLASSES]]
    accuracies = tuple(each.accuracy for each in epochs)
    known = [Curve("accuracy", x, accuracies)] if any(each is not None for each in accuracies) else []
    return Curves(
        title=came,
        caption=f"Recipe {recipe}, {arm}, seed {seed or 'unknown'}: share of the test images that is called rightly, "
        "and of noise that falls into each class, after each epoch that was kept.",
        x=Axis("epoch", ticks=tuple(dict.fromkeys((x[0], x[-1])))),
        y=Axis("share", percent=True, low=0.0, high=1.0),
        curves=(*known, *curves),
        highlight=(last,),
    )
