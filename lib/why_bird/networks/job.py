"""One network to train, the images it is trained on, and where an earlier run of it was ended."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from why_bird.errors import BadInput
from why_bird.files import read_text, write_whole
from why_bird.images.image_set import Images, ImageSet
from why_bird.images.select import select_classes
from why_bird.networks.arms import PLAIN, Arm
from why_bird.networks.manifest import CHECKPOINT
from why_bird.networks.recipe import Recipe

_PARTS = {"module": Mapping, "optimizer": Mapping, "log": list}
"""What the state of an unfinished training consists of."""


@dataclass(frozen=True, slots=True)
class Job:
    """One network to train."""

    recipe: Recipe
    seed: int
    """Decides the initial weights and every draw of the training."""
    classes: tuple[str, ...]
    """Class names, in the order of the logits."""
    init: str = "random"
    """``imagenet`` starts from torchvision's weights, downloaded on first use."""
    device: str = "cpu"
    arm: Arm = PLAIN
    """In which one thing the training is otherwise."""
    keep_epochs: bool = False
    """Whether the network is kept as it is after every epoch, too."""

    def metadata(self, mean: Sequence[float], std: Sequence[float], size: int, images: str) -> dict[str, str]:
        """Return what the file of a network says: what it is, how it is fed, and how it was trained.

        Parameters
        ----------
        mean, std : sequence of float
            Of the training images, by channel.
        size : int
            Pixels.
        images : str
            Content hash of the training images.
        """
        return {
            "arch": self.arm.change.arch,
            "stem": self.recipe.stem,
            "classes": json.dumps(self.trained_classes),
            "mean": json.dumps([round(value, 6) for value in mean]),
            "std": json.dumps([round(value, 6) for value in std]),
            "size": str(size),
            "interpolation": "bilinear",
            "recipe": self.recipe.hash(),
            "recipe_name": self.recipe.name,
            "seed": str(self.seed),
            "init": self.init,
            "arm": self.arm.name,
            "images": images,
        }

    def epoch_file(self, folder: Path, epoch: int) -> Path:
        """Return where in the folder of the job the network of an epoch is kept, which are counted from 1."""
        return folder / "epochs" / f"seed{self.seed}-epoch{epoch:0{len(str(self.recipe.epochs))}}.safetensors"

    def require_epochs(self, folder: Path, passed: int) -> None:
        """Refuse to go on with a training whose epochs were to be kept and were not.

        Raises BadInput if one of those that have passed is not there.
        """
        lacking = [n for n in range(1, passed + 1) if not self.epoch_file(folder, n).is_file()]
        if self.keep_epochs and lacking:
            raise BadInput(f"{folder} was trained without keeping epoch {lacking[0]}: choose another --out")

    @property
    def procedure(self) -> str:
        """Folder of all networks of the procedure: recipe, classes where they are few, initialisation, arm."""
        subset = f"-{'-'.join(self.classes)}" if len(self.classes) < 5 else ""
        start = "" if self.init == "random" else f"-{self.init}"
        return f"{self.recipe.name}{subset}{start}{self.arm.folder}"

    @property
    def trained_classes(self) -> tuple[str, ...]:
        """The classes without the one that the arm leaves out."""
        left_out = self.arm.names if self.arm.change.drops else ()
        return tuple(name for name in self.classes if name not in left_out)

    @property
    def name(self) -> str:
        """Folder of the result: that of its procedure, and the seed."""
        return f"{self.procedure}/seed{self.seed}"


def choose_splits(job: Job, images: Images) -> tuple[ImageSet, ImageSet]:
    """Return training and test images of the job's classes, labelled in their order.

    Raises BadInput if a class is missing or named twice, a class to be changed is none of them, or there is less than a
    batch of training images.
    """
    held = images.train.classes
    unknown = [name for name in job.classes if name not in held]
    if unknown:
        raise BadInput(f"no class {unknown[0]!r} among the images: they hold {', '.join(held)}")
    if len(set(job.classes)) < max(2, len(job.classes)):
        raise BadInput(f"the classes are {', '.join(job.classes)}: give two or more, each once")
    if not set(job.arm.names) <= set(job.classes):
        asked = job.arm.name if job.arm.name.isprintable() else repr(job.arm.name)
        raise BadInput(f"{asked} names no class that is trained on: they are {', '.join(job.classes)}")
    training, test = (select_classes(split, job.trained_classes) for split in (images.train, images.test))
    if len(training) < job.recipe.batch or not len(test):
        raise BadInput(
            f"there are {len(training)} training and {len(test)} test images of these classes: the recipe "
            f"{job.recipe.name} needs {job.recipe.batch} or more, one batch, and a test image"
        )
    return training, test


def is_finished(folder: Path, identity: dict[str, str]) -> bool:
    """Tell whether a job, of this recipe, name and training images, was finished in its folder before.

    Raises BadInput if another job was finished there, or one that cannot be read.
    """
    document, checkpoint = folder / "training.json", folder / CHECKPOINT
    if not (document.is_file() and checkpoint.is_file()):
        return False
    try:
        content = json.loads(read_text(document))
        found = {"recipe": content["recipe"]["hash"], "job": content["job"], "train": content["train_images"]["hash"]}
        for name in ("seed", "arm", "test_accuracy"):  # what the manifest says of it
            content[name]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise BadInput(f"{document} cannot be read: remove {folder} or choose another --out") from None
    if found != identity:
        raise BadInput(f"{folder} holds a network of another recipe or other images: choose another --out")
    return True


def read_state(path: Path, identity: dict[str, str], device: torch.device) -> dict[str, Any] | None:
    """Return where an earlier run of the same job was ended, if there was one.

    Raises BadInput if the file is damaged or of another job.
    """
    if not path.is_file():
        return None
    try:
        saved: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        found = saved["identity"]
        is_whole = all(isinstance(saved[name], kind) for name, kind in _PARTS.items())
        if not is_whole or not all(row["size"] > 0 and row["seconds"] >= 0 for row in saved["log"]):
            raise ValueError("a part is missing")
    except Exception:  # torch reports a damaged file by whatever its reader stumbles over
        raise BadInput(f"{path} is damaged: remove it to start this training again") from None
    if found != identity:
        raise BadInput(f"{path.parent} holds an unfinished training of another recipe or images: choose another --out")
    return saved


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write where a training is, whole or not at all."""
    content = io.BytesIO()
    torch.save(state, content)
    write_whole(path, content.getbuffer())
