from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import staged_networks
import torch

from why_bird.images.image_set import Images, ImageSet
from why_bird.measure import classifier, noise_passes, planned_passes, renormalised, shuffled, subject
from why_bird.measure.classifier import Classifier
from why_bird.measure.inputs import Inputs, identify
from why_bird.measure.store import Store
from why_bird.measure.subject import Subject
from why_bird.networks.architectures import build
from why_bird.networks.network import Network
from why_bird.networks.opening import open_network

CLASSES = ("bird", "cat", "frog")
SIZE = 8


def image_set(per_class: int, seed: int) -> ImageSet:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(CLASSES)), per_class)
    pixels = rng.integers(0, 256, (len(labels), SIZE, SIZE, 3), dtype=np.uint8)
    images = ImageSet.of(pixels, labels, CLASSES)
    return images.take(np.lexsort((images.digests[:, 0], labels)))


@pytest.fixture(scope="session")
def images() -> Images:
    return Images(image_set(6, 1), image_set(10, 2), "small", "made up")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every draw small."""
    for module, sizes in (
        (planned_passes, {"NOISE_A": 24, "NOISE_B": 40, "SPECTRUM": 15}),
        (renormalised, {"IMAGES": 20}),
        (subject, {"TWIN": 4}),
        (shuffled, {"IMAGES": 18}),
        (classifier, {"PER_SETTING": 4, "PER_CORNER": 2}),
        (
            noise_passes,
            {"SENSITIVITY": 16, "PUBLISHED": 16, "SETTINGS": 5, "PER_SETTING": 4, "SPECTRUM_A": 8, "SPECTRUM_B": 12}
            | {"PER_CORNER": 2, "PER_CONTRAST": 6, "LARGER": 10},
        ),
    ):
        for name, count in sizes.items():
            monkeypatch.setattr(module, name, count)


@pytest.fixture
def open_tiny(tmp_path: Path) -> Callable[..., Network]:
    def make(factory: str = "staged", classes: tuple[str, ...] = CLASSES, scale: float = 1.0) -> Network:
        arch = f"staged_networks:{factory}"
        state = build(arch, None, len(classes), seed=3).state_dict()
        if scale != 1:
            state = {name: tensor * scale if name.startswith("conv") else tensor for name, tensor in state.items()}
        torch.save(state, tmp_path / "net.pt")
        return open_network(tmp_path / "net.pt", factory=arch, size=SIZE, classes=classes)

    return make


@pytest.fixture
def make_subject(tmp_path: Path, images: Images, few: None) -> Callable[..., Subject]:
    """Return a maker of subjects, all on one cache unless another is named; nothing has passed yet."""

    def make(
        network: Network, *, cache: str = "cache", reference: Path | None = None, without_images: bool = False
    ) -> Subject:
        inputs = Inputs(identify(images), None if without_images else images, seed=5)
        subject = Classifier(network, inputs, Store(tmp_path / cache, reference))
        _ = subject.untrained
        staged_networks.PASSED.clear()
        return subject

    return make
