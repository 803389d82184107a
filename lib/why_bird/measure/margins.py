"""How far a class is ahead of others: margins and contrasts of logits, and the unit that they are counted in.

Logits are (N, K) arrays, of a margin or a contrast also (N, ..., K); `truth` is (N,), the class of each image itself.
The units are those of clean test images.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from why_bird.errors import Unavailable

Array = NDArray[np.float64]
Logits = NDArray[np.floating]
Labels = NDArray[np.integer]


def margin(logits: Logits, truth: Labels, of: int) -> Array:
    r"""Return the margin of a class on each image: its logit minus the mean of the other classes' but the image's own.

    .. math:: m_c(x) = z_c(x) - \operatorname{mean}\{z_k(x) : k \ne c,\ k \ne t(x)\}

    The image's own class :math:`t` is left out, because any damage to it would else look like a push towards
    :math:`c`. On an image of :math:`c` itself, the mean is over all other classes.

    The result is a (N, ...) float64 array. Raises Unavailable if no class is left for an image, as in a network of two
    classes on an image of the other one.

    Parameters
    ----------
    logits : (N, ..., K) array
    truth : (N,) int array
        The image's own class; −1 for an image of none of the network's classes.
    of : int
        The class.

    Examples
    --------
    >>> margin(np.array([[3.0, 1.0, 0.0, 2.0]]), np.array([3]), 0)  # 3 − (1 + 0)/2: the own class is left out
    array([2.5])
    """
    logits = np.asarray(logits, dtype=np.float64)
    classes = np.arange(logits.shape[-1])
    rest = (classes != of) & (classes != np.asarray(truth)[:, None])
    if not rest.any(1).all():
        raise Unavailable(
            f"a margin needs a class beside its own and the image's, and the network has {len(classes)}: "
            "give one of three classes or more"
        )
    rest = rest.reshape(len(rest), *(1,) * (logits.ndim - 2), len(classes))
    others: Array = logits.mean(-1, where=rest)
    return np.asarray(logits[..., of] - others)


def contrast(logits: Logits, of: int, against: int) -> Array:
    """Return the logit of a class minus that of another, (N, ...) float64; take only images :func:`of_neither`.

    Examples
    --------
    >>> contrast(np.array([[3.0, 1.0, 0.0], [0.0, 2.0, 9.0]]), 0, 1).tolist()
    [2.0, -2.0]
    """
    logits = np.asarray(logits, dtype=np.float64)
    return np.asarray(logits[..., of] - logits[..., against])


def of_neither(truth: Labels, of: int, against: int) -> NDArray[np.bool_]:
    """Return which images are of neither class, (N,) bool.

    Examples
    --------
    >>> of_neither(np.array([0, 1, 2]), 0, 1)
    array([False, False,  True])
    """
    return np.asarray((truth != of) & (truth != against))


def within_class_sd(values: Array, groups: Labels) -> float:
    r"""Return the pooled standard deviation of values about the mean of their class.

    .. math:: s^2 = \sum_g \sum_{i \in g} (v_i - \bar v_g)^2 / (N - G)

    Of `groups`, the (N,) classes of the images, only what is equal counts; G of them occur. Raises Unavailable if no
    class has two images, or none has any spread.

    Examples
    --------
    >>> round(within_class_sd(np.array([1.0, 3.0, 10.0, 14.0]), np.array([0, 0, 1, 1])), 4)  # √((2 + 8) / 2)
    2.2361
    """
    _, group, counts = np.unique(groups, return_inverse=True, return_counts=True)
    free = len(values) - len(counts)
    if free < 1:
        raise Unavailable(f"no class has two test images among {len(values)}, so a spread within classes is unknown")
    means = np.bincount(group, values) / counts
    sd = float(np.sqrt(np.square(values - means[group]).sum() / free))
    # What rounding leaves of equal numbers is no unit to count in.
    if not sd > np.finfo(np.float32).eps * float(np.abs(values).max()):
        raise Unavailable("within every class all test images have the same logits, so there is no unit of spread")
    return sd


def standardised_within(values: Array, groups: Labels) -> Array:
    """Return values in standard deviations from the mean of their class; 0 throughout a class without spread.

    Examples
    --------
    >>> standardised_within(np.array([1.0, 3.0, 10.0, 14.0]), np.array([0, 0, 1, 1])).tolist()
    [-1.0, 1.0, -1.0, 1.0]
    """
    out = np.zeros(len(values))
    for group in np.unique(groups):
        of_class = values[groups == group]
        out[groups == group] = (of_class - of_class.mean()) / (of_class.std() or 1.0)
    return out


def margin_sd(logits: Logits, truth: Labels, of: int) -> float:
    """Return the unit of a margin: its :func:`within_class_sd` on clean test images of other classes than its own.

    On images of the class itself a margin is another quantity (how well they are recognised), so they are left out,
    as every claim about a push towards the class leaves them out.

    Raises Unavailable if no class is left for a margin, or there is no spread.

    Examples
    --------
    >>> logits = np.array([[1.0, 0.0, 0.0], [3.0, 0.0, 0.0], [9.0, 0.0, 0.0]])
    >>> round(margin_sd(logits, np.array([1, 1, 0]), 0), 4)  # of 1 and 3: the image of class 0 is left out
    1.4142
    """
    other = np.asarray(truth) != of
    return within_class_sd(margin(logits[other], truth[other], of), truth[other])


def contrast_sd(logits: Logits, truth: Labels, of: int, against: int) -> float:
    """Return the unit of a contrast: its :func:`within_class_sd` on clean test images of neither class.

    Raises Unavailable if there is no spread, or no such image.

    Examples
    --------
    >>> logits = np.array([[1.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 9.0, 0.0]])
    >>> round(contrast_sd(logits, np.array([2, 2, 1]), 0, 1), 4)  # of 1 and 3: the image of class 1 is left out
    1.4142
    """
    neither = of_neither(truth, of, against)
    return within_class_sd(contrast(logits[neither], of, against), truth[neither])
