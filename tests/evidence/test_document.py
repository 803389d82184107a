"""The document: order, void, partial, columns of a complete run, and what is written where."""

import json
import os
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from published import schema, validate

from why_bird.errors import BadInput
from why_bird.evidence.codec import encode
from why_bird.evidence.document import VERSION, Document, Failure, Void, read_document
from why_bird.evidence.exit_code import exit_code
from why_bird.evidence.markdown import markdown
from why_bird.evidence.record import ClaimRecord
from why_bird.evidence.register import Register
from why_bird.evidence.report import write_report

from .samples import (
    ACCURACY,
    BIAS,
    NETWORK,
    NOISE,
    REGISTER,
    document,
    documents,
    provenance,
    record,
    unmeasured,
    whole,
)

VOID = Void("held-out images as noise", "resnet18", "P2 was not rejected")


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(documents())
def test_any_document_fits_the_schema_and_gives_an_exit_code(made):
    content = json.loads(json.dumps(encode(made), allow_nan=False))
    validate(content)
    assert read_document(content) == made
    assert exit_code(made) in (0, 1, 3, 5)


def test_the_schema_is_a_schema_and_has_the_version():
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["properties"]["schema_version"]["enum"][-1] == VERSION
    assert VERSION in schema()["$id"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("claims", 0, "verdict"), "maybe"),
        (("claims", 0, "p"), 1.5),
        (("claims", 0, "threshold"), 0.9),
        (("claims", 0, "surprise"), 1),
        (("claims", 1, "estimate"), None),
        (("provenance", "start"), None),
        (("void",), "yes"),
        (("schema_version",), "0.1"),
    ],
)
def test_the_schema_refuses_what_is_not_evidence(path, value):
    made = json.loads(json.dumps(encode(whole())))
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ValueError, match="not an evidence document: "):
        validate(made)


def test_networks_stand_as_they_were_given():
    several = [record(BIAS, network=name) for name in ("a", "b", "c", "not given")]
    networks = [replace(NETWORK, hash=name) for name in ("c", "a", "b")]
    made = document(several, provenance=provenance(networks))
    assert [claim.network for claim in made.claims] == ["c", "a", "b", "not given"]


def test_claims_stand_in_the_registers_order_then_by_network():
    several = [
        record(BIAS, network="procedure", scope="procedure"),
        record(BIAS, network="b"),
        record(NOISE, network="b"),
        record(ACCURACY, network="a"),
        record(BIAS, network="zz"),
        record(NOISE, network="a"),
    ]
    keys = [(claim.id, claim.network) for claim in document(several).claims]
    assert keys == [("P1", "a"), ("P2", "a"), ("P2", "b"), ("Z2", "b"), ("Z2", "zz"), ("Z2", "procedure")]
    assert document(reversed(several)).claims == document(several).claims


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([record(), record()], "two records"),
        ([record(id="Q9")], "not in the register"),
        ([record(threshold=0.05)], "another threshold"),
        ([record(statement="Something else.")], "another statement"),
    ],
)
def test_a_record_that_contradicts_the_register_is_refused(records, words):
    with pytest.raises(ValueError, match=words):
        document(records)


def test_a_void_run_withholds_every_verdict_and_keeps_the_estimates():
    made = whole(void=VOID)
    assert made.summary.inconclusive == len(made.claims) == 3
    for claim in made.claims:
        assert claim.verdict == "inconclusive"
        assert claim.reason.startswith("withheld: the negative control held-out images as noise")
        assert (claim.p, claim.p_adjusted, claim.holm) == (None, None, None)
        assert claim.estimate is not None
    assert made.void == VOID
    assert exit_code(made) == 3


def test_holm_and_bh_appear_on_complete_runs_only():
    # Two p-values in one ledger, 1e-6 and 1: Holm and BH both give 2e-6, and 1.
    made = document([record(BIAS, "rejected"), record(NOISE), unmeasured(ACCURACY)])
    assert [claim.holm for claim in made.claims] == [None, 2e-6, 1.0]
    assert [claim.benjamini_hochberg for claim in made.claims] == [None, 2e-6, 1.0]
    partial = whole(complete=False)
    assert {claim.holm for claim in partial.claims} == {None}
    failed = document([record(), record(NOISE)], errors=[Failure("P1", "1a2b3c", "boom")])
    assert failed.complete
    assert {claim.holm for claim in failed.claims} == {None}


def test_the_procedure_ledger_is_adjusted_apart():
    procedure = record(BIAS, network="procedure", scope="procedure", p=0.003)
    made = document([record(BIAS), record(NOISE), record(ACCURACY), procedure])
    assert made.claims[-1].holm == 0.003
    assert made.claims[0].holm == pytest.approx(3e-6)


def test_a_run_that_lost_a_claim_is_not_complete():
    made = document([record(BIAS), record(NOISE)], complete=True)
    assert not made.complete
    assert made.selection.missing == ("P1",)
    assert made.planned == ("C1",)


