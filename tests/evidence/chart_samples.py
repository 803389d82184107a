"""Charts of every kind: plain ones, and ones of odd data."""

from __future__ import annotations

import numpy as np

from why_bird.evidence.charts import (
    Axis,
    Bars,
    Chart,
    Cloud,
    Column,
    Curve,
    Curves,
    Dots,
    Edge,
    Ellipse,
    HeatMap,
    HeatRow,
    ImageGrid,
    Line,
    Mark,
    Node,
    Scatter,
    Stack,
    Stacked,
    Tree,
    image_row,
)

SHARE = Axis("share of 5,000 noise images", percent=True)
DOSE = Axis("dose (1: full)", ticks=(0, 0.5, 1))
HOSTILE = (
    "<script>alert('bird')</script>",
    '$\\frac{1}{2}$ "&amp;" ' + "x" * 1000,
    "]]>--><svg onload=alert(1)>",
    "\x1b[31m\u202e\ud800\x00\ufffe deer",
    "",
    "日本語 🐦",
)


def noise(n: int, size: int = 32) -> np.ndarray:
    return np.random.default_rng(n).uniform(-1, 2, (n, 3, size, size))


PLAIN: dict[str, Chart] = {
    "bars": Bars(
        title="bird takes 71 % of the noise",
        caption="Whiskers: 95 % intervals.",
        rows=("bird", "frog", "cat"),
        columns=(
            Column(
                SHARE, (0.71, 0.28, None), (0.7, 0.27, None), (0.72, 0.29, None), None, (Mark("bird", 0.9, "asked"),)
            ),
        ),
        highlight=("bird",),
    ),
    "dots": Dots(
        title="cat has the highest bias",
        rows=("cat", "bird"),
        columns=(
            Column(Axis("output bias"), (0.17, 0.06), limit=0.1),
            Column(Axis("logit on noise"), (2.7, 5.2), (2.0, 4.8), (3.4, 5.6)),
        ),
        highlight=("bird",),
    ),
    "stacked": Stacked(
        title="without the bias 3 % leaves bird",
        parts=("bird", "frog", "cat"),
        stacks=(Stack("with bias", (0.7, 0.29, 0.01)), Stack("without", (0.67, 0.32, 0.01))),
        axis="share of the noise",
        highlight=("bird",),
    ),
    "curves": Curves(
        title="noise pushes, blur does not",
        x=DOSE,
        y=Axis("margin (sd)"),
        curves=(
            Curve("noise", (0, 0.5, 1), (0.3, 0.5, 0.7), (0.2, 0.4, 0.6), (0.4, 0.6, 0.8)),
            Curve("blur", (0, 0.5, 1), (0.3, 0.2, None)),
        ),
        highlight=("noise",),
        limit=0.2,
        line=Line("asked", 0.5),
    ),
    "scatter": Scatter(
        title="weak noise is frog",
        x=Axis("contrast", log=2, ticks=(0.5, 1, 2)),
        y=Axis("called bird", percent=True),
        clouds=(Cloud("uniform", (0.5, 1, 2), (0, 0.6, 1)), Cloud("spectral", (0.7, 1.4), (0.1, 0.9))),
        ellipses=(Ellipse("images", 1, 0.5, 0.4, 0.1, 30),),
        trend=Curve("mean", (0.6, 1.6), (0.1, 0.9)),
        line=Line("the post's", 1),
    ),
    "tree": Tree(
        title="noise joins frog",
        nodes=(Node("bird", 0, 0), Node("frog", 1, 0.2), Node("noise", 0.6, -0.5)),
        edges=(Edge(0, 1, 0.3, 0.9), Edge(1, 2, 0.24)),
        others=(Edge(0, 2, 0.31, 0.1),),
        highlight=("noise",),
    ),
    "heatmap": HeatMap(
        title="the definitions differ",
        columns=("bird", "frog", "cat"),
        rows=(HeatRow("entropy", (1, 2, 3)), HeatRow("participation ratio, penultimate", (3, None, 1))),
        quantity="ranks",
        highlight="bird",
        reverse=True,
    ),
    "images": ImageGrid(
        title="what units look for",
        columns=tuple(f"unit {i}" for i in range(5)),
        rows=(image_row("made", noise(5), [f"{i}.5" for i in range(5)]), image_row("noise", noise(5))),
    ),
}


