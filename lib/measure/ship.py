"""Write what was measured on a network into the repository: ``python -m lib.measure.ship``.

A fresh clone then judges that network offline. What is written: logits of every pass, penultimate
features in 16 bits, scores of single images, and what needs inner stages, training images or pixels as
summaries. No image, and no pooled activations: whoever has the images can make those again.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lib.cache import cache_folder
from lib.commandline import BAD_INPUT, Parser
from lib.errors import BadInput, Unavailable
from lib.images.decode import open_images
from lib.measure.classifier import Classifier
from lib.measure.imagery import Imagery
from lib.measure.inputs import Inputs, identify
from lib.measure.store import Store
from lib.measure.subject import Subject
from lib.measure.twoclass import TwoClass
from lib.networks.network import open_network
from lib.progress import bars

__all__ = ["MEASURED", "ship"]

MEASURED = (
    "test_images",
    "noise_a",
    "noise",
    "sensitivity",
    "settings",
    "spectra",
    "stages",
    "untrained_target",
    "untrained_stages",
    "geometry",
    "border_doses",
    "whole_doses",
    "dose_zero",
    "unit_means",
    "maximised",
    "detection",
    "shuffled",
    "renormalised",
    "counterexample",
    "checks",
)
"""What the claims ask of a subject and no fresh clone could compute without images, or only slowly."""

OF_TWO_CLASSES = ("test_images", "unseen", "noise_a", "noise", "dose_zero", "checks")
"""The same of a two-class network."""

OF_IMAGES = ("training_scores", "test_scores", "room")
"""The same of the images alone."""


def ship(subjects: Sequence[Subject], reference: Path) -> list[str]:
    """Measure networks and write the measurements into ``reference/measurements``.

    Parameters
    ----------
    subjects : sequence of Subject
        All with the same images, and one store without a reference layer. Two-class networks are :class:`TwoClass`.
    reference : Path
        Entries that are there are replaced.

    Returns
    -------
    list of str
        Names of the entries.
    """
    inputs, store = subjects[0].inputs, subjects[0].store
    for subject in subjects:
        _measure(subject, OF_TWO_CLASSES if isinstance(subject, TwoClass) else MEASURED, store)
    _measure(Imagery(inputs, store), OF_IMAGES, store)
    twins = {subject.untrained.network.hash for subject in subjects}
    test, train = inputs.identity.test, inputs.identity.train
    of_scores = {p.key(s.network).name for s in subjects for p in s.planned.published.values()}
    keys = []
    for receipt in store.ledger:
        key = receipt.key
        source = key.parts.get("images")
        of = source.get("images") if isinstance(source, dict) else None
        is_twin_on_images = key.parts.get("network") in twins and of == test
        # Pooled activations, the twin's features, those of training images and of the literature's noise only serve
        # the contrasts of stages, the geometry and the detection scores, which are written.
        if key.measure == "stages" or key.name in of_scores:
            continue
        if key.measure == "forward" and (is_twin_on_images or of == train):
            continue
        keys.append(key)
    shutil.rmtree(reference / "measurements", ignore_errors=True)
    store.export(keys, reference)
    identity = json.dumps(inputs.identity.to_json(), indent=2)
    (reference / "images.json").write_text(identity + "\n", encoding="utf-8")
    return [key.name for key in keys]


def _measure(asked: Subject | Imagery, names: Sequence[str], store: Store) -> None:
    for name in names:
        try:
            asked.measured(name)
        except Unavailable as reason:
            store.warn(f"{name} is not shipped: {reason}")


def _make_folder(folder: Path) -> None:
    """Find out that a folder cannot be written before anything is measured."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BadInput(f"{folder} cannot be written ({error.strerror or error}): name another --reference") from None


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code (0, or 4 for bad input)."""
    parser = Parser(
        prog="python -m lib.measure.ship", description="Measure a network and write the measurements to be shipped."
    )
    parser.add_argument("--checkpoint", type=Path, required=True, help="the network")
    parser.add_argument("--two-class", type=Path, help="a two-class network to ship beside it")
    parser.add_argument("--images", required=True, help="folder of images, or the word download")
    parser.add_argument("--reference", type=Path, required=True, help="folder to write into (fixtures/reference)")
    parser.add_argument("--cache", type=Path, help="where measurements are kept (default: the user's cache)")
    parser.add_argument("--name", help="what the report calls the images (default: the folder's name)")
    options = parser.parse_args(arguments)
    cache = options.cache or cache_folder()
    try:
        images = open_images(options.images, cache, bars)
        store = Store(cache, None, bars, lambda message: print(message, file=sys.stderr))
        identity = identify(images)
        identity = replace(identity, name=options.name or identity.name)
        inputs = Inputs(identity, images)
        network = open_network(options.checkpoint)
        subjects: list[Subject] = [Classifier(network, inputs.of_channels(network.preprocess.channels), store)]
        if options.two_class is not None:
            pair = open_network(options.two_class)
            if len(pair.classes) != 2:
                raise BadInput(f"{options.two_class} knows {len(pair.classes)} classes: give a network of two")
            subjects.append(TwoClass(pair, inputs.of_channels(pair.preprocess.channels), store))
        _make_folder(options.reference)
        names = ship(subjects, options.reference)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    print(f"{len(names)} measurements of {' and '.join(s.network.hash[:8] for s in subjects)} in {options.reference}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
