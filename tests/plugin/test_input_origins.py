"""A report says of each measurement what it is of, and where it came from."""

import pytest

from why_bird.fixtures.input_origins import input_origins
from why_bird.measure.entry import Key
from why_bird.measure.inputs import ImageIdentity
from why_bird.measure.store import Receipt

IDENTITY = ImageIdentity("images", "aaa", "bbb", ("cat", "dog"), (0.5, 0.5, 0.5), (0.2, 0.2, 0.2))
NETWORKS = {"n1": "resnet18"}
NOISE = {"family": "gaussian", "role": "A", "params": {"beta": None, "clip": "none"}}
SMOOTH = {"family": "spectral", "role": "B", "params": {"beta": 2.0, "clip": "clip"}}


def receipt(measure, parts, origin="cache"):
    return Receipt(Key(measure, 1, parts), origin, 0, 0.0)


def named(parts, measure="forward"):
    (found,) = input_origins([receipt(measure, parts)], NETWORKS, IDENTITY)
    return found.name


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ({"network": "n1", "images": NOISE}, "forward of gaussian noise A, resnet18"),
        ({"network": "n1", "images": SMOOTH}, "forward of spectral noise B (beta 2), clip, resnet18"),
        ({"network": "n1", "images": {"settings": 2}}, "forward of 2 settings of noise, resnet18"),
        ({"network": "n1", "images": {"images": "aaa", "at_most": 9}}, "forward of the training images, resnet18"),
        ({"network": "n1", "images": {"images": "bbb"}}, "forward of the test images, resnet18"),
        ({"network": "other", "images": "bbb"}, "forward of the test images, untrained twin"),
        ({"images": "aaa", "codec": "png"}, "forward of the training images"),
        ({"images": "ccc"}, "forward of images"),
        (
            {"network": "n1", "images": {"test": {"images": "bbb"}, "noise_a": NOISE}},
            "forward of the test images, resnet18",
        ),
        ({"network": "n1"}, "forward, resnet18"),
    ],
)
def test_a_measurement_is_named_by_what_went_in(parts, name):
    assert named(parts) == name


def test_of_several_workers_the_one_that_computed_it_counts():
    receipts = [
        receipt(key, {}, origin)
        for key, origin in (("b", "cache"), ("a", "shipped"), ("b", "computed"), ("b", "cache"))
    ]
    found = input_origins(receipts, NETWORKS, IDENTITY)
    assert [(each.name, each.source) for each in found] == [("a", "shipped"), ("b", "computed now")]
