"""Command lines with one way out: a sentence and an exit code, whatever happens."""

from __future__ import annotations

import argparse
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

from why_bird.errors import BadInput
from why_bird.outputs import aloud, reopen, send
from why_bird.printing import printable
from why_bird.signals import heard

INTERRUPTED, BROKEN, BAD_INPUT = 2, 3, 4
"""The exit codes of what was stopped from outside, of a fault, and of bad usage and bad input."""

_LONGEST = 400


class Parser(argparse.ArgumentParser):
    """An argument parser that ends with exit code 4 where argparse's own says 2, which here is an interruption.

    A ``~`` that a path begins with is the user's home: a shell leaves it where it stands behind a ``=``.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.register("type", Path, _place)

    def error(self, message: str) -> NoReturn:
        """Say which argument is wrong, by what argparse says of it, and what would work, and end."""
        self.exit(BAD_INPUT, f"error: {printable(message)}: `{self.prog} --help` says what can be given\n")

    def _print_message(self, message, file=None):  # type: ignore[no-untyped-def]
        """Print a complaint, or help, which it is an error to lose; argparse's own would say nothing of it."""
        if file is sys.stdout:
            file.write(message)
        else:
            super()._print_message(message, file)

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Parse, after refusing what is empty: most often a variable of the shell that was never set."""
        words = list(sys.argv[1:] if args is None else args)
        empty = next((word for word in words if not word or re.fullmatch("--[^=]*=", word)), None)
        if empty is not None:
            self.error(f"{empty.rstrip('=') or 'an argument'} is empty, give it a value or leave it out")
        return super().parse_known_args(words, namespace)


def command(main: Callable[..., int]) -> Callable[..., int]:
    """Give a command its one way out: 4 for bad input, 3 for a fault, 2 where it is stopped, each with a sentence.

    It takes the words of the command line, or None for those of this process, and returns its exit code.
    """

    @wraps(main)
    def run(arguments: Sequence[str] | None = None) -> int:
        reopen()
        try:
            with heard():
                try:
                    return main(arguments)
                finally:
                    send(sys.stdout)
        except BadInput as error:
            return _end(BAD_INPUT, str(error))
        except KeyboardInterrupt:
            return _end(INTERRUPTED, "stopped from outside; what was finished before is kept")
        except SystemExit:
            raise
        except BaseException as error:
            return _end(BROKEN, unexpected(error))

    return run


def unexpected(error: BaseException) -> str:
    """Return one sentence about what nobody foresaw: what it says, and where it came up."""
    says = printable(str(error))[:_LONGEST]
    places = traceback.extract_tb(error.__traceback__)
    where = f", in line {places[-1].lineno} of {Path(places[-1].filename).name}" if places else ""
    return printable(f"{type(error).__name__}{': ' if says else ''}{says} (not foreseen{where})")


def _place(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise argparse.ArgumentTypeError(f"{text!r} names a home folder that nobody here has") from None


def _end(code: int, sentence: str) -> int:
    aloud(f"error: {sentence}")
    return code
