"""Dataset -> lines of goroutine counts over time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from gostack_nb.analysis.growth import count_by_snapshot, growth, total_by_snapshot
from gostack_nb.analysis.growth_windows import growth_windows
from gostack_nb.analysis.keys import DEFAULT_KEY, By, key_names
from gostack_nb.analysis.snapshots import PROCESS
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.end_labels import EndLabel, draw_end_labels, leader_color
from gostack_nb.plots.moments import clock, count_words
from gostack_nb.plots.names import drawable, group_names, in_process, one_line, process_name, shortened
from gostack_nb.plots.style import (
    COLORS,
    INK,
    NEGLIGIBLE_SHARE,
    OTHER,
    OTHER_COLOR,
    TOTAL,
    LineStyle,
    canvas,
    count_axis,
    finish,
    line_style,
    marks_every,
    say_empty,
    title,
)
from gostack_nb.plots.times import Timeline, day, time_axis, timeline

ONE_SNAPSHOT = "one snapshot: no growth to see"
WIDTH, HEIGHT = 11.5, 5.5
LEAST_HEIGHT_PER_LINE = 0.5

LEAST_GROWTH = 2
"""A group that went from 0 to 1 did not grow: every request is a goroutine for a moment."""

BEFORE, AFTER = LineStyle(COLORS[0], "o"), LineStyle(COLORS[1], "s", "--")


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of the chart: counts by place, in order."""

    name: str
    counts: "pd.Series[Any]"
    style: LineStyle

    @property
    def label(self) -> str:
        """Name the line with its first and last count."""
        first, last = int(self.counts.iloc[0]), int(self.counts.iloc[-1])
        numbers = f"{last:,}" if len(self.counts) == 1 else f"{first:,} → {last:,}"
        function, *rest = self.name.split("\n")
        return "\n".join([f"{function}: {numbers}", *rest])


@dataclass(frozen=True, slots=True)
class Fastest:
    """The group that grows fastest, as its line is called, and a sentence about it."""

    name: str
    sentence: str


@checked
def plot_growth(dataset: Dataset, *, by: By = DEFAULT_KEY, top: int = 6, ax: Axes | None = None) -> Axes:
    """Draw one line per group over time: the biggest growers by name, the rest as "other", and the total.

    Parameters
    ----------
    dataset : Dataset
        Of each moment one snapshot is drawn, at the time of its capture (UTC). If no snapshot has a time, they
        stand in their order; if only some have none, those are left out and counted under the title. Of several
        processes every (process, group) is a line of its own, and there is no sum.
    by : str or sequence of str
        What makes goroutines equal, as for `growth`.
    top : int
        How many groups have a line of their own: most grown from first to last snapshot first, then biggest.
        Groups that stay below 1 % of all goroutines and do not grow are counted under "other".
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        Under the title the fastest growth, with its rate per hour and 95 % interval; a dashed line where the total
        began to grow (`growth_windows`, from 12 snapshots of one process on).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_growth(dataset, top=3)
    >>> ax.get_title(loc="left").strip()
    '288 goroutines at 08:59 UTC, 164 at 08:53 UTC'
    """
    totals = total_by_snapshot(dataset)
    line = timeline(totals)
    ax = canvas(ax, WIDTH, max(HEIGHT, LEAST_HEIGHT_PER_LINE * (top + 2)))
    if not totals["goroutines"].sum():
        return say_empty(ax, "no goroutines" if len(totals) else "no snapshots")
    curves = _curves(count_by_snapshot(dataset, by=by), totals, line, by=by, top=top)
    _draw_curves(ax, curves)
    time_axis(ax, line)
    fastest = Fastest("", ONE_SNAPSHOT) if line.moments == 1 else _fastest(growth(dataset, by=by), by)
    color = next((curve.style.color for curve in curves if curve.name == fastest.name), INK)
    onset = _onset(totals, line)
    if onset is not None:
        _draw_onset(ax, onset)
    since = f"the total grows since {clock(onset)}" if onset is not None else ""
    below = "; ".join(filter(None, [fastest.sentence, since, line.note]))
    title(ax, _headline(totals, line), below, color=color, width=100)
    return finish(ax)


