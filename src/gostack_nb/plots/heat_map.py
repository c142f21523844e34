"""Dataset -> a heat map: groups down, snapshots along, the count as darkness."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.dates import date2num
from numpy.typing import NDArray

from gostack_nb.analysis.growth import count_by_snapshot, total_by_snapshot
from gostack_nb.analysis.keys import DEFAULT_KEY, By, key_names
from gostack_nb.analysis.snapshots import PROCESS
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.bars import bar_canvas, name_bars
from gostack_nb.plots.moments import count_words
from gostack_nb.plots.names import group_names, in_process, process_name
from gostack_nb.plots.style import canvas, figure_of, finish, say_empty, title
from gostack_nb.plots.times import Timeline, time_axis, timeline

COLOR_MAP = "Blues"
"""Light to dark in one hue: its order stays in grey and for all kinds of colour vision."""

LEAST_CHANGE = 2
"""A group that went from 0 to 1 hardly changed: every request is a goroutine for a moment."""

NOBODY = "#ffffff"


@checked
def plot_heat_map(dataset: Dataset, *, by: By = DEFAULT_KEY, top: int = 20, ax: Axes | None = None) -> Axes:
    """Draw how many goroutines each group had in each snapshot: one row per group, one column per snapshot.

    Parameters
    ----------
    dataset : Dataset
        Of each moment one snapshot. Of several processes every (process, group) is a row of its own.
    by : str or sequence of str
        What makes goroutines equal, as for `growth`.
    top : int
        How many groups are drawn: those with the greatest difference between their least and their most, then by size.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        Dark is many, on a logarithmic scale; white is none. Rows are sorted, what changed most on top.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_heat_map(dataset)
    >>> ax.get_title(loc="left").strip()
    '13 groups in 13 snapshots'
    """
    line = timeline(total_by_snapshot(dataset))
    table, names = _counts(count_by_snapshot(dataset, by=by), line, by, top)
    if not table.size or not table.max():
        return say_empty(canvas(ax, 10, 3), "no goroutines")
    ax = bar_canvas(ax, [*names, ""])
    _draw(ax, table, line)
    name_bars(ax, [f"{name}: {int(counts[-1]):,}" for name, counts in zip(names, table, strict=True)])
    ax.set_ylim(len(names) - 0.5, -0.5)
    time_axis(ax, line)
    title(ax, f"{count_words(len(names), 'group')} in {count_words(line.moments, 'snapshot')}", _below(line))
    return finish(ax)


def _counts(counts: pd.DataFrame, line: Timeline, by: By, top: int) -> tuple[NDArray[np.float64], list[str]]:
    """Return the counts of the chosen groups (rows) at the places of the time axis (columns), and their names."""
    place = counts["snapshot_id"].astype("str").map(line.place)
    counts = counts.assign(place=place)[place.notna()]
    columns = [*PROCESS, *key_names(by)]
    counts = counts.assign(group=counts.groupby(columns, dropna=False, observed=True, sort=False).ngroup())
    table = counts.pivot_table(index="group", columns="place", values="count", aggfunc="last")
    spread = table.max(axis=1) - table.min(axis=1)
    order = pd.DataFrame({"spread": spread.where(spread >= LEAST_CHANGE, 0), "most": table.max(axis=1)})
    chosen = order.sort_values(["spread", "most"], ascending=False, kind="stable").index[:top]
    return table.loc[chosen].to_numpy(dtype=float), _names(counts, chosen, by)


def _names(counts: pd.DataFrame, chosen: pd.Index, by: By) -> list[str]:
    heads = counts.drop_duplicates("group").set_index("group").loc[chosen]
    names = group_names(heads, by)
    if len(heads[PROCESS].drop_duplicates()) < 2:
        return names
    return [in_process(name, process_name(row)) for name, (_, row) in zip(names, heads.iterrows(), strict=True)]


def _draw(ax: Axes, table: NDArray[np.float64], line: Timeline) -> None:
    """Draw one cell per count, as wide as the time between the snapshots around it."""
    edges = _edges(line)
    ax.set_facecolor(NOBODY)
    counted = np.ma.masked_less(np.nan_to_num(table), 1)
    mesh = ax.pcolormesh(
        edges, np.arange(len(table) + 1) - 0.5, counted, cmap=COLOR_MAP, norm=LogNorm(0.5, max(float(counted.max()), 2))
    )
    bar = figure_of(ax).colorbar(mesh, ax=ax, pad=0.02, fraction=0.04, format="{x:,.0f}")
    bar.set_label("goroutines (logarithmic)")
    bar.outline.set_visible(False)
    ax.set_xlim(edges[0], edges[-1])


def _edges(line: Timeline) -> NDArray[np.float64]:
    places = line.place.drop_duplicates().sort_values()
    values = np.asarray(date2num(places) if line.dated else places, dtype=float)  # type: ignore[no-untyped-call]
    if len(values) == 1:
        half = 1 / (24 * 60) if line.dated else 0.5  # a minute
        return np.array([values[0] - half, values[0] + half])
    middle = (values[1:] + values[:-1]) / 2
    return np.concatenate([[2 * values[0] - middle[0]], middle, [2 * values[-1] - middle[-1]]])


def _below(line: Timeline) -> str:
    return "; ".join(filter(None, ["the number is that of the last snapshot", line.span, line.note]))
