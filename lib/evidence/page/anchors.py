"""Where each claim stands on the page."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

__all__ = ["anchors"]


def anchors(document: dict[str, Any]) -> list[str]:
    """Return one id a claim, in the order of the document.

    Returns
    -------
    list of str
        Unique, of letters, digits, hyphens and underscores only. The bare name of the claim where it was judged once;
        else with the first digits of what it speaks about.
    """
    counts = Counter(claim["id"] for claim in document["claims"])
    found: list[str] = []
    for claim in document["claims"]:
        name = claim["id"] if counts[claim["id"]] == 1 else f"{claim['id']}-{claim['network'][:12]}"
        plain = "claim-" + re.sub(r"[^A-Za-z0-9_-]", "-", name)
        candidate, n = plain, 1
        while candidate in found:
            n += 1
            candidate = f"{plain}-{n}"
        found.append(candidate)
    return found
