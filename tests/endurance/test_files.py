"""Files that belong together are replaced together or stay as they were."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from why_bird import files
from why_bird.files import write_together, write_whole


def test_where_one_cannot_be_written_all_stay(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "gone" / "second"
    write_whole(first, "old")
    with pytest.raises(FileNotFoundError):
        write_together({first: "new", second: "new"})
    assert first.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_none_takes_its_place_before_all_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in ("a", "b", "c")]
    write_together(dict.fromkeys(paths, "old"))
    seen = []
    rename = os.replace

    def noted(source: Path, target: Path) -> None:
        staged = [path.read_text() for path in tmp_path.glob(".*.tmp")]
        seen.append((target, len(staged), set(staged)))
        rename(source, target)

    monkeypatch.setattr(files.os, "replace", noted)
    write_together(dict.fromkeys(paths, "new"))
    assert seen == [(path, 3 - i, {"new"}) for i, path in enumerate(paths)]
    assert {path.read_text() for path in tmp_path.iterdir()} == {"new"}


@pytest.mark.parametrize(("age", "left"), [(5, {".report.abc.tmp"}), (3600, set())])
def test_what_a_killed_writer_left_goes_once_nobody_can_be_writing_it(tmp_path: Path, age: int, left: set[str]) -> None:
    for name in (".report.abc.tmp", ".other.abc.tmp"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
    write_whole(tmp_path / "report", "new")
    assert {path.name for path in tmp_path.iterdir()} == {"report", ".other.abc.tmp"} | left
