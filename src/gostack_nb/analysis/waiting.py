"""Table -> table: how long the goroutines of each group have been waiting."""

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
from gostack_nb.analysis.quantiles import GroupValues, group_values
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of

WAIT_BUCKETS = (
    ("unknown_or_under_1", 0),
    ("from_1_to_4", 1),
    ("from_5_to_14", 5),
    ("from_15_to_59", 15),
    ("from_60_to_239", 60),
    ("from_240", 240),
)
"""Columns that count goroutines by wait minutes, and the first minute of each.

Go prints minutes from 1 up, and only after a garbage collection has found the goroutine waiting
(runtime/traceback.go, goroutineheader): no minute is "unknown or under 1", never 0.
"""


@checked
def waiting(source: Dataset | pd.DataFrame, *, by: By = DEFAULT_KEY) -> pd.DataFrame:
    """Show how long the goroutines of each group have been waiting.

    A leak is a ladder of ages up to the age of the process, a stall is one spike, a healthy pool is near zero.
    Minutes count the time in this wait, not the age of the goroutine, and are a lower bound: too small by up to
    one interval between garbage collections plus 59 s (runtime/mgcmark.go). A goroutine that wakes never shows them.

    Parameters
    ----------
    source : Dataset or DataFrame
        Goroutines; every snapshot is looked at by itself.
    by : str or sequence of str
        The key, as for `group`.

    Returns
    -------
    DataFrame
        One row per (snapshot, group), longest median first within a snapshot. `snapshot_id`, key columns and those
        that describe the group (category); `count`, `wait_known` (int64, goroutines); `wait_min`, `wait_max` (Int64),
        `wait_q25`, `wait_median`, `wait_q75` (Float64) and `spread_minutes` (Int64, max - min), in minutes,
        NA where no wait is printed; and one column per bucket of `WAIT_BUCKETS` (int64, goroutines).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> gs.waiting(gs.first(fixed))[["user_function", "count", "wait_known"]].head(2)
                      user_function  count  wait_known
    0  main.(*server).deliverWorker     71           0
    1     main.(*session).writeLoop     29           0
    """
    frame = goroutines_of(source, *columns_for(by), "wait_minutes")
    keys = ("snapshot_id", *(name for name in key_names(by) if name != "snapshot_id"))
    groups = number_groups({name: coded(frame, name) for name in keys})
    waits = group_values(frame["wait_minutes"], groups)
    words = describe(frame, groups)
    extra = groups.keys[[name for name in keys if name not in DESCRIPTION]]
    table = pd.concat([extra, words, _statistics(groups, waits), _buckets(frame, groups)], axis=1)
    snapshot, *names = sort_places(groups.keys)
    return ranked(table, snapshot, -waits.quantile(0.5), -table["count"], *names)


def _statistics(groups: Groups, waits: GroupValues) -> pd.DataFrame:
    table = pd.DataFrame({"count": groups.count(), "wait_known": waits.known})
    table["wait_min"] = waits.whole(0)
    table["wait_q25"] = waits.fraction(0.25)
    table["wait_median"] = waits.fraction(0.5)
    table["wait_q75"] = waits.fraction(0.75)
    table["wait_max"] = waits.whole(1)
    table["spread_minutes"] = table["wait_max"] - table["wait_min"]
    return table


def _buckets(frame: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    names, starts = zip(*WAIT_BUCKETS, strict=True)
    bucket_of = np.searchsorted(starts, np.arange(starts[-1] + 1), side="right") - 1
    minutes = frame["wait_minutes"].to_numpy(dtype=np.int64, na_value=0)
    bucket = bucket_of[np.minimum(minutes, starts[-1])]
    counts = np.bincount(groups.number * len(names) + bucket, minlength=groups.size * len(names))
    return pd.DataFrame(counts.reshape(groups.size, len(names)), columns=list(names))
