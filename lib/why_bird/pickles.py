"""What a pickle asks of its reader, looked at before it is read."""

from __future__ import annotations

import io
import pickle
import pickletools
import warnings

_MODULUS = 2**61 - 1
"""Whole numbers from here on share their hash with smaller ones: as keys they can be made to collide all at once."""

_MOST_LARGE = 100
"""So many of them the state of a random generator may hold."""


def check_pickles(written: bytes) -> None:
    """Refuse pickles whose reading would take memory or time out of all proportion to their length.

    Parameters
    ----------
    written : bytes
        Of one pickle, or of several in a row. What follows them is not looked at.

    Raises
    ------
    pickle.UnpicklingError
        If one remembers more than it holds, for which gigabytes would be set aside, or holds many whole numbers of 61
        bits and more, of which keys can be made that all share one place.
    ValueError
        If the first is none.
    """
    with warnings.catch_warnings():
        # Python warns of an escape that it does not know in a text of theirs.
        warnings.simplefilter("ignore")
        _check(written)


def _check(written: bytes) -> None:
    stream = io.BytesIO(written)
    large, is_first = 0, True
    while stream.tell() < len(written):
        try:
            for operation, value, _ in pickletools.genops(stream):
                if not isinstance(value, int):
                    continue
                if operation.name in {"PUT", "LONG_BINPUT"} and value > len(written):
                    raise pickle.UnpicklingError("it remembers more than it holds")
                large += abs(value) >= _MODULUS
                if large > _MOST_LARGE:
                    raise pickle.UnpicklingError("it holds many whole numbers of 61 bits and more")
        except ValueError:
            if is_first:
                raise
            return
        is_first = False
