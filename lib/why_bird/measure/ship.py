"""Write what was measured on a network into the repository: ``python -m why_bird.measure.ship``.

A fresh clone then judges that network offline. What is written: logits of every pass, penultimate
features in 16 bits, scores of single images, and what needs inner stages, training images or pixels as
summaries. No image, and no pooled activations: whoever has the images can make those again.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from why_bird.cache import cache_folder
from why_bird.command_line import Parser, command
from why_bird.errors import BadInput, Unavailable
from why_bird.files import written
from why_bird.images.decode import open_images
from why_bird.measure.classifier import Classifier
from why_bird.measure.imagery import Imagery
from why_bird.measure.inputs import Inputs, identify
from why_bird.measure.known_networks import kept_as, open_known
from why_bird.measure.measurement import Measurable, declared
from why_bird.measure.store import Store
from why_bird.measure.stored import Stored
from why_bird.measure.subject import Subject
from why_bird.measure.two_class import TwoClass
from why_bird.progress import bars


def ship(subjects: Sequence[Subject], reference: Path) -> list[str]:
    """Measure networks and write what is declared to be shipped into ``reference/measurements``.

    Parameters
    ----------
    subjects : sequence of Subject
        All with the same images, and one store without a reference layer.
    reference : Path
        Entries that are there are replaced.

    Returns
    -------
    list of str
        Names of the entries.
    """
    inputs, store = subjects[0].inputs, subjects[0].store
    entries = [entry for asked in (*subjects, Imagery(inputs, store)) for entry in _measured(asked)]
    keys = list(dict.fromkeys(entry.key for entry in entries))
    shutil.rmtree(reference / "measurements", ignore_errors=True)
    store.export(keys, reference)
    identity = json.dumps(inputs.identity.to_json(), indent=2)
    (reference / "images.json").write_text(identity + "\n", encoding="utf-8")
    return [key.name for key in keys]


def _measured(asked: Measurable) -> Iterator[Stored[Any]]:
    """Yield the entries of what could be measured; what these were made of stays where it is."""
    for each in declared(type(asked)):
        if each.shipped:
            try:
                asked.ask(each)
                yield from each.entries(asked)
            except Unavailable as reason:
                asked.store.warn(f"{each.name} is not shipped: {reason}")


def _make_folder(folder: Path) -> None:
    """Find out that a folder cannot be written before anything is measured."""
    with written(folder, "name another --reference"):
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code (0, or 4 for bad input)."""
    parser = Parser(
        prog="python -m why_bird.measure.ship",
        description="Measure a network and write the measurements to be shipped.",
    )
    parser.add_argument("--checkpoint", type=Path, required=True, help="the network")
    parser.add_argument("--two-class", type=Path, help="a two-class network to ship beside it")
    parser.add_argument("--images", required=True, help="folder of images, or the word download")
    parser.add_argument("--reference", type=Path, required=True, help="folder to write into (fixtures/reference)")
    parser.add_argument("--cache", type=Path, help="where measurements are kept (default: the user's cache)")
    parser.add_argument("--name", help="what the report calls the images (default: the folder's name)")
    options = parser.parse_args(arguments)
    cache = options.cache or cache_folder()
    images = open_images(options.images, cache, bars)
    store = Store(cache, None, bars, lambda message: print(message, file=sys.stderr))
    identity = identify(images)
    identity = replace(identity, name=options.name or identity.name)
    inputs = Inputs(identity, images)
    network = open_known(options.checkpoint, store)
    subjects: list[Subject] = [Classifier(network, inputs.of_channels(network.preprocess.channels), store)]
    if options.two_class is not None:
        pair = open_known(options.two_class, store)
        if len(pair.classes) != 2:
            raise BadInput(f"{options.two_class} knows {len(pair.classes)} classes: give a network of two")
        subjects.append(TwoClass(pair, inputs.of_channels(pair.preprocess.channels), store))
    _make_folder(options.reference)
    names = ship(subjects, options.reference)
    store.export([kept_as(path)[0] for path in (options.checkpoint, options.two_class) if path], options.reference)
    print(f"{len(names)} measurements of {' and '.join(s.network.hash[:8] for s in subjects)} in {options.reference}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
