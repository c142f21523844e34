"""Goroutines -> areas or bars of what they wait for."""

import pandas as pd
from matplotlib.axes import Axes

from gostack_nb.analysis.grouping import group
from gostack_nb.analysis.growth import total_by_snapshot
from gostack_nb.analysis.snapshots import countable_snapshots, process_numbers
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of
from gostack_nb.plots.bars import Bar, bar_canvas, draw_bars
from gostack_nb.plots.end_labels import EndLabel, draw_end_labels
from gostack_nb.plots.moments import clock, count_words, latest_moment, share_words
from gostack_nb.plots.names import NOT_TOLD, drawable, shortened
from gostack_nb.plots.style import (
    NEGLIGIBLE_SHARE,
    OTHER_COLOR,
    PAPER,
    UNTOLD_COLOR,
    canvas,
    color,
    count_axis,
    finish,
    say_empty,
    title,
)
from gostack_nb.plots.times import Timeline, time_axis, timeline

OTHER_STATES = "other states"
AREA_ALPHA = 0.85


@checked
def plot_states(source: Dataset | pd.DataFrame, *, top: int = 6, ax: Axes | None = None) -> Axes:
    """Draw how many goroutines are in each state: areas over the snapshots, bars if there is one snapshot.

    Parameters
    ----------
    source : Dataset or DataFrame
        A dataset: of each moment one snapshot, at its time (UTC). Of several processes only the latest
        snapshots are drawn, added up, as bars. A table of goroutines: its last snapshot, as bars.
    top : int
        How many states have an area or a bar of their own; the rest is "other states".
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        States are normalized; where the form tells none, "state not told".

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_states(dataset)
    >>> ax.get_title(loc="left").strip()
    '288 goroutines at 08:59 UTC: 226 chan receive'
    """
    if isinstance(source, Dataset) and process_numbers(source.snapshots).max() == 0:
        totals = total_by_snapshot(source)
        line = timeline(totals)
        if line.moments > 1 and totals["goroutines"].sum():
            return _areas(countable_snapshots(source).goroutines, line, top=top, ax=ax)
    return _bars(source, top=top, ax=ax)


def _areas(goroutines: pd.DataFrame, line: Timeline, *, top: int, ax: Axes | None) -> Axes:
    table = _counts(goroutines, line, top)
    ax = canvas(ax, 11, 5)
    names = table.columns.tolist()
    colors = _colors(names)
    ax.stackplot(
        table.index, table.to_numpy().T, colors=colors, labels=names, edgecolor=PAPER, lw=0.8, alpha=AREA_ALPHA
    )
    ax.margins(x=0)
    count_axis(ax, "y", float(table.sum(axis=1).max()))
    _name_areas(ax, table, colors)
    time_axis(ax, line)
    title(ax, _headline(table, line), _below(table, line), width=100)
    return finish(ax)


def _name_areas(ax: Axes, table: pd.DataFrame, colors: list[str]) -> None:
    last, ceiling = table.iloc[-1], table.iloc[-1].cumsum()
    labels = [
        EndLabel(f"{state}: {count:,}", table.index[-1], float(ceiling[state] - count / 2), shade)
        for (state, count), shade in zip(_items(last), colors, strict=True)
    ]
    draw_end_labels(ax, labels)


def _headline(table: pd.DataFrame, line: Timeline) -> str:
    last = table.iloc[-1]
    most = str(last.idxmax())
    when = f"at {clock(table.index[-1])}" if line.dated else "in the last snapshot"
    return f"{count_words(int(last.sum()))} {when}: {last[most]:,} {most}"


def _counts(goroutines: pd.DataFrame, line: Timeline, top: int) -> pd.DataFrame:
    """Count by place on the time axis (rows) and state (columns, biggest first, rest and unknown last)."""
    counts = group(goroutines, by="state")
    states, snapshots = _words(counts["state"]), counts["snapshot_id"].astype("str")
    table = counts.assign(state=states, snapshot_id=snapshots).pivot_table(
        index="snapshot_id", columns="state", values="count", aggfunc="sum", fill_value=0
    )
    places = line.place.sort_values(kind="stable")
    table = table.reindex(places.index, fill_value=0).set_axis(pd.Index(places))
    least = table.sum(axis=1).max() * NEGLIGIBLE_SHARE
    return _with_rest(table, top, least)


def _words(states: pd.Series) -> pd.Series:
    words = [NOT_TOLD if pd.isna(state) else shortened(drawable(state)) for state in states]
    return pd.Series(words, index=states.index, dtype="str")


def _with_rest(table: pd.DataFrame, top: int, least: float = 0) -> pd.DataFrame:
    """Keep the `top` columns that reach `least`, biggest first; add up the others; put the unknown last."""
    known = table.drop(columns=NOT_TOLD, errors="ignore")
    most = known.max().sort_values(ascending=False, kind="stable")
    named = most[most >= least].index.tolist()[:top]
    rest = [state for state in most.index if state not in named]
    result = known[named]
    if rest:
        result = result.assign(**{OTHER_STATES: known[rest].sum(axis=1)})
    return result.assign(**{NOT_TOLD: table[NOT_TOLD]}) if NOT_TOLD in table else result


def _items(row: "pd.Series[int]") -> list[tuple[str, int]]:
    return [(str(state), int(count)) for state, count in row.items()]


def _colors(states: list[str]) -> list[str]:
    """Return a colour for each state; the rest and the unknown are grey."""
    fixed = {OTHER_STATES: OTHER_COLOR, NOT_TOLD: UNTOLD_COLOR}
    return [fixed.get(state, color(place)) for place, state in enumerate(states)]


def _below(table: pd.DataFrame, line: Timeline) -> str:
    return "; ".join(filter(None, [f"by state, {count_words(len(table), 'snapshot')}, {line.span}", line.note]))


def _bars(source: Dataset | pd.DataFrame, *, top: int, ax: Axes | None) -> Axes:
    moment = latest_moment(source)
    if goroutines_of(moment.goroutines, "state").empty:
        return say_empty(canvas(ax, 10, 3), "no goroutines")
    counts = group(moment.goroutines, by="state")
    row = counts["count"].groupby(_words(counts["state"])).sum().to_frame().T
    shown = _with_rest(row, top).iloc[0]
    colors = _colors(shown.index.tolist())
    total = int(shown.sum())
    bars = [
        Bar(state, count, shade, share_words(count, total))
        for (state, count), shade in zip(_items(shown), colors, strict=True)
    ]
    ax = bar_canvas(ax, [bar.name for bar in bars])
    draw_bars(ax, bars)
    title(ax, f"{moment.headline}, by state")
    return finish(ax)
