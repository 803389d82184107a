"""What every chart keeps to, whatever its data: a safe, legible SVG, described, and the same after a journey."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from published import schema

from why_bird.evidence.charts import Axis, Bars, Chart, Cloud, Column, Dots, Ellipse, Mark, Scatter
from why_bird.evidence.charts.drawing import png_of, svg_of
from why_bird.evidence.charts.scatter import around
from why_bird.evidence.charts.style import BLUE, GREEN, OCHRE, PURPLE, SETTINGS, SIZE, VERMILLION, WIDTH
from why_bird.evidence.codec import decode, encode

from .chart_samples import FLAT, PLAIN, hostile, many
from .test_page import contrast, schemes

CHARTS: dict[str, Chart] = {
    **PLAIN,
    **{f"flat-{i}": each for i, each in enumerate(FLAT)},
    **{f"hostile-{each.kind}": each for each in hostile()},
    **{f"{n}-{each.kind}": each for n in (1, 21, 100) for each in many(n)},
}
TAGS = {"svg", "title", "desc", "g", "path", "use", "defs", "clipPath", "rect", "text", "image"}
COLORS = (BLUE, VERMILLION, GREEN, PURPLE, OCHRE)


@cache
def drawn(name: str) -> tuple[str, ElementTree.Element]:
    svg = svg_of(CHARTS[name], name)
    return svg, ElementTree.fromstring(svg)  # noqa: S314 - drawn just now


def local(name: str) -> str:
    return name.rpartition("}")[2]


def test_there_is_a_sample_of_every_kind() -> None:
    assert {chart.kind: type(chart) for chart in PLAIN.values()} == Chart.kinds
    assert set(schema()["$defs"]["chart"]["properties"]["kind"]["enum"]) == set(Chart.kinds)


@pytest.mark.parametrize("name", CHARTS)
def test_a_drawing_stands_alone(name: str) -> None:
    svg, root = drawn(name)
    assert svg.startswith("<svg ")
    assert root.get("viewBox", "").startswith("0 0 312 ")
    assert root.get("width") is root.get("height") is None
    ids = [each.get("id", "") for each in root.iter() if each.get("id") is not None]
    assert len(set(ids)) == len(ids)
    assert all(key.startswith(f"{name}-") for key in ids)
    for each in root.iter():
        assert local(each.tag) in TAGS
        for key, value in each.attrib.items():
            assert key != "style"
            assert not key.startswith("on")
            if local(key) == "href":
                assert value.startswith("data:image/png;base64,") or value.removeprefix("#") in ids
            for target in re.findall(r"url\((.*?)\)", value):
                assert target.removeprefix("#") in ids
    assert svg.count("http") == 1
    assert not re.search(r"20\d\d-\d\d|matplotlib", svg, re.IGNORECASE)


@pytest.mark.parametrize("name", CHARTS)
def test_letters_are_large_and_colours_are_known(name: str) -> None:
    _, root = drawn(name)
    texts = [each for each in root.iter() if local(each.tag) == "text"]
    for each in texts:
        assert float(each.get("font-size") or "nan") >= SIZE
    # On a telephone of 360 pixels a unit is one at least: test_page_browser.py looks.
    assert SIZE >= 11
    painted = {each.get(key) for each in root.iter() for key in ("fill", "stroke")} - {None}
    assert painted <= {"none", "currentColor", *COLORS}
    width, height = (float(each) for each in root.get("viewBox", "").split()[2:])
    for each in texts:
        x, y = placed(each)
        assert -0.1 * width <= x <= 1.1 * width
        assert -2 <= y <= height + 2


def placed(text: ElementTree.Element) -> tuple[float, float]:
    moved = re.search(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)", text.get("transform", ""))
    return (float(moved[1]), float(moved[2])) if moved else (float(text.get("x", 0)), float(text.get("y", 0)))


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("color", COLORS)
def test_every_colour_stands_out(scheme: str, color: str) -> None:
    assert all(contrast(color, schemes()[scheme][ground]) >= 3 for ground in ("paper", "panel"))


@pytest.mark.parametrize("name", CHARTS)
def test_a_drawing_says_what_it_shows(name: str) -> None:
    chart, (svg, root) = CHARTS[name], drawn(name)
    labelled = [
        each.text or "" for key in root.get("aria-labelledby", "").split() for each in root if each.get("id") == key
    ]
    assert root.get("role") == "img"
    assert labelled == [chart.heading, chart.description]
    assert chart.description.endswith(".")
    assert not re.search(r"\bnan\b|None", chart.description)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ud800\ufffe]", svg)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_the_same_after_a_journey(name: str) -> None:
    chart = CHARTS[name]
    written = json.dumps(encode(chart), allow_nan=False)
    again = decode(Chart, json.loads(written))
    assert again == chart
    assert type(again) is type(chart)
    assert json.dumps(encode(again)) == written


@pytest.mark.parametrize("name", PLAIN)
def test_drawn_again_it_is_the_same(name: str) -> None:
    assert svg_of(PLAIN[name], name) == drawn(name)[0]
    first = png_of(PLAIN[name])
    assert first == png_of(PLAIN[name])
    assert Image.open(io.BytesIO(first)).width == 866


def test_descriptions_are_those_that_were_read(snapshot: Callable[[Path, str], None]) -> None:
    found = "\n\n".join(f"{name}: {chart.heading}. {chart.description}" for name, chart in PLAIN.items()) + "\n"
    snapshot(Path(__file__).with_name("chart_descriptions.txt"), found)


def canvas_of(chart: Chart) -> Any:
    with rc_context(SETTINGS):
        canvas = Figure(figsize=(WIDTH, chart.height), layout="constrained")
        FigureCanvasAgg(canvas)
        chart.paint(canvas)
        canvas.canvas.draw()
    return canvas


def test_an_axis_of_shares_ends_at_the_whole_and_what_is_written_there_fits() -> None:
    for kind in (Bars, Dots):
        shares = Column(Axis("share", percent=True), (0.97, 0.2), marks=(Mark("few", 0.9, "asked"),))
        canvas = canvas_of(kind(title="t", rows=("most", "few"), columns=(shares,), highlight=("most", "few")))
        (axes,) = canvas.axes
        assert axes.get_xlim() == (0, 1)
        assert all(each.get_window_extent().x1 <= canvas.bbox.x1 + 1 for each in axes.texts)


def test_names_of_groups_lie_on_no_outline() -> None:
    places = {"dog": (0, 5), "cat": (1, 4), "deer": (0, 0), "frog": (0.2, -1.5), "bird": (0, -2), "ship": (5, 0)}
    rings = [Ellipse(name, *place, 2, 1.5) for name, place in places.items()]
    noise = Cloud("noise", (0.0, 0.2), (-1.8, -1.6))
    (axes,) = canvas_of(Scatter(title="t", x=Axis("x"), y=Axis("y"), clouds=(noise,), ellipses=rings)).axes
    assert [each.get_text() for each in axes.texts] == [each.label for each in rings]
    outlines = np.hstack([around(each, np.linspace(0, 2 * np.pi, 200)) for each in rings]).T
    for each in axes.texts:
        box = each.get_window_extent()
        assert not box.count_contains(axes.transData.transform(outlines))
        assert axes.bbox.x0 <= box.x0
        assert axes.bbox.y0 <= box.y0


def test_pictures_are_shown_pixel_by_pixel() -> None:
    _, root = drawn("images")
    images = [each for each in root.iter() if local(each.tag) == "image"]
    assert len(images) == 10
    assert all(each.get("image-rendering") == "pixelated" for each in images)


def test_many_rows_are_drawn_in_part_and_said_so() -> None:
    bars = many(100)[0]
    assert "83 rows more are not drawn" in bars.description
    texts = [each.text for each in drawn("100-bars")[1].iter() if local(each.tag) == "text"]
    assert {"class 0", "class 50", "class 99"} <= set(texts)
    assert "class 20" not in texts
