"""What the wheel holds beside the library and the plugin: the claims, what is shipped, and what makes it a package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# A checkout has them in folders of their own, which no name has to be imported from.
ALSO = {
    "hypotheses": "why_bird/hypotheses",
    "hypotheses/__init__.py": "why_bird/__init__.py",
    "fixtures/reference": "why_bird/fixtures/reference",
    "reports/accepted.json": "why_bird/reports/accepted.json",
    "reports/reference/evidence.json": "why_bird/reports/reference/evidence.json",
}


class Wheel(BuildHookInterface):
    """Puts everything into the one folder ``why_bird``, which is a package there and no namespace."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to a wheel; an editable install reads them where they are."""
        if version != "editable":
            build_data["force_include"] |= {str(Path(self.root, here)): there for here, there in ALSO.items()}
