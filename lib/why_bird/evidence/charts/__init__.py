"""Charts that a claim hands to ``judge``: one kind a file, each of checked data that can say and draw itself."""

from why_bird.evidence.charts.bars import Bars, bars
from why_bird.evidence.charts.chart import Axis, Chart
from why_bird.evidence.charts.curves import Curve, Curves, Line, roc, sampled, shared
from why_bird.evidence.charts.dots import Dots, middle_half
from why_bird.evidence.charts.heatmap import HeatMap, HeatRow
from why_bird.evidence.charts.image_grid import ImageGrid, ImageRow, image_row
from why_bird.evidence.charts.rows import Column, Mark, column, most_first
from why_bird.evidence.charts.scatter import Cloud, Ellipse, Scatter, binned, ellipse_of, in_a_plane
from why_bird.evidence.charts.stacked import Stack, Stacked, stacked
from why_bird.evidence.charts.style import listed
from why_bird.evidence.charts.tree import Edge, Node, Tree, classical_scaling, resampled_means, tree_of
from why_bird.evidence.charts.values import evenly

__all__ = [
    "Axis", "Bars", "Chart", "Cloud", "Column", "Curve", "Curves", "Dots", "Edge", "Ellipse", "HeatMap", "HeatRow",
    "ImageGrid", "ImageRow", "Line", "Mark", "Node", "Scatter", "Stack", "Stacked", "Tree", "bars", "binned",
    "classical_scaling", "column", "ellipse_of", "evenly", "image_row", "in_a_plane", "listed", "middle_half",
    "most_first", "resampled_means", "roc", "sampled", "shared", "stacked", "tree_of",
]  # fmt: skip
