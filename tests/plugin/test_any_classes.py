"""Images of other things than the post's, of any number of classes, in colour and in grey: every claim has its say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from any_worlds import write_any_images, write_any_network
from asking import HYPOTHESES, Answer, run
from PIL import Image

POSTS = {"P3", "P5", "X4", "C1", "C2", "D4", "D5", "B0", "B1", "N3", "Z1"}
"""They speak of bird, or of cat and dog."""

SIZE = 16
"""Pixels: what takes long is to draw noise, and to pass it."""

TWO_CLASS = {"K1", "K2", "K3", "K4", "K5"}

Ask = Callable[..., Answer]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    def asked(
        K: int,
        *more: object,
        images: int = 3,
        network: int = 3,
        size: int = SIZE,
        each: int = 30,
        figures: bool = False,
    ) -> Answer:
        """Judge a network of so many channels on images of so many."""
        write_any_images(tmp_path / "images", K, channels=images, size=size, train=each, test=each)
        of_grey = images == 1 and network == 3
        path = write_any_network(tmp_path / "net.safetensors", K, channels=network, of_grey=of_grey, size=size)
        words = [f"--checkpoint={path}", f"--network=any_networks:{'grey' if network == 1 else 'colour'}"]
        words += [f"--images={tmp_path / 'images'}", f"--evidence-cache={tmp_path / 'cache'}"]
        return run(HYPOTHESES, *words, *more, folder=tmp_path / "evidence", figures=figures)

    return asked


def reasons(answer: Answer) -> dict[str, str]:
    """Return why each claim is inconclusive; nothing of those that were judged."""
    assert answer.code in (0, 1), answer.output
    assert "Traceback" not in answer.output
    claims = answer.evidence["claims"]
    assert not answer.evidence["errors"]
    return {each["id"]: each["reason"] for each in claims if each["verdict"] == "inconclusive"}


JUDGED = {"P2", "P4", "P6", "Z2", "Z4", "Z5", "O1", "O2"}
"""Whatever the classes are."""


def judged(answer: Answer) -> set[str]:
    return {each["id"] for each in answer.evidence["claims"] if each["verdict"] != "inconclusive"}


@pytest.mark.parametrize(("K", "images", "network"), [(2, 1, 1), (3, 1, 3)])
def test_what_needs_a_missing_class_is_inconclusive_and_the_rest_is_judged(
    ask: Ask, K: int, images: int, network: int
) -> None:
    # Of one of them: figures take as long as all claims.
    answer = ask(K, images=images, network=network, figures=K == 2)
    why = reasons(answer)
    for claim in POSTS:
        assert "no class is named" in why[claim], claim
        assert why[claim].isprintable()
    for claim in TWO_CLASS:
        # One asks for a class that the images lack, which is seen first.
        assert "no two-class network was given" in why[claim] or "no class is named horse" in why[claim], claim
    assert judged(answer) >= JUDGED
    assert "no figures" not in answer.output


def test_noise_for_a_network_of_grey_images_has_one_channel(ask: Ask) -> None:
    answer = ask(3, "-k", "test_nearly_all_noise", images=1, network=1, size=28)
    assert answer.code == 0, answer.output
    (claim,) = answer.partial["claims"]
    assert claim["verdict"] == "confirmed"
    checks = {check["name"]: check["passed"] for check in claim["checks"]}
    assert checks["noise keeps its mean on the way in"]
    assert checks["noise keeps its sd on the way in"]
    (network,) = answer.partial["provenance"]["networks"][:1]
    assert network["fed"] == "grey, 28×28 pixels, bilinear, mean 0.5, sd 0.25"


def test_a_network_of_grey_images_needs_images(tmp_path: Path) -> None:
    path = write_any_network(tmp_path / "net.safetensors", 3, channels=1)
    words = [f"--checkpoint={path}", "--network=any_networks:grey", f"--evidence-cache={tmp_path / 'cache'}"]
    answer = run(HYPOTHESES, *words, folder=tmp_path / "evidence")
    assert answer.code == 4
    assert "the network takes grey images" in answer.complaint
    assert "give the images with --images" in answer.complaint


def test_a_hundred_classes(ask: Ask) -> None:
    answer = ask(100, "-k", "test_the_class_of_noise_is_bird or test_nearly_all_noise or test_bias", each=5)
    assert answer.code in (0, 1), answer.output
    claims = answer.partial["claims"]
    assert not answer.partial["errors"]
    assert next(each["verdict"] for each in claims if each["id"] == "P2") == "confirmed"
    sentence = next(each["reason"] for each in claims if each["id"] == "P3")
    assert sentence.startswith("no class is named bird")
    assert sentence.endswith("… 100 in all")


def test_more_classes_than_permutations_of_them_are_counted(ask: Ask) -> None:
    answer = ask(14, "-k", "test_class_clutter_predicts")
    assert answer.code in (0, 1, 5), answer.output
    (claim,) = answer.partial["claims"]
    (chance,) = (each for each in claim["beside"] if each["label"].startswith("p of the permutation"))
    assert 0 < chance["value"] < 1


def test_classes_that_are_the_posts_in_part(tmp_path: Path) -> None:
    names = ("bird", "cat", "whale")
    write_any_images(tmp_path / "images", 3, names=names, size=SIZE)
    path = write_any_network(tmp_path / "net.safetensors", 3, names=names, size=SIZE)
    words = [f"--checkpoint={path}", "--network=any_networks:colour", f"--images={tmp_path / 'images'}"]
    words += [f"--evidence-cache={tmp_path / 'cache'}"]
    answer = run(HYPOTHESES, *words, folder=tmp_path / "evidence")
    why = reasons(answer)
    assert judged(answer) >= JUDGED
    assert "no class is named dog" in why["C1"]
    assert not {"P3", "Z1", "B0"} & why.keys()


def test_a_channel_in_which_nothing_varies(tmp_path: Path) -> None:
    write_any_images(tmp_path / "images", 3, size=SIZE)
    for path in (tmp_path / "images").rglob("*.png"):
        pixels = np.array(Image.open(path))
        pixels[..., 2] = 0
        Image.fromarray(pixels).save(path)
    path = write_any_network(tmp_path / "net.safetensors", 3, size=SIZE)
    words = [f"--checkpoint={path}", "--network=any_networks:colour", f"--images={tmp_path / 'images'}"]
    words += [f"--evidence-cache={tmp_path / 'cache'}", "-k", "test_noise_collapse"]
    answer = run(HYPOTHESES, *words, folder=tmp_path / "evidence")
    assert answer.code in (0, 1), answer.output
    assert not answer.partial["errors"]
