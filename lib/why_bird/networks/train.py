"""Train one network by a named recipe.

A training is resumable: after a kill the same command goes on after the last whole epoch, and ends in
the same network on the same machine, since every epoch draws its randomness from (seed, epoch) alone.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from why_bird.errors import BadInput
from why_bird.files import read_text, sha256_of, write_whole
from why_bird.images.image_set import Images, ImageSet, channel_moments
from why_bird.networks.augment import Augmented
from why_bird.networks.bfloat16 import arithmetic, autocast
from why_bird.networks.job import Job, choose_splits, is_finished, read_state, save_state
from why_bird.networks.manifest import CHECKPOINT, add_network
from why_bird.networks.recipe import Recipe
from why_bird.networks.resnet import STRIDES, resnet18
from why_bird.networks.single_place import multiply_single_places
from why_bird.networks.weights import imagenet_weights, round_to_half, save_weights
from why_bird.progress import SILENT, Progress
from why_bird.streams import torch_seed

_STATE = "resume.pt"


def _initial(job: Job) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        module = resnet18(job.recipe.stem, len(job.trained_classes), job.arm.change.arch)
    if job.init == "imagenet":
        pretrained, own = imagenet_weights(), module.state_dict()
        same = {k: v for k, v in pretrained.items() if k in own and v.shape == own[k].shape}
        module.load_state_dict(own | same)
    return module


def _normalisation(images: ImageSet) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of the training images as the checkpoint will state them."""
    mean, std = (np.round(moment, 6) for moment in channel_moments(images))
    return torch.tensor(mean), torch.tensor(std)


def _open_device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError):
        raise BadInput(f"no device {name!r} here: leave --device out to train on the processor") from None
    return device


