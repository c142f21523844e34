"""Metric and snapshots -> table: which samples are of which process, and which one is nearest to a dump."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from gostack_nb.analysis.growth import GOROUTINES_METRIC, SAMPLE_TOLERANCE
from gostack_nb.analysis.snapshots import PROCESS, process_numbers
from gostack_nb.errors import ArgumentError
from gostack_nb.model.needed import need_columns

NEEDED = ("captured_at", "value")

_SHOWN = 5
"""So many names or series are listed in an error."""


@dataclass(frozen=True, slots=True)
class Series:
    """The samples that share all labels, in order of time; service and instance are None where they are not told."""

    service: str | None
    instance: str | None
    labels: str
    samples: pd.DataFrame

    def has_names(self, names: tuple[str | None, ...]) -> bool:
        """Whether these are service and instance, unknown ones too."""
        return names == (self.service, self.instance)

    def fits(self, names: tuple[str | None, ...]) -> bool:
        """Whether one name is the same and no known one differs."""
        pairs = zip((self.service, self.instance), names, strict=True)
        known = [pair for pair in pairs if None not in pair]
        return bool(known) and all(ours == theirs for ours, theirs in known)


def samples_by_process(metric: pd.DataFrame, snapshots: pd.DataFrame) -> pd.DataFrame:
    """Return the samples of each process.

    Parameters
    ----------
    metric : DataFrame
        Needs `captured_at` (datetime64 with a time zone) and `value`; `name`, `service` and `instance` are used if
        they are there, and any other column is a label that tells series apart. Of several metrics `go_goroutines`
        is used.
    snapshots : DataFrame
        Needs `service` and `instance`.

    Returns
    -------
    DataFrame
        `process` (int64, as `process_numbers(snapshots)`), `captured_at` (datetime64[ns, UTC]) and `value` (float64),
        in order of time. A series belongs to the process of the same names; if there is none, to the one of the same
        instance or service where no name differs. The only series belongs to the only process, whatever their names:
        Prometheus' `instance` is the address of the metrics, which is often not that of pprof.

    Raises
    ------
    MissingColumnError
        If `captured_at` or `value` is absent.
    ArgumentError
        If the times have no time zone, if there are several metrics and none is `go_goroutines`, or if several series
        of the same time fit one process.
    """
    processes = snapshots[PROCESS].assign(process=process_numbers(snapshots)).drop_duplicates("process")
    series = list(_series(_of_one_name(checked_samples(metric))))
    found = []
    for number, *names in processes[["process", *PROCESS]].itertuples(index=False):
        told = tuple(None if pd.isna(name) else str(name) for name in names)
        chosen = series if len(series) == len(processes) == 1 else _chosen(series, told)
        found += [one.samples.assign(process=number) for one in chosen]
    table = pd.concat(found, ignore_index=True) if found else _no_samples()
    return table[["process", "captured_at", "value"]].sort_values("captured_at", kind="stable", ignore_index=True)


def nearest_samples(samples: pd.DataFrame, snapshots: pd.DataFrame) -> pd.DataFrame:
    """Return for each snapshot the sample of its process that is nearest in time, at most 30 s away.

    Parameters
    ----------
    samples : DataFrame
        A result of `samples_by_process` for these snapshots.
    snapshots : DataFrame
        Needs `service`, `instance` and `captured_at`.

    Returns
    -------
    DataFrame
        With the index of `snapshots`: `metric` (Float64) and `metric_at` (datetime64[ns, UTC]), NA if none is near.
    """
    times = snapshots[["captured_at"]].assign(process=process_numbers(snapshots)).dropna()
    near = pd.merge_asof(
        times.reset_index(names="row").sort_values("captured_at", kind="stable"),
        samples.assign(metric_at=samples["captured_at"], metric=samples["value"].astype("Float64")),
        on="captured_at",
        by="process",
        direction="nearest",
        tolerance=SAMPLE_TOLERANCE,
    )
    return near.set_index("row")[["metric", "metric_at"]].reindex(snapshots.index)


def describe_series(metric: pd.DataFrame) -> str:
    """Say which series a metric has: `job=push, instance=a; job=push, instance=b`."""
    series = list(_series(_of_one_name(checked_samples(metric))))
    return _listed([one.labels for one in series], "; ")


def metric_name(metric: pd.DataFrame) -> str:
    """Return the name of the metric that `samples_by_process` uses; `go_goroutines` if the table tells none."""
    names = metric["name"].dropna().unique().tolist() if "name" in metric else []
    return str(names[0]) if len(names) == 1 else GOROUTINES_METRIC


def checked_samples(metric: pd.DataFrame) -> pd.DataFrame:
    """Keep the samples that have a time and a finite value; `captured_at` in UTC to the nanosecond.

    Raises
    ------
    MissingColumnError
        If `captured_at` or `value` is absent.
    ArgumentError
        If the times have no time zone.
    """
    need_columns(metric, NEEDED, "the metric")
    times = metric["captured_at"]
    if getattr(times.dtype, "tz", None) is None:
        hint = "Hint: make it so with pandas.to_datetime(metric.captured_at, utc=True)"
        msg = f"captured_at of the metric has no time zone: {times.dtype}. {hint}"
        raise ArgumentError(msg)
    value = metric["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    table = metric.assign(captured_at=times.astype("datetime64[ns, UTC]"), value=value).reset_index(drop=True)
    usable: pd.DataFrame = table[table["captured_at"].notna() & np.isfinite(value)]
    return usable


def _of_one_name(metric: pd.DataFrame) -> pd.DataFrame:
    names = metric["name"].dropna().astype("str").unique().tolist() if "name" in metric else []
    if len(names) < 2:
        return metric
    if GOROUTINES_METRIC in names:
        return metric[metric["name"] == GOROUTINES_METRIC]
    hint = "Hint: keep the rows of one, metric[metric.name == ...]"
    msg = f"several metrics, and none is {GOROUTINES_METRIC}: {_listed(sorted(names), ', ')}. {hint}"
    raise ArgumentError(msg)


def _series(metric: pd.DataFrame) -> Iterator[Series]:
    labels = [str(name) for name in metric.columns if name not in (*NEEDED, "name")]
    metric = metric.sort_values("captured_at", kind="stable")
    if not labels and len(metric):
        yield Series(None, None, "no labels", metric)
    for values, rows in metric[labels].astype("str").groupby(labels, dropna=False) if labels else ():
        told = {name: value for name, value in zip(labels, values, strict=True) if isinstance(value, str)}
        words = ", ".join(f"{name}={value}" for name, value in told.items()) or "no labels"
        yield Series(told.get("service"), told.get("instance"), words, metric.loc[rows.index])


def _chosen(series: Sequence[Series], names: tuple[str | None, ...]) -> Sequence[Series]:
    """Return the series of one process: several only if one begins after the other ends, as a new label makes them."""
    found = [one for one in series if one.has_names(names)] or [one for one in series if one.fits(names)]
    found.sort(key=lambda one: one.samples["captured_at"].iloc[0])
    if all(a.samples["captured_at"].iloc[-1] < b.samples["captured_at"].iloc[0] for a, b in pairwise(found)):
        return found
    process = " ".join(filter(None, names)) or "the process without a name"
    hint = "Hint: keep the rows of one of them"
    msg = f"{len(found)} series of the metric fit {process}: {_listed([one.labels for one in found], '; ')}. {hint}"
    raise ArgumentError(msg)


def _listed(words: Sequence[str], separator: str) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return separator.join(words[:_SHOWN]) + more


def _no_samples() -> pd.DataFrame:
    times = pd.DatetimeIndex([], dtype="datetime64[ns, UTC]")
    return pd.DataFrame({"process": pd.Series(dtype="int64"), "captured_at": times, "value": pd.Series(dtype="f8")})
