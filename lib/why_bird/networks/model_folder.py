"""Folders in which Hugging Face's libraries keep a model: weights, what they belong to, and how it is fed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from why_bird.errors import BadInput
from why_bird.files import read_text
from why_bird.networks.checkpoint import Checkpoint, read_checkpoint
from why_bird.networks.from_timm import TIMM, named_by_timm
from why_bird.networks.from_transformers import TRANSFORMERS, read_transformers
from why_bird.networks.manifest import CONFIG

PROCESSOR = "preprocessor_config.json"
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""Of transformers only the first is read; timm wrote the other too, which may hold weights only."""
_RESAMPLING = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}
"""Pillow's numbers for what may be done between pixels."""


def read_model_folder(folder: Path) -> Checkpoint:
    """Read a folder that ``save_pretrained`` of transformers, or timm for its hub, wrote.

    Nothing in it is run, and it chooses only among the architectures that the installed library has itself.

    Parameters
    ----------
    folder : Path
        With ``config.json``, ``model.safetensors``, and perhaps ``preprocessor_config.json``. Of timm also with
        ``pytorch_model.bin``.

    Returns
    -------
    Checkpoint
        Its metadata name the architecture, the classes and how the model is fed, as far as the folder says it.
        ``config`` is that of a model of transformers.

    Raises
    ------
    BadInput
        In one sentence, if the folder holds something else.
    """
    config = _read(folder / CONFIG)
    is_transformers = isinstance(config.get("model_type"), str)
    if is_transformers:
        found = {"arch": f"{TRANSFORMERS}{config['model_type']}", **_class_names(config)}
        try:
            found |= _feeding(folder, config)
        except (TypeError, ValueError, ArithmeticError) as error:
            if isinstance(error, BadInput):
                raise
            raise BadInput(
                f"{folder / PROCESSOR} does not say how the model is fed in numbers ({error}); one that "
                "save_pretrained wrote would work"
            ) from None
    elif isinstance(config.get("architecture"), str):
        said = config.get("pretrained_cfg")
        found = {"arch": f"{TIMM}{config['architecture']}"}
        found |= named_by_timm(said if isinstance(said, Mapping) else config, str(folder / CONFIG))
        if isinstance(config.get("label_names"), list):
            found["classes"] = config["label_names"]
    else:
        raise BadInput(
            f"{folder / CONFIG} names neither a model_type, as transformers does, nor an architecture, as timm does; "
            "a folder that save_pretrained wrote would work"
        )
    accepted = WEIGHTS[:1] if is_transformers else WEIGHTS
    weights = next((folder / name for name in accepted if (folder / name).is_file()), None)
    if weights is None:
        raise BadInput(f"{folder} holds no {' and no '.join(accepted)}; weights in one file of that name would work")
    # Read here too, which finds out what is damaged or not finite.
    checkpoint = read_checkpoint(weights)
    metadata = {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}
    if not is_transformers:
        return replace(checkpoint, metadata=metadata)
    state = read_transformers(folder, config)
    return Checkpoint(state, metadata, config=json.dumps(config, sort_keys=True))


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_text(path))
        if not isinstance(content, dict):
            raise ValueError("it holds no table")
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"{path} cannot be read ({error}); one that save_pretrained wrote would work") from None
    return content


def _class_names(config: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the names of the classes, where they are more than numbers."""
    said = config.get("id2label")
    if not isinstance(said, Mapping):
        return {}
    names = [str(said[number]) for number in sorted(said, key=lambda number: (len(number), number))]
    return {} if all(name.startswith("LABEL_") for name in names) else {"classes": names}


def _feeding(folder: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the folder says of how its model is fed, in the names of ``Preprocess``.

    Raises BadInput if that cannot be done here: each value can be given by an option instead.
    """
    path = folder / PROCESSOR
    if not path.is_file():
        side = config.get("image_size")
        return {"size": side} if isinstance(side, int) else {}
    said = _read(path)
    if said.get("do_normalize", True):
        found: dict[str, Any] = {
            moment: said[key] for moment, key in (("mean", "image_mean"), ("std", "image_std")) if said.get(key)
        }
    else:
        found = {"mean": [0.0] * 3, "std": [1.0] * 3}
    if not said.get("do_rescale", True) or abs(said.get("rescale_factor", 1 / 255) * 255 - 1) > 1e-6:
        raise BadInput(f"{path} feeds pixels on another scale than [0, 1]; a model that is fed on that would work")
    resample = said.get("resample")
    if resample is not None:
        found["interpolation"] = _RESAMPLING.get(resample, str(resample))
    resized = _side(path, said.get("size")) if said.get("do_resize", True) else None
    cut = _side(path, said.get("crop_size")) if said.get("do_center_crop") else None
    share = said.get("crop_pct")
    if cut is None and resized is not None and isinstance(share, float) and resized < _CONVNEXT_WARPS:
        # ConvNeXt's own way: the size is what is cut out, and the share says how much more is resized to.
        return found | {"size": resized, "resize": int(resized / share)}
    side = cut or resized or config.get("image_size")
    if isinstance(side, int):
        found["size"] = side
    return found | ({"resize": resized} if resized and cut else {})


_CONVNEXT_WARPS = 384
"""From this size on ConvNeXt's images are stretched and nothing is cut."""


def _side(path: Path, said: object) -> int | None:
    """Return the side of a square, of the forms in which transformers say it."""
    if isinstance(said, Mapping):
        sides = {said[key] for key in ("height", "width", "shortest_edge") if isinstance(said.get(key), int)}
        if len(sides) == 1:
            return int(sides.pop())
    elif isinstance(said, int):
        return said
    elif said is None:
        return None
    raise BadInput(f"{path} names the size {said}, expected a square; give --input-size")