def _check_places(job: Job, size: int) -> None:
    """Refuse to replace an average over a single place, which would change nothing."""
    if job.arm.what == "averaging" and size <= STRIDES[job.recipe.stem]:
        raise BadInput(
            f"images of {size} pixels leave the last stage of recipe {job.recipe.name} one place, so nothing is "
            "averaged there: take a recipe of another stem, such as post"
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{folder} cannot be made ({error.strerror}): choose another --out") from None


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


def train(job: Job, images: Images, out: Path, progress: Progress = SILENT) -> Path:
    """Train one network and write it with its log, or go on where an earlier run was ended.

    Parameters
    ----------
    images : Images
        All classes; those of the job are taken out of them. The test images are never changed.
    out : Path
        ``out/<job name>`` receives ``network.safetensors``, ``log.jsonl`` and ``training.json``, and the folder
        of all networks of the procedure, above it, their ``manifest.json``; ``epochs`` beside them receives those of
        the epochs, where they are kept.
    progress : Progress
        Shows each epoch.

    Returns
    -------
    Path
        The 16-bit checkpoint. Its accuracy is measured on the test images after rounding to 16 bits.

    Raises
    ------
    BadInput
        If a class is missing or named twice, a class to be changed is none of the job's, there is less than a
        batch of images, the device is not there, the training diverges, or the folder holds a training of another
        job, one that cannot be read, or one without the epochs that are to be kept.
    """
    recipe, folder = job.recipe, out / job.name
    checkpoint = folder / CHECKPOINT
    training, test = choose_splits(job, images)
    identity = {"recipe": recipe.hash(), "job": job.name, "train": training.hash}
    if is_finished(folder, identity):
        job.require_epochs(folder, recipe.epochs)
        _enter(job, out)
        return checkpoint
    device = _open_device(job.device)
    _check_places(job, training.pixels.shape[1])
    change = job.arm.change
    shown = job.arm.pixels(training, job.seed)
    _make_folder(folder)
    # Of the unchanged images: so networks of every arm see their inputs through one and the same preprocessing.
    mean, std = (v.float().view(3, 1, 1).to(device) for v in _normalisation(training))
    batches = Augmented(shown, training.labels, recipe.padding, device, changes=change.augments)
    del shown  # a changed copy need not stay beside the padded one
    module = _initial(job).to(device)
    module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    multiply_single_places(module)
    optimizer = torch.optim.SGD(
        module.parameters(), recipe.peak, recipe.momentum, weight_decay=recipe.weight_decay, nesterov=True, fused=True
    )
    per_epoch = len(batches) // recipe.batch
    steps = per_epoch * recipe.epochs
    metadata = job.metadata(mean.flatten().tolist(), std.flatten().tolist(), batches.size, training.hash)
    log: list[dict[str, float]] = []
    saved = read_state(folder / _STATE, identity, device)
    if saved is not None:
        module.load_state_dict(saved["module"])
        optimizer.load_state_dict(saved["optimizer"])
        log = saved["log"]
        job.require_epochs(folder, len(log))
    for epoch in range(len(log), recipe.epochs):
        began, size = time.monotonic(), recipe.size(epoch, batches.size)
        loss_sum, right = torch.zeros((), device=device), torch.zeros((), device=device)
        module.train()
        noise = torch.Generator(device).manual_seed(torch_seed(job.seed, "training", "noise", epoch))
        with progress(f"{job.name} epoch {epoch + 1}/{recipe.epochs}", per_epoch * recipe.batch) as advance:
            for i, (pixels, labels) in enumerate(batches.epoch(job.seed, epoch, recipe.batch)):
                batch = (pixels - mean) / std
                if change.noise:
                    batch, labels = _with_noise(batch, labels, change.noise, len(job.trained_classes), noise)
                if size != batches.size:
                    batch = nn.functional.interpolate(batch, size=size, mode="bilinear", antialias=True)
                for group in optimizer.param_groups:
                    group["lr"] = recipe.rate(epoch * per_epoch + i, steps)
                with autocast(device):
                    logits = module(batch.contiguous(memory_format=torch.channels_last))
                    loss = nn.functional.cross_entropy(logits.float(), labels)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                loss_sum += loss.detach()
                right += (logits.detach().argmax(1) == labels)[: recipe.batch].sum()
                advance(recipe.batch)
        row = {
            "epoch": epoch + 1,
            "size": size,
            "loss": float(loss_sum) / per_epoch,
            "training_accuracy": float(right) / (per_epoch * recipe.batch),
        }
        if not np.isfinite(row["loss"]) or not _is_finite(module.state_dict()):
            raise _diverged(job, epoch + 1, folder / _STATE)
        if size == batches.size and (epoch + 1) % 4 == 0:
            row["test_accuracy"] = _accuracy(module, test, mean, std, device)
        row["seconds"] = time.monotonic() - began
        log.append(row)
        _report(job, log, batches.size)
        if job.keep_epochs:
            save_weights(job.epoch_file(folder, epoch + 1), module.state_dict(), {**metadata, "epoch": str(epoch + 1)})
        state = {"module": module.state_dict(), "optimizer": optimizer.state_dict(), "log": log, "identity": identity}
        save_state(folder / _STATE, state)
    half = round_to_half(module.state_dict())
    if not _is_finite(half):
        raise _diverged(job, recipe.epochs, folder / _STATE)
    module.load_state_dict(half)
    accuracy = _accuracy(module, test, mean, std, device)
    save_weights(checkpoint, half, metadata)
    write_whole(folder / "log.jsonl", "".join(json.dumps(row) + "\n" for row in log))
    document = {
        "job": job.name,
        "recipe": {**asdict(recipe), "hash": recipe.hash()},
        "seed": job.seed,
        "arm": job.arm.name,
        "classes": job.trained_classes,
        "init": job.init,
        "device": job.device,
        "precision": arithmetic(device),
        "test_accuracy": accuracy,
        "train_images": {"hash": training.hash, "n": len(training)},
        "test_images": {"hash": test.hash, "n": len(test)},
        "sha256": sha256_of(checkpoint),
        "seconds": sum(row["seconds"] for row in log),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    # Written last and whole: this file says that the training is finished.
    write_whole(folder / "training.json", json.dumps(document, indent=2) + "\n")
    (folder / _STATE).unlink(missing_ok=True)
    _enter(job, out)
    print(f"{job.name}: {accuracy:.2%} of the test images, in 16 bits: {checkpoint}", flush=True)
    return checkpoint


def _is_finite(state: dict[str, Tensor]) -> bool:
    return all(bool(torch.isfinite(tensor).all()) for tensor in state.values())


def _diverged(job: Job, epoch: int, kept: Path) -> BadInput:
    where = f"where it was an epoch before is kept in {kept}" if kept.is_file() else "nothing was kept of it"
    return BadInput(
        f"{job.name}: the training diverged in epoch {epoch}, its loss or its weights are not finite numbers in 16 "
        f"bits; {where}, and from there it would diverge again: train with another seed or another recipe"
    )


def _with_noise(
    images: Tensor, labels: Tensor, share: float, classes: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Add images of Gaussian noise, whose mean and standard deviation are the training images', with random labels."""
    count = max(1, round(share * len(images)))
    noise = torch.randn((count, *images.shape[1:]), generator=generator, device=images.device)
    drawn = torch.randint(classes, (count,), generator=generator, device=images.device)
    return torch.cat([images, noise]), torch.cat([labels, drawn])


def _enter(job: Job, out: Path) -> None:
    """Enter a finished network into the manifest of its procedure."""
    content = json.loads(read_text(out / job.name / "training.json"))
    about = {"recipe": content["recipe"]["hash"], **{key: content[key] for key in ("seed", "arm", "test_accuracy")}}
    add_network(out / job.procedure, out / job.name / CHECKPOINT, about)


def _report(job: Job, log: list[dict[str, float]], full: int) -> None:
    row = log[-1]
    tested = f", test {row['test_accuracy']:.2%}" if "test_accuracy" in row else ""
    print(
        f"{job.name}: epoch {len(log)}/{job.recipe.epochs}, loss {row['loss']:.3f}, training "
        f"{row['training_accuracy']:.2%}{tested}, {row['seconds']:.0f} s, about "
        f"{seconds_left(job.recipe, log, full) / 60:.0f} min to go",
        flush=True,
    )


def seconds_left(recipe: Recipe, log: list[dict[str, float]], full: int) -> float:
    """Return how long the epochs ahead will take, where images have a side of `full`: cost goes with their pixels."""
    ahead = sum(recipe.size(epoch, full) ** 2 for epoch in range(len(log), recipe.epochs))
    return ahead * sum(row["seconds"] for row in log) / sum(row["size"] ** 2 for row in log)
