"""Two datasets -> the courses before and after a fix, with the fitted rates and what they come to."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from gostack_nb.analysis.fix_courses import Side
from gostack_nb.analysis.fix_words import a_rate
from gostack_nb.analysis.theil_sen import Floats
from gostack_nb.analysis.trend import Trend
from gostack_nb.analysis.verify_fix import verify_fix
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.end_labels import EndLabel, draw_end_labels, leader_color
from gostack_nb.plots.growth import AFTER, BEFORE
from gostack_nb.plots.names import drawable, shortened
from gostack_nb.plots.style import LineStyle, canvas, count_axis, finish, marks_every, say_empty, title

WIDTH, HEIGHT = 11.5, 6.0

MOST_LABELS = 8
"""Processes of both sides; of more only the most grown ones are named at the ends of their lines."""

BAND = 0.15  # how dark


@dataclass(frozen=True, slots=True)
class Line:
    """One process on one side: its counts, and what was fitted to them if there are enough."""

    name: str
    minutes: Floats
    counts: Floats
    trend: Trend | None
    style: LineStyle

    @property
    def label(self) -> str:
        """Name the line with its first and last count, and its rate."""
        first, last = int(self.counts[0]), int(self.counts[-1])
        ends = f"{last:,}" if len(self.counts) == 1 else f"{first:,} → {last:,}"
        trend = self.trend
        if trend is None or trend.rate is None or trend.low is None or trend.high is None:
            return f"{self.name}: {ends}"
        return f"{self.name}: {ends}\n{a_rate(trend.rate)} per hour\n[{a_rate(trend.low)}, {a_rate(trend.high)}]"


@checked
def plot_verify_fix(before: Dataset, after: Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the totals before and after a fix against the minutes since the first dump, with the fitted rates.

    Parameters
    ----------
    before, after : Dataset
        As for `verify_fix`. Every process is a line; its shade reaches from the lower to the upper end of the 95 %
        interval of its rate.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        With the verdict of `verify_fix` on the whole as its title, and the sentence under it.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_verify_fix(dataset, fixed)
    >>> ax.get_title(loc="left").strip()
    'The fix: fixed'
    """
    whole = verify_fix(before, after).iloc[0]
    lines = [*_lines(before, "before", BEFORE), *_lines(after, "after", AFTER)]
    ax = canvas(ax, WIDTH, HEIGHT)
    if not lines:
        return say_empty(ax, "no dump with a time")
    for line in lines:
        _draw(ax, line)
    _name(ax, lines)
    ax.set_xlabel("minutes since the first dump")
    title(ax, f"The fix: {whole['verdict']}", drawable(str(whole["sentence"])), width=110)
    return finish(ax)


def _lines(dataset: Dataset, name: str, style: LineStyle) -> list[Line]:
    side = Side.of(dataset)
    if not side.trends:
        counts = side.snapshots["goroutines"].to_numpy(dtype=np.float64)
        return [Line(name, np.zeros(1), counts[place : place + 1], None, style) for place in range(len(counts))]
    return [
        Line(
            _named(name, trend, len(side.trends)),
            np.array(trend.hours) * 60,
            np.array(trend.counts, dtype=np.float64),
            trend,
            style,
        )
        for trend in side.trends
    ]


def _named(name: str, trend: Trend, processes: int) -> str:
    return f"{name} {shortened(drawable(trend.process))}" if processes > 1 else name


def _draw(ax: Axes, line: Line) -> None:
    """Draw the counts as marks on a thin line, the fit as a thick one, its interval as a shade."""
    style = line.style
    ax.plot(
        line.minutes,
        line.counts,
        color=style.color,
        linewidth=0.8,
        marker=style.marker,
        markersize=5,
        markevery=marks_every(len(line.counts)),
        label=line.name,
    )
    trend = line.trend
    if trend is None or trend.rate is None or trend.low is None or trend.high is None:
        return
    middle = float(np.median(line.minutes))
    level = float(np.median(line.counts - trend.rate / 60 * (line.minutes - middle)))
    ends = np.array([line.minutes[0], middle, line.minutes[-1]])
    fitted, low, high = (level + rate / 60 * (ends - middle) for rate in (trend.rate, trend.low, trend.high))
    ax.plot(ends, fitted, color=style.color, linewidth=style.width, linestyle=style.dashes)
    ax.fill_between(ends, np.minimum(low, high), np.maximum(low, high), color=style.color, alpha=BAND, linewidth=0)


def _name(ax: Axes, lines: list[Line]) -> None:
    ax.margins(x=0.01)
    count_axis(ax, "y", max(float(line.counts.max()) for line in lines))
    end = max(float(line.minutes[-1]) for line in lines)
    most_grown = sorted(lines, key=lambda line: line.counts[0] - line.counts[-1])[:MOST_LABELS]
    draw_end_labels(
        ax,
        [
            EndLabel(
                line.label,
                line.minutes[-1],
                float(line.counts[-1]),
                leader_color(line.style.color, line.minutes[-1], 0, end),
            )
            for line in most_grown
        ],
    )
