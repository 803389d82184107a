"""The published schema of ``evidence.json``, and whether a document fits it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema


@cache
def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) that is shipped."""
    content: dict[str, Any] = json.loads(files("why_bird.evidence").joinpath("evidence.schema.json").read_text("utf-8"))
    return content


def validate(document: object) -> None:
    """Raise ValueError where a document does not fit the schema; the message says where."""
    validator = jsonschema.Draft202012Validator(schema())
    errors = sorted(validator.iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    if errors:
        first = errors[0]
        place = "/".join(str(step) for step in first.absolute_path) or "the document"
        raise ValueError(f"not an evidence document: {place}: {first.message}")
