"""One run on hostile input, and what every refusal has in common."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from asking import HYPOTHESES, Answer, run, verdicts

_FRAME = re.compile(r"ERROR: |[ =!<]|\w+: |to pass: |platform |collected |hypotheses/")
"""How lines begin that pytest and the plan of a run write around what is found."""

CLAIM = "test_bird_does_not_have_the_highest_bias"
"""Judged from the head's weights; the test images pass for its preconditions."""

Refusal = tuple[str, str]
"""What was found, and what would work: words of the one sentence."""


@dataclass(frozen=True)
class Scene:
    """A planted world, and a folder in which one case does its harm.

    Parameters
    ----------
    root : Path
        ``known.safetensors``, ``images`` and a ``cache`` in which one claim of it is judged.
    tmp : Path
    expected : dict of str to str
        What is judged where nothing is wrong.
    """

    root: Path
    tmp: Path
    expected: dict[str, str]

    @property
    def checkpoint(self) -> Path:
        return self.root / "known.safetensors"

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def cache(self) -> Path:
        """What all cases share, to which those that are judged add."""
        return self.root / "cache"

    @property
    def unspoilt(self) -> Path:
        """A copy of the cache in which the one claim is judged and nothing else."""
        return self.root / "unspoilt"

    def ask(
        self,
        *given: object,
        checkpoint: Path | None = None,
        images: Path | None = None,
        cache: Path | None = None,
        network: str | None = "planted_networks:planted",
        select: str | None = CLAIM,
    ) -> Answer:
        """Ask one claim, or all where none is selected."""
        words: list[object] = [HYPOTHESES, f"--checkpoint={checkpoint or self.checkpoint}"]
        words += [f"--network={network}"] if network else []
        words += [f"--images={images or self.images}", f"--evidence-cache={cache or self.cache}"]
        words += ["-k", select] if select else []
        return run(*words, *given, folder=self.tmp / "evidence")

    def refused(self, refusal: Refusal, *given: object, **named: Path | str | None) -> str:
        """Ask, and hold that it is refused with one sentence and that nothing was done."""
        with self.untouched():
            answer = self.ask(*given, **named)  # type: ignore[arg-type]
        return self.check(answer, refusal)

    def check(self, answer: Answer, refusal: Refusal) -> str:
        """Hold that an answer is a refusal with one sentence, and that there is no report."""
        assert answer.code == 4, answer.output
        sentence = answer.complaint
        check_sentence(sentence, refusal)
        # Nothing else is said but what pytest says of itself.
        said = [line for line in answer.output.splitlines() if line and not _FRAME.match(line)]
        assert not said, answer.output
        assert answer.wrote_nothing
        return sentence

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Hold that nothing is written, but for locks, their folders, and what is kept of images and networks."""
        before = _listing(self.root) | _listing(self.tmp)
        yield
        after = _listing(self.root) | _listing(self.tmp)
        assert before.items() <= after.items(), "something was changed or removed"
        # Images whose classes turn out to be others are decoded by then, and kept: their sums are written last.
        kept = {path.parent for path in after if path.name == "sums.json"}
        # So is what was seen of a network that opens, though another is asked for.
        kept |= {path for path in after if path.match("cache/measurements/network-*")}
        new = [path for path in after.keys() - before.keys() if not {path, path.parent} & kept]
        assert [path for path in new if path.suffix != ".lock" and path.is_file()] == []
        assert {path.name for path in new if path.is_dir()} <= {"cache", "images", "measurements"}

    def judged(self, *given: object, **named: Path | str | None) -> dict[str, str]:
        """Ask, and return :meth:`findings`."""
        return self.findings(self.ask(*given, **named))  # type: ignore[arg-type]

    @staticmethod
    def findings(answer: Answer) -> dict[str, str]:
        """Return the verdicts and the estimates of a run, which has to have judged something."""
        assert answer.code in (0, 1), answer.output
        assert "Traceback" not in answer.output
        return verdicts(answer.partial) | {
            f"{claim['id']} estimate": str(claim["estimate"] and claim["estimate"]["value"])
            for claim in answer.partial["claims"]
        }


def outcomes(found: dict[str, str]) -> dict[str, str]:
    """Return the verdicts of what :meth:`Scene.judged` returned."""
    return {name: word for name, word in found.items() if not name.endswith("estimate")}


def check_sentence(sentence: str, refusal: Refusal) -> None:
    """Hold that a sentence is one line, is short, and says what was found and what would work."""
    found, works = refusal
    assert found in sentence
    assert works in sentence
    assert sentence.isprintable()
    assert len(sentence) < 700


def _listing(root: Path) -> dict[Path, tuple[int, int] | None]:
    paths = (Path(folder) / name for folder, below, files in os.walk(root) for name in [*below, *files])
    stats = {path: path.lstat() for path in paths}
    # An older filelock opens its file in a way that counts as written.
    timeless = {path for path in stats if path.is_dir() or path.suffix == ".lock"}
    return {p: None if p in timeless else (stat.st_size, stat.st_mtime_ns) for p, stat in stats.items()}


_CAPABILITIES_3 = 0x20080522
_OVERRIDES_PERMISSIONS = 0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH


@contextmanager
def bound_by_permissions() -> Iterator[None]:
    """Take from this thread what lets root read and write any file; others are bound as they are."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; then their upper halves
    if not hasattr(libc, "capset") or libc.capget(header, sets) != 0:
        pytest.skip("root cannot be bound by permissions here")
    bound = (ctypes.c_uint32 * 6)(*sets)
    bound[0] &= ~_OVERRIDES_PERMISSIONS
    assert libc.capset(header, bound) == 0
    try:
        yield
    finally:
        assert libc.capset(header, sets) == 0


@contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    """Give a file or folder other permissions for a while, by which root is bound too."""
    before = path.stat().st_mode
    path.chmod(bits)
    try:
        with bound_by_permissions():
            yield
    finally:
        path.chmod(before)
