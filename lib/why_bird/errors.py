"""The two ways in which a run can go wrong without being a bug."""

from __future__ import annotations

from why_bird.printing import printable

_LONGEST = 2_000
"""Characters of a sentence: a name that is quoted in it may be as long as a file."""


class _Said(Exception):
    """What it says is printable, whatever names of others are quoted in it."""

    def __init__(self, sentence: str) -> None:
        if len(sentence) > _LONGEST:
            sentence = f"{sentence[: _LONGEST // 2]} … {sentence[-_LONGEST // 2 :]}"
        super().__init__(printable(sentence))


class BadInput(_Said, ValueError):
    """Something the user gave cannot be used.

    The message is one sentence that says what was found and what would work. The command line
    prints it without a traceback and exits with code 4.
    """


class Unavailable(_Said, LookupError):
    """Something a claim needs is not there, so the claim is inconclusive.

    The message is the reason, and says what would supply the missing piece.
    """
