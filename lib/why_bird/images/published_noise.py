"""Noise by name: the post's, and what the literature on out-of-distribution detection uses."""

from __future__ import annotations

import math

from why_bird.images.noise import Clip, Noise, Params

Moments = tuple[float, ...]
"""A number a channel: three, or one of noise in grey."""


def post(mean: Moments, std: Moments, size: int, seed: int, role: str, clip: Clip = "none") -> Noise:
    """Return the post's noise: white Gaussian, the training set's mean and sd per channel.

    They are on the [0, 1] scale; `size` is height and width in pixels. The role is ``"A"`` for draws that choose,
    ``"B"`` for draws that test; the same draws may be clipped to [0, 1], or besides rounded to 8 bits, as image files
    hold them.

    Examples
    --------
    >>> noise = post((0.5,) * 3, (0.25,) * 3, size=32, seed=0, role="A").images(0, 100)
    >>> noise.shape, round(float(noise.mean()), 2), round(float(noise.std()), 2)
    ((100, 3, 32, 32), 0.5, 0.25)
    """
    return Noise("gaussian", size, mean, std, Params(clip=clip), seed, role)


def spectral(beta: float, mean: Moments, std: Moments, size: int, seed: int, role: str) -> Noise:
    """Return unclipped Gaussian noise with power spectrum 1/f^β, mean and sd matched in the ensemble.

    Examples
    --------
    >>> noise = spectral(2.0, (0.5,) * 3, (0.25,) * 3, size=32, seed=0, role="B").images(0, 400)
    >>> steps = noise[..., 1:] - noise[..., :-1]
    >>> round(float(noise.std()), 2), bool(steps.std() < noise.std())  # of white noise they are √2 times as large
    (0.25, True)
    """
    return Noise("spectral", size, mean, std, Params(beta=beta), seed, role)


def hendrycks_gaussian(size: int, seed: int, role: str, channels: int = 3) -> Noise:
    """Return N(.5, .5²) clipped to [0, 1], the form in which Hendrycks's Gaussian noise is usually quoted.

    Their own code draws it in the network's coordinates, not in the image's: Hendrycks & Gimpel (ICLR
    2017, ``hendrycks/error-detection``) N(0, .5²) in place of images minus the mean image, unclipped;
    Outlier Exposure (ICLR 2019, ``hendrycks/outlier-exposure``) N(0, .5²) clipped to ±1 in place of
    normalised images. On the scale of CIFAR-10's images that is a standard deviation of .5, and of about
    .12; of this noise it is .36. So published numbers are close to, not the same as, what it gives.

    Examples
    --------
    >>> noise = hendrycks_gaussian(32, seed=0, role="B").images(0, 100)
    >>> round(float(noise.std()), 2)
    0.36
    """
    return Noise("gaussian", size, (0.5,) * channels, (0.5,) * channels, Params(clip="clip"), seed, role)


def odin_gaussian(size: int, seed: int, role: str, channels: int = 3) -> Noise:
    """Return ODIN's Gaussian noise: N(.5, 1) clamped to [0, 1].

    Liang, Li & Srikant, ICLR 2018; ``facebookresearch/odin``, ``code/calData.py`` (``testGaussian``).

    Examples
    --------
    >>> noise = odin_gaussian(32, seed=0, role="B").images(0, 100)
    >>> round(float((noise == 1).mean()), 2)  # R: pnorm(-.5)
    0.31
    """
    return Noise("gaussian", size, (0.5,) * channels, (1.0,) * channels, Params(clip="clip"), seed, role)


def odin_uniform(size: int, seed: int, role: str, channels: int = 3) -> Noise:
    """Return ODIN's uniform noise on [0, 1] (``testUni`` of the same file).

    Examples
    --------
    >>> noise = odin_uniform(32, seed=0, role="B").images(0, 100)
    >>> round(float((noise < 0.25).mean()), 2)
    0.25
    """
    sd = 1 / math.sqrt(12)
    # Clipped because ½ ± √3·sd is 0 and 1 only up to rounding.
    return Noise("uniform", size, (0.5,) * channels, (sd,) * channels, Params(clip="clip"), seed, role)
