"""Which class noise belongs to in pixels, without any network: by its nearest images, and by a Gaussian a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from why_bird.errors import Unavailable
from why_bird.images.image_set import ImageSet
from why_bird.images.noise import Params
from why_bird.images.published_noise import post
from why_bird.measure.entry import Arrays, Key
from why_bird.measure.inputs import Inputs
from why_bird.measure.noise_passes import CONTRASTS
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored, plainly

NEIGHBOURS, DRAWS, BLOCKS = 50, 1_000, 8
_VERSION, _CHUNK = 1, 2_000

Array = NDArray[np.floating]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class NoiseInPixels:
    """Where noise lies among the training images."""

    neighbours: Labels
    """(n, K): of each draw of the post's noise: how many of its :data:`NEIGHBOURS` nearest training images are of each
    class."""
    gaussian: Labels
    """(contrasts, n): the class whose Gaussian makes a draw most likely, at each of
    :data:`~why_bird.measure.noise_passes.CONTRASTS`."""

    def at(self, contrast: float) -> Labels:
        """Return the (n,) classes that the Gaussians give noise of a contrast."""
        return np.asarray(self.gaussian[CONTRASTS.index(contrast)])


def measure_noise_in_pixels(inputs: Inputs) -> Stored[NoiseInPixels]:
    """Return the entry of where noise lies among the training images: draws at their size, with their moments."""
    identity, given = inputs.identity, inputs.images

    def compute(store: Store, _scratch: Path) -> Arrays:
        training = inputs.require_images().train
        noise = post(identity.mean, identity.std, min(training.pixels.shape[1:3]), inputs.seed, "pixels")
        noises = [replace(noise, params=Params(contrast=each)) for each in CONTRASTS]
        drawn = [each.images(0, DRAWS).transpose(0, 2, 3, 1) for each in noises]
        with store.progress("noise among the training images", 2) as advance:
            gaussian = np.stack(gaussian_labels(training, drawn))
            advance(1)
            neighbours = nearest_classes(training, drawn[CONTRASTS.index(1.0)])
            advance(1)
        return {"neighbours": neighbours, "gaussian": gaussian}

    drawn_as: dict[str, Any] = {"mean": identity.mean, "std": identity.std, "seed": inputs.seed}
    return Stored(
        Key("noise-in-pixels", _VERSION, {"training": identity.train, **drawn_as}),
        plainly(NoiseInPixels),
        compute if given else None,
    )


def nearest_classes(training: ImageSet, images: Array, neighbours: int = NEIGHBOURS) -> Labels:
    """Return how many of the nearest training images are of each class, by the Euclidean distance of pixels.

    `images` is a (n, H, W, 3) float array, on the [0, 1] scale. The result is a (n, K) int64 array.

    Examples
    --------
    >>> pixels = np.array([0, 10, 250], dtype=np.uint8)[:, None, None, None].repeat(3, axis=3)
    >>> training = ImageSet(pixels, np.array([0, 0, 1]), np.zeros((3, 32), dtype=np.uint8), ("dark", "light"))
    >>> nearest_classes(training, np.array([[[[0.0, 0.0, 0.0]]], [[[1.0, 1.0, 1.0]]]]), neighbours=2).tolist()
    [[2, 0], [1, 1]]
    """
    given = images.reshape(len(images), -1).astype(np.float32)
    best = np.full((len(given), 0), np.inf, dtype=np.float32)
    labels = np.zeros((len(given), 0), dtype=np.int64)
    for start in range(0, len(training), _CHUNK):
        block = np.asarray(training.pixels[start : start + _CHUNK], dtype=np.float32).reshape(-1, given.shape[1]) / 255
        # Without the length of the given image, which is the same for all.
        distances = (block**2).sum(axis=1) - 2 * (given @ block.T)
        best = np.concatenate([best, distances], axis=1)
        own = np.broadcast_to(np.asarray(training.labels[start : start + _CHUNK], dtype=np.int64), distances.shape)
        labels = np.concatenate([labels, own], axis=1)
        kept = np.argpartition(best, min(neighbours, best.shape[1]) - 1, axis=1)[:, :neighbours]
        best, labels = np.take_along_axis(best, kept, axis=1), np.take_along_axis(labels, kept, axis=1)
    return np.stack([(labels == c).sum(axis=1) for c in range(len(training.classes))], axis=1).astype(np.int64)


def gaussian_labels(training: ImageSet, images: Sequence[Array]) -> list[Labels]:
    r"""Return the class whose Gaussian makes an image most likely, all classes being equally likely beforehand.

    The mean and covariance of :func:`block_means` of a class's training images: quadratic discriminant analysis. The
    covariance is not shrunk: what noise is told by lies in the directions in which the images of a class hardly vary.

    Raises Unavailable if a class has too few training images for its covariance, or they vary too little.

    Parameters
    ----------
    images : sequence of (n, H, W, 3) float arrays
        On the [0, 1] scale.

    Returns
    -------
    list of (n,) int64 arrays

    Examples
    --------
    >>> pixels = np.random.default_rng(0).integers(0, 60, (400, 8, 8, 3), dtype=np.uint8)
    >>> pixels[200:] *= 4  # of another mean, and another spread
    >>> training = ImageSet(pixels, np.repeat([0, 1], 200), np.zeros((400, 32), dtype=np.uint8), ("dark", "light"))
    >>> asked = [np.full((2, 8, 8, 3), 0.1), np.full((1, 8, 8, 3), 0.5)]
    >>> [labels.tolist() for labels in gaussian_labels(training, asked)]
    [[0, 0], [1]]
    """
    asked = [block_means(each) for each in images]
    scores = []
    for label, name in enumerate(training.classes):
        own = np.flatnonzero(training.labels == label)
        points = block_means(np.asarray(training.pixels[own], dtype=np.float32) / 255)
        if len(points) <= points.shape[1]:
            raise Unavailable(
                f"the class {name} has {len(points)} training images: for the covariance of {points.shape[1]} numbers "
                "more are needed"
            )
        try:
            root = np.linalg.cholesky(np.cov(points, rowvar=False))
        except np.linalg.LinAlgError:
            raise Unavailable(f"the training images of {name} do not vary in every direction") from None
        mean, size = points.mean(axis=0), 2 * np.log(np.diag(root)).sum()
        away = (scipy.linalg.solve_triangular(root, (each - mean).T, lower=True) for each in asked)
        scores.append([-(each**2).sum(axis=0) - size for each in away])
    return [np.argmax(each, axis=0).astype(np.int64) for each in zip(*scores, strict=True)]


def block_means(images: Array) -> NDArray[np.float64]:
    """Return the mean colours of 8 × 8 blocks: (n, H, W, 3) to (n, 192).

    Examples
    --------
    >>> image = np.zeros((1, 32, 32, 3))
    >>> image[:, :, 16:] = 1.0
    >>> block_means(image).reshape(8, 8, 3)[0, :, 0].tolist()
    [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    """
    for axis in (1, 2):
        starts = np.linspace(0, images.shape[axis], BLOCKS, endpoint=False).astype(int)
        sizes = np.diff(np.append(starts, images.shape[axis]))
        shape = [-1 if each == axis else 1 for each in range(4)]
        images = np.add.reduceat(images, starts, axis=axis, dtype=np.float64) / sizes.reshape(shape)
    return np.asarray(images.reshape(len(images), -1), dtype=np.float64)
