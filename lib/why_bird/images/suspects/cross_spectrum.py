"""The second-order structure of a class's images: measured, and given to another class."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy
from numpy.typing import NDArray

from why_bird.errors import BadInput
from why_bird.images.image_set import ImageSet

_ROUNDS = 3
_FLOOR = 1e-7

Real = NDArray[np.floating]
Complex = NDArray[np.complexfloating]


def cross_spectrum(deviations: Real) -> Complex:
    r"""Return the cross-spectral density of images that deviate from their mean image.

    At each frequency the 3 × 3 Hermitian matrix :math:`S(f) = \frac1n \sum_i D_i(f)\, D_i(f)^*`, with :math:`D_i(f)`
    the discrete Fourier transform of the three channels of image :math:`i`. It holds all of the second-order structure
    that does not depend on the place: power by frequency and direction, and how the channels go together.

    `deviations` is a (N, H, W, 3) float array: images minus their mean image. The result is a (H, W // 2 + 1, 3, 3)
    complex128 array: in the squared unit of the images, summed over pixels.

    Examples
    --------
    >>> found = cross_spectrum(np.ones((2, 4, 4, 3), dtype=np.float32))
    >>> found.shape, found[0, 0, 0].real.tolist(), float(abs(found[1:]).max())  # 16² at the frequency 0
    ((4, 3, 3, 3), [256.0, 256.0, 256.0], 0.0)
    """
    waves = _waves(deviations)
    density = waves.transpose(0, 2, 1) @ waves.conj() / len(deviations)
    return density.astype(np.complex128).reshape(deviations.shape[1], deviations.shape[2] // 2 + 1, 3, 3)


def transport(source: Complex, target: Complex) -> Complex:
    r"""Return the linear map that turns one cross-spectral density into another and moves images least.

    The optimal-transport map between centred Gaussians, frequency by frequency
    (:math:`T = S^{-1/2} (S^{1/2} R S^{1/2})^{1/2} S^{-1/2}`, so that :math:`T S T^* = R`).

    The result is a (..., 3, 3) complex128 array. Both densities are (..., 3, 3) complex128 arrays, Hermitian and
    positive semi-definite.

    References
    ----------
    I. Olkin and F. Pukelsheim, The distance between two random vectors with given dispersion matrices, Linear Algebra
    and its Applications 48 (1982).

    Examples
    --------
    >>> source, target = np.diag([4, 1, 1]).astype(complex), np.diag([1, 9, 1]).astype(complex)
    >>> transport(source, target).real.diagonal().round(4).tolist()
    [0.5, 3.0, 1.0]
    """
    root, inverse = _powers(source)
    middle, _ = _powers(root @ target @ root)
    return inverse @ middle @ inverse


def give_cross_spectra(images: ImageSet, giver: Mapping[str, str] | None) -> NDArray[np.uint8]:
    """Return training images whose classes have the cross-spectra of other classes, or all the same one.

    The images of a class keep its mean image; what deviates from it goes through :func:`transport`. The result is
    rounded and clipped to whole numbers from 0 to 255; since that changes the spectrum again, the step is made three
    times.

    The result is a (N, H, W, 3) uint8 array, new.

    Parameters
    ----------
    giver : mapping of str to str, or None
        Of each class that is changed, the class whose cross-spectrum it gets; None gives every class the mean of all.

    Raises
    ------
    BadInput
        If a class has no images, or fewer than four: then it has no cross-spectrum that can be turned into another.
    """
    pixels = np.array(images.pixels)
    members = [np.flatnonzero(images.labels == c) for c in range(len(images.classes))]
    few = [name for name, own in zip(images.classes, members, strict=True) if len(own) < 4]
    if few:
        raise BadInput(f"the class {few[0]!r} has fewer than 4 training images, too few for their cross-spectrum")
    means = [_mean(pixels[own]) for own in members]
    # The classes as they were: each is read once, before any is changed.
    found = [cross_spectrum(pixels[own] - mean) for own, mean in zip(members, means, strict=True)]
    every = np.mean(found, axis=0)  # each about its own mean image
    for c, name in enumerate(images.classes):
        if giver is not None and giver.get(name, name) == name:
            continue
        wanted = every if giver is None else found[images.classes.index(giver[name])]
        pixels[members[c]] = _given(pixels[members[c]], means[c], wanted)
    return pixels


def _given(pixels: NDArray[np.uint8], mean: Real, wanted: Complex) -> NDArray[np.uint8]:
    count, height, width = pixels.shape[:3]
    for _ in range(_ROUNDS):
        deviations = pixels - _mean(pixels)
        change = transport(cross_spectrum(deviations), wanted).reshape(-1, 3, 3).astype(np.complex64)
        waves = (_waves(deviations) @ change.transpose(0, 2, 1)).transpose(1, 0, 2)
        moved = scipy.fft.irfft2(waves.reshape(count, height, -1, 3), s=(height, width), axes=(1, 2))
        pixels = np.rint(moved + mean).clip(0, 255).astype(np.uint8)
    return pixels


def _mean(pixels: NDArray[np.uint8]) -> Real:
    """Return the mean image, in 32 bits: far finer than a grey level, and transforms are quicker."""
    mean: NDArray[np.float32] = pixels.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def _waves(deviations: Real) -> Complex:
    """Return the transform as (frequencies, N, 3)."""
    waves = scipy.fft.rfft2(deviations, axes=(1, 2))
    return np.ascontiguousarray(waves.reshape(len(deviations), -1, 3).transpose(1, 0, 2))


def _powers(matrices: Complex) -> tuple[Complex, Complex]:
    """Return the square root and the inverse square root of Hermitian matrices."""
    values, vectors = np.linalg.eigh(matrices)
    # Eigenvalues that are 0 but for rounding would have huge inverses; where all are 0 there is nothing to move.
    roots = np.sqrt(np.maximum(values, values.max(axis=-1, keepdims=True) * _FLOOR))
    inverses = np.divide(1, roots, out=np.zeros_like(roots), where=roots > 0)
    adjoint = vectors.conj().swapaxes(-1, -2)
    return (vectors * roots[..., None, :]) @ adjoint, (vectors * inverses[..., None, :]) @ adjoint
