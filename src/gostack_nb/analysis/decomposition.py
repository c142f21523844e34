"""Dataset and metric -> table: which groups a count of goroutines is made of, and what no dump shows."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from gostack_nb.analysis.growth import GOROUTINES_METRIC, count_by_snapshot, total_by_snapshot
from gostack_nb.analysis.keys import DEFAULT_KEY, DESCRIPTION, By, Ints, key_names
from gostack_nb.analysis.samples import describe_series, nearest_samples, samples_by_process
from gostack_nb.analysis.snapshots import PROCESS
from gostack_nb.errors import ArgumentError
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset

OTHER_GROUPS = "other"
"""The name of all groups that have no row of their own."""

MEASURES = (
    *PROCESS,
    "captured_at",
    "group",
    "count",
    "total",
    "metric",
    "gap",
    "metric_at",
    "truncated",
    "snapshot_id",
)
"""The columns before those that tell what a group is."""

_STACKS = frozenset({"signature", "stack_id"})
_MIXED = frozenset({"state", "created_by"})

LEAST_CHANGE, LEAST_PART = 2, 0.05
"""A change by one, or by less than 5 % of what the group that changed most did, explains nothing: every request is a
goroutine for a moment."""

_SHOWN_PROCESSES = 5


@checked
def decompose(
    dataset: Dataset, metric: pd.DataFrame | None = None, *, by: By = DEFAULT_KEY, top: int = 6
) -> pd.DataFrame:
    r"""Split the goroutines of each dump into groups that add up, beside what the metric said at that time.

    Parameters
    ----------
    dataset : Dataset
        Of each moment one snapshot is used (`countable_snapshots`).
    metric : DataFrame, optional
        Samples of `go_goroutines`: `captured_at` (datetime64 with a time zone), `value`, and if they are there
        `name`, `service`, `instance` and further labels, as `Prometheus(...).metrics` returns them; by default
        `dataset.metrics`. A series belongs to the process of the same service and instance, or of the one name that
        both tell; the only series belongs to the only process, whatever their names.
    by : str or sequence of str
        What makes goroutines equal, as for `growth`.
    top : int
        How many groups have rows of their own, the same in all processes: those that changed most from the first to
        the last whole dump (by two goroutines, and 5 % of what the first of them did), then the biggest.

    Returns
    -------
    DataFrame
        One row per (snapshot, group), by process and time, the group that changed most first, `other` last:
        `service`, `instance`, `captured_at` (datetime64[ns, UTC]), `group` (ordered category, a name),
        `count` (int64, goroutines), `total` (int64, goroutines in the dump: the sum of its counts),
        `metric` (Float64, the sample nearest in time, at most 30 s away; NA if there is none),
        `gap` (Float64, goroutines, metric less total), `metric_at` (datetime64[ns, UTC], when that sample was taken),
        `truncated` (boolean), `snapshot_id`; then the key columns and, if the key has stacks, those that describe
        them (category; NA for `other`).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.
    ArgumentError
        If no series of the given metric fits any process, or several fit one.

    Notes
    -----
    Both sides leave the runtime's own goroutines out (go1.27: `gcount(false)` in runtime/proc.go for
    runtime.NumGoroutine, `isSystemGoroutine` in runtime/traceback.go and runtime/mprof.go for the dumps). What is
    normal is one or two either way: the two requests have a goroutine or two each, and what serves the dump is in the
    dump alone. In 24 captures of the recorded push service, metric and dumps of the same second, it was 0 for every
    debug=1, and -1 once each for debug=2 and debug=0; scraped by a Prometheus it was -1 throughout, and +2 for
    Prometheus itself. More has a reason:

    - a sample some seconds away from the dump: the goroutines that came and went between them; for a leak about
      rate * time (1,380 per hour and 30 s: 11);
    - `truncated`: debug=2 is cut at 64 MiB, counts are floors, and the gap is what the dump does not show;
    - a few, negative: a finalizer or cleanup that runs, in debug=2; the runtime's own 5 to 10 in a SIGQUIT dump;
    - about 9, always: `/sched/goroutines:goroutines` of runtime/metrics counts the runtime's own since Go 1.26;
    - anything else: the samples are of another process, or of another moment than the clock of the dump says.

    A sample is taken as it is and never interpolated: a number that nobody measured could hide a gap or make one.

    Examples
    --------
    >>> import gostack_nb as gs
    >>> dataset = gs.read(b"goroutine 7 [chan receive]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n")
    >>> gs.decompose(dataset)[["group", "count", "total"]].values.tolist()
    [['main.f, chan receive, main.go:9', 1, 1], ['other', 0, 1]]
    """
    totals = total_by_snapshot(dataset)
    counts = _numbered(count_by_snapshot(dataset, by=by), key_names(by))
    chosen = _chosen(counts, totals)[:top]
    named = counts[counts["number"].isin(chosen)]
    heads = named.drop_duplicates("number").set_index("number").reindex(chosen).reset_index(drop=True)
    long = _long(_beside(dataset, metric, totals), _cells(named, totals, chosen))
    return _described(long, heads, key_names(by))


def default_metric(dataset: Dataset) -> pd.DataFrame:
    """Return the samples of `go_goroutines` that were found beside the dumps."""
    metrics = dataset.metrics
    return metrics[metrics["name"] == GOROUTINES_METRIC]


def key_of(decomposition: pd.DataFrame) -> tuple[str, ...]:
    """Return the key that a decomposition was made with, without what a stack tells anyway."""
    names = [str(name) for name in decomposition if name not in MEASURES]
    told = {*DESCRIPTION} - _STACKS - _MIXED if _STACKS & set(names) else set()
    return tuple(name for name in names if name not in told)


def _numbered(counts: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Give each group a number, the same in all processes."""
    return counts.assign(number=counts.groupby(list(keys), dropna=False, observed=True, sort=False).ngroup())


