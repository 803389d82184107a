"""Networks of one procedure: from a folder, exported as numbers, and judged again from the numbers alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import HYPOTHESES, World, evidence, run, verdicts
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from why_bird.errors import Unavailable
from why_bird.evidence.replicates import ReplicateNetwork, ReplicateSet, read_replicates
from why_bird.fixtures.trained_alike import Deferred, Replicates
from why_bird.measure.subject import Subject
from why_bird.networks.manifest import add_network

SELECT = ("-k", "procedure and (terms_put_noise or most_networks)")
OPTIONS = ("--network=planted_networks:planted",)


def replicate(world: World, folder: Path, seed: int, source: str | None = None, **metadata: str) -> Path:
    """Write a planted network as a training would have left it."""
    origin = world.root / f"{source or f'replicate-{seed}'}.safetensors"
    with safe_open(origin, "pt") as file:
        about = {**file.metadata(), "recipe": "abc", "images": "these", "seed": str(seed), **metadata}
    path = folder / f"seed{seed}" / "network.safetensors"
    path.parent.mkdir(parents=True)
    save_file(load_file(origin), path, about)
    add_network(folder, path, {"recipe": about["recipe"], "seed": seed, "arm": "plain", "test_accuracy": 0.9})
    return path


@pytest.fixture(scope="module")
def replicates(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "abc"
    for seed in range(8):
        replicate(world, folder, seed)
    return folder


def ask(world: World, networks: Path, *more: object, folder: Path, select: tuple[str, ...] = SELECT):
    given = (
        f"--images={world.root / 'images'}",
        f"--evidence-cache={world.root / 'cache'}",
        f"--checkpoint={networks}",
    )
    return run(HYPOTHESES, *OPTIONS, *given, *select, *more, folder=folder)


def test_the_numbers_alone_give_the_same_evidence(
    world: World, replicates: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = tmp_path / "abc.json"
    live = ask(world, replicates, f"--export-replicates={exported}", folder=folder)
    assert verdicts(live.partial) == {"P5[procedure]": "confirmed", "Z2[procedure]": "confirmed"}
    assert live.code == 0

    networks = read_replicates(exported).networks
    assert [(n.seed, n.arm) for n in networks] == [(seed, "plain") for seed in range(8)]
    assert all(sum(n.noise["A"].values()) == 2000 and sum(n.noise["B"].values()) == 5000 for n in networks)
    assert all(n.collapse[0] == "bird" and n.collapse[1] > 0.9 for n in networks)
    assert all(set(n.recall) == set(n.noise["B"]) and n.recall["frog"] > 0.9 for n in networks)

    monkeypatch.setattr("why_bird.fixtures.networks.REPLICATES", exported)
    images = f"--images={world.root / 'images'}"
    shipped = run(HYPOTHESES, images, f"--evidence-cache={tmp_path}", *SELECT, folder=tmp_path / "again")
    named = {"network_name", "checks", "words"}  # which name the recipe of the shipped ones
    found, expected = (
        {
            key: {name: v for name, v in claim.items() if name not in named}
            for key, claim in evidence(each.partial).items()
        }
        for each in (shipped, live)
    )
    assert found == expected
    shown = {claim["network_name"] for claim in shipped.partial["claims"]}
    assert shown == {"recipe abc, 8 networks, shipped"}


def test_shipped_replicates_never_speak_for_a_users_network(
    world: World, replicates: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("why_bird.fixtures.networks.REPLICATES", tmp_path / "must-not-be-read.json")
    answer = ask(world, replicates / "seed0" / "network.safetensors", folder=folder)
    assert set(verdicts(answer.partial).values()) == {"inconclusive"}
    assert all("1 of the 8 networks that a verdict needs" in c["reason"] for c in answer.partial["claims"])
    # As the trainer names it: its folder says which it is.
    assert [network["name"] for network in answer.partial["provenance"]["networks"]] == ["seed0"]


def test_shipped_replicates_do_not_speak_about_other_images(world: World, folder: Path, tmp_path: Path) -> None:
    images = f"--images={world.root / 'images'}"
    answer = run(HYPOTHESES, images, f"--evidence-cache={tmp_path}", *SELECT, folder=folder)
    assert {c["reason"] for c in answer.partial["claims"]} == {
        "the shipped replicates were measured on other images: give networks with --checkpoint"
    }


def test_damaged_shipped_replicates_end_the_run_with_a_sentence(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cut.json").write_text('{"format": 1')
    monkeypatch.setattr("why_bird.fixtures.networks.REPLICATES", tmp_path / "cut.json")
    answer = run(HYPOTHESES, *SELECT, folder=folder)
    assert "cut.json is missing or malformed" in answer.complaint
    assert answer.code == 4
    assert answer.wrote_nothing


def together(first: int, second: int) -> Replicates:
    """Return two networks, as numbers, with so many of 1,000 draws of noise in one class."""
    noise = [{"A": {"bird": n, **{f"class {i}": (1000 - n) // 4 for i in range(4)}}} for n in (first, second)]
    networks = tuple(ReplicateNetwork(f"{i}", f"{i}", i, "plain", 0.9, {}, counts) for i, counts in enumerate(noise))
    return Replicates(shipped=ReplicateSet({"hash": "abc"}, ("bird",), "x", "y", 0, networks, {}, {}))


def test_a_procedure_has_a_collapse_to_explain_where_its_networks_do_on_average() -> None:
    assert together(200, 900).ask(Subject.collapse) == Deferred(Subject.target)
    with pytest.raises(Unavailable, match=r"no collapse to explain: on average 45\.0% of noise-A"):
        together(200, 700).ask(Subject.collapse)


def test_two_recipes_are_no_procedure(world: World, folder: Path, tmp_path: Path) -> None:
    networks = tmp_path / "two"
    for seed in range(8):
        replicate(world, networks, seed, recipe="abc" if seed else "other")
    answer = ask(world, networks, folder=folder)
    assert {c["verdict"] for c in answer.partial["claims"]} == {"inconclusive"}
    assert all("a procedure is one recipe" in c["reason"] for c in answer.partial["claims"])
    refused = ask(world, networks, f"--export-replicates={tmp_path / 'x.json'}", folder=tmp_path / "refused")
    assert "as recipe they name abc, other" in refused.complaint
    assert refused.code == 4
    assert not (tmp_path / "x.json").exists()


def test_what_cannot_be_exported_is_refused_before_anything_is_measured(
    world: World, folder: Path, tmp_path: Path
) -> None:
    unnamed = ask(
        world, world.root / "replicate-0.safetensors", f"--export-replicates={tmp_path / 'x.json'}", folder=folder
    )
    assert "as recipe they name None" in unnamed.complaint
    nowhere = run(HYPOTHESES, *SELECT, f"--export-replicates={tmp_path / 'no' / 'x.json'}", folder=folder)
    assert "there is no folder" in nowhere.complaint
    nobody = run(HYPOTHESES, *SELECT, f"--export-replicates={tmp_path / 'x.json'}", folder=folder)
    assert "give them with --checkpoint=FOLDER" in nobody.complaint
    assert {unnamed.code, nowhere.code, nobody.code} == {4}
