"""The claim that no corner of the box escapes, and the search beside it, where some noise does, or none."""

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

from why_bird.images.decode import open_images
from why_bird.measure.inputs import ImageIdentity, identify

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


def search(root: Path, network: str, *more: str, folder: Path) -> Answer:
    return run(
        HYPOTHESES,
        f"--checkpoint={root / network}.safetensors",
        "--network=planted_networks:escaping",
        f"--images={root / 'images'}",
        f"--evidence-cache={root / 'cache'}",
        "-k",
        "P7",
        *more,
        folder=folder,
    )


def found_by(answer: Answer) -> dict[str, Any]:
    document = answer.partial
    assert document["errors"] == [], answer.output
    (claim,) = document["claims"]
    assert claim["id"] == "P7"
    found: dict[str, Any] = claim
    return found


def test_a_noise_that_escapes_is_caught_and_shrunk_to_the_edge(box: tuple[Path, ImageIdentity], folder: Path) -> None:
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
    # The mean of an image of 768 numbers has an sd of .04, and three quarters of the images have to escape.
    assert (family, contrast, beta) == ("uniform", 1.0, None)
    assert EDGE < shift <= EDGE + 0.06
    (again,) = (line for line in found["beside"] if line["exploratory"])
    assert share == again["value"] < 0.4
    assert again["n"] == 2_000
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


def test_where_no_corner_escapes_the_claim_holds_and_the_search_finds_nothing(
    box: tuple[Path, ImageIdentity], folder: Path
) -> None:
    found = found_by(search(box[0], "closed", folder=folder))
    assert found["verdict"] == "confirmed"
    assert {part["value"] for part in found["parts"]} == {1.0}
    assert [line["value"] for line in found["beside"]] == [156]
    (chart,) = found["charts"]
    assert [row["values"] for row in chart["rows"]] == [[100.0] * 4] * 4


def test_without_a_budget_nothing_is_sought_and_the_corners_are_judged(
    box: tuple[Path, ImageIdentity], folder: Path
) -> None:
    for network, verdict in (("open", "rejected"), ("closed", "confirmed")):
        found = found_by(search(box[0], network, "--search-budget=0", folder=folder / network))
        assert found["verdict"] == verdict
        assert [line["value"] for line in found["beside"]] == [0]


@pytest.mark.parametrize("budget", ["-1", "many", "", "12.5", "1000001"])
def test_a_budget_that_is_no_number_of_images_is_refused(
    box: tuple[Path, ImageIdentity], folder: Path, budget: str
) -> None:
    answer = search(box[0], "open", f"--search-budget={budget}", folder=folder)
    assert answer.code == 4
    assert answer.complaint == f"--search-budget is {budget!r}: give a whole number from 0 to 1000000"
    assert answer.wrote_nothing
