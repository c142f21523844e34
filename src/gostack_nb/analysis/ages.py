"""Dataset -> tables: when each goroutine was born, by its id, and how long it has been waiting."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import DEFAULT_KEY, By, Ints, coded, columns_for, describe, key_names, number_groups
from gostack_nb.analysis.restarts import with_runs
from gostack_nb.analysis.snapshots import in_order, latest, only, primary_snapshots, with_waits
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of


@checked
def ages(dataset: Dataset, *, by: By = DEFAULT_KEY) -> pd.DataFrame:
    """List birth and wait of every goroutine of the latest snapshot whose id is known.

    Ids only grow (runtime/proc.go, newproc1: sched.goidgen), so the highest id of each earlier snapshot dates the
    births that follow: `born_after` and `born_before` are the times of the snapshots around the birth.

    Parameters
    ----------
    dataset : Dataset
        Of each process the latest primary snapshot that has its waits; earlier ones date the births. Snapshots before
        a restart count nothing.
    by : str or sequence of str
        What makes goroutines equal, as for `group`.

    Returns
    -------
    DataFrame
        One row per goroutine, by id: `service`, `instance` (category), `goroutine_id` (int64), `wait_minutes` (Int64,
        as printed), `born_after`, `born_before` (datetime64[ns, UTC]; NaT if no snapshot tells), `captured_at`, and the
        columns that describe its group (category). Empty for forms without ids.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> gs.ages(dataset)[["goroutine_id", "wait_minutes", "user_function"]].iloc[1:3]
       goroutine_id  wait_minutes            user_function
    1             8             5  main.(*session).ackLoop
    2            11             5  main.(*session).ackLoop
    """
    moment = latest(with_waits(dataset))
    frame = goroutines_of(moment, *columns_for(by), "goroutine_id", "wait_minutes")
    known = frame[frame["goroutine_id"].notna()]
    groups = number_groups({name: coded(known, name) for name in key_names(by)})
    words = describe(known, groups).iloc[groups.number].reset_index(drop=True)
    rows = known[["snapshot_id", "goroutine_id", "wait_minutes"]].reset_index(drop=True)
    where = moment.snapshots[["snapshot_id", "service", "instance", "captured_at"]]
    table = rows.astype({"snapshot_id": "str"}).merge(
        where.astype({"snapshot_id": "str"}), on="snapshot_id", how="left"
    )
    dated = _dated(table.astype({"goroutine_id": "int64"}), births(dataset))
    columns = ["service", "instance", "goroutine_id", "wait_minutes", "born_after", "born_before", "captured_at"]
    return pd.concat([dated[columns], words], axis=1).sort_values("goroutine_id", kind="stable").reset_index(drop=True)


@checked
def births(dataset: Dataset) -> pd.DataFrame:
    """Return the highest goroutine id of each snapshot of the last run of each process: a clock of births.

    Parameters
    ----------
    dataset : Dataset
        Of each moment one snapshot is used (`primary_snapshots`).

    Returns
    -------
    DataFrame
        By process and time: `service`, `instance`, `snapshot_id` (category), `captured_at` (datetime64[ns, UTC]),
        `highest_id` (int64; never falls, because the goroutine that had it may have ended).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> gs.births(dataset)[["snapshot_id", "highest_id"]].head(2)
                   snapshot_id  highest_id
    0  20261123T085343Z-ec4bd6         178
    1  20261123T085413Z-022077         211
    """
    snapshots = with_runs(dataset, in_order(primary_snapshots(dataset).snapshots))
    last = snapshots[snapshots["run"] == snapshots.groupby("process")["run"].transform("max")]
    frame = goroutines_of(only(dataset, *last["snapshot_id"].astype("str")), "snapshot_id", "goroutine_id")
    highest = frame.groupby("snapshot_id", observed=True)["goroutine_id"].max().dropna().astype("int64")
    table = last[last["snapshot_id"].isin(highest.index) & last["captured_at"].notna()]
    ids = table["snapshot_id"].astype(object).map(highest.to_dict()).astype("int64")
    table = table.assign(highest_id=ids.groupby(table["process"]).cummax())
    return table[["service", "instance", "snapshot_id", "captured_at", "highest_id"]].reset_index(drop=True)


def _dated(table: pd.DataFrame, clock: pd.DataFrame) -> pd.DataFrame:
    """Add the times of the snapshots around each birth."""
    empty = pd.Series(pd.NaT, index=table.index, dtype="datetime64[ns, UTC]")
    table = table.assign(born_after=empty, born_before=empty)
    for process, rows in table.groupby(["service", "instance"], observed=True, dropna=False):
        ticks = clock[_same(clock["service"], process[0]) & _same(clock["instance"], process[1])]
        if len(ticks):
            place = np.searchsorted(ticks["highest_id"].to_numpy(), rows["goroutine_id"].to_numpy())
            table.loc[rows.index, "born_after"] = _times(ticks["captured_at"], place - 1).array
            table.loc[rows.index, "born_before"] = _times(ticks["captured_at"], place).array
    return table


def _same(column: pd.Series, value: object) -> pd.Series:
    return column.isna() if pd.isna(value) else column == value  # type: ignore[call-overload]


def _times(times: pd.Series, place: Ints) -> pd.Series:
    inside = (place >= 0) & (place < len(times))
    taken = times.iloc[np.where(inside, place, 0)].reset_index(drop=True)
    return taken.where(inside)
