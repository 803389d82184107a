"""Which images the dose experiments ask, and how their answers are stored."""

from dataclasses import replace

import numpy as np
import pytest
from dose_networks import CLASSES, IMAGES, PASSED, TARGET, Linear, Rough, asking, network, passes_of

from why_bird.errors import Unavailable
from why_bird.measure import dose_response as doses_module
from why_bird.measure.dose_response import measure_doses
from why_bird.measure.inputs import NEEDS_IMAGES, Inputs, identify
from why_bird.measure.store import Store


@pytest.fixture
def ask(tmp_path):
    return asking(tmp_path)


def test_the_sample_is_balanced_and_fixed_by_content(monkeypatch):
    monkeypatch.setattr(doses_module, "IMAGES", 23)
    inputs = Inputs(identify(IMAGES), IMAGES)
    chosen = passes_of(inputs, CLASSES, TARGET).border.read().source
    assert np.bincount(chosen.labels, minlength=5).tolist() == [5, 0, 5, 5, 5]
    expected = np.concatenate([IMAGES.test.digests[IMAGES.test.labels == c][:5] for c in (0, 2, 3, 4)])
    np.testing.assert_array_equal(chosen.digests, expected)
    passes = passes_of(inputs, ("elk", "unicorn", "ant"), 0)
    assert np.bincount(passes.border.read().source.labels, minlength=3).tolist() == [0, 0, 12]
    assert (passes.border.count, passes.whole.count) == (12 * 9, 12 * 6)


def test_two_classes_have_no_margin(ask):
    with pytest.raises(Unavailable, match="the network has 2"):
        ask(Linear(2), classes=("ant", "bird"))


def test_without_images_of_another_class_there_is_nothing_to_ask(ask):
    with pytest.raises(Unavailable, match="no test images of another class than ant"):
        ask(Linear(2), classes=("ant", "unicorn"), target=0)


def test_no_image_passes_twice_and_dose_0_is_taken_from_the_test_images(ask):
    _, _, store = ask(Linear())
    PASSED.clear()
    one, _, store = ask(Linear(), "whole", store=store)
    passed = PASSED[: -len(IMAGES.test)]  # the last ones serve the standard deviations
    assert len(passed) == len(set(passed)) == 48 * 6
    counts = {receipt.key.measure: 0 for receipt in store.ledger}
    for receipt in store.ledger:
        counts[receipt.key.measure] += receipt.images
    assert counts == {"forward": len(IMAGES.test), "doses": 48 * (9 + 6)}
    other, _, _ = ask(Linear(), "whole", store=Store(store.cache, None))
    assert len(PASSED) == len(IMAGES.test)
    np.testing.assert_array_equal(one.logits, other.logits)


def test_what_is_shipped_judges_without_images(ask, tmp_path):
    computed, _, store = ask(Rough())
    store.export([receipt.key for receipt in store.ledger], tmp_path / "reference")
    offline = Store(tmp_path / "other", tmp_path / "reference")
    passes = passes_of(Inputs(identify(IMAGES), None, seed=9), CLASSES, TARGET)
    shipped = measure_doses(network(Rough()), passes.border, passes.test).get(offline)
    for name in ("logits", "truth", "digests", "full", "realised", "outside"):
        np.testing.assert_array_equal(getattr(shipped, name), getattr(computed, name))
    assert shipped.conditions == computed.conditions
    with pytest.raises(Unavailable) as caught:
        measure_doses(network(Rough()), passes.whole, passes.test).get(offline)
    assert str(caught.value) == NEEDS_IMAGES


def test_whatever_decides_the_answers_is_in_the_key():
    inputs = Inputs(identify(IMAGES), IMAGES, seed=9)
    net = network(Linear())
    keys = [
        each.key(net).name
        for passes in (
            passes_of(inputs, CLASSES, TARGET),
            passes_of(inputs, CLASSES, 2),
            passes_of(replace(inputs, seed=10), CLASSES, TARGET),
        )
        for each in (passes.border, passes.whole)
    ]
    assert len(set(keys)) == len(keys)
