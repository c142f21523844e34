"""The course of the total over the snapshots: first, last, slope, and what that amounts to."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Verdict = Literal["grows", "flat", "open"]

LEAST_SNAPSHOTS = 3
"""A slope through fewer points has no interval."""

LEAST_RISE = 10
"""Goroutines; below, a rise is that of connections that come and go while dumps are taken."""

LEAST_SHARE = 0.02
"""A total that moves by less than 2 % from first to last counts as flat."""


@dataclass(frozen=True, slots=True)
class Trend:
    """How a total went; `rate`, `low` and `high` in goroutines per hour, None with fewer than three snapshots."""

    name: str
    first: int
    last: int
    snapshots: int
    started: pd.Timestamp
    ended: pd.Timestamp
    rate: float | None
    low: float | None
    high: float | None
    never_fell: bool

    @property
    def change(self) -> int:
        """Goroutines gained from first to last."""
        return self.last - self.first

    @property
    def duration(self) -> pd.Timedelta:
        """Time from first to last."""
        return self.ended - self.started

    @property
    def verdict(self) -> Verdict:
        """`grows` if slope and rise say so, `flat` if the total hardly moves, else `open`."""
        if self.change >= LEAST_RISE and (self.low or 0) > 0:
            return "grows"
        settled = self.snapshots >= LEAST_SNAPSHOTS
        return "flat" if settled and abs(self.change) < max(LEAST_RISE, LEAST_SHARE * self.first) else "open"


def trend_of(totals: pd.DataFrame) -> Trend | None:
    """Follow the total of `total_by_snapshot`; None with fewer than two dated snapshots.

    `go_goroutines` is used if the service reported it at two or more of them, else the goroutines that were read.
    Of several processes the sum of what each shows cannot be formed, so the one with most snapshots is followed.
    """
    dated = _longest(totals[totals["captured_at"].notna() & ~totals["truncated"].fillna(value=False)])
    reported = dated[dated["go_goroutines"].notna()]
    name, column, rows = ("goroutines", "goroutines", dated)
    if len(reported) > 1:
        name, column, rows = ("go_goroutines", "go_goroutines", reported)
    if rows["captured_at"].nunique() < 2:
        return None
    counts, times = rows[column].astype("int64"), rows["captured_at"]
    rate, low, high = _slope(counts, times)
    return Trend(
        name=name,
        first=int(counts.iloc[0]),
        last=int(counts.iloc[-1]),
        snapshots=len(rows),
        started=times.iloc[0],
        ended=times.iloc[-1],
        rate=rate,
        low=low,
        high=high,
        never_fell=bool((counts.diff().dropna() >= 0).all()),
    )


def _longest(totals: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of the process with most snapshots."""
    if not len(totals):
        return totals
    process = totals.groupby(["service", "instance"], observed=True, dropna=False, sort=False).ngroup()
    longest: pd.DataFrame = totals[process == process.value_counts().index[0]]
    return longest


def _slope(counts: pd.Series, times: pd.Series) -> tuple[float | None, float | None, float | None]:
    from scipy.stats import theilslopes  # noqa: PLC0415 - half a second to import

    if len(counts) < LEAST_SNAPSHOTS:
        return None, None, None
    hours = ((times - times.iloc[0]) / pd.Timedelta(hours=1)).to_numpy(dtype=float)
    fit = theilslopes(counts.to_numpy(dtype=float), hours)
    return float(fit.slope), float(fit.low_slope), float(fit.high_slope)
