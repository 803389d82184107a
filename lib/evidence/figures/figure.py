"""A drawn figure, ready to stand inside a page or alone in a file."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Figure"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the evidence.

    Parameters
    ----------
    name : str
        Short, unique, fit for a file name and for the prefix of ids (``"noise-histogram"``).
    module : str
        The claims that it belongs to (``"test_noise_collapse"``).
    title : str
        What it shows, in a few words.
    alt : str
        What a reader who cannot see it needs to know, with the numbers that carry it.
    caption : str
        One or two sentences: what was measured on what, what the marks mean.
    svg : str
        One ``<svg>`` element without XML declaration; it refers to nothing outside itself, has a viewBox and no fixed
        size, its ids begin with `name`, and its text is text in ``currentColor``.
    """

    name: str
    module: str
    title: str
    alt: str
    caption: str
    svg: str
