"""Names in an image tree are used as they are, or refused in one sentence."""

from __future__ import annotations

import shutil
import unicodedata

import pytest
from hostile_values import read_or_refused
from hypothesis import given, settings
from hypothesis import strategies as st

from why_bird.images.folder import SPLITS, find_folder

folder_names = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=6
).filter(lambda name: not name.startswith("."))


@settings(max_examples=100)
@given(
    st.lists(folder_names, min_size=1, max_size=3, unique=True),
    st.lists(folder_names, min_size=1, max_size=3, unique=True),
    st.booleans(),
)
def test_any_class_folders_are_classes_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    train: list[str],
    test: list[str],
    same: bool,  # noqa: FBT001
) -> None:
    root = tmp_path_factory.mktemp("tree")
    given = {"train": train, "test": train if same else test}
    for split, classes in given.items():
        for name in classes:
            (root / split / name).mkdir(parents=True)
            (root / split / name / "a.png").touch()
    found = read_or_refused(lambda: find_folder(root))
    shutil.rmtree(root)
    if found is None:
        return
    forms = [sorted({unicodedata.normalize("NFC", name) for name in given[split]}) for split in SPLITS]
    assert [list(found.classes)] * 2 == forms
    assert all(name.isprintable() and name.strip() for name in found.classes)
