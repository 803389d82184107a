"""The two ways in which a run can go wrong without being a bug."""

__all__ = ["BadInput", "Unavailable"]


class BadInput(ValueError):
    """Something the user gave cannot be used.

    The message is one sentence that says what was found and what would work. The command line
    prints it without a traceback and exits with code 4.
    """


class Unavailable(LookupError):
    """Something a claim needs is not there, so the claim is inconclusive.

    The message is the reason, and says what would supply the missing piece.
    """