@checked
def plot_compare_growth(
    before: Dataset,
    after: Dataset | None,
    *,
    names: tuple[str, str] = ("before", "after"),
    ax: Axes | None = None,
) -> Axes:
    """Draw all goroutines of two recordings against the minutes since each one's first snapshot.

    Parameters
    ----------
    before, after : Dataset
        Two recordings, for example of the leak and of the fix; None if there is none after it yet. Every process is
        a line; snapshots without a time are left out.
    names : tuple of str
        What to call them.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        With the first and last count at the end of each line.

    Examples
    --------
    >>> ax = gs.plot_compare_growth(dataset, fixed)
    >>> ax.get_title(loc="left").strip()
    'All goroutines, before: 164 → 288, after: 163 → 163'
    """
    recordings = [
        _since_first(dataset, shortened(drawable(name)), style)
        for dataset, name, style in zip((before, after), names, (BEFORE, AFTER), strict=True)
        if dataset is not None
    ]
    ax = canvas(ax, WIDTH, HEIGHT)
    if not any(recordings):
        return say_empty(ax, "no snapshot with a time")
    _draw_curves(ax, [curve for curves in recordings for curve in curves])
    ax.set_xlabel("minutes since the first snapshot")
    ends = [_ends(name, curves) for name, curves in zip(names, recordings, strict=False)]
    title(ax, "All goroutines, " + ", ".join(ends))
    return finish(ax)


def _curves(counts: pd.DataFrame, totals: pd.DataFrame, line: Timeline, *, by: By, top: int) -> list[Curve]:
    """Return the named groups, most grown first, then "other" and the total of a single process."""
    counts = _numbered(_placed(counts, line), by)
    chosen = _chosen(counts, float(totals["goroutines"].max()), top)
    named = [
        Curve(name, rows.set_index("place")["count"], line_style(place))
        for place, (name, rows) in enumerate(_groups(counts, chosen, by))
    ]
    if _process_count(totals) > 1:
        return named
    total = Curve("total", _placed(totals, line).set_index("place")["goroutines"], TOTAL)
    return [*named, *_other(counts[~counts["group"].isin(chosen)]), total]


def _onset(totals: pd.DataFrame, line: Timeline) -> pd.Timestamp | None:
    """Return when the total of one process began to grow, if that lies within the time that is drawn."""
    if not line.dated or _process_count(totals) > 1:
        return None
    counted = totals.dropna(subset="captured_at")
    windows = growth_windows(counted[["captured_at"]].assign(value=counted["goroutines"].astype("float64")))
    begun = windows[windows["onset"] > windows["started"]]
    return None if begun.empty else pd.Timestamp(begun["onset"].iloc[-1])


def _draw_onset(ax: Axes, onset: pd.Timestamp) -> None:
    """Draw a line where the growth begins, and its time at the foot of it."""
    ax.axvline(onset, color=OTHER_COLOR, linestyle="--", linewidth=1.2, zorder=1)  # type: ignore[arg-type]
    ax.annotate(
        f" grows since {clock(onset)}",
        xy=(onset, 0),
        xycoords=("data", "axes fraction"),
        xytext=(2, 4),
        textcoords="offset points",
        fontsize=9,
    )


def _other(counts: pd.DataFrame) -> list[Curve]:
    if counts.empty:
        return []
    by_snapshot = counts.groupby("snapshot_id", observed=True, sort=False)
    rest = by_snapshot.agg(place=("place", "first"), count=("count", "sum")).set_index("place")["count"]
    return [Curve(f"other ({count_words(counts['group'].nunique(), 'group')})", rest, OTHER)]


def _placed(table: pd.DataFrame, line: Timeline) -> pd.DataFrame:
    """Add the place on the time axis; rows of snapshots without one are dropped."""
    place = table["snapshot_id"].astype("str").map(line.place)
    return table.assign(place=place)[place.notna()]


def _numbered(counts: pd.DataFrame, by: By) -> pd.DataFrame:
    columns = [*PROCESS, *key_names(by)]
    return counts.assign(group=counts.groupby(columns, dropna=False, observed=True, sort=False).ngroup())


def _chosen(counts: pd.DataFrame, total: float, top: int) -> list[int]:
    """Return the groups to be named: most grown first, then biggest; small ones that do not grow are not worth it."""
    table = counts.groupby("group")["count"].agg(["first", "last", "max"])
    table = table.assign(grown=(table["last"] - table["first"]).clip(lower=0))
    worth = (table["grown"] >= LEAST_GROWTH) | (table["max"] >= total * NEGLIGIBLE_SHARE)
    return table[worth].sort_values(["grown", "max"], ascending=False, kind="stable").index.tolist()[:top]


