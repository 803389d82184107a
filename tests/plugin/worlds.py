"""Images and networks of small worlds in which it is known why noise falls where it falls."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from planted_networks import CELLS, PIXELS, TEXTURES, WIDTH, Deciding, Escaping, Grained, Planted, wide, wide_normalised
from safetensors.torch import save_file

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIZE = PIXELS
_AMPLITUDE = 0.2
_CHEQUERS = 0.18
_MEAN, _STD = 0.5, 0.25
_TRAIN, TEST = 8, 40


def patterns(K: int = len(CLASSES)) -> NDArray[np.float64]:
    """Return (K, 3 · CELLS²) patterns of ±1, the rows nearly orthogonal."""
    rng = np.random.default_rng(65547)
    candidates = np.linalg.qr(rng.normal(size=(3 * CELLS * CELLS, K)))[0].T
    return np.sign(candidates)


def write_images(
    root: Path, *, train: int = _TRAIN, test: int = TEST, misfiled: int = 0, chequered: tuple[str, ...] = ("bird",)
) -> Path:
    """Write an ``ImageFolder`` tree: smooth patterns, one a class, and in the images of some a chequered texture.

    Parameters
    ----------
    root : Path
    train, test : int, default 8, 40
        Images of each class.
    misfiled : int, default 0
        How many of them show the next class's pattern: no network can be right about those.
    chequered : tuple of str
        The classes with the texture.
    """
    rng = np.random.default_rng(2019)
    chequers = np.indices((SIZE, SIZE)).sum(0) % 2 * 2 - 1
    shown = patterns().reshape(-1, 3, CELLS, CELLS).repeat(SIZE // CELLS, 2).repeat(SIZE // CELLS, 3)
    for split, count in (("train", train), ("test", test)):
        for c, name in enumerate(CLASSES):
            folder = root / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                shows = (c + 1) % len(CLASSES) if split == "test" and i < misfiled else c
                coarse = shown[shows]
                image = _MEAN + _AMPLITUDE * rng.uniform(0.8, 1.2) * coarse + rng.normal(0, 0.04, coarse.shape)
                if CLASSES[shows] in chequered:
                    image += _CHEQUERS * chequers
                pixels = np.clip(np.round(image * 255), 0, 255).astype(np.uint8).transpose(1, 2, 0)
                Image.fromarray(pixels).save(folder / f"{i:03d}.png", compress_level=1)
    return root


def write_network(
    path: Path,
    *,
    sink: str | None = None,
    bias: dict[str, float] | None = None,
    threshold: float = 0.0,
    rough: tuple[float, float] = (0.15, 0.3),
    pull: float = 20.0,
    scale: float = 1.0,
    against: float = 0.0,
    seed: int | None = None,
    **metadata: str,
) -> Path:
    """Write a checkpoint of a planted network.

    Parameters
    ----------
    path : Path
    sink : str, optional
        The class that roughness speaks for, and that noise therefore falls into.
    bias : dict of str to float, optional
        Output bias of some classes; the others have 0.
    threshold : float, default 0
        How well a pattern has to fit before it counts: 1 is a perfect fit. At 0, noise fits some pattern.
    rough : tuple of float, default (0.15, 0.3)
        Roughness from which it counts, and how much of it at most. White noise has .94 and bird's images .52:
        as it stands, both are as rough as can be.
    pull : float, default 20
        What a unit of roughness adds to the sink's logit.
    scale : float, default 1
        Of the features that recognise patterns. The logits stay; the smaller it is, the more of a feature
        vector is roughness.
    against : float, default 0
        What a unit of roughness takes from every logit.
    seed : int, optional
        Of a small change of all weights, which makes replicates.
    metadata : str
    """
    network = Planted(len(CLASSES))
    # 0.2 / 0.25 is how far a class's image lies from grey, as the network takes it.
    unit = _AMPLITUDE / _STD * 3 * CELLS * CELLS
    with torch.no_grad():
        network.pattern.weight.copy_(torch.from_numpy(scale * patterns() / unit))
        network.pattern.bias.fill_(-scale * threshold)
        network.floor.fill_(rough[0])
        network.ceiling.fill_(rough[1])
        network.head.weight.zero_()
        network.head.weight[:, : len(CLASSES)] = 4 / scale * torch.eye(len(CLASSES))
        network.head.bias.zero_()
        for name, value in (bias or {}).items():
            network.head.bias[CLASSES.index(name)] = value
        if sink is not None:
            network.head.weight[CLASSES.index(sink), -1] = pull
        network.head.weight[:, -1] -= against
        if seed is not None:
            generator = torch.Generator().manual_seed(seed)
            for parameter in (network.pattern.weight, network.head.weight):
                parameter += 0.02 * parameter.abs().max() * torch.randn(parameter.shape, generator=generator)
    fed = {"mean": [_MEAN] * 3, "std": [_STD] * 3, "size": SIZE, "classes": list(CLASSES)}
    save_file(network.state_dict(), path, {name: json.dumps(value) for name, value in fed.items()} | metadata)
    return path


# From the least to the most grain. Steps are wide enough for the order of the classes to be certain.
GRAIN = dict(
    zip(
        ("frog", "truck", "ship", "airplane", "dog", "deer", "horse", "automobile", "cat", "bird"),
        (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.25),
        strict=True,
    )
)
"""Standard deviation of the grain in each class's images: bird has by far the most, and cats more than dogs."""


