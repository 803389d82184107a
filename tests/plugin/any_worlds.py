"""Images and networks of any number of classes and pixels, in colour or grey; noise falls into the first class."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from any_networks import CELLS, Templates
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file

_AMPLITUDE = 0.2
MEAN, STD = 0.5, 0.25


def class_names(K: int) -> tuple[str, ...]:
    """Return names that are none of the post's, in alphabetical order."""
    return tuple(f"thing {c:03d}" for c in range(K))


def templates(K: int, channels: int) -> NDArray[np.float64]:
    """Return (K, channels, CELLS, CELLS) different patterns of ±1."""
    rng = np.random.default_rng(577)
    drawn = rng.integers(0, 2, (4 * K, channels, CELLS, CELLS)) * 2.0 - 1.0
    _, first = np.unique(drawn.reshape(len(drawn), -1), axis=0, return_index=True)
    return drawn[np.sort(first)[:K]]


def write_any_images(
    root: Path,
    K: int,
    *,
    channels: int = 3,
    size: int = 28,
    train: int = 30,
    test: int = 40,
    names: tuple[str, ...] = (),
) -> Path:
    """Write an ``ImageFolder`` tree of smooth patterns, one a class; files of grey images have one channel."""
    rng = np.random.default_rng(2019)
    shown = templates(K, channels).repeat(size // CELLS, 2).repeat(size // CELLS, 3)
    for split, count in (("train", train), ("test", test)):
        for name, coarse in zip(names or class_names(K), shown, strict=True):
            folder = root / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                image = MEAN + _AMPLITUDE * rng.uniform(0.8, 1.2) * coarse + rng.normal(0, 0.04, coarse.shape)
                pixels = np.clip(np.round(image * 255), 0, 255).astype(np.uint8).transpose(1, 2, 0)
                Image.fromarray(pixels.squeeze()).save(folder / f"{i:03d}.png", compress_level=1)
    return root


def write_any_network(
    path: Path,
    K: int,
    *,
    channels: int = 3,
    of_grey: bool = False,
    size: int = 28,
    names: tuple[str, ...] = (),
    **metadata: str,
) -> Path:
    """Write a checkpoint of a network that tells those patterns apart, and takes what is rough for the first class.

    One of three channels may know the patterns of grey images, which a reader of files shows it three times.
    """
    network = Templates(K, channels)
    shown = templates(K, 1).repeat(channels, 1) if of_grey else templates(K, channels)
    unit = _AMPLITUDE / STD * channels * CELLS * CELLS
    with torch.no_grad():
        network.pattern.weight.copy_(torch.from_numpy(shown / unit))
        network.pattern.bias.zero_()
        network.head.weight.zero_()
        network.head.weight[:, :K] = 8 * torch.eye(K)
        network.head.weight[0, K] = 40.0
        network.head.bias.copy_(torch.linspace(0.5, 0, K))
    fed = {"mean": [MEAN] * channels, "std": [STD] * channels, "size": size, "classes": list(names or class_names(K))}
    save_file(network.state_dict(), path, {name: json.dumps(value) for name, value in fed.items()} | metadata)
    return path
