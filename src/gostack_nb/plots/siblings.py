"""Dataset -> bars of the functions that one creator starts, with the number expected of each."""

import pandas as pd
from matplotlib.axes import Axes

from gostack_nb.analysis.siblings import siblings, siblings_by_function
from gostack_nb.analysis.snapshots import latest, only
from gostack_nb.errors import ArgumentError
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.model.needed import meant
from gostack_nb.plots.bars import Bar, bar_canvas, draw_bars
from gostack_nb.plots.moments import latest_moment
from gostack_nb.plots.names import short_function
from gostack_nb.plots.style import COLORS, INK, OTHER_COLOR, canvas, finish, say_empty, title

ROLE_COLORS = {"in step": COLORS[1], "in excess": COLORS[0], "missing": COLORS[3]}

BAR_COLUMNS = ["entry_function", "count", "expected", "excess", "role"]

MOST_NUMBERS = 6
"""Of counts in the title."""

NO_SIBLINGS = "no creator with five living goroutines of two functions"


@checked
def plot_siblings(dataset: Dataset, *, creator: str | None = None, top: int = 12, ax: Axes | None = None) -> Axes:
    """Draw how many goroutines live of each function that one creator starts, and the number expected.

    Parameters
    ----------
    dataset : Dataset
        Its latest snapshot; of several processes the one with the greatest excess.
    creator : str, optional
        The function that started them, as in `created_by`; without it the one with the greatest excess.
    top : int
        How many functions are drawn, biggest first.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        The dashed line is the number that two or more functions share; one beyond it lost its siblings.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_siblings(dataset)
    >>> ax.get_title(loc="left").strip()
    '29 : 29 : 154 goroutines at 2026-11-23 08:59 UTC'
    """
    table = _family(latest(dataset), creator)
    if table.empty:
        return say_empty(canvas(ax, 10, 3), NO_SIBLINGS)
    bars = [_bar(*row) for row in table.head(top)[BAR_COLUMNS].to_numpy()]
    ax = bar_canvas(ax, [bar.name for bar in bars])
    draw_bars(ax, bars)
    for expected in table["expected"].dropna().unique():
        ax.axvline(int(expected), color=INK, linestyle="--", linewidth=1.2)
    when = latest_moment(only(dataset, str(table["snapshot_id"].iloc[0]))).when
    title(ax, f"{_numbers(table)} goroutines {when}", _below(table))
    return finish(ax)


def _family(moment: Dataset, creator: str | None) -> pd.DataFrame:
    """Return the siblings of one creator in one snapshot, biggest first: those with the greatest excess."""
    table = siblings(moment)
    if table["expected"].isna().all():
        together = siblings_by_function(moment)
        table = together if together["expected"].notna().any() else table
    if creator is not None:
        _need_creator(moment, creator)
        table = table[table["created_by"].astype("str") == creator]
    if table.empty:
        return table
    place = table["excess"].fillna(-1).to_numpy().argmax()
    families = table.groupby(["snapshot_id", "created_by", "creator_id"], observed=True, dropna=False).ngroup()
    return table[families == families.iloc[place]].sort_values("count", ascending=False, kind="stable")


def _need_creator(moment: Dataset, creator: str) -> None:
    known = moment.goroutines["created_by"].dropna().astype("str").unique().tolist()
    if creator not in known:
        there = ", ".join(known) or "none"
        msg = f"nothing was started by creator {creator!r}; there are {there}{meant([creator], known)}"
        raise ArgumentError(msg)


def _bar(function: str, count: int, expected: int, excess: int, role: str) -> Bar:
    color = ROLE_COLORS.get(role, OTHER_COLOR) if isinstance(role, str) else OTHER_COLOR
    note = f"{count:,}" if pd.isna(expected) or not excess else f"{count:,} ({excess:+,})"
    return Bar(short_function(function), int(count), color, note)


def _below(table: pd.DataFrame) -> str:
    creator = f"all started by {short_function(str(table['created_by'].iloc[0]))}"
    expected = table["expected"].dropna()
    return creator if expected.empty else f"{creator}; expected of each: {int(expected.iloc[0]):,} (dashed line)"


def _numbers(table: pd.DataFrame) -> str:
    """Say the counts of those that belong together: `29 : 29 : 154`."""
    kin = table[table["expected"].notna()]
    counts = sorted((kin if len(kin) else table)["count"].tolist())
    shown = counts if len(counts) <= MOST_NUMBERS else [*counts[: MOST_NUMBERS - 1], counts[-1]]
    words = [f"{count:,}" for count in shown]
    return " : ".join(words if len(shown) == len(counts) else [*words[:-1], "…", words[-1]])
