"""Where what is shipped lies: in folders of a checkout, and in those of the same names inside an installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent

IS_INSTALLED = (_PACKAGE / "hypotheses").is_dir()
"""Whether the claims came with the package. In a checkout they are a project's own, which happens to be this one."""

_ROOT = _PACKAGE if IS_INSTALLED else _PACKAGE.parents[1]

CLAIMS = _ROOT / "hypotheses"
"""The claims of the question that this package began with, and their register."""

REFERENCE = _ROOT / "fixtures" / "reference"
"""Networks and what was measured on them."""

REPORTS = _ROOT / "reports"
"""The findings that were accepted of them, and the evidence."""
