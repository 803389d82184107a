"""Pages of HTML: templates that lie beside their code, in one style."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from why_bird.evidence.numbers import count, together

_COMMON = "why_bird.evidence.page"
"""Where the head and the style of every page lie."""

_SHARED = ("head.html", "figures.html")

MARKS = {"confirmed": "●", "rejected": "✕", "inconclusive": "◇", "mixed": "◐"}
"""Signs beside the colours of verdicts, for whom colours are not enough."""


def render(package: str, template: str, style: str, **values: object) -> str:
    """Return a page of HTML, with the common style and its own inside and nothing to load.

    Parameters
    ----------
    package : str
        In which the template and its style lie.
    template, style : str
        Names of files.
    **values
        What the template asks for; text is escaped.
    """
    css = _text(_COMMON, "style.css") + _text(package, style)
    # Both are ours.
    made = _environment(package).get_template(template).render(style=Markup(css), **values)  # noqa: S704
    # A lone surrogate is no character of a file.
    return made.encode("utf-8", "backslashreplace").decode("utf-8")


@cache
def _environment(package: str) -> Environment:
    environment = Environment(
        loader=FunctionLoader(lambda name: _text(_COMMON if name in _SHARED else package, name)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["marks"] = MARKS
    environment.filters["count"] = count
    environment.filters["together"] = together
    return environment


@cache
def _text(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text("utf-8")
