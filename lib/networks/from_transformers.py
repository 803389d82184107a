"""Image classifiers of Hugging Face's transformers, from their configuration."""

from __future__ import annotations

import importlib
import json
import reprlib
from typing import cast

from torch import nn

from lib.errors import BadInput
from lib.networks.factory import first_line

__all__ = ["TRANSFORMERS", "build_transformers"]

TRANSFORMERS = "transformers:"


def build_transformers(config: str) -> nn.Module:
    """Return an untrained model of transformers.

    Only architectures that the installed library has itself are built, nothing is fetched, and no code that a
    folder brings along is run.

    Parameters
    ----------
    config : str
        What ``config.json`` holds.

    Returns
    -------
    nn.Module
        In float32. It takes images, and returns something with the attribute ``logits``.

    Raises
    ------
    BadInput
        If transformers are missing, do not know the model, or have no image classifier of its kind.
    """
    content = json.loads(config)
    kind = content["model_type"]
    try:
        transformers = importlib.import_module("transformers")
    except ImportError:
        raise BadInput(
            f"a {reprlib.repr(kind)} of transformers needs transformers, which are not installed; "
            "pip install 'why-bird[transformers]' would do"
        ) from None
    if kind not in transformers.CONFIG_MAPPING:
        raise BadInput(
            f"transformers {transformers.__version__} have no model_type {reprlib.repr(kind)}, and code that a folder "
            "brings along is not run; --network package.module:factory may name it"
        )
    try:
        made = transformers.CONFIG_MAPPING[kind].from_dict(content)
        # A configuration may ask for the weights of a backbone, which would be fetched.
        if getattr(made, "use_pretrained_backbone", False):
            made.use_pretrained_backbone = False
        module = transformers.AutoModelForImageClassification.from_config(made, trust_remote_code=False)
    except Exception as error:  # each model has its own way to refuse a configuration
        raise BadInput(
            f"transformers {transformers.__version__} build no image classifier of model_type {reprlib.repr(kind)} "
            f"from this configuration ({first_line(error)}); the folder of a …ForImageClassification would work"
        ) from None
    return cast(nn.Module, module).float()
