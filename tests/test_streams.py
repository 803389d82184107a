"""A stream depends on its names and on nothing else."""

import subprocess
import sys

import pytest

from why_bird.streams import generator, stream


def test_golden_streams() -> None:
    """Every shipped measurement on noise stands on these numbers; they may never change."""
    assert stream(0, "noise", "A").generate_state(2).tolist() == [2618618947, 3093190172]
    assert generator(3, "D5", "bootstrap", 2).integers(0, 2**32, 3).tolist() == [3392942707, 108700667, 777265347]


@pytest.mark.parametrize(
    "other", [(1, "noise", "A", 0), (0, "noise", "B", 0), (0, "D5", "A", 0), (0, "noise", "A", 1), (0, "nois", "eA", 0)]
)
def test_any_other_name_is_another_stream(other: tuple[int, str, str, int]) -> None:
    assert stream(*other).generate_state(4).tolist() != stream(0, "noise", "A", 0).generate_state(4).tolist()


def test_a_stream_does_not_remember_who_asked_before() -> None:
    first = generator(5, "noise", "A").random(4).tolist()
    generator(5, "noise", "B").random(1000)
    assert generator(5, "noise", "A").random(4).tolist() == first


def test_a_process_with_another_hash_salt_draws_the_same() -> None:
    code = "from why_bird.streams import generator; print(generator(5, 'noise', 'A').random(3).tolist())"
    drawn = {
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": salt, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    }
    assert drawn == {f"{generator(5, 'noise', 'A').random(3).tolist()}\n"}


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        stream(-1, "noise", "A")
