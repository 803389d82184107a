"""The claims about noise-like images, in worlds in which it is known which class is most like noise and what for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking import HYPOTHESES, run
from planted_line_up import SEEDS, planted_line_up, planted_network
from worlds import (
    CLASSES,
    GRAIN,
    write_deciding_network,
    write_grained_network,
    write_grainy_images,
    write_images,
    write_network,
)

from why_bird.measure.inputs import read_identity
from why_bird.measure.line_up import write_numbers
from why_bird.measure.noise_passes import CONTRASTS
from why_bird.shipped import REFERENCE

MODULE = f"{HYPOTHESES}/test_noise_like.py"
SHIPPED = read_identity(REFERENCE / "images.json").train
Found = dict[str, dict[str, Any]]
Ask = Callable[[str, str, str], Found]


def found(answer: Any) -> Found:
    assert answer.code in (0, 1, 5), answer.output
    assert answer.partial["errors"] == []
    return {claim["id"]: claim for claim in answer.partial["claims"]}


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a function that puts some claims to a network of a world."""
    root = tmp_path_factory.mktemp("noise-like")
    # 192 numbers have no covariance of fewer images.
    write_grainy_images(root / "grainy", GRAIN, train=220, test=40)
    write_grainy_images(root / "plain", dict.fromkeys(CLASSES, 0.25) | {"bird": 0.01}, train=220, test=20)
    write_images(root / "chequered")
    write_grained_network(root / "fine.safetensors", bias=dict.fromkeys(CLASSES, 0.0), fine={"bird": 12.0})
    write_grained_network(root / "finest.safetensors", bias=dict.fromkeys(CLASSES, 0.0), fine={"bird": 5.0})
    ends = {c: 2.0 * (c == "frog") for c in CLASSES}
    write_grained_network(root / "fading.safetensors", bias=ends, threshold=0.4, erosion=0.3)
    write_network(root / "pooling.safetensors", sink="bird")
    write_deciding_network(root / "deciding.safetensors")

    def put(world: str, network: str, claims: str) -> Found:
        kind = {"pooling": "planted", "deciding": "deciding"}.get(network, "grained")
        return found(
            run(
                MODULE,
                f"--checkpoint={root / network}.safetensors",
                f"--network=planted_networks:{kind}",
                f"--images={root / world}",
                f"--evidence-cache={root / 'cache'}",
                "-k",
                claims,
                folder=root / f"{world}-{network}",
            )
        )

    return put


def test_where_fine_detail_speaks_for_the_grainiest_class_weak_noise_falls_there(ask: Ask) -> None:
    said = ask("grainy", "fine", "N1 or N3 or N4")
    assert {claim: each["verdict"] for claim, each in said.items()} == {
        "N1": "confirmed",
        "N3": "rejected",  # the plainest images are nearest to all noise, and those are no birds
        "N4": "confirmed",
    }
    assert "bird" in said["N1"]["words"]["holds"]


def test_what_is_drawn_by_contrast_marks_that_of_the_post(ask: Ask) -> None:
    said = ask("grainy", "fine", "N1 or N4")
    assert said["N1"]["charts"][0]["line"] == {"label": "the post's noise", "x": 1.0}
    (stacks,) = (each["stacks"] for each in said["N4"]["charts"])
    assert [each["label"] for each in stacks if "post" in each["label"]] == ["contrast 1 (the post's)"]


def test_where_only_the_finest_detail_speaks_for_it_a_flat_spectrum_is_enough_and_random_phases_are_not(
    ask: Ask,
) -> None:
    assert ask("grainy", "finest", "N7")["N7"]["verdict"] == "confirmed"


def test_where_noise_only_erodes_it_falls_elsewhere_whatever_the_spectrum(ask: Ask) -> None:
    said = ask("grainy", "fading", "N1 or N7")
    assert {claim: each["verdict"] for claim, each in said.items()} == {"N1": "rejected", "N7": "rejected"}


def test_the_nearest_images_are_birds_where_those_are_plain(ask: Ask) -> None:
    said = ask("plain", "fine", "N3 or N4")
    assert {claim: each["verdict"] for claim, each in said.items()} == {"N3": "confirmed", "N4": "rejected"}


