"""Read a checkpoint without ever running what it contains."""

from __future__ import annotations

import json
import os
import pickle
import re
import reprlib
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from why_bird.errors import BadInput
from why_bird.files import LARGEST, LARGEST_HASHED
from why_bird.networks.limits import ACCEPTED, CLASSES, check_sizes, check_texts, name_shown
from why_bird.pickles import check_pickles

METADATA = (
    *("format", "arch", "stem", "classes", "mean", "std", "size", "interpolation", "resize"),
    *("recipe", "recipe_name", "seed", "init", "arm", "images"),
)
"""What is known of a network beside its weights, and kept when it stands in a checkpoint."""

WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "ema")
PREFIXES = ("module.", "_orig_mod.", "model.", "net.")
COUNTER = "num_batches_tracked"
"""What batch normalisation calls the number of batches that it saw, which old files lack and no prediction uses."""

# torch.save wrote this pickled magic number first, before the zip format of PyTorch 1.6.
LEGACY = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
_LEGACY_PICKLES = 5
"""With that number, then a version, the machine's byte order, the content, and the names of what follows."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Weights and what is known of them."""

    state: dict[str, Tensor]
    """On the CPU, finite, floating-point ones as float32, without the prefixes that wrappers add."""
    metadata: dict[str, str]
    """Of a safetensors file all, of a torch checkpoint the keys of :data:`METADATA`; numbers and lists as JSON."""
    lightning: bool = False
    """Whether Lightning wrote it, so that losses and metrics of its module may stand beside the network's tensors."""
    config: str = ""
    """Of a model of transformers what it is, as JSON; see :func:`why_bird.networks.model_folder.read_model_folder`."""


def read_checkpoint(path: Path | str) -> Checkpoint:
    """Read weights from a safetensors file or from what ``torch.save`` wrote.

    A state dict may be wrapped as ``state_dict``, ``model_state_dict``, ``model``, ``net`` or ``ema``
    (the first of them that is there), and its names may carry the prefixes of ``DataParallel``,
    ``torch.compile`` and Lightning modules.

    Raises
    ------
    BadInput
        In one sentence, for anything else: what was found and what would work. No code in the file is
        executed.
    """
    path = Path(path)
    lightning = False
    try:
        if path.is_dir():
            raise BadInput(f"{path} is a folder, expected a file; {ACCEPTED}")
        if not path.is_file():
            raise BadInput(f"there is no file {path}; {ACCEPTED}")
        before = path.stat()
        size = before.st_size
        if not size:  # as a file of /proc says, which may have no end
            raise BadInput(f"{path} is empty; {ACCEPTED}")
        if size > LARGEST_HASHED:
            raise BadInput(f"{path} has {size:,} bytes, expected {LARGEST_HASHED:,} at most; {ACCEPTED}")
        if size > (memory := _memory()):
            raise BadInput(
                f"{path} has {size:,} bytes, and this machine {memory:,} of memory; one that has more would work"
            )
        with path.open("rb") as file:
            start = file.read(2**20)
            if start.startswith(LEGACY):
                start += file.read(LARGEST)
        # A safetensors file is the length of its JSON header in 8 bytes, then the header.
        if start[4:9] == b"\0\0\0\0{":
            tensors, metadata = _read_safetensors(path)
        elif start.startswith(b"PK\x03\x04"):
            tensors, metadata, lightning = _unwrap(path, _load(path, _inspect_zip(path, size)))
        elif start.startswith(LEGACY):
            tensors, metadata, lightning = _unwrap(path, _load(path, start))
        else:
            raise BadInput(f"{path} {_foreign(path, start)}; {ACCEPTED}")
        after = path.stat()
        if (after.st_ino, after.st_size, after.st_mtime_ns) != (before.st_ino, size, before.st_mtime_ns):
            raise BadInput(f"{path} was written while it was read; it would work once it is whole")
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or error}); {ACCEPTED}") from None
    check_sizes(path, tensors, size)
    check_texts(path, metadata)
    return Checkpoint(_clean(path, tensors), metadata, lightning)


