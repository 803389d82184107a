"""What a user may give by mistake or by malice, each through the command that a user types."""

import sys
from pathlib import Path

# Runs inside the process, and planted worlds, are those of the plugin's own tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "plugin"))
