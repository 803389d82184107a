"""The distance graph: against a second implementation, its symmetries, and planted truths."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cosine

from why_bird.errors import Unavailable
from why_bird.measure.group_means import group_means
from why_bird.measure.proximity import bottleneck, log_strength, measure_proximity, spanning_tree

LABELS = np.repeat([0, 1, 2], [4, 5, 6])
SEEDS = st.integers(0, 10_000)
CENTRED = pytest.mark.parametrize("centred", [True, False], ids=["centred", "raw"])
QUICK = settings(max_examples=25)


def features(seed, width=6):
    """Return positive features of three classes and of noise, as after a ReLU."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0.5, 3, (4, width))
    images = rng.gamma(2.0, 0.3, (15, width)) + centres[LABELS]
    return images, rng.gamma(2.0, 0.3, (7, width)) + centres[3]


def written_out(groups, *, centred):
    means = [group.mean(0) for group in groups]
    origin = np.mean(means[:-1], axis=0) if centred else 0
    n = len(means)
    d = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            d[i, j] = d[j, i] = cosine(means[i] - origin, means[j] - origin) / 2
    return d


def random_graph(seed, nodes, *, levels=None):
    """Return a complete graph; with levels, distances repeat and some are zero."""
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.integers(0, levels, (nodes, nodes)) / 4 if levels else rng.random((nodes, nodes)), 1)
    return upper + upper.T


@CENTRED
def test_distances_are_those_of_scipy(centred):
    images, noise = features(1)
    graph = measure_proximity(images, LABELS, noise, centred=centred)
    groups = [*(images[c == LABELS] for c in range(3)), noise]
    np.testing.assert_allclose(graph.distances, written_out(groups, centred=centred), atol=1e-14)
    assert graph.noise == 3


@CENTRED
def test_replicates_leave_each_image_out_for_real(centred):
    images, noise = features(2)
    graph = measure_proximity(images, LABELS, noise, centred=centred)
    groups = [*(images[c == LABELS] for c in range(3)), noise]
    assert [len(r) for r in graph.replicates] == [4, 5, 6, 7]
    for g, replicate in enumerate(graph.replicates):
        for i in range(len(groups[g])):
            fewer = [np.delete(group, i, axis=0) if j == g else group for j, group in enumerate(groups)]
            np.testing.assert_allclose(replicate[i], written_out(fewer, centred=centred), atol=1e-13)


@CENTRED
@QUICK
@given(SEEDS)
def test_distances_are_distances(centred, seed):
    images, noise = features(seed)
    d = measure_proximity(images, LABELS, noise, centred=centred).distances
    np.testing.assert_allclose(d, d.T, atol=1e-15)
    assert d.min() >= 0
    assert d.max() <= 1
    np.testing.assert_allclose(np.diag(d), 0, atol=1e-15)


@CENTRED
@QUICK
@given(SEEDS, st.floats(1e-3, 1e3))
def test_scaling_rotating_and_permuting_units_change_nothing(centred, seed, scale):
    images, noise = features(seed)
    rng = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    order = rng.permutation(6)
    plain = measure_proximity(images, LABELS, noise, centred=centred).distances
    for change in (lambda f: f * scale, lambda f: f @ rotation, lambda f: f[:, order]):
        changed = measure_proximity(change(images), LABELS, change(noise), centred=centred).distances
        np.testing.assert_allclose(changed, plain, atol=1e-12)


@QUICK
@given(SEEDS, st.floats(-20, 20))
def test_centred_distances_do_not_know_where_zero_is(seed, shift):
    images, noise = features(seed)
    plain = measure_proximity(images, LABELS, noise).distances
    moved = measure_proximity(images + shift, LABELS, noise + shift).distances
    np.testing.assert_allclose(moved, plain, atol=1e-9)


def test_without_centring_a_common_offset_hides_the_opposite():
    """Noise opposite to class 0 about μ₀: the centring is what shows it, so leaving it out is caught here."""
    labels = np.repeat([0, 1], 3)
    images = np.array([[1.0, 0, 0]] * 3 + [[-1.0, 0, 0]] * 3) + 50
    noise = np.array([[-1.0, 0, 0]] * 4) + 50
    centred, raw = (measure_proximity(images, labels, noise, centred=c).distances for c in (True, False))
    assert centred[2, 0] == pytest.approx(1)
    assert centred[2, 1] == pytest.approx(0)
    assert raw[2].max() < 1e-3


def test_the_origin_weighs_classes_and_not_images():
    """A class with many images does not pull μ₀, and noise is no part of it."""
    labels = np.repeat([0, 1], [2, 200])
    images = np.where(labels[:, None] == 0, [1.0, 0.5], [-1.0, 0.5])
    d = measure_proximity(images, labels, np.array([[0.0, 3.0]] * 4)).distances
    np.testing.assert_allclose([d[0, 1], d[2, 0], d[2, 1]], [1, 0.5, 0.5], atol=1e-12)


