"""Subband entropy: how many bits the wavelet coefficients of an image need."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.images.clutter.batch import by_block
from why_bird.images.clutter.colour import lab
from why_bird.images.clutter.pyramid import scales, steerable_pyramid

WEIGHTS = (0.84, 0.08, 0.08)
# The published program takes a channel that varies less for constant.
CONSTANT = 0.008
_ROUNDING = 1e-9


@by_block
def subband_entropy(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    r"""Return the subband entropy of Rosenholtz, Li & Nakano (2007).

    :math:`.84\,\bar H(L) + .08\,\bar H(a) + .08\,\bar H(b)` in CIELab, with :math:`\bar H` the mean Shannon
    entropy (see :func:`band_entropies`) over the bands of a steerable pyramid: 3 scales of 4 orientations,
    and the low-pass rest. All three scales fit into 32×32 pixels (32, 16 and 8, the rest is 4×4); below 32
    pixels two are used.

    The program published with the paper differs in two points: its CIELab is nearly linear (see
    :func:`~why_bird.images.clutter.colour.lab`), and its chrominance weighs 1/16 of luminance. Here both are as
    the paper has them.

    One number an image (:func:`.by_block`): in nats; 0 of a constant image.

    References
    ----------
    Rosenholtz, Li & Nakano (2007), Measuring visual clutter, Journal of Vision 7(2):17.

    Examples
    --------
    >>> flat = np.full((1, 32, 32, 3), 128, dtype=np.uint8)
    >>> noise = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)
    >>> float(subband_entropy(flat)[0]), bool(subband_entropy(noise)[0] > 2)
    (0.0, True)
    """
    return np.asarray(WEIGHTS @ band_entropies(lab(images)).mean(2))


def band_entropies(channels: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Return the entropy of each band of each channel.

    Of n coefficients, :math:`H = -\sum_k p_k \ln p_k` over :math:`\lceil\sqrt n\rceil` bins: all but the
    last divide the range of the band evenly, the last holds its maximum. The measure has no scale, so a band
    (or channel) that varies by rounding error only (or less than .008) is set to 0.

    `channels` is a (C, N, H, W) float64 array: L, a, b. The result is a (C, N, B) float64 array, in nats, from fine to
    coarse, the low-pass rest last.

    Examples
    --------
    >>> band_entropies(np.zeros((3, 1, 32, 32))).shape, float(band_entropies(np.ones((3, 1, 32, 32))).max())
    ((3, 1, 13), 0.0)
    """
    height, width = channels.shape[2:]
    varies = np.ptp(channels, axis=(2, 3)) >= CONSTANT
    bands = steerable_pyramid(channels, scales(height, width))
    entropies = [_entropy(band.reshape(*band.shape[:3], -1)) for band in bands]
    return np.where(varies[..., None], np.concatenate(entropies, axis=2), 0)


def _entropy(values: NDArray[np.float64]) -> NDArray[np.float64]:
    n = values.shape[-1]
    bins = int(np.ceil(np.sqrt(n)))
    low = values.min(-1, keepdims=True)
    extent = values.max(-1, keepdims=True) - low
    varies = extent > _ROUNDING
    # Divided first, so that the maximum falls at 1 exactly.
    places = ((values - low) / np.where(varies, extent, 1) * (bins - 1)).astype(np.int64).reshape(-1, n)
    offsets = np.arange(len(places))[:, None] * bins
    counts = np.bincount((places + offsets).ravel(), minlength=len(places) * bins).reshape(*values.shape[:-1], bins)
    terms = counts * np.log(np.maximum(counts, 1))
    return np.where(varies[..., 0], np.log(n) - terms.sum(-1) / n, 0)
