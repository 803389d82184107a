"""Figures are kept from run to run, and only those that still are of something."""

import json

import pytest

from . import calibration_record
from .calibration_gate import WORLDS, Red
from .calibration_gate_page import gate_row
from .calibration_page import row
from .calibration_record import kept
from .calibration_scenarios import SCENARIOS


def found(count):
    return row(SCENARIOS[0], "false confirm", 0.025, count, 10_000, 310)


def test_a_part_that_is_made_anew_leaves_the_rest(tmp_path):
    path = tmp_path / "calibration.json"
    gate = gate_row("drifted by 2", WORLDS[2].name, Red(200, 190, 7))
    other = row(SCENARIOS[1], "coverage", 0.025, 9_700, 10_000, 0.9417)
    assert kept(path, [found(200), other]) == [found(200), other]
    assert set(kept(path, [found(210), gate])) == {found(210), other, gate}
    assert set(kept(path, [])) == {found(210), other, gate}
    # What the gate is no longer asked goes, and so do the figures of a world that has gone or is another one now.
    gone = [("drifted by 3", WORLDS[2].name), ("drifted by 2", "Clopper–Pearson, .9 of 7")]
    assert set(kept(path, [gate_row(*each, Red(200, 190, 7)) for each in gone])) == {found(210), other, gate}


def test_a_scenario_that_has_gone_takes_its_figures_along_and_one_that_moved_keeps_them(tmp_path, monkeypatch):
    path = tmp_path / "calibration.json"
    last = row(SCENARIOS[-1], "coverage", 0.025, 9_600, 10_000, 0.9417)
    kept(path, [found(200), last])
    monkeypatch.setattr(calibration_record, "SCENARIOS", SCENARIOS[1:])
    assert kept(path, []) == [(len(SCENARIOS) - 2, *last[1:])]
    assert str(SCENARIOS[0]) not in path.read_text(encoding="utf-8")


def test_figures_at_an_error_rate_that_no_claim_has_any_more_go(tmp_path):
    path = tmp_path / "calibration.json"
    then = row(SCENARIOS[0], "false confirm", 0.0042, 3, 100_000, 70)
    assert kept(path, [found(200), then]) == [found(200)]
    assert "0.0042" not in path.read_text(encoding="utf-8")


def test_figures_of_other_versions_do_not_count(tmp_path, monkeypatch):
    path = tmp_path / "calibration.json"
    kept(path, [found(200)])
    monkeypatch.setattr(calibration_record, "versions", lambda: "numpy 99")
    assert kept(path, []) == []
    assert json.loads(path.read_text(encoding="utf-8"))["versions"] == "numpy 99"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_no_two_scenarios_have_one_name(scenario):
    assert [str(each) for each in SCENARIOS].count(str(scenario)) == 1
