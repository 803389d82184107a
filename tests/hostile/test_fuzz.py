"""Any bytes are read or refused in one sentence: what was found once is kept, and every night looks for more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_values import read_or_refused
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from why_bird.evidence.accepted import read_accepted, read_baseline
from why_bird.evidence.register import read_register
from why_bird.evidence.replicates import read_replicates
from why_bird.images.cifar import find_batches
from why_bird.networks.architectures import choose_arch, choose_stem
from why_bird.networks.checkpoint import read_checkpoint
from why_bird.networks.classes import choose_classes
from why_bird.networks.manifest import MANIFEST, networks_in
from why_bird.networks.preprocess import choose_preprocess

CORPUS = Path(__file__).with_name("corpus")
EXAMPLES = 5_000
"""Of each reader and night: some minutes."""


def checkpoint(path: Path) -> object:
    """Read weights, and all that is made of the words beside them."""
    found = read_checkpoint(path)
    arch = choose_arch(found.metadata)
    said = choose_preprocess(found.metadata), choose_classes(found.metadata, 10)
    return choose_stem(arch, found.state, found.metadata), said


def manifest(path: Path) -> object:
    path.rename(path.with_name(MANIFEST))
    return networks_in(path.parent)


def batches(path: Path) -> object:
    """Read the bytes as the first of CIFAR-10's batches, and as the names of its classes."""
    root = path.parent
    for name in ("data_batch_1", "batches.meta"):
        (root / name).write_bytes(path.read_bytes())
    for name in ("data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"):
        (root / name).touch()
    read_or_refused(lambda: find_batches(root))
    (root / "batches.meta").write_bytes((CORPUS / "batches" / "names").read_bytes())
    return next(find_batches(root).read("train"))


READERS: dict[str, Callable[[Path], object]] = {
    "safetensors": checkpoint,
    "torch": checkpoint,
    "register": read_register,
    "accepted": read_accepted,
    "evidence": read_baseline,
    "replicates": read_replicates,
    "manifest": manifest,
    "batches": batches,
}
KEPT = sorted(path for path in CORPUS.glob("*/*") if path.is_file())

TOKENS = (
    b"\0" * 8, b"\xff" * 8, b"\x7f" + b"\xff" * 7, b"1e999", b"NaN", b"9" * 5000, b"-1", b"null", b'""', b"[" * 3000,
    b"]", b"{", b"\x1b[31m", "\u202e".encode(), b"\xed\xa0\x80", b"../../../etc/passwd", b"/dev/zero", b"x" * 100_000,
    b"\\ud800", b"0", b'"a\\nb"',
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """Return a kept example with some of its bytes cut, repeated, replaced, or taken from another."""
    content = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        start, stop = sorted(draw(st.integers(0, len(content))) for _ in range(2))
        other = draw(st.sampled_from(seeds))
        middle = draw(
            st.sampled_from([b"", 2 * content[start:stop], other[start:stop], *TOKENS]) | st.binary(max_size=4)
        )
        content = content[:start] + middle + content[draw(st.sampled_from([start, stop])) :]
    return content


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_is_kept_is_read_or_refused(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(kept.read_bytes())
    read_or_refused(lambda: READERS[kept.parent.name](tmp_path / "given"))


@pytest.mark.nightly
@pytest.mark.parametrize("reader", READERS)
def test_nothing_else_gets_in(reader: str, tmp_path: Path) -> None:
    last = b""

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=False, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(damaged([path.read_bytes() for path in KEPT if path.parent.name == reader]))
    def hold(content: bytes) -> None:
        nonlocal last
        last = content
        (tmp_path / "given").write_bytes(content)
        read_or_refused(lambda: READERS[reader](tmp_path / "given"))

    try:
        hold()
    except BaseException:
        # The smallest that was found comes last. It is kept, and asked in every run of the tests.
        (CORPUS / reader / f"found-{hashlib.sha256(last).hexdigest()[:12]}").write_bytes(last)
        raise
