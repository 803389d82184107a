"""The numbers that are kept of a network are those of the answers that it gave."""

import numpy as np
import pytest
from torch import nn

from why_bird.errors import Unavailable
from why_bird.evidence.replicates import ReplicateNetwork, arm_of, numbers_of
from why_bird.measure.passes import Answers
from why_bird.measure.subject import Subject
from why_bird.networks.network import Network
from why_bird.networks.preprocess import Preprocess

CLASSES = ("bird", "cat", "frog")


def says(labels, truth=None):
    """Return answers with these predictions."""
    logits = np.eye(3, dtype=np.float32)[labels] * 3 - 1
    return Answers(logits, None, None if truth is None else np.array(truth))


def subject(metadata=None, test=None):
    """Return a subject whose answers are known, so that nothing has to pass through it."""
    preprocess = Preprocess(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0), size=8)
    said = metadata or {}
    network = Network("net", nn.Identity(), "none", None, preprocess, CLASSES, "abc", None, said, (), "cpu")
    asked, before = Subject(network, None, None), Subject(network, None, None)
    asked.made |= {Subject.noise_a: says([0, 0, 0, 2]), Subject.noise: says([0, 2, 2, 2, 2])}
    # Of the birds one in two is recalled, of the cats all, of the frogs one in three.
    asked.made[Subject.test_images] = test or says([0, 1, 1, 0, 1, 2], [0, 0, 1, 2, 2, 2])
    asked.untrained = before
    before.made[Subject.noise_a] = says([1, 1, 0])
    return asked


def test_predictions_are_counted_by_draw_with_every_class_named():
    assert numbers_of(subject()).noise == {
        "A": {"bird": 3, "cat": 0, "frog": 1},
        "B": {"bird": 1, "cat": 0, "frog": 4},
        "A before training": {"bird": 1, "cat": 2, "frog": 0},
    }
    assert numbers_of(subject()).collapse == ("bird", 0.75)


def test_recall_is_the_share_of_each_class_and_accuracy_of_all():
    found = numbers_of(subject())
    assert found.recall == {"bird": 0.5, "cat": 1.0, "frog": pytest.approx(1 / 3)}
    assert found.accuracy == 0.5


def test_numbers_are_plain_so_that_they_can_be_written():
    found = numbers_of(subject({"seed": "7"}))
    assert isinstance(found, ReplicateNetwork)
    assert {type(n) for counts in found.noise.values() for n in counts.values()} == {int}
    assert {type(share) for share in [found.accuracy, *found.recall.values()]} == {float}
    assert (found.network, found.name, found.seed) == ("abc", "net", 7)


@pytest.mark.parametrize(
    ("metadata", "arm"), [({}, "plain"), ({"arm": "plain"}, "plain"), ({"arm": "detail:bird"}, "detail:bird")]
)
def test_the_arm_is_what_the_file_says_and_plain_where_it_says_nothing(metadata, arm):
    assert arm_of(subject(metadata)) == arm
    assert numbers_of(subject(metadata)).arm == arm


def test_without_known_classes_there_is_no_recall():
    asked = subject(test=says([0, 1, 2]))
    asked.made[Subject.accuracy] = 0.5
    with pytest.raises(Unavailable, match="the classes of these images are not known"):
        numbers_of(asked)
