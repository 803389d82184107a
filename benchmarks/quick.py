"""What a quick look is worth: ``python -m benchmarks.quick --images=DIR NETWORK…``.

Each network is judged whole and with ``--quick``: which of the verdicts that the whole run reaches (confirmed or
rejected, of claims about a network) the quick one reaches too, and how many it turns around. The two-class network
among them is asked by ``--two-class``. With ``--cache=DIR`` what was measured before is not measured again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.runs import run
from benchmarks.side_by_side import Compared, rates, record
from why_bird.evidence.record import DATASET, PROCEDURE
from why_bird.networks.opening import open_network

SETTLED = ("confirmed", "rejected")


def verdicts(folder: Path, network: Path, images: str, *, quick: bool) -> tuple[dict[str, str], float]:
    """Return the verdict of each claim about a network, by its id, and the seconds of the run."""
    is_pair = len(open_network(network).classes) == 2
    option = "--two-class" if is_pair else "--checkpoint"
    seconds = run(folder, f"{option}={network}", f"--images={images}", *(["--quick"] if quick else []))
    # A preview never lies where a whole run would.
    path = folder / ("report-partial" if quick else "report") / "evidence.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    about = document["provenance"]["networks"][-1 if is_pair else 0]["hash"]
    claims = [each for each in document["claims"] if each["network"] not in (DATASET, PROCEDURE)]
    return {each["id"]: each["verdict"] for each in claims if each["network"] == about}, seconds


def compared(networks: list[Path], images: str, cache: Path) -> list[Compared]:
    """Judge each network both ways."""
    reached, turned, times = [], [], []
    for network in networks:
        folder = cache / network.parent.name / network.stem
        folder.mkdir(parents=True, exist_ok=True)
        whole, long = verdicts(folder, network, images, quick=False)
        quick, short = verdicts(folder, network, images, quick=True)
        settled = [claim for claim, verdict in whole.items() if verdict in SETTLED]
        same = [claim for claim in settled if quick[claim] == whole[claim]]
        other = [claim for claim in settled if quick[claim] in SETTLED and quick[claim] != whole[claim]]
        print(
            f"{network}: reaches {len(same)} of {len(settled)}, turns around {len(other)}: {' '.join(other)}",
            flush=True,
        )
        reached.append((float(len(same)), float(len(settled))))
        turned.append((float(len(other)), float(len(settled))))
        times.append((short, long))
    over = f"of {len(networks)} networks"
    return [
        rates("a run with --quick", "the whole run", times, "s", "share of it"),
        rates(f"verdicts that --quick reaches, {over}", "those of the whole run", reached, "of them", "share of them"),
        rates(
            f"verdicts that --quick turns around, {over}", "those of the whole run", turned, "of them", "share of them"
        ),
    ]


def main() -> None:
    """Print the shares and write them down."""
    parser = argparse.ArgumentParser(description="What a quick look is worth.")
    parser.add_argument("networks", nargs="+", type=Path, help="checkpoints")
    parser.add_argument("--images", required=True, help="as pytest hypotheses/ --images takes it")
    parser.add_argument("--cache", type=Path, help="where measurements are kept (default: nowhere)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        record("quick", compared(options.networks, options.images, options.cache or Path(name)))


if __name__ == "__main__":
    main()
