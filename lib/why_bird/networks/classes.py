"""The names of a network's classes."""

from __future__ import annotations

import reprlib
from collections import Counter
from collections.abc import Mapping, Sequence

from why_bird.errors import BadInput
from why_bird.networks.limits import LONGEST_CLASS
from why_bird.networks.preprocess import read_json

CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def choose_classes(
    metadata: Mapping[str, str], K: int, classes: Sequence[str] | None = None
) -> tuple[tuple[str, ...], bool]:
    """Take the class names from the option, else from the checkpoint, else assume them.

    Ten logits are assumed to be CIFAR-10's classes in alphabetical order, others are numbered.

    Returns
    -------
    tuple of K str
    bool
        Whether they were assumed.

    Raises
    ------
    BadInput
        If they are not K different printable names.
    """
    if classes is None and "classes" not in metadata:
        return (CIFAR10_CLASSES if len(CIFAR10_CLASSES) == K else tuple(f"class {c}" for c in range(K))), True
    names = classes if classes is not None else read_json(metadata, "classes")
    whose = "given" if classes is not None else "in the checkpoint"
    if isinstance(names, str) or not isinstance(names, Sequence) or not all(isinstance(n, str) for n in names):
        raise BadInput(f"the class names {whose} are {reprlib.repr(names)}, expected {K} strings")
    if len(names) != K:
        raise BadInput(
            f"{len(names)} class names are {whose}, but the network has {K} logits; give {K} with --class-names"
        )
    if len(set(names)) != K:
        twice, _ = Counter(names).most_common(1)[0]
        raise BadInput(f"the class name {reprlib.repr(twice)} is {whose} twice, expected {K} different names")
    odd = next((n for n in names if not n.strip() or not n.isprintable() or len(n) > LONGEST_CLASS), None)
    if odd is not None:
        raise BadInput(
            f"a class name {whose} is {reprlib.repr(odd)}, expected printable text of {LONGEST_CLASS} or less"
        )
    return tuple(names), False
