"""The pages beside the report in a browser: at the width of a phone and of a desk, light and dark."""

import pytest

from why_bird.evidence.comparison.comparison import compare
from why_bird.evidence.comparison.page import html as compared
from why_bird.evidence.many.page import html as of_many

from .samples import BIAS, NOISE, OTHER
from .test_comparison import THEN, baseline, fell, of
from .test_many import judged, many
from .test_page_browser import BROWSER, WIDTHS, measured

pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs a browser: no chromium on the path")


def comparison():
    now = baseline(of(OTHER, NOISE, 0.5), of(OTHER, BIAS, 0.35), noise=(fell(OTHER, 1, 98, 1),), networks=(OTHER,))
    return compared(compare(THEN, now))


def networks():
    epochs = [judged(i, seed=7, epoch=i + 1, name=f"seed7-epoch{i + 1}-of-a-long-name") for i in range(4)]
    plain = [judged(i + 9, arm="plain" if i % 2 else "without the cross-spectrum") for i in range(12)]
    values = [0.03 * i + 0.4 for i in range(16)]
    return of_many(many(*epochs, *plain, values=[(NOISE, values), (BIAS, values)], noise=[6 * i for i in range(16)]))


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize("page", [comparison, networks])
def test_nothing_overflows_is_said_or_is_asked_for(page, scheme, tmp_path):
    found, console = measured(tmp_path, "page", page(), f"--blink-settings=preferredColorScheme={scheme}")
    assert [each["width"] for each in found] == pytest.approx(WIDTHS, abs=20)
    for each in found:
        assert each["needed"] <= each["width"], each
        assert each["outside"] == []
        assert [name for name in each["asked"] if not name.startswith("data:")] == []
        assert each["letters"]
        assert [letter for letter in each["letters"] if letter["size"] < 10.99 or letter["out"] > 2] == []
    assert console == []
