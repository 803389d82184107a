"""Where images come from: an image tree, CIFAR-10's own files, or a download of them."""

from __future__ import annotations

from pathlib import Path

from why_bird.errors import BadInput
from why_bird.images.cifar import CifarBatches, find_batches
from why_bird.images.folder import SPLITS, Folder, find_folder, path_text

Source = Folder | CifarBatches

_ACCEPTED = (
    "an image tree with train/<class>/ and test/<class>/, a folder that holds cifar-10-batches-py, or the word download"
)


def find_source(root: Path) -> Source:
    """Return what kind of image set a folder holds; no image is opened.

    Raises BadInput if the folder is missing, is a file, cannot be read, or holds neither layout.
    """
    try:
        if not root.exists():
            raise BadInput(f"no folder {path_text(root)}: give {_ACCEPTED}")
        if not root.is_dir():
            raise BadInput(f"{path_text(root)} is a file, not a folder: give {_ACCEPTED}")
        for candidate in (root, root / "cifar-10-batches-py"):
            if (candidate / "batches.meta").is_file():
                return find_batches(candidate)
        missing = [f"{split}/" for split in SPLITS if not (root / split).is_dir()]
        if not missing:
            return find_folder(root)
    except OSError as error:
        raise BadInput(f"{path_text(root)} cannot be read ({error.strerror or error}): give {_ACCEPTED}") from None
    raise BadInput(f"{path_text(root)} has no {' and no '.join(missing)} and no cifar-10-batches-py: give {_ACCEPTED}")
