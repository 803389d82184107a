"""Any file is a set of replicates that every reader of one can use, or is refused in one sentence."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hostile_values import changed, damaged, read_or_refused, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from why_bird.evidence.claim import Claim
from why_bird.evidence.replicates import Replicate, ReplicateNetwork, ReplicateSet, read_replicates, write_replicates
from why_bird.printing import printable
from why_bird.stats import NetworkValue

from .samples import numbers, words
from .test_replicates import CLAIM, sample

shares = st.floats(0, 1)
counts = st.integers(0, 2**53)
units = words.filter(lambda unit: unit != "networks")


def networks(name: str) -> st.SearchStrategy[ReplicateNetwork]:
    noise = st.dictionaries(words, counts, min_size=1, max_size=3).filter(lambda found: sum(found.values()) > 0)
    draws = st.fixed_dictionaries({"A": noise, "B": noise, "A before training": noise})
    recall = st.dictionaries(words, shares, max_size=3)
    return st.builds(ReplicateNetwork, st.just(name), words, st.integers(0, 2**32 - 1), words, shares, recall, draws)


def rows(name: str) -> st.SearchStrategy[Replicate]:
    value = st.builds(
        NetworkValue, numbers, st.none() | st.floats(0, 1e9), st.integers(1, 2**53), units, st.none() | numbers
    )
    beside = st.lists(st.tuples(words, st.sampled_from([0.0, 1.0])), max_size=2).map(tuple)
    return st.builds(Replicate.of, st.just(name), words, value, beside)


@st.composite
def sets(draw: st.DrawFn) -> ReplicateSet:
    hashes = draw(st.lists(words, min_size=1, max_size=3, unique_by=printable))
    claims = {
        claim: tuple(draw(rows(name)) for name in hashes) for claim in draw(st.lists(words, max_size=2, unique=True))
    }
    return ReplicateSet(
        draw(st.fixed_dictionaries({"hash": words, "name": words})),
        tuple(draw(st.lists(words, min_size=2, max_size=3, unique=True))),
        draw(words),
        draw(words),
        draw(st.integers(0, 2**32 - 1)),
        tuple(draw(networks(name)) for name in hashes),
        claims,
        {claim: replace(CLAIM, id=claim, threshold=draw(numbers)) for claim in claims},
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replicates") / "r.json"


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(sets())
def test_any_set_comes_back_as_it_was_written(path: Path, made: ReplicateSet) -> None:
    write_replicates(path, made)
    assert read_replicates(path) == made
    check(made)


@settings(max_examples=200)
@given(st.data())
def test_a_set_with_one_value_changed_can_be_used_or_is_refused(path: Path, data: st.DataObject) -> None:
    write_replicates(path, sample())
    path.write_text(data.draw(changed(json.loads(path.read_text("utf-8")))), "utf-8")
    found = read_or_refused(lambda: read_replicates(path))
    if found is not None:
        check(found)


@settings(max_examples=100)
@given(st.data())
def test_a_damaged_file_can_be_used_or_is_refused(path: Path, data: st.DataObject) -> None:
    write_replicates(path, sample())
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    found = read_or_refused(lambda: read_replicates(path))
    if found is not None:
        check(found)


@settings(max_examples=60)
@given(st.binary(max_size=40) | texts.map(str.encode))
def test_any_file_is_refused_in_one_sentence(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert read_or_refused(lambda: read_replicates(path)) is None


def check(found: ReplicateSet) -> None:
    """Hold a set to what its documentation says, and ask it what a report asks of it."""
    assert found.name
    assert type(found.recipe["hash"]) is type(found.images) is type(found.training_images) is str
    assert type(found.noise_seed) is int
    assert all(type(name) is str for name in found.classes)
    for network in found.networks:
        name, share = network.collapse
        assert type(name) is type(network.network) is type(network.name) is type(network.arm) is str
        assert type(network.seed) is int
        assert sum(network.noise["B"].values()) > 0
        assert all(0 <= each <= 1 for each in (share, network.accuracy, *network.recall.values()))
        assert all(type(n) is int and n >= 0 for draw in network.noise.values() for n in draw.values())
    for claim, said in found.claims.items():
        assert type(claim) is str
        for row in said:
            assert type(row.network) is type(row.name) is type(row.unit) is str
            assert all(type(line.label) is str and math.isfinite(line.value) for line in row.beside)
    assert all(type(terms) is Claim for terms in found.terms.values())
