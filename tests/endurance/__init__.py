"""What a run goes through in the world: kills, other runs beside it, full disks, a million files."""

import sys
from pathlib import Path

# Runs, and planted worlds, are those of the plugin's own tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "plugin"))
