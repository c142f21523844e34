"""From a Prometheus to tables: its series, its raw samples, its targets."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Unpack

import numpy as np
import pandas as pd

from gostack_nb.errors import QueryError
from gostack_nb.model.calls import checked
from gostack_nb.model.categories import text_column
from gostack_nb.model.label_columns import label_columns
from gostack_nb.model.schema import METRICS
from gostack_nb.reading.scrape_targets import PPROF_TEMPLATE, TRY_DEADLINE_SECONDS, targets_table, tried
from gostack_nb.reading.times import Duration, Time, milliseconds_at, milliseconds_of
from gostack_nb.sources.access import Access, AccessOptions
from gostack_nb.sources.prometheus_api import (
    DEADLINE_SECONDS,
    TIMEOUT_SECONDS,
    Api,
    Found,
    Series,
    active_targets,
    query_range,
    raw_samples,
)
from gostack_nb.sources.prometheus_windows import Span, Steps

STEPS_SECONDS = (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
"""From which a step is chosen; one day where none is long enough."""

CHOSEN_POINTS = 1_000
"""A chosen step gives no more points of each series: what a chart can show."""

MOST_STEPS = 5_000_000
"""Of one call, 500 requests: a year has 2.1 million steps of 15 s."""

GOROUTINES = "go_goroutines"
PROCESS_START = "process_start_time_seconds"
"""The two metrics of client_golang that tell how many goroutines there are, and which process has them."""

SERIES_COLUMNS = ("captured_at", "name", "value")


class Prometheus:
    """A server that speaks Prometheus' HTTP API: Prometheus itself, Thanos, Mimir, VictoriaMetrics.

    Parameters
    ----------
    url : str
        `http://host:9090`, with the prefix where there is one: `http://mimir/prometheus`,
        `https://grafana/api/datasources/proxy/uid/UID`. The address of its page or of `/api/v1` does as well.
    timeout : float
        Seconds to connect, and to wait for the next byte.
    deadline : float
        Seconds for one request; a long range is asked for in several.
    **access
        `auth`, `bearer`, `headers` (a tenant: `{"X-Scope-OrgID": "team"}`), `cert`, `verify`, `proxy`,
        `unix_socket`; see `gostack_nb.sources.access.AccessOptions`.

    Raises
    ------
    UnreachableError
        If `url` is a path, or neither http nor https. The server is not asked yet.

    Notes
    -----
    Every call raises `QueryError` where the server refuses the question or is no Prometheus, and another `SourceError`
    where it cannot be reached, wants credentials, or takes too long. What the server warns of, and what was left
    out, is in `frame.attrs["warnings"]`, a list of str. Tried with Prometheus 2.42; Thanos, Mimir and
    VictoriaMetrics have the same interface but were not tried.

    Examples
    --------
    >>> Prometheus("http://me:secret@127.0.0.1:9090/graph")
    Prometheus('http://127.0.0.1:9090')
    """

    __slots__ = ("_api",)

    @checked
    def __init__(
        self,
        url: str,
        *,
        timeout: float = TIMEOUT_SECONDS,
        deadline: float = DEADLINE_SECONDS,
        **access: Unpack[AccessOptions],
    ) -> None:
        self._api = Api.at(url, Access.of(access), timeout=timeout, deadline=deadline)

    def __repr__(self) -> str:
        return f"Prometheus({self._api.shown!r})"

    @checked
    def range(self, query: str, start: Time, end: Time | None = None, step: Duration | None = None) -> pd.DataFrame:
        """Evaluate an expression at every step between two times.

        Parameters
        ----------
        query : str
            PromQL: `go_goroutines{job="push"}`, `sum by (job) (go_goroutines)`.
        start, end : datetime, str or timedelta
            A datetime or ISO text such as "2026-11-23 10:00", both UTC where they name no zone; or how long before now:
            a timedelta, or text such as "2h", "1d12h". Without `end`, now.
        step : timedelta, float or str, optional
            A timedelta, seconds, or text such as "15s". Without it the shortest of 1 s, 5 s, 10 s, 15 s, 30 s, 1 min
            and so on that gives no more than 1,000 points.

        Returns
        -------
        DataFrame
            One row per series and step: `captured_at` (datetime64[ns, UTC]), a column for each label (category, NA
            where a series lacks it), `name` (category, the metric; NA for the result of an expression), `value`
            (float64, may be NaN or infinite). Series as the server orders them, each in order of time. Nothing found
            is a table without rows. A label called `name`, `value` or `captured_at` becomes `exported_name` and so on.

        Raises
        ------
        QueryError
            If the server refuses the query, or the times cannot be understood.
        SourceError
            If it cannot be reached, or not in time.

        Notes
        -----
        A server refuses more than 11,000 steps at once; more are asked for in windows of 10,000.
        Between samples, and for 5 minutes after the last one, Prometheus repeats the last value: `samples` does not.
        """
        first, last = _between(start, end)
        each = milliseconds_of(step) if step is not None else _chosen_step(last - first)
        steps = Steps.between(first, last, each)
        if steps.count > MOST_STEPS:
            msg = f"{steps.count:,} steps are too many for one call. Hint: a longer step, or a later start"
            raise QueryError(msg)
        return _series_frame(query_range(self._api, query, steps))

    @checked
    def samples(self, selector: str, start: Time, end: Time | None = None) -> pd.DataFrame:
        """Fetch the samples of a metric exactly as they were scraped.

        This is what trends should be computed from: `range` makes points up, because Prometheus repeats the last
        sample for up to 5 minutes (--query.lookback-delta), also over the gap of a restart.

        Parameters
        ----------
        selector : str
            A metric with or without labels, `go_goroutines{job="push"}`; no expression.
        start, end : datetime, str or timedelta
            As for `range`; both are included.

        Returns
        -------
        DataFrame
            As for `range`, one row per sample.

        Raises
        ------
        QueryError, SourceError
            As for `range`.

        Notes
        -----
        Where the server says that it is too many samples at once (--query.max-samples), time is halved, and again.
        """
        return _series_frame(raw_samples(self._api, selector, Span(*_between(start, end))))

    @checked
    def metrics(
        self,
        start: Time,
        end: Time | None = None,
        *,
        names: Sequence[str] = (GOROUTINES, PROCESS_START),
        job: str | None = None,
        instance: str | None = None,
        match: str = "",
        step: Duration | None = None,
    ) -> pd.DataFrame:
        """Fetch metrics as rows of a Dataset's table `metrics`, to be put beside dumps and into `growth_windows`.

        Parameters
        ----------
        start, end : datetime, str or timedelta
            As for `range`.
        names : sequence of str
            The metrics. The start of the process is among them because it tells restarts.
        job, instance : str, optional
            Only series with these labels.
        match : str
            Further matchers as between the braces of a selector: `namespace="prod",pod=~"push-.*"`.
        step : timedelta, float or str, optional
            Ask for a value at every step, as `range`; without it the samples themselves, as `samples`.

        Returns
        -------
        DataFrame
            `captured_at` (datetime64[ns, UTC]), `service` (category, the label `job`), `instance` (category),
            `name` (category), `value` (float64).

        Raises
        ------
        QueryError
            If several series have the same job, instance and name, and as for `range`.
        SourceError
            As for `range`.
        """
        selector = _selector(names, job, instance, match)
        found = self.samples(selector, start, end) if step is None else self.range(selector, start, end, step)
        return _metrics_frame(found)

    @checked
    def targets(self, *, template: str = PPROF_TEMPLATE, address_label: str | None = None) -> pd.DataFrame:
        """List what the server scrapes, each with an address where its pprof may be: a suggestion, see `try_pprof`.

        Parameters
        ----------
        template : str
            How the address is made: `{scheme}`, `{host}`, `{port}` and `{path}` are those of the scrape, with
            `/debug/pprof/` in place of `/metrics`; any other name is a label of the target, or one that discovery gave:
            `http://127.0.0.1:8001/api/v1/namespaces/{namespace}/pods/{pod}:6060/proxy{path}`.
        address_label : str, optional
            A label that holds host, or host and port, of pprof; a target without it keeps those of its scrape.

        Returns
        -------
        DataFrame
            One row per target: `job`, `instance`, `scrape_url`, `health` (category), `last_error` (str, NA for none),
            `last_scrape` (datetime64[ns, UTC]), `pprof_url` (str; NA where the target lacks a label that the template
            names), then a column for each further label (category).

        Raises
        ------
        QueryError
            If the server knows no targets (Mimir stores only), if no target has a label that the template names,
            and as for `range`.
        SourceError
            As for `range`.

        Notes
        -----
        The port of metrics is often not that of pprof, and an address may be known to Prometheus only.
        """
        return targets_table(active_targets(self._api), template, address_label)

    @checked
    def try_pprof(
        self,
        targets: pd.DataFrame | None = None,
        *,
        deadline: float = TRY_DEADLINE_SECONDS,
        **access: Unpack[AccessOptions],
    ) -> pd.DataFrame:
        """Ask every suggested address for its pprof index, many at once.

        Parameters
        ----------
        targets : DataFrame, optional
            A result of `targets`, or some of its rows; needs `pprof_url`. Without it all targets.
        deadline : float
            Seconds for one target.
        **access
            What opens the targets' doors, as for `gs.capture`. The credentials of Prometheus are not sent to them.

        Returns
        -------
        DataFrame
            The same rows with `works` (boolean), `reason` (str, why not; NA where it works) and `goroutines` (Int64,
            as the index counts them).

        Raises
        ------
        MissingColumnError
            If `targets` has no `pprof_url`.
        QueryError, SourceError
            As for `targets`, if it is not given. A target that fails is a row.

        Examples
        --------
        >>> prom = Prometheus("http://127.0.0.1:9090")
        >>> found = prom.try_pprof()  # doctest: +SKIP
        >>> gs.capture(found.loc[found["works"], "pprof_url"].tolist())  # doctest: +SKIP
        """
        return tried(self.targets() if targets is None else targets, Access.of(access), deadline)


def _between(start: Time, end: Time | None) -> tuple[int, int]:
    now = datetime.now(UTC)
    first = milliseconds_at(start, now)
    last = milliseconds_at(end if end is not None else now, now)
    if last < first:
        msg = f"the end, {end or 'now'}, is before the start, {start}. Hint: times without a zone are UTC"
        raise QueryError(msg)
    return first, last


def _selector(names: Sequence[str], job: str | None, instance: str | None, match: str) -> str:
    """Write a selector; Go's strings have the escapes of JSON's."""
    labels = {"job": job, "instance": instance}
    equal = [f"{name}={json.dumps(text, ensure_ascii=False)}" for name, text in labels.items() if text is not None]
    matchers = [f'__name__=~"{"|".join(names)}"', *equal, match]
    return f"{{{','.join(filter(None, matchers))}}}"


def _chosen_step(milliseconds: int) -> int:
    longest = milliseconds / CHOSEN_POINTS
    return next((1000 * seconds for seconds in STEPS_SECONDS if 1000 * seconds >= longest), 86_400_000)


def _series_frame(found: Found) -> pd.DataFrame:
    lengths = [len(series.times) for series in found.series]
    columns = label_columns(
        {label for series in found.series for label in series.labels} - {"__name__"}, SERIES_COLUMNS
    )
    frame = {
        "captured_at": pd.to_datetime(_flat((one.times for one in found.series), "int64"), unit="ms", utc=True).as_unit(
            "ns"
        ),
        **{column: _repeated(found.series, label, lengths) for label, column in columns.items()},
        "name": _repeated(found.series, "__name__", lengths),
        "value": _flat((one.points for one in found.series), "float64"),
    }
    table = pd.DataFrame(frame)
    table.attrs["warnings"] = list(found.warnings)
    return table


def _flat(parts: Iterable[Sequence[float]], dtype: str) -> np.ndarray:
    arrays = [np.array(part, dtype=dtype) for part in parts]
    return np.concatenate(arrays) if arrays else np.array([], dtype=dtype)


def _repeated(series: Sequence[Series], label: str, lengths: Sequence[int]) -> pd.Categorical:
    """Repeat the label of each series for its points."""
    once = text_column(one.labels.get(label) for one in series)
    return pd.Categorical.from_codes(np.repeat(once.codes, lengths), dtype=once.dtype)


def _metrics_frame(found: pd.DataFrame) -> pd.DataFrame:
    """Keep job and instance of the labels; what only others tell apart cannot be kept."""
    unknown = text_column([None] * len(found))
    process = {"service": found.get("job", unknown), "instance": found.get("instance", unknown)}
    table = found[["captured_at", "name", "value"]].assign(**process)[[column.name for column in METRICS]]
    if table.duplicated(["service", "instance", "name", "captured_at"]).any():
        labels = [str(name) for name in found if name not in {*table, "job"} and len(found[name].unique()) > 1]
        hint = "Hint: keep one of them with match=, or use samples()"
        msg = f"several series have the same job, instance and name; they differ in {', '.join(labels)}. {hint}"
        raise QueryError(msg)
    return table
