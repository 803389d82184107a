"""An arm changes one thing of a training, and everything else starts and goes as in the plain one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny_training import CLASSES, TINY, write_tree
from torch import nn

from why_bird.errors import BadInput
from why_bird.images.decode import open_images
from why_bird.images.image_set import Images
from why_bird.networks.arms import PLAIN, WITH, WITHOUT, Arm, spectrum_giver
from why_bird.networks.opening import open_network
from why_bird.networks.resnet import RESNETS, resnet18
from why_bird.networks.train import Job, train

pytestmark = pytest.mark.usefixtures("one_thread")
SHORT = replace(TINY, name="short", epochs=1, small_epochs=0)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Images:
    root = write_tree(tmp_path_factory.mktemp("tree"), train=20, size=16)
    return open_images(str(root), root / "cache")


@pytest.fixture(scope="module")
def plain(images: Images, tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    """The weights of a network that was trained as all others."""
    return load_file(train(Job(SHORT, 0, CLASSES), images, tmp_path_factory.mktemp("plain")))


def every_arm() -> list[Arm]:
    arms = [Arm("without", what, ("frog",) * change.classes) for what, change in WITHOUT.items()]
    return arms + [Arm("with", what, ("frog", "cat")[: change.classes]) for what, change in WITH.items()]


@pytest.mark.parametrize("arm", every_arm(), ids=lambda arm: arm.name)
def test_every_arm_trains_a_network_that_is_opened_as_what_it_is(
    arm: Arm, images: Images, plain: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    path = train(Job(SHORT, 0, CLASSES, arm=arm), images, tmp_path)
    network = open_network(path)
    assert network.metadata["arm"] == arm.name == json.loads((path.parent / "training.json").read_text())["arm"]
    assert network.arch == arm.change.arch
    assert network.classes == (("bird", "cat") if arm.change.drops else CLASSES)
    assert path.parents[1].name == f"short-bird-cat-frog{arm.folder}"
    assert any(name not in plain or not torch.equal(plain[name], w) for name, w in load_file(path).items())


@pytest.mark.parametrize("how", ["without", "with"])
def test_an_arm_comes_back_from_its_name(how: str) -> None:
    for arm in (arm for arm in every_arm() if arm.how == how):
        assert Arm.parse(arm.how, arm.name.removeprefix("without ")) == arm


@pytest.mark.parametrize(
    "text", ["", ":", "detail", "detail:", "detail: ", ":cat", "blur:cat", "Detail:cat", "noise:a"]
)
def test_a_name_that_is_none_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        Arm.parse("with", text)
    assert str(caught.value).startswith(f"--with {text!r} ")
    assert Arm.parse("with", " detail: cat") == Arm("with", "detail", ("cat",))


def test_two_arms_never_share_a_folder() -> None:
    arms = [PLAIN, *every_arm(), Arm("with", "detail", ("cat",)), Arm("with", "border", ("cat",))]
    assert len({arm.folder for arm in arms}) == len(arms)


@pytest.mark.parametrize("arm", [arm for arm in every_arm() if arm.change.pixels], ids=lambda arm: arm.name)
def test_changed_pixels_depend_on_seed_and_images_alone(arm: Arm, images: Images) -> None:
    before = images.train.pixels.copy()
    first, again, *others = (arm.pixels(images.train, seed) for seed in (3, 3, 4, 5, 6, 7))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(images.train.pixels, before)
    assert (first.dtype, first.shape) == (np.uint8, before.shape)
    assert (first != before).any()
    drawn = arm.what in ("phases", "detail", "white-spectrum", "random-phases", "permuted-cross-spectra")
    drawn = drawn or (arm.what, arm.how) == ("border", "with")
    assert any((first != other).any() for other in others) == drawn


def test_the_key_pair_changes_the_same_fifth_of_one_class(images: Images) -> None:
    white, phases = (
        Arm("with", what, ("frog",)).pixels(images.train, 7) for what in ("white-spectrum", "random-phases")
    )
    changed = [(each != images.train.pixels).any(axis=(1, 2, 3)) for each in (white, phases)]
    np.testing.assert_array_equal(*changed)
    frogs = images.train.labels == CLASSES.index("frog")
    assert changed[0].sum() == frogs.sum() // 5
    assert not changed[0][~frogs].any()


def test_permuted_cross_spectra_leave_no_class_its_own_and_swapped_ones_are_mutual() -> None:
    classes = tuple("abcdefghij")
    orders = set()
    for seed in range(20):
        giver = spectrum_giver(Arm("with", "permuted-cross-spectra"), classes, seed)
        assert sorted(giver) == sorted(giver.values()) == sorted(classes)
        assert all(name != given for name, given in giver.items())
        orders.add(tuple(giver[name] for name in classes))
    assert len(orders) > 15
    assert spectrum_giver(Arm.parse("with", "swapped-cross-spectra: b, c"), classes, 0) == {"b": "c", "c": "b"}
    assert spectrum_giver(PLAIN, classes, 0) == {}


def test_forms_of_the_network_start_from_the_same_weights_and_differ_in_one_thing() -> None:
    made = {}
    for arch in RESNETS:
        torch.manual_seed(5)
        made[arch] = resnet18("full", 10, arch).eval()
    plain = made["resnet18"].state_dict()
    for arch, module in made.items():
        state = module.state_dict()
        assert all(torch.equal(plain[name], value) for name, value in state.items())
        if arch != "resnet18":
            x = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
            assert not torch.allclose(module(x), made["resnet18"](x))
    assert "fc.bias" not in made["resnet18-without-output-bias"].state_dict()
    assert not any(isinstance(part, nn.BatchNorm2d) for part in made["resnet18-group-norm"].modules())
    with pytest.raises(ValueError, match="arch is 'resnet19', expected one of resnet18,"):
        resnet18("full", 10, "resnet19")


def test_a_circular_network_does_not_know_where_the_border_is() -> None:
    torch.manual_seed(0)
    module = resnet18("full", 10, "resnet18-circular").eval()
    x = torch.randn(1, 3, 32, 32)
    torch.testing.assert_close(module(x), module(torch.roll(x, (8, -8), (2, 3))), rtol=1e-3, atol=1e-4)
    plain = resnet18("full", 10).eval()
    assert not torch.allclose(plain(x), plain(torch.roll(x, (8, -8), (2, 3))), rtol=1e-3, atol=1e-4)


def test_an_average_over_one_place_cannot_be_taken_away(images: Images, tmp_path: Path) -> None:
    job = Job(replace(SHORT, stem="imagenet"), 0, CLASSES, arm=Arm.parse("without", "averaging"))
    with pytest.raises(BadInput, match="images of 16 pixels leave the last stage of recipe short one place"):
        train(job, images, tmp_path)
    assert not list(tmp_path.iterdir())
