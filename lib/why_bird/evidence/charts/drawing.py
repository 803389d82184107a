"""A chart becomes an SVG element that is fit for a page, or a PNG file."""

from __future__ import annotations

import io
import re
import warnings
from functools import partial
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure as EmptyCanvas

from why_bird.evidence.charts.chart import Chart
from why_bird.evidence.charts.style import INK, SETTINGS, WIDTH

_DOTS_PER_INCH = 200


Element = ElementTree.Element
_NUMBER = re.compile(r"-?\d+\.\d+")
_REFERENCE = re.compile(r"^url\(#(.+)\)$")
_DROPPED = ("metadata", "style")
_INHERITED = ("fill", "stroke", "stroke-width", "font-size", "text-anchor")
_SIZELESS = ("width", "height", "version")


def svg_of(chart: Chart, name: str, *, described: bool = True) -> str:
    """Return a chart as one SVG element that takes the colours of the page around it.

    Parameters
    ----------
    name : str
        All ids begin with it.
    described : bool, default True
        Whether it says itself what it shows, for those who cannot see it; a page may say it around the drawing.
    """
    # Without a date, a drawing is the same bytes whenever it is made.
    raw = _saved(chart, "svg", transparent=True, metadata={"Date": None}).decode("utf-8")
    return clean(raw, name, (chart.heading, chart.description) if described else None)


def png_of(chart: Chart) -> bytes:
    """Return a chart as a PNG file, black on white."""
    return _saved(chart, "png", dpi=_DOTS_PER_INCH, facecolor="white", metadata={"Software": None})


def _saved(chart: Chart, form: str, **how: Any) -> bytes:
    file = io.BytesIO()
    with mpl.rc_context({**SETTINGS, "axes.prop_cycle": cycler(color=[INK])}), warnings.catch_warnings():
        # Of letters that the measuring font lacks, which a browser draws with another; of names that leave no room.
        warnings.simplefilter("ignore")
        canvas = EmptyCanvas(figsize=(WIDTH, chart.height), layout="constrained")
        chart.paint(canvas)
        canvas.savefig(file, format=form, **how)
    return file.getvalue()


def clean(raw: str, name: str, words: tuple[str, str] | None) -> str:
    """Return what matplotlib wrote as one ``<svg>`` element that can stand in a page beside others.

    All ids begin with the name; the words are a title and a description, for those who cannot see it. Black becomes
    ``currentColor``; styles become attributes, which a page's security policy cannot forbid; ids that nothing refers
    to, dates, comments and the fixed size go.
    """
    root = ElementTree.fromstring(raw)  # noqa: S314 - matplotlib wrote it just now
    for element in root.iter():
        element.tag = _local(element.tag)
        element.attrib = {_local(key): value for key, value in element.attrib.items()}
    _drop(root)
    for element in root.iter():
        _attributes_of_style(element)
        _shorten(element)
    _rename_ids(root, name)
    _flatten(root)
    _share_attributes(root)
    for key in _SIZELESS:
        root.attrib.pop(key, None)
    labels = [_text(tag, f"{name}-{tag}", each) for tag, each in zip(("title", "desc"), words or (), strict=False)]
    root[:0] = labels
    named = {"role": "img", "aria-labelledby": " ".join(label.attrib["id"] for label in labels)} if labels else {}
    root.attrib = {
        "xmlns": "http://www.w3.org/2000/svg",
        **root.attrib,
        **named,
        # What matplotlib asked of every element, inherited: as a style sheet it would reach into the page.
        "fill": "currentColor",
        "font-family": "sans-serif",
        "stroke-linejoin": "round",
    }
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _text(tag: str, key: str, words: str) -> Element:
    element = Element(tag, {"id": key})
    element.text = words
    return element


def _drop(element: Element) -> None:
    for child in list(element):
        if child.tag in _DROPPED:
            element.remove(child)
            continue
        _drop(child)
        child.tail = None
    if element.tag != "text":
        element.text = None


def _attributes_of_style(element: Element) -> None:
    for declaration in element.attrib.pop("style", "").split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        # Only the last of two values for one thing counts, as in a style.
        if key and key != "font-family":
            element.set(key, value.removesuffix("px") if key == "font-size" else value)
    if "href" in element.attrib:
        # Matplotlib breaks the lines of a picture.
        element.set("href", "".join(element.attrib["href"].split()))
    for key in ("fill", "stroke"):
        if element.get(key) == "#000000":
            element.set(key, "currentColor")


def _shorten(element: Element) -> None:
    for key in ("d", "x", "y", "transform"):
        value = element.get(key)
        if value is not None:
            # A transform scales what comes after it.
            rounded = partial(_rounded, decimals=4 if key == "transform" else 2)
            element.set(key, _NUMBER.sub(rounded, " ".join(value.split())))


def _rounded(number: re.Match[str], decimals: int) -> str:
    text = f"{float(number[0]):.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _rename_ids(root: Element, name: str) -> None:
    names: dict[str, str] = {}
    for element in root.iter():
        for key, value in element.attrib.items():
            if target := _target(key, value):
                names.setdefault(target, f"{name}-{len(names) + 1}")
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            if key == "id":
                del element.attrib[key]
                if value in names:
                    element.set("id", names[value])
            elif target := _target(key, value):
                element.set(key, f"#{names[target]}" if key == "href" else f"url(#{names[target]})")


def _target(key: str, value: str) -> str | None:
    """Return the id that an attribute refers to; a colour begins with # and is none."""
    if key == "href":
        return value[1:] if value.startswith("#") else None
    match = _REFERENCE.match(value)
    return match[1] if match else None


def _flatten(element: Element) -> None:
    """Take out what shows nothing, and groups that say nothing of what they hold."""
    kept: list[Element] = []
    for child in element:
        _flatten(child)
        if child.tag == "g" and not child.attrib:
            kept.extend(child)
        elif not _is_void(child):
            kept.append(child)
    element[:] = kept


def _is_void(element: Element) -> bool:
    if element.tag in ("g", "defs"):
        return not len(element)
    unseen = element.get("fill") == "none" and element.get("stroke") is None
    return element.tag == "path" and unseen and "id" not in element.attrib


def _share_attributes(root: Element) -> None:
    """Say once for a group what all of its marks inherit alike: a scatter plot has hundreds."""
    for group in root.iter("g"):
        if len(group) < 2:
            continue
        first, *rest = (child.attrib for child in group)
        for key in _INHERITED:
            if key in first and key not in group.attrib and all(each.get(key) == first[key] for each in rest):
                group.set(key, first[key])
                for child in group:
                    del child.attrib[key]
