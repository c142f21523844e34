"""Courses by label -> lines: one group per instance over time, build by build."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from gostack_nb.errors import ArgumentError
from gostack_nb.fleet.courses import ALL
from gostack_nb.fleet.population import KEY
from gostack_nb.model.calls import checked
from gostack_nb.plots.end_labels import EndLabel, draw_end_labels, leader_color
from gostack_nb.plots.moments import count_words
from gostack_nb.plots.names import drawable, group_names, shortened
from gostack_nb.plots.style import (
    OTHER,
    LineStyle,
    canvas,
    count_axis,
    finish,
    line_style,
    marks_every,
    say_empty,
    title,
)
from gostack_nb.plots.times import Timeline, time_axis

MOST_LINES = 6

VALUE_WIDTH = 28


@checked
def plot_growth_by(table: pd.DataFrame, *, signature: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw one group's goroutines per instance over time: a line for each build, version or zone.

    Parameters
    ----------
    table : DataFrame
        As `gs.fleet.growth(counts, by=...)` returns it; without `by` there is one line.
    signature : str, optional
        Which group; without it the one that gains most per instance.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        With the first and last mean at the end of each line. Of more than 6 values the others are one line, their mean.

    Raises
    ------
    ArgumentError
        If no group has this signature.
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_growth_by(gs.fleet.growth(ranking.counts, by="build"))
    >>> ax.get_title(loc="left").strip()
    'main.(*session).ackLoop, chan receive, main.go:233'
    """
    ax = canvas(ax, 11.5, 4.8)
    rows = _chosen(table, signature)
    if rows.empty:
        return say_empty(ax, "no dump with a time")
    courses = _courses(rows)
    for course in courses:
        _draw(ax, course)
    count_axis(ax, "y", max(float(course.means.max()) for course in courses))
    ax.set_ylabel("goroutines per instance")
    ax.margins(x=0.01)
    begin, end = rows["captured_at"].min(), rows["captured_at"].max()
    draw_end_labels(ax, [_end_label(course, begin, end) for course in courses])
    time_axis(ax, Timeline(rows["captured_at"], dated=True, left_out=0))
    title(
        ax,
        group_names(_with_stack(rows.head(1)), ("signature", "state"))[0].replace("\n", ", "),
        _below(rows),
        width=100,
    )
    return finish(ax)


@dataclass(frozen=True, slots=True)
class _Course:
    """One line: means by time, in order."""

    name: str
    means: "pd.Series[Any]"
    style: LineStyle


def _chosen(table: pd.DataFrame, signature: str | None) -> pd.DataFrame:
    """Return the rows of one group."""
    if signature is not None and not (table["signature"] == signature).any():
        msg = f"no group has the signature {signature!r}. Hint: take one from the column signature of the ranking"
        raise ArgumentError(msg)
    rows = table if signature is None else table[table["signature"] == signature]
    number = rows.groupby(list(KEY), observed=True, dropna=False, sort=False).ngroup()
    ends = rows.groupby([number, "value"], observed=True, dropna=False)["mean"].agg(["first", "last"])
    gained = (ends["last"] - ends["first"]).groupby(level=0).max()
    return rows[number == gained.idxmax()] if len(gained) else rows


def _courses(rows: pd.DataFrame) -> list[_Course]:
    """Return a line per value, those of the most instances first; all others together are one."""
    known = rows.assign(value=rows["value"].astype(object).fillna("not told"))
    instances = known.groupby("value")["instances"].max().sort_values(ascending=False, kind="stable")
    chosen = sorted(instances.index[:MOST_LINES])
    courses = [
        _Course(_value_name(value, int(instances[value])), _means(known[known["value"] == value]), line_style(place))
        for place, value in enumerate(chosen)
    ]
    rest = known[~known["value"].isin(chosen)]
    if rest.empty:
        return courses
    return [*courses, _Course(count_words(rest["value"].nunique(), "other value"), _means(rest), OTHER)]


def _means(rows: pd.DataFrame) -> "pd.Series[Any]":
    sums = rows.groupby("captured_at")[["total", "instances"]].sum()
    return sums["total"] / sums["instances"]


def _value_name(value: str, instances: int) -> str:
    counted = count_words(instances, "instance")
    return counted if value == ALL else f"{shortened(drawable(value), VALUE_WIDTH)}, {counted}"


def _draw(ax: Axes, course: _Course) -> None:
    ax.plot(
        course.means.index,
        course.means.to_numpy(),
        color=course.style.color,
        linestyle=course.style.dashes,
        linewidth=course.style.width,
        marker=course.style.marker or "o",
        markersize=5,
        markevery=marks_every(len(course.means)),
        label=course.name,
    )


def _end_label(course: _Course, begin: Any, end: Any) -> EndLabel:
    first, last = (f"{course.means.iloc[place]:,.0f}" for place in (0, -1))
    at = course.means.index[-1]
    text = f"{course.name}: " + (last if len(course.means) == 1 else f"{first} → {last}")
    return EndLabel(text, at, float(course.means.iloc[-1]), leader_color(course.style.color, at, begin, end))


def _with_stack(rows: pd.DataFrame) -> pd.DataFrame:
    """Add what tells equal names apart."""
    return rows.assign(stack_id=rows["signature"])


def _below(rows: pd.DataFrame) -> str:
    service = rows["service"].iloc[0]
    named = f"service {drawable(service)}; " if isinstance(service, str) else ""
    return f"{named}at each time the mean over the instances that were seen by then"
