"""Open a checkpoint as a network that is ready to be asked."""

from __future__ import annotations

import hashlib
import json
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from why_bird.errors import BadInput
from why_bird.networks.architectures import (
    build,
    choose_arch,
    choose_stem,
    count_channels,
    count_classes,
    names_in,
    takes_grey,
)
from why_bird.networks.checkpoint import COUNTER, fit_prefix, read_checkpoint, strip_prefixes
from why_bird.networks.classes import choose_classes
from why_bird.networks.code import code_of
from why_bird.networks.factory import first_line
from why_bird.networks.from_timm import TIMM, timm_preprocessing
from why_bird.networks.head import LogitsOnly, head_at, probe
from why_bird.networks.limits import CLASSES
from why_bird.networks.manifest import is_model_folder
from why_bird.networks.model_folder import read_model_folder
from why_bird.networks.network import Network, Precision, Stem
from why_bird.networks.preprocess import Preprocess, choose_preprocess


def open_network(
    path: Path | str,
    *,
    arch: str | None = None,
    stem: str | None = None,
    factory: str | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    size: int | None = None,
    interpolation: str | None = None,
    classes: Sequence[str] | None = None,
    device: str = "cpu",
    precision: Precision = "fp32",
) -> Network:
    """Open a checkpoint.

    Options win over the checkpoint's metadata, that over what timm names, and that over CIFAR-10's values.

    Parameters
    ----------
    path : Path
        A file, see :func:`why_bird.networks.checkpoint.read_checkpoint`, or a folder, see
        :func:`why_bird.networks.model_folder.read_model_folder`.
    arch, factory : str, optional
        See :func:`why_bird.networks.architectures.choose_arch`.
    stem : str, optional
        See :func:`why_bird.networks.architectures.choose_stem`.
    mean, std, size, interpolation : optional
        See :class:`why_bird.networks.preprocess.Preprocess`.
    classes : sequence of str, optional
        Class names in the order of the logits.
    device : str, default "cpu"
        Where the network runs.
    precision : {"fp32", "bf16"}
        What it calculates in; its weights stay as they are.

    Raises
    ------
    BadInput
        In one sentence, if the file, the weights or an option cannot be used.
    """
    given = {**locals()}
    try:
        return _opened(**given)
    except (BadInput, KeyboardInterrupt):
        raise
    except BaseException as error:
        if factory is None:
            raise
        # The user's code may do anything wherever a network is used.
        raise BadInput(
            f"{factory} makes a network that cannot be opened ({first_line(error)}): a plain torch.nn.Module, whose "
            "tensors have their shapes, would work"
        ) from None


def _opened(path: Path | str, *, device: str, precision: Precision, **given: Any) -> Network:
    path, where = Path(path), _check_device(device)
    arch, stem, factory = (given[name] for name in ("arch", "stem", "factory"))
    checkpoint = read_model_folder(path) if is_model_folder(path) else read_checkpoint(path)
    metadata, config = checkpoint.metadata, "" if arch or factory else checkpoint.config
    name = metadata["arch"] if config else choose_arch(metadata, arch=arch, factory=factory)
    state = checkpoint.state if config else fit_prefix(checkpoint, names_in(name))
    root, stem_assumed = choose_stem(name, state, metadata, stem)
    # A folder of transformers says itself how many there are.
    number = (None if config else count_classes(name, root, state)) or 10
    if number > CLASSES:
        raise BadInput(f"{path} has weights for {number:,} classes, expected {CLASSES:,} at most")
    # Where the number cannot be told, the module for ten is held against the state, which says what is missing.
    module = build(name, root, number, channels=count_channels(name, root, state), config=config)
    _load(module, state, f"{path} does not fit {name}" + (f" with the {root} stem" if root else ""))
    preprocess, assumed = choose_preprocess(
        metadata,
        **{name: given[name] for name in ("mean", "std", "size", "interpolation")},
        named=timm_preprocessing(module) if name.startswith(TIMM) else {},
        grey=takes_grey(module),
    )
    code = code_of(module) if factory else ""
    module = _freeze(module, where)
    module, K, head = probe(module, preprocess, where, str(path))
    names, classes_assumed = choose_classes(metadata, K, given["classes"])
    return Network(
        name=path.stem,
        source=module,
        arch=name,
        stem=root,
        preprocess=preprocess,
        classes=names,
        hash=hash_network(module.state_dict(), name, root, preprocess, config, code),
        head=head,
        metadata=metadata,
        assumed=("stem",) * stem_assumed + assumed + ("classes",) * classes_assumed,
        device=device,
        precision=precision,
        config=config,
        code=code,
        opening={"path": str(path.absolute()), "device": device, "precision": precision, **given},
    )


