"""What is shipped is what the shipped network says, as far as it can be asked again."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from why_bird.cache import cache_folder
from why_bird.images.decode import open_images
from why_bird.images.published_noise import post
from why_bird.measure.classifier import Classifier
from why_bird.measure.forward import forward
from why_bird.measure.imagery import Imagery
from why_bird.measure.inputs import Inputs, read_identity
from why_bird.measure.plan import everything, make_plan
from why_bird.measure.store import Store
from why_bird.measure.subject import Subject
from why_bird.networks.opening import open_network
from why_bird.networks.recipe import RECIPES

REFERENCE = Path(__file__).resolve().parent.parent / "fixtures" / "reference"
REPORT = REFERENCE.parents[1] / "reports" / "reference"
SAMPLE = 96


@cache
def shipped() -> Subject:
    # A cache that does not exist: whatever is read comes from the shipped layer.
    store = Store(REFERENCE / "no-cache", REFERENCE)
    network = open_network(REFERENCE / "resnet18.safetensors")
    return Classifier(network, Inputs(read_identity(REFERENCE / "images.json"), None), store)


def test_noise_is_answered_as_shipped():
    subject = shipped()
    identity = subject.inputs.identity
    noise = post(identity.mean, identity.std, 32, 0, "B")
    again = forward(subject.network, noise, SAMPLE, taps=("logits", "features"))
    # Processors round differently; what is compared is the network, not the last bit.
    np.testing.assert_allclose(again["logits"], subject.noise.logits[:SAMPLE], rtol=1e-3, atol=5e-3)
    np.testing.assert_allclose(again["features"], subject.noise.features[:SAMPLE], rtol=2e-3, atol=5e-3)


def test_images_are_answered_as_shipped(request):
    given = request.config.option.images
    if given is None:
        pytest.skip("needs CIFAR-10: pytest tests/ --images=DIR")
    subject = shipped()
    images = open_images(given, cache_folder())
    assert images.test.hash == subject.inputs.identity.test
    again = forward(subject.network, images.test, SAMPLE, taps=("logits",))
    np.testing.assert_allclose(again["logits"], subject.test_images.logits[:SAMPLE], rtol=1e-3, atol=5e-3)


def test_another_network_would_be_noticed():
    subject = shipped()
    module = subject.network.module
    weight = module.fc.weight
    kept = weight.clone()
    noise = post(subject.inputs.identity.mean, subject.inputs.identity.std, 32, 0, "B")
    try:
        with torch.no_grad():
            weight.mul_(1.02)
        again = forward(subject.network, noise, 8, taps=("logits",))
    finally:
        with torch.no_grad():
            weight.copy_(kept)
    assert not np.allclose(again["logits"], subject.noise.logits[:8], rtol=1e-3, atol=5e-3)


def test_what_is_shipped_is_read_with_any_pillow(monkeypatch):
    monkeypatch.setattr("why_bird.measure.imagery.codec", lambda: "PNG, Pillow 99")
    assert len(Imagery(shipped().inputs, shipped().store).scores.labels) == 60_000


def test_fresh_clone_passes_no_image():
    plan = make_plan(everything([shipped()]))
    assert plan.images == 0
    assert not plan.without_images


@pytest.mark.parametrize(("name", "low", "high"), [("resnet18", 0.925, 0.94), ("cat-dog", 0.5, 1.0)])
def test_documents_fit_the_weights(name, low, high):
    document = json.loads((REFERENCE / f"{name}.training.json").read_text())
    network = open_network(REFERENCE / f"{name}.safetensors")
    assert low <= document["test_accuracy"] <= high
    assert list(network.classes) == document["classes"]
    assert network.metadata["seed"] == str(document["seed"])
    assert network.metadata["recipe"] == document["recipe"]["hash"] == RECIPES[document["recipe"]["name"]].hash()
    epochs = [json.loads(line) for line in (REFERENCE / f"{name}.log.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in epochs] == list(range(1, document["recipe"]["epochs"] + 1))


def test_shipped_accuracy_is_that_of_the_stored_answers():
    document = json.loads((REFERENCE / "resnet18.training.json").read_text())
    # The two passes may differ in a near tie.
    assert abs(shipped().accuracy - document["test_accuracy"]) <= 3 / len(shipped().test_images)


def test_no_image_of_a_training_set_is_shipped_in_the_report():
    document = json.loads((REPORT / "evidence.json").read_text())
    # Only a run that has the images can show them.
    assert document["provenance"]["images"]["origin"] == "no images given, shipped measurements"
    charts = [chart for claim in document["claims"] for chart in claim["charts"] if chart["kind"] == "images"]
    assert {row["label"] for chart in charts for row in chart["rows"]} == {"made", "noise"}
    assert not any("training" in chart["title"].lower() for chart in charts)


def test_what_is_shipped_keeps_its_budget():
    files = [path for path in REFERENCE.rglob("*") if path.is_file()]
    stated = re.search(r"Budget: (\d+) MB .*?, (\d+) MB a file", (REFERENCE / "README.md").read_text())
    assert stated
    assert sum(path.stat().st_size for path in files) <= int(stated[1]) * 1e6
    assert max(path.stat().st_size for path in files) <= int(stated[2]) * 1e6