def test_a_partial_run_never_overwrites_a_complete_one(tmp_path):
    folder = tmp_path / "latest"
    assert write_report(folder, whole()) == folder
    before = (folder / "evidence.json").read_bytes(), (folder / "evidence.md").read_bytes()
    partial = document([record()], complete=False, selection="-k bias")
    assert write_report(folder, partial) == tmp_path / "latest-partial"
    assert ((folder / "evidence.json").read_bytes(), (folder / "evidence.md").read_bytes()) == before
    assert json.loads((tmp_path / "latest-partial/evidence.json").read_text("utf-8")) == encode(partial)
    assert (tmp_path / "latest-partial/evidence.md").read_text("utf-8") == markdown(partial)


def test_writing_leaves_no_temporary_file_and_keeps_the_old_one_when_it_fails(tmp_path):
    folder = tmp_path / "latest"
    write_report(folder, whole())
    before = (folder / "evidence.json").read_bytes()
    broken = replace(whole(), provenance=replace(whole().provenance, seconds=float("nan")))
    with pytest.raises(ValueError, match="JSON compliant"):
        write_report(folder, broken)
    assert (folder / "evidence.json").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["evidence.html", "evidence.json", "evidence.md"]


def pages(root, tag):
    """Pages of one network, and the page of all, as a run makes them before its report is written."""
    scratch = root / f".scratch-{tag}"
    (scratch / f"net-{tag}").mkdir(parents=True)
    (scratch / f"net-{tag}" / "evidence.html").write_text(tag)
    return scratch, tag


def told(folder):
    return (
        json.loads((folder / "evidence.json").read_text("utf-8"))["provenance"]["seconds"],
        *[each.name for each in folder.glob("networks/*")],
        *[each.read_text() for each in folder.glob("networks.html")],
    )


def test_a_report_and_the_pages_of_its_networks_are_of_one_run(tmp_path, monkeypatch):
    folder, replaced = tmp_path / "latest", os.replace
    one, other = (replace(whole(), provenance=replace(whole().provenance, seconds=n)) for n in (1.0, 2.0))
    meanwhile = Thread(target=lambda: write_report(folder, other, (), pages(tmp_path, "B")))

    def slowly(*given):
        replaced(*given)
        if not meanwhile.ident:
            meanwhile.start()
            meanwhile.join(0.3)

    monkeypatch.setattr(os, "replace", slowly)
    write_report(folder, one, (), pages(tmp_path, "A"))
    meanwhile.join()
    assert told(folder) == (2.0, "net-B", "B")
    write_report(folder, one)
    assert told(folder) == (1.0,)
    assert sorted(path.name for path in tmp_path.rglob(".*")) == []


def test_pages_and_report_are_not_parted_by_a_signal(tmp_path, monkeypatch):
    replaced = Path.replace

    def stopped(*given):
        replaced(*given)
        os.kill(os.getpid(), 2)

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_report(tmp_path / "latest", whole(), (), pages(tmp_path, "A"))
    assert told(tmp_path / "latest")[1:] == ("net-A", "A")


def test_a_folder_of_somebodys_own_is_not_taken_for_pages(tmp_path):
    own = tmp_path / "latest" / "networks" / "seed0" / "network.safetensors"
    own.parent.mkdir(parents=True)
    own.write_text("weights")
    with pytest.raises(BadInput, match=r"without the pages of its networks.*name another folder with --evidence-dir"):
        write_report(tmp_path / "latest", whole(), (), pages(tmp_path, "A"))
    write_report(tmp_path / "latest", whole())
    assert own.read_text() == "weights"
    assert (tmp_path / "latest" / "evidence.json").is_file()


def test_amendments_are_listed():
    amended = REGISTER.amended([BIAS, NOISE], reason="no change", date="2026-01-02")
    assert document([], register=amended).amendments == ()
    changed = Register(REGISTER.claims).amended([replace(BIAS, threshold=0.2)], reason="too low", date="2026-01-02")
    (made,) = document([], register=changed).amendments
    assert (made.reason, made.claim, made.before.threshold, made.after.threshold) == ("too low", "Z2", 0.1, 0.2)


def test_a_document_of_another_version_is_refused():
    with pytest.raises(ValueError, match=r"of schema '1\.2', expected 2\.2"):
        read_document({**encode(whole()), "schema_version": "1.2"})


def test_the_schema_has_the_fields_of_the_records():
    assert set(schema()["properties"]) == set(Document.__dataclass_fields__)
    assert set(schema()["$defs"]["claim"]["properties"]) == set(ClaimRecord.__dataclass_fields__)


@pytest.mark.parametrize(
    ("records", "errors", "expected"),
    [
        ([record(BIAS), record(NOISE)], 0, 0),
        ([record(BIAS), record(NOISE, "inconclusive")], 0, 0),
        ([record(BIAS), record(NOISE, "rejected")], 0, 1),
        ([record(BIAS), record(NOISE, "rejected")], 1, 3),
        ([record(BIAS, "inconclusive"), unmeasured(NOISE)], 0, 5),
        ([], 0, 5),
    ],
)
def test_exit_codes(records, errors, expected):
    assert exit_code(document(records), errors) == expected


def test_exit_codes_of_what_ended_the_run():
    rejected = document([record(BIAS, "rejected")])
    assert exit_code(rejected, interrupted=True) == 2
    assert exit_code(rejected, 1, usage=True) == 4
    assert exit_code(document([record()], errors=[Failure("P1", "a", "boom")])) == 3
