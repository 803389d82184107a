"""Edge density: the share of pixels on an edge."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from why_bird.images.clutter.batch import by_block
from why_bird.images.clutter.colour import luma
from why_bird.images.clutter.filters import as_lines, correlation, filter_both, gaussian, overlap

_SIGMA, _LOW, _HIGH = 1.0, 0.1, 0.2
_SMOOTH = gaussian(_SIGMA, 4)
_ACROSS_EDGE, _ALONG_EDGE = (-1.0, 0.0, 1.0), (1.0, 2.0, 1.0)
_NEIGHBOURS = np.zeros((3, 3, 3), dtype=bool)
_NEIGHBOURS[:, 1, :] = True
# Equal neighbours may differ in the last bit; on a tie both are edges.
_TIE = 1 + 1e-9


@by_block
def edge_density(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the share of pixels that Canny's detector marks as edges.

    Mack & Oliva (2004) propose the density of edges as a measure of visual complexity; Rosenholtz, Li &
    Nakano (2007) hold it against their own. Edges are those of Canny (1986) as in
    :func:`skimage.feature.canny` at its defaults (see :func:`edge_maps`).

    One number an image (:func:`.by_block`): in [0, 1]; 0 of a constant image.

    References
    ----------
    Mack & Oliva (2004), Computational estimation of visual complexity, Annual Object, Perception,
    Attention, and Memory Conference. Canny (1986), IEEE PAMI 8(6):679–698.

    Examples
    --------
    >>> step = np.zeros((1, 32, 32, 3), dtype=np.uint8)
    >>> step[:, :, 16:] = 255
    >>> round(float(edge_density(step)[0]), 4)  # two columns of 30 pixels, of 1,024
    0.0586
    """
    return np.asarray(edge_maps(luma(images)).mean((1, 2)), dtype=np.float64)


def edge_maps(planes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the edges of a batch of grey images.

    Gaussian smoothing (σ = 1 pixel, counting only what lies inside the image), Sobel gradients, thinning
    across the edge with interpolated neighbours, and hysteresis between .1 and .2 (8-connected). The
    thresholds are absolute, on the unscaled Sobel sums of an image in [0, 1]: relative ones would find
    as many edges in faint noise as in strong. The outermost pixels are never edges. Pixels of one ridge
    that are equal are all kept, where scikit-image leaves the choice to the last bit.

    `planes` is a (N, H, W) float64 array, in [0, 1]. The result is a (N, H, W) bool array.

    Examples
    --------
    >>> step = np.zeros((1, 8, 8))
    >>> step[:, :, 4:] = 1.0
    >>> edge_maps(step)[0].astype(int).sum(0).tolist()
    [0, 0, 0, 6, 6, 0, 0, 0]
    """
    n, height, width = planes.shape
    lines = as_lines(planes)
    steep, flat = (
        {size: correlation(size, taps, "symmetric") @ overlap(size, _SMOOTH) for size in (height, width)}
        for taps in (_ACROSS_EDGE, _ALONG_EDGE)
    )
    down = filter_both(lines, steep[height], flat[width]).ravel()
    across = filter_both(lines, flat[height], steep[width]).ravel()
    magnitude = np.sqrt(down**2 + across**2)
    candidates = (magnitude >= _LOW).reshape(height, n, width)
    candidates[[0, -1]] = False
    candidates[:, :, [0, -1]] = False
    at = np.flatnonzero(candidates)
    at = at[_peaks(magnitude, down[at], across[at], at, n * width)]
    thin = np.zeros(height * n * width, dtype=bool)
    thin[at] = True
    labels, count = scipy.ndimage.label(thin.reshape(height, n, width), _NEIGHBOURS)
    strong = np.zeros(count + 1, dtype=bool)
    strong[labels.ravel()[at[magnitude[at] >= _HIGH]]] = True
    return np.asarray(strong[labels].transpose(1, 0, 2))


def _peaks(
    magnitude: NDArray[np.float64],
    down: NDArray[np.float64],
    across: NDArray[np.float64],
    at: NDArray[np.intp],
    row: int,
) -> NDArray[np.bool_]:
    """Tell which pixels are no weaker than the two points next to them along the gradient."""
    steeper, flatter = np.abs(down), np.abs(across)
    turn = np.where((down > 0) == (across > 0), row, -row)
    straight = np.where(steeper > flatter, turn, 1)
    diagonal = turn + 1
    weight = np.minimum(steeper, flatter) / np.maximum(steeper, flatter)
    here = magnitude[at] * _TIE
    ahead = magnitude[at + diagonal] * weight + magnitude[at + straight] * (1 - weight)
    behind = magnitude[at - diagonal] * weight + magnitude[at - straight] * (1 - weight)
    return np.asarray((ahead <= here) & (behind <= here))
