"""Gradient ascent on images, each towards a high activation of its own penultimate unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from why_bird.errors import Unavailable
from why_bird.measure.answering import answering
from why_bird.measure.folding import folded
from why_bird.measure.forward import forward
from why_bird.measure.maximisation.fourier import Moves, coefficients_of, images_of, moved
from why_bird.measure.maximisation.maximised import LOOKS, STARTS, Maximised
from why_bird.measure.taps import Tap
from why_bird.networks.factory import first_line
from why_bird.networks.network import Network
from why_bird.progress import SILENT, Progress
from why_bird.streams import generator

_RATE = 0.05
_CONTRAST = 2.0  # gives pixels a standard deviation of .23, that of CIFAR-10; from the calmer starts images are cleaner
_TAPS: tuple[Tap, ...] = ("features",)


@dataclass(frozen=True, slots=True)
class _Starts:
    """Random images with the spectrum of photographs, as :class:`why_bird.measure.forward.Batches`."""

    seed: int
    size: int
    channels: int

    def coefficients(self, index: int) -> Tensor:
        rng = generator(self.seed, "maximisation", "start", index)
        contrast = 1.0 if index < STARTS else _CONTRAST
        return coefficients_of(contrast * rng.standard_normal((1, self.channels, self.size, self.size)))

    def images(self, start: int, stop: int) -> NDArray[np.float32]:
        drawn = torch.cat([self.coefficients(index) for index in range(start, stop)])
        return _Pixels(_eight_bits(drawn, self.size)).images(0, stop - start)


@dataclass(frozen=True, slots=True)
class _Pixels:
    """Finished images, as :class:`why_bird.measure.forward.Batches`."""

    pixels: NDArray[np.uint8]

    def images(self, start: int, stop: int) -> NDArray[np.float32]:
        return self.pixels[start:stop].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)


def ascend(
    network: Network,
    units: Sequence[int],
    seed: int,
    *,
    steps: int,
    moves: Moves,
    rate: float = _RATE,
    progress: Progress = SILENT,
) -> Maximised:
    r"""Climb from random images to images that excite the units, all at once.

    As in [1]_: :math:`\max_c\; f_u(M(x(c)))` by Adam, where the image :math:`x(c)` is written as the spectrum
    of decorrelated colours (:func:`why_bird.measure.maximisation.fourier.images_of`) and moved anew at each step
    (:class:`Moves`), and :math:`f_u` is the unit, an input of the network's head. Two things are added. Each
    unit starts from the one of :data:`STARTS` random images that excites it most, because behind a ReLU a unit
    that is silent has no gradient; a unit that answers to all of them alike, from the best of these and as many
    of twice the contrast. And every :data:`LOOKS` steps the images are rounded to 8 bits and passed as they
    are; each unit keeps the best of those, which need not be the last.

    An image is drawn at the size that the network takes, and depends on the seed and its unit; which other
    units are asked only changes rounding errors. Everything random is drawn from ``seed``, so two calls on
    one machine (CPU, same number of threads) give the same bytes. Only the images have gradients; the
    network is left as it was.

    Parameters
    ----------
    units : sequence of int
        Inputs of the head, each once. They are one batch: memory grows with their number.
    seed : int
        Root of all randomness, 0 or more.
    steps : int
        1 or more.
    rate : float, default 0.05
        Adam's step, in coefficients.

    Raises
    ------
    BadInput
        If a logit is not finite.
    Unavailable
        If the network has no linear head, cannot be differentiated, or a gradient is not finite.
    ValueError
        If there is no unit of that number, a unit is asked twice or none is, or there is no step.

    References
    ----------
    .. [1] C. Olah, A. Mordvintsev and L. Schubert, "Feature visualization", Distill 2017,
       doi:10.23915/distill.00007.
    """
    width = network.require_head().weight.shape[1]
    if len(units) == 0 or len(set(units)) < len(units) or not all(0 <= unit < width for unit in units):
        raise ValueError(f"units are {list(units)}, expected different ones from 0 to {width - 1}")
    if steps < 1:
        raise ValueError(f"steps is {steps}, expected 1 or more")
    size, own = network.preprocess.size, np.array(units)
    starts = _Starts(seed, size, network.preprocess.channels)
    features = forward(network, starts, 2 * STARTS, taps=_TAPS)["features"][:, own]
    calm = features[:STARTS]
    chosen = np.where((calm == calm[0]).all(axis=0), features.argmax(axis=0), calm.argmax(axis=0))
    coefficients = torch.cat([starts.coefficients(int(index)) for index in chosen])
    drawn = np.stack([moves.draw(generator(seed, "maximisation", "moves", unit), steps) for unit in units], axis=1)

    def look() -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        pixels = _eight_bits(coefficients, size)
        features = forward(network, _Pixels(pixels), len(pixels), taps=_TAPS)["features"]
        return pixels, features[np.arange(len(own)), own]

    best, activations = look()
    curve = [activations.copy()]
    climbed = np.zeros(len(own), dtype=bool)
    optimiser = torch.optim.Adam([coefficients], lr=rate)
    with progress(f"images for {len(own)} units", steps) as advance, _tapped(network) as features_of:
        for step in range(steps):
            gradient = _gradient(features_of, coefficients, size, drawn[step], own)
            climbed |= gradient.flatten(1).any(dim=1).numpy()
            coefficients.grad = -gradient
            optimiser.step()
            if (step + 1) % LOOKS == 0 or step + 1 == steps:
                pixels, answers = look()
                better = answers > activations
                best[better], activations[better] = pixels[better], answers[better]
                curve.append(answers)
            advance(1)
    return Maximised(tuple(units), best, activations, np.stack(curve), climbed)


def _eight_bits(coefficients: Tensor, size: int) -> NDArray[np.uint8]:
    levels = (images_of(coefficients, size) * 255).round().to(torch.uint8)
    return np.asarray(levels.permute(0, 2, 3, 1).contiguous().numpy())


def _gradient(
    features_of: Callable[[Tensor], Tensor],
    coefficients: Tensor,
    size: int,
    moves: NDArray[np.float64],
    units: NDArray[np.int64],
) -> Tensor:
    """Return the gradient of each image's own unit with respect to its coefficients."""
    with torch.inference_mode(mode=False), torch.enable_grad():
        leaf = coefficients.clone().requires_grad_()
        try:
            features = features_of(moved(images_of(leaf, size), moves))
            mine = features[torch.arange(len(units)), torch.from_numpy(units).to(features.device)]
            # A network that answers without looking at the image has no graph to go back through.
            gradient = torch.autograd.grad(mine.sum(), leaf)[0] if mine.requires_grad else torch.zeros_like(leaf)
        except RuntimeError as error:
            # It has answered to the starts, so what fails is to differentiate.
            raise Unavailable(f"the network cannot be differentiated by its image ({first_line(error)})") from None
    broken = ~gradient.isfinite().flatten(1).all(dim=1)
    if broken.any():
        unit = units[int(broken.nonzero()[0])]
        raise Unavailable(f"the gradient of unit {unit} by its image is not finite, so there is no way up")
    return gradient


@contextmanager
def _tapped(network: Network) -> Iterator[Callable[[Tensor], Tensor]]:
    """Give a differentiable function from images to penultimate features, as long as the block lasts."""
    with answering(network, folded(network.module), _TAPS) as said:

        def features_of(images: Tensor) -> Tensor:
            fed = network.preprocess(images.to(network.device)).contiguous(memory_format=torch.channels_last)
            features: Tensor = said(fed)[1]  # the logits come first
            return features

        yield features_of
