"""Step of drawing: colours, an Axes to draw on, and the last touch to its texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from textwrap import wrap
from typing import cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from gostack_nb.plots.names import installed_families

INK = "#222222"
FAINT = "#d9d9d9"
PAPER = "#ffffff"
OTHER_COLOR = "#8c8c8c"
UNTOLD_COLOR = "#c4c4c4"

COLORS = ("#d55e00", "#0072b2", "#009e73", "#e69f00", "#cc79a7", "#56b4e9")
"""Okabe and Ito's palette for all kinds of colour vision, without black (totals) and yellow (faint on white)."""

AGES = ("#f0f0f0", "#fee8c8", "#fdbb84", "#ef6548", "#b30000", "#4d0000")
"""From no wait printed to hours: light to dark, so that a grey print keeps the order (ColorBrewer OrRd)."""

NEGLIGIBLE_SHARE = 0.01
"""What never holds more of the goroutines than this is counted under "other", unless it grows."""

_MARKERS = ("o", "s", "^", "D", "v", "P")
_DASHES = ("-", "--", "-.", ":")
_MOST_MARKERS = 15


@dataclass(frozen=True, slots=True)
class LineStyle:
    """How one line looks: colour, marker and dashes differ, for prints without colour."""

    color: str
    marker: str
    dashes: str = "-"
    width: float = 1.8


TOTAL = LineStyle("#000000", "", "-", 2.4)
OTHER = LineStyle(OTHER_COLOR, "", ":")


def line_style(place: int) -> LineStyle:
    """Return the style of the n-th line; the 25th looks like the first."""
    dashes = _DASHES[place // len(COLORS) % len(_DASHES)]
    return LineStyle(COLORS[place % len(COLORS)], _MARKERS[place % len(_MARKERS)], dashes)


def color(place: int) -> str:
    """Return the n-th colour of the palette."""
    return COLORS[place % len(COLORS)]


def canvas(ax: Axes | None, width: float, height: float) -> Axes:
    """Return the caller's Axes, or the one of a new figure of this size in inches; both on white paper."""
    if ax is None:
        from matplotlib import pyplot as plt  # noqa: PLC0415  only here a notebook's display is needed

        _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    ax.set_facecolor(PAPER)
    figure_of(ax).set_facecolor(PAPER)
    return ax


def figure_of(ax: Axes) -> Figure:
    """Return the whole figure that holds an Axes."""
    return cast("Figure", ax.get_figure(root=True))


def title(ax: Axes, text: str, below: str = "", *, color: str = INK, width: int = 84) -> None:
    """Write the title (`get_title(loc="left")`) and a smaller text under it (`get_title()`), `width` characters wide.

    Both are titles of the Axes, because matplotlib's layout makes no room for the width of titles: any other long
    text would squeeze the chart.
    """
    lines = [line for part in below.splitlines() for line in wrap(part, width)]
    ax.set_title(text + "\n" * len(lines), loc="left", fontsize=12, fontweight="bold", pad=8)
    ax.set_title("\n".join(lines), loc="center", x=0, ha="left", fontsize=10, color=color)


def count_axis(ax: Axes, which: str, most: float) -> None:
    """Let an axis count goroutines: from 0, whole numbers."""
    axis = ax.yaxis if which == "y" else ax.xaxis
    axis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.grid(visible=True, axis="y" if which == "y" else "x", color=FAINT, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set(**{f"{which}lim": (0, max(most * 1.06, 1)), f"{which}label": "goroutines"})


def finish(ax: Axes) -> Axes:
    """Make every text plain (no mathtext), dark and drawable; take the box away."""
    families = list(installed_families())
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(OTHER_COLOR)
    ax.tick_params(colors=INK, labelfontfamily=families)
    for text in ax.findobj(Text):
        text.set_parse_math(False)
        text.set_fontfamily(families)
        if text is not ax.title:
            text.set_color(INK)
    return ax


def say_empty(ax: Axes, text: str) -> Axes:
    """Write in the middle of an empty chart why there is nothing to see."""
    ax.set(xticks=[], yticks=[])
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", fontsize=13)
    ax.spines[:].set_visible(False)
    return finish(ax)


def marks_every(points: int) -> int:
    """Return how many points to go from marker to marker, so that a long line stays a line."""
    return max(1, -(-points // _MOST_MARKERS))


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Move places apart until neighbours have a gap, each as little as can be, in their order, between 0 and 1.

    >>> spread([0.5, 0.5, 0.1], 0.25)
    [0.375, 0.625, 0.1]
    """
    order = sorted(range(len(places)), key=lambda number: places[number])
    room = max(1 - gap * (len(places) - 1), 0)
    moved = list(places)
    for rank, (number, start) in enumerate(zip(order, _pooled(places, order, gap), strict=True)):
        moved[number] = min(max(start, 0), room) + rank * gap
    return moved


def _pooled(places: Sequence[float], order: Sequence[int], gap: float) -> list[float]:
    """Take the gaps out of the places and average neighbours until none falls (pool adjacent violators)."""
    pools: list[list[float]] = []
    for rank, number in enumerate(order):
        pools.append([places[number] - rank * gap])
        while len(pools) > 1 and fmean(pools[-2]) > fmean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    return [fmean(pool) for pool in pools for _ in pool]