@pytest.mark.parametrize(("network", "verdict"), [("pooling", "confirmed"), ("deciding", "rejected")])
def test_averages_over_places_vary_less_in_larger_images(ask: Ask, network: str, verdict: str) -> None:
    (said,) = ask("chequered", network, "N5").values()
    assert said["verdict"] == verdict


def test_a_network_of_one_size_says_so(ask: Ask) -> None:
    (said,) = ask("grainy", "fine", "N5").values()
    assert said["verdict"] == "inconclusive"
    assert "takes no images of 32 × 32 pixels" in said["reason"]


def of_the_line_up(folder: Path, falls: str, larger: float, images: str = SHIPPED) -> dict[str, str]:
    world = planted_line_up(plain={falls: 0.9})
    for network in world.networks:
        path = folder / "numbers" / network.arm.replace(" ", "-").replace(":", "-") / f"seed{network.seed}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        variance = {"32": 1.0, "64": larger + 0.002 * (network.seed - 24)}
        write_numbers(path, replace(network, feature_variance=variance, training_images=images), b"")
    answer = run(MODULE, f"--line-up={folder / 'numbers'}", "-k", "N2 or N6 or N8", folder=folder / "out")
    return {claim: each["verdict"] for claim, each in found(answer).items()}


def test_networks_trained_alike_are_asked_together(tmp_path: Path) -> None:
    # Of the shipped images frog's are most like noise. Of the accurate recipe there is no network here.
    assert of_the_line_up(tmp_path / "frog", "frog", 0.25) == {
        "N2": "confirmed",
        "N6": "confirmed",
        "N8": "inconclusive",
    }
    assert of_the_line_up(tmp_path / "ship", "ship", 0.9) == {
        "N2": "rejected",
        "N6": "rejected",
        "N8": "inconclusive",
    }
    # Which class is most like noise is not known of the images that these were trained on.
    other = of_the_line_up(tmp_path / "other", "frog", 0.25, images="other images")
    assert other["N2"] == "inconclusive"


def of_accurate_networks(
    folder: Path, falls: str, seeds: range = SEEDS, images: str = SHIPPED, *, differ: bool = True
) -> dict[str, Any]:
    for seed in seeds:
        network = planted_network("plain", seed, {falls: 0.9}, recipe="accurate")
        noise = dict(network.noise)
        if differ:  # each goes its own way at one of the contrasts
            own = planted_network("plain", seed, {"truck": 0.9}).noise["grey"]
            noise[f"post ×{CONTRASTS[seed % len(CONTRASTS)]:g}"] = own
        path = folder / "numbers" / f"seed{seed}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_numbers(path, replace(network, noise=noise, training_images=images), b"")
    answer = run(MODULE, f"--line-up={folder / 'numbers'}", "-k", "N8", folder=folder / "out")
    (said,) = found(answer).values()
    return said


def test_accurate_networks_follow_the_gaussian_or_do_not(tmp_path: Path) -> None:
    # A Gaussian for each class names frog at most contrasts.
    frog = of_accurate_networks(tmp_path / "frog", "frog")
    assert frog["verdict"] == "confirmed"
    (always,) = (line for line in frog["beside"] if line["label"] == "if frog were named at every contrast")
    assert always["value"] > frog["estimate"]["value"]
    assert of_accurate_networks(tmp_path / "ship", "ship")["verdict"] == "rejected"
    few = of_accurate_networks(tmp_path / "few", "frog", SEEDS[:8])
    assert few["verdict"] == "inconclusive"
    assert few["reason"].startswith(
        "8 of the 9 networks 'plain' of recipe accurate that the protocol asks for are there"
    )


def test_accurate_networks_that_all_score_alike_are_nine_and_not_one(tmp_path: Path) -> None:
    alike = of_accurate_networks(tmp_path / "alike", "frog", differ=False)
    assert "all 9 networks agree" in alike["reason"]
    low, high = alike["estimate"]["low"], alike["estimate"]["high"]
    assert 0 < low < alike["estimate"]["value"] < high < 1


def test_a_gaussian_of_other_images_predicts_nothing(tmp_path: Path) -> None:
    other = of_accurate_networks(tmp_path / "other", "frog", images="other images")
    assert other["verdict"] == "inconclusive"
    assert "were trained on other images than those of this run" in other["reason"]