def _groups(counts: pd.DataFrame, chosen: list[int], by: By) -> Iterator[tuple[str, pd.DataFrame]]:
    counts = counts[counts["group"].isin(chosen)]
    heads = counts.drop_duplicates("group").set_index("group")
    names = dict(zip(heads.index, group_names(heads, by), strict=True))
    processes = {group: process_name(row) for group, row in heads.iterrows()}
    several = _process_count(counts) > 1
    for group in chosen:
        name = names[group]
        yield in_process(name, processes[group]) if several else name, counts[counts["group"] == group]


def _process_count(table: pd.DataFrame) -> int:
    return len(table[PROCESS].drop_duplicates())


def _draw_curves(ax: Axes, curves: list[Curve]) -> None:
    for curve in curves:
        counts, style = curve.counts, curve.style
        marker = style.marker or ("o" if len(counts) == 1 else "")
        ax.plot(
            counts.index,
            counts.to_numpy(),
            color=style.color,
            linestyle=style.dashes,
            linewidth=style.width,
            marker=marker,
            markersize=5,
            markevery=marks_every(len(counts)),
            label=curve.name,
        )
    ax.margins(x=0.01)
    count_axis(ax, "y", max(float(curve.counts.max()) for curve in curves))
    begin, end = min(curve.counts.index[0] for curve in curves), max(curve.counts.index[-1] for curve in curves)
    draw_end_labels(ax, [_end_label(curve, begin, end) for curve in curves])


def _end_label(curve: Curve, begin: Any, end: Any) -> EndLabel:
    at, count = curve.counts.index[-1], float(curve.counts.iloc[-1])
    return EndLabel(curve.label, at, count, leader_color(curve.style.color, at, begin, end))


def _headline(totals: pd.DataFrame, line: Timeline) -> str:
    """Say how many goroutines there were first and last."""
    placed = _placed(totals, line).sort_values("place", kind="stable")
    ends = placed.groupby(PROCESS, observed=True, dropna=False)["goroutines"]
    last = count_words(int(ends.last().sum()))
    if len(ends) > 1:
        return f"{last} in the last snapshots of {len(ends)} processes, {int(ends.first().sum()):,} in the first"
    if not line.dated:
        return f"{last} in the last snapshot, {int(ends.first().sum()):,} in the first"
    when = f"{last} at {clock(placed['place'].iloc[-1])}"
    return when if len(placed) == 1 else f"{when}, {int(ends.first().sum()):,} at {_first_time(placed)}"


def _first_time(placed: pd.DataFrame) -> str:
    first, last = placed["place"].iloc[0], placed["place"].iloc[-1]
    return clock(first) if first.date() == last.date() else f"{clock(first)} on {day(first)}"


def _fastest(table: pd.DataFrame, by: By) -> Fastest:
    growing = table[(table["rate_per_hour"] > 0).fillna(value=False)].head(1)
    if growing.empty:
        known = table["rate_per_hour"].notna().any()
        return Fastest("", "no group grows" if known else "a rate needs three snapshots with times")
    row = growing.iloc[0]
    name, place = group_names(growing, by)[0], ""
    if _process_count(table) > 1:
        name, place = in_process(name, process_name(row)), f" in {process_name(row)}"
    rate, low, high = (_signed(row[column]) for column in ("rate_per_hour", "rate_low", "rate_high"))
    return Fastest(name, f"fastest: {one_line(name)}{place}, {rate} per hour (95 % interval {low} to {high})")


def _signed(rate: float) -> str:
    return f"{rate:+,.0f}" if abs(rate) >= 10 else f"{rate:+.1f}"


def _since_first(dataset: Dataset, name: str, style: LineStyle) -> list[Curve]:
    totals = total_by_snapshot(dataset).dropna(subset="captured_at")
    several = _process_count(totals) > 1
    curves = []
    for _, rows in totals.groupby(PROCESS, observed=True, dropna=False):
        minutes = (rows["captured_at"] - rows["captured_at"].iloc[0]) / pd.Timedelta(minutes=1)
        counts = pd.Series(rows["goroutines"].to_numpy(), index=minutes.to_numpy())
        curves.append(Curve(name + (f" {process_name(rows.iloc[0])}" if several else ""), counts, style))
    return curves


def _ends(name: str, curves: list[Curve]) -> str:
    """Say what a recording had first and last, all processes together."""
    if not curves:
        return f"{shortened(drawable(name))}: none with a time"
    first, last = (sum(int(curve.counts.iloc[place]) for curve in curves) for place in (0, -1))
    return f"{shortened(drawable(name))}: {first:,} → {last:,}"
