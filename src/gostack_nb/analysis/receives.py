"""Table -> table: who is blocked in a channel receive, and whether a sender can still come."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.grouping import count_leaked
from gostack_nb.analysis.growth import movements
from gostack_nb.analysis.keys import (
    DEFAULT_KEY,
    NEEDED,
    Coded,
    Groups,
    Ints,
    coded,
    describe,
    number_groups,
    ranked,
    sort_places,
    typical_rows,
)
from gostack_nb.analysis.quantiles import group_values
from gostack_nb.analysis.siblings import entry_functions, siblings, siblings_by_function
from gostack_nb.analysis.states import RECEIVE_STATES
from gostack_nb.analysis.suspects.limits import FEW, GC_PERIOD_MINUTES, INTERVALS, MOST, POOL_ID_GAP, WIDE
from gostack_nb.analysis.suspects.orphans import TOLD_BY, count_orphans
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of

Flags = NDArray[np.bool_]

SIGNS_NEEDED = 2
"""Waits that differ, ids spread over the process's life and creators that are gone: each has an innocent cause too. A
pool that is served in turn waits for different times (a collection stamps the start of a wait), a pool that grows on
demand has spread ids (they only grow, and every P takes them in batches of 16), and a starter may return at once. Two
together need two causes. A judgement."""

READINGS = (
    "nil channel: never wakes",
    "orphans likely",
    "one of a kind",
    "in step",
    "worker pool",
    "undecided",
)

NIL_RECEIVE = "chan receive (nil chan)"


@dataclass(frozen=True, slots=True)
class Receivers:
    """The goroutines that are blocked in a receive, in groups, and all goroutines of the same snapshots."""

    everyone: pd.DataFrame
    rows: pd.DataFrame
    groups: Groups


@checked
def blocked_receives(source: Dataset | pd.DataFrame) -> pd.DataFrame:
    """List who is blocked in a channel receive, with the evidence that tells orphans from idle workers.

    Parameters
    ----------
    source : Dataset or DataFrame
        Goroutines. A Dataset adds the siblings and, with several snapshots, arrivals and exits;
        of a bare table these columns are NA.

    Returns
    -------
    DataFrame
        One row per (snapshot, group), a group being one signature, state and creator function; the most suspicious
        reading first, then the biggest. `snapshot_id`, `reading`, `count` (int64, goroutines), the columns that
        describe the group (category), `wait_min`, `wait_max`, `spread_minutes` (Int64), `wait_median` (Float64),
        in minutes; `id_spread` (Float64, (90 % - 10 % quantile of ids) / highest id of the snapshot);
        `parents_gone` (Float64, share of the known creator goroutines that are not alive); `sibling_expected`,
        `excess` (Int64, goroutines, see `siblings`; the excess is at most `count`); `arrivals`, `exits`,
        `arrival_intervals` (Int64, by id, over the last run of the process, see `growth`); `leaked` (Int64);
        `orphans`, `workers` (Int64, goroutines that leaked and that are healthy, in the latest snapshot of each
        process; NA elsewhere and where nothing tells), `told_by` (category: `leak profile`, `siblings` (more than are
        due), `neighbours` (by id, no sibling beside them), `ids over time` (arrived and never left), `whole group`;
        NA).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Notes
    -----
    `reading` is the first of these that holds:

    - `nil channel: never wakes`: the state says so;
    - `orphans likely`: the runtime marked one as leaked;
    - `one of a kind`: a single goroutine;
    - `orphans likely`: 3 or more above the number of its siblings;
    - `in step`: as many as its siblings, unless they arrive and never leave;
    - `orphans likely`: arrivals in two or more intervals and no exit, and no siblings to compare with;
    - `worker pool`: started by one goroutine with neighbouring ids, and none arrived later; in one dump alone,
      waits must not differ by 2 minutes or more;
    - `orphans likely`: none was seen to exit, and two of: waits differ by 2 minutes or more, ids spread over more than
      30 % of the process's life, more than 90 % of the creators gone;
    - `undecided`.

    The limits and their reasons are constants of `gostack_nb.analysis.suspects.limits`.

    Examples
    --------
    >>> gs.blocked_receives(dataset)[["reading", "count", "user_function"]]
               reading  count                 user_function
    0    one of a kind      1  main.(*server).broadcastLoop
    1      worker pool     71  main.(*server).deliverWorker
    2        undecided     29       main.(*session).ackLoop
    3    one of a kind      1  main.(*server).broadcastLoop
    4        undecided     71  main.(*server).deliverWorker
    ..             ...    ...                           ...
    74     worker pool     71  main.(*server).deliverWorker
    75  orphans likely    125       main.(*session).ackLoop
    76  orphans likely    154       main.(*session).ackLoop
    77   one of a kind      1  main.(*server).broadcastLoop
    78     worker pool     71  main.(*server).deliverWorker
    <BLANKLINE>
    [79 rows x 3 columns]
    """
    receivers = _receivers(source)
    table = pd.concat([receivers.groups.keys[["snapshot_id"]], _facts(receivers)], axis=1)
    table = pd.concat([table, _siblings(source, receivers), _movements(source, receivers)], axis=1)
    table = pd.concat([table, _orphans(source, receivers)], axis=1)
    table.insert(1, "reading", pd.Series(_reading(table, receivers)))
    snapshot, *names = sort_places(receivers.groups.keys)
    return ranked(table, snapshot, table["reading"].cat.codes, -table["count"], *names)


def _receivers(source: Dataset | pd.DataFrame) -> Receivers:
    needed = (*NEEDED, "goroutine_id", "creator_id", "wait_minutes", "leaked")
    everyone = goroutines_of(source, *needed)
    state = coded(everyone, "state")
    wanted = np.append(state.names.isin(RECEIVE_STATES), [False])
    rows = everyone.loc[wanted[state.codes], list(needed)]
    groups = number_groups({name: coded(rows, name) for name in ("snapshot_id", *DEFAULT_KEY)})
    return Receivers(everyone, rows, groups)


def _facts(receivers: Receivers) -> pd.DataFrame:
    rows, groups = receivers.rows, receivers.groups
    waits = group_values(rows["wait_minutes"], groups)
    ids = group_values(rows["goroutine_id"], groups)
    highest = _highest_ids(receivers.everyone)[groups.keys["snapshot_id"].cat.codes]
    spread = (ids.quantile(0.9) - ids.quantile(0.1)) / np.maximum(highest, 1)
    table = describe(rows, groups)
    table.insert(0, "count", groups.count())
    table = table.assign(
        wait_min=waits.whole(0),
        wait_median=waits.fraction(0.5),
        wait_max=waits.whole(1),
        id_spread=pd.arrays.FloatingArray(np.nan_to_num(spread), ids.known == 0),
        parents_gone=_parents_gone(receivers),
        leaked=count_leaked(rows, groups),
    )
    return table.assign(spread_minutes=table["wait_max"] - table["wait_min"])


def _highest_ids(everyone: pd.DataFrame) -> Ints:
    """Return the highest id of each snapshot, by the snapshot's code; -1 where there are no ids."""
    codes = everyone["snapshot_id"].cat.codes.to_numpy()
    ids = pd.Series(everyone["goroutine_id"].to_numpy(dtype=np.int64, na_value=-1))
    highest = ids.groupby(codes).max().reindex(range(len(everyone["snapshot_id"].cat.categories)))
    return highest.fillna(-1).to_numpy(dtype=np.int64)


