"""Dataset -> table: which groups grow, how fast, and whether their goroutines ever leave."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.keys import (
    DEFAULT_KEY,
    DESCRIPTION,
    By,
    Coded,
    Groups,
    Ints,
    coded,
    coded_column,
    columns_for,
    describe,
    key_names,
    number_groups,
    ranked,
    sort_places,
)
from gostack_nb.analysis.movements import Movements, count_movements
from gostack_nb.analysis.restarts import with_runs
from gostack_nb.analysis.snapshots import PROCESS, countable_snapshots, in_order, minutes_since_first
from gostack_nb.analysis.theil_sen import theil_sen
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of

CONFIDENCE = 0.95
"""Of the interval around a rate."""

LEAST_TIMES = 3
"""A slope through fewer distinct times has no interval."""

LEAST_HOURS = 1 / 3600
"""Dumps that lie within a second are of one moment: a goroutine more would be thousands per hour."""

SAMPLE_TOLERANCE = pd.Timedelta(seconds=30)
"""A metric's sample this near to a dump is of the same time: half of Prometheus' default interval of one minute."""

GOROUTINES_METRIC = "go_goroutines"
"""runtime.NumGoroutine as client_golang exports it."""

TOLD_BY_SOME_FORMS = ("state", "created_by", "creator_id", "leaked", "durable", "locked", "bubble")
"""Key columns that some forms cannot tell."""


@dataclass(frozen=True, slots=True)
class Window:
    """The goroutines to be followed: their rows, the snapshots in order, and the groups per process.

    `place` is the snapshot of each row; `step` is the number of each snapshot within its process.
    """

    frame: pd.DataFrame
    snapshots: pd.DataFrame
    place: Ints
    groups: Groups

    @property
    def step(self) -> Ints:
        """Number the snapshots of each process from 0."""
        return np.asarray(self.snapshots.groupby("process").cumcount(), dtype=np.int64)

    @property
    def width(self) -> int:
        """How many snapshots the longest process has."""
        return int(self.step.max(initial=-1)) + 1

    @property
    def process(self) -> Ints:
        """Return the process of each group."""
        return self.groups.keys["process"].to_numpy(dtype=np.int64)

    @property
    def extra(self) -> pd.DataFrame:
        """Return service, instance and the key columns that the description lacks, one row per group."""
        names = self.snapshots.drop_duplicates("process").set_index("process")[PROCESS]
        keys = self.groups.keys[[name for name in self.groups.keys if name not in (*DESCRIPTION, "process")]]
        return pd.concat([names.loc[self.process].reset_index(drop=True), keys], axis=1)

    def counts(self) -> Ints:
        """Count the goroutines of each group (rows) in each snapshot of its process (columns)."""
        cells = self.groups.number * self.width
        cells += np.take(self.step, self.place)
        counts = np.bincount(cells, minlength=self.groups.size * self.width)
        return counts.reshape(self.groups.size, self.width)

    def processes(self) -> Iterator[tuple[Ints, pd.DataFrame]]:
        """Yield the groups and the snapshots of each process."""
        owner = self.process
        for process, snapshots in self.snapshots.groupby("process"):
            yield np.flatnonzero(owner == process), snapshots


@checked
def growth(dataset: Dataset, *, by: By = DEFAULT_KEY) -> pd.DataFrame:
    """Measure how each group grew between the first and the last snapshot of its process.

    Parameters
    ----------
    dataset : Dataset
        Of each moment one snapshot is used (`countable_snapshots`); after a restart (`restarts`) only the last run.
    by : str or sequence of str
        The key, as for `group`. A part of it that one of a process's snapshots cannot tell (debug=1 has no states
        and no creators) is NA for all of them, so that a change of form is not a change of the program.

    Returns
    -------
    DataFrame
        One row per (service, instance, group), fastest growth first. Key columns, then
        `first`, `last`, `min`, `max`, `change` (int64, goroutines; absent is 0);
        `rate_per_hour`, `rate_low`, `rate_high` (Float64, Theil-Sen slope and its 95 % interval; NA with fewer than
        three distinct times, or less than a second from first to last); `never_fell` (boolean; NA with one snapshot);
        `arrivals`, `exits`, `moved_in`, `moved_out` (Int64, goroutines by id, summed over the intervals: born, gone,
        come from and gone to another group), `arrival_intervals` (Int64, intervals with arrivals), all NA where no
        interval has ids on both sides; `id_intervals`, `snapshots`, `truncated_snapshots` (int64; counts of a
        truncated dump are too low) and `hours` (float64, first to last); then the columns that describe the group.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Notes
    -----
    Counts alone cannot tell a leak from a rise in load; ids that arrive and never leave can.

    Examples
    --------
    >>> gs.growth(dataset)[["user_function", "first", "last", "arrivals", "exits"]].head(2)
                      user_function  first  last  arrivals  exits
    0       main.(*session).ackLoop     29   154       125      0
    1  main.(*server).deliverWorker     71    71         0      0
    >>> round(float(gs.growth(dataset)["rate_per_hour"][0]))
    1381
    """
    frame = goroutines_of(dataset, *columns_for(by), "goroutine_id")
    window = _window(frame, _last_runs(dataset), by)
    counts = window.counts()
    nobody = _trend(np.zeros((0, 1), dtype=np.int64), window.snapshots.iloc[:0], np.arange(0))
    trends = [_trend(counts[groups, : len(rows)], rows, groups) for groups, rows in window.processes()]
    numbers = [pd.concat(trends or [nobody]).sort_index(), _moves(window)]
    table = pd.concat([window.extra, *numbers, describe(window.frame, window.groups)], axis=1)
    return _fastest_first(table, window.groups.keys)


def movements(dataset: Dataset, *, by: By = DEFAULT_KEY) -> pd.DataFrame:
    """Count only who arrives and leaves: the columns of `growth` from `arrivals` to `id_intervals`, with the key.

    Returns
    -------
    DataFrame
        One row per (service, instance, group): `service`, `instance`, key columns, `arrivals`, `exits`, `moved_in`,
        `moved_out`, `arrival_intervals` (Int64), `id_intervals` (int64). In the order of the keys.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.
    """
    frame = goroutines_of(dataset, *columns_for(by), "goroutine_id")
    window = _window(frame, _last_runs(dataset), by)
    names = [name for name in key_names(by) if name in DESCRIPTION]
    return pd.concat([window.extra, window.groups.keys[names], _moves(window)], axis=1)


@checked
def count_by_snapshot(dataset: Dataset, *, by: By = DEFAULT_KEY) -> pd.DataFrame:
    """Count each group in each snapshot, with zeros where it is absent: the lines of a growth chart.

    Parameters
    ----------
    dataset : Dataset
        Of each moment one snapshot is used (`countable_snapshots`), before and after restarts.
    by : str or sequence of str
        The key, as for `growth`.

    Returns
    -------
    DataFrame
        One row per (process, group, snapshot): `service`, `instance`, `captured_at` (datetime64[ns, UTC]),
        `snapshot_id`, key columns, those that describe the group (category), `count` (int64, goroutines). The groups
        of a process come biggest first, each in order of time.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> gs.count_by_snapshot(dataset)[["snapshot_id", "user_function", "count"]].head(2)
                   snapshot_id            user_function  count
    0  20261123T085343Z-ec4bd6  main.(*session).ackLoop     29
    1  20261123T085413Z-022077  main.(*session).ackLoop     38
    """
    frame = goroutines_of(dataset, *columns_for(by))
    window = _window(frame, in_order(countable_snapshots(dataset).snapshots), by)
    counts, keys = window.counts(), window.groups.keys
    words = pd.concat([window.extra, describe(window.frame, window.groups)], axis=1)
    ranked = np.lexsort((*sort_places(keys)[::-1], -counts.max(axis=1, initial=0), window.process))
    parts = [_long(words, counts, ranked[np.isin(ranked, groups)], rows) for groups, rows in window.processes()]
    return pd.concat(parts, ignore_index=True) if parts else _long(words, counts, ranked, window.snapshots)


@checked
def total_by_snapshot(dataset: Dataset) -> pd.DataFrame:
    """Count the goroutines read in each snapshot, beside what the process itself reported.

    Parameters
    ----------
    dataset : Dataset
        Of each moment one snapshot is used (`countable_snapshots`).

    Returns
    -------
    DataFrame
        One row per snapshot, by process and time: `service`, `instance`, `captured_at` (datetime64[ns, UTC]),
        `snapshot_id`, `goroutines` (int64, rows read), `go_goroutines` (Float64, the nearest sample of the same
        process within 30 s; NA if there is none), `truncated` (boolean).

    Examples
    --------
    >>> gs.total_by_snapshot(dataset)[["snapshot_id", "goroutines", "go_goroutines"]].head(2)
                   snapshot_id  goroutines  go_goroutines
    0  20261123T085343Z-ec4bd6         164          163.0
    1  20261123T085413Z-022077         172          172.0
    """
    snapshots = in_order(countable_snapshots(dataset).snapshots)
    rows = goroutines_of(dataset, "snapshot_id")["snapshot_id"].value_counts()
    ids = snapshots["snapshot_id"].astype(object)
    read = ids.map(dict(zip(rows.index.astype(object), rows, strict=True))).fillna(0).astype("int64")
    table = snapshots.assign(goroutines=read, go_goroutines=_nearest_samples(dataset.metrics, snapshots))
    columns = [
        "service",
        "instance",
        "captured_at",
        "snapshot_id",
        "goroutines",
        "go_goroutines",
        "truncated",
    ]
    return table[columns].reset_index(drop=True)


def _last_runs(dataset: Dataset) -> pd.DataFrame:
    snapshots = with_runs(dataset, in_order(countable_snapshots(dataset).snapshots))
    return snapshots[snapshots["run"] == snapshots.groupby("process")["run"].transform("max")]


def _window(frame: pd.DataFrame, snapshots: pd.DataFrame, by: By) -> Window:
    snapshots = snapshots.reset_index(drop=True)
    ids = frame["snapshot_id"].cat.categories.get_indexer(pd.Index(snapshots["snapshot_id"].tolist(), dtype="str"))
    place_of = np.full(len(frame["snapshot_id"].cat.categories) + 1, -1, dtype=np.int64)
    place_of[ids[ids >= 0]] = np.flatnonzero(ids >= 0)
    place = np.take(place_of, frame["snapshot_id"].cat.codes.to_numpy())
    used = place >= 0
    if not used.all():
        frame, place = frame[used], place[used]
    process = coded_column(snapshots["process"])
    columns = {"process": Coded(np.take(process.codes, place), process.names)}
    columns |= {name: coded(frame, name) for name in key_names(by)}
    groups = _comparable(number_groups(columns), snapshots, place)
    return Window(frame, snapshots, place, groups)


def _comparable(groups: Groups, snapshots: pd.DataFrame, place: Ints) -> Groups:
    """Make a key NA for the whole process if one of its snapshots cannot tell it; groups that it told apart unite."""
    columns = {str(name): coded_column(groups.keys[name]) for name in groups.keys}
    doubtful = [name for name in TOLD_BY_SOME_FORMS if name in columns and (columns[name].codes < 0).any()]
    if not doubtful:
        return groups
    cells = np.bincount(groups.number * len(snapshots) + place, minlength=groups.size * len(snapshots))
    there = cells.reshape(groups.size, len(snapshots)) > 0
    for name in doubtful:
        column = columns[name]
        untold = there.any(axis=0) & ~there[column.codes >= 0].any(axis=0)
        lost = groups.keys["process"].isin(snapshots["process"].to_numpy()[untold]).to_numpy()
        columns[name] = Coded(np.where(lost, -1, column.codes), column.names)
    united = number_groups(columns)
    return Groups(united.number[groups.number], united.keys)


def _trend(counts: Ints, snapshots: pd.DataFrame, groups: Ints) -> pd.DataFrame:
    hours = minutes_since_first(snapshots["captured_at"]) / 60
    few = counts.shape[1] < 2
    fell: NDArray[np.bool_] = np.any(np.diff(counts, axis=1) < 0, axis=1)
    table = pd.DataFrame(
        {
            "first": counts[:, 0],
            "last": counts[:, -1],
            "min": counts.min(axis=1),
            "max": counts.max(axis=1),
            "change": counts[:, -1] - counts[:, 0],
        },
        index=groups,
    )
    rates = _rates(counts, hours)
    for place, name in enumerate(("rate_per_hour", "rate_low", "rate_high")):
        table[name] = pd.array(rates[:, place], dtype="Float64")
    table["never_fell"] = pd.arrays.BooleanArray(~fell, np.full(len(fell), few))
    table["snapshots"] = counts.shape[1]
    table["truncated_snapshots"] = int(snapshots["truncated"].fillna(value=False).sum())
    table["hours"] = float(np.nanmax(hours, initial=0.0))
    return table


def _rates(counts: Ints, hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return slope, low and high of each row; NaN where there are too few times."""
    timed = np.isfinite(hours)
    rates = np.full((len(counts), 3), np.nan)
    if len(np.unique(hours[timed])) < LEAST_TIMES or np.ptp(hours[timed]) < LEAST_HOURS:
        return rates
    rates[:] = 0.0
    moving = np.ptp(counts[:, timed], axis=1) > 0
    rates[moving] = theil_sen(counts[moving][:, timed], hours[timed], confidence=CONFIDENCE)
    return rates


