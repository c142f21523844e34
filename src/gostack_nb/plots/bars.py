"""Step of drawing: named counts -> horizontal bars."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from gostack_nb.plots.style import canvas, count_axis

BAR_HEIGHT = 0.66
ROOM_FOR_COUNTS = 1.16
"""The longest bar leaves this much of the axis free for the number behind it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, how long it is, its colour, and what is written behind it."""

    name: str
    count: int
    color: str
    note: str


def bar_canvas(ax: Axes | None, names: Sequence[str]) -> Axes:
    """Return an Axes that is high enough for these names."""
    lines = max((name.count("\n") + 1 for name in names), default=1)
    return canvas(ax, 10, 1.5 + (0.16 + 0.16 * lines) * max(len(names), 2))


def draw_bars(ax: Axes, bars: Sequence[Bar]) -> None:
    """Draw one horizontal bar each, the first on top, with its note behind it."""
    places = range(len(bars))
    colors = [bar.color for bar in bars]
    drawn = ax.barh(places, [bar.count for bar in bars], height=BAR_HEIGHT, color=colors)
    ax.bar_label(drawn, [bar.note for bar in bars], padding=4, fontsize=10)
    name_bars(ax, [bar.name for bar in bars])
    count_axis(ax, "x", max(bar.count for bar in bars) * ROOM_FOR_COUNTS)


def name_bars(ax: Axes, names: Sequence[str]) -> None:
    """Write the names at the left, the first on top."""
    ax.set_yticks(range(len(names)), labels=list(names), fontsize=9)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
