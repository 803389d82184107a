"""One pass serves answers and stages; a lost entry is made again and nothing else is."""

import numpy as np
import pytest
import staged_networks

from why_bird.errors import Unavailable
from why_bird.measure.forward import forward
from why_bird.measure.passes import answers, stage_means
from why_bird.measure.taps import STAGES


def entries(tmp_path, measure):
    return sorted(p for p in (tmp_path / "cache" / "measurements").iterdir() if p.is_dir() and measure in p.name)


def damage(entry, name):
    content = bytearray((entry / name).read_bytes())
    content[-1] ^= 1
    (entry / name).write_bytes(content)


def test_stages_come_from_the_pass_of_the_answers(open_tiny, make_subject):
    subject = make_subject(open_tiny())
    one = subject.planned.test
    means = stage_means(subject.network, one, subject.store)
    assert tuple(means) == STAGES
    assert len(staged_networks.PASSED) == len(subject.test_images) == 30
    tapped = forward(subject.network, one.read(), taps=("stages",))
    for name in STAGES:
        np.testing.assert_array_equal(means[name], tapped[name])


def test_answers_are_what_the_network_says(open_tiny, make_subject):
    subject = make_subject(open_tiny())
    plain = forward(subject.network, subject.planned.noise_b.read(), 40, taps=("logits", "features"))
    np.testing.assert_array_equal(subject.noise.logits, plain["logits"])
    np.testing.assert_array_equal(subject.noise.labels, plain["logits"].argmax(1))
    np.testing.assert_allclose(subject.noise.features, plain["features"], rtol=2**-11)


@pytest.mark.parametrize("name", ["layer2.npy", "entry.json"])
def test_damaged_stages_are_made_again_and_change_nothing(open_tiny, make_subject, tmp_path, name):
    before = make_subject(open_tiny()).stages
    for entry in entries(tmp_path, "stage-contrasts"):
        damage(entry, "contrasts.npy")
    for entry in entries(tmp_path, "stages-"):
        damage(entry, name)
    subject = make_subject(open_tiny())
    after = subject.stages
    for field in ("distances", "contrasts", "spreads", "sizes"):
        np.testing.assert_array_equal(getattr(after, field), getattr(before, field))
    assert len(staged_networks.PASSED) == len(set(staged_networks.PASSED)) == 30 + 40


def test_a_damaged_forward_entry_is_made_again(open_tiny, make_subject, tmp_path):
    before = make_subject(open_tiny()).noise
    (entry,) = entries(tmp_path, "forward")
    damage(entry, "features.npy")
    subject = make_subject(open_tiny())
    after = answers(subject.network, subject.planned.noise_b).get(subject.store)
    np.testing.assert_array_equal(after.features, before.features)
    assert len(staged_networks.PASSED) == 40


def test_a_network_without_stages_has_only_its_features(open_tiny, make_subject):
    subject = make_subject(open_tiny("plain"))
    contrasts = subject.stages
    assert contrasts.names == ("penultimate",)
    assert len(staged_networks.PASSED) == len(set(staged_networks.PASSED)) == 24 + 30 + 40
    distances = subject.proximity.distances[-1, :-1]
    np.testing.assert_allclose(contrasts.distances[0], distances, rtol=1e-12)
    np.testing.assert_allclose(contrasts.contrasts[0], distances - distances[subject.target.index], atol=1e-15)


def test_spreads_of_the_stages_are_those_of_the_jackknife(open_tiny, make_subject):
    subject = make_subject(open_tiny())
    contrasts, graph, target = subject.stages, subject.proximity, subject.target.index
    assert contrasts.names == (*STAGES[:-1], "penultimate")
    assert contrasts.sizes.tolist() == [10, 10, 10, 40]
    for stratum, replicate in enumerate(graph.replicates):
        each = replicate[:, -1, :-1] - replicate[:, -1, [target]]
        np.testing.assert_allclose(contrasts.spreads[-1, stratum], each.var(0) * len(each), rtol=1e-9)


def test_another_number_of_noise_images_is_another_measurement(open_tiny, make_subject):
    subject = make_subject(open_tiny())
    draws, network = subject.planned.draws, subject.network
    names = {draws.post(role, count, ("logits",)).key(network).name for role in "AB" for count in (10, 11)}
    assert len(names) == 4
    taps = {draws.post("A", 10, taps).key(network).name for taps in (("logits",), ("logits", "features"))}
    assert len(taps) == 2


def test_truth_is_stored_with_the_answers_of_labelled_images_only(open_tiny, make_subject):
    subject = make_subject(open_tiny())
    assert answers(subject.network, subject.planned.test).entry(subject.store)["truth"].dtype == np.int64
    with pytest.raises(Unavailable, match="classes of these images are not known"):
        _ = subject.noise.truth
