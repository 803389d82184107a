"""What a figure may look at: measurements that are stored. Nothing is measured for a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lib.evidence.figures.names import full
from lib.measure.classifier import Classifier
from lib.measure.imagery import Imagery
from lib.measure.store import Compute, Count, Entry, Key, Store
from lib.measure.subject import Subject
from lib.measure.two_class import TwoClass

__all__ = ["Sources", "sources"]

NOT_STORED = "was not measured: run `pytest hypotheses/` first, with the images where it asks for them"


class _StoredOnly(Store):
    """Reads the layers of another store and computes nothing."""

    __slots__ = ()

    def get(self, key: Key, compute: Compute | None, *, images: Count = 0, reason: str = "") -> Entry:
        """Return a measurement, or raise Unavailable where no layer has it."""
        del compute, reason
        return super().get(key, None, images=images, reason=f"{key.measure} {NOT_STORED}")


@dataclass(frozen=True, slots=True)
class Sources:
    """What figures are drawn from.

    Parameters
    ----------
    subject : Classifier
    two_class : TwoClass or None
    imagery : Imagery
        All three read what is stored, and raise Unavailable for what is not.
    network, pair : str
        What the two networks are called.
    """

    subject: Classifier
    two_class: TwoClass | None
    imagery: Imagery
    network: str
    pair: str


def sources(
    subject: Classifier, two_class: TwoClass | None, imagery: Imagery, document: dict[str, Any] | None
) -> Sources:
    """Return the same networks and images with only what is stored of them.

    Parameters
    ----------
    subject : Classifier
    two_class : TwoClass or None
    imagery : Imagery
    document : dict or None
        The evidence, for the names of the networks.
    """
    named = {each["hash"]: str(each["name"]) for each in (document or {}).get("provenance", {}).get("networks", [])}

    def called(subject: Subject, otherwise: str) -> str:
        return full(named.get(subject.network.hash, otherwise))

    return Sources(
        subject.with_store(_only(subject.store)),
        None if two_class is None else two_class.with_store(_only(two_class.store)),
        imagery.with_store(_only(imagery.store)),
        called(subject, f"network {subject.network.hash[:8]}"),
        "" if two_class is None else called(two_class, f"the {'/'.join(two_class.classes)} network"),
    )


def _only(store: Store) -> Store:
    return _StoredOnly(store.cache, store.reference, warn=store.warn)
