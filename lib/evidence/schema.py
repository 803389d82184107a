"""The published schema of ``evidence.json``."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema

__all__ = ["VERSION", "schema", "validate"]

VERSION = "1.3"
"""Raised with every change: the first number where a reader of the old form would break."""


@cache
def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) that ships beside this file."""
    content: dict[str, Any] = json.loads(files("lib.evidence").joinpath("evidence.schema.json").read_text("utf-8"))
    return content


def validate(document: dict[str, Any]) -> None:
    """Check a document against the schema.

    Raises
    ------
    ValueError
        If it does not fit; the message says where.
    """
    validator = jsonschema.Draft202012Validator(schema())
    errors = sorted(validator.iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    if errors:
        first = errors[0]
        place = "/".join(str(step) for step in first.absolute_path) or "the document"
        raise ValueError(f"not an evidence document: {place}: {first.message}")
