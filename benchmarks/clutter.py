"""Images per second of each clutter measure, against a loop over images: ``python -m benchmarks.clutter``.

Both are timed in turn in one run, on the same images, and must agree. The loops use scikit-image and
pyrtools (both in the ``dev`` extra) and SciPy, as one would write them for a single image.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from pyrtools.pyramids import SteerablePyramidFreq
from scipy import ndimage
from skimage import color, feature
from skimage.filters import rank

from benchmarks.side_by_side import in_turn, rates, record
from why_bird.images.borders import border_noise_level
from why_bird.images.clutter import MEASURES, edge_density, high_frequency_energy, local_entropy, subband_entropy
from why_bird.images.clutter.local_entropy import WINDOW, grey_levels
from why_bird.images.clutter.pyramid import scales
from why_bird.images.clutter.subband_entropy import CONSTANT, WEIGHTS
from why_bird.images.published_noise import post
from why_bird.networks.preprocess import CIFAR10

Images = NDArray[np.uint8]
Values = NDArray[np.float64]


def _edge_loop(images: Images) -> Values:
    return np.array([feature.canny(color.rgb2gray(image)).mean() for image in images])


def _entropy_loop(images: Images) -> Values:
    window = np.ones((WINDOW, WINDOW), dtype=np.uint8)
    return np.array([rank.entropy(levels, window).mean() for levels in grey_levels(images)])


def _detail_loop(images: Images) -> Values:
    shades = (color.rgb2gray(image) for image in images)
    return np.array([np.sqrt(np.mean((shade - ndimage.gaussian_filter(shade, 1)) ** 2)) for shade in shades])


def _pyramid_loop(images: Images) -> Values:
    levels = scales(*images.shape[1:3])
    values = []
    for image in images:
        mean = 0.0
        for channel, weight in zip(np.moveaxis(color.rgb2lab(image), -1, 0), WEIGHTS, strict=True):
            # As ours, and the published program: a channel that varies less is constant.
            varying = channel if np.ptp(channel) >= CONSTANT else np.zeros_like(channel)
            bands = SteerablePyramidFreq(varying, height=levels, order=3).pyr_coeffs
            mean += weight * float(np.mean([_entropy(bands[key]) for key in bands if key != "residual_highpass"]))
        values.append(mean)
    return np.array(values)


def _entropy(band: Values) -> float:
    edges = np.linspace(band.min(), band.max(), int(np.ceil(np.sqrt(band.size))))
    shares = np.bincount(np.digitize(band.ravel(), edges)) / band.size
    shares = shares[shares > 0]
    return -float(shares @ np.log(shares))


# Where the masks of the two pyramids differ by 1e-5, a coefficient may fall into the next bin.
_LOOPS: dict[str, tuple[Callable[[Images], Values], Callable[[Images], Values], float]] = {
    "edge density": (edge_density, _edge_loop, 1e-3),
    "local entropy": (local_entropy, _entropy_loop, 1e-9),
    "high-frequency energy": (high_frequency_energy, _detail_loop, 1e-9),
    "subband entropy": (subband_entropy, _pyramid_loop, 1e-2),
}


_WITH = {
    "edge density": "a loop with scikit-image",
    "local entropy": "a loop with scikit-image",
    "high-frequency energy": "a loop with SciPy",
    "subband entropy": "a loop with pyrtools",
}


def _scenes(count: int) -> Images:
    """Return noise of a photograph's spectrum, roughly: white noise, blurred, around grey."""
    white = post(CIFAR10.mean, CIFAR10.std, 32, 0, "benchmark").images(0, count).transpose(0, 2, 3, 1)
    blurred = sum(ndimage.gaussian_filter(white, (0, sigma, sigma, 0)) for sigma in (0, 1, 2, 4))
    spread = 0.5 + (blurred - np.mean(blurred)) / (5 * np.std(blurred))
    return (np.clip(spread, 0, 1) * 255).round().astype(np.uint8)


def main() -> None:
    """Print the ratios of the rates with their spread, and the time of everything together."""
    parser = argparse.ArgumentParser(description="Our clutter measures against loops over images.")
    parser.add_argument("--images", type=int, default=256, help="images a repetition (default: 256)")
    parser.add_argument("--repeats", type=int, default=5, help="pairs of timings (default: 5)")
    options = parser.parse_args()
    images = _scenes(options.images)
    rows = []
    for name, (batched, loop, tolerance) in _LOOPS.items():
        found, expected = batched(images), loop(images)
        assert np.allclose(found, expected, rtol=0, atol=tolerance), (name, np.abs(found - expected).max())
        times = in_turn(partial(batched, images), partial(loop, images), options.repeats)
        pairs = [(options.images / ours, options.images / other) for ours, other in times]
        rows.append(rates(f"images/s of {name}", _WITH[name], pairs, "images/s"))
    record("clutter", rows)
    wall, processor = time.perf_counter(), time.process_time()
    for measure in (*MEASURES.values(), border_noise_level):
        measure(images)
    wall, processor = (
        1000 * (end - start) / options.images
        for start, end in ((wall, time.perf_counter()), (processor, time.process_time()))
    )
    print(f"all measures and border noise {wall:.2f} ms an image, {processor:.2f} ms of one core")


if __name__ == "__main__":
    main()
