"""Train networks by a named recipe: ``python -m lib.networks.train``.

A training is resumable: after a kill the same command goes on after the last whole epoch, and ends in
the same network on the same machine, since every epoch draws its randomness from (seed, epoch) alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lib.errors import BadInput
from lib.images.decode import open_images
from lib.images.imageset import Images, ImageSet
from lib.networks.augment import Augmented
from lib.networks.recipe import RECIPES, Recipe
from lib.networks.resnet import resnet18
from lib.networks.weights import round_to_half, save_weights
from lib.progress import SILENT, Progress, bars

__all__ = ["Job", "train"]

_STATE = "resume.pt"


@dataclass(frozen=True, slots=True)
class Job:
    """One network to train.

    Parameters
    ----------
    recipe : Recipe
    seed : int
        Decides the initial weights and every draw of the training.
    classes : tuple of str
        Class names, in the order of the logits.
    init : {"random", "imagenet"}
        ``imagenet`` starts from torchvision's weights, downloaded on first use.
    device : str
    """

    recipe: Recipe
    seed: int
    classes: tuple[str, ...]
    init: str = "random"
    device: str = "cpu"

    @property
    def name(self) -> str:
        """Folder of the result: recipe, classes where they are few, initialisation, seed."""
        subset = f"-{'-'.join(self.classes)}" if len(self.classes) < 5 else ""
        start = "" if self.init == "random" else f"-{self.init}"
        return f"{self.recipe.name}{subset}{start}-seed{self.seed}"


def _has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware; elsewhere autocast would only be slower."""
    capabilities = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def _precision(device: torch.device) -> torch.autocast:
    enabled = torch.cuda.is_bf16_supported() if device.type == "cuda" else _has_bfloat16()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)


def _initial(job: Job) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        module = resnet18(job.recipe.stem, len(job.classes))
    if job.init == "imagenet":
        from torchvision.models import ResNet18_Weights

        try:
            pretrained = ResNet18_Weights.IMAGENET1K_V1.get_state_dict(progress=True)
        except OSError as error:
            raise BadInput(
                f"the ImageNet weights could not be downloaded ({error}): train with --init random"
            ) from None
        own = module.state_dict()
        module.load_state_dict({k: pretrained[k] if pretrained[k].shape == v.shape else v for k, v in own.items()})
    return module