def _chosen(counts: pd.DataFrame, totals: pd.DataFrame) -> list[int]:
    """Rank the groups by their change between whole dumps, all processes together, then by size."""
    cut = totals.loc[totals["truncated"].fillna(value=False).astype(bool), "snapshot_id"].astype("str")
    whole = counts[~counts["snapshot_id"].astype("str").isin(cut)]
    ends = whole.groupby([*PROCESS, "number"], dropna=False, observed=True)["count"].agg(["first", "last"])
    change = (ends["last"] - ends["first"]).abs().groupby("number").sum()
    size = counts.groupby("number")["count"].max()
    change = change.reindex(size.index, fill_value=0)
    told = change >= max(LEAST_CHANGE, LEAST_PART * change.max())
    table = pd.DataFrame({"change": change.where(told, 0), "size": size})
    return table.sort_values(["change", "size"], ascending=False, kind="stable").index.tolist()


def _beside(dataset: Dataset, metric: pd.DataFrame | None, totals: pd.DataFrame) -> pd.DataFrame:
    """Put the sample beside each snapshot's total."""
    samples = samples_by_process(default_metric(dataset) if metric is None else metric, totals)
    if metric is not None and metric is not dataset.metrics and samples.empty and len(totals):
        _check_fit(metric, totals)
    table = totals.drop(columns="go_goroutines").rename(columns={"goroutines": "total"})
    table = table.join(nearest_samples(samples, totals))
    return table.assign(gap=table["metric"] - table["total"])


def _check_fit(metric: pd.DataFrame, totals: pd.DataFrame) -> None:
    """Complain about a metric that was given and has series, but of none of the processes."""
    if series := describe_series(metric):
        rows = totals[PROCESS].drop_duplicates().head(_SHOWN_PROCESSES).itertuples(index=False)
        names = "; ".join(
            " ".join(str(name) for name in row if pd.notna(name)) or "a process without a name" for row in rows
        )
        hint = "Hint: keep the rows of one process in both, or name it: read(..., instance=...)"
        msg = f"no series of the metric fits the dumps: {series}, and the dumps are of {names}. {hint}"
        raise ArgumentError(msg)


