"""The claim that no corner of the box escapes, and the noise that does beside it, where some does, or none."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asking import HYPOTHESES, Answer, run
from PIL import Image
from worlds import SIZE, write_escaping_network, write_images

from why_bird.images.box import draw_settings
from why_bird.images.decode import open_images
from why_bird.measure.counterexample import RETEST
from why_bird.measure.inputs import ImageIdentity, identify
from why_bird.measure.noise_passes import SETTINGS

EDGE = 0.2
"""Standard deviations above the mean from which uniform noise escapes."""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImageIdentity]:
    """Images; one network from which noise escapes, and another with its edge beyond the box."""
    root = tmp_path_factory.mktemp("box")
    write_images(root / "images")
    identity = identify(open_images(str(root / "images"), root / "decoded"))
    for name, shift in (("open", EDGE), ("closed", 0.7)):
        bright = float(np.mean(identity.mean) + shift * np.mean(identity.std))
        write_escaping_network(root / f"{name}.safetensors", bright=bright)
    return root, identity


def search(root: Path, network: str, *, folder: Path) -> Answer:
    return run(
        HYPOTHESES,
        f"--checkpoint={root / network}.safetensors",
        "--network=planted_networks:escaping",
        f"--images={root / 'images'}",
        f"--evidence-cache={root / 'cache'}",
        "-k",
        "P7",
        folder=folder,
    )


def found_by(answer: Answer) -> dict[str, Any]:
    document = answer.partial
    assert document["errors"] == [], answer.output
    (claim,) = document["claims"]
    assert claim["id"] == "P7"
    found: dict[str, Any] = claim
    return found


def test_a_noise_that_escapes_is_caught_and_made_plainer(box: tuple[Path, ImageIdentity], folder: Path) -> None:
    root, identity = box
    found = found_by(search(root, "open", folder=folder))
    assert found["verdict"] == "rejected"
    assert found["target"] == "bird"
    # Of 16 corners it is the two bright ones of uniform noise: of both contrasts, and no dark one.
    escaped = {part["label"] for part in found["parts"] if part["value"] < 0.5}
    assert escaped == {f"uniform noise of {much} the contrast, 0.5 sd brighter" for much in ("half", "twice")}
    assert (len(found["parts"]), found["n"], found["unit"], found["threshold"]) == (16, 125, "noise images", 0.5)
    (table,) = found["tables"]
    ((family, shift, contrast, beta, share),) = table["rows"]
    assert (family, contrast, beta) == ("uniform", 1.0, None)
    leaving, again = found["beside"]
    # Of the settings those of uniform noise that are bright enough: the mean of 768 numbers has an sd of .04.
    escaping = [each.params.shift for each in draw_settings(SETTINGS, 0) if each.family == "uniform"]
    at_least, at_most = (sum(each > EDGE + more for each in escaping) for more in (0.1, 0.0))
    assert at_least <= leaving["value"] * leaving["n"] <= at_most
    assert shift in [each for each in escaping if each > EDGE]
    assert again["exploratory"]
    assert share == again["value"] < 0.4
    assert again["n"] == RETEST
    ((row,),) = (chart["rows"] for chart in found["charts"] if chart["kind"] == "images")
    assert len(row["pngs"]) == 8
    shown = []
    for png in row["pngs"]:
        with Image.open(io.BytesIO(base64.b64decode(png))) as image:
            assert (image.format, image.mode, image.size) == ("PNG", "RGB", (SIZE, SIZE))
            shown.append(np.asarray(image) / 255)
    # They are that noise: √3 standard deviations to either side of a mean that is shifted, and no further.
    mean, sd = np.array(identity.mean), np.array(identity.std)
    assert len({each.tobytes() for each in shown}) == 8
    assert np.all(np.abs(np.array(shown) - (mean + shift * sd)) <= np.sqrt(3) * sd + 0.5 / 255)
    assert np.abs(np.mean(shown) - np.mean(mean + shift * sd)) < 0.01


def test_where_no_corner_escapes_the_claim_holds_and_nothing_is_found(
    box: tuple[Path, ImageIdentity], folder: Path
) -> None:
    found = found_by(search(box[0], "closed", folder=folder))
    assert found["verdict"] == "confirmed"
    assert {part["value"] for part in found["parts"]} == {1.0}
    assert [(line["value"], line["n"]) for line in found["beside"]] == [(0, SETTINGS)]
    (chart,) = found["charts"]
    assert [row["values"] for row in chart["rows"]] == [[100.0] * 4] * 4