def _normalisation(images: ImageSet) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each channel over the training images, on the [0, 1] scale."""
    total, squares = np.zeros(3), np.zeros(3)
    for start in range(0, len(images), 4096):
        block = images.pixels[start : start + 4096].reshape(-1, 3) / 255.0
        total += block.sum(0)
        squares += (block**2).sum(0)
    n = len(images) * images.pixels.shape[1] * images.pixels.shape[2]
    mean = total / n
    return torch.tensor(mean), torch.tensor(np.sqrt(squares / n - mean**2))


def _select(images: ImageSet, classes: tuple[str, ...]) -> ImageSet:
    """Return the images of some classes, labelled in the order of ``classes``."""
    unknown = [name for name in classes if name not in images.classes]
    if unknown:
        raise BadInput(f"no class {unknown[0]!r} among the images: they hold {', '.join(images.classes)}")
    if classes == images.classes:
        return images
    keep = np.flatnonzero(np.isin(images.labels, [images.classes.index(name) for name in classes]))
    labels = np.array([classes.index(images.classes[label]) for label in images.labels[keep]], dtype=np.int64)
    return ImageSet(images.pixels[keep], labels, images.digests[keep], classes)


def _accuracy(module: nn.Module, images: ImageSet, mean: Tensor, std: Tensor, device: torch.device) -> float:
    module.eval()
    right = 0
    with torch.inference_mode():
        for start in range(0, len(images), 256):
            pixels = torch.from_numpy(np.array(images.pixels[start : start + 256])).to(device)
            batch = (pixels.permute(0, 3, 1, 2).float().div_(255) - mean) / std
            labels = torch.from_numpy(np.array(images.labels[start : start + 256])).to(device)
            right += int((module(batch.float()).argmax(1) == labels).sum())
    return right / len(images)


def _save_state(path: Path, state: dict[str, Any]) -> None:
    scratch = path.with_suffix(".tmp")
    torch.save(state, scratch)
    with scratch.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(scratch, path)


def train(job: Job, images: Images, out: Path, progress: Progress = SILENT) -> Path:
    """Train one network and write it with its log, or go on where an earlier run was ended.

    Parameters
    ----------
    job : Job
    images : Images
        All classes; those of the job are taken out of them.
    out : Path
        ``out/<job name>`` receives ``network.safetensors``, ``log.jsonl`` and ``training.json``.
    progress : Progress
        Shows each epoch.

    Returns
    -------
    Path
        The 16-bit checkpoint. Its accuracy is measured on the test images after rounding to 16 bits.

    Raises
    ------
    BadInput
        If a class is missing, the device is not there, or a training in the folder is of another job.
    """
    recipe, folder = job.recipe, out / job.name
    checkpoint = folder / "network.safetensors"
    if (folder / "training.json").is_file() and checkpoint.is_file():
        return checkpoint
    try:
        device = torch.device(job.device)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError):
        raise BadInput(f"no device {job.device!r} here: leave --device out to train on the processor") from None
    folder.mkdir(parents=True, exist_ok=True)
    training, test = _select(images.train, job.classes), _select(images.test, job.classes)
    mean, std = (v.float().view(3, 1, 1).to(device) for v in _normalisation(training))
    batches = Augmented(training.pixels, training.labels, recipe.padding, device)
    module = _initial(job).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(
        module.parameters(), recipe.peak, recipe.momentum, weight_decay=recipe.weight_decay, nesterov=True
    )
    identity = {"recipe": recipe.hash(), "job": job.name, "train": training.hash}
    per_epoch = len(batches) // recipe.batch
    steps = per_epoch * recipe.epochs
    log: list[dict[str, float]] = []
    if (folder / _STATE).is_file():
        saved = torch.load(folder / _STATE, map_location=device, weights_only=True)
        if saved["identity"] != identity:
            raise BadInput(f"{folder} holds an unfinished training of another recipe or images: choose another --out")
        module.load_state_dict(saved["module"])
        optimizer.load_state_dict(saved["optimizer"])
        log = saved["log"]
    for epoch in range(len(log), recipe.epochs):
        began, size = time.monotonic(), recipe.size(epoch, batches.size)
        loss_sum, right = torch.zeros((), device=device), torch.zeros((), device=device)
        module.train()
        with progress(f"{job.name} epoch {epoch + 1}/{recipe.epochs}", per_epoch * recipe.batch) as advance:
            for i, (pixels, labels) in enumerate(batches.epoch(job.seed, epoch, recipe.batch)):
                batch = (pixels - mean) / std
                if size != batches.size:
                    batch = nn.functional.interpolate(batch, size=size, mode="bilinear", antialias=True)
                for group in optimizer.param_groups:
                    group["lr"] = recipe.rate(epoch * per_epoch + i, steps)
                with _precision(device):
                    logits = module(batch.contiguous(memory_format=torch.channels_last))
                    loss = nn.functional.cross_entropy(logits.float(), labels)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
                loss_sum += loss.detach()
                right += (logits.detach().argmax(1) == labels).sum()
                advance(recipe.batch)
        row = {
            "epoch": epoch + 1,
            "size": size,
            "loss": float(loss_sum) / per_epoch,
            "training_accuracy": float(right) / (per_epoch * recipe.batch),
        }
        if not np.isfinite(row["loss"]):
            raise BadInput(f"{job.name}: the loss is not finite in epoch {epoch + 1}: lower the recipe's peak rate")
        if size == batches.size and (epoch + 1) % 4 == 0:
            row["test_accuracy"] = _accuracy(module, test, mean, std, device)
        row["seconds"] = time.monotonic() - began
        log.append(row)
        _report(job, log)
        state = {"module": module.state_dict(), "optimizer": optimizer.state_dict(), "log": log, "identity": identity}
        _save_state(folder / _STATE, state)
    half = round_to_half(module.state_dict())
    module.load_state_dict(half)
    accuracy = _accuracy(module, test, mean, std, device)
    metadata = {
        "arch": "resnet18",
        "stem": recipe.stem,
        "classes": json.dumps(job.classes),
        "mean": json.dumps([round(float(v), 6) for v in mean.flatten()]),
        "std": json.dumps([round(float(v), 6) for v in std.flatten()]),
        "size": str(batches.size),
        "interpolation": "bilinear",
        "recipe": recipe.hash(),
        "recipe_name": recipe.name,
        "seed": str(job.seed),
        "init": job.init,
        "images": training.hash,
    }
    save_weights(checkpoint, half, metadata)
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in log))
    document = {
        "recipe": {**asdict(recipe), "hash": recipe.hash()},
        "seed": job.seed,
        "classes": job.classes,
        "init": job.init,
        "device": job.device,
        "precision": "bfloat16 autocast" if _precision(device)._enabled else "float32",
        "test_accuracy": accuracy,
        "train_images": {"hash": training.hash, "n": len(training)},
        "test_images": {"hash": test.hash, "n": len(test)},
        "sha256": hashlib.sha256(checkpoint.read_bytes()).hexdigest(),
        "seconds": sum(row["seconds"] for row in log),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    (folder / "training.json").write_text(json.dumps(document, indent=2) + "\n")
    (folder / _STATE).unlink()
    print(f"{job.name}: {accuracy:.2%} of the test images, in 16 bits: {checkpoint}", flush=True)
    return checkpoint


def _report(job: Job, log: list[dict[str, float]]) -> None:
    row, recipe = log[-1], job.recipe
    # Later epochs may be larger than those seen: cost goes with the number of pixels.
    full = max(r["size"] for r in log)
    area = sum(r["size"] ** 2 for r in log)
    ahead = sum(recipe.size(e, int(full)) ** 2 for e in range(len(log), recipe.epochs))
    left = sum(r["seconds"] for r in log) / area * ahead
    tested = f", test {row['test_accuracy']:.2%}" if "test_accuracy" in row else ""
    print(
        f"{job.name}: epoch {len(log)}/{recipe.epochs}, loss {row['loss']:.3f}, training "
        f"{row['training_accuracy']:.2%}{tested}, {row['seconds']:.0f} s, about {left / 60:.0f} min to go",
        flush=True,
    )


def _seeds(text: str) -> list[int]:
    first, _, last = text.partition("-")
    try:
        seeds = list(range(int(first), int(last or first) + 1))
    except ValueError:
        seeds = []
    if not seeds:
        raise argparse.ArgumentTypeError(f"{text!r} is not a seed (3) or a range of seeds (0-9)")
    return seeds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lib.networks.train", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", required=True, help="folder of images, or the word download")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the networks go (default: runs)")
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="post", help="a named recipe (default: post)")
    parser.add_argument("--classes", help="train on these only, such as cat,dog (default: all)")
    parser.add_argument("--seeds", type=_seeds, default=[0], help="a seed (3) or a range (0-9); one network each")
    parser.add_argument("--init", choices=["random", "imagenet"], default="random", help="weights to start from")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cpu, cuda, …")
    parser.add_argument("--cache", type=Path, help="where decoded images are kept (default: the user's cache)")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code (0, or 4 for bad input)."""
    from lib.cache import cache_folder

    options = _parser().parse_args(arguments)
    show = bars if sys.stderr.isatty() else SILENT
    try:
        images = open_images(options.images, options.cache or cache_folder(), show)
        classes = tuple(options.classes.split(",")) if options.classes else images.train.classes
        for seed in options.seeds:
            job = Job(RECIPES[options.recipe], seed, classes, options.init, options.device)
            train(job, images, options.out, show)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
