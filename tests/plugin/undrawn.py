"""A pytest plugin that leaves the figures out of a report: they take as long as all claims."""

from __future__ import annotations

from collections.abc import Generator
from unittest import mock

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    """Draw none. What is replaced is imported by then, as pytest wants to see every plugin first."""
    with mock.patch("why_bird.fixtures.evidence.drawn", return_value=[]):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish() -> Generator[None]:
    """The same for the report of the whole run."""
    with mock.patch("why_bird.fixtures.evidence.drawn", return_value=[]):
        yield
