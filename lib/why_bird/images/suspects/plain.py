"""Images without fine detail, a border of their own, colour, what lies in phases, or their own spectrum."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from why_bird.images.clutter.colour import luma
from why_bird.images.exchange import CUT, low_pass
from why_bird.images.interventions import border_ring
from why_bird.streams import generator

_CHUNK = 2048


def without_fine_detail(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the low-passed images, rounded and clipped to 0 to 255.

    Examples
    --------
    >>> pixels = np.full((1, 32, 32, 3), 100, dtype=np.uint8)
    >>> pixels[:, ::2, ::2] = 140
    >>> int(np.ptp(pixels)), bool(np.ptp(without_fine_detail(pixels)) < 20)  # what changes from pixel to pixel is gone
    (40, True)
    """
    return by_chunks(pixels, low_pass)


def flat_border(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images whose ring of 4 pixels at the border (of 32; in proportion) has its mean colour.

    Examples
    --------
    >>> pixels = np.zeros((1, 32, 32, 3), dtype=np.uint8)
    >>> pixels[:, :2] = 70
    >>> np.unique(flat_border(pixels)).tolist()  # 64 of the ring's 448 pixels are 70
    [0, 10]
    """
    ring, _ = border_ring(*pixels.shape[1:3])
    changed = np.array(pixels)
    colours = np.stack([channel[:, ring].mean(axis=1) for channel in np.moveaxis(changed, 3, 0)], axis=1)
    changed[:, ring] = np.rint(colours)[:, None, :]
    return changed


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images whose three channels are their luma.

    Examples
    --------
    >>> grey(np.array([[[[255, 0, 0]]]], dtype=np.uint8)).tolist()
    [[[[54, 54, 54]]]]
    """
    return by_chunks(pixels, lambda block: (luma(block) * 255)[..., None].repeat(3, axis=-1))


def by_chunks(
    pixels: NDArray[np.uint8], change: Callable[[NDArray[np.uint8]], NDArray[np.floating]]
) -> NDArray[np.uint8]:
    """Return changed images, some at a time, rounded and clipped to whole numbers from 0 to 255.

    Examples
    --------
    >>> by_chunks(np.array([[[[10, 200, 3]]]], dtype=np.uint8), lambda block: block * 1.6).tolist()
    [[[[16, 255, 5]]]]
    """
    changed = np.empty_like(pixels)
    for start in range(0, len(pixels), _CHUNK):
        changed[start : start + _CHUNK] = np.rint(change(pixels[start : start + _CHUNK])).clip(0, 255)
    return changed


def random_phases(pixels: NDArray[np.uint8], seed: int, name: str, *, above: float = 0.0) -> NDArray[np.uint8]:
    """Return images whose waves have random phases and their own power.

    All three channels of a wave are shifted by one and the same random phase, so the colours that go together in an
    image stay together, and its periodogram is its own; so is its mean colour. Rounded and clipped to 0 to 255. Waves
    of up to `above`, in cycles per pixel, keep their phases. The name says what the phases are drawn for.

    Examples
    --------
    >>> pixels = np.random.default_rng(0).integers(100, 150, (1, 16, 16, 3), dtype=np.uint8)
    >>> turned = random_phases(pixels, 0, "phases")
    >>> bool((turned == pixels).all()), bool(np.allclose(turned.mean((1, 2)), pixels.mean((1, 2)), atol=0.2))
    (False, True)
    >>> round(float(turned.std() / pixels.std()), 1)
    1.0
    """
    height, width = pixels.shape[1:3]
    rng = generator(seed, "suspects", name)
    free = _radius(height, width) > above

    def shift(waves: NDArray[np.complex128]) -> NDArray[np.complex128]:
        # Phases of white noise, so that a wave and its mirror image get opposite ones and images stay real.
        turns = np.fft.rfft2(rng.standard_normal((len(waves), height, width)), axes=(1, 2))
        turns /= np.abs(turns)
        # Of the waves that are their own mirror image the phase is a sign, and that of the mean has to stay.
        turns[:, 0, 0] = 1
        turned: NDArray[np.complex128] = waves * np.where(free, turns, 1)[..., None]
        return turned

    return _through(pixels, shift)


def white_spectrum(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images whose waves all have the same power and their own phases.

    Channel by channel: the power of a channel, and its mean, stay; every wave gets the same share of it. Rounded and
    clipped to 0 to 255.

    Examples
    --------
    >>> pixels = np.arange(64, dtype=np.uint8).reshape(1, 8, 8, 1).repeat(3, axis=3)
    >>> powers = np.abs(np.fft.fft2(white_spectrum(pixels)[0, :, :, 0] - 31.5)) ** 2
    >>> bool(np.median(powers) > powers.mean() / 2)  # no few waves have most of it
    True
    """
    height, width = pixels.shape[1:3]
    # A wave in the inner columns of the half-plane stands for its mirror image too.
    counts = np.full(width // 2 + 1, 2.0)
    counts[0] = 1
    if width % 2 == 0:
        counts[-1] = 1

    def flatten(waves: NDArray[np.complex128]) -> NDArray[np.complex128]:
        sizes = np.abs(waves)
        sizes[:, 0, 0] = 0
        level = np.sqrt((sizes**2 * counts[:, None]).sum(axis=(1, 2), keepdims=True) / (height * width - 1))
        phases = np.where(sizes > 0, waves / np.where(sizes > 0, sizes, 1), 1)
        flat: NDArray[np.complex128] = phases * level
        flat[:, 0, 0] = waves[:, 0, 0]
        return flat

    return _through(pixels, flatten)


def above_the_cut(pixels: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Return images whose detail above the cut of :func:`why_bird.images.exchange.low_pass` has random phases.

    Examples
    --------
    >>> pixels = np.random.default_rng(0).integers(100, 150, (1, 32, 32, 3), dtype=np.uint8)
    >>> changed = above_the_cut(pixels, seed=0)
    >>> bool((changed == pixels).all()), int(np.abs(changed.mean() - pixels.mean()).round())
    (False, 0)
    """
    return random_phases(pixels, seed, "phases", above=CUT)


def _radius(height: int, width: int) -> NDArray[np.float64]:
    radius: NDArray[np.float64] = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    return radius


def _through(
    pixels: NDArray[np.uint8], change: Callable[[NDArray[np.complex128]], NDArray[np.complex128]]
) -> NDArray[np.uint8]:
    def changed(block: NDArray[np.uint8]) -> NDArray[np.float64]:
        waves = change(np.fft.rfft2(block.astype(np.float64), axes=(1, 2)))
        return np.fft.irfft2(waves, s=block.shape[1:3], axes=(1, 2))

    return by_chunks(pixels, changed)
