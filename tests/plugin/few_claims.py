"""A pytest plugin in whose world no claims but a few were ever written: runs of them take little."""

from __future__ import annotations

from typing import Any

import pytest

ASKED = ("P1", "P2", "P3", "Z1", "Z6")
"""None of them is asked of a procedure."""


class Without:
    """A pytest plugin that deletes the tests of some claims."""

    def __init__(self, *claims: str) -> None:
        self.claims = claims

    @pytest.hookimpl(wrapper=True)
    def pytest_pycollect_makeitem(self, obj: object) -> Any:
        made = yield
        return [] if _ids(obj) & set(self.claims) else made


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(obj: object) -> Any:
    made = yield
    found = _ids(obj)
    return made if not found or found & set(ASKED) else []


def _ids(obj: object) -> set[str]:
    return {mark.args[0] for mark in getattr(obj, "pytestmark", ()) if mark.name == "claim"}