def many(n: int) -> list[Chart]:
    """Charts of n classes."""
    names = tuple(f"class {i}" for i in range(n))
    values = tuple(np.linspace(0, 1, n)) if n > 1 else (0.5,)
    column = Column(SHARE, values, values, values, 0.5, (Mark(names[-1], 1, "asked"),))
    points = list(zip(np.cos(np.arange(n)), np.sin(np.arange(n)), strict=True))
    return [
        Bars(title="t", rows=names, columns=(column,), highlight=names[n // 2 : n // 2 + 1]),
        Dots(title="t", rows=names, columns=(column, Column(Axis("x"), values)), highlight=names[:1]),
        Stacked(title="t", parts=names, stacks=(Stack("all", (1 / n,) * n),), axis="noise", highlight=names[:1]),
        HeatMap(title="t", columns=names, rows=(HeatRow("r", values), HeatRow("s", (0,) * n)), quantity="q"),
        Tree(title="t", nodes=[Node(name, *p) for name, p in zip(names, points, strict=True)],
             edges=[Edge(i, i + 1, 0.1) for i in range(n - 1)], highlight=names[:1]),
        Scatter(title="t", x=Axis("x"), y=Axis("y"), clouds=[Cloud(name, (0.0,), (0.0,)) for name in names[:12]],
                ellipses=[Ellipse(name, *p, 0, 0) for name, p in zip(names, points, strict=True)]),
    ]  # fmt: skip


def hostile() -> list[Chart]:
    """Charts whose every word is hostile."""
    axis = Axis(HOSTILE[1])
    n = len(HOSTILE)
    words = {"title": HOSTILE[3], "caption": HOSTILE[0]}
    marks = tuple(Mark(each, 1, HOSTILE[-i]) for i, each in enumerate(HOSTILE))
    return [
        Bars(**words, rows=HOSTILE, columns=(Column(axis, (0.5,) * n, marks=marks),), highlight=HOSTILE[:2]),
        Dots(**words, rows=HOSTILE, columns=(Column(axis, (0.5,) * n),), highlight=HOSTILE[3:]),
        Stacked(**words, parts=HOSTILE, stacks=[Stack(w, (1 / n,) * n) for w in HOSTILE], axis=HOSTILE[2]),
        Curves(**words, x=axis, y=axis, curves=[Curve(w, (0, 1), (0, 1), note=HOSTILE[3]) for w in HOSTILE],
               line=Line(HOSTILE[3], 1)),
        Scatter(**words, x=axis, y=axis, clouds=[Cloud(w, (0,), (1,)) for w in HOSTILE],
                ellipses=[Ellipse(w, 0, 0, 1, 1) for w in HOSTILE], line=Line(HOSTILE[3], 0), note=HOSTILE[3]),
        Tree(**words, nodes=[Node(w, i, i * i) for i, w in enumerate(HOSTILE)], edges=[Edge(0, 1, 1)]),
        HeatMap(**words, columns=HOSTILE, rows=[HeatRow(w, range(n)) for w in HOSTILE], quantity=HOSTILE[1]),
        ImageGrid(**words, columns=HOSTILE, rows=[image_row(HOSTILE[3], noise(n, 2), HOSTILE)]),
    ]  # fmt: skip


FLAT: list[Chart] = [
    Bars(title="t", rows=("a",), columns=(Column(Axis("x"), (None,)),)),
    Bars(title="t", rows=("a", "a"), columns=(Column(Axis("x"), (0, -1e-300), (0, 0), (0, 0)),), highlight=("a",)),
    Dots(title="t", rows=("a", "b"), columns=(Column(Axis("x", low=0), (1e300, -1e300), limit=0),)),
    Stacked(title="t", parts=("a",), stacks=(Stack("nothing", (0,)), Stack("all", (1,))), axis="x"),
    Stacked(title="t", parts=(), stacks=(Stack("nothing", ()),), axis="x"),
    Curves(title="t", x=Axis("x"), y=Axis("y"), curves=(Curve("c", (1,), (1,), (1,), (1,)),)),
    Curves(title="t", x=Axis("x", log=2, low=0), y=Axis("y", log=10), curves=(Curve("c", (0, 1, 4), (None,) * 3),)),
    Curves(title="t", x=Axis("x"), y=Axis("y"), curves=(Curve("c", range(400), range(400)),), diagonal=True),
    Scatter(title="t", x=Axis("x"), y=Axis("y"), clouds=(Cloud("c", (), ()),)),
    Scatter(title="t", x=Axis("x"), y=Axis("y"), ellipses=(Ellipse("c", 0, 0, 0, 0),)),
    Tree(title="t", nodes=(Node("a", 0, 0),), edges=()),
    Tree(title="t", nodes=(Node("a", 0, 0), Node("b", 0, 0)), edges=(Edge(0, 1, 0, 7), Edge(0, 0, 0, -1))),
    HeatMap(title="t", columns=("a",), rows=(HeatRow("r", (None,)),), quantity="q"),
    HeatMap(title="t", columns=("a", "b"), rows=(HeatRow("r", (5, 5)),), quantity="q", highlight="nobody"),
    ImageGrid(title="t", columns=("a",), rows=(image_row("r", noise(1, 224)),)),
]
