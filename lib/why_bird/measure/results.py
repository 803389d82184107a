"""What a pass gives, batch after batch: in memory, or in files, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray


class Results:
    """Rows of named arrays, in the order in which they are added.

    Parameters
    ----------
    total : int
        Rows that each array will have.
    folder : Path or None
        Where each is written as ``<name>.npy``. Written and not mapped: the pages of a mapped file count as memory
        of the process, and a full disk would kill it instead of raising.
    opened : ExitStack
        Closes the files.
    """

    def __init__(self, total: int, folder: Path | None, opened: ExitStack) -> None:
        self._total = total
        self._folder = folder
        self._opened = opened
        self._files: dict[str, BinaryIO] = {}
        self._parts: dict[str, list[NDArray[np.float32]]] = {}

    def add(self, name: str, rows: NDArray[np.float32]) -> None:
        """Add the next rows of an array.

        Parameters
        ----------
        rows : (n, D) float32 array

        Raises
        ------
        OSError
            If they cannot be written.
        """
        if self._folder is None:
            self._parts.setdefault(name, []).append(rows)
            return
        if name not in self._files:
            file = self._opened.enter_context((self._folder / f"{name}.npy").open("wb"))
            shape = (self._total, *rows.shape[1:])
            header = {"descr": np.lib.format.dtype_to_descr(rows.dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            self._files[name] = file
        self._files[name].write(np.ascontiguousarray(rows).data)

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the whole arrays, (total, D) each; those in files are mapped from there, read-only."""
        self._opened.close()
        mapped = {name: np.load(Path(file.name), mmap_mode="r") for name, file in self._files.items()}
        return mapped | {name: np.concatenate(parts) for name, parts in self._parts.items()}


@contextmanager
def results(total: int, folder: Path | None) -> Iterator[Results]:
    """Keep what a pass gives; files are closed at the end of the block.

    Yields
    ------
    Results
    """
    with ExitStack() as opened:
        yield Results(total, folder, opened)
