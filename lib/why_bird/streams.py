"""Random streams that depend only on what they are for."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(root: int, claim: str, role: str, replicate: int = 0) -> np.random.SeedSequence:
    """Return the seed sequence for one use of randomness.

    The spawn key is the SHA-256 of the three names, so a stream is the same in every process and
    independent of which others were asked for (Python's own ``hash`` is salted per process).

    Parameters
    ----------
    root : int
        Seed of the whole run, 0 or more.
    claim : str
        Claim or input that the randomness belongs to (``"noise"``, ``"D5"``).
    role : str
        What it does there (``"A"``, ``"bootstrap"``).
    replicate : int, default 0
        Repetition.
    """
    digest = hashlib.sha256(f"{claim}\0{role}\0{replicate}".encode()).digest()
    key = tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))
    return np.random.SeedSequence(root, spawn_key=key)


def generator(root: int, claim: str, role: str, replicate: int = 0) -> np.random.Generator:
    """Return a fresh PCG64 generator on :func:`stream`.

    Examples
    --------
    >>> bool(generator(0, "P2", "resample").random() == generator(0, "P2", "resample").random())
    True
    >>> bool(generator(0, "P2", "resample").random() == generator(0, "P2", "resample", 1).random())
    False
    """
    return np.random.default_rng(stream(root, claim, role, replicate))


def torch_seed(root: int, claim: str, role: str, replicate: int = 0) -> int:
    """Return a seed for a generator of PyTorch's on :func:`stream`."""
    return int(stream(root, claim, role, replicate).generate_state(1, np.uint64)[0]) >> 1