@pytest.mark.parametrize(("value", "centred"), [(0.0, False), (1.0, True), (0.1, True)])
def test_a_mean_without_a_direction_is_no_measurement(value, centred):
    images, noise = features(3)
    with pytest.raises(Unavailable, match="has no direction"):
        measure_proximity(np.full_like(images, value), LABELS, np.full_like(noise, value), centred=centred)


@QUICK
@given(SEEDS, st.integers(3, 8), st.sampled_from([None, 3]))
def test_bottleneck_is_networkx_minimax_path(seed, nodes, levels):
    d = random_graph(seed, nodes, levels=levels)
    graph = nx.Graph()
    graph.add_weighted_edges_from((i, j, d[i, j]) for i in range(nodes) for j in range(i))
    graph.remove_edge(0, 1)
    # A path in a minimum spanning tree is a minimax path.
    tree = nx.minimum_spanning_tree(graph)
    path = nx.shortest_path(tree, 0, 1)
    longest = max(tree[a][b]["weight"] for a, b in itertools.pairwise(path))
    assert bottleneck(d, 0, 1) == bottleneck(d, 1, 0) == longest


def test_bottleneck_of_many_graphs_at_once_leaves_them_as_they_were():
    graphs = np.stack([random_graph(seed, 6) for seed in range(5)])
    kept = graphs.copy()
    np.testing.assert_array_equal(bottleneck(graphs, 5, 2), [bottleneck(graph, 5, 2) for graph in kept])
    np.testing.assert_array_equal(graphs, kept)


@QUICK
@given(SEEDS, st.integers(2, 8), st.sampled_from([None, 3]))
def test_spanning_tree_is_as_short_as_scipys(seed, nodes, levels):
    d = random_graph(seed, nodes, levels=levels)
    edges = spanning_tree(d, tuple(map(str, range(nodes))))
    # csgraph takes a zero for no edge, so every distance is lifted: that changes no tree.
    lifted = minimum_spanning_tree(np.where(np.eye(nodes), 0, d + 1))
    weights = sorted(lifted.data - 1)
    np.testing.assert_allclose([weight for _, _, weight in edges], weights, atol=1e-12)
    assert [d[int(a), int(b)] for a, b, _ in edges] == [weight for _, _, weight in edges]
    assert nx.is_tree(nx.Graph([(a, b) for a, b, _ in edges]))


@QUICK
@given(SEEDS, st.integers(3, 8))
def test_the_tree_joins_noise_to_the_target_exactly_when_the_bottleneck_is_longer(seed, nodes):
    d = random_graph(seed, nodes)
    noise, target = nodes - 1, 0
    assume(len(np.unique(d)) == nodes * (nodes - 1) // 2 + 1)
    joined = {"0", str(noise)} in [{a, b} for a, b, _ in spanning_tree(d, tuple(map(str, range(nodes))))]
    assert joined == (bottleneck(d, noise, target) - d[noise, target] > 0)


def test_the_nearest_class_is_joined_to_noise():
    images, _ = features(4)
    noise = images[LABELS == 1] + np.random.default_rng(0).normal(0, 0.01, (5, 6))
    graph = measure_proximity(images, LABELS, noise)
    assert graph.distances[3, :3].argmin() == 1
    first, second, length = spanning_tree(graph.distances, ("a", "b", "c", "noise"))[0]
    assert ({first, second}, length < 0.01) == ({"b", "noise"}, True)
    assert bottleneck(graph.distances, 3, 1) > graph.distances[3, 1]


def test_more_classes_than_fit_into_memory_are_no_measurement():
    labels = np.repeat(np.arange(1_000), 2)
    with pytest.raises(Unavailable, match=r"between 1,000 classes, .* would take 15 GiB"):
        measure_proximity(np.zeros((2_000, 3)), labels, np.zeros((5, 3)))


def test_the_strength_of_noise_is_counted_from_the_mean_of_the_classes():
    # Two classes 2 to either side of (10, 5), and noise 3 away from there: not from zero.
    groups = [np.array([[12.0, 5.0]] * 2), np.array([[8.0, 5.0]] * 3), np.array([[10.0, 8.5], [10.0, 7.5]])]
    means = group_means(groups)
    assert np.exp(log_strength(means.products)) == pytest.approx(3 / 2)
    *_, without_noise = means.left_out()
    np.testing.assert_allclose(np.exp(log_strength(without_noise)), [2.5 / 2, 3.5 / 2])
