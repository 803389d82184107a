"""Whether a folder is the same one in all processes, on whatever machine: it holds a mark that only this one has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex

from why_bird.errors import BadInput

_PREFIX = ".shared-"


def mark(folder: Path) -> str:
    """Return the path of a folder's mark, made on first use.

    Raises
    ------
    BadInput
        If the folder cannot be written.
    """
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = next(folder.glob(f"{_PREFIX}*"), None) or folder / f"{_PREFIX}{token_hex(8)}"
        found.touch()
    except OSError as error:
        raise BadInput(f"{folder} cannot be written ({error.strerror}): workers need a folder to share") from None
    return str(found)


def require(marks: Iterable[str]) -> None:
    """Refuse a process that does not share the marked folders.

    Raises
    ------
    BadInput
        If it lacks one.
    """
    for each in marks:
        if not Path(each).exists():
            raise BadInput(f"its {Path(each).parent} is not the folder of that name here: let it share that folder")
