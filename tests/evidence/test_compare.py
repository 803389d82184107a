"""Files held against each other outside pytest: baselines, evidence, and what is neither."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from why_bird.errors import BadInput
from why_bird.evidence.accepted import Baseline, read_accepted, read_baseline, write_accepted
from why_bird.evidence.codec import encode
from why_bird.evidence.compare import main
from why_bird.evidence.document import read_document
from why_bird.evidence.exhibits import Reading
from why_bird.stats import Interval
from why_bird.stats.drift import GATE_LEVEL

from .samples import ACCURACY, BIAS, NETWORK, NOISE, document, record

ROOT = Path(__file__).parents[2]


def held(claim, value, **changes):
    """A record that the gate can hold."""
    se = 0.004
    ends = {k: Interval(value - k * se, value + k * se, level) for k, level in ((1.96, 0.95), (3.72, GATE_LEVEL))}
    low, high = claim.threshold if isinstance(claim.threshold, tuple) else (claim.threshold, math.inf)
    outcome = "confirmed" if low < value - 3.3 * se and value + 3.3 * se < high else "rejected"
    numbers = {
        "estimate": Reading(value, ends[1.96].low, ends[1.96].high),
        "decision_interval": Interval(value - 3.3 * se, value + 3.3 * se, 0.999),
        "gate_interval": ends[3.72],
        "standard_error": se,
    }
    return record(claim, outcome, **{**numbers, **changes})


def run(noise=0.97, bias=0.3, seed=0, **changes):
    made = encode(document([held(NOISE, noise), held(BIAS, bias), held(ACCURACY, 0.93)], **changes))
    made["provenance"]["seeds"] = {"noise": seed}
    return made


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.fixture
def files(tmp_path):
    """Two paths: of an accepted run, and where a new one goes."""
    return write(tmp_path / "old.json", run()), tmp_path / "new.json"


def below(said, title):
    """The lines of one table of what was printed."""
    lines = said.splitlines()
    if title not in lines:
        return []
    start = lines.index(title) + 1
    return lines[start : lines.index("", start)]


MOVED, DIFFER, LOST = "values that moved and are red", "values that moved or may have moved", "cannot be held"


def test_held_is_0_and_moved_is_1(files, capsys):
    old, new = files
    assert main([str(old), str(write(new, run(0.969, seed=1)))]) == 0
    said = capsys.readouterr().out
    assert "0 of 3 turned" in said
    assert "gate: 3 held, 0 amber, 0 red, 0 noted" in said
    assert not below(said, MOVED)
    assert main([str(old), str(write(new, run(0.5, seed=1)))]) == 1
    said = capsys.readouterr().out
    # by hand: 5.7 times √2 · .004 is .0322, above half of .05, and .47 is 14.6 times that
    assert below(said, MOVED) == [
        "  P2  0.970 → 0.500  −14.6 margins of 0.0322  Nearly all noise falls into one class."
    ]
    assert below(said, "verdicts that turned") == ["  P2  confirmed → rejected  Nearly all noise falls into one class."]


def test_amber_is_a_warning_and_0(files, capsys):
    old, new = files
    assert main([str(old), str(write(new, run(0.945, seed=1)))]) == 0
    said = capsys.readouterr().out
    assert [line.split()[0] for line in below(said, DIFFER)] == ["P2"]
    assert not below(said, MOVED)


def test_a_deleted_claim_an_edited_threshold_and_a_value_that_is_none_are_one_sentence_each(files, capsys):
    old, new = files
    made = run(seed=1)
    bias, noise, accuracy = (next(c for c in made["claims"] if c["id"] == name) for name in ("Z2", "P2", "P1"))
    made["claims"].remove(bias)
    noise["threshold"] = 0.8
    accuracy["estimate"]["value"] = None
    assert main([str(old), str(write(new, made))]) == 1
    assert below(capsys.readouterr().out, LOST) == [
        "  P1 (resnet18) is not to be held: 0.930 was accepted, and its new value is not a number.",
        "  P2 says something else in the register: its threshold was 0.9 when accepted and is 0.8 now.",
        "  Z2 is missing: it was accepted (0.300, confirmed) and has no record now.",
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: "{", "is not JSON"),
        (lambda _: "[]", "holds neither evidence nor accepted findings"),
        (lambda made: json.dumps(made).replace("0.97,", "NaN,", 1), "NaN is no number"),
        (lambda made: json.dumps(made).replace("0.97,", "1e999,", 1), "not finite"),
        (lambda made: made | {"schema_version": "0.9"}, "of schema '0.9', expected 2."),
        (lambda _: {"format": 9}, "is of format 9, expected 2"),
        (lambda made: made | {"void": {"control": "c", "network": "n", "detail": "d"}}, "control c is broken"),
        (lambda made: made | {"errors": [{"id": "P2", "network": "n", "detail": "d"}]}, "P2 raised an error"),
        (lambda made: made | {"selection": {"words": "-k bias", "missing": []}}, "a partial run (-k bias)"),
        (lambda made: without_bounds(made), "claim P1 has no bounds at 1e-4"),
    ],
)
def test_what_cannot_be_held_is_4_and_one_sentence(files, change, words, capsys):
    old, new = files
    assert main([str(old), str(write(new, change(run(seed=1))))]) == 4
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert words in error
    assert error.count("\n") == 1


def without_bounds(made):
    return made | {"claims": [claim | {"gate_interval": None} for claim in made["claims"]]}


def test_bad_usage_is_4_and_a_missing_file_too(files, capsys):
    for words, code in (([str(files[0])], 4), (["--help"], 0)):
        with pytest.raises(SystemExit) as stop:
            main(words)
        assert stop.value.code == code
    assert main([str(files[0]), str(files[1])]) == 4
    assert "there is no file" in capsys.readouterr().err


def test_the_command_says_so_to_the_shell(files):
    old, new = files
    write(new, run(0.5, seed=1))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "why_bird.commands.main", "compare", str(old), str(new)],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"margins of" in done.stdout


def test_a_baseline_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "accepted.json"
    write_accepted(path, Baseline.of(read_document(run())))
    assert read_accepted(path) == Baseline.of(read_document(run())) == read_baseline(path)
    assert list(tmp_path.iterdir()) == [path]
    assert read_accepted(path).networks == (NETWORK,)
    assert main([str(path), str(write(tmp_path / "new.json", run(seed=1)))]) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace('"value": 0.97', '"value": 0.5'), "were edited by hand, their digest does not fit"),
        (lambda text: text.replace('"value": 0.97', '"value": NaN'), "NaN is no number"),
        (lambda text: text.replace('"threshold": 0.9', '"threshold": 0.8'), "were edited by hand"),
        (lambda text: text.replace('"format": 2', '"format": 1'), "is of format 1, expected 2"),
        (lambda text: text.replace('"digest"', '"digests"'), "malformed"),
        (lambda text: text[:-40], "is not JSON"),
        (lambda _: "{}", "is of format None"),
    ],
)
def test_a_baseline_changes_only_by_accepting(tmp_path, change, words):
    path = tmp_path / "accepted.json"
    write_accepted(path, Baseline.of(read_document(run())))
    path.write_text(change(path.read_text()))
    with pytest.raises(BadInput, match=words):
        read_accepted(path)


def test_no_baseline_says_how_to_make_one(tmp_path):
    with pytest.raises(BadInput, match=r"no accepted findings at .*--accept"):
        read_accepted(tmp_path / "accepted.json")


def test_a_baseline_that_holds_nothing_is_none(tmp_path):
    path = tmp_path / "accepted.json"
    write_accepted(path, replace(Baseline.of(read_document(run())), claims=()))
    with pytest.raises(BadInput, match=r"are none, so there is nothing to hold: .*--accept"):
        read_accepted(path)


NAMES = {"statement", "network_name", "unit", "guess", "reason", "images_name", "date", "name", "fed"}


def named(content, said):
    """Put words into every field of a document that holds words of others."""
    if isinstance(content, list):
        return [named(each, said) for each in content]
    if not isinstance(content, dict):
        return content
    return {
        name: said if name in NAMES and isinstance(each, str) else named(each, said) for name, each in content.items()
    }


def test_what_others_wrote_reaches_no_terminal_and_no_page_raw(tmp_path, capsys):
    hostile = named(run(noise=0.5), "\x1b]0;mine\x07<script>alert(1)</script>\u202e")
    old, new = (write(tmp_path / name, content) for name, content in (("old.json", run()), ("new.json", hostile)))
    for words in ([str(old), str(new)], [str(new), str(old)]):
        main([*words, f"--out={tmp_path / 'out'}"])
        said = capsys.readouterr().out
        assert all(line.isprintable() for line in said.splitlines())
        for name in ("compare.html", "compare.md"):
            text = (tmp_path / "out" / name).read_text(encoding="utf-8")
            assert not {"\x1b", "\x07", "\u202e"} & set(text)
            assert "<script>alert" not in text


def test_a_name_without_end_is_refused(tmp_path):
    path = write(tmp_path / "new.json", named(run(), "x" * 10**6))
    with pytest.raises(BadInput, match="has 1,000,000 characters, expected 20,000 at most"):
        read_baseline(path)
