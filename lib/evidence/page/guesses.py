"""What the post saw and what it guessed, each with the claims that answer for it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GUESSES", "OBSERVATIONS", "OTHERS", "REASONS", "Guess"]


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess or an observation.

    Parameters
    ----------
    name : str
        In the post's words where it has some.
    claims : tuple of str
        Ids of all claims that answer for it; none is left out, so that no choice is made after the verdicts.
    """

    name: str
    claims: tuple[str, ...]


OBSERVATIONS = (
    Guess("Accuracy about 93 %", ("P1",)),
    Guess("Nearly all noise in one class, bird", ("P2", "P3", "P4")),
    Guess("The same in other networks and for other noise", ("P5", "P6", "P7", "P8")),
    Guess("A network of cats and dogs calls noise cat", ("K1", "K2", "K3")),
    Guess("Bird does not have the highest bias", ("Z1",)),
)

GUESSES = (
    Guess("Clutter of the birds' and the cats' images", ("C1", "C2", "C3", "C4", "K4")),
    Guess("Clutter as a larger dimension", ("C5", "D1", "D4", "D5", "K5")),
    Guess("Noisy borders of the birds", ("B0", "B1", "B2", "B3", "B4")),
    Guess("Fine detail, white noise anywhere", ("B5", "B6")),
    Guess("Bias terms: y = wx + b ≈ b", ("Z2", "Z5", "Z6")),
    Guess("No strong presence of any feature", ("Z3", "Z4")),
    Guess("Closeness of features", ("X1", "X2", "X3", "X4", "D2", "D3")),
    Guess("What the neurons learned", ("U1", "U2", "U3")),
    Guess("Normalisation statistics", ("U4",)),
    Guess("Detection: noise can be told from images", ("O1", "O2", "O3")),
)

REASONS = (
    *("Z4", "Z3", "Z5", "X2", "X3", "X1", "D2", "D3", "D1"),
    *("Z2", "Z6", "U1", "U2", "U3", "U4", "B2", "B3", "B5", "B4", "B6", "C3", "C4"),
)
"""What says something of why noise falls into its class, where it is confirmed, as it is told: what noise is to the
network, what it is close to, what carries it there, and what the images have to do with it. All claims about the class
of noise are here; the others are about images alone, about cats and dogs, about detection, or about what was seen."""

OTHERS = "Other claims"
