"""Population -> goroutines that were started beside each other, and those whose siblings are gone.

What one client needs is started in one go: reader, writer and ack loop get the ids n, n+1, n+2 (runtime/proc.go hands
ids to a processor 16 at a time). Where most readers have an ack loop at the same distance, an ack loop without a reader
has lost it, though its stack is the same as that of the others.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints, coded_column
from gostack_nb.analysis.siblings import entry_functions
from gostack_nb.analysis.suspects.limits import FEW, POOL_ID_GAP
from gostack_nb.analysis.suspects.population import Flags, Population

ALIVE_STATES = frozenset({"IO wait", "running", "runnable", "syscall"})
"""A sibling in one of these belongs to something alive. One that sleeps may try again for ever."""

REACH = 4
"""Places in the order of birth within a family: a client has seldom more than five goroutines."""

ID_REACH = 8
"""Ids between siblings; half a batch, since other goroutines on the same processor may start in between."""

COMPLETE = 0.5
"""At least this share of the siblings must have one of the group beside it: what is not started together does not pair.
Clients accepted at the same time and the ends of batches part some."""

_PAIR = ("one", "other")

YOUNGER = 0.1
"""At least this share of the orphans must be younger than half of those with siblings. Where a sibling has a short life
by design, only the youngest have one; where clients come and go, old ones with siblings live beside younger orphans."""


@dataclass(frozen=True, slots=True)
class _Family:
    """Goroutines with a known creator function, in order of process, creator function and id.

    `kin` is a process and creator function, `role` an entry function within such a kin.
    """

    rows: Ints
    kin: Ints
    role: Ints
    ids: Ints


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Neighbours in a family: positions of the two, the lower role first, and the ids from the first to the second."""

    one: Ints
    other: Ints
    distance: Ints


def cohorts(people: Population) -> pd.DataFrame:
    """Pair goroutines with siblings of other entry functions by neighbouring ids, in the last snapshots.

    Where a batch of ids ends, siblings are parted, and then both are alone. Orphans are therefore only those by which
    the lonely ones of a group exceed the lonely ones among its siblings, and there must be more of them altogether.

    Returns
    -------
    DataFrame
        One row per group: `paired`, `orphans` (int64, goroutines with and without a sibling beside them; both 0 where
        nothing pairs), `paired_awake` (float64, 0 to 1: the share with a sibling that reads from the network or runs).
    """
    family = _family(people)
    pairs = _typical(_pairs(family), family)
    partners = _partners(pairs, family)
    paired = np.zeros(len(family.rows), dtype=np.bool_)
    if len(partners):
        kept = pd.MultiIndex.from_arrays([family.role[pairs.one], family.role[pairs.other]]).isin(partners)
        paired[pairs.one[kept]] = paired[pairs.other[kept]] = True
    lonely = _lonely(family, paired, partners)
    return _table(people, family, paired, lonely, _beside_awake(people, family, pairs))


def _family(people: Population) -> _Family:
    rows = people.now
    entries = entry_functions(people.stacks)
    entry, _ = pd.factorize(people.groups.keys["stack_id"].astype("str").map(entries))
    creator = coded_column(people.frame["created_by"]).codes[rows]
    started, ids = entry.astype(np.int64)[people.group[rows]], people.ids[rows]
    known = np.flatnonzero((creator >= 0) & (started >= 0) & (ids >= 0))
    kin = people.process[people.place[rows]] * (int(creator.max(initial=0)) + 1) + creator
    order = known[np.lexsort((ids[known], kin[known]))]
    role, _ = pd.factorize(kin[order] * (int(entry.max(initial=0)) + 1) + started[order])
    return _Family(rows[order], kin[order], role.astype(np.int64), ids[order])


def _pairs(family: _Family) -> _Pairs:
    """Find pairs of different roles near each other, with none of either in between."""
    parts = [_at_reach(family, reach) for reach in range(1, REACH + 1)]
    one = np.concatenate([one for one, _ in parts])
    other = np.concatenate([other for _, other in parts])
    turned = family.role[one] > family.role[other]
    one, other = np.where(turned, other, one), np.where(turned, one, other)
    return _Pairs(one, other, family.ids[other] - family.ids[one])


def _at_reach(family: _Family, reach: int) -> tuple[Ints, Ints]:
    """Find such pairs that are a number of places apart."""
    one = np.arange(max(len(family.rows) - reach, 0))
    other = one + reach
    near = (family.kin[one] == family.kin[other]) & (family.ids[other] - family.ids[one] <= ID_REACH)
    near &= family.role[one] != family.role[other]
    for between in range(1, reach):
        middle = family.role[one + between]
        near &= (middle != family.role[one]) & (middle != family.role[other])
    return one[near], other[near]


