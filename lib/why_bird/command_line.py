"""Command lines that say bad usage in one sentence, with the exit code of bad input."""

from __future__ import annotations

import argparse
from typing import NoReturn

__all__ = ["BAD_INPUT", "Parser"]

BAD_INPUT = 4
"""The exit code of bad usage and bad input."""


class Parser(argparse.ArgumentParser):
    """An argument parser that ends with exit code 4 where argparse's own says 2, which here is an interruption."""

    def error(self, message: str) -> NoReturn:
        """Say what was found and what would work, and end.

        Parameters
        ----------
        message : str
            Of argparse: which argument, and what is wrong with it.
        """
        self.exit(BAD_INPUT, f"error: {message}: `{self.prog} --help` says what can be given\n")
