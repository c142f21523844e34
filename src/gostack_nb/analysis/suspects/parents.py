"""Population -> whether those who started the goroutines of a group, and those they started, are still alive."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints, coded_column
from gostack_nb.analysis.suspects.population import Floats, Population, most_frequent


def parents(people: Population) -> pd.DataFrame:
    """Look for the parents and the children of each group's goroutines in the last snapshots.

    Since Go 1.21 a dump names the creator goroutine. Where it does not, a creator function that is on no living stack
    has returned all the same; if it is on one, nothing is known.

    Returns
    -------
    DataFrame
        One row per group: `parents_gone` (float64, 0 to 1; NaN unknown), `parents` (int64, how many creator goroutines
        are known), `parents_each` (int64, the same in the process that has most), `parent_group` (int64, the group that
        most living parents are in; -1 none) and `childless` (float64, the share that started nobody who is alive; NaN
        before Go 1.21).
    """
    rows = people.now
    born = rows[people.creators[rows] >= 0]
    parent = _living(people, rows, born)
    gone = people.share(born, parent < 0)
    return pd.DataFrame(
        {
            "parents_gone": np.where(np.isnan(gone), _creator_returned(people, rows), gone),
            **_distinct(people, born),
            "parent_group": _parent_groups(people, born[parent >= 0], parent[parent >= 0]),
            "childless": _childless(people, rows, born),
        }
    )


def _living(people: Population, rows: Ints, born: Ints) -> Ints:
    """Return the row of each one's creator goroutine; -1 if it is gone."""
    alive = people.identities(people.ids)[rows]
    order = np.argsort(alive, kind="stable")
    wanted = people.identities(people.creators)[born]
    found = np.minimum(np.searchsorted(alive[order], wanted), max(len(alive) - 1, 0))
    if not len(alive):
        return np.full(len(born), -1, dtype=np.int64)
    row = rows[order[found]]
    return np.where(alive[order[found]] == wanted, row, -1)


def _distinct(people: Population, born: Ints) -> dict[str, Ints]:
    cells = people.cells(born)
    pairs = pd.DataFrame({"cell": cells.number, "creator": people.identities(people.creators)[born]})
    known = np.bincount(pairs.drop_duplicates()["cell"], minlength=cells.size)
    each = np.zeros(people.size, dtype=np.int64)
    total = each.copy()
    np.maximum.at(each, cells.group, known)
    np.add.at(total, cells.group, known)
    return {"parents": total, "parents_each": each}


def _parent_groups(people: Population, born: Ints, parent: Ints) -> Ints:
    of_parent = np.full(len(people.group), -1, dtype=np.int64)
    of_parent[born] = people.group[parent]
    return most_frequent(people.groups, of_parent, people.size, born)


def _childless(people: Population, rows: Ints, born: Ints) -> Floats:
    if not len(born):
        return np.full(people.size, np.nan)
    creators = np.unique(people.identities(people.creators)[born])
    own = people.identities(people.ids)[rows]
    place = np.minimum(np.searchsorted(creators, own), len(creators) - 1)
    return people.share(rows, creators[place] != own)


def _creator_returned(people: Population, rows: Ints) -> Floats:
    """Return 1 where the creator function is on no living stack, else NaN."""
    stacks = people.stacks
    alive = people.groups.keys["stack_id"].astype("str").iloc[np.unique(people.group[rows])]
    calls = stacks[~stacks["is_creator"].fillna(value=False).astype(bool)]
    running = calls["function"][calls["stack_id"].isin(alive)].astype("str").unique()
    creator = coded_column(people.frame["created_by"])
    returned = np.append(~creator.names.isin(running), [False])
    codes = most_frequent(people.groups, creator.codes, len(creator.names), rows)
    return np.where(returned[codes], 1.0, np.nan)
