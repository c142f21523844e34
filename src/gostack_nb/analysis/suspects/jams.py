"""Population and addresses -> what the goroutines of each group wait for: one lock or many, a lock held by a waiter."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.lock_waits import lock_waiters
from gostack_nb.analysis.suspects.population import Population
from gostack_nb.model.dataset import Dataset

COLUMNS = ("locks", "one_lock", "behind_waiters", "in_circle")


def jams(dataset: Dataset, people: Population, addresses: pd.DataFrame) -> pd.DataFrame:
    """Count the locks that each group waits for, in the last snapshots.

    Returns
    -------
    DataFrame
        One row per group, all int64: `locks` (distinct addresses, 0 if none is known), `one_lock` (the most goroutines
        that wait for the same), `behind_waiters` (goroutines whose lock someone may hold who waits for a lock himself),
        `in_circle` (of those, that wait for each other: AB-BA).
    """
    if not len(addresses):
        return pd.DataFrame(dict.fromkeys(COLUMNS, np.zeros(people.size, dtype=np.int64)))
    last = people.snapshots["snapshot_id"][people.is_last]
    waiters = lock_waiters(dataset, addresses)
    waiters = waiters[waiters["snapshot_id"].isin(last) & waiters["lock"].notna()]
    stacks = pd.Index(people.groups.keys["stack_id"].astype("str"))
    group = stacks.get_indexer(pd.Index(waiters["stack_id"].astype("str")))
    per_lock = pd.Series(group).groupby([group, waiters["lock"].to_numpy(dtype=object)]).size()
    of_lock = per_lock.index.get_level_values(0).to_numpy(dtype=np.int64)
    most = np.zeros(people.size, dtype=np.int64)
    np.maximum.at(most, of_lock, per_lock.to_numpy())
    return pd.DataFrame(
        {
            "locks": np.bincount(of_lock, minlength=people.size),
            "one_lock": most,
            "behind_waiters": _counted(people, group, waiters["waits_for"].notna()),
            "in_circle": _counted(people, group, waiters["cycle"]),
        }
    )


def _counted(people: Population, group: Ints, holds: pd.Series) -> Ints:
    return np.bincount(group[holds.to_numpy(dtype=np.bool_)], minlength=people.size)