def _memory() -> int:
    """Return how many bytes of memory the machine has, where it says so."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # Windows has none, and others may not know these names
        return LARGEST_HASHED


def fit_prefix(checkpoint: Checkpoint, names: Sequence[str]) -> dict[str, Tensor]:
    """Return a checkpoint's tensors by the names that an architecture has for them, without prefixes.

    A module that holds the network under a name of its own (``backbone.``, ``encoder.net.``) puts that before every
    name. It is left out where all names of the architecture stand behind one and the same prefix. What stands beside
    them is left out only of what Lightning wrote.
    """
    state = checkpoint.state
    needed = [name for name in names if not name.endswith(COUNTER)]
    if not needed or any(name in state for name in needed):
        return state
    ends = f".{needed[0]}"
    for prefix in sorted(name.removesuffix(needed[0]) for name in state if name.endswith(ends)):
        inside = {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
        if all(name in inside for name in needed) and (checkpoint.lightning or len(inside) == len(state)):
            return inside
    return state


def strip_prefixes(names: Iterable[str]) -> dict[str, str]:
    """Map each name to what is left without the wrappers' prefixes.

    A prefix goes only when every name has it, and as many of them go as there are. The average that
    ``torch.optim.swa_utils.AveragedModel`` keeps has one name more, its count, which is left out.

    Examples
    --------
    >>> strip_prefixes(["module.model.fc.weight", "module.model.fc.bias"])
    {'module.model.fc.weight': 'fc.weight', 'module.model.fc.bias': 'fc.bias'}
    """
    short = {name: name for name in names if name != "n_averaged"}
    while short:
        prefix = next((p for p in PREFIXES if all(s.startswith(p) for s in short.values())), None)
        if prefix is None:
            break
        short = {name: s.removeprefix(prefix) for name, s in short.items()}
    return short


def _foreign(path: Path, start: bytes) -> str:
    """Say what a file is that neither safetensors nor torch.save wrote."""
    if path.suffix == ".safetensors":
        return "is damaged or no safetensors file"
    if start.startswith(b"\x80"):
        return "is a Python pickle that torch.save did not write, so it is not opened"
    return "is not a checkpoint"


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        str(path).encode()
        with safe_open(path, framework="pt", device="cpu") as file:
            # Cloned, because the tensors are views of the mapped file, which may be written anew.
            return {name: file.get_tensor(name).clone() for name in file.keys()}, dict(file.metadata() or {})  # noqa: SIM118
    except UnicodeEncodeError:
        raise BadInput(
            f"{path} is a safetensors file with a path that is not UTF-8, which cannot be opened: "
            "it would work under another name"
        ) from None
    except (SafetensorError, AttributeError, KeyError) as error:
        found = str(error).splitlines()[0].rstrip(".").encode("unicode_escape").decode()
        raise BadInput(f"{path} is a damaged or truncated safetensors file ({found}); {ACCEPTED}") from None


def _inspect_zip(path: Path, size: int) -> bytes:
    """Return the pickle in a torch archive, unread, after refusing what is no archive of weights."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename.rpartition("/")[2]: entry for entry in entries}
            # torch.save stores without compression; a small file that unpacks into a huge one is hostile.
            packed = sum(entry.file_size for entry in entries) > size
            pickled = archive.read(names["data.pkl"]) if "data.pkl" in names and not packed else b""
            if len(pickled) > LARGEST:
                raise ValueError("it says more about its weights than any network has")
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError):
        raise BadInput(f"{path} is a damaged or truncated archive; {ACCEPTED}") from None
    if "constants.pkl" in names:
        raise BadInput(f"{path} is a TorchScript archive, which is a program; {ACCEPTED}")
    if packed:
        raise BadInput(f"{path} is a compressed archive, which torch.save does not write; {ACCEPTED}")
    if "data.pkl" not in names:
        raise BadInput(f"{path} is a zip archive that torch.save did not write; {ACCEPTED}")
    return pickled


def _joined(*parts: object) -> str:
    """Stand in for the paths that Lightning keeps among the hyperparameters of a training: text opens nothing."""
    return "/".join(map(str, parts))


_PATHS = tuple((_joined, f"pathlib{of}.{kind}Path") for of in ("", "._local") for kind in ("Posix", "Windows"))


