"""Two runs side by side: what turned, where noise falls, what they were about, and that no name breaks a page."""

from dataclasses import replace

import html5lib
import pytest
from markdown_it import MarkdownIt

from why_bird.evidence.accepted import Baseline
from why_bird.evidence.compare import main
from why_bird.evidence.comparison.comparison import compare
from why_bird.evidence.comparison.markdown import LIMIT, MARKER, markdown
from why_bird.evidence.comparison.page import html
from why_bird.evidence.comparison.terminal import WIDTH, lines
from why_bird.evidence.comparison.words import headlines, turned
from why_bird.evidence.noise_counts import NoiseCounts
from why_bird.evidence.provenance import ImageOrigin

from .samples import ACCURACY, BIAS, HOSTILE, NETWORK, NOISE, OTHER, PROVENANCE, document, unmeasured
from .test_compare import held, run, write

CLASSES = ("bird", "frog", "cat")


def baseline(*records, noise=(), **origin):
    return Baseline.of(replace(document(records, provenance=replace(PROVENANCE, **origin)), noise=noise))


def of(network, claim, value, **changes):
    return held(claim, value, network=network.hash, network_name=network.name, **changes)


def fell(network, *counts):
    return NoiseCounts(network.hash, CLASSES, counts)


THEN = baseline(
    held(NOISE, 0.97), held(BIAS, 0.3), held(ACCURACY, 0.93), noise=(fell(NETWORK, 71, 28, 1),), commit="a" * 40
)


def test_what_turned_where_noise_falls_and_what_changed():
    now = baseline(
        of(OTHER, NOISE, 0.5, target="frog"),
        of(OTHER, BIAS, 0.3, target="bird"),
        of(OTHER, ACCURACY, 0.93),
        noise=(fell(OTHER, 0, 99, 1),),
        networks=(OTHER,),
        commit="b" * 40,
        images=ImageOrigin("mine", "c1fa", "elsewhere"),
    )
    found = compare(THEN, now)
    (row,) = turned(found)
    assert (row.claim, row.then, row.now, row.mark) == ("P2", "confirmed", "rejected", "rejected")
    assert row.who == "other, about frog and not bird"
    said = dict(headlines(found))
    assert said["Verdicts"] == "1 of 3 turned."
    assert said["Noise"] == "bird 71.0 %, frog 28.0 %, cat 1.0 % then; frog 99.0 %, cat 1.0 % now."
    # The same images lie in a folder of another name.
    assert said["Changed"] == "network, code."
    assert said["The same"] == "images, draws of noise, libraries."
    (fallen,) = found.fallen
    assert fallen.chart.title == "most noise now falls into frog"
    assert fallen.chart.stacks[1].shares == (0.0, 0.99, 0.01)


def test_the_same_run_twice_says_that_all_is_as_it_was():
    said = dict(headlines(compare(THEN, THEN)))
    assert said["Verdicts"] == "0 of 3 turned."
    # What nobody measured again has not turned.
    now = baseline(held(NOISE, 0.5), held(BIAS, 0.3), unmeasured(ACCURACY))
    assert dict(headlines(compare(THEN, now)))["Verdicts"] == "1 of 3 turned, 1 are measured in one run only."
    assert said["Values"].startswith("0 moved and are red, 0 moved or may have moved, 3 held")
    assert "Changed" not in said


def test_of_many_networks_the_verdict_of_most_counts():
    many = [replace(NETWORK, hash=f"{i:06x}", name=f"net {i}") for i in range(5)]

    def judged(values):
        return baseline(*(of(network, NOISE, value) for network, value in zip(many, values, strict=True)))

    held_by_most = judged([0.97, 0.97, 0.97, 0.5, 0.5])
    other = [replace(network, hash=f"f{network.hash}") for network in many]
    now = baseline(
        *(of(network, NOISE, value) for network, value in zip(other, [0.97, 0.5, 0.5, 0.5, 0.5], strict=True))
    )
    (row,) = turned(compare(held_by_most, now))
    assert (row.then, row.now) == ("confirmed in 3, rejected in 2", "confirmed in 1, rejected in 4")
    # Each against itself where both runs know it.
    assert [row.who for row in turned(compare(held_by_most, judged([0.97, 0.5, 0.97, 0.5, 0.5])))] == ["net 1"]


def test_on_other_images_verdicts_are_shown_and_no_value_is_held(tmp_path, capsys):
    old, new = write(tmp_path / "old.json", run()), tmp_path / "new"
    made = run(0.5, seed=1)
    made["provenance"]["images"] = {"name": "mine", "hash": "2f", "origin": "x"}
    new.mkdir()
    write(new / "evidence.json", made)
    assert main([str(old), str(new), f"--out={tmp_path / 'out'}"]) == 1
    said = capsys.readouterr().out
    assert "Values are not held against each other" in said
    assert "gate:" not in said
    assert "P2  confirmed → rejected" in said
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"compare.html", "compare.md"}


def test_a_folder_that_cannot_be_written_is_4_and_one_sentence(tmp_path, capsys):
    old = write(tmp_path / "old.json", run())
    assert main([str(old), str(old), f"--out={old}"]) == 4
    out, error = capsys.readouterr()
    assert out == ""
    assert error.count("\n") == 1
    assert "name another folder" in error


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_network_is_called_it_stays_text(name):
    now = baseline(of(replace(OTHER, name=name), NOISE, 0.5), networks=(replace(OTHER, name=name),), commit="b" * 40)
    found = compare(THEN, now)
    assert all(len(line) <= WIDTH and line.isprintable() for line in lines(found))
    page = html(found)
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    assert not [each for each in tree.iter() if each.tag in ("script", "img", "a") and each.get("href") != "#answer"]
    text = markdown(found)
    shown = MarkdownIt("commonmark").enable("table").render(text.removeprefix(MARKER))
    assert "<script" not in shown
    assert "<a " not in shown
    assert "<img" not in shown


def test_markdown_begins_with_its_marker_and_counts_what_does_not_fit():
    many = [replace(NETWORK, hash=f"{i:06x}", name=f"net {i}") for i in range(400)]
    found = compare(
        baseline(*(of(network, NOISE, 0.97) for network in many)),
        baseline(*(of(network, NOISE, 0.5) for network in many)),
    )
    text = markdown(found)
    assert text.startswith(f"{MARKER}\n")
    assert len(text.encode()) < LIMIT
    shown = text.count("| P2 (net ")
    assert 0 < shown < 800
    # Beside the two tables of 400 rows there are five of what the runs were about.
    assert f"{805 - shown} more rows" in text
