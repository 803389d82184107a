"""With how many threads a worker calculates, so that workers of one machine do not wait for each other's."""

from __future__ import annotations

import os
import sys

from threadpoolctl import threadpool_limits


def threads_of_a_worker(workers: int) -> int:
    """Return a worker's share of the cores that this process may use, 1 at least.

    Not more than OMP_NUM_THREADS says, where it is set: on a machine that does other work, threads that wait for each
    other in every layer made a training sixty times slower.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return max(1, min(usable // workers, int(asked) if asked.isdecimal() else usable))


def calculate_with(threads: int) -> None:
    """Set the threads of this process, for PyTorch and for what NumPy calculates with."""
    threadpool_limits(threads)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
    # For libraries that are loaded later, as PyTorch is by what passes images, and for processes that a worker starts.
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
