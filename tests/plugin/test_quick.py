"""``--quick``: one in eight of every draw and sample, marked as a preview, and kept out of what lasts."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import HYPOTHESES, World, run

from why_bird.measure.classifier import Classifier
from why_bird.measure.inputs import ImageIdentity, Inputs
from why_bird.measure.measurement import declared
from why_bird.measure.store import Store
from why_bird.networks.opening import open_network

REFERENCE = Path(__file__).resolve().parents[2] / "fixtures" / "reference"
SELECTED = ("-k", "noise_collapse and not (family or escapes)")


def asked(one_in: int) -> Classifier:
    """A network of ten classes of which nothing is stored."""
    identity = ImageIdentity("some", "a", "b", tuple("abcdefghij"), (0.5,) * 3, (0.25,) * 3)
    network = open_network(REFERENCE / "resnet18.safetensors")
    return Classifier(network, Inputs(identity, None, one_in=one_in), Store(REFERENCE / "no-cache"))


def test_an_eighth_of_every_draw_and_sample_passes() -> None:
    whole, quick = (
        {
            f"{each.name} {place}": entry.passes
            for each in declared(Classifier)
            for place, entry in enumerate(each.wanted(subject))
            if entry.passes
        }
        for subject in (asked(1), asked(8))
    )
    assert quick.keys() == whole.keys()
    assert len(whole) > 20
    # Statistics of a stage, and whether a plainer noise leaves the class too, need as many images as they do.
    divided = quick.keys() - {"exchanged 0", "counterexample 1"}
    # A setting of noise, and an image of each class under each dose, are not divided.
    assert {name: quick[name] for name in divided if not 0.9 * whole[name] / 8 <= quick[name] <= whole[name] / 8} == {}
    # Given what is fitted on another sample, an estimate would be of another thing.
    assert asked(8).planned.training.key(asked(8).network) == asked(1).planned.training.key(asked(1).network)


def test_a_preview_is_marked_in_every_output(world: World, tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    words = (*world.options("feature-sink", "no-sink"), "--quick", "--precision=fp32", f"--junitxml={junit}", *SELECTED)
    answer = run(HYPOTHESES, *words, folder=tmp_path / "quick")
    assert answer.code in (0, 1), answer.output
    assert answer.partial["preview"] is True
    assert {claim["n"] for claim in answer.partial["claims"] if claim["id"] in ("P2", "P3")} == {625}
    folder = tmp_path / "quick-partial"
    pages = [folder / "networks.html", *folder.rglob("evidence.html"), *folder.rglob("evidence.md")]
    assert len(pages) == 1 + 2 * 3
    for text in (answer.output, junit.read_text("utf-8"), *(page.read_text("utf-8") for page in pages)):
        assert "One in 8 of every draw and sample was asked" in " ".join(text.split())


@pytest.mark.parametrize("lasting", ["--gate", "--accept", "--export-replicates=new.json"])
def test_what_lasts_is_found_by_a_whole_run(world: World, tmp_path: Path, lasting: str) -> None:
    answer = run(HYPOTHESES, *world.options("feature-sink"), "--quick", lasting, folder=tmp_path / "refused")
    assert answer.code == 4
    assert answer.complaint == (
        f"{lasting.split('=')[0]} keeps to what a whole run finds, and --quick is a preview: leave one of them out"
    )
    assert answer.wrote_nothing
