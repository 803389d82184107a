"""What is measured on images alone: the scores of the images, kept so that they are there without the images."""

import numpy as np
import pytest

from why_bird.errors import Unavailable
from why_bird.images.borders import border_noise_level
from why_bird.images.clutter import COMPONENTS, MEASURES
from why_bird.images.image_set import Images, ImageSet
from why_bird.measure import imagery as imagery_module
from why_bird.measure.class_manifolds import DEFINITIONS, measure_manifolds
from why_bird.measure.imagery import BORDER, COMPOSITE, Imagery
from why_bird.measure.inputs import NEEDS_IMAGES, Inputs, identify
from why_bird.measure.store import Store

CLASSES, SIZE = ("ant", "bird", "cat"), 16


def image_set(per_class, seed, strength):
    """Return images of noise on grey, the stronger the later the class."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), per_class)
    noise = rng.normal(size=(len(labels), SIZE, SIZE, 3)) * strength * (1 + labels[:, None, None, None])
    pixels = (128 + noise).clip(0, 255).astype(np.uint8)
    images = ImageSet.of(pixels, labels, CLASSES)
    return images.take(np.lexsort((images.digests[:, 0], labels)))


# Training images are smoother, so that their scale is another than that of the test images.
IMAGES = Images(image_set(27, 1, 8), image_set(30, 2, 12), "made up", "made up")


def make(cache, images=IMAGES, seed=5):
    return Imagery(Inputs(identify(IMAGES), images, seed), Store(cache))


@pytest.fixture(scope="module", autouse=True)
def _compressor_of_the_shipped_sizes():
    """Without images no other sizes are looked for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imagery_module, "codec", lambda: imagery_module._SHIPPED_CODEC)
        yield


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Return a cache in which everything was measured."""
    folder = tmp_path_factory.mktemp("imagery")
    measured = make(folder)
    _ = measured.scores, measured.manifolds
    return folder


@pytest.mark.parametrize("split", ["train", "test"])
def test_scores_are_those_of_the_images_in_their_order(cache, split):
    images = getattr(IMAGES, split)
    scores = make(cache).training_scores if split == "train" else make(cache).test_scores
    assert list(scores.values) == [*MEASURES, BORDER, COMPOSITE]
    for name, measure in {**MEASURES, BORDER: border_noise_level}.items():
        np.testing.assert_array_equal(scores.values[name], measure(images.pixels), err_msg=name)
    np.testing.assert_array_equal(scores.labels, images.labels)
    np.testing.assert_array_equal(scores.of(BORDER, 1), border_noise_level(images.pixels[images.labels == 1]))
    # What was planted: each class is noisier than the one before.
    assert scores.of(BORDER, 0).max() < scores.of(BORDER, 1).mean() < scores.of(BORDER, 2).mean()


def test_the_composite_of_either_split_is_on_the_scale_of_the_training_images(cache):
    imagery = make(cache)
    train, test = imagery.training_scores, imagery.test_scores
    means = {name: train.values[name].mean() for name in COMPONENTS}
    sds = {name: train.values[name].std() for name in COMPONENTS}
    for scores in (train, test):
        by_hand = np.mean([(scores.values[name] - means[name]) / sds[name] for name in COMPONENTS], axis=0)
        np.testing.assert_allclose(scores.values[COMPOSITE], by_hand, atol=1e-12)
    assert train.values[COMPOSITE].mean() == pytest.approx(0, abs=1e-12)
    assert test.values[COMPOSITE].mean() > 0.2


def test_all_scores_are_those_of_the_training_images_and_then_of_the_test_images(cache):
    imagery = make(cache)
    for name in (COMPOSITE, BORDER):
        both = np.concatenate([imagery.training_scores.values[name], imagery.test_scores.values[name]])
        np.testing.assert_array_equal(imagery.scores.values[name], both)
    assert imagery.scores.labels.tolist() == [*IMAGES.train.labels, *IMAGES.test.labels]


def test_a_manifold_is_that_of_the_test_images_about_centres_of_the_training_images(cache):
    def points(images, c):
        return images.pixels[images.labels == c].reshape(-1, SIZE * SIZE * 3).astype(np.float32) / np.float32(255)

    found = make(cache).manifolds
    pairs = [(points(IMAGES.train, c), points(IMAGES.test, c)) for c in range(3)]
    expected = measure_manifolds(pairs, CLASSES, 5, "pixels")
    np.testing.assert_array_equal(np.stack([found.values[name] for name in DEFINITIONS]), expected["values"])
    np.testing.assert_array_equal(np.concatenate(found.distances), expected["distances"])
    assert [len(each) for each in found.distances] == [30, 30, 30]
    # The stronger the noise, the further from every centre.
    assert (np.diff(found.values[DEFINITIONS[4]]) > 0).all()


def test_test_images_of_a_manifold_are_the_first_of_each_class(tmp_path, monkeypatch):
    monkeypatch.setattr(imagery_module, "PER_CLASS", 26)
    asked = []

    def note(pairs, *_):
        asked.extend(pairs)
        raise Unavailable("noted")

    monkeypatch.setattr(imagery_module, "measure_manifolds", note)
    with pytest.raises(Unavailable, match="noted"):
        _ = make(tmp_path).manifolds
    assert [(len(training), len(test)) for training, test in asked] == [(27, 26)] * 3
    first = IMAGES.test.pixels[IMAGES.test.labels == 1][:26]
    np.testing.assert_allclose(asked[1][1] * 255, first.reshape(26, -1), atol=1e-4)


def test_what_was_measured_is_there_without_the_images(cache, monkeypatch):
    def fail(*_args, **_keywords):
        raise AssertionError("measured again")

    monkeypatch.setattr(imagery_module, "MEASURES", dict.fromkeys(MEASURES, fail))
    monkeypatch.setattr(imagery_module, "measure_manifolds", fail)
    first, later = make(cache), make(cache, images=None)
    for name in first.scores.values:
        np.testing.assert_array_equal(later.scores.values[name], first.scores.values[name])
    for name in DEFINITIONS:
        np.testing.assert_array_equal(later.manifolds.values[name], first.manifolds.values[name])
    assert {receipt.origin for receipt in later.store.ledger} == {"cache"}


@pytest.mark.parametrize("name", ["training_scores", "test_scores", "scores", "manifolds"])
def test_without_images_and_store_it_is_said_what_is_needed(tmp_path, name):
    with pytest.raises(Unavailable) as caught:
        getattr(make(tmp_path, images=None), name)
    assert str(caught.value) == NEEDS_IMAGES


def test_sizes_by_another_compressor_are_measured_anew_where_there_are_images(cache, monkeypatch):
    monkeypatch.setattr(imagery_module, "codec", lambda: "another")
    again = make(cache)
    assert again.training_scores.values
    assert again.manifolds.values
    assert [receipt.origin for receipt in again.store.ledger].count("computed") == 1


def test_a_manifold_drawn_from_another_seed_is_not_taken_for_this_one(cache):
    # Centres and resamples are drawn.
    with pytest.raises(Unavailable):
        _ = make(cache, images=None, seed=6).manifolds
    assert len(make(cache, images=None, seed=6).scores.labels) == len(IMAGES.train) + len(IMAGES.test)


def test_classes_are_found_by_name(tmp_path):
    imagery = make(tmp_path)
    assert imagery.classes == CLASSES
    assert imagery.bird == 1
    assert imagery.class_index("cat") == 2
    with pytest.raises(Unavailable, match="no class is named dog: the images' are ant, bird, cat"):
        imagery.class_index("dog")
