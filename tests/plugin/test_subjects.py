"""What a claim is asked of: it says which classes it knows, and refuses a claim that needs another."""

from __future__ import annotations

import pytest

from why_bird.errors import Unavailable
from why_bird.fixtures.subjects import Asked, asked_of


def known(*classes: str) -> Asked:
    return Asked("dataset", "the images", lambda: classes)


def test_a_class_that_is_needed_and_not_there_is_named() -> None:
    with pytest.raises(Unavailable, match=r"^no class is named bird: there are cat, frog$"):
        known("cat", "frog").require(("cat", "bird", "dog"))


@pytest.mark.parametrize(("classes", "needs"), [(("cat", "bird"), ("bird",)), (("cat",), ()), ((), ("bird",))])
def test_what_is_there_or_not_known_at_all_is_not_refused(classes: tuple[str, ...], needs: tuple[str, ...]) -> None:
    known(*classes).require(needs)


def test_nothing_else_can_be_asked() -> None:
    with pytest.raises(TypeError, match="a claim cannot be asked of 3"):
        asked_of(3)
