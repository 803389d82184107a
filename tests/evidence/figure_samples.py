"""The shipped networks as figures see them, and hand-made ones of known answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from lib.evidence.figures.collect import MAKERS
from lib.evidence.figures.stored import Sources, sources
from lib.measure.classifier import Classifier
from lib.measure.imagery import Imagery
from lib.measure.inputs import Inputs, read_identity
from lib.measure.readout import Head
from lib.measure.store import Store
from lib.measure.two_class import TwoClass
from lib.networks.network import open_network

REFERENCE = Path(__file__).resolve().parents[2] / "fixtures" / "reference"


@cache
def asked() -> tuple[Classifier, TwoClass, Imagery]:
    # A cache that does not exist: whatever is read comes from the shipped layer.
    store = Store(REFERENCE / "no-cache", REFERENCE)
    inputs = Inputs(read_identity(REFERENCE / "images.json"), None)
    subject = Classifier(open_network(REFERENCE / "resnet18.safetensors"), inputs, store)
    two_class = TwoClass(open_network(REFERENCE / "cat-dog.safetensors"), inputs, store)
    return subject, two_class, Imagery(inputs, store)


def named() -> dict[str, Any]:
    return {"provenance": {"networks": [{"hash": asked()[0].network.hash, "name": "resnet18"}]}}


@cache
def shipped() -> Sources:
    return sources(*asked(), named())


@cache
def gathered(name: str) -> Any:
    return MAKERS[name].gather(shipped())


def planted(
    noise: np.ndarray,
    images: np.ndarray,
    truth: np.ndarray,
    head: Head,
    classes: tuple[str, ...],
    target: int = 0,
    runner_up: int = 1,
) -> Any:
    """Sources of a network that is nothing but a head on given features."""
    subject = SimpleNamespace(
        classes=classes,
        head_with_bias=head,
        network=SimpleNamespace(require_head=lambda: None),
        inputs=SimpleNamespace(seed=0),
        target=SimpleNamespace(index=target, name=classes[target], runner_up=runner_up),
        test_images=SimpleNamespace(features=images, truth=truth),
        noise=SimpleNamespace(features=noise, logits=head.logits(noise), labels=head.labels(noise)),
    )
    return SimpleNamespace(subject=subject, network="planted")
