"""The steerable pyramid of a batch of images, in the frequency domain."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import NDArray

ORIENTATIONS = 4
_MOST = 3


def scales(height: int, width: int) -> int:
    """Return how many scales fit: 3 from 32 pixels on, 2 from 16.

    Three at most, as Rosenholtz et al. (2007) use; the coarsest keeps at least 4 pixels for the low-pass rest.
    """
    return min(_MOST, int(np.log2(min(height, width))) - 2)


def steerable_pyramid(planes: NDArray[np.float64], levels: int) -> list[NDArray[np.float64]]:
    r"""Return the subbands of a steerable pyramid of four orientations.

    Of radial frequency r (1 at Nyquist) and angle θ, the band of level l and orientation b is the spectrum
    times :math:`\sqrt{4^3 3!^2 / (4 \cdot 6!)}\,\cos^3(θ - bπ/4)`, times the high-pass of edge
    :math:`2^{-l-1}`, times the low-passes of the levels before, with the
    low-pass :math:`\cos(\tfrac{π}{2}\log_2 2r)` on its octave and high-pass and low-pass of unit power. The
    spectrum is cut to its inner half from level to level. Borders are periodic. As
    ``pyrtools.pyramids.SteerablePyramidFreq(order=3)`` for even sizes (which looks the masks up in tables,
    to about 1e-5); its high-pass rest is not computed.

    Parameters
    ----------
    planes : (..., H, W) float64 array
    levels : int
        At most what :func:`scales` gives.

    Returns
    -------
    list of arrays
        For each level (..., 4, H / 2^l, W / 2^l), and last the low-pass rest (..., 1, H / 2^levels, W / 2^levels).

    References
    ----------
    Simoncelli & Freeman (1995), The steerable pyramid, ICIP. Karasaridis & Simoncelli (1996), A filter
    design technique for steerable pyramid image transforms, ICASSP.

    Examples
    --------
    >>> bands = steerable_pyramid(np.zeros((32, 32)), 3)
    >>> [band.shape for band in bands]
    [(4, 32, 32), (4, 16, 16), (4, 8, 8), (1, 4, 4)]
    """
    height, width = planes.shape[-2:]
    spectrum = scipy.fft.rfft2(planes)[..., None, :, :]
    bands: list[NDArray[np.float64]] = []
    for level, masks in enumerate(_masks(height, width, levels)):
        rows, columns = _halved(height, level), _halved(width, level)
        # Of the inner half, the rows of positive frequencies lie at the start and those of negative ones at the end.
        inner = np.concatenate([np.arange((rows + 1) // 2), np.arange(-(rows // 2), 0)])
        cut = spectrum[..., inner, : columns // 2 + 1]
        bands.append(scipy.fft.irfft2(cut * masks, s=(rows, columns)))
    return bands


def _halved(size: int, times: int) -> int:
    for _ in range(times):
        size = -(-size // 2)
    return size


@lru_cache(maxsize=32)
def _masks(height: int, width: int, levels: int) -> tuple[NDArray[np.complex128], ...]:
    masks = []
    passed: list[float] = []
    for level in range(levels + 1):
        radius, angle = _grid(height, width, _halved(height, level), _halved(width, level))
        before = np.prod([_low(radius, edge) for edge in [1.0, *passed]], axis=0)
        if level == levels:
            masks.append(before[None].astype(np.complex128))
            break
        edge = 0.5 ** (level + 1)
        # 4^3 3!^2 / (4 · 6!) makes the squared cosines of the four orientations sum to 1.
        turned = [np.sqrt(0.8) * np.cos(angle - np.pi * b / ORIENTATIONS) ** 3 for b in range(ORIENTATIONS)]
        masks.append(1j * np.stack(turned) * before * np.sqrt(1 - _low(radius, edge) ** 2))
        passed.append(edge)
    return tuple(masks)


def _grid(height: int, width: int, rows: int, columns: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return radius and angle of the inner rows × columns of a spectrum, in the order of rfft2."""
    down = (scipy.fft.fftfreq(rows) * rows / (height / 2))[:, None]
    across = (np.arange(columns // 2 + 1) / (width / 2))[None, :]
    return np.hypot(down, across), np.arctan2(down, across)


def _low(radius: NDArray[np.float64], edge: float) -> NDArray[np.float64]:
    """Return the low-pass that falls from 1 at half of ``edge`` to 0 at ``edge``."""
    octave = np.log2(np.maximum(radius, 1e-9) / edge) + 1
    return np.asarray(np.cos(np.pi / 2 * np.clip(octave, 0, 1)))
