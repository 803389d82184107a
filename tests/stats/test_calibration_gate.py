"""The gate's error rates; with `-m nightly` at full size, for `docs/calibration.md`."""

from dataclasses import replace

import pytest

from .calibration_gate import EFFECTS, WORLDS, Red, drifted, level_classes, margin, unchanged
from .calibration_gate_page import EXPECTED, MOST_RED, gate_row, section
from .calibration_page import ROW

FAST = [replace(world, count=1) for world in WORLDS if not world.is_slow]
SLOW = [replace(world, count=1) for world in WORLDS if world.is_slow]


@pytest.mark.parametrize(("worlds", "runs"), [(FAST, 1_000), (SLOW, 20)], ids=["fast", "slow"])
def test_an_unchanged_network_is_not_red(worlds, runs):
    held, any_red = unchanged(runs, worlds)
    # None is expected in a million: 5.7 and 3.7 standard errors together.
    assert any_red == 0
    # It is no dead gauge: some are left open.
    assert sum(each.amber for each in held) > 0 or worlds is SLOW


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_a_drift_by_three_margins_is_red(world):
    # A share of .52 cannot fall by three margins of .2.
    found = drifted(world, (2 if world.claims == "P6" else 3) * margin(world), 20 if world.is_slow else 200)
    assert found.red / found.runs > 0.95


def test_a_reversed_verdict_is_red_where_its_drift_alone_would_be_amber():
    ratio = next(world for world in WORLDS if world.claims == "X2")
    # .44 of .5 is confirmed, and .56 rejected; Δ is half of the planned effect of .25.
    found = drifted(ratio, 0.48, 200)
    assert found.red / found.runs > 0.95
    assert 2 * margin(ratio) > 0.48


def test_level_classes_are_not_red():
    found = level_classes(1_000)
    assert found.red == 0
    assert 300 < found.amber < 700  # by hand: half of all pairs of runs choose different ones


def test_the_section_says_what_was_found():
    figures = {("any", 0): level_classes(20), ("level", 0): level_classes(20)}
    held, _ = unchanged(2, WORLDS)
    figures |= {("unchanged", i): each for i, each in enumerate(held)}
    figures |= {(f"drifted by {by}", i): each for by in EFFECTS for i, each in enumerate(held)}
    assert len(figures) == EXPECTED
    page = section(figures)
    assert all(world.name in page for world in WORLDS)
    assert "{" not in page


@pytest.mark.nightly
@pytest.mark.timeout(0)
def test_unchanged_at_full_size(record_property):
    held, any_red = unchanged(10_000, WORLDS)
    for i, each in enumerate(held):
        record_property(ROW, gate_row("unchanged", i, each))
    record_property(ROW, gate_row("any", 0, Red(10_000, any_red, 0)))
    record_property(ROW, gate_row("level", 0, level_classes(10_000)))
    assert any_red / 10_000 < MOST_RED


@pytest.mark.nightly
@pytest.mark.timeout(0)
@pytest.mark.parametrize("by", EFFECTS)
@pytest.mark.parametrize("place", range(len(WORLDS)), ids=[world.name for world in WORLDS])
def test_drifted_at_full_size(place, by, record_property):
    try:
        found = drifted(WORLDS[place], by, 1_000)
    except ValueError:
        found = Red(0, 0, 0)
    record_property(ROW, gate_row(f"drifted by {by}", place, found))
