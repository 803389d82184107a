"""What only the nightly run asks for is left out of others; its page is written where all reports come together."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No example fails for the time that it takes: that measures the machine, and what else runs on it.
UNTIMED = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples in every run, so that a failure is about a change. New ones: --hypothesis-profile=new.
settings.register_profile("same", UNTIMED, derandomize=True)
settings.register_profile("new", UNTIMED)
settings.load_profile("same")

# Under nohup or behind an & one of them is ignored, and what is ignored stays so: some tests ask what happens else.
for name, how in (("SIGINT", signal.default_int_handler), ("SIGTERM", signal.SIG_DFL), ("SIGHUP", signal.SIG_DFL)):
    if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
        signal.signal(getattr(signal, name), how)

# What takes long is begun first: of two workers none then waits at the end for a file of the other.
FIRST = ("endurance", "plugin", "test_mutations.py", "measure", "networks", "stats")

PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew-snapshots",
        action="store_true",
        default=bool(os.environ.get("WRITE_SNAPSHOTS")),
        help="Write anew what pages and charts say of samples, to be read before it is committed.",
    )


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Call it with a file and a text: the text was read and kept so, or is kept now."""

    def compare(path: Path, found: str) -> None:
        if request.config.option.renew_snapshots:
            path.write_text(found, encoding="utf-8")
        assert found == path.read_text(encoding="utf-8")

    return compare


def _rank(item: pytest.Item) -> int:
    """Where a test's file or folder stands among those that are begun first."""
    return next((place for place, name in enumerate(FIRST) if name in item.path.parts), len(FIRST))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_rank)
    # Not by addopts: an -m there would make every run of the claims look like a selection.
    if "nightly" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("nightly")]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if "nightly" not in config.option.markexpr:
        return
    from stats.calibration_page import EXPECTED, ROW, page
    from stats.calibration_record import kept, versions

    reports = [report for group in terminalreporter.stats.values() for report in group]
    rows = [
        found
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, found in report.user_properties
        if name == ROW
    ]
    if not rows:
        return
    rows = kept(PAGE.with_suffix(".json"), rows)
    if len(rows) == EXPECTED:
        PAGE.write_text(page(rows, versions()), encoding="utf-8")
        terminalreporter.write_line(f"docs/{PAGE.name} is written.")
    else:
        terminalreporter.write_line(f"docs/{PAGE.name} is left as it was: {len(rows)} of {EXPECTED} figures are known.")
