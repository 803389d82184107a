"""Feature congestion: how much colour, contrast and orientation vary from place to place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.images.clutter.batch import by_block
from why_bird.images.clutter.colour import PUBLISHED_WHITE, lab
from why_bird.images.clutter.filters import correlation, filter_both, gaussian, overlap
from why_bird.images.clutter.pyramid import scales

_Lines = NDArray[np.float64]

# All numbers are those of the program published with the paper.
_WEIGHTS = (1 / 0.2088, 1 / 0.0660, 1 / 0.0269)
_COLOUR_FLOORS = (0.0007**2, 0.1**2, 0.05**2)
_ENERGY_FLOOR, _ORIENTATION_FLOOR = 1.0, 0.001
_COLOUR_POOL, _CONTRAST_POOL, _ORIENTATION_POOL = gaussian(3, 6), gaussian(3, 6), gaussian(14, 28)
_CENTRE, _SURROUND = gaussian(0.71, 3), gaussian(1.14, 3)
_BAR, _ENERGY_POOL = 2.0, gaussian(1.75, 4)
# Gains of 2 a level here, and of 1/4 a level on the way back, are the program's as well.
_DOWN = tuple(tap * 2**0.5 / 16 for tap in (1, 4, 6, 4, 1))
_UP = (0.05, 0.25, 0.4, 0.25, 0.05)


@by_block
def feature_congestion(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    r"""Return the feature congestion of Rosenholtz, Li & Nakano (2007).

    At each level of a Gaussian pyramid, the local (Gaussian-weighted) covariance is taken of colour
    (L, a, b), of contrast (absolute response of a centre–surround filter on L) and of orientation (opponent
    energies, normalised). Its volume, :math:`\det^{1/6}`, :math:`\det^{1/2}` and :math:`\det^{1/4}`, is
    brought to the size of the image, the largest over levels is kept, and the image's value is the mean over
    pixels of :math:`colour/.2088 + contrast/.0660 + orientation/.0269`.

    Constants, gains and colour space are those of the program published with the paper (in Python:
    visual-clutter), because its weights are only meaningful with its scales; its CIELab is nearly linear (see
    :func:`~why_bird.images.clutter.colour.lab`). Three of its scales fit into 32×32 pixels; below 32 two are
    used. Two things are changed: the diagonal filters are computed, where the program turns upright
    ones by interpolation; and images are continued by half the length of a filter, where the program asks for the whole
    and therefore refuses a third scale below 49 pixels.

    One number an image (:func:`.by_block`): without unit; of a constant image the sum of the floors, 1.2483.

    References
    ----------
    Rosenholtz, Li & Nakano (2007), Measuring visual clutter, Journal of Vision 7(2):17. Program:
    https://hdl.handle.net/1721.1/37593

    Examples
    --------
    >>> grey = np.full((1, 32, 32, 3), 128, dtype=np.uint8)
    >>> noise = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)
    >>> round(float(feature_congestion(grey)[0]), 4), bool(feature_congestion(noise)[0] > 5)
    (1.2483, True)
    """
    return np.asarray(_WEIGHTS @ congestion_parts(lab(images, PUBLISHED_WHITE)))


def congestion_parts(channels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return colour, contrast and orientation clutter, averaged over pixels.

    `channels` is a (3, N, H, W) float64 array: L, a, b on the scale of the published program. The result is a (3, N)
    float64 array.

    Examples
    --------
    >>> congestion_parts(np.full((3, 1, 32, 32), 4.0)).ravel().round(4).tolist()  # the floors
    [0.0152, 0.0, 0.0316]
    """
    height, width = channels.shape[2:]
    # Nothing here depends on the level of a channel, and near zero less is lost to rounding.
    level = np.ascontiguousarray((channels - channels[:, :, :1, :1]).transpose(2, 0, 1, 3))
    largest: list[_Lines] = []
    for i in range(scales(height, width)):
        if i:
            level = _filter_maps(level, _down(level.shape[0]), _down(level.shape[3]))
        shade = level[:, 0]
        parts = [_enlarge(part, i, height, width) for part in (_colour(level), _contrast(shade), _orientation(shade))]
        largest = parts if not i else [np.maximum(a, b) for a, b in zip(largest, parts, strict=True)]
    return np.stack([part.mean((0, 2)) for part in largest])


def _colour(level: _Lines) -> _Lines:
    covariance = _covariance(level, _COLOUR_POOL, _COLOUR_FLOORS)
    (ll, la, lb), (aa, ab), (bb,) = covariance
    volume = ll * (aa * bb - ab * ab) - la * (la * bb - ab * lb) + lb * (la * ab - aa * lb)
    return np.asarray(np.cbrt(np.sqrt(np.maximum(volume, 0))))


