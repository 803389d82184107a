"""The same images from any layout are the same image set."""

import hashlib
import io
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from why_bird.errors import BadInput
from why_bird.images.cifar import download_cifar10
from why_bird.images.decode import open_images
from why_bird.images.image_set import Images
from why_bird.images.source import find_source

from .layouts import CLASSES, newer_batch, python2_batch, small_set, write_batches, write_tree


def assert_same(a: Images, b: Images) -> None:
    for x, y in ((a.train, b.train), (a.test, b.test)):
        assert x.hash == y.hash
        assert x.classes == y.classes
        for field in ("pixels", "labels", "digests"):
            assert np.array_equal(getattr(x, field), getattr(y, field))


def test_tree_and_batches_are_one_set(tmp_path: Path) -> None:
    splits = small_set()
    tree = open_images(str(write_tree(tmp_path / "tree", splits)), tmp_path / "cache")
    batches = open_images(str(write_batches(tmp_path / "root", splits)), tmp_path / "cache")
    inner = open_images(str(tmp_path / "root" / "cifar-10-batches-py"), tmp_path / "cache")
    assert_same(tree, batches)
    assert_same(tree, inner)
    assert (tree.name, tree.origin) == ("tree", "folder of images")
    assert (batches.name, batches.origin) == ("cifar10", "CIFAR-10 batches")