def _followed(window: Window) -> tuple[Movements, NDArray[np.bool_]]:
    """Count the movements between snapshots that can be compared by id, and tell which those are."""
    ids = window.frame["goroutine_id"].to_numpy(dtype=np.int64, na_value=-1)
    snapshots = window.snapshots
    known = ids >= 0
    told = np.bincount(window.place if known.all() else window.place[known], minlength=len(snapshots)) > 0
    usable = told & ~snapshots["truncated"].fillna(value=False).to_numpy(dtype=np.bool_)
    process = snapshots["process"].to_numpy()
    linked = np.zeros(len(snapshots), dtype=np.bool_)
    linked[:-1] = usable[:-1] & usable[1:] & (process[:-1] == process[1:])
    groups = window.groups
    moves = count_movements(ids, window.place, groups.number, size=groups.size, linked=linked, step=window.step)
    return moves, linked


def _moves(window: Window) -> pd.DataFrame:
    """Sum the movements of each group over its process's intervals; NA where none has ids on both sides."""
    moves, linked = _followed(window)
    of_process = np.bincount(window.snapshots["process"].to_numpy(), weights=linked).astype(np.int64)
    intervals = of_process[window.process]
    numbers = {
        "arrivals": moves.arrivals.sum(axis=1),
        "exits": moves.exits.sum(axis=1),
        "moved_in": moves.moved_in.sum(axis=1),
        "moved_out": moves.moved_out.sum(axis=1),
        "arrival_intervals": (moves.arrivals > 0).sum(axis=1),
    }
    columns = {name: pd.arrays.IntegerArray(values, intervals == 0) for name, values in numbers.items()}
    return pd.DataFrame(columns).assign(id_intervals=intervals)


