"""The register: written once, checked at every run, changed only with a reason that is kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from why_bird.errors import BadInput
from why_bird.evidence.claim import Claim
from why_bird.evidence.register import Register, read_register, write_register

from .samples import ACCURACY, BIAS, CLUTTER, NOISE, REGISTER


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "register.toml"
    write_register(file, REGISTER)
    return file


def test_it_comes_back_as_it_was_written(path):
    assert read_register(path) == REGISTER
    assert list(read_register(path).claims) == ["P1", "P2", "C1", "Z2"]
    assert [file.name for file in path.parent.iterdir()] == ["register.toml"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("threshold = 0.1\n", "threshold = 0.05\n"),
        ("Nearly all noise", "Much noise"),
        ("weight = 2", "weight = 3"),
        ("planned = true", "planned = false"),
        ('side = "above"', 'side = "below"'),
    ],
)
def test_an_edit_by_hand_is_noticed(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(BadInput, match="edited by hand"):
        read_register(path)


def test_a_claim_that_was_taken_out_or_doubled_is_noticed(path):
    blocks = path.read_text("utf-8").split("[[claim]]")
    path.write_text("[[claim]]".join(blocks[:-1]), "utf-8")
    with pytest.raises(BadInput, match="edited by hand"):
        read_register(path)
    path.write_text("[[claim]]".join([*blocks, blocks[-1]]), "utf-8")
    with pytest.raises(BadInput, match="edited by hand"):
        read_register(path)


def test_layout_and_comments_are_no_edit(path):
    path.write_text("# a comment\n" + path.read_text("utf-8").replace("[[claim]]", "\n\n[[claim]]"), "utf-8")
    assert read_register(path) == REGISTER


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("claim = [", "not TOML"),
        ("digest = 'x'", "malformed"),
        ("digest = 'x'\nclaim = [{id = 'P1'}]", "malformed"),
        ("digest = 'x'\nclaim = 3", "malformed"),
    ],
)
def test_what_is_no_register_is_refused_in_one_sentence(tmp_path, text, words):
    file = tmp_path / "register.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(BadInput, match=words) as caught:
        read_register(file)
    assert "\n" not in str(caught.value)


def test_a_register_that_is_missing_is_refused(tmp_path):
    with pytest.raises(BadInput, match="no register at"):
        read_register(tmp_path / "register.toml")


def test_a_planned_claim_becomes_written_without_amendment():
    written = REGISTER.with_written([replace(CLUTTER, planned=False)])
    assert not written.claims["C1"].planned
    assert written.amendments == ()
    assert list(written.claims) == list(REGISTER.claims)
    assert written.digest() != REGISTER.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": 0.05},
        {"statement": "It is the bias."},
        {"weight": 1},
        {"side": "below"},
        {"source": "nowhere"},
        {"module": "test_other"},
        {"procedure": False},
        {"scope": "dataset"},
    ],
)
def test_a_claim_that_says_something_else_stops_the_run(change):
    with pytest.raises(BadInput, match="claim Z2 changed since it was registered"):
        REGISTER.with_written([replace(BIAS, **change)])


def test_a_planned_claim_may_not_change_either():
    with pytest.raises(BadInput, match=r"C1 changed since it was registered: threshold was 0\.56 and is 0\.5"):
        REGISTER.with_written([replace(CLUTTER, threshold=0.5, planned=False)])


def test_a_claim_that_was_never_registered_stops_the_run():
    with pytest.raises(BadInput, match="claim Q9 was never registered"):
        REGISTER.with_written([replace(BIAS, id="Q9")])


def test_an_amendment_keeps_the_history_through_the_file(path):
    changed, new = replace(BIAS, threshold=0.2), replace(NOISE, id="Q9")
    amended = REGISTER.amended([changed, new, ACCURACY], reason="too low", date="2026-01-02")
    write_register(path, amended)
    found = read_register(path)
    assert found == amended
    assert [(a.reason, a.before and a.before.threshold, a.claim) for a in found.amendments] == [
        ("too low", 0.1, "Z2"),
        ("too low", None, "Q9"),
    ]
    assert found.with_written([changed, new]) == found
    path.write_text(path.read_text("utf-8").replace("too low", "typing error"), "utf-8")
    with pytest.raises(BadInput, match="edited by hand"):
        read_register(path)


def test_a_claim_that_its_module_states_no_more_is_withdrawn_and_stays_known(path):
    amended = REGISTER.amended([ACCURACY], reason="asked otherwise", date="2026-01-02", modules={BIAS.module})
    write_register(path, amended)
    found = read_register(path)
    assert BIAS.id not in found.claims
    assert found.withdrawn == {BIAS.id: BIAS}
    # Of a module that was not read as a whole nothing can be said.
    assert not REGISTER.amended([ACCURACY], reason="why", date="2026-01-02").withdrawn
    # Asked again, it is a claim as before.
    assert not found.amended([BIAS], reason="again", date="2026-01-03").withdrawn


def test_an_amendment_needs_a_reason():
    with pytest.raises(BadInput, match="needs its reason"):
        REGISTER.amended([replace(BIAS, threshold=0.2)], reason=" ", date="2026-01-02")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"threshold": (0.1, 0.2)}, "does not go with"),
        ({"side": "within"}, "does not go with"),
        ({"side": "within", "threshold": (0.2, 0.1)}, "not an increasing pair"),
        ({"threshold": float("nan")}, "not finite"),
        ({"threshold": float("inf")}, "not finite"),
        ({"weight": 0}, "weight is 0"),
        ({"scope": "procedure", "procedure": False}, "needs procedure=True"),
    ],
)
def test_a_claim_checks_itself(change, words):
    with pytest.raises(ValueError, match=words):
        replace(BIAS, **change)


def test_the_digest_does_not_depend_on_how_a_number_is_written():
    whole = Claim("W", "m", "s", "x", 1.0, "above", "network", False, 1)
    assert read_back(Register({"W": whole})).claims["W"] == whole


def read_back(register):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write_register(Path(folder) / "register.toml", register)
        return read_register(Path(folder) / "register.toml")


def test_a_register_of_the_first_format_takes_what_it_had_no_place_for_once(tmp_path):
    first = replace(REGISTER, format=1)
    says_more = replace(BIAS, guess="The bias does it", needs=("bird",))
    assert "the register has no place for guess of claim Z2" in first.difference(says_more)
    second = first.with_written([says_more])
    assert (second.format, second.claims["Z2"], second.amendments) == (2, says_more, ())
    assert second.digest() != replace(second, format=1).digest()
    # From then on it is registered as everything else is.
    with pytest.raises(BadInput, match="claim Z2 changed since it was registered: needs was"):
        second.with_written([replace(says_more, needs=("cat",))])
    with pytest.raises(BadInput, match="claim Z2 changed since it was registered: threshold"):
        first.with_written([replace(says_more, threshold=0.2)])


def test_the_format_of_a_file_cannot_be_turned_back_by_hand(path):
    path.write_text(path.read_text("utf-8").replace("format = 2\n", ""), "utf-8")
    with pytest.raises(BadInput, match="edited by hand"):
        read_register(path)
