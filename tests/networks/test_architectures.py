from __future__ import annotations

import importlib.util
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from why_bird.errors import BadInput
from why_bird.networks.architectures import build, choose_arch, choose_stem, count_classes
from why_bird.networks.checkpoint import strip_prefixes
from why_bird.networks.network import STEMS


def test_option_wins_over_metadata_and_metadata_over_resnet18() -> None:
    assert choose_arch({"arch": "vgg11"}, factory="a.b:c", arch="alexnet") == "a.b:c"
    assert choose_arch({"arch": "vgg11"}, arch="AlexNet") == "alexnet"
    assert choose_arch({"arch": "vgg11"}) == "vgg11"
    assert choose_arch({"arch": "timm:resnet18d"}) == "timm:resnet18d"
    assert choose_arch({}) == "resnet18"


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"is 'resnet19' \(did you mean resnet18 or .*expected resnet18, a torchvision"):
        choose_arch({}, arch="resnet19")


@pytest.mark.parametrize("named", ["os:getcwd", "timm:hf-hub:someone/net", "timm:local-dir:/", "fcn_resnet50", ""])
def test_a_checkpoint_cannot_choose_what_is_imported_or_downloaded(named: str) -> None:
    with pytest.raises(BadInput, match=r"the checkpoint's architecture is .*--network=package\.module:factory"):
        choose_arch({"arch": named})


@pytest.mark.parametrize("factory", ["module", "a.b", "a:b:c", "a:", ":b", "a b:c", "a/b:c", "a..b:c", ""])
def test_a_factory_has_the_form_of_one(factory: str) -> None:
    with pytest.raises(BadInput, match=r"expected package\.module:factory"):
        choose_arch({}, factory=factory)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_metadata_gives_an_architecture_or_one_sentence(arch: str, stem: str) -> None:
    try:
        said = choose_arch({"arch": arch}) + str(choose_stem("resnet18", {}, {"stem": stem})[0])
    except BadInput as error:
        said = str(error)
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("kernel", "option", "metadata", "expected"),
    [
        (7, None, {}, ("imagenet", False)),
        (7, None, {"stem": "full"}, ("imagenet", False)),
        (3, None, {}, ("full", True)),
        (3, None, {"stem": "pool"}, ("pool", False)),
        (3, "stride2", {"stem": "pool"}, ("stride2", False)),
    ],
)
def test_stem(kernel: int, option: str | None, metadata: dict[str, str], expected: tuple[str, bool]) -> None:
    state = {"conv1.weight": torch.zeros(64, 3, kernel, kernel)}
    assert choose_stem("resnet18", state, metadata, option) == expected


def test_only_resnet18_has_stems() -> None:
    assert choose_stem("vgg11", {}, {"stem": "full"}) == (None, False)
    with pytest.raises(BadInput, match="only resnet18 has stems"):
        choose_stem("vgg11", {}, {}, "full")
    with pytest.raises(BadInput, match="the stem is 'big', expected one of full, narrow, stride2, pool, imagenet"):
        choose_stem("resnet18", {}, {}, "big")


@pytest.mark.parametrize("stem", STEMS)
def test_classes_of_a_resnet18_are_counted_from_its_head(stem: str) -> None:
    with torch.device("meta"):
        state = build("resnet18", stem, 7).state_dict()  # type: ignore[arg-type]
    assert count_classes("resnet18", stem, state) == 7  # type: ignore[arg-type]


def test_a_narrow_resnet18_has_half_as_many_channels_in_every_layer() -> None:
    wide, narrow = ({k: v.shape for k, v in build("resnet18", s, 7).state_dict().items()} for s in ("full", "narrow"))  # type: ignore[arg-type]
    assert list(narrow) == list(wide)
    channels = {name: (shape[0], wide[name][0]) for name, shape in narrow.items() if shape and name[:3] != "fc."}
    assert all(2 * half == whole for half, whole in channels.values())


@pytest.mark.parametrize("arch", ["squeezenet1_1", "vit_b_32", "mobilenet_v3_small", "densenet121", "googlenet"])
def test_classes_are_counted_wherever_the_head_is(arch: str) -> None:
    with torch.device("meta"):
        state = build(arch, None, 7).state_dict()
    assert count_classes(arch, None, state) == 7


def test_classes_of_an_architecture_that_computes_while_it_is_made() -> None:
    state = build("regnet_y_400mf", None, 7).state_dict()
    assert count_classes("regnet_y_400mf", None, state) == 7


def test_classes_cannot_be_counted_without_the_head_or_for_a_fixed_network() -> None:
    assert count_classes("tiny_networks:linear", None, {"0.weight": torch.zeros(4, 3, 3, 3)}) is None
    fixed = build("tiny_networks:fixed_at_three", None, 7).state_dict()
    assert count_classes("tiny_networks:fixed_at_three", None, fixed) is None


def test_a_factory_may_keep_its_network_in_an_attribute_named_as_a_prefix() -> None:
    state = build("tiny_networks:Inner", None, 5).state_dict()
    plain = {short: state[name] for name, short in strip_prefixes(state).items()}
    assert count_classes("tiny_networks:Inner", None, plain) == 5


def test_building_leaves_the_global_generator_alone_and_obeys_the_seed() -> None:
    before = torch.random.get_rng_state()
    one, again, other = (build("tiny_networks:linear", None, 3, seed=s) for s in (5, 5, 6))
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.equal(one.get_parameter("5.weight"), again.get_parameter("5.weight"))
    assert not torch.equal(one.get_parameter("5.weight"), other.get_parameter("5.weight"))


def test_torchvision_networks_are_built_with_their_classes_and_without_warnings() -> None:
    module = build("mobilenet_v3_small", None, 4).eval()
    assert isinstance(module, nn.Module)
    assert module(torch.zeros(1, 3, 32, 32)).shape == (1, 4)


@pytest.mark.parametrize(
    ("arch", "found"),
    [
        ("no_such_package.networks:net", "cannot be imported.*PYTHONPATH"),
        ("tiny_networks:absent", "tiny_networks has no absent"),
        ("tiny_networks:failing", "fails when it is called with 3.*RuntimeError: no such luck\\)"),
        ("tiny_networks:number", "fails when it is called with 3"),
        ("tiny_networks:not_a_module", "returns a int, expected a torch.nn.Module"),
    ],
)
def test_what_a_factory_does_wrong_is_said_in_one_sentence(arch: str, found: str) -> None:
    with pytest.raises(BadInput, match=found) as caught:
        build(arch, None, 3)
    assert "\n" not in str(caught.value)


def test_timm_is_asked_for_by_name_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(BadInput, match=r"needs timm.*pip install 'why-bird\[timm\]'"):
        build("timm:resnet18d", None, 3)


@pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="timm is not installed")
def test_timm_networks() -> None:
    state = build("timm:resnet18d", None, 4).state_dict()
    assert count_classes("timm:resnet18d", None, state) == 4
    with pytest.raises(BadInput, match="timm has no model resnet18x"):
        build("timm:resnet18x", None, 4)
