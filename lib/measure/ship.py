"""Write what was measured on a network into the repository: ``python -m lib.measure.ship``.

A fresh clone then judges that network offline. What is written: logits of every pass, penultimate
features in 16 bits, scores of single images, and what needs inner stages, training images or pixels as
summaries. No image, and no pooled activations: whoever has the images can make those again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from lib.cache import cache_folder
from lib.errors import BadInput, Unavailable
from lib.images.decode import open_images
from lib.measure.imagery import Imagery
from lib.measure.inputs import Inputs, identify
from lib.measure.store import Store
from lib.measure.subject import Subject
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
    "checks",
)
"""What the claims ask of a subject and no fresh clone could compute without images, or only slowly."""

OF_IMAGES = ("training_scores", "test_scores", "room")
"""The same of the images alone."""


def ship(subject: Subject, reference: Path) -> list[str]:
    """Measure a network and write the measurements into ``reference/measurements``.

    Parameters
    ----------
    subject : Subject
        With images, and a store without a reference layer.
    reference : Path
        Entries that are there are replaced.

    Returns
    -------
    list of str
        Names of the entries.
    """
    imagery = Imagery(subject.inputs, subject.store)
    for asked, names in ((subject, MEASURED), (imagery, OF_IMAGES)):
        for name in names:
            try:
                asked.measured(name)
            except Unavailable as reason:
                subject.store.warn(f"{name} is not shipped: {reason}")
    twin = subject.untrained.network.hash
    test, train = subject.inputs.identity.test, subject.inputs.identity.train
    keys = []
    for receipt in subject.store.ledger:
        key = receipt.key
        source = key.parts.get("images")
        of = source.get("images") if isinstance(source, dict) else None
        is_twin_on_images = key.parts.get("network") == twin and of == test
        # Pooled activations, the twin's features and those of training images only serve the contrasts of stages and
        # the geometry, which are written.
        if key.measure == "stages" or (key.measure == "forward" and (is_twin_on_images or of == train)):
            continue
        keys.append(key)
    shutil.rmtree(reference / "measurements", ignore_errors=True)
    subject.store.export(keys, reference)
    identity = json.dumps(subject.inputs.identity.to_json(), indent=2)
    (reference / "images.json").write_text(identity + "\n", encoding="utf-8")
    return [key.name for key in keys]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code (0, or 4 for bad input)."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.measure.ship", description="Measure a network and write the measurements to be shipped."
    )
    parser.add_argument("--checkpoint", type=Path, required=True, help="the network")
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
        subject = Subject(open_network(options.checkpoint), Inputs(identity, images), store)
        names = ship(subject, options.reference)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 4
    print(f"{len(names)} measurements of {subject.network.hash[:8]} in {options.reference}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
