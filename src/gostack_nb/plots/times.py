"""Step of drawing: snapshots -> places on a time axis."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, DateFormatter, date2num
from matplotlib.ticker import MaxNLocator

from gostack_nb.plots.moments import clock, count_words

SHORT = pd.Timedelta(minutes=2)
"""Below this a short axis would name its ticks by seconds alone."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where each snapshot stands: at its time; if no snapshot has one, at its number within its process.

    `place` is indexed by `snapshot_id` and holds only snapshots that can be placed.
    """

    place: "pd.Series[Any]"
    dated: bool
    left_out: int

    @property
    def moments(self) -> int:
        """Count the distinct places."""
        return len(self.place.drop_duplicates())

    @property
    def note(self) -> str:
        """Say which snapshots are missing, if any."""
        return f"{count_words(self.left_out, 'snapshot')} without a time not shown" if self.left_out else ""

    @property
    def span(self) -> str:
        """Say from when to when."""
        if not self.dated:
            return "times not known"
        first, last = self.place.min(), self.place.max()
        return f"{clock(first)} to {clock(last)}" if first.date() == last.date() else f"{day(first)} to {day(last)}"


def timeline(snapshots: pd.DataFrame) -> Timeline:
    """Place the snapshots of `total_by_snapshot`."""
    ids = snapshots["snapshot_id"].astype("str")
    times = snapshots["captured_at"].set_axis(ids)
    known = times.dropna()
    if len(known):
        return Timeline(known, dated=True, left_out=len(times) - len(known))
    number = snapshots.groupby(["service", "instance"], observed=True, dropna=False).cumcount() + 1
    return Timeline(pd.Series(number.to_numpy(), index=ids), dated=False, left_out=0)


def day(time: pd.Timestamp) -> str:
    """Write a date."""
    return f"{time:%Y-%m-%d}"


def time_axis(ax: Axes, line: Timeline) -> None:
    """Label the x axis: UTC with the date, or numbers of snapshots."""
    if not line.dated:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
        ax.set_xlabel("snapshot, in order (times not known)")
        return
    first, last = line.place.min(), line.place.max()
    if first == last:
        _one_time(ax, first)
    elif last - first < SHORT:
        ax.xaxis.set_major_locator(AutoDateLocator(tz=UTC, minticks=3, maxticks=7))  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_formatter(DateFormatter("%H:%M:%S", tz=UTC))  # type: ignore[no-untyped-call]
    else:
        locator = AutoDateLocator(tz=UTC, minticks=3, maxticks=10)  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_locator(locator)
        formatter = ConciseDateFormatter(locator, tz=UTC, show_offset=False)  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_formatter(formatter)
    days = day(first) if first.date() == last.date() else f"{day(first)} to {day(last)}"
    ax.set_xlabel(f"time (UTC), {days}")


def _one_time(ax: Axes, time: pd.Timestamp) -> None:
    around = pd.Timedelta(minutes=1)
    ends = date2num([time - around, time, time + around])  # type: ignore[no-untyped-call]
    ax.set_xlim(ends[0], ends[2])
    ax.set_xticks(ends[1:2], labels=[f"{time:%H:%M:%S}"])
