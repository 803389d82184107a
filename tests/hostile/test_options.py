"""Options out of their range, of another length or kind, and factories that give no network."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from .scene import Refusal, Scene, mode

THREE = "give three numbers, one a channel, such as 0.49,0.48,0.45"
FACTORY = "expected package.module:factory"
ODD = "--network=hostile.odd_networks"

REFUSED: dict[str, tuple[list[str], Refusal]] = {
    **{
        f"{option} empty": ([f"--{option}="], (f"--{option} is empty", "give it a place, or leave it out"))
        for option in ("checkpoint", "two-class", "images", "evidence-dir", "evidence-cache", "accepted", "line-up")
    },
    "mean of two": (["--mean=1,2"], ("--mean is '1,2'", THREE)),
    "mean of four": (["--mean=1,2,3,4"], ("--mean is '1,2,3,4'", THREE)),
    "mean of words": (["--mean=a,b,c"], ("--mean is 'a,b,c'", THREE)),
    "mean empty": (["--mean="], ("--mean is ''", THREE)),
    "mean NaN": (["--mean=nan,0,0"], ("mean is (nan, 0.0, 0.0)", "expected three finite numbers")),
    "mean infinite": (["--mean=1e999,0,0"], ("mean is (inf, 0.0, 0.0)", "expected three finite numbers")),
    "std of two": (["--std=1,2"], ("--std is '1,2'", THREE)),
    "std zero": (["--std=0,1,1"], ("std is [0.0, 1.0, 1.0]", "expected three positive numbers")),
    "std negative": (["--std=1,1,-1"], ("std is [1.0, 1.0, -1.0]", "expected three positive numbers")),
    "std subnormal": (["--std=1e-44,1,1"], ("std is [1e-44, 1.0, 1.0]", "expected three positive numbers")),
    "size zero": (["--input-size=0"], ("--input-size is '0'", "give a whole number from 1 to 1024")),
    "size negative": (["--input-size=-3"], ("--input-size is '-3'", "give a whole number from 1 to 1024")),
    "size a fraction": (["--input-size=1.5"], ("--input-size is '1.5'", "give a whole number from 1 to 1024")),
    "size too large": (["--input-size=1025"], ("--input-size is '1025'", "give a whole number from 1 to 1024")),
    "size of 5000 digits": ([f"--input-size={'9' * 5000}"], ("--input-size is '999", "from 1 to 1024")),
    "size in superscript": (["--input-size=³"], ("--input-size is '³'", "give a whole number from 1 to 1024")),
    "size of another network": ([f"{ODD}:of_another_size", "--input-size=20"], ("20×20 pixels", "right --input-size")),
    "interpolation": (
        ["--interpolation=cubic"],
        ("--interpolation is 'cubic'", "give one of bilinear, bicubic, nearest"),
    ),
    "stem": (["--stem=tiny"], ("--stem is 'tiny'", "give one of full, narrow, stride2, pool, imagenet")),
    "stem of none": (["--stem=pool"], ("a stem was given for planted_networks:planted", "only resnet18 has stems")),
    "seed negative": (["--noise-seed=-1"], ("--noise-seed is '-1'", "from 0 to 4294967295")),
    "seed too large": (["--noise-seed=4294967296"], ("--noise-seed is '4294967296'", "from 0 to 4294967295")),
    "seed a word": (["--noise-seed=x"], ("--noise-seed is 'x'", "give a whole number from 0")),
    "class names too few": (["--class-names=a,b"], ("2 class names are given", "give 10 with --class-names")),
    "class name alone": (["--class-names=bird"], ("--class-names is 'bird'", "give every class once")),
    "class name twice": (["--class-names=a,a"], ("--class-names is 'a,a'", "give every class once")),
    "class name empty": (["--class-names=a,,b"], ("--class-names is 'a,,b'", "give every class once")),
    "unknown classes": (
        ["--class-names=a,b,c,d,e,f,g,h,i,j"],
        ("none of the classes a, b, c, d, e, f, g, h, i, j is among the images'", "class names with --class-names"),
    ),
    "class name unprintable": (
        ["--class-names=a,b,c,d,e,f,g,h,i,j\x1b[31m"],
        ("a class name given is 'j\\x1b[31m'", "expected printable text"),
    ),
    "device unknown": (["--device=abacus"], ("device 'abacus' cannot be used", "cpu would work")),
    "device without numbers": (["--device=meta"], ("device 'meta' holds no numbers", "cpu would work")),
    "device of another machine": (["--device=cuda:99"], ("device 'cuda:99' cannot be used", "cpu would work")),
    "two classes of ten": (
        ["--two-class={root}/known.safetensors"],
        ("which knows 10 classes", "--recipe pair --classes cat,dog trains one"),
    ),
    "two classes missing": (["--two-class=nowhere.pt"], ("there is no file", "a safetensors file or torch.save")),
    "home of nobody": (["--checkpoint=~nobody-of-this-name/a.pt"], ("--checkpoint is '~nobody-of", "the whole path")),
    "report in a home of nobody": (["--evidence-dir=~nobody-here/x"], ("--evidence-dir is '~nobody", "the whole path")),
    "cache in a file": (["--evidence-cache={file}"], ("is a file", "give a folder, which may be a new one")),
    "cache below a file": (["--evidence-cache={file}/a/b"], ("is a file", "give a folder, which may be a new one")),
    "report of a long name": (["--evidence-dir=" + 300 * "x"], ("(File name too long)", "name another folder")),
    "checkpoint of a long name": (["--checkpoint=" + 300 * "x"], ("cannot be read (File name too long)", "would work")),
    "report in a file": (["--evidence-dir={file}"], ("is a file", "give a folder, which may be a new one")),
    "images in a file": (["--images={file}"], ("is a file, not a folder", "give an image tree")),
    "checkpoint twice": (["--checkpoint={root}/known.safetensors"], ("is the same network", "give every network once")),
    "export into no folder": (["--export-replicates={tmp}/a/b.json"], ("there is no folder", "make it first")),
    "export without a recipe": (
        ["--export-replicates={tmp}/b.json"],
        ("have to name one recipe", "as those of why_bird."),
    ),
    "amend without register": (["--amend=why"], ("--amend gives the reason", "use it with --register")),
    "gate on a selection": (["--gate"], ("refuses a selection (-k", "pytest hypotheses/ --gate")),
    "gate and accept": (["--gate", "--accept"], ("--gate holds a run", "give one")),
    "factory no name": (["--network=factory"], ("the network factory is 'factory'", FACTORY)),
    "factory a program": (["--network=os;x:y"], ("the network factory is 'os;x:y'", FACTORY)),
    "factory missing": (["--network=planted_networks:gone"], ("planted_networks has no gone", FACTORY)),
    "module missing": (["--network=no_such_module:f"], ("No module named 'no_such_module'", "on PYTHONPATH?")),
    "module that reads arguments": (
        ["--network=hostile.reads_arguments:factory"],
        ("hostile.reads_arguments cannot be imported (SystemExit: usage", "on PYTHONPATH?"),
    ),
    "factory that exits": ([f"{ODD}:ends_the_process"], ("(SystemExit: 2)", "expected a callable that returns")),
    "factory that raises": ([f"{ODD}:raises"], ("(RuntimeError: planted)", "expected a callable that returns")),
    "factory that panics": ([f"{ODD}:panics"], ("(PanicException: planted)", "expected a callable that returns")),
    "network that panics": ([f"{ODD}:panics_at_once"], ("(PanicException: planted)", "give the right --input-size")),
    "network that panics later": ([f"{ODD}:panics_at_black"], ("fails on five images", "any number of any images")),
    "factory of no module": ([f"{ODD}:no_module"], ("returns a builtin_function", "expected a torch.nn.Module")),
    "factory of two arguments": ([f"{ODD}:two_arguments"], ("missing 1 required positional", "expected a callable")),
    "factory of another network": ([f"{ODD}:no_argument"], ("does not fit", "--network=package.module:factory")),
    "logits in a tuple": ([f"{ODD}:in_pairs"], ("the network returns a tuple", "expected logits of shape (N, K)")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_option_is_refused(case: str, scene: Scene) -> None:
    given, refusal = REFUSED[case]
    (scene.tmp / "file").touch()
    places = {"root": scene.root, "tmp": scene.tmp, "file": scene.tmp / "file"}
    scene.refused(refusal, *(word.format(**places) for word in given))


ARCHITECTURES: dict[str, tuple[str, Refusal]] = {
    "unknown": ("resnet19", ("'resnet19' (did you mean resnet18", "expected resnet18, a torchvision")),
    "unknown of timm": ("timm:no_such_model", ("timm", "")),
    "of other weights": ("resnet18", ("does not fit resnet18 with the full stem", "may name what it fits")),
    "a path": ("../../net", ("the architecture is '../../net'", "timm:NAME, or --network=package.module:factory")),
}


@pytest.mark.parametrize("case", ARCHITECTURES)
def test_an_architecture_is_refused(case: str, scene: Scene) -> None:
    arch, refusal = ARCHITECTURES[case]
    scene.refused(refusal, f"--arch={arch}", network=None)


def test_logits_in_a_map_are_refused(scene: Scene) -> None:
    kernel = load_file(scene.checkpoint)["pattern.weight"].view(10, 3, 4, 4)
    path = scene.tmp / "map.safetensors"
    save_file({"pattern.weight": kernel, "pattern.bias": kernel[:, 0, 0, 0].contiguous()}, path)
    refusal = ("for 2 images the network returns of shape (2, 10, 1, 1)", "expected logits of shape (N, K)")
    scene.refused(refusal, checkpoint=path, network="hostile.odd_networks:logits_in_a_map")


def test_a_network_that_falters_on_an_image_ends_the_run_without_a_report(scene: Scene) -> None:
    answer = scene.ask(network="hostile.odd_networks:faltering")
    scene.check(answer, ("logits are not finite (NaN or infinite) for image", "give a checkpoint that was trained"))


def test_a_report_that_may_not_be_written_is_refused_before_anything_is_measured(scene: Scene) -> None:
    folder = scene.tmp / "closed"
    folder.mkdir()
    with mode(folder, 0o500), scene.untouched():
        answer = scene.ask(f"--evidence-dir={folder / 'new'}")
    scene.check(answer, ("cannot be written (Permission denied)", "name another folder"))


FOLDERS: dict[str, tuple[Callable[[Path, Path], object], Refusal]] = {
    "no manifest": (
        lambda folder, _: (folder / "manifest.json").write_text("[1]"),
        ("is not a manifest", "remove it to take the folder's files as they are"),
    ),
    "manifest of nothing": (
        lambda folder, _: (folder / "manifest.json").write_text('{"networks": []}'),
        ("lists no network", "remove it, or train into this folder"),
    ),
    "file missing": (
        lambda folder, _: (folder / "manifest.json").write_text('{"networks": [{"file": "a.pt", "sha256": "0"}]}'),
        ("lists a.pt, which is missing", "restore it, or remove the manifest"),
    ),
    "file changed": (
        lambda folder, net: [
            shutil.copy(net, folder / "a.pt"),
            (folder / "manifest.json").write_text('{"networks": [{"file": "a.pt", "sha256": "0"}]}'),
        ],
        ("a.pt, which is not the file that was entered", "restore it, or remove the manifest"),
    ),
    "nested without end": (
        lambda folder, _: (folder / "manifest.json").write_text("[" * 100_000),
        ("is not a manifest", "remove it to take the folder's files as they are"),
    ),
    "link to itself": (lambda folder, _: (folder / "again").symlink_to(folder), ("holds no checkpoint", "give one")),
}  # fmt: skip


@pytest.mark.parametrize("case", FOLDERS)
def test_a_folder_of_networks_is_refused(case: str, scene: Scene) -> None:
    harm, refusal = FOLDERS[case]
    folder = scene.tmp / "networks"
    folder.mkdir()
    harm(folder, scene.checkpoint)
    scene.refused(refusal, checkpoint=folder)
