"""Goroutines -> which of them wake again and again: what no stack shows."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.catalogue.frames import Flags

OLD_MINUTES = 4
"""A goroutine younger than one that has waited this long may simply be new."""

MOST_FRESH_MINUTES = 1
"""Waits of one that wakes: a garbage collection, at least every two minutes, starts the runtime's clock."""

MOST = 0.8
"""This share of the goroutines of a pair that are known to be old."""

_NO_ID = np.iinfo(np.int64).max


def find_waking(goroutines: pd.DataFrame, pairs: pd.DataFrame) -> pd.Series:
    """Tell the stacks whose goroutines are old and have nevertheless not waited long.

    Ids only grow: a goroutine with a lower id than one that has waited for minutes is at least that old. If it shows no
    minutes itself, it woke in between: a ticker, a timer, a retry, or a steady supply of work. Goroutines that the leak
    profile marked are left out: the runtime prints no minutes for them. A processor may hand out up to 16 ids late
    (runtime/proc.go, _GoidCacheBatch), so this is a strong hint and no proof.

    Parameters
    ----------
    goroutines : DataFrame
        `snapshot_id`, `goroutine_id`, `wait_minutes`, `leaked`, `stack_id`, `state`.
    pairs : DataFrame
        `stack_id`, `state`: for which pairs to tell.

    Returns
    -------
    Series
        boolean, with the index of `pairs`; NA where none of its goroutines is known to be old.
    """
    old = goroutines.loc[_is_old(goroutines)]
    fresh = old["wait_minutes"].isna() | (old["wait_minutes"] <= MOST_FRESH_MINUTES)
    keys = ["stack_id", "state"]
    share = fresh.groupby([old[key] for key in keys], observed=True, dropna=False).mean()
    told = share.rename("share").reset_index()
    told[keys] = told[keys].astype("object")
    found = pairs[keys].astype("object").merge(told, on=keys, how="left")["share"]
    return pd.Series((found >= MOST).astype("boolean").mask(found.isna()).array, index=pairs.index, name="wakes")


def _is_old(goroutines: pd.DataFrame) -> Flags:
    """Tell the goroutines that are certainly older than `OLD_MINUTES`."""
    identity = goroutines["goroutine_id"].to_numpy(dtype=np.int64, na_value=_NO_ID)
    marked = goroutines["leaked"].to_numpy(dtype=np.bool_, na_value=False)
    long = (goroutines["wait_minutes"] >= OLD_MINUTES).to_numpy(dtype=np.bool_, na_value=False)
    snapshot = goroutines["snapshot_id"].astype("category").cat.codes.to_numpy()
    newest = np.full(int(snapshot.max(initial=-1)) + 2, -1, dtype=np.int64)
    np.maximum.at(newest, snapshot[long], np.where(identity == _NO_ID, -1, identity)[long])
    old: Flags = (identity < newest[snapshot]) & ~marked
    return old
