"""The gate's error rates; with `-m nightly` at full size, for `docs/calibration.md`."""

from dataclasses import replace

import numpy as np
import pytest

from why_bird.evidence.margin import planned_distance

from .calibration_gate import NETWORKS, WORLDS, Red, drifted, level_classes, networks_rates, unchanged
from .calibration_gate_page import EXPECTED, LEAST_RED, MOST_RED, gate_row, section
from .calibration_page import ROW

FAST = [replace(world, count=1) for world in WORLDS if not world.is_slow]
SLOW = [replace(world, count=1) for world in WORLDS if world.is_slow]


@pytest.mark.parametrize(("worlds", "runs"), [(FAST, 1_000), (SLOW, 20)], ids=["fast", "slow"])
def test_an_unchanged_network_is_not_red(worlds, runs):
    held, any_red = unchanged(runs, worlds)
    # None is expected in a million: 5.7 and 3.7 standard errors together.
    assert any_red == 0
    # It is no dead gauge: some are left open at first.
    assert sum(each.looked_again + each.amber for each in held) > 0 or worlds is SLOW


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_a_drift_by_twice_the_margin_is_red(world):
    found, margin = drifted(world, 20 if world.is_slow else 200)
    assert found.red / found.runs > (LEAST_RED if world.on_noise else 0.9)
    estimate = world.look(np.random.default_rng(0), world.truth, 1)
    assert margin >= planned_distance(estimate.scale, world.threshold, world.side) / 2


def test_level_classes_are_not_red():
    found = level_classes(1_000)
    assert found.red == 0
    assert 300 < found.amber < 700  # by hand: half of all pairs of runs choose different ones


@pytest.mark.parametrize(("accepted", "new"), NETWORKS)
def test_networks_of_one_recipe_are_not_red(accepted, new):
    same, moved = networks_rates(accepted, new, 100)
    assert same.red <= 1
    assert moved.red > same.red


def test_the_section_says_what_was_found():
    figures = {("any", 0): (0.0, level_classes(20)), ("level", 0): (0.0, level_classes(20))}
    held, _ = unchanged(2, WORLDS)
    figures |= {("unchanged", i): (0.0, each) for i, each in enumerate(held)}
    figures |= {("drifted", i): (0.5, each) for i, each in enumerate(held)}
    for i, (accepted, new) in enumerate(NETWORKS):
        same, moved = networks_rates(accepted, new, 5)
        figures |= {("networks", i): (0.0, same), ("networks drifted", i): (0.0, moved)}
    assert len(figures) == EXPECTED
    page = section(figures)
    assert all(world.name in page for world in WORLDS)
    assert "{" not in page


@pytest.mark.nightly
@pytest.mark.timeout(0)
def test_unchanged_at_full_size(record_property):
    held, any_red = unchanged(10_000, WORLDS)
    for i, each in enumerate(held):
        record_property(ROW, gate_row("unchanged", i, 0.0, each))
    record_property(ROW, gate_row("any", 0, 0.0, Red(10_000, any_red, 0, 0)))
    record_property(ROW, gate_row("level", 0, 0.0, level_classes(10_000)))
    assert any_red / 10_000 < MOST_RED


@pytest.mark.nightly
@pytest.mark.timeout(0)
@pytest.mark.parametrize("place", range(len(WORLDS)), ids=[world.name for world in WORLDS])
def test_drifted_at_full_size(place, record_property):
    found, margin = drifted(WORLDS[place], 4_000)
    record_property(ROW, gate_row("drifted", place, margin, found))
    assert found.red / found.runs > LEAST_RED


@pytest.mark.nightly
@pytest.mark.timeout(0)
@pytest.mark.parametrize("place", range(len(NETWORKS)))
def test_networks_at_full_size(place, record_property):
    same, moved = networks_rates(*NETWORKS[place], 4_000)
    record_property(ROW, gate_row("networks", place, 0.0, same))
    record_property(ROW, gate_row("networks drifted", place, 0.0, moved))
    assert same.red / same.runs < MOST_RED
