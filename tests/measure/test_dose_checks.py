"""The checks of the dose experiments pass on a sound one, and each catches what it is there for."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from dose_networks import NOISE, Linear, Rough, asking, network
from torch import nn

from why_bird.images import doses as images_doses
from why_bird.measure.dose_checks import dose_checks, measure_dose_zero


@pytest.fixture
def ask(tmp_path):
    return asking(tmp_path)


def test_the_checks_pass_on_a_sound_experiment(ask):
    for experiment in ("border", "whole"):
        checks = dose_checks(ask(Linear(), experiment)[0])
        assert [check.passed for check in checks] == [True] * 3
        assert checks[0].detail == "largest RMS change 0"


def scaled(doses, factors):
    return replace(doses, realised=doses.realised * np.array(factors))


@pytest.mark.parametrize(
    ("alter", "caught"),
    [
        (lambda r: replace(r, realised=r.realised + np.array([1e-9, 0, 0, 0])), [0]),
        (lambda r: scaled(r, [1, 1, 1.001, 1]), [1]),
        (lambda r: scaled(r, [1, 1, 0.5, 1]), [1, 2]),
        (lambda r: scaled(r, [1, 1, np.nan, 1]), [1, 2]),
        (lambda r: replace(r, full=r.full * 0), [0, 1, 2]),
    ],
    ids=["dose 0", "off by a thousandth", "no growth", "not a number", "none used"],
)
def test_each_check_catches_what_it_is_there_for(ask, alter, caught):
    checks = dose_checks(alter(ask(Linear())[0]))
    assert [i for i, check in enumerate(checks) if not check.passed] == caught


def test_clipping_is_caught(ask, monkeypatch):
    right = images_doses._dosed
    monkeypatch.setattr(images_doses, "_dosed", lambda *given: np.clip(right(*given), 0, 1))
    checks = dose_checks(ask(Linear(), "whole")[0])
    assert [check.passed for check in checks] == [True, False, True]


def test_dose_0_moves_no_logit():
    assert measure_dose_zero(network(Rough()), NOISE, 4) == 0


def test_a_dose_0_that_changes_the_last_bit_is_caught(monkeypatch):
    right = images_doses._dosed
    monkeypatch.setattr(images_doses, "_dosed", lambda *given: np.nextafter(right(*given), np.float32(2)))
    assert measure_dose_zero(network(Linear()), NOISE, 4) > 0


def test_a_network_that_answers_at_random_is_caught():
    module = nn.Sequential(Linear(), nn.Dropout())
    net = network(module)
    net.module.train()
    torch.manual_seed(0)
    assert measure_dose_zero(net, NOISE, 4) > 0
