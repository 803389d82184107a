"""A planted network that writes down what passes through it, built by ``counted_networks:counted``."""

from __future__ import annotations

import hashlib
import sys
from types import FrameType
from typing import Any, NamedTuple

from planted_networks import Wide
from torch import Tensor, nn


class Passed(NamedTuple):
    """One image that passed.

    Attributes
    ----------
    weights, content : str
        Hashes of all tensors of the network, and of the image as the network was given it.
    who : str
        Which of :data:`REPEATING` asked, else "a pass".
    """

    weights: str
    content: str
    who: str


PASSED: list[Passed] = []

REPEATING = {
    f"why_bird.measure.{name}": name
    for name in ("checks", "dose_checks", "exchanged_statistics", "maximisation.ascent", "plan")
}
"""Measures that may pass an image again, for a reason each; all others may not."""


class Counted(Wide):
    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # A network that is listened to passes as it is: of a trace nobody would hear what passes.
        self.register_forward_hook(lambda *_passed: None)

    def forward(self, images: Tensor) -> Tensor:
        weights = _hash(*self.state_dict().values())
        who = _asking()
        PASSED.extend(Passed(weights, _hash(image), who) for image in images)
        return super().forward(images)


def _hash(*tensors: Tensor) -> str:
    content = hashlib.sha256()
    for tensor in tensors:
        content.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return content.hexdigest()


def _asking() -> str:
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        name = frame.f_globals.get("__name__")
        if name in REPEATING:
            return REPEATING[name]
        frame = frame.f_back
    return "a pass"


def counted(classes: int) -> nn.Module:
    return Counted(classes, nn.BatchNorm1d(1, affine=False))
