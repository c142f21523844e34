"""Goroutines -> bars of the biggest groups."""

import pandas as pd
from matplotlib.axes import Axes

from gostack_nb.analysis.grouping import group
from gostack_nb.analysis.keys import DEFAULT_KEY, By
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.bars import Bar, bar_canvas, draw_bars
from gostack_nb.plots.moments import count_words, latest_moment, share_words
from gostack_nb.plots.names import group_names
from gostack_nb.plots.style import COLORS, OTHER_COLOR, canvas, finish, say_empty, title

BAR_COLOR = COLORS[1]


@checked
def plot_groups(source: Dataset | pd.DataFrame, *, by: By = DEFAULT_KEY, top: int = 12, ax: Axes | None = None) -> Axes:
    """Draw one bar per group of the latest snapshot: the biggest by name, the rest as "other".

    Parameters
    ----------
    source : Dataset or DataFrame
        A dataset: its latest snapshot, of several processes added up. A table of goroutines: its last snapshot.
    by : str or sequence of str
        What makes goroutines equal, as for `group`.
    top : int
        How many groups have a bar of their own.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        With counts and shares behind the bars.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_groups(dataset, by="state")
    >>> ax.get_title(loc="left").strip()
    '288 goroutines at 2026-11-23 08:59 UTC, 5 groups'
    """
    moment = latest_moment(source)
    table = group(moment.goroutines, by=by)
    if table.empty:
        return say_empty(canvas(ax, 10, 3), "no goroutines")
    bars = _bars(table, by, top)
    ax = bar_canvas(ax, [bar.name for bar in bars])
    draw_bars(ax, bars)
    title(ax, f"{moment.headline}, {count_words(len(table), 'group')}")
    return finish(ax)


def _bars(table: pd.DataFrame, by: By, top: int) -> list[Bar]:
    shown, rest = table.head(top), table.iloc[top:]
    total = int(table["count"].sum())
    bars = [
        _bar(name, int(count), total, BAR_COLOR)
        for name, count in zip(group_names(shown, by), shown["count"], strict=True)
    ]
    if len(rest):
        bars.append(_bar(f"other ({count_words(len(rest), 'group')})", int(rest["count"].sum()), total, OTHER_COLOR))
    return bars


def _bar(name: str, count: int, total: int, color: str) -> Bar:
    return Bar(name, count, color, share_words(count, total))
