"""Goroutines -> bars of wait ages."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gostack_nb.analysis.keys import DEFAULT_KEY, By
from gostack_nb.analysis.snapshots import with_waits
from gostack_nb.analysis.waiting import WAIT_BUCKETS, waiting
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.bars import BAR_HEIGHT, bar_canvas, name_bars
from gostack_nb.plots.moments import count_words, latest_moment
from gostack_nb.plots.names import group_names
from gostack_nb.plots.style import AGES, OTHER_COLOR, canvas, count_axis, finish, say_empty, title

AGE_COLUMNS = [column for column, _ in WAIT_BUCKETS]
UNKNOWN = "under 1 or not printed"
UNKNOWN_HATCH = "////"
EDGE = OTHER_COLOR
ROOM_FOR_NOTES = 1.35
READ_AS = "a ladder of ages: leak; one age: stall; few waits: healthy pool"
LEFT_OUT = "dumps whose waits the leak profile erased are left out"
LEGEND_TITLE = "minutes waiting, as printed"
LEGEND_DISTANCE = 5.0
"""Between the axis and the legend below it, in font sizes."""


@checked
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

    Examples
    --------
    >>> ax = gs.plot_waiting(dataset)
    >>> ax.get_title(loc="left").strip()
    '288 goroutines at 2026-11-23 08:59 UTC, 114 with a wait printed'
    """
    kept = with_waits(source) if isinstance(source, Dataset) else source
    moment = latest_moment(kept)
    table = waiting(moment.goroutines, by=by).sort_values("count", ascending=False, kind="stable")
    if table.empty:
        return say_empty(canvas(ax, 10, 3), "no goroutines")
    shown, rest = table.head(top), table.iloc[top:]
    names, notes, ages = group_names(shown, by), _notes(shown), shown[AGE_COLUMNS].to_numpy()
    if len(rest):
        names.append(f"other ({count_words(len(rest), 'group')})")
        notes.append(f"{rest['count'].sum():,}")
        ages = np.vstack([ages, rest[AGE_COLUMNS].sum()])
    ax = bar_canvas(ax, [*names, "legend"])
    _draw_ages(ax, ages, notes)
    name_bars(ax, names)
    _legend(ax)
    left_out = "" if kept is source else f"; {LEFT_OUT}"
    title(ax, f"{moment.headline}, {table['wait_known'].sum():,} with a wait printed", READ_AS + left_out)
    return finish(ax)


def _draw_ages(ax: Axes, ages: NDArray[np.int64], notes: list[str]) -> None:
    """Draw one bar per row of `ages`, youngest at the left, and its note behind it."""
    places, left = range(len(ages)), np.zeros(len(ages))
    for number, color in enumerate(AGES):
        hatch = UNKNOWN_HATCH if number == 0 else None
        ax.barh(places, ages[:, number], BAR_HEIGHT, left, color=color, edgecolor=EDGE, lw=0.6, hatch=hatch)
        left = left + ages[:, number]
    ax.bar_label(ax.containers[-1], notes, padding=4, fontsize=9)  # type: ignore[arg-type]
    count_axis(ax, "x", left.max() * ROOM_FOR_NOTES)


def _notes(table: pd.DataFrame) -> list[str]:
    return [
        f"{count:,}" + ("" if known == 0 else f" ({_minutes(least, most)}, median {median:,.0f})")
        for count, known, least, median, most in zip(
            *(table[name] for name in ("count", "wait_known", "wait_min", "wait_median", "wait_max")),
            strict=True,
        )
    ]


def _minutes(least: int, most: int) -> str:
    return f"waits {least:,} to {most:,} min" if least != most else f"all {least:,} min"


def _legend(ax: Axes) -> None:
    """Name the ages below the axis, with their minutes."""
    bars = ax.containers
    names = [_bucket_name(number) for number in range(len(WAIT_BUCKETS))]
    ax.legend(
        bars,
        names,
        title=LEGEND_TITLE,
        ncols=len(names),
        loc="upper right",
        bbox_to_anchor=(1, 0),
        borderaxespad=LEGEND_DISTANCE,
        frameon=False,
        fontsize=9,
    )


def _bucket_name(number: int) -> str:
    start = WAIT_BUCKETS[number][1]
    if start == 0:
        return UNKNOWN
    if number == len(WAIT_BUCKETS) - 1:
        return f"{start} or more"
    return f"{start} to {WAIT_BUCKETS[number + 1][1] - 1}"
