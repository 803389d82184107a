"""Where the numbers of a run come from: networks, images, seeds, versions, commit, machine, time."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from why_bird.evidence.exhibits import Printed

_PACKAGES = (
    "hypothesis",
    "numpy",
    "pytest",
    "scipy",
    "torch",
    "torchvision",
    "why-bird",
)


@dataclass(frozen=True, slots=True)
class NetworkOrigin(Printed):
    """What the report says about a network; shares are from 0 to 1."""

    hash: str
    """Content hash of its weights and of how it is fed."""
    name: str
    arch: str
    recipe: str | None
    """Name of the training recipe, where known."""
    origin: str
    """``"origin unknown"`` for a checkpoint that does not say."""
    accuracy: float | None
    precision: Literal["fp32", "bf16"] = "fp32"
    equal_labels: float | None = None
    """Of half precision, on the images where it is smallest."""
    fed: str = ""


@dataclass(frozen=True, slots=True)
class ImageOrigin(Printed):
    """What the report says about the image set: its name, content hash, and how it came here."""

    name: str
    hash: str
    origin: str


@dataclass(frozen=True, slots=True)
class InputOrigin(Printed):
    """Where one input of the claims came from, such as ``"noise-B logits of resnet18"``."""

    name: str
    source: Literal["computed now", "cache", "shipped"]


@dataclass(frozen=True, slots=True)
class Machine(Printed):
    """Processor, usable cores and operating system; never the host's name."""

    cpu: str
    cores: int
    os: str


@dataclass(frozen=True, slots=True)
class Provenance(Printed):
    """Where the numbers of a run come from.

    What a field is says ``evidence.schema.json``; `images_passed` counts forward passes of single images.
    """

    networks: tuple[NetworkOrigin, ...]
    images: ImageOrigin | None
    inputs: tuple[InputOrigin, ...]
    seeds: Mapping[str, int]
    versions: Mapping[str, str]
    commit: str | None
    dirty: bool | None
    machine: Machine
    device: str
    start: str
    seconds: float
    images_passed: int


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that the numbers depend on; absent ones are left out."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit(root: Path) -> tuple[str | None, bool | None]:
    """Return the commit of the files below a project's folder, and whether they differ from it.

    Returns
    -------
    sha : str or None
        None without git, or where git does not track these files (an archive unpacked inside another repository).
    is_dirty : bool or None
        Whether a file under `root` is changed, or new and not ignored.
    """
    tracked = _git(root, "ls-files", "--error-unmatch", "--", ".")
    sha = _git(root, "rev-parse", "HEAD")
    # In a submodule git would look for changes by its settings, which may name a program again.
    words = ("--porcelain", "--no-renames", "--ignore-submodules=dirty", "--", ".")
    changes = _git(root, "status", *words, without=_filters(root))
    if tracked is None or sha is None or changes is None:
        return None, None
    return sha.strip(), bool(changes.strip())


def machine() -> Machine:
    """Return what this process runs on."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Machine(_processor(), usable or 1, _system())


def _filters(root: Path) -> tuple[str, ...]:
    """Return the settings of a repository's own that name what its files pass through, and not those of its user."""
    found = _git(root, "config", "-z", "--show-scope", "--name-only", "--get-regexp", r"^filter\.") or ""
    words = found.split("\0")
    return tuple(name for scope, name in zip(words[::2], words[1::2], strict=False) if scope in ("local", "worktree"))


def _git(root: Path, *arguments: str, without: Sequence[str] = ()) -> str | None:
    # Inside a git hook these variables point at another repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # A repository may come from anybody, and its settings name programs: for what is missing, git would ask another
    # repository for it by one of them. Filters are told by variables, where any name can be said.
    environment |= {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1", "GIT_CONFIG_COUNT": str(len(without))}
    for i, name in enumerate(without):
        nothing = "false" if name.endswith(".required") else ""
        environment |= {f"GIT_CONFIG_KEY_{i}": name, f"GIT_CONFIG_VALUE_{i}": nothing}
    harmless = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
    command = ["git", "--no-optional-locks", *harmless, "-C", str(root), *arguments]
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, errors="replace", timeout=30, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return (names[0] if names else "") or platform.processor() or platform.machine() or "unknown"


def _system() -> str:
    # Not platform.platform(): a kernel's release may carry the name of a host or a cloud.
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        name = " ".join((platform.system(), platform.mac_ver()[0] or platform.win32_ver()[0])).strip()
    return f"{name} ({platform.machine()})"