def _cells(named: pd.DataFrame, totals: pd.DataFrame, chosen: list[int]) -> Ints:
    """Count by snapshot (rows) and group (columns); the last column is what is left of the total."""
    cells = np.zeros((len(totals), len(chosen) + 1), dtype=np.int64)
    row = pd.Index(totals["snapshot_id"].astype("str")).get_indexer(pd.Index(named["snapshot_id"].astype("str")))
    column = pd.Index(chosen, dtype="int64").get_indexer(pd.Index(named["number"]))
    cells[row, column] = named["count"]
    cells[:, -1] = totals["goroutines"] - cells.sum(axis=1)
    return cells


def _long(snapshots: pd.DataFrame, cells: Ints) -> pd.DataFrame:
    """Repeat each snapshot for each group; `group` is the number of a column."""
    height, width = cells.shape
    table = snapshots.iloc[np.repeat(np.arange(height), width)].reset_index(drop=True)
    return table.assign(group=np.tile(np.arange(width), height), count=cells.ravel())


def _described(long: pd.DataFrame, heads: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Replace the numbers of the groups by their names, and add what describes them."""
    number = long["group"].to_numpy()
    columns = _descriptions(keys)
    words = heads[columns].reindex(np.where(number < len(heads), number, -1)).reset_index(drop=True)
    names = [*_names(heads, keys), OTHER_GROUPS]
    group = pd.Categorical.from_codes(number, categories=pd.Index(names), ordered=True)
    return pd.concat([long.assign(group=group)[list(MEASURES)], words], axis=1)


def _descriptions(keys: Sequence[str]) -> list[str]:
    """Return the columns that tell what a group is: with stacks, what names them; else the key alone."""
    names = [name for name in DESCRIPTION if name in keys or name not in _MIXED] if _STACKS & set(keys) else []
    return list(dict.fromkeys([*names, *keys]))


def _names(heads: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """Name each group in one line, none like another: `main.f, chan receive, main.go:9`."""
    if not _STACKS & set(keys):
        return _told_apart(_joined([_values(heads, name) for name in keys]))
    others = [name for name in keys if name not in DESCRIPTION]
    columns = [name for name in ("state", "user_location", *others) if name in _descriptions(keys)]
    parts = [_functions(heads), *(_values(heads, name) for name in columns)]
    creators = [f"created by {name}" for name in _values(heads, "created_by")]
    return _told_apart(_joined(parts), creators, _values(heads, "stack_id"))


def _functions(heads: pd.DataFrame) -> list[str]:
    """Name the user's function, or the leaf where every frame is of the standard library."""
    user, top = (heads[name].astype(object) for name in ("user_function", "top_function"))
    return [str(name) if isinstance(name, str) else "(no function)" for name in user.where(user.notna(), top)]


def _values(heads: pd.DataFrame, column: str) -> list[str]:
    """Write one column in words; files without their folders."""
    values = heads[column].astype(object)
    if column == "user_location":
        values = values.where(values.notna(), heads["top_location"])
    texts = [str(value) if pd.notna(value) else f"{column} not known" for value in values]
    return [PurePosixPath(text).name for text in texts] if column.endswith("_location") else texts


def _joined(columns: Sequence[Sequence[str]]) -> list[str]:
    return [", ".join(row) for row in zip(*columns, strict=True)]


def _told_apart(names: list[str], *more: Sequence[str]) -> list[str]:
    """Add to names that occur twice what else is known, at last a number."""
    for column in more:
        twice = {name for name, count in Counter(names).items() if count > 1}
        names = [f"{name}, {word}" if name in twice else name for name, word in zip(names, column, strict=True)]
    seen = Counter([OTHER_GROUPS])
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return numbered
