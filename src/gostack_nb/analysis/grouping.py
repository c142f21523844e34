"""Table -> table: count the goroutines that are the same."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import (
    DEFAULT_KEY,
    DESCRIPTION,
    By,
    Groups,
    coded,
    columns_for,
    describe,
    key_names,
    number_groups,
    ranked,
    sort_places,
)
from gostack_nb.analysis.quantiles import group_values
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of


@checked
def group(source: Dataset | pd.DataFrame, *, by: By = DEFAULT_KEY) -> pd.DataFrame:
    """Count equal goroutines in each snapshot, biggest group first.

    Parameters
    ----------
    source : Dataset or DataFrame
        Goroutines. Snapshots are not added up: each has its own rows. `latest(dataset)` gives the last one alone.
    by : str or sequence of str
        What makes goroutines equal: columns of `goroutines`, `user_location`, `top_location` (`file:line`) or
        `label:KEY`. `state`, also called `normalized_state`, is the normalized one. NA makes a group of its own.

    Returns
    -------
    DataFrame
        One row per (snapshot, group), in the order of the snapshots, biggest group first, ties by name:
        `snapshot_id`, further key columns, `count` (int64, goroutines), `share` (float64, 0 to 1, of the snapshot);
        `state`, `user_function`, `user_location`, `top_function`, `top_location`, `created_by`, `stack_id`,
        `signature` (category; those outside the key are the most frequent); `wait_min`, `wait_max` (Int64),
        `wait_median` (Float64), minutes of those that print them, `wait_known` (int64, how many do);
        `leaked` (Int64, how many the runtime marked; NA where the form cannot tell).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> gs.group(gs.latest(dataset))[["user_function", "state", "count"]].head(2)
                      user_function         state  count
    0       main.(*session).ackLoop  chan receive    154
    1  main.(*server).deliverWorker  chan receive     71
    >>> gs.group(dataset.goroutines.query("wait_minutes >= 5"), by="user_location")["user_location"].unique().tolist()
    ['/srv/app/main.go:233']
    """
    frame = goroutines_of(source, *columns_for(by), "wait_minutes", "leaked")
    keys = ("snapshot_id", *(name for name in key_names(by) if name != "snapshot_id"))
    groups = number_groups({name: coded(frame, name) for name in keys})
    extra = groups.keys[[name for name in keys if name not in DESCRIPTION]]
    evidence = _evidence(frame, groups).drop(columns=extra.columns, errors="ignore")  # a key goes before its evidence
    table = pd.concat([extra, _sizes(groups), describe(frame, groups), evidence], axis=1)
    snapshot, *names = sort_places(groups.keys)
    return ranked(table, snapshot, -table["count"], *names)


def _sizes(groups: Groups) -> pd.DataFrame:
    count = pd.Series(groups.count())
    total = count.groupby(groups.keys["snapshot_id"], observed=True).transform("sum")
    return pd.DataFrame({"count": count, "share": count / total})


def _evidence(frame: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    waits = group_values(frame["wait_minutes"], groups)
    return pd.DataFrame(
        {
            "wait_min": waits.whole(0),
            "wait_median": waits.fraction(0.5),
            "wait_max": waits.whole(1),
            "wait_known": waits.known,
            "leaked": count_leaked(frame, groups),
        }
    )


def count_leaked(frame: pd.DataFrame, groups: Groups) -> pd.arrays.IntegerArray:
    """Count the goroutines of each group that the runtime marked leaked; NA where none of them can tell."""
    mark = frame["leaked"].to_numpy(dtype=np.int8, na_value=-1)
    marked = np.bincount(groups.number[mark == 1], minlength=groups.size)
    told = np.bincount(groups.number[mark >= 0], minlength=groups.size)
    return pd.arrays.IntegerArray(marked, told == 0)