def _fastest_first(table: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    rate = -table["rate_per_hour"].to_numpy(dtype=np.float64, na_value=-np.inf)
    return ranked(table, rate, -table["change"], -table["last"], *sort_places(keys))


def _long(words: pd.DataFrame, counts: Ints, groups: Ints, snapshots: pd.DataFrame) -> pd.DataFrame:
    """Repeat each group for each snapshot of its process."""
    rows = np.repeat(groups, len(snapshots))
    times = snapshots[["captured_at", "snapshot_id"]].iloc[np.tile(np.arange(len(snapshots)), len(groups))]
    names = ["service", "instance", "captured_at", "snapshot_id"]
    table = pd.concat([times.reset_index(drop=True), words.iloc[rows].reset_index(drop=True)], axis=1)
    table = table[[*names, *(name for name in table if name not in names)]]
    return table.assign(count=counts[groups, : len(snapshots)].ravel())


def _nearest_samples(metrics: pd.DataFrame, snapshots: pd.DataFrame) -> pd.Series:
    """Return for each snapshot the sample of its process that is nearest in time; NA if none is near."""
    samples = metrics.loc[metrics["name"] == GOROUTINES_METRIC, [*PROCESS, "captured_at", "value"]]
    pairs = snapshots[[*PROCESS, "captured_at"]].reset_index(names="row").astype(dict.fromkeys(PROCESS, "str"))
    pairs = pairs.merge(samples.astype(dict.fromkeys(PROCESS, "str")), on=PROCESS, suffixes=("", "_sample"))
    pairs["apart"] = abs(pairs["captured_at_sample"] - pairs["captured_at"])
    near = pairs[pairs["apart"] <= SAMPLE_TOLERANCE].sort_values("apart", kind="stable")
    values: pd.Series = near.drop_duplicates("row").set_index("row")["value"].astype("Float64")
    return values.reindex(snapshots.index)
