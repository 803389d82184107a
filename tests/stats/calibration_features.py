"""Worlds that were not made up: features and answers of the shipped networks, as if they were all there is."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from why_bird.measure.classifier import Classifier
from why_bird.measure.dimension.participation import (
    ParticipationRatio,
    directional_participation,
    log_ratio,
    participation_ratio,
)
from why_bird.measure.dimension.reach import REACH, class_reach
from why_bird.measure.dimension.subspace import fit_subspaces, refitted_residuals
from why_bird.measure.geometry import Geometry
from why_bird.measure.inputs import Inputs, read_identity
from why_bird.measure.one_point import measure_constant_share
from why_bird.measure.proximity import bottleneck, measure_proximity
from why_bird.measure.shuffled import confusion_table, informedness, informedness_contrasts
from why_bird.measure.store import Store
from why_bird.measure.two_class import TwoClass
from why_bird.networks.opening import open_network
from why_bird.shipped import REFERENCE
from why_bird.stats import Estimate, ReachDifference, ShareWithin, jackknife

from .calibration_scenario import Draw, Scenario

__all__ = ["FEATURES", "FROG", "TRUCK", "dimensions", "shuffled", "within"]

AIRPLANE, AUTOMOBILE, BIRD, FROG, TRUCK = 0, 1, 2, 6, 9
Pool = tuple[np.ndarray, ...]


@cache
def shipped(name: str) -> Any:
    # A cache that does not exist: whatever is read comes from what is shipped.
    store, inputs = Store(REFERENCE / "no-cache", REFERENCE), Inputs(read_identity(REFERENCE / "images.json"), None)
    kind = TwoClass if name == "cat-dog" else Classifier
    return kind(open_network(REFERENCE / f"{name}.safetensors"), inputs, store)


@cache
def pool(name: str, directions: int) -> Pool:
    """Return the features of each class and, last, of noise, in so many of their first principal directions."""
    subject = shipped(name)
    test, noise = subject.test_images, subject.noise.features.astype(np.float64)
    groups = [test.features[test.truth == c].astype(np.float64) for c in range(len(subject.classes))]
    everything = np.concatenate([*groups, noise])
    mean = everything.mean(0)
    _, vectors = np.linalg.eigh(np.cov(everything, rowvar=False))
    return tuple((group - mean) @ vectors[:, -directions:] for group in (*groups, noise))


def drawn(rng: np.random.Generator, group: np.ndarray, n: int) -> np.ndarray:
    return group[rng.integers(len(group), size=n)]


def spread(points: np.ndarray, *, lengths: bool) -> float:
    """Return the participation ratio of all there is: no pair is left out and nothing is corrected."""
    return (participation_ratio if lengths else directional_participation)(points).plain


def dimensions(name: str, first: int, second: int, n: int, *, lengths: bool = False) -> tuple[Draw, float]:
    ratio: Callable[[np.ndarray], ParticipationRatio] = participation_ratio if lengths else directional_participation
    groups = pool(name, 60)

    def sample(rng: np.random.Generator) -> Estimate:
        value, replicates = log_ratio(ratio(drawn(rng, groups[first], n)), ratio(drawn(rng, groups[second], n)))
        return jackknife(value, replicates, "images")

    return sample, float(np.log(spread(groups[first], lengths=lengths) / spread(groups[second], lengths=lengths)))


def within(other: int, images: int, noise: int) -> tuple[Draw, float]:
    groups = pool("resnet18", 60)

    def inside(own: np.ndarray) -> np.ndarray:
        distances = np.sort(np.linalg.norm(own - own.mean(0), axis=1))
        return np.linalg.norm(groups[-1] - own.mean(0), axis=1) <= distances[round(REACH * len(own)) - 1]

    def sample(rng: np.random.Generator) -> Estimate:
        some = drawn(rng, groups[-1], noise)
        reach = [class_reach(drawn(rng, groups[c], images), some) for c in (BIRD, other)]
        parts = [ShareWithin(tuple(each.noise), tuple(each.images), each.shift, REACH, "images") for each in reach]
        return ReachDifference(*parts)

    return sample, float(inside(groups[BIRD]).mean() - inside(groups[other]).mean())


def one_point(images: int, noise: int) -> tuple[Draw, float]:
    *classes, all_noise = pool("resnet18", 30)
    centre = np.mean([group.mean(0) for group in classes], axis=0)

    def constant(group: np.ndarray) -> float:
        return float(((group.mean(0) - centre) ** 2).sum() / ((group - centre) ** 2).sum(1).mean())

    def sample(rng: np.random.Generator) -> Estimate:
        features = np.concatenate([drawn(rng, group, images) for group in classes])
        labels = np.repeat(np.arange(len(classes)), images)
        found = measure_constant_share(features, labels, drawn(rng, all_noise, noise), drawn(rng, all_noise, noise))
        value = float(found.shares[-1] - found.shares[AUTOMOBILE])
        return jackknife(value, [each[:, -1] - each[:, AUTOMOBILE] for each in found.replicates], "images")

    return sample, constant(all_noise) - constant(classes[AUTOMOBILE])


def tree(images: int, noise: int) -> tuple[Draw, float]:
    *classes, all_noise = pool("resnet18", 30)

    def graph(groups: list[np.ndarray], some: np.ndarray) -> Any:
        labels = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        return measure_proximity(np.concatenate(groups), labels, some)

    def slack(distances: np.ndarray) -> np.ndarray:
        return bottleneck(distances, len(classes), BIRD) - distances[..., len(classes), BIRD]

    def sample(rng: np.random.Generator) -> Estimate:
        found = graph([drawn(rng, group, images) for group in classes], drawn(rng, all_noise, noise))
        return jackknife(float(slack(found.distances)), [slack(each) for each in found.replicates], "images")

    return sample, float(slack(graph(classes, all_noise).distances))


def shuffled(other: int, images: int) -> tuple[Draw, float]:
    answers, names = shipped("resnet18").shuffled, shipped("resnet18").classes
    table = confusion_table(answers.labels, answers.truth, len(names))
    shares = table / table.sum(1, keepdims=True)
    informed = informedness(table)

    def sample(rng: np.random.Generator) -> Estimate:
        counts = np.stack([rng.multinomial(images, row) for row in shares])
        found = informedness_contrasts(counts, BIRD, names)[names[other]]
        return jackknife(found.value, found.replicates, "images")

    return sample, float(informed[BIRD] - informed[other])


def nearer(other: int, images: int, noise: int) -> tuple[Draw, float]:
    groups = pool("resnet18", 60)

    def fit(own: np.ndarray, others: np.ndarray, some: np.ndarray) -> Geometry:
        points, labels = np.concatenate([own, others]), np.repeat([0, 1], [len(own), len(others)])
        subspaces = fit_subspaces(points, labels)
        return Geometry({}, subspaces.residuals(some), refitted_residuals(subspaces, points, labels, some))

    def sample(rng: np.random.Generator) -> Estimate:
        some = drawn(rng, groups[-1], noise)
        found = fit(drawn(rng, groups[BIRD], images), drawn(rng, groups[other], images), some)
        return jackknife(*found.nearer(0, 1), "images")

    return sample, fit(groups[BIRD], groups[other], groups[-1]).nearer(0, 1)[0]


JK, REACHES = "jackknife t", "shares within a radius"
_WORLDS = {
    "bird against truck when shuffled, n = 30 a class": shuffled(TRUCK, 30),
    "bird against airplane when shuffled, n = 200 a class": shuffled(AIRPLANE, 200),
    "noise on one point, n = 100 a class": one_point(100, 200),
    "the spanning tree, n = 100 a class": tree(100, 200),
    "directions of bird and airplane, n = 300 each": dimensions("resnet18", BIRD, AIRPLANE, 300),
    "directions of cat and dog, n = 300 each": dimensions("cat-dog", 0, 1, 300),
}
# Why directions are counted: with the lengths one cat of a thousand carries most of the error.
_FAR = dimensions("cat-dog", 0, 1, 300, lengths=True)
_WITHIN = within(FROG, 400, 500)
FEATURES = [
    *[Scenario(JK, f"shipped: {name}", *world, fast=False) for name, world in _WORLDS.items()],
    Scenario(JK, "shipped: lengths and all of cat and dog, n = 300 each", *_FAR, held=False, fast=False),
    Scenario(REACHES, "shipped: noise in bird and not in frog, n = 400 and 500", *_WITHIN, fast=False),
    Scenario(JK, "shipped: subspaces of bird and frog, n = 300 each", *nearer(FROG, 300, 300), fast=False),
]