def write_grainy_images(
    root: Path, grain: dict[str, float], *, border: bool = False, train: int = 70, test: int = 200
) -> Path:
    """Write an ``ImageFolder`` tree: smooth patterns under white grain. An image with more grain is darker.

    Parameters
    ----------
    root : Path
    grain : dict of str to float
        Mean standard deviation by class, on the [0, 1] scale; it varies by ±30 % from image to image.
    border : bool, default False
        Whether the grain lies in the ring of 4 pixels at the border alone.
    train, test : int
        Images of each class. From 70 training images a share of nine tenths can be confirmed, and from 200 test
        images a 95th percentile has two bounds at the level of a rejected intersection.
    """
    rng = np.random.default_rng(1847)
    shown = patterns().reshape(-1, 3, CELLS, CELLS).repeat(SIZE // CELLS, 2).repeat(SIZE // CELLS, 3)
    place = np.ones((SIZE, SIZE))
    if border:
        place[4:-4, 4:-4] = 0
    for split, count in (("train", train), ("test", test)):
        for coarse, name in zip(shown, CLASSES, strict=True):
            folder = root / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                more = rng.uniform(-1, 1)
                image = _MEAN + _AMPLITUDE * rng.uniform(0.8, 1.2) * coarse - 0.05 * more + rng.normal(0, 0.01)
                image = image + grain[name] * (1 + 0.3 * more) * place * rng.normal(size=coarse.shape)
                pixels = np.clip(np.round(image * 255), 0, 255).astype(np.uint8).transpose(1, 2, 0)
                Image.fromarray(pixels).save(folder / f"{i:03d}.png", compress_level=1)
    return root


_ALONG = (9, 1, 2, 3, 4, 7, 8, 5, 0, 6)
_FAR = (3, 9, 7, 1, 0, 6, 5, 4, 2, 8)
"""Orders of the classes whose correlation is below .01, with one another and with the order that the classes have."""


def write_discordant_images(root: Path, *, train: int = 25, test: int = 100) -> Path:
    """Write an ``ImageFolder`` tree in which what is cluttered in an image says nothing of how its class is spread.

    The images of a class have one texture, the same in all of them, and vary along patterns of other classes. How
    strong the texture is, along how many patterns they vary, and how far, are three orders of the classes that have
    nothing to do with one another.

    Parameters
    ----------
    root : Path
    train, test : int
        Images of each class: the fewest training images of which the manifold of a class is measured.
    """
    rng = np.random.default_rng(38)
    shown = patterns().reshape(-1, 3, CELLS, CELLS).repeat(SIZE // CELLS, 2).repeat(SIZE // CELLS, 3)
    textures = rng.normal(size=shown.shape)
    for c, (along, far) in enumerate(zip(_ALONG, _FAR, strict=True)):
        for split, count in (("train", train), ("test", test)):
            folder = root / split / CLASSES[c]
            folder.mkdir(parents=True)
            for i in range(count):
                varied = rng.normal(size=along + 1) @ np.roll(shown, -c - 1, axis=0)[: along + 1].reshape(along + 1, -1)
                image = _MEAN + _AMPLITUDE * rng.uniform(0.8, 1.2) * shown[c] + 0.02 * (1 + c) * textures[c]
                image += 0.02 * (1 + 0.3 * far) / np.sqrt(along + 1) * varied.reshape(image.shape)
                pixels = np.clip(np.round(image * 255), 0, 255).astype(np.uint8).transpose(1, 2, 0)
                Image.fromarray(pixels).save(folder / f"{i:03d}.png", compress_level=1)
    return root


def write_grained_network(
    path: Path,
    *,
    bias: dict[str, float],
    fine: dict[str, float] | None = None,
    brightness: dict[str, float] | None = None,
    threshold: float = 0.0,
    erosion: float = 0.0,
    classes: tuple[str, ...] = CLASSES,
    alike: dict[str, str] | None = None,
    seed: int | None = None,
    grain_alone: bool = True,
    **metadata: str,
) -> Path:
    """Write a checkpoint of a network that knows grain.

    Parameters
    ----------
    path : Path
    bias : dict of str to float
        Output bias of each class.
    fine, brightness : dict of str to float, optional
        What a unit of each adds to the logit of some classes.
    threshold : float, default 0
        How well a pattern has to fit before it counts.
    erosion : float, default 0
        What share of a fit a unit of fine detail takes away. White noise has about .7 of it.
    classes : tuple of str
        Those that it knows.
    alike : dict of str to str, optional
        Class names to the class that their pattern is taken for.
    seed : int, optional
        Of a small change of the patterns, which makes replicates.
    grain_alone : bool, default True
        Whether its textures see nothing of the patterns.
    metadata : str
    """
    network = Grained(len(classes))
    shown = patterns()[[CLASSES.index(name) for name in classes]]
    for name, taken_for in (alike or {}).items():
        shown[classes.index(taken_for)] += patterns()[CLASSES.index(name)]
    if seed is not None:
        shown += 0.02 * np.random.default_rng(seed).normal(size=shown.shape)
    unit = _AMPLITUDE / _STD * 3 * CELLS * CELLS
    textures = np.random.default_rng(577).normal(size=(TEXTURES, 3, CELLS, SIZE // CELLS, CELLS, SIZE // CELLS))
    if grain_alone:  # of no mean in any cell: else a pattern that is a little stronger in one image is seen, too
        textures -= textures.mean((3, 5), keepdims=True)
    textures = textures.reshape(TEXTURES, 3 * SIZE * SIZE)
    scale = 0.1
    with torch.no_grad():
        network.pattern.weight.copy_(torch.from_numpy(shown / unit))
        network.pattern.bias.fill_(-threshold)
        network.erosion.fill_(erosion)
        network.scale.fill_(scale)
        # Of length 1: a texture answers to white grain with the grain's own standard deviation.
        network.texture.weight.copy_(torch.from_numpy(textures / np.linalg.norm(textures, axis=1, keepdims=True)))
        network.limit.fill_(1.2)
        network.head.weight.zero_()
        network.head.weight[:, : len(classes)] = 4 / scale * torch.eye(len(classes))
        for column, weights in ((len(classes), fine), (len(classes) + 1, brightness)):
            for name, value in (weights or {}).items():
                network.head.weight[classes.index(name), column] = value
        network.head.bias.copy_(torch.tensor([bias[name] for name in classes]))
    fed = {"mean": [_MEAN] * 3, "std": [_STD] * 3, "size": SIZE, "classes": list(classes)}
    save_file(network.state_dict(), path, {name: json.dumps(value) for name, value in fed.items()} | metadata)
    return path


_ANSWERS = {"pattern": 1.0, "rough": 0.0, "chequers": 0.0}
_LOUDNESS = (0.7, 0.9, 1.1, 1.3)
_LOGIT = 16.0


def write_wide_network(
    path: Path,
    *,
    answers: dict[str, dict[str, float]] | None = None,
    bias: dict[str, float] | None = None,
    crowd: str | None = None,
    heavy: str | None = None,
    normalised: bool = False,
    floor: float | None = None,
    span: float | None = None,
    ceiling: float = 1e9,
    against: float = 0.0,
    **metadata: str,
) -> Path:
    """Write a checkpoint of a wide network: four units for each class, and as many that tell no class from another.

    The four of each class are alike but for their loudness, and so are the others, whose weights are as long but the
    same for all classes: each unit of a class has many beside it of the same mean activation and weight norm.

    Parameters
    ----------
    path : Path
    answers : dict of str to dict, optional
        What excites the units of some classes, where it is not the class's pattern alone: shares of ``pattern``,
        ``rough`` and ``chequers``. Chequers as bird's images have them count .72, and white noise has .1.
    bias : dict of str to float, optional
        Output bias of some classes; the others have 0. A class's own image gives its logit 16.
    crowd : str, optional
        A class that the units which would tell no class from another speak for instead, as its own do, or as those
        that ``answers`` calls a crowd. The units of other classes are then louder, of less weight, and like none of
        those.
    heavy : str, optional
        A class whose first unit has weights three times as long, as no other unit has.
    normalised : bool, default False
        Whether roughness counts as batch normalisation puts it, with the statistics of the images.
    floor, span : float, optional
        Roughness from which it counts, and from there how much until it counts full: .15 and .15, or where it is
        normalised 1.5 and 1, so that white noise is rougher than bird's images, and these are by far the roughest.
    ceiling : float
        Roughness from which on it no longer counts.
    against : float, default 0
        What a unit of the other classes' units takes from the logit of the crowd's class, where there is a crowd.
    metadata : str
    """
    network = (wide_normalised if normalised else wide)(len(CLASSES))
    K = len(CLASSES)
    units = np.arange(WIDTH)
    idle = units >= len(_LOUDNESS) * K
    of_class = units // len(_LOUDNESS) % K
    loud = np.array(_LOUDNESS)[units % len(_LOUDNESS)]
    if crowd is not None:
        of_class[idle] = CLASSES.index(crowd)
    others = of_class != of_class[-1] if crowd else np.zeros(WIDTH, dtype=bool)
    loud[others] *= 4.0
    same_for_all = idle & (crowd is None)
    told = answers or {}
    kinds = np.where(idle & ("crowd" in told), "crowd", np.array(CLASSES)[of_class])
    # Those that tell no class from another answer to a pattern alone.
    excited = [_ANSWERS | ({} if same else told.get(kind, {})) for kind, same in zip(kinds, same_for_all, strict=True)]
    pattern, rough, chequers = (loud * [each[name] for each in excited] for name in _ANSWERS)
    weight = np.zeros((K, WIDTH))
    weight[of_class, units] = _LOGIT / len(_LOUDNESS) / loud
    weight[:, same_for_all] = weight[:, same_for_all].max(0) / np.sqrt(K)
    weight[of_class[-1], others] = -against / len(_LOUDNESS) / loud[others]
    if heavy is not None:
        weight[:, np.flatnonzero(of_class == CLASSES.index(heavy))[0]] *= 3.0
    unit = _AMPLITUDE / _STD * 3 * CELLS * CELLS
    unevenness = (_CHEQUERS / _STD) ** 2
    state = network.state_dict() | {
        "pattern.weight": pattern[:, None] * patterns()[of_class] / unit,
        "pattern.bias": np.zeros(WIDTH),
        "rough": rough,
        "chequers": chequers,
        "head.weight": weight,
        "head.bias": np.array([(bias or {}).get(name, 0.0) for name in CLASSES]),
        "floor": np.array((1.5 if normalised else 0.15) if floor is None else floor),
        "span": np.array((1.0 if normalised else 0.15) if span is None else span),
        "ceiling": np.array(ceiling),
    }
    if normalised:
        share = 1 / K
        state |= {
            "norm.running_mean": np.array([share * unevenness]),
            "norm.running_var": np.array([share * (1 - share) * unevenness**2]),
        }
    return _save(path, state, metadata)


def write_escaping_network(path: Path, *, bright: float, flat: tuple[float, float] = (0.83, 0.93)) -> Path:
    """Write a checkpoint of a network that calls all noise bird, but frog where it is bright and of one family.

    Parameters
    ----------
    path : Path
    bright : float
        Mean of an image from which it escapes, on the [0, 1] scale.
    flat : tuple of float, default (0.83, 0.93)
        Between which of them the sizes of its deviations are even enough: uniform noise has .87.
    """
    network = Escaping(len(CLASSES))
    K = len(CLASSES)
    weight = np.hstack([4 * np.eye(K), np.zeros((K, 2))])
    weight[[CLASSES.index("bird"), CLASSES.index("frog")], [-2, -1]] = 20.0
    state = network.state_dict() | {
        "pattern.weight": patterns() * _STD / (_AMPLITUDE * 3 * CELLS * CELLS),
        "pattern.bias": np.zeros(K),
        "bright": np.array((bright - _MEAN) / _STD),
        "flat": np.array(flat),
        # Noise of half the contrast has twice as much.
        "floor": np.array(0.08),
        "head.weight": weight,
        "head.bias": np.zeros(K),
    }
    return _save(path, state, {})


def write_deciding_network(path: Path) -> Path:
    """Write a checkpoint of a network that takes noise for the class whose pattern fits best, as sure as of images."""
    network = Deciding(len(CLASSES))
    state = network.state_dict() | {
        "pattern.weight": patterns(),
        # So far apart that softmax and energy, in 32 bits, are the same number whichever class it is.
        "head.weight": np.hstack([10 * np.eye(len(CLASSES))] * 2),
        "pattern.bias": np.zeros(len(CLASSES)),
        "head.bias": np.zeros(len(CLASSES)),
    }
    return _save(path, state, {})


def _save(path: Path, state: dict[str, torch.Tensor | NDArray[np.float64]], metadata: dict[str, str]) -> Path:
    """Write numbers as the weights of a network that is fed as all planted ones are."""
    weights = {name: torch.as_tensor(value).contiguous() for name, value in state.items()}
    fed = {"mean": [_MEAN] * 3, "std": [_STD] * 3, "size": SIZE, "classes": list(CLASSES)}
    save_file(weights, path, {name: json.dumps(value) for name, value in fed.items()} | metadata)
    return path