def _load(path: Path, pickled: bytes) -> Any:
    """Load with PyTorch's restricted unpickler, which builds tensors and plain containers only."""
    try:
        check_pickles(pickled, _LEGACY_PICKLES if pickled.startswith(LEGACY) else 1)
    except pickle.UnpicklingError as error:
        raise BadInput(f"{path} is no file of weights, {error}; {ACCEPTED}") from None
    except ValueError:
        raise BadInput(f"{path} is damaged or truncated; {ACCEPTED}") from None
    try:
        # An open file, because for a path torch.load goes by the ending of its name.
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with torch.serialization.safe_globals(list(_PATHS)):
                return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged pickle can provoke any of them
        if b"_parameters" in pickled and b"_modules" in pickled:
            raise BadInput(f"{path} is a whole pickled module, which would run code; {ACCEPTED}") from None
        named = re.search(r"GLOBAL ([\w.]+)", str(error))
        if named:
            raise BadInput(
                f"{path} holds {named[1]} beside or instead of weights, which would run code; {ACCEPTED}"
            ) from None
        raise BadInput(f"{path} is damaged or truncated; {ACCEPTED}") from None


def _unwrap(path: Path, content: Any) -> tuple[dict[str, Any], dict[str, str], bool]:
    """Find the state dict in what was saved, the metadata beside it, and whether Lightning saved it."""
    metadata: dict[str, str] = {}
    lightning = False
    for _ in range(len(WRAPPERS)):  # bounded, because a pickle may contain itself
        if not isinstance(content, Mapping):
            raise BadInput(f"{path} holds a {type(content).__name__}, expected a state dict; {ACCEPTED}")
        lightning = lightning or "pytorch-lightning_version" in content
        wrapper = next((w for w in WRAPPERS if isinstance(content.get(w), Mapping)), None)
        beside = content.get("metadata")
        for source in (content, beside if isinstance(beside, Mapping) else {}):
            for key in METADATA:
                value = source.get(key)
                # Among the weights themselves, a tensor called "mean" is a buffer of the network.
                if value is not None and not (wrapper is None and isinstance(value, Tensor)):
                    metadata[key] = _as_text(value)
        if wrapper is None:
            break
        content = content[wrapper]
    tensors = {k: v for k, v in content.items() if isinstance(k, str) and isinstance(v, Tensor)}
    if not tensors:
        keys = ", ".join(reprlib.repr(k) for k in list(content)[:5]) or "nothing"
        raise BadInput(f"{path} has no tensors where a state dict is expected, but {keys}; {ACCEPTED}")
    if lightning:  # its module also holds losses and metrics
        inner = {k: v for k, v in tensors.items() if k.startswith(PREFIXES)}
        tensors = inner or tensors
    return tensors, metadata, lightning


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Tensor) and value.numel() <= CLASSES:
        value = value.tolist()
    # Nothing deeper is written out: what holds itself, or one list many times, has no end as text.
    plain = value if isinstance(value, list | tuple) else [value]
    if all(isinstance(each, str | int | float) for each in plain):
        return json.dumps(value)
    return reprlib.repr(value)  # refused, with this text, only if it turns out to be needed


def _clean(path: Path, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Convert floats to float32 and refuse what no classifier's weights are."""
    if not tensors:
        raise BadInput(f"{path} has no tensors; {ACCEPTED}")
    short = strip_prefixes(tensors)
    state: dict[str, Tensor] = {}
    for name in short:
        tensor, shown = tensors[name].detach(), name_shown(name)
        if (tensor.layout, tensor.device.type) != (torch.strided, "cpu") or tensor.is_quantized or tensor.is_nested:
            raise BadInput(f"{path}: {shown} is not a plain dense tensor; {ACCEPTED}")
        if tensor.is_complex():
            raise BadInput(f"{path}: {shown} is complex, expected real weights")
        if tensor.is_floating_point():
            tensor = tensor.to(torch.float32)
            if not torch.isfinite(tensor).all():
                raise BadInput(f"{path}: {shown} holds NaN or infinite weights, expected finite ones in 32 bits")
        state[short[name]] = tensor.contiguous()
    return state
