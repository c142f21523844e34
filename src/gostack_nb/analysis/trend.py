"""Dataset -> table: the course of each process's total, first to last, and what that amounts to."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from gostack_nb.analysis.growth import CONFIDENCE, LEAST_HOURS, total_by_snapshot
from gostack_nb.analysis.restarts import restarts
from gostack_nb.analysis.snapshots import PROCESS, minutes_since_first
from gostack_nb.analysis.theil_sen import Floats, theil_sen
from gostack_nb.model.dataset import Dataset

Verdict = Literal["grows", "falls", "flat", "open"]

LEAST_SNAPSHOTS = 4
"""Through three points the interval of the slope is no more than the range of the slopes between them."""

LEAST_RISE = 10
"""Goroutines; below, a rise is that of connections that come and go while dumps are taken."""

LEAST_SHARE = 0.02
"""A total that stays within 2 % of its first value is flat."""


@dataclass(frozen=True, slots=True)
class Trend:
    """How the total of one process went.

    `rate`, `low` and `high` are goroutines per hour; None with too few snapshots, or all of them within a second.
    """

    process: str  # its instance or service; empty if the dumps do not tell
    of: str  # what was counted: go_goroutines as the service reported it, or the goroutines of the dumps
    counts: tuple[int, ...]
    hours: tuple[float, ...]  # when each was counted, since the first
    started: pd.Timestamp
    ended: pd.Timestamp
    rate: float | None
    low: float | None
    high: float | None
    restarted: pd.Timestamp | None  # the first snapshot of the run that this is about, if there was one before
    read_first: int  # goroutines in the first and the last dump
    read_last: int

    @property
    def first(self) -> int:
        """The first total."""
        return self.counts[0]

    @property
    def last(self) -> int:
        """The last total."""
        return self.counts[-1]

    @property
    def change(self) -> int:
        """Goroutines gained from first to last."""
        return self.last - self.first

    @property
    def duration(self) -> pd.Timedelta:
        """Time from first to last."""
        return self.ended - self.started

    @property
    def never_fell(self) -> bool:
        """Whether no total is below the one before."""
        return all(later >= earlier for earlier, later in zip(self.counts, self.counts[1:], strict=False))

    @property
    def verdict(self) -> Verdict:
        """`grows` or `falls` if slope and change say so, `flat` if the total hardly moves at any time, else `open`."""
        if self.change >= LEAST_RISE and (self.low or 0) > 0:
            return "grows"
        if self.change <= -LEAST_RISE and (self.high or 0) < 0:
            return "falls"
        spread = max(self.counts) - min(self.counts)
        settled = self.rate is not None
        return "flat" if settled and spread < max(LEAST_RISE, LEAST_SHARE * self.first) else "open"


def trends(dataset: Dataset) -> list[Trend]:
    """Follow the total of every process that has two or more usable moments, the fastest growing first.

    `go_goroutines` is used where the service reported it at two or more of them, else the goroutines that were read,
    without the dumps that are cut. After a restart only the last run counts.
    """
    totals = total_by_snapshot(dataset)
    begun = restarts(dataset)
    found = []
    for _, rows in totals.groupby(PROCESS, observed=True, dropna=False, sort=False):
        again = begun[begun["snapshot_id"].isin(rows["snapshot_id"])]["captured_at"].max()
        run = rows if pd.isna(again) else rows[rows["captured_at"] >= again]
        found.append(_trend(run[run["captured_at"].notna()], None if pd.isna(again) else again))
    return sorted(filter(None, found), key=lambda trend: -(trend.rate or 0))


def _trend(rows: pd.DataFrame, restarted: pd.Timestamp | None) -> Trend | None:
    reported = rows[rows["go_goroutines"].notna()]
    of = "go_goroutines" if len(reported) > 1 else "goroutines"
    used = reported if len(reported) > 1 else rows[~rows["truncated"].fillna(value=False)]
    if used["captured_at"].nunique() < 2:
        return None
    counts, times = used[of].astype("int64"), used["captured_at"]
    hours = minutes_since_first(times) / 60
    rate, low, high = _slope(counts, hours)
    return Trend(
        process=_name(rows.iloc[0]),
        of=of,
        counts=tuple(counts.tolist()),
        hours=tuple(hours.tolist()),
        started=times.iloc[0],
        ended=times.iloc[-1],
        rate=rate,
        low=low,
        high=high,
        restarted=restarted,
        read_first=int(used["goroutines"].iloc[0]),
        read_last=int(used["goroutines"].iloc[-1]),
    )


def _name(row: pd.Series) -> str:
    names = [str(row[name]) for name in PROCESS if pd.notna(row[name])]
    return " ".join(names)


def _slope(counts: pd.Series, hours: Floats) -> tuple[float | None, float | None, float | None]:
    if len(counts) < LEAST_SNAPSHOTS or np.ptp(hours) < LEAST_HOURS:
        return None, None, None
    slope, low, high = theil_sen(counts.to_numpy()[None, :], hours, confidence=CONFIDENCE)[0].tolist()
    return slope, low, high
