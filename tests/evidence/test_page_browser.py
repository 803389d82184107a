"""The page in a browser: at the width of a phone and of a desk, light and dark, and on paper."""

from __future__ import annotations

import html as markup
import json
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from why_bird.evidence.charts.figure import drawn
from why_bird.evidence.page.claims import anchors
from why_bird.evidence.page.page import html

from .test_page import REFERENCE, SHIPPED

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTHS = (360, 1280)
# The page has no script: what surrounds it measures it. A frame gives it the width of a phone, which no window has.
FRAME = '<iframe title="page" srcdoc="{page}" style="border:0;width:{width}px;height:800px"></iframe>'
MEASURE = """<pre id="found"></pre><script>
addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map((frame) => {
    const inside = frame.contentDocument, view = frame.contentWindow, room = inside.documentElement;
    const scrolls = ".box, .drawing, nav ul, .skip";
    const claims = [...inside.querySelectorAll(".claim")], top = (each) => each.getBoundingClientRect().top;
    const listed = (value) => {
      inside.querySelector(`#claims option[value="${value}"]`).selected = true;
      const shown = claims.filter((each) => each.getClientRects().length);
      return shown.sort((a, b) => top(a) - top(b)).map((each) => each.id);
    };
    const open = () => claims.filter((each) => each.querySelector("p").checkVisibility()).length;
    const all = inside.getElementById("open-all"), used = { before: open() };
    // Other pages have no list of claims.
    if (all) {
      all.checked = true;
      used.opened = open();
      all.checked = false;
      used.rejected = listed("rejected"), used.both = listed("q2"), used.one = listed("all");
      used.all = listed("every"), used.sorted = listed("by-verdict");
      listed("registered");
    }
    const outside = [...inside.querySelectorAll("body *")].filter((each) =>
      !each.closest(scrolls) && each.getBoundingClientRect().right > room.clientWidth + 1);
    const cut = [...inside.querySelectorAll(".claim .num")].filter((each) => each.scrollWidth > each.clientWidth + 1);
    return {
      used, cut: cut.map((each) => each.textContent), width: room.clientWidth, needed: room.scrollWidth,
      outside: outside.map((each) => each.outerHTML.slice(0, 120)),
      letters: [...inside.querySelectorAll("svg text")].map((each) => {
        const at = each.getScreenCTM(), own = each.getBoundingClientRect();
        const room = each.closest("svg").getBoundingClientRect();
        return {
          size: parseFloat(view.getComputedStyle(each).fontSize) * Math.hypot(at.a, at.b),
          out: Math.max(room.left - own.left, own.right - room.right, room.top - own.top, own.bottom - room.bottom),
          words: each.textContent,
        };
      }),
      asked: view.performance.getEntriesByType("resource").map((each) => each.name),
      ground: view.getComputedStyle(inside.body).backgroundColor,
    };
  });
  document.getElementById("found").textContent = JSON.stringify(found);
});
</script>"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs a browser: no chromium on the path")


def browsed(folder, name, page, *arguments):
    """What the browser writes of a page, and its console."""
    path = folder / f"{name}.html"
    path.write_text(page, encoding="utf-8")
    command = [
        BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
        "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr",
        f"--user-data-dir={folder / name}", *arguments, path.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(  # noqa: S603 - a browser that was found on the path, on a page of ours
        command, capture_output=True, text=True, errors="replace", check=False
    )
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    return done.stdout, console


def measured(folder, name, page, *arguments):
    frames = "".join(FRAME.format(page=markup.escape(page), width=width) for width in WIDTHS)
    shown, console = browsed(
        folder, name, f"<!DOCTYPE html><title>t</title>{frames}{MEASURE}", *arguments, "--dump-dom"
    )
    found = re.search(r'<pre id="found">(.*?)</pre>', shown, re.DOTALL)
    assert found, "the browser has shown nothing"
    return json.loads(markup.unescape(found[1])), console


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """The committed run in both schemes, and a page that does not fit, all at once."""
    folder = tmp_path_factory.mktemp("browser")
    page = html(REFERENCE, drawn(REFERENCE))
    wide = html(REFERENCE).replace(
        "<main>", '<main><div style="width:2000px">wide</div><img src="https://example.invalid/a.png" alt="">'
    )
    pdf = folder / "paper.pdf"
    with ThreadPoolExecutor(4) as pool:
        light = pool.submit(measured, folder, "light", page, "--blink-settings=preferredColorScheme=1")
        dark = pool.submit(measured, folder, "dark", page, "--blink-settings=preferredColorScheme=0")
        broken = pool.submit(measured, folder, "broken", wide)
        paper = pool.submit(browsed, folder, "paper", SHIPPED.read_text(encoding="utf-8"), f"--print-to-pdf={pdf}")
        paper.result()
        return {"light": light.result(), "dark": dark.result(), "broken": broken.result(), "paper": pdf.read_bytes()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_is_said_or_is_asked_for(seen, scheme):
    found, console = seen[scheme]
    assert [each["width"] for each in found] == pytest.approx(WIDTHS, abs=20)
    for each in found:
        assert each["needed"] <= each["width"], each
        assert each["outside"] == each["cut"] == []
        assert [name for name in each["asked"] if not name.startswith("data:")] == []
        assert each["ground"] == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[scheme]
    assert console == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_of_every_chart_are_eleven_pixels_high_and_not_cut(seen, scheme):
    for each in seen[scheme][0]:
        letters = each["letters"]
        assert len(letters) > 200
        assert [one for one in letters if one["size"] < 10.99] == []
        assert [one for one in letters if one["out"] > 2] == []


def test_claims_are_chosen_put_in_order_and_opened(seen):
    places, order = anchors(REFERENCE), ("confirmed", "rejected", "inconclusive")
    modules = list(dict.fromkeys(claim.module for claim in REFERENCE.claims))
    rejected = [claim for claim in REFERENCE.claims if claim.verdict == "rejected"]
    expected = {
        "rejected": rejected,
        "both": [claim for claim in rejected if claim.module == modules[1]],
        "one": [claim for claim in REFERENCE.claims if claim.module == modules[1]],
        "all": REFERENCE.claims,
        "sorted": sorted(REFERENCE.claims, key=lambda claim: order.index(claim.verdict)),
    }
    for each in seen["light"][0]:
        used = each["used"]
        assert {name: used[name] for name in expected} == {
            name: [places[claim.key] for claim in claims] for name, claims in expected.items()
        }
        assert (used["before"], used["opened"]) == (0, len(REFERENCE.claims))


def test_the_shipped_page_takes_twenty_sheets_at_most(seen):
    # Chromium writes the pages of a PDF uncompressed.
    assert 5 < len(re.findall(rb"/Type\s*/Page\b", seen["paper"])) <= 20


def test_the_browser_would_notice(seen):
    found, console = seen["broken"]
    assert all(each["needed"] > each["width"] for each in found)
    assert all(each["outside"] for each in found)
    assert console
    assert "Content Security Policy" in console[0]


def test_the_copy_that_is_measured_is_the_page_itself():
    assert "<script" not in html(REFERENCE)
    assert Path(BROWSER).exists()
