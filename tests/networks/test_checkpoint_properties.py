"""Any bytes are weights or are refused in one sentence, and nothing in them is run."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from hostile_values import changed, damaged, names, read_or_refused, texts, values
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from safetensors.torch import save
from torch import Tensor

from why_bird.networks.checkpoint import METADATA, Checkpoint, read_checkpoint

METADATA_OF_ONE = {"arch": "resnet18", "classes": '["cat", "dog"]', "size": "32", "seed": "0"}
STATE = {"fc.weight": torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "fc.bias": torch.zeros(2), "n": torch.tensor(3)}


def saved(content: Any, *, zipped: bool = True) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


FORMS = {
    "safetensors": save(STATE, METADATA_OF_ONE),
    "zip": saved({"net": STATE, "classes": ["cat", "dog"]}),
    "legacy": saved({"net": STATE, "classes": ["cat", "dog"]}, zipped=False),
}

# Names are text that a file can hold: safetensors keeps them as UTF-8.
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
shapes = st.lists(st.integers(0, 3), max_size=3)
tensors = st.builds(
    lambda shape, dtype: torch.arange(float(torch.Size(shape).numel())).reshape(shape).to(dtype),
    shapes,
    st.sampled_from([torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64]),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checkpoint") / "net.bin"


def check(path: Path) -> Checkpoint | None:
    found = read_or_refused(lambda: read_checkpoint(path))
    if found is not None:
        assert found.state
        for tensor in found.state.values():
            assert (tensor.device.type, tensor.layout) == ("cpu", torch.strided)
            assert tensor.dtype is torch.float32 or not tensor.is_floating_point()
            assert torch.isfinite(tensor).all()
        assert all(type(name) is type(value) is str for name, value in found.metadata.items())
    return found


@settings(max_examples=60)
@given(st.dictionaries(words, tensors, min_size=1, max_size=3), st.dictionaries(words, words, max_size=3))
def test_any_weights_in_safetensors_come_back(path: Path, state: dict[str, Tensor], metadata: dict[str, str]) -> None:
    state = {f"x{name}": tensor for name, tensor in state.items()}  # no wrapper's prefix
    path.write_bytes(save(state, metadata))
    found = check(path)
    assert found is not None
    assert found.metadata == metadata
    same(found.state, state)


@settings(max_examples=60)
@given(
    st.dictionaries(st.text(max_size=8), tensors, min_size=1, max_size=3),
    st.dictionaries(st.sampled_from(METADATA), values.filter(lambda value: value is not None), max_size=3),
    st.booleans(),
)
def test_any_weights_that_torch_saved_come_back(
    path: Path,
    state: dict[str, Tensor],
    metadata: dict[str, Any],
    zipped: bool,  # noqa: FBT001
) -> None:
    state = {f"x{name}": tensor for name, tensor in state.items()}
    path.write_bytes(saved({"net": state, **metadata}, zipped=zipped))
    found = check(path)
    assert found is not None
    assert found.metadata.keys() == metadata.keys()
    # What is deeper than a list is not written out.
    flat = {k: v for k, v in metadata.items() if all(map(is_plain, v if isinstance(v, list) else [v]))}
    assert {k: found.metadata[k] for k in flat} == {
        k: v if isinstance(v, str) else json.dumps(v) for k, v in flat.items()
    }
    same(found.state, state)


def is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor.float() if tensor.is_floating_point() else tensor)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=100, suppress_health_check=[HealthCheck.differing_executors])
@given(st.data())
def test_a_damaged_file_is_weights_or_refused(path: Path, form: str, data: st.DataObject) -> None:
    path.write_bytes(data.draw(damaged(FORMS[form])))
    check(path)


@settings(max_examples=100)
@given(
    st.binary(max_size=60),
    st.sampled_from([b"", b"\x80\x02", b"PK\x03\x04", b"\x08\0\0\0\0\0\0\0{", FORMS["legacy"][:40], FORMS["zip"][:80]]),
)
def test_any_file_is_refused_in_one_sentence(path: Path, content: bytes, start: bytes) -> None:
    path.write_bytes(start + content)
    assert check(path) is None


def header() -> dict[str, Any]:
    content = FORMS["safetensors"]
    return json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])


@settings(max_examples=150)
@given(changed(header()) | texts)
def test_a_safetensors_file_whose_header_was_changed_is_weights_or_refused(path: Path, text: str) -> None:
    content = FORMS["safetensors"]
    rest = content[8 + int.from_bytes(content[:8], "little") :]
    start = text.encode()
    path.write_bytes(len(start).to_bytes(8, "little") + start + rest)
    check(path)


# --- what a pickle may ask to be called

CALLS = [("os", "mkdir"), ("posix", "mkdir"), ("builtins", "exec"), ("builtins", "eval"), ("os", "system")]
ALLOWED = [("collections", "OrderedDict"), ("torch._utils", "_rebuild_tensor_v2"), ("torch", "FloatStorage")]
globals_named = st.sampled_from([*CALLS, *ALLOWED]) | st.tuples(names, names)


def calling(target: Path, module: str, name: str) -> bytes:
    """Return a pickle that calls what it names with one argument, which would leave a trace."""
    text = {"system": f"mkdir {target}", "mkdir": str(target)}.get(name, f"__import__('os').mkdir({str(target)!r})")
    called = f"c{module}\n{name}\n".encode("utf-8", "surrogatepass")
    return b"\x80\x02" + called + pickle.dumps((text,), protocol=0)[:-1] + b"R."


@pytest.mark.parametrize("form", ["zip", "legacy", "pickle"])
@settings(max_examples=50, suppress_health_check=[HealthCheck.differing_executors])
@given(globals_named)
@example(("", r"\8"))
def test_nothing_that_a_pickle_names_is_called(path: Path, form: str, named: tuple[str, str]) -> None:
    target = path.with_name("ran")
    content = calling(target, *named)
    if form == "zip":
        with zipfile.ZipFile(path, "w") as archive, zipfile.ZipFile(io.BytesIO(FORMS["zip"])) as whole:
            for entry in whole.infolist():
                is_pickle = entry.filename.endswith("data.pkl")
                archive.writestr(entry, content if is_pickle else whole.read(entry))
    else:
        path.write_bytes((FORMS["legacy"][:14] if form == "legacy" else b"") + content)
    assert check(path) is None
    assert not target.exists()


def test_those_calls_would_have_left_a_trace(tmp_path: Path) -> None:
    for i, named in enumerate(CALLS):
        pickle.loads(calling(tmp_path / str(i), *named))
        assert (tmp_path / str(i)).is_dir()
