"""Dataset -> one side of a fix: the dumps that can be compared, the course of their total, and how busy they were."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import hypot
from typing import Self, TypeAlias

import numpy as np
import pandas as pd

from gostack_nb.analysis.growth import total_by_snapshot
from gostack_nb.analysis.restarts import with_runs
from gostack_nb.analysis.snapshots import countable_snapshots, in_order, only, process_numbers
from gostack_nb.analysis.trend import Trend, trends
from gostack_nb.model.dataset import Dataset

Rate: TypeAlias = tuple[float | None, float | None, float | None]

ENOUGH = 5
"""So many dumps of a process make a rate: the range of all slopes between them holds the true one in 98 % of all
samples (1 - 2/5!), of four in 92 %, of three in 67 %."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a number of goroutines went on one side, added up over its processes; rates per hour, None if unknown."""

    processes: int
    snapshots: int
    fewest: int  # snapshots of any process
    hours: float  # first to last, the mean of the processes
    first: int
    last: int
    rate: float | None
    low: float | None
    high: float | None
    grows: bool = False  # in any process
    flat: bool = False  # in every process
    arrivals: int | None = None
    exits: int | None = None
    stayed: int | None = None  # born in the first half of the time, and still there at the end
    settling_hours: float = 0.0  # how long that half is

    @property
    def change(self) -> int:
        """Goroutines gained from first to last."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Turnover:
    """How many goroutines were started, told by their ids, and how many of them came and went."""

    created: int
    per_hour: float  # of one process; without those that remained: whether they do is what the fix is about


@dataclass(frozen=True, slots=True)
class Siblings:
    """Who else the creator of a group starts: how many of them were born, told by their ids."""

    creator: str
    born: int
    per_hour: float  # of one process
    per_dump: float


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a fix: the last run of each process, without dumps that are cut or have no time."""

    dataset: Dataset
    trends: list[Trend]
    cut: int
    untimed: int
    restarted: bool

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """Choose the snapshots that can be compared; of processes with enough of them, if there is any."""
        snapshots = with_runs(dataset, in_order(countable_snapshots(dataset).snapshots))
        run = snapshots["run"]
        last = snapshots[run == run.groupby(snapshots["process"]).transform("max")]
        cut, untimed = last["truncated"].fillna(value=False).astype(bool), last["captured_at"].isna()
        usable = last[~cut & ~untimed]
        enough = usable[usable.groupby("process")["snapshot_id"].transform("size") >= ENOUGH]
        kept = enough if len(enough) else usable
        return cls(
            dataset=only(dataset, *kept["snapshot_id"].astype("str")),
            trends=trends(dataset),
            cut=int(cut.sum()),
            untimed=int(untimed.sum()),
            restarted=bool((run > 0).any()),
        )

    @property
    def snapshots(self) -> pd.DataFrame:
        """Return what `total_by_snapshot` does, with the number of the process and the hours since its first."""
        table = total_by_snapshot(self.dataset)
        table = table.assign(process=process_numbers(table))
        first = table.groupby("process")["captured_at"].transform("min")
        return table.assign(hours=(table["captured_at"] - first).dt.total_seconds() / 3600)

    def total(self) -> Course:
        """Return the course of all goroutines."""
        usable = [trend for trend in self.trends if len(trend.counts) >= ENOUGH] or self.trends
        if not usable:
            return self.standing()
        rate, low, high = added((trend.rate, trend.low, trend.high) for trend in usable)
        sizes = [len(trend.counts) for trend in usable]
        return Course(
            processes=len(usable),
            snapshots=sum(sizes),
            fewest=min(sizes),
            hours=float(np.mean([trend.hours[-1] for trend in usable])),
            first=sum(trend.first for trend in usable),
            last=sum(trend.last for trend in usable),
            rate=rate,
            low=low,
            high=high,
            grows=any(trend.verdict == "grows" for trend in usable),
            flat=all(trend.verdict == "flat" for trend in usable),
        )

    def standing(self) -> Course:
        """Return the total of processes with one dump each."""
        snapshots = self.snapshots
        count, size = int(snapshots["goroutines"].sum()), len(snapshots)
        return Course(size, size, min(size, 1), 0.0, count, count, None, None, None)

    def turnover(self) -> Turnover | None:
        """Tell from the highest ids how many goroutines were started; None without ids."""
        snapshots = self.snapshots
        highest = self.dataset.goroutines.groupby("snapshot_id", observed=True)["goroutine_id"].max()
        ids = snapshots["snapshot_id"].astype("str").map(highest.set_axis(highest.index.astype("str")))
        of = snapshots.assign(highest=ids).dropna(subset="highest").groupby("process")
        hours = float((of["hours"].last() - of["hours"].first()).sum())
        if hours <= 0:
            return None
        created = (of["highest"].max() - of["highest"].first()).astype("int64")
        remained = (of["goroutines"].last() - of["goroutines"].first()).clip(lower=0)
        return Turnover(int(created.sum()), float((created - remained).clip(lower=0).sum()) / hours)


def added(rates: Iterable[Rate]) -> Rate:
    """Add up rates of several processes with the interval of the sum; unknown if one of them is.

    The distances from a rate to the ends of its interval add up as squares do (MOVER: Zou, Donner 2008).
    """
    parts = list(rates)
    known = [(rate, low, high) for rate, low, high in parts if not (rate is None or low is None or high is None)]
    if len(known) < len(parts):
        return None, None, None
    total = sum(rate for rate, _, _ in known)
    below = hypot(*(rate - low for rate, low, _ in known))
    above = hypot(*(high - rate for rate, _, high in known))
    return total, total - below, total + above
