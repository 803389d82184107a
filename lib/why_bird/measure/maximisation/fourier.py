"""Images written as spectra of decorrelated colours, in which gradient ascent finds no checkerboards."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

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

    Parameters
    ----------
    white : (N, C, S, S) array

    Returns
    -------
    (N, C, S, S // 2 + 1, 2) float32 Tensor
        Real and imaginary parts of the orthonormal Fourier transform; of variance ½ each where the noise
        has variance 1.
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

    Parameters
    ----------
    coefficients : (N, C, S, S // 2 + 1, 2) float Tensor
        Of 3 colours, or of brightness alone.
    size : int
        S, which the number of frequencies does not tell (it is the same for 6 and 7).

    Returns
    -------
    (N, C, S, S) Tensor
        In [0, 1]; ½ everywhere for coefficients of zero.
    """
    scale = torch.from_numpy(amplitude(size, _BETA).astype(np.float32))
    spectrum = torch.view_as_complex(coefficients.contiguous()) * scale
    signal = torch.fft.irfft2(spectrum, s=(size, size), norm="ortho")
    axes = COLOURS if coefficients.shape[1] == len(COLOURS) else _BRIGHTNESS
    colours = torch.from_numpy(axes.astype(np.float32))
    return torch.sigmoid(torch.einsum("rc,nchw->nrhw", colours, signal))
