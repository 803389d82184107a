"""Where each claim stands on the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

from why_bird.evidence.document import Document
from why_bird.evidence.record import PROCEDURE

__all__ = ["Anchors", "anchors", "labels"]

Anchors: TypeAlias = Mapping[tuple[str, str], str]


def labels(document: Document) -> Mapping[tuple[str, str], str]:
    """Return what each claim is called in a list, by the key of its record."""
    counts = Counter(claim.id for claim in document.claims)
    return {
        claim.key: claim.id
        if counts[claim.id] == 1
        else f"{claim.id} {'procedure' if claim.scope == PROCEDURE else claim.network_name}"
        for claim in document.claims
    }


def anchors(document: Document) -> Anchors:
    """Return an id for each claim, by the key of its record.

    Returns
    -------
    mapping of (str, str) to str
        Unique, of letters, digits, hyphens and underscores only. The bare name of the claim where it was judged once;
        else with the first digits of what it speaks about.
    """
    counts = Counter(claim.id for claim in document.claims)
    found: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for claim in document.claims:
        name = claim.id if counts[claim.id] == 1 else f"{claim.id}-{claim.network[:12]}"
        plain = "claim-" + re.sub(r"[^A-Za-z0-9_-]", "-", name)
        candidate, n = plain, 1
        while candidate in taken:
            n += 1
            candidate = f"{plain}-{n}"
        taken.add(candidate)
        found[claim.key] = candidate
    return found