def build_untrained(network: Network, seed: int) -> Network:
    """Return :func:`why_bird.networks.network.untrained`, built."""
    where = torch.device(network.device)
    channels, config = network.preprocess.channels, network.config
    module = build(network.arch, network.stem, len(network.classes), channels=channels, config=config, seed=seed)
    module = _freeze(LogitsOnly(module) if isinstance(network.module, LogitsOnly) else module, where)
    # Nothing passes for it: the same architecture has its head in the same place.
    head = None if network.head is None else head_at(module, network.head.name)
    metadata = {"arch": network.arch, "init": "untrained", "seed": str(seed)}
    return replace(with_module(network, module), head=head, metadata=metadata, opening={})


def with_module(network: Network, module: nn.Module) -> Network:
    """Return a network of the same architecture whose module is another one, with the hash of that."""
    built = (network.arch, network.stem, network.preprocess, network.config, network.code)
    return replace(network, source=module, hash=hash_network(module.state_dict(), *built))


def hash_network(
    state: Mapping[str, Tensor],
    arch: str,
    stem: Stem | None,
    preprocess: Preprocess,
    config: str = "",
    code: str = "",
) -> str:
    """Return the SHA-256 of everything that decides a prediction.

    It covers the tensors as float32 in the order of their names, without the prefixes of wrappers, the
    architecture with its configuration and, where it is the user's own, its code, the stem and the preprocessing, so
    that it does not depend on the format of the file.
    BatchNorm's counter of batches, which old files lack and no prediction uses, is left out.
    """
    content = hashlib.sha256()
    fed = {"arch": arch, "stem": stem, "preprocess": preprocess.to_json()}
    fed |= {name: said for name, said in (("config", config), ("code", code)) if said}
    content.update(json.dumps(fed, sort_keys=True).encode() + b"\0")
    tensors = (name for name, each in state.items() if isinstance(each, Tensor))
    short = {s: name for name, s in strip_prefixes(tensors).items() if not s.endswith(COUNTER)}
    for name in sorted(short):
        tensor = state[short[name]].detach().to("cpu", torch.float32).contiguous()
        content.update(json.dumps([name, list(tensor.shape)]).encode() + b"\0")
        content.update(tensor.numpy().astype("<f4").tobytes())
    return content.hexdigest()


def _check_device(device: str) -> torch.device:
    try:
        where = torch.device(device)
        if where.type != "meta":
            torch.zeros(1, device=where)
            return where
    except Exception as error:  # each backend fails in its own way
        raise BadInput(f"device {device!r} cannot be used ({first_line(error)}); cpu would work") from None
    raise BadInput(f"device {device!r} holds no numbers; cpu would work")


def _freeze(module: nn.Module, where: torch.device) -> nn.Module:
    return module.to(where, torch.float32).eval().requires_grad_(requires_grad=False)


def _load(module: nn.Module, state: Mapping[str, Tensor], mismatch: str) -> None:
    """Copy the state into the module, or name the first tensor that does not fit."""
    own = {name: tensor for name, tensor in module.state_dict().items() if isinstance(tensor, Tensor)}
    names = {short: name for name, short in strip_prefixes(own).items()}
    missing = [n for n in names if n not in state and not n.endswith(COUNTER)]
    unexpected = [n for n in state if n not in names]
    other = [n for n in names if n in state and state[n].shape != own[names[n]].shape]
    counts = f"({len(missing)} missing, {len(unexpected)} unexpected, {len(other)} of another shape)"
    if missing:
        found = f"tensor {missing[0]} is missing {counts}"
    elif unexpected:
        found = f"tensor {reprlib.repr(unexpected[0])} is unexpected {counts}"
    elif other:
        expected = tuple(own[names[other[0]]].shape)
        found = f"tensor {other[0]} has shape {tuple(state[other[0]].shape)}, expected {expected}"
    else:
        module.load_state_dict({names[n]: tensor for n, tensor in state.items()}, strict=False)
        return
    raise BadInput(f"{mismatch}: {found}; --arch, --stem or --network=package.module:factory may name what it fits")
