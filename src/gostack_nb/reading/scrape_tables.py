"""Tables of what a continuous profiler holds: its processes, their scrapes."""

from collections.abc import Iterable, Sequence

import pandas as pd

from gostack_nb.model.categories import text_column
from gostack_nb.reading.scrape_choice import interval_ms
from gostack_nb.sources.process_labels import Process, instance_names
from gostack_nb.sources.scrapes import Series


def series_table(series: Sequence[Series]) -> pd.DataFrame:
    """Make one row per process; the columns are those of `ContinuousProfiler.series`."""
    ordered = sorted(series, key=lambda one: (one.process.labels, one.profile_type))
    intervals = [interval_ms(one) for one in ordered]
    return pd.DataFrame(
        {
            **_names([one.process for one in ordered]),
            "profile_type": text_column(one.profile_type for one in ordered),
            "first_at": _times(min(one.points) for one in ordered),
            "last_at": _times(max(one.points) for one in ordered),
            "scrapes": pd.Series([len(one.points) for one in ordered], dtype="int64"),
            "interval_seconds": pd.Series([ms / 1000 if ms else None for ms in intervals], dtype="Float64"),
            "last_goroutines": pd.Series([one.points[max(one.points)] for one in ordered], dtype="int64"),
        }
    )


def scrapes_table(series: Iterable[Series]) -> pd.DataFrame:
    """Make one row per scrape; the columns are those of `ContinuousProfiler.scrapes`."""
    rows = sorted(
        ((at, value, one) for one in series for at, value in one.points.items()),
        key=lambda row: (row[0], row[2].process.labels, row[2].profile_type),
    )
    return pd.DataFrame(
        {
            "captured_at": _times(at for at, _, _ in rows),
            **_names([one.process for _, _, one in rows]),
            "profile_type": text_column(one.profile_type for _, _, one in rows),
            "goroutines": pd.Series([value for _, value, _ in rows], dtype="int64"),
        }
    )


def _names(processes: Sequence[Process]) -> dict[str, pd.Categorical]:
    names = instance_names(processes)
    return {
        "service": text_column(process.service for process in processes),
        "instance": text_column(names[process] for process in processes),
        "labels": text_column(process.shown for process in processes),
    }


def _times(milliseconds: Iterable[int]) -> pd.Series:
    times = pd.Series(list(milliseconds), dtype="int64")
    return pd.to_datetime(times, unit="ms", utc=True).dt.as_unit("ns")
