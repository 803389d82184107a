"""What is kept of a network of the line-up, so that a later question needs no weights."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from why_bird.errors import BadInput
from why_bird.files import read_text, write_together
from why_bird.images.image_set import ImageSet
from why_bird.images.noise import Noise, Params
from why_bird.images.published_noise import post, spectral
from why_bird.images.select import select_classes
from why_bird.measure.forward import forward
from why_bird.measure.noise_passes import CONTRASTS
from why_bird.measure.shuffled import confusion_table
from why_bird.measure.taps import Tap
from why_bird.networks.network import Network

DRAWS = 2000
SEEDS = tuple(range(20, 29))
"""Of the networks that are judged: more of them would be a second look."""

CHOOSES = "post, chooses"
"""The setting whose draws say which class is that of noise; no other setting shares an image with it."""

_SEED = 0
_SIDES = (32, 64)
_FEW = 500
_FORMAT = 1


Counts = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class NoiseAnswer:
    """What a network said to one kind of noise."""

    counts: tuple[int, ...]
    """tuple of K int: images called each class."""
    entropy: float
    entropy_sd: float
    """Mean and standard deviation over the images of the entropy of softmax, in nats."""
    logits: tuple[float, ...]
    """tuple of K float: their means."""


@dataclass(frozen=True, slots=True)
class LineUpNetwork:
    """One network of the line-up, in numbers."""

    network: str
    """Content hash."""
    recipe: str
    recipe_hash: str
    arm: str
    """``"plain"``, or what was changed (:class:`why_bird.networks.arms.Arm`)."""
    seed: int
    classes: tuple[str, ...]
    """tuple of K str."""
    training_images: str
    test_images: str
    """Content hashes of the image sets as they were before any change."""
    confusion: Counts
    """K × K: test images by class (rows) and by what they were called (columns)."""
    confusion_changed: Counts | None
    """K × K: the same of test images that were changed as the training images were; None where no image was changed."""
    noise: dict[str, NoiseAnswer]
    """By the setting's name."""
    feature_variance: dict[str, float]
    """Total variance over draws of the penultimate features of the post's noise, by the side of the image in pixels."""

    @property
    def accuracy(self) -> float:
        """Share of the test images that are called what they are."""
        counts = np.array(self.confusion)
        return float(np.trace(counts) / counts.sum())

    @property
    def recall(self) -> dict[str, float]:
        """The same by class."""
        return {name: row[k] / sum(row) for k, (name, row) in enumerate(zip(self.classes, self.confusion, strict=True))}

    def share(self, name: str, setting: str = "post ×1") -> float:
        """Return the share of a kind of noise that is called a class; 0 where the network has no such class."""
        counts = self.noise[setting].counts
        return counts[self.classes.index(name)] / sum(counts) if name in self.classes else 0.0

    def most(self, setting: str) -> str:
        """Return the class that most of a kind of noise is called."""
        return self.classes[int(np.argmax(self.noise[setting].counts))]

    def spread(self, setting: str) -> float:
        """Return the mean entropy of softmax on a kind of noise, by that of equal odds."""
        return self.noise[setting].entropy / math.log(len(self.classes))


def settings(network: Network) -> dict[str, Noise]:
    """Return the kinds of noise that are drawn for a network, by name."""
    fed = network.preprocess
    mean, std, side = fed.mean, fed.std, fed.size
    chooses, tests = (post(mean, std, side, _SEED, role) for role in ("line-up, chooses", "line-up"))
    return {
        CHOOSES: chooses,
        **{f"post ×{contrast:g}": replace(tests, params=Params(contrast=contrast)) for contrast in CONTRASTS},
        "grey": replace(tests, family="grey"),
        "1/f": spectral(1.0, mean, std, side, _SEED, "line-up"),
        "1/f²": spectral(2.0, mean, std, side, _SEED, "line-up"),
        "uniform": replace(tests, family="uniform"),
    }


