"""A run that computes nothing loads nothing that only a computation needs, and makes no temporary folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = (
    *("torch", "torchvision", "matplotlib", "sklearn", "pandas", "statsmodels", "jsonschema", "hypothesis"),
    *("scipy.stats", "scipy.ndimage"),
)
"""Each takes a tenth of a second or more to load, PyTorch more than one."""

# Without matplotlib as where every figure was drawn before, see test_figures.py: the first time takes much longer.
RUN = """
import sys, pytest
sys.modules["matplotlib"] = None
code = pytest.main(sys.argv[1:])
print("LOADED", [name for name in {heavy} if sys.modules.get(name)])
sys.exit(code)
"""


def test_judging_what_is_stored_loads_nothing_heavy(tmp_path: Path) -> None:
    project = Path(__file__).resolve().parents[2]
    places = [f"--evidence-dir={tmp_path / 'report'}", f"--evidence-cache={tmp_path / 'cache'}"]
    base = tmp_path / "base"
    words = ["-c", RUN.format(heavy=HEAVY), "hypotheses", "-q", "-p", "no:cacheprovider", f"--basetemp={base}", *places]
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
    assert (tmp_path / "report" / "evidence.json").is_file()
    assert "LOADED []" in done.stdout, done.stdout[-300:]
    # Whoever asks pytest for its temporary folder waits at the end while those of earlier runs are cleared away.
    assert not base.exists()
