"""Write every figure that can be drawn, as SVG and as PNG."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lib.command_line import BAD_INPUT, Parser
from lib.errors import BadInput
from lib.evidence.figures.collect import drawings
from lib.evidence.figures.drawing import Drawing
from lib.measure.classifier import Classifier
from lib.measure.imagery import Imagery
from lib.measure.inputs import Inputs, read_identity
from lib.measure.store import Store
from lib.measure.two_class import TwoClass
from lib.networks.network import open_network

__all__ = ["main"]

_PROJECT = Path(__file__).resolve().parents[3]
_REFERENCE = _PROJECT / "fixtures" / "reference"
_EVIDENCE = _PROJECT / "reports" / "reference" / "evidence.json"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code (0, or 4 for bad input)."""
    parser = Parser(
        prog="python -m lib.evidence.figures", description="Draw figures from what was measured. Measures nothing."
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder to write into; it is made where it is not there"
    )
    parser.add_argument("--checkpoint", type=Path, help="the network (default: the shipped one)")
    parser.add_argument("--cache", type=Path, help="where measurements are kept (default: only what is shipped)")
    options = parser.parse_args(arguments)
    try:
        made, reasons = _drawings(options.checkpoint, options.cache)
        _write(options.out, made)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    for name, reason in reasons.items():
        print(f"{name} is not drawn: {reason}", file=sys.stderr)
    print(f"{len(made)} figures in {options.out}")
    return 0


def _drawings(checkpoint: Path | None, cache: Path | None) -> tuple[list[Drawing], dict[str, str]]:
    if cache is not None and not cache.is_dir():
        raise BadInput(f"there is no cache {cache}: name a folder that `pytest hypotheses/` has written into")
    # A folder that is not there holds nothing, and nothing is written.
    store = Store(cache or _REFERENCE / "no-cache", _REFERENCE, warn=lambda message: print(message, file=sys.stderr))
    inputs = Inputs(read_identity(_REFERENCE / "images.json"), None)
    subject = Classifier(open_network(checkpoint or _REFERENCE / "resnet18.safetensors"), inputs, store)
    # The shipped pair of networks belongs together: beside another one it would be a stranger.
    pair = None if checkpoint else TwoClass(open_network(_REFERENCE / "cat-dog.safetensors"), inputs, store)
    document = json.loads(_EVIDENCE.read_text(encoding="utf-8")) if _EVIDENCE.is_file() else None
    return drawings(subject, pair, Imagery(inputs, store), document)


def _write(folder: Path, made: list[Drawing]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in made:
            (folder / f"{each.name}.svg").write_text(each.figure().svg + "\n", encoding="utf-8")
            (folder / f"{each.name}.png").write_bytes(each.png())
    except OSError as error:
        raise BadInput(f"{folder} cannot be written ({error.strerror or error}): name another folder") from error


if __name__ == "__main__":
    sys.exit(main())
