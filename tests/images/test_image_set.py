"""An image set is consistent, and its samples are fixed."""

from dataclasses import replace

import numpy as np
import pytest

from why_bird.images.image_set import ImageSet, digest_pixels


def make(counts: tuple[int, ...] = (5, 2)) -> ImageSet:
    labels = np.repeat(np.arange(len(counts)), counts)
    pixels = np.random.default_rng(0).integers(0, 256, (len(labels), 4, 4, 3), dtype=np.uint8)
    return ImageSet.of(pixels, labels, ("bird", "cat")[: len(counts)])


def test_images_are_taken_with_what_belongs_to_them() -> None:
    images = make()
    taken = images.take(np.array([6, 0]))
    assert taken.labels.tolist() == [1, 0]
    assert np.array_equal(taken.pixels, images.pixels[[6, 0]])
    assert images.find(taken.digests).tolist() == [6, 0]


def test_images_are_found_by_their_content() -> None:
    images = make()
    assert images.find(images.digests[[6, 0, 6]]).tolist() == [6, 0, 6]
    assert images.find(images.digests[:0]).tolist() == []
    with pytest.raises(ValueError, match="of no image of the set"):
        images.find(images.digests[:1] ^ 1)


def test_hash_depends_on_images_labels_and_class_names() -> None:
    images = make()
    other = images.digests.copy()
    other[0, 0] ^= 1
    hashes = {
        images.hash,
        replace(images, classes=("bird", "dog")).hash,
        replace(images, labels=images.labels[::-1].copy()).hash,
        replace(images, digests=other).hash,
    }
    assert len(hashes) == 4
    assert make().hash == images.hash


def test_digest_tells_shapes_apart() -> None:
    assert digest_pixels(np.zeros((2, 8, 3), np.uint8)) != digest_pixels(np.zeros((4, 4, 3), np.uint8))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": np.zeros(6, np.int64)}, "do not fit"),
        ({"pixels": np.zeros((7, 4, 4), np.uint8)}, "do not fit"),
        ({"pixels": np.zeros((7, 3, 4, 4), np.uint8)}, "do not fit"),
        ({"pixels": np.zeros((7, 4, 4, 3))}, "are not uint8, int64, uint8"),
        ({"labels": np.full(7, 2)}, "labels run from 2 to 2 in 2 classes"),
        ({"labels": np.full(7, -1)}, "labels run from -1"),
    ],
)
def test_inconsistent_sets_are_refused(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(make(), **change)  # type: ignore[arg-type]