def measure_line_up(
    network: Network, test: ImageSet, about: Mapping[str, str], changed: NDArray[np.uint8] | None = None
) -> tuple[LineUpNetwork, bytes]:
    """Pass test images and noise through a network, and return the numbers that are kept of it.

    Parameters
    ----------
    test : ImageSet
        All test images; those of the network's classes are passed.
    about : mapping of str
        Its checkpoint's metadata: recipe, recipe_name, arm, seed, images.
    changed : (N, H, W, 3) uint8 array, optional
        Pixels of the test images, changed as the training images were.

    Returns
    -------
    LineUpNetwork
    bytes
        A safetensors file in 16 bits: the head (``weight``, ``bias``), the mean penultimate features of the test images
        by class (``class_means``), and the mean and standard deviation of those of noise by setting (``noise_means``,
        ``noise_sds``, in the order of :func:`settings`).
    """
    chosen = select_classes(test, network.classes)
    taps: tuple[Tap, ...] = ("logits", "features")
    K, head = len(network.classes), network.require_head()
    passed = forward(network, chosen, taps=taps)
    own = None
    if changed is not None:
        other = select_classes(ImageSet(changed, test.labels, test.digests, test.classes), network.classes)
        own = _confusion(forward(network, other, taps=taps)["logits"], other.labels)
    answers: dict[str, NoiseAnswer] = {}
    means, sds = [], []
    for name, noise in settings(network).items():
        found = forward(network, noise, DRAWS, taps=taps)
        answers[name] = _answer(found["logits"])
        means.append(found["features"].mean(axis=0, dtype=np.float64))
        sds.append(found["features"].std(axis=0, dtype=np.float64))
    variance = {}
    for side in _SIDES:
        fed = replace(network.preprocess, size=side)
        larger = replace(network, preprocess=fed)
        noise = post(fed.mean, fed.std, side, _SEED, "line-up, sides")
        features = forward(larger, noise, _FEW, taps=taps)["features"]
        variance[str(side)] = float(features.var(axis=0, ddof=1, dtype=np.float64).sum())
    arrays = {
        "weight": head.weight,
        "bias": head.bias,
        "class_means": np.stack([passed["features"][chosen.labels == k].mean(axis=0) for k in range(K)]),
        "noise_means": np.stack(means),
        "noise_sds": np.stack(sds),
    }
    numbers = LineUpNetwork(
        network=network.hash,
        recipe=about["recipe_name"],
        recipe_hash=about["recipe"],
        arm=about["arm"],
        seed=int(about["seed"]),
        classes=network.classes,
        training_images=about["images"],
        test_images=chosen.hash,
        confusion=_confusion(passed["logits"], chosen.labels),
        confusion_changed=own,
        noise=answers,
        feature_variance=variance,
    )
    return numbers, save({name: np.ascontiguousarray(value, dtype=np.float16) for name, value in arrays.items()})


def _confusion(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> Counts:
    return tuple(map(tuple, confusion_table(logits.argmax(1), labels, logits.shape[1]).tolist()))


def _answer(logits: NDArray[np.float32]) -> NoiseAnswer:
    z = logits.astype(np.float64)
    logs = z - z.max(axis=1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    entropy = -(np.exp(logs) * logs).sum(axis=1)
    counts = np.bincount(z.argmax(1), minlength=z.shape[1])
    return NoiseAnswer(
        tuple(int(n) for n in counts),
        float(entropy.mean()),
        float(entropy.std(ddof=1)),
        tuple(round(float(v), 4) for v in z.mean(axis=0)),
    )


def write_numbers(path: Path, network: LineUpNetwork, arrays: bytes) -> None:
    """Write the numbers of one network, and its arrays beside them: both, or neither."""
    content = json.dumps({"format": _FORMAT, **asdict(network)}, ensure_ascii=False) + "\n"
    write_together({path.with_suffix(".safetensors"): arrays, path: content})


def read_network(path: Path) -> LineUpNetwork:
    """Read the numbers of one network.

    Raises BadInput if the file does not hold them.
    """
    try:
        content = json.loads(read_text(path))
        if content.pop("format") != _FORMAT:
            raise ValueError("of another format")
        content["noise"] = {
            name: NoiseAnswer(tuple(a["counts"]), a["entropy"], a["entropy_sd"], tuple(a["logits"]))
            for name, a in content["noise"].items()
        }
        content["classes"] = tuple(content["classes"])
        content["confusion"] = tuple(map(tuple, content["confusion"]))
        if content["confusion_changed"] is not None:
            content["confusion_changed"] = tuple(map(tuple, content["confusion_changed"]))
        if set(content) != {field.name for field in fields(LineUpNetwork)}:
            raise ValueError("with other fields")
        network = LineUpNetwork(**content)
        K = len(network.classes)
        whole = [len(network.confusion) == K, all(len(row) == K and sum(row) > 0 for row in network.confusion)]
        whole += [len(answer.counts) == K and sum(answer.counts) > 0 for answer in network.noise.values()]
        if not all(whole) or "post ×1" not in network.noise:
            raise ValueError("with counts that do not fit the classes")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(
            f"{path} does not hold the numbers of a network ({error}): restore it with git checkout"
        ) from None
    return network
