"""Networks by the names of timm, fed as timm says."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from typing import Any, cast

from torch import nn

from why_bird.errors import BadInput

TIMM = "timm:"


def build_timm(arch: str, classes: int, channels: int) -> nn.Module:
    """Return an untrained model of timm, called ``"timm:NAME"``.

    Raises BadInput if timm is missing or has no such model.
    """
    try:
        timm = importlib.import_module("timm")
    except ImportError:
        raise BadInput(f"{arch} needs timm, which is not installed; pip install 'why-bird[timm]' would do") from None
    name = arch.removeprefix(TIMM)
    if not timm.is_model(name):
        raise BadInput(f"timm has no model {name}; timm.list_models() names them")
    # It takes the keyword for colour too, and builds the same as without it.
    return cast(nn.Module, timm.create_model(name, pretrained=False, num_classes=classes, in_chans=channels))


def timm_preprocessing(module: nn.Module) -> dict[str, Any]:
    """Return how timm says that one of its models is fed; see :func:`named_by_timm`.

    Raises BadInput if its input is not square.
    """
    return named_by_timm(getattr(module, "pretrained_cfg", None) or {}, "the timm model")


def named_by_timm(said: Mapping[str, Any], whose: str) -> dict[str, Any]:
    """Return what a configuration of timm says of feeding, in the names of :mod:`why_bird.networks.preprocess`.

    Parameters
    ----------
    said : mapping
        ``input_size`` (C, S, S), ``mean``, ``std``, ``interpolation``, ``crop_pct``, ``crop_mode``; each may lack.
    whose : str
        For the sentence of an error.

    Raises
    ------
    BadInput
        If its input is not square, or what is said cannot be understood.
    """
    named: dict[str, Any] = {name: said[name] for name in ("mean", "std", "interpolation") if said.get(name)}
    try:
        _, *sides = said.get("input_size") or (3,)
        if sides and said.get("crop_mode") in (None, "center"):
            named["resize"] = math.floor(sides[0] / (said.get("crop_pct") or 1.0))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        raise BadInput(f"{whose} has an input size or a crop that are no numbers; give --input-size") from None
    if len(set(sides)) > 1:
        raise BadInput(f"{whose} takes images of {'×'.join(map(str, sides))}, expected a square; give --input-size")
    return named | ({"size": sides[0]} if sides else {})
