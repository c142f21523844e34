"""Step of drawing: names at the right ends of lines and areas, moved apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from gostack_nb.plots.style import OTHER_COLOR, figure_of, spread

FONT_SIZE = 9
LINE_HEIGHT = 1.35
"""Of a line of text, in font sizes, with the gap to the next label."""

POINTS_PER_INCH = 72

LONG = 0.95
"""Of the axis: a line that ends before this is far from its name."""


@dataclass(frozen=True, slots=True)
class EndLabel:
    """A text, the end of the line that it names (data coordinates), and its colour."""

    text: str
    x: object
    y: float
    color: str


def leader_color(color: str, at: Any, begin: Any, end: Any) -> str:
    """Return the colour of the way from the end of a line to its name: grey where it is long, or it looks like data.

    >>> leader_color("#0072b2", 59, 0, 60), leader_color("#0072b2", 30, 0, 60) == OTHER_COLOR
    ('#0072b2', True)
    """
    return color if at - begin >= LONG * (end - begin) else OTHER_COLOR


def draw_end_labels(ax: Axes, labels: Sequence[EndLabel]) -> None:
    """Write the labels right of the Axes, none over another, each with a thin line to what it names."""
    floor, ceiling = ax.get_ylim()
    places = [(label.y - floor) / (ceiling - floor) for label in labels]
    lines = max((label.text.count("\n") + 1 for label in labels), default=1)
    points = ax.get_window_extent().height / figure_of(ax).dpi * POINTS_PER_INCH
    gap = (lines + 0.2) * FONT_SIZE * LINE_HEIGHT / points
    for label, place in zip(labels, spread(places, gap), strict=True):
        _draw(ax, label, place)


def _draw(ax: Axes, label: EndLabel, place: float) -> None:
    leader = {"arrowstyle": "-", "color": label.color, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 3}
    ax.annotate(
        label.text,
        xy=(label.x, label.y),
        xytext=(1.04, place),
        textcoords="axes fraction",
        va="center",
        fontsize=FONT_SIZE,
        annotation_clip=False,
        arrowprops=leader | {"relpos": (0, 0.5)},
    )
