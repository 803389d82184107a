"""Whether a folder is the same one in all processes, on whatever machine: it holds a mark that only this one has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from why_bird.errors import BadInput


@contextmanager
def marked(folders: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Give the paths of new marks in folders, which are made where they are missing.

    The marks go with the block: one that stays is copied with its folder, and the copy passes for it.

    Raises BadInput if a folder cannot be written.
    """
    marks = tuple(Path(folder).absolute() / f".shared-{token_hex(8)}" for folder in folders)
    try:
        for each in marks:
            try:
                each.parent.mkdir(parents=True, exist_ok=True)
                each.touch()
            except OSError as error:
                raise BadInput(
                    f"{each.parent} cannot be written ({error.strerror}): workers need a folder to share"
                ) from None
        yield tuple(map(str, marks))
    finally:
        for each in marks:
            with suppress(OSError):
                each.unlink()


def require(marks: Iterable[str]) -> None:
    """Refuse a process that does not share the marked folders.

    Raises BadInput if it lacks one.
    """
    for each in marks:
        if not Path(each).exists():
            raise BadInput(f"its {Path(each).parent} is not the folder of that name here: let it share that folder")