def _contrast(shade: _Lines) -> _Lines:
    across, down = shade.shape[2], shade.shape[0]
    centre, surround = (
        filter_both(shade, correlation(down, taps, "reflect"), correlation(across, taps, "reflect"))
        for taps in (_CENTRE, _SURROUND)
    )
    ((variance,),) = _covariance(np.abs(centre - surround)[:, None], _CONTRAST_POOL, (0.0,))
    return np.asarray(np.sqrt(np.maximum(variance, 0)))


def _orientation(shade: _Lines) -> _Lines:
    energies = _oriented(shade) ** 2
    pooled = _filter_maps(energies, _pool(energies.shape[0]), _pool(energies.shape[3]))
    level, upright, left, right = (pooled[:, i] for i in range(4))
    total = level + upright + left + right + _ENERGY_FLOOR
    opponents = np.stack([(level - upright) / total, (right - left) / total], axis=1)
    (cc, cs), (ss,) = _covariance(opponents, _ORIENTATION_POOL, (_ORIENTATION_FLOOR, _ORIENTATION_FLOOR))
    return np.asarray(np.sqrt(np.sqrt(np.maximum(cc * ss - cs * cs, 0))))


def _oriented(shade: _Lines) -> _Lines:
    """Return the responses of four bars: level, upright and the two diagonals.

    A bar is twice a round Gaussian minus two that are moved by one σ to both sides of it.
    """
    height, n, width = shade.shape
    aside, diagonal = _BAR, _BAR / 2**0.5
    moved = {c: gaussian(_BAR, 6, c) for c in (0.0, aside, -aside, diagonal, -diagonal)}
    bar = tuple(2 * a - b - c for a, b, c in zip(moved[0], moved[aside], moved[-aside], strict=True))
    taps = (moved[0], bar, moved[diagonal], moved[-diagonal])
    round_, bars, plus, minus = (shade @ correlation(width, t, "reflect").T for t in taps)
    downs = [correlation(height, t, "reflect") for t in taps]

    def along(pairs: tuple[tuple[float, int, _Lines], ...]) -> _Lines:
        weights = np.concatenate([weight * downs[i] for weight, i, _ in pairs], axis=1)
        stacked = np.concatenate([rows for _, _, rows in pairs]).reshape(-1, n * width)
        return np.asarray((weights @ stacked).reshape(height, n, width))

    return np.stack(
        [
            along(((1, 1, round_),)),
            along(((1, 0, bars),)),
            along(((2, 0, round_), (-1, 2, minus), (-1, 3, plus))),
            along(((2, 0, round_), (-1, 2, plus), (-1, 3, minus))),
        ],
        axis=1,
    )


def _covariance(maps: _Lines, taps: tuple[float, ...], floors: tuple[float, ...]) -> list[list[_Lines]]:
    """Return the upper triangle of the local covariance of maps (H, C, N, W), each (H, N, W)."""
    channels = [maps[:, i] for i in range(len(floors))]
    pairs = [(i, j) for i in range(len(floors)) for j in range(i, len(floors))]
    stacked = np.stack([*channels, *(channels[i] * channels[j] for i, j in pairs)], axis=1)
    means = _filter_maps(stacked, overlap(maps.shape[0], taps), overlap(maps.shape[3], taps))
    rows: list[list[_Lines]] = [[] for _ in floors]
    for k, (i, j) in enumerate(pairs):
        spread = means[:, len(floors) + k] - means[:, i] * means[:, j]
        rows[i].append(spread + floors[i] if i == j else spread)
    return rows


def _enlarge(part: _Lines, levels: int, height: int, width: int) -> _Lines:
    for _ in range(levels):
        part = filter_both(part, _up(part.shape[0]), _up(part.shape[2]))
    return part[:height, :, :width]


def _filter_maps(maps: _Lines, down: NDArray[np.float64], across: NDArray[np.float64]) -> _Lines:
    height, channels, n, width = maps.shape
    filtered = filter_both(maps.reshape(height, channels * n, width), down, across)
    return filtered.reshape(len(down), channels, n, len(across))


def _down(size: int) -> NDArray[np.float64]:
    return correlation(size, _DOWN, "reflect")[::2]


def _up(size: int) -> NDArray[np.float64]:
    return correlation(2 * size, _UP, "reflect")[:, ::2]


def _pool(size: int) -> NDArray[np.float64]:
    wide = overlap(2 * size, tuple(2 * tap for tap in _ENERGY_POOL))[:, ::2]
    return np.asarray(correlation(2 * size, _ENERGY_POOL, "reflect")[::2] @ wide)
