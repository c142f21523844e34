"""Metric -> table: the course of each process's goroutine count between restarts, with onset and rate."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from gostack_nb.analysis.growth import GOROUTINES_METRIC
from gostack_nb.analysis.onset import LEAST_RISE, Course, Samples, Verdict, judge
from gostack_nb.analysis.samples import checked_samples
from gostack_nb.model.calls import checked
from gostack_nb.model.categories import text_column
from gostack_nb.model.label_columns import renamed_labels

PROCESS_START_METRIC = "process_start_time_seconds"
"""When the process began, as client_golang exports it: another value is another process."""

CLOCK_SLACK_SECONDS = 1.5
"""The start is computed from the boot time of the machine, in whole seconds, which may move by one."""

FALL_SHARE = 0.5
"""Where nothing tells the start of the process: a fall below half is a restart, rather than clients that left."""

MEASURES = (
    "name",
    "run",
    "started",
    "ended",
    "samples",
    "first",
    "last",
    "verdict",
    "onset",
    "rate_per_hour",
    "rate_low",
    "rate_high",
)

_NANOSECONDS_PER_HOUR = 3_600_000_000_000

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]
_Ints = NDArray[np.int64]


@checked
def growth_windows(metric: pd.DataFrame) -> pd.DataFrame:
    """Split each series at the restarts of its process, and say of each run whether it grew, since when and how fast.

    Parameters
    ----------
    metric : DataFrame
        Needs `captured_at` (datetime64 with a time zone) and `value` (float64): a result of `Prometheus.samples`,
        `.metrics` or `.range`, or a Dataset's `metrics`. `name` says which metric; of several, `go_goroutines` alone is
        judged if it is among them. Any other column is a label that tells series apart.
        `process_start_time_seconds` with the same labels tells the restarts; without it a fall below half does.

    Returns
    -------
    DataFrame
        One row per run, by series and time: the labels, `name` (category), `run` (int64, counts from 1), `started`,
        `ended` (datetime64[ns, UTC], first and last sample), `samples` (int64), `first`, `last` (float64), `verdict`
        (category), `onset` (datetime64[ns, UTC]; NaT unless it grew; `started` if it grew from the start or before),
        `rate_per_hour`, `rate_low`, `rate_high` (Float64: Theil-Sen slope and its 95 % interval, since the onset, or
        since the step; NA if too short). The verdicts are:

        - `growing (counts only: could be load)`: the floor of the count rose through six parts of the time since the
          onset, by 10 goroutines and 20 % or more, above what it was before, and not at one moment.
        - `step`: it changed from one level to another at once, as after a deploy.
        - `steady`: neither; it may come and go with load, rise and stay, or fall.
        - `too short`: fewer than 12 samples.

    Raises
    ------
    MissingColumnError
        If `captured_at` or `value` is absent.
    ArgumentError
        If the times have no time zone.

    See Also
    --------
    growth : which stacks grow, from dumps.
    suspects : what leaks; goroutines that stay tell it, counts cannot.

    Notes
    -----
    Judged is the lowest value of each 15 minutes, or of a 24th of a shorter run, so that bursts do not count. Counts
    alone cannot tell a leak from a rise of load that goes on to the end of the window: six hours of a morning are
    `growing`, a whole day is not. The interval takes the bins as independent; where load wanders it is too narrow.

    Examples
    --------
    >>> times = pd.date_range("2026-11-23 08:00", periods=61, freq="min", tz="UTC")
    >>> metric = pd.DataFrame({"captured_at": times, "value": [100.0] * 20 + [100.0 + 2 * i for i in range(41)]})
    >>> growth_windows(metric)[["verdict", "onset", "rate_per_hour"]].to_dict("records")
    [{'verdict': 'growing (counts only: could be load)', 'onset': Timestamp('2026-11-23 08:20:00+0000', tz='UTC'), \
'rate_per_hour': 120.0}]
    """
    table = _usable(metric)
    labels = [str(column) for column in table if column not in {"captured_at", "value", "name"}]
    times = table["captured_at"].to_numpy(dtype="datetime64[ns]").astype(np.int64)
    values = table["value"].to_numpy()
    counted, births = _roles(table)
    process = _numbers(table, labels)
    series = _numbers(table, [*labels, "name"])
    none = np.array([], dtype=np.int64)
    births_of = {process[rows[0]]: rows for rows in _rows_by_number(process, births)}
    runs = []
    for rows in _rows_by_number(series, counted):
        born = births_of.get(process[rows[0]], none)
        again = _restarts(times[rows], values[rows], times[born], values[born])
        parts = np.split(rows, np.flatnonzero(again) + 1)
        runs += [_Run(part[0], number, times[part], values[part]) for number, part in enumerate(parts, start=1)]
    return _table(runs, table, labels)


@dataclass(frozen=True, slots=True)
class _Run:
    """Samples of one process in order: the row of the first one, the run's number, nanoseconds since 1970, counts."""

    row: int
    number: int
    times: _Ints
    counts: _Floats

    def course(self) -> Course:
        """Judge it, with hours since the first sample."""
        return judge(Samples((self.times - self.times[0]) / _NANOSECONDS_PER_HOUR, self.counts))

    def time_of(self, hour: float | None) -> int | None:
        """Return the time of the sample that is nearest to an hour."""
        if hour is None:
            return None
        after = self.times - self.times[0]
        return int(self.times[np.argmin(np.abs(after - hour * _NANOSECONDS_PER_HOUR))])