def _parents_gone(receivers: Receivers) -> pd.arrays.FloatingArray:
    """Return the share of each group's known creator goroutines that are not alive in the same snapshot."""
    alive = _identities(receivers.everyone, "goroutine_id")
    creator = _identities(receivers.rows, "creator_id")
    known = creator >= 0
    wanted = pd.unique(creator[known])
    found = pd.unique(alive[pd.Series(alive).isin(wanted).to_numpy()])
    gone = known & ~pd.Series(creator).isin(found).to_numpy()
    number, size = receivers.groups.number, receivers.groups.size
    told = np.bincount(number[known], minlength=size)
    lost = np.bincount(number[gone], minlength=size)
    return pd.arrays.FloatingArray(lost / np.maximum(told, 1), told == 0)


def _identities(frame: pd.DataFrame, name: str) -> Ints:
    """Pack snapshot and id into one integer; -1 where the id is not known."""
    snapshots = frame["snapshot_id"]
    ids = frame[name].to_numpy(dtype=np.int64, na_value=-1)
    return np.where(ids < 0, -1, ids * len(snapshots.cat.categories) + snapshots.cat.codes.to_numpy())


def _siblings(source: Dataset | pd.DataFrame, receivers: Receivers) -> pd.DataFrame:
    """Return `sibling_expected` and `excess` of each group's function under its most frequent creator goroutine."""
    groups = receivers.groups
    unknown = pd.array([pd.NA] * groups.size, dtype="Int64")
    if not isinstance(source, Dataset):
        return pd.DataFrame({"sibling_expected": unknown, "excess": unknown})
    rows = receivers.rows.iloc[_typical_births(receivers)]
    entries = entry_functions(source.stacks).reindex(rows["stack_id"].astype("str")).to_numpy()
    births = pd.DataFrame(
        {
            "snapshot_id": rows["snapshot_id"].astype("str").to_numpy(),
            "created_by": rows["created_by"].astype("str").to_numpy(),
            "creator_id": rows["creator_id"].to_numpy(dtype=np.int64, na_value=-1),
            "entry_function": entries,
        }
    )
    one, several = (
        _matched(births, siblings(source)),
        _matched(births.assign(creator_id=-1), siblings_by_function(source)),
    )
    several = several.where(several["excess"] > 0)  # whole clients that leak are in step, too
    expected = one["expected"].fillna(several["expected"])
    excess = one["excess"].fillna(several["excess"]).clip(lower=0)
    most = pd.Series(groups.count(), dtype="Int64")
    return pd.DataFrame({"sibling_expected": expected, "excess": _at_most(excess, most)})


