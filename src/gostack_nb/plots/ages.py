"""Goroutines -> the ladder: when each was born against how long it has been waiting."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from gostack_nb.analysis.ages import ages, births
from gostack_nb.analysis.keys import DEFAULT_KEY, By
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import clock, count_words
from gostack_nb.plots.names import drawable, group_names, shortened
from gostack_nb.plots.style import FAINT, INK, OTHER, OTHER_COLOR, canvas, finish, line_style, say_empty, title

WIDTH, HEIGHT = 11.5, 6.0
MOST_POINTS = 20_000
"""Of one group; of more, evenly chosen ones are drawn."""

MOST_CLOCKS = 7
"""Times of births written above the chart."""

LEAST_GAP = 0.08
"""Of the width between two such times."""

NO_IDS = "no goroutine ids here: debug=2 and crashes print them, debug=1 and debug=0 do not"
SINCE_BIRTH = "has waited since it was born"
READ_AS = "along the dashed line: waits since birth (leak); one height: stopped together (stall); bottom: at work"
NO_CLOCK = "one snapshot with ids: births cannot be dated"


@checked
def plot_ages(dataset: Dataset, *, by: By = DEFAULT_KEY, top: int = 5, ax: Axes | None = None) -> Axes:
    """Draw every goroutine of the latest snapshot: its id, which is its place in the order of births, against its wait.

    Earlier snapshots date the ids. A goroutine that has waited since its birth stands on the dashed line: a leak is a
    ladder along it. Those that stopped together stand at one height, a pool at work stands at the bottom.

    Parameters
    ----------
    dataset : Dataset
        Of several processes the one with the most goroutines is drawn.
    by : str or sequence of str
        What makes goroutines equal, as for `group`.
    top : int
        How many groups have a colour of their own, biggest first.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        The wait in minutes as printed; a wait that is not printed stands at 0.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_ages(dataset)
    >>> ax.get_title(loc="left").strip()
    '288 goroutines at 2026-11-23 08:59 UTC, 114 with a wait printed'
    """
    table, several = _one_process(ages(dataset, by=by))
    ax = canvas(ax, WIDTH, HEIGHT)
    if table.empty:
        return say_empty(ax, NO_IDS)
    dated = _draw_births(ax, table, births(dataset))
    _draw_points(ax, table, by, top)
    ax.legend(loc="upper right", bbox_to_anchor=(1, -0.12), ncols=2, frameon=False, fontsize=9)
    title(ax, _headline(table, several), READ_AS if dated else f"{NO_CLOCK}; {READ_AS}", width=110)
    return finish(ax)


def _one_process(table: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Keep the process with the most goroutines; tell whether there are others."""
    processes = table.groupby(["service", "instance"], observed=True, dropna=False).ngroup()
    if processes.nunique() < 2:
        return table, False
    return table[processes == processes.mode().iloc[0]], True


def _draw_points(ax: Axes, table: pd.DataFrame, by: By, top: int) -> None:
    """Draw the biggest groups in colour over the others in grey, and fit the axes."""
    group = table.groupby(["stack_id", "state", "created_by"], observed=True, dropna=False).ngroup()
    biggest = group.value_counts(sort=False).sort_values(ascending=False, kind="stable").index.tolist()
    rest = group.isin(biggest[top:])
    if rest.any():
        _scatter(ax, table[rest], f"other: {int(rest.sum()):,}", OTHER.color, ".")
    for place, number in enumerate(biggest[:top]):
        rows, style = table[group == number], line_style(place)
        name = group_names(rows.head(1), by)[0].replace("\n", ", ")
        _scatter(ax, rows, f"{name}: {len(rows):,}", style.color, style.marker)
    most = int(table["wait_minutes"].max()) if table["wait_minutes"].notna().any() else 0
    ax.set_ylim(-0.04 * max(most, 1), max(most, 1) * 1.08)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set(xlabel="goroutine id: the order of births", ylabel="minutes waiting, as printed (0: under 1 or not printed)")


def _scatter(ax: Axes, rows: pd.DataFrame, name: str, color: str, marker: str) -> None:
    drawn = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_POINTS)).astype(int))]
    waits = drawn["wait_minutes"].to_numpy(dtype=float, na_value=0.0)
    ax.scatter(
        drawn["goroutine_id"], waits, s=26, color=color, marker=marker, alpha=0.75, linewidths=0, label=name,
        clip_on=False, zorder=3,
    )  # fmt: skip


def _draw_births(ax: Axes, table: pd.DataFrame, clock_of: pd.DataFrame) -> bool:
    """Draw the wait since birth over the ids, and the times of the births above; tell whether there are any."""
    mine = clock_of[_same_process(clock_of, table)]
    if len(mine) < 2:
        return False
    now = table["captured_at"].max()
    minutes = (now - mine["captured_at"]) / pd.Timedelta(minutes=1)
    shown = minutes >= 0
    ids = mine["highest_id"][shown]
    ax.plot(ids, minutes[shown], color=INK, linestyle="--", linewidth=1.2, label=SINCE_BIRTH, zorder=2)
    _write_clocks(ax, mine[shown])
    return True


def _write_clocks(ax: Axes, mine: pd.DataFrame) -> None:
    some = mine.iloc[np.unique(np.linspace(0, len(mine) - 1, min(len(mine), MOST_CLOCKS)).astype(int))]
    some = some.drop_duplicates("highest_id")
    gaps = some["highest_id"].diff().fillna(np.inf) >= LEAST_GAP * np.ptp(some["highest_id"])
    some = some[gaps]
    for highest in some["highest_id"]:
        ax.axvline(highest, color=FAINT, linewidth=0.8, zorder=1)
    above = ax.secondary_xaxis("top")
    above.set_xticks(some["highest_id"].tolist(), labels=[f"born by\n{clock(time)}" for time in some["captured_at"]])
    above.tick_params(length=0, labelsize=8, labelcolor=OTHER_COLOR, pad=1)
    above.spines["top"].set_visible(False)


def _same_process(clock_of: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    first = table.iloc[0]
    same = pd.Series(data=True, index=clock_of.index)
    for name in ("service", "instance"):
        same &= clock_of[name].isna() if pd.isna(first[name]) else clock_of[name] == first[name]
    return same


def _headline(table: pd.DataFrame, several: bool) -> str:  # noqa: FBT001 - a fact, not a choice
    words = [count_words(len(table))]
    if several:
        name = table["instance"].iloc[0] if pd.notna(table["instance"].iloc[0]) else table["service"].iloc[0]
        words.append(f"of {shortened(drawable(str(name)), 24)}, the biggest of several processes,")
    time = table["captured_at"].max()
    words.append(f"at {time:%Y-%m-%d} {clock(time)}" if pd.notna(time) else "(time not known)")
    return f"{' '.join(words)}, {int(table['wait_minutes'].notna().sum()):,} with a wait printed"
