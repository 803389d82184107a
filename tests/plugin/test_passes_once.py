"""Nothing is computed twice: of a whole run every image is counted, by what it shows and through which weights."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import counted_networks
import pytest
from asking import HYPOTHESES, Answer, run
from worlds import write_images, write_wide_network

from why_bird.measure.exchanged_statistics import CHOOSE, OF_A_STAGE
from why_bird.measure.maximisation.ascent import STARTS

TEST = 26
UNITS_SHOWN = 8
# Bird's units answer to roughness too, and a network with normalisation is asked about more than one without.
PLANTED = {"answers": {"bird": {"pattern": 1.0, "rough": 1.0}}, "bias": {"bird": 2.0}, "normalised": True}


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> list[list[counted_networks.Passed]]:
    """What passed in a whole run on an empty cache, and in the same run once more."""
    root = tmp_path_factory.mktemp("counted")
    write_images(root / "images", train=TEST, test=TEST)
    write_wide_network(root / "net.safetensors", **PLANTED)  # type: ignore[arg-type]
    counts = []
    for folder in (root / "first", root / "second"):
        counted_networks.PASSED.clear()
        answer = ask(root, folder)
        assert answer.evidence["complete"]
        assert answer.code == 1
        counts.append(counted_networks.PASSED.copy())
    counted_networks.PASSED.clear()
    return counts


def ask(root: Path, folder: Path) -> Answer:
    words = (f"--checkpoint={root / 'net.safetensors'}", "--network=counted_networks:counted")
    return run(HYPOTHESES, *words, f"--images={root / 'images'}", f"--evidence-cache={root / 'cache'}", folder=folder)


def test_no_image_passes_twice_but_for_a_reason(passed: list[list[counted_networks.Passed]]) -> None:
    asked_by: dict[tuple[str, str], list[str]] = defaultdict(list)
    for image in passed[0]:
        asked_by[image.weights, image.content].append(image.who)
    # Images and noise, through the network, its untrained twin and two with statistics estimated anew.
    assert len(asked_by) > 40_000
    assert len({weights for weights, _ in asked_by}) >= 4
    again = Counter(tuple(sorted(Counter(who).items())) for who in asked_by.values() if len(who) > 1)
    # Grey images, which cost nothing to make, tell how fast the network is.
    (grey,) = (who for who in again if dict(who).keys() == {"plan"})
    assert again.pop(grey) == 1
    # What the units look for is sought from random images that pass first to choose among them; several may take one.
    starts = [who for who in again if dict(who).keys() == {"maximisation.ascent"}]
    assert sum(again.pop(who) for who in starts) <= 2 * STARTS
    assert sum(times for who in starts for _, times in who) <= 2 * STARTS + UNITS_SHOWN
    assert again == {
        # Two images say what kind of answer a network gives when it is opened, and then where its head is.
        (("a pass", 2),): 2,
        # Whether a logit depends on the batch: alone, in thirteens, all at once and in reverse order.
        # These and others of noise-A pass once more for their moments at every normalisation, which no answer keeps.
        # Some of noise-A estimate a single stage; this network has but one, so that U4 starts from the same weights.
        (("a pass", 1), ("checks", 4), ("exchanged_statistics", 1)): 64,
        (("a pass", 1), ("exchanged_statistics", 1)): CHOOSE - 64 + OF_A_STAGE,
        # Dose 0 must change no bit, and is compared under each of five conditions.
        (("dose_checks", 10),): 16,
    }


def test_a_second_run_passes_nothing(passed: list[list[counted_networks.Passed]]) -> None:
    # But the two images with which a network is opened, twice, and five that show whether it answers as it did.
    assert len(passed[1]) == 2 * 2 + 5