def _matched(births: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    keys = ["snapshot_id", "created_by", "creator_id", "entry_function"]
    text = {name: table[name].astype("str") for name in ("snapshot_id", "created_by", "entry_function")}
    table = table.assign(**text, creator_id=table["creator_id"].fillna(-1).astype("int64"))
    return births.merge(table[[*keys, "expected", "excess"]], on=keys, how="left", validate="m:1")


def _typical_births(receivers: Receivers) -> Ints:
    """Return for each group a row with its most frequent pair of creator goroutine and stack."""
    rows = receivers.rows
    creator, names = pd.factorize(rows["creator_id"].to_numpy(dtype=np.int64, na_value=-1), sort=True)
    pairs = number_groups({"creator": Coded(creator, pd.Index(names)), "stack": coded(rows, "stack_id")})
    return typical_rows(receivers.groups, Coded(pairs.number, pd.RangeIndex(pairs.size)))


def _movements(source: Dataset | pd.DataFrame, receivers: Receivers) -> pd.DataFrame:
    names = ["arrivals", "exits", "arrival_intervals"]
    keys = receivers.groups.keys
    if not isinstance(source, Dataset):
        return pd.DataFrame(dict.fromkeys(names, pd.array([pd.NA] * len(keys), dtype="Int64")))
    process = source.snapshots.astype(dict.fromkeys(["snapshot_id", "service", "instance"], "str"))
    keys = keys.astype("str").merge(process[["snapshot_id", "service", "instance"]], on="snapshot_id", how="left")
    moved = movements(source)
    on = ["service", "instance", *DEFAULT_KEY]
    moved = moved.astype(dict.fromkeys(on, "str"))
    return keys.merge(moved[[*on, *names]], on=on, how="left", validate="m:1")[names]


def _orphans(source: Dataset | pd.DataFrame, receivers: Receivers) -> pd.DataFrame:
    """Return how many of each group are orphans and healthy workers; at most as many as it has."""
    if not isinstance(source, Dataset):
        unknown = pd.array([pd.NA] * receivers.groups.size, dtype="Int64")
        nobody = pd.Categorical([None] * receivers.groups.size, categories=pd.Index(TOLD_BY, dtype="str"))
        return pd.DataFrame({"orphans": unknown, "workers": unknown, "told_by": nobody})
    on = ["snapshot_id", *DEFAULT_KEY]
    found = receivers.groups.keys[on].astype("str").merge(count_orphans(source), on=on, how="left", validate="m:1")
    found = found[["orphans", "workers", "told_by"]]
    most = pd.Series(receivers.groups.count(), dtype="Int64")
    orphans = _at_most(found["orphans"], most)
    return found.assign(orphans=orphans, workers=_at_most(found["workers"], most - orphans))


def _at_most(numbers: pd.Series, most: pd.Series) -> pd.Series:
    return numbers.where(numbers.isna() | (numbers <= most), most)


def _reading(table: pd.DataFrame, receivers: Receivers) -> pd.Categorical:
    grew = _holds(table["arrival_intervals"] >= INTERVALS) & _holds(table["exits"] == 0)
    in_step = _holds(table["excess"] < FEW)
    rules = [
        (table["state"] == NIL_RECEIVE, "nil channel: never wakes"),
        (_holds(table["leaked"] > 0), "orphans likely"),
        (table["count"] == 1, "one of a kind"),
        (_holds(table["excess"] >= FEW), "orphans likely"),
        (in_step & ~grew, "in step"),
        (~in_step & grew, "orphans likely"),
        (_is_pool(table, receivers), "worker pool"),
        (~in_step & _has_signs(table), "orphans likely"),
    ]
    chosen = np.select([np.asarray(rule) for rule, _ in rules], [READINGS.index(word) for _, word in rules], -1)
    codes = np.where(chosen < 0, READINGS.index("undecided"), chosen)
    return pd.Categorical.from_codes(codes, categories=pd.Index(READINGS, dtype="str"))


def _is_pool(table: pd.DataFrame, receivers: Receivers) -> Flags:
    """Tell which groups one goroutine started in one go."""
    ids = group_values(receivers.rows["goroutine_id"], receivers.groups)
    creators = group_values(receivers.rows["creator_id"], receivers.groups)
    one_creator = (creators.known == table["count"]) & (creators.quantile(0) == creators.quantile(1))
    gaps = (ids.quantile(1) - ids.quantile(0)) / np.maximum(table["count"] - 1, 1)
    still = _holds(table["arrivals"] == 0)
    together = table["arrivals"].isna() & ~_holds(table["spread_minutes"] >= GC_PERIOD_MINUTES)
    return np.asarray(one_creator & (gaps < POOL_ID_GAP) & (still | together))


def _has_signs(table: pd.DataFrame) -> Flags:
    """Tell which groups have two of the three signs of one dump, and no exit."""
    signs = (
        _holds(table["spread_minutes"] >= GC_PERIOD_MINUTES).astype(np.int64)
        + _holds(table["id_spread"] > WIDE)
        + _holds(table["parents_gone"] > MOST)
    )
    return (signs >= SIGNS_NEEDED) & ~_holds(table["exits"] > 0)


def _holds(known: pd.Series) -> Flags:
    """Take a nullable answer as False where it is not known."""
    return known.to_numpy(dtype=np.bool_, na_value=False)