def _typical(pairs: _Pairs, family: _Family) -> _Pairs:
    """Keep of each two roles the pairs at the most frequent distance.

    An ack loop may stand next to another client's reader, but by chance and less often.
    """
    table = pd.DataFrame({"one": family.role[pairs.one], "other": family.role[pairs.other], "distance": pairs.distance})
    count = table.groupby(["one", "other", "distance"])["one"].transform("size")
    most = count.groupby([table["one"], table["other"]]).transform("max")
    kept = ((count >= FEW) & (count == most)).to_numpy(dtype=np.bool_)
    return _Pairs(pairs.one[kept], pairs.other[kept], pairs.distance[kept])


def _partners(pairs: _Pairs, family: _Family) -> pd.MultiIndex:
    """Return the roles that are mostly started together: half of the smaller one are paired."""
    size = np.bincount(family.role)
    roles = pd.DataFrame({"one": family.role[pairs.one], "other": family.role[pairs.other]})
    matched = roles.groupby(["one", "other"]).size()
    smaller = np.minimum(size[matched.index.get_level_values(0)], size[matched.index.get_level_values(1)])
    return pd.MultiIndex.from_tuples(matched.index[matched.to_numpy() >= COMPLETE * smaller].tolist(), names=_PAIR)


def _lonely(family: _Family, paired: Flags, partners: pd.MultiIndex) -> Ints:
    """Return of each role how many goroutines are orphans: unpaired ones beyond those that its partners have, too."""
    size = np.bincount(family.role)
    alone = np.bincount(family.role[~paired], minlength=len(size))
    orphans = np.full(len(size), -1, dtype=np.int64)
    for one, other in ((0, 1), (1, 0)):
        role = partners.get_level_values(one).to_numpy(dtype=np.int64)
        partner = partners.get_level_values(other).to_numpy(dtype=np.int64)
        more = np.minimum(alone[role] - alone[partner], size[role] - size[partner])
        _least(orphans, role, np.maximum(more, 0))
    return np.where(_overlaps(family, paired), np.maximum(orphans, 0), 0)


def _least(result: Ints, place: Ints, values: Ints) -> None:
    """Keep the least value of each place; -1 is none yet."""
    order = np.argsort(-values, kind="stable")
    least = np.full(len(result), -1, dtype=np.int64)
    least[place[order]] = values[order]
    seen = least >= 0
    result[seen] = np.where(result[seen] < 0, least[seen], np.minimum(result[seen], least[seen]))


def _overlaps(family: _Family, paired: Flags) -> Flags:
    """Tell in which roles some of the unpaired are younger than half of the paired."""
    size = int(family.role.max(initial=-1)) + 1
    middle = np.full(size, np.inf)
    medians = pd.Series(family.ids[paired]).groupby(family.role[paired]).median()
    middle[medians.index.to_numpy(dtype=np.int64)] = medians.to_numpy()
    alone = np.bincount(family.role[~paired], minlength=size)
    younger = np.bincount(family.role[~paired & (family.ids > middle[family.role])], minlength=size)
    return np.asarray(younger >= YOUNGER * np.maximum(alone, 1))


def _beside_awake(people: Population, family: _Family, pairs: _Pairs) -> Flags:
    awake = np.append(people.state.names.isin(ALIVE_STATES), [False])[people.state.codes[family.rows]]
    beside = np.zeros(len(family.rows), dtype=np.bool_)
    beside[pairs.one[awake[pairs.other]]] = True
    beside[pairs.other[awake[pairs.one]]] = True
    return beside


def _table(people: Population, family: _Family, paired: Flags, lonely: Ints, beside: Flags) -> pd.DataFrame:
    alone = ~paired & (lonely > 0)[family.role]
    rows = family.rows[alone]
    most = np.zeros(people.size, dtype=np.int64)
    np.maximum.at(most, people.group[rows], lonely[family.role[alone]])
    orphans = np.where(_scattered(people, rows), np.minimum(people.count(rows), most), 0)
    return pd.DataFrame(
        {
            "paired": people.count(family.rows[paired]),
            "orphans": orphans,
            "paired_awake": np.nan_to_num(people.share(family.rows, beside)),
        }
    )


def _scattered(people: Population, rows: Ints) -> Flags:
    """Tell which groups were not started in one loop: the rest of a pool is no orphan."""
    low = np.full(people.size, np.iinfo(np.int64).max)
    high = np.full(people.size, -1)
    np.minimum.at(low, people.group[rows], people.ids[rows])
    np.maximum.at(high, people.group[rows], people.ids[rows])
    count = people.count(rows)
    return np.asarray((count > 1) & ((high - low) >= POOL_ID_GAP * np.maximum(count - 1, 1)))
