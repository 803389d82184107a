"""What the processor of this machine can do."""

from __future__ import annotations

import re
from pathlib import Path

_SAID = Path("/proc/cpuinfo")


def calculates_in_bfloat16() -> bool:
    """Return whether the processor has units for bfloat16, without which it takes ten times as long as float32.

    False where no system says so: elsewhere than on Linux, nobody is slowed down by what it has not.
    """
    try:
        return bool(re.search(r"\b(avx512_bf16|amx_bf16|bf16)\b", _SAID.read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return False
