"""Goroutines -> bars of wait ages."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gostack_nb.analysis.keys import DEFAULT_KEY, By
from gostack_nb.analysis.waiting import WAIT_BUCKETS, waiting
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.bars import BAR_HEIGHT, ROOM_FOR_COUNTS, bar_canvas, name_bars
from gostack_nb.plots.moments import latest_moment
from gostack_nb.plots.names import group_names
from gostack_nb.plots.style import AGES, OTHER_COLOR, canvas, count_axis, finish, say_empty, title

UNKNOWN = "under 1 or not printed"
READ_AS = "many ages: a leak; one age: a stall; hardly any: healthy"


def plot_waiting(source: Dataset | pd.DataFrame, *, by: By = DEFAULT_KEY, top: int = 8, ax: Axes | None = None) -> Axes:
    """Draw how long the goroutines of the biggest groups have been waiting, as one bar of ages per group.

    A leak shows a ladder of ages, a stall one age, a healthy pool hardly any. Waits are minutes as printed: a
    lower bound, and none below one minute or before a garbage collection.

    Parameters
    ----------
    source : Dataset or DataFrame
        A dataset: its latest snapshot, of several processes added up. A table of goroutines: its last snapshot.
    by : str or sequence of str
        What makes goroutines equal, as for `waiting`.
    top : int
        How many groups are drawn, biggest first.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        With the shortest, the median and the longest wait behind each bar.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.
    """
    moment = latest_moment(source)
    table = waiting(moment.goroutines, by=by).sort_values("count", ascending=False, kind="stable")
    if table.empty:
        return say_empty(canvas(ax, 10, 3), "no goroutines")
    shown = table.head(top)
    names = group_names(shown, by)
    ax = bar_canvas(ax, [*names, "legend"])
    _draw_ages(ax, shown)
    name_bars(ax, names)
    known = int(table["wait_known"].sum())
    title(ax, f"{moment.headline}: {known:,} with a wait printed", _left_out(table, top))
    _legend(ax)
    return finish(ax)


def _draw_ages(ax: Axes, table: pd.DataFrame) -> None:
    places = range(len(table))
    left = np.zeros(len(table))
    for (column, start), color in zip(WAIT_BUCKETS, AGES, strict=True):
        hatch = "////" if start == 0 else None
        counts = table[column].to_numpy()
        drawn = ax.barh(places, counts, BAR_HEIGHT, left, color=color, edgecolor=OTHER_COLOR, lw=0.6, hatch=hatch)
        left = left + counts
    ax.bar_label(drawn, _notes(table), padding=4, fontsize=9)
    count_axis(ax, "x", left.max() * ROOM_FOR_COUNTS)


def _notes(table: pd.DataFrame) -> list[str]:
    return [
        f"{count:,}" + ("" if known == 0 else f": {_minutes(least, most)}, median {median:,.0f} min")
        for count, known, least, median, most in zip(
            *(table[name] for name in ("count", "wait_known", "wait_min", "wait_median", "wait_max")),
            strict=True,
        )
    ]


def _minutes(least: int, most: int) -> str:
    return f"{least:,} to {most:,}" if least != most else f"all {least:,}"


def _left_out(table: pd.DataFrame, top: int) -> str:
    rest = table.iloc[top:]
    more = f"; {len(rest):,} smaller groups not shown ({int(rest['count'].sum()):,} goroutines)" if len(rest) else ""
    return READ_AS + more


def _legend(ax: Axes) -> None:
    """Name the ages below the axis, with their minutes."""
    bars = ax.containers
    names = [_bucket_name(number) for number in range(len(WAIT_BUCKETS))]
    legend = ax.legend(bars, names, title="minutes waiting, as printed", ncols=len(names), loc="upper center")
    legend.set_bbox_to_anchor((0.4, -0.16))
    legend.set_frame_on(False)


def _bucket_name(number: int) -> str:
    start = WAIT_BUCKETS[number][1]
    if start == 0:
        return UNKNOWN
    if number == len(WAIT_BUCKETS) - 1:
        return f"{start} or more"
    return f"{start} to {WAIT_BUCKETS[number + 1][1] - 1}"
