"""The claims about the constant answer b + Wμ₀, where it is all that noise gets, and where it has hardly a say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asking import HYPOTHESES, Answer, World, run
from safetensors import safe_open
from safetensors.torch import save_file
from worlds import write_network

MODULE = f"{HYPOTHESES}/test_constant_answer.py"
CLAIMS = {"Y1", "Y2", "Y3", "Y4"}


def of(answer: Answer, verdict: str) -> set[str]:
    assert answer.partial["errors"] == [], answer.output
    return {each["id"] for each in answer.partial["claims"] if each["verdict"] == verdict}


def test_noise_near_the_mean_of_images_gets_the_constant_answer(world: World, folder: Path) -> None:
    write_network(world.root / "mean.safetensors", bias={"frog": 1.0, "bird": 0.3}, threshold=0.4, rough=(0.15, 0.05))
    assert of(run(MODULE, *world.options("mean"), folder=folder), "confirmed") >= CLAIMS


def test_a_feature_that_noise_has_more_of_than_images_leaves_the_constant_answer_little(
    world: World, folder: Path
) -> None:
    # The features that tell images apart are small beside roughness, which no image has as much of.
    write_network(world.root / "rough.safetensors", sink="bird", rough=(0.0, 1.0), scale=0.1)
    assert of(run(MODULE, *world.options("rough"), folder=folder), "rejected") >= CLAIMS


def test_a_network_without_weights_leaves_every_question_open(world: World, folder: Path) -> None:
    with safe_open(write_network(world.root / "nothing.safetensors"), "pt") as file:
        state, fed = {name: 0 * file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118
    save_file(state, world.root / "nothing.safetensors", fed)
    answer = run(MODULE, f"{HYPOTHESES}/test_bias_dominance.py", *world.options("nothing"), folder=folder)
    assert of(answer, "inconclusive") >= {"Y1", "Y2", "Y4", "Z6"}


def test_a_network_that_suggested_them_is_shown_and_not_judged(folder: Path) -> None:
    claims: list[dict[str, Any]] = run(MODULE, f"{HYPOTHESES}/test_bias_dominance.py", folder=folder).partial["claims"]
    found = {each["id"]: each for each in claims if each["network"] != "procedure"}
    for claim in CLAIMS:
        assert found[claim]["verdict"] == "inconclusive"
        assert found[claim]["reason"].startswith("this network was looked at before this was registered")
        shown = found[claim]["beside"][0]
        assert shown["exploratory"]
        assert shown["value"] is not None
    assert found["Z6"]["verdict"] != "inconclusive"
