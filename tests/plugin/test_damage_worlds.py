"""Damage is no push: what blur and a flat fill take away is nothing that noise gives."""

from __future__ import annotations

from pathlib import Path

from asking import HYPOTHESES, run
from worlds import write_images, write_network

from why_bird.evidence.numbers import number


def test_what_controls_take_away_is_no_push_by_noise(tmp_path: Path) -> None:
    """All images are as grainy as counts for bird. Blur and fill take it away; noise adds none that counts."""
    write_images(tmp_path / "images")
    path = write_network(tmp_path / "grainy.safetensors", sink="bird", rough=(0.0, 0.02))
    answer = run(
        f"{HYPOTHESES}/test_background_noise.py::test_noise_at_the_border_pushes_more_than_blur_and_flat_fill",
        f"--checkpoint={path}",
        "--network=planted_networks:planted",
        f"--images={tmp_path / 'images'}",
        f"--evidence-cache={tmp_path / 'cache'}",
        folder=tmp_path / "evidence",
    )
    (claim,) = answer.partial["claims"]
    assert claim["verdict"] == "rejected"
    parts = {part["label"]: part["value"] for part in claim["parts"]}
    assert min(parts["than blur"], parts["than flat"]) > 0.2
    assert abs(parts["than no change"]) < 0.1
    # What is said of noise is what is judged of it.
    assert f"moves an image {number(parts['than no change'])} sd towards bird" in claim["words"]["found"]
    assert "than no change does, and 0.20 more was asked" in claim["words"]["fails"]