def test_the_written_layouts_are_the_real_ones(tmp_path: Path) -> None:
    """Torchvision's folder loader and an unrestricted pickle reader see the same images."""
    from torchvision.datasets import ImageFolder

    splits = small_set()
    pixels, labels = splits["test"]
    expected = {(image.tobytes(), int(label)) for image, label in zip(pixels, labels, strict=True)}
    write_tree(tmp_path / "tree", splits)
    assert {(np.asarray(x).tobytes(), y) for x, y in ImageFolder(str(tmp_path / "tree/test"))} == expected
    batch = pickle.loads(python2_batch(pixels, labels), encoding="latin1")
    planes = batch["data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    assert {(x.tobytes(), y) for x, y in zip(planes, batch["labels"], strict=True)} == expected


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_batches_written_again_by_a_newer_python(tmp_path: Path, protocol: int) -> None:
    splits = small_set()
    old = open_images(str(write_batches(tmp_path / "old", splits)), tmp_path / "cache")
    write_batches(tmp_path / "new", splits)
    (tmp_path / "new/cifar-10-batches-py/test_batch").write_bytes(newer_batch(*splits["test"], protocol))
    assert_same(old, open_images(str(tmp_path / "new"), tmp_path / "cache"))


def test_order_is_by_class_and_content_not_by_file_name(tmp_path: Path) -> None:
    splits = small_set()
    forwards = open_images(str(write_tree(tmp_path / "a", splits, "{i:04d}.png")), tmp_path / "cache")
    backwards = open_images(str(write_tree(tmp_path / "b", splits, "é{j:04d}.PNG")), tmp_path / "cache")
    assert_same(forwards, backwards)
    labels = forwards.train.labels
    assert np.array_equal(labels, np.sort(labels))
    for c in range(len(CLASSES)):
        digests = [d.tobytes() for d in forwards.train.digests[labels == c]]
        assert digests == sorted(digests)


def test_subfolders_belong_to_their_class_and_hidden_files_to_none(tmp_path: Path) -> None:
    splits = small_set()
    flat = open_images(str(write_tree(tmp_path / "a", splits)), tmp_path / "cache")
    root = write_tree(tmp_path / "b", splits)
    (root / "train/cat/more").mkdir()
    moved = next((root / "train/cat").glob("*.png"))
    moved.rename(root / "train/cat/more" / moved.name)
    (root / "train/cat/._0001.png").write_bytes(b"left by another system")
    (root / "train/cat/notes.txt").write_text("no image")
    (root / "train/.hidden").mkdir()
    assert_same(flat, open_images(str(root), tmp_path / "cache"))


@pytest.mark.filterwarnings("error")
def test_other_modes_become_rgb(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "a", small_set(per_class=1))
    grey = np.arange(1024, dtype=np.uint8).reshape(32, 32)
    folder = root / "train" / "cat"
    for old in folder.iterdir():
        old.unlink()
    Image.fromarray(grey).save(folder / "grey.png")
    Image.fromarray(np.dstack([grey, grey, grey, 255 - grey])).save(folder / "rgba.png")
    palette = Image.fromarray(grey).convert("P")
    palette.save(folder / "palette.png", transparency=bytes(range(256)))
    opened = open_images(str(root), tmp_path / "cache").train
    cats = opened.pixels[opened.labels == CLASSES.index("cat")]
    assert len(cats) == 3
    for image in cats:
        assert np.array_equal(image, np.dstack([grey] * 3))


def test_a_linked_folder_is_followed(tmp_path: Path) -> None:
    splits = small_set()
    real = write_tree(tmp_path / "real", splits)
    link = tmp_path / "link"
    link.mkdir()
    for split in ("train", "test"):
        (link / split).symlink_to(real / split)
    assert_same(open_images(str(real), tmp_path / "cache"), open_images(str(link), tmp_path / "cache"))


def test_a_class_name_in_either_unicode_form_is_one_name(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "a", small_set())
    (root / "train/cat").rename(root / "train/caf\u00e9")
    (root / "test/cat").rename(root / "test/cafe\u0301")
    assert find_source(root).classes == ("bird", "caf\u00e9", "frog")


def test_listing_opens_no_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_tree(tmp_path / "a", small_set())

    def opened(*_: object) -> None:
        raise AssertionError("an image was opened")

    monkeypatch.setattr(Image, "open", opened)
    source = find_source(root)
    assert source.count("train") == 12
    assert len(source.fingerprint) == 64


# --- download


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    write_batches(tmp_path / "packed", small_set())
    with io.BytesIO() as packed:
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            tar.add(tmp_path / "packed/cifar-10-batches-py", "cifar-10-batches-py")
        content = packed.getvalue()
    monkeypatch.setattr("why_bird.images.cifar._SHA256", hashlib.sha256(content).hexdigest())
    return content


def test_download_once(tmp_path: Path, archive: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, str | None]] = []

    def download(url: str, root: str, filename: str, md5: str | None) -> None:
        calls.append((url, md5))
        (Path(root) / filename).write_bytes(archive)

    monkeypatch.setattr("torchvision.datasets.utils.download_url", download)
    first = open_images("download", tmp_path / "cache")
    second = open_images("download", tmp_path / "cache")
    assert_same(first, second)
    assert_same(first, open_images(str(tmp_path / "packed"), tmp_path / "cache"))
    assert calls == [("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a")]
    (tmp_path / "cache/downloads/cifar-10-batches-py/data_batch_2").unlink()
    assert_same(first, open_images("download", tmp_path / "cache"))
    assert len(calls) == 2  # a lost batch is fetched again
    left = sorted(p.name for p in (tmp_path / "cache/downloads").iterdir() if p.is_dir())
    assert left == ["cifar-10-batches-py"]


@pytest.mark.parametrize("spoil", [lambda whole: whole[: len(whole) // 2], lambda whole: whole + b"\0"])
def test_a_broken_download_is_one_sentence_and_leaves_nothing_whole(
    tmp_path: Path, archive: bytes, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[bytes], bytes]
) -> None:
    def download(url: str, root: str, filename: str, md5: str | None) -> None:
        (Path(root) / filename).write_bytes(spoil(archive))

    monkeypatch.setattr("torchvision.datasets.utils.download_url", download)
    with pytest.raises(BadInput, match=r"could not be downloaded .*: give a folder with --images=DIR"):
        download_cifar10(tmp_path)
    assert not (tmp_path / "cifar-10-batches-py/batches.meta").exists()


def test_no_network_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no route\nto host")

    monkeypatch.setattr("torchvision.datasets.utils.download_url", refuse)
    with pytest.raises(BadInput, match=r"\(no route to host\)"):
        open_images("download", tmp_path)
