"""Images as gradient ascent changes them: spectra of decorrelated colours, moved a little at every step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from why_bird.images.spectra import amplitude

COLOURS = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]]) / 0.4619
"""(3, 3) red, green and blue by decorrelated colour: brightness, red against blue, green against both.

The square root of the colour covariance of ImageNet's pixels, divided by the length of its longest column, as
published with [1]_ (lucid, ``lucid/optvis/param/color.py``). Photographs share these axes, so they serve
CIFAR-10 as well; the network's own mean and standard deviation tell nothing about how its colours go together.

.. [1] C. Olah, A. Mordvintsev and L. Schubert, "Feature visualization", Distill 2017,
   doi:10.23915/distill.00007.
"""

_BRIGHTNESS = COLOURS[:, :1].mean(axis=0, keepdims=True)
"""(1, 1) grey by brightness, the one colour that images of one channel have."""

_BETA = 2.0  # power of photographs falls as 1/f², so their amplitude as 1/f


def coefficients_of(white: NDArray[np.floating]) -> Tensor:
    """Return the coefficients whose image has white noise as its whitened, decorrelated logits.

    `white` is a (N, C, S, S) array.

    Returns
    -------
    (N, C, S, S // 2 + 1, 2) float32 Tensor
        Real and imaginary parts of the orthonormal Fourier transform; of variance ½ each where the noise
        has variance 1.

    Examples
    --------
    >>> found = coefficients_of(np.ones((1, 1, 4, 4)))
    >>> found.shape, float(found[0, 0, 0, 0, 0]), float(found.sum())  # nothing but the mean, 16 / √16
    (torch.Size([1, 1, 4, 3, 2]), 4.0, 4.0)
    """
    spectrum = np.fft.rfft2(white, norm="ortho")
    return torch.from_numpy(np.stack([spectrum.real, spectrum.imag], axis=-1).astype(np.float32))


def images_of(coefficients: Tensor, size: int) -> Tensor:
    r"""Return the images that coefficients stand for, differentiably.

    .. math:: x = \operatorname{sigmoid}(C\,\mathcal F^{-1}(a(f)\,c))

    with :math:`c` the coefficients, :math:`a(f) \propto 1/f` the amplitude of photographs
    (:func:`why_bird.images.spectra.amplitude`, β = 2: coefficients of unit variance give a signal of variance 1)
    and :math:`C` the colours. Gradient ascent by equal steps in :math:`c` so moves an image along what
    photographs vary in, instead of pixel by pixel.

    The result is a (N, C, S, S) Tensor, in [0, 1]; ½ everywhere for coefficients of zero.

    Parameters
    ----------
    coefficients : (N, C, S, S // 2 + 1, 2) float Tensor
        Of 3 colours, or of brightness alone.
    size : int
        S, which the number of frequencies does not tell (it is the same for 6 and 7).
    """
    scale = torch.from_numpy(amplitude(size, _BETA).astype(np.float32))
    spectrum = torch.view_as_complex(coefficients.contiguous()) * scale
    signal = torch.fft.irfft2(spectrum, s=(size, size), norm="ortho")
    axes = COLOURS if coefficients.shape[1] == len(COLOURS) else _BRIGHTNESS
    colours = torch.from_numpy(axes.astype(np.float32))
    return torch.sigmoid(torch.einsum("rc,nchw->nrhw", colours, signal))


@dataclass(frozen=True, slots=True)
class Moves:
    """How far images are moved at random: shift, rotation and scale, each uniform about none.

    The default is that of Olah, Mordvintsev and Schubert (2017), whose images are 128 pixels wide, in
    proportion to the width (2 of 32 pixels).

    Raises ValueError if one is negative or not finite.
    """

    shift: float = 1 / 16
    """Largest shift along each axis, as a share of the width."""
    degrees: float = 10.0
    """Largest rotation, about the centre."""
    scale: float = 0.1
    """Largest change of size, as a share: 0.1 is from 1 / 1.1 to 1.1 times, uniform in the logarithm."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0 <= getattr(self, name) < np.inf:
                raise ValueError(f"{name} is {getattr(self, name)}, and has to be finite and 0 or more")

    def draw(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Draw moves.

        Returns
        -------
        (count, 4) float64 array
            Shift to the right and down as shares of the width, counter-clockwise rotation in radians,
            factor of size.
        """
        largest = np.array([self.shift, self.shift, np.deg2rad(self.degrees), np.log1p(self.scale)])
        moves: NDArray[np.float64] = rng.uniform(-1, 1, (count, 4)) * largest
        moves[:, 3] = np.exp(moves[:, 3])
        return moves


def moved(images: Tensor, moves: NDArray[np.float64]) -> Tensor:
    """Return each image shifted, rotated and scaled about its centre, differentiably.

    Between pixels it is interpolated linearly; what comes in from outside is the image mirrored at its border.

    The result is a (N, C, S, S) Tensor: the very images where no move moves anything.

    Parameters
    ----------
    images : (N, C, S, S) Tensor
    moves : (N, 4) array
        See :meth:`Moves.draw`.

    Examples
    --------
    >>> image = torch.arange(4.0).expand(1, 1, 4, 4)
    >>> moved(image, np.array([[0.25, 0.0, 0.0, 1.0]]))[0, 0, 0].round(decimals=4).tolist()  # by a quarter of the width
    [0.0, 0.0, 1.0, 2.0]
    """
    if (moves == [0, 0, 0, 1]).all():
        # Interpolation at the very pixels is off by a rounding error where the width is no power of two.
        return images
    right, down, angle, factor = moves.T
    # A pixel is read where it came from, so the move is inverted; rows grow downwards.
    cos, sin = np.cos(angle) / factor, np.sin(angle) / factor
    matrix = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], 1)
    # The grid runs from −1 to 1, so the width is 2.
    offset = -2 * np.einsum("nij,nj->ni", matrix, np.stack([right, down], -1))
    theta = torch.from_numpy(np.concatenate([matrix, offset[:, :, None]], axis=2)).to(images.dtype)
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