def _usable(metric: pd.DataFrame) -> pd.DataFrame:
    """Return the samples in order of time, all with a name or NA."""
    table = checked_samples(metric)
    table = table if "name" in table else table.assign(name=text_column([None] * len(table)))
    return table.sort_values("captured_at", kind="stable", ignore_index=True)


def _roles(table: pd.DataFrame) -> tuple[_Bools, _Bools]:
    """Tell which rows are judged, and which ones tell the start of a process."""
    names = table["name"].astype("object")
    births = (names == PROCESS_START_METRIC).to_numpy(dtype=np.bool_)
    counted = (names == GOROUTINES_METRIC).to_numpy(dtype=np.bool_)
    return counted if counted.any() else ~births, births


def _numbers(table: pd.DataFrame, columns: list[str]) -> _Ints:
    """Give rows with the same values in some columns the same number; NA is a value."""
    if not columns:
        return np.zeros(len(table), dtype=np.int64)
    groups = table.groupby(columns, dropna=False, observed=True).ngroup()
    return np.asarray(groups, dtype=np.int64)


def _rows_by_number(numbers: _Ints, wanted: _Bools) -> list[_Ints]:
    """Return the wanted rows of each number, in order."""
    rows = np.flatnonzero(wanted)
    rows = rows[np.argsort(numbers[rows], kind="stable")]
    return np.split(rows, np.flatnonzero(np.diff(numbers[rows])) + 1) if len(rows) else []


def _restarts(times: _Ints, values: _Floats, told_at: _Ints, births: _Floats) -> _Bools:
    """Tell between which neighbouring samples the process was started anew."""
    if len(births):
        last_told = np.maximum(np.searchsorted(told_at, times, side="right") - 1, 0)
        moved: _Bools = np.abs(np.diff(births[last_told])) > CLOCK_SLACK_SECONDS
        return moved
    fell: _Bools = (values[1:] < FALL_SHARE * values[:-1]) & (values[:-1] - values[1:] >= LEAST_RISE)
    return fell


def _table(runs: list[_Run], table: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    courses = [run.course() for run in runs]
    named = renamed_labels(table, labels, MEASURES).assign(name=table["name"])
    found = named.iloc[[run.row for run in runs]].reset_index(drop=True)
    return found.assign(
        run=np.array([run.number for run in runs], dtype=np.int64),
        started=_times(run.times[0] for run in runs),
        ended=_times(run.times[-1] for run in runs),
        samples=np.array([len(run.times) for run in runs], dtype=np.int64),
        first=np.array([run.counts[0] for run in runs], dtype=np.float64),
        last=np.array([run.counts[-1] for run in runs], dtype=np.float64),
        verdict=pd.Categorical([course.verdict for course in courses], categories=get_args(Verdict)),
        onset=_times(run.time_of(course.onset) for run, course in zip(runs, courses, strict=True)),
        rate_per_hour=_rates(course.rate for course in courses),
        rate_low=_rates(course.low for course in courses),
        rate_high=_rates(course.high for course in courses),
    )


def _times(nanoseconds: Iterable[int | None]) -> pd.DatetimeIndex:
    found = [pd.NaT if at is None else at for at in nanoseconds]
    return pd.to_datetime(pd.Index(found, dtype="datetime64[ns]"), utc=True)


def _rates(values: Iterable[float]) -> ExtensionArray:
    return pd.array([None if np.isnan(value) else value for value in values], dtype="Float64")
