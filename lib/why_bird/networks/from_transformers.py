"""Image classifiers of Hugging Face's transformers, from a folder or from their configuration alone."""

from __future__ import annotations

import importlib
import json
import reprlib
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from why_bird.errors import BadInput
from why_bird.networks.factory import first_line, quietly

TRANSFORMERS = "transformers:"


def build_transformers(config: str) -> nn.Module:
    """Return an untrained model of transformers, by what its ``config.json`` holds.

    Only architectures that the installed library has itself are built, nothing is fetched, and no code that a folder
    brings along is run.

    Returns
    -------
    nn.Module
        In float32. It takes images, and returns something with the attribute ``logits``.

    Raises
    ------
    BadInput
        If transformers are missing, do not know the model, or have no image classifier of its kind.
    """
    transformers = _library()
    made = _configuration(transformers, json.loads(config))
    try:
        module = transformers.AutoModelForImageClassification.from_config(made, trust_remote_code=False)
    except Exception as error:  # each model has its own way to refuse a configuration
        raise _no_classifier(transformers, made.model_type, error) from None
    return cast(nn.Module, module).float()


def read_transformers(folder: Path, config: dict[str, Any]) -> dict[str, Tensor]:
    """Return the weights in a folder by the names that the installed library has for them.

    It renames those of other versions, and so does it when it writes them: which names stand in the file says little.

    Parameters
    ----------
    folder : Path
        With ``model.safetensors``, of which no other kind of file is read.
    config : dict
        What its ``config.json`` holds.

    Raises
    ------
    BadInput
        As :func:`build_transformers`, or if the weights are not all that the model needs.
    """
    if (folder / "adapter_config.json").exists():
        # It would name another folder, from which the library would read.
        raise BadInput(f"{folder} holds an adapter of a model; a folder into which both were merged would work")
    transformers = _library()
    made = _configuration(transformers, config)
    try:
        with quietly():
            module, found = transformers.AutoModelForImageClassification.from_pretrained(
                folder,
                config=made,
                dtype=torch.float32,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                output_loading_info=True,
            )
    except Exception as error:  # as above
        raise _no_classifier(transformers, made.model_type, error) from None
    lacking = sorted(map(str, [*found["missing_keys"], *found["mismatched_keys"]]))
    if lacking:
        raise BadInput(
            f"{folder} does not hold all weights of its {made.model_type}: {reprlib.repr(lacking[0])} is missing or of "
            f"another shape ({len(lacking)} in all); the folder of a trained …ForImageClassification would work"
        )
    return dict(cast(nn.Module, module).state_dict())


def _library() -> Any:
    try:
        transformers = importlib.import_module("transformers")
    except ImportError:
        raise BadInput(
            "a model of transformers needs transformers, which are not installed; "
            "pip install 'why-bird[transformers]' would do"
        ) from None
    # It talks of what it loads, where a run shows its own progress.
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    return transformers


def _configuration(transformers: Any, content: dict[str, Any]) -> Any:
    kind = content["model_type"]
    if kind not in transformers.CONFIG_MAPPING:
        raise BadInput(
            f"transformers {transformers.__version__} have no model_type {reprlib.repr(kind)}, and code that a folder "
            "brings along is not run; --network=package.module:factory may name it"
        )
    if content.get("quantization_config"):
        raise BadInput(f"the {kind} of this folder is quantised; weights in 16 or 32 bits would work")
    try:
        made = transformers.CONFIG_MAPPING[kind].from_dict(content)
    except Exception as error:  # as above
        raise _no_classifier(transformers, kind, error) from None
    # A configuration may ask for the weights of a backbone, which would be fetched.
    if getattr(made, "use_pretrained_backbone", False):
        made.use_pretrained_backbone = False
    return made


def _no_classifier(transformers: Any, kind: str, error: Exception) -> BadInput:
    return BadInput(
        f"transformers {transformers.__version__} make no image classifier of the model_type {reprlib.repr(kind)} "
        f"of this folder ({first_line(error)}); the folder of a …ForImageClassification would work"
    )
