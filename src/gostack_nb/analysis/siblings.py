"""Dataset -> table: functions started together that should be alive in equal numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.keys import Coded, Ints, coded, name_ranks, ranked
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of
from gostack_nb.model.needed import need_columns

LEAST_EQUAL = 5
"""Equal counts below this are chance: nearly every program has two functions with one or two goroutines each."""

NEAR_SHARE = 0.5
"""At least this share must have a sibling next to it: goroutines of one client get neighbouring ids (n, n+1, n+2),
pools that are started one after the other do not. Ids come in batches of 16, so a few siblings are parted."""

REACH_LIMIT = 16
"""Ids are handed to a processor 16 at a time (runtime/proc.go, _GoidCacheBatch): farther apart is not "next to"."""

NOT_ENTRIES = frozenset({"runtime.goexit", "runtime.main"})
"""Outermost frames of every goroutine and of the main one: the runtime's, not what `go` started."""

WRAPPER = r"\.(?:gowrap|deferwrap)\d+$"
"""Wrappers that the compiler makes around `go f(x)` and `defer f(x)` (cmd/compile, since Go 1.22)."""

ROLES = ("in step", "in excess", "missing")

SETS = ("snapshot_id", "created_by", "creator_id")


@dataclass(frozen=True, slots=True)
class Births:
    """Of each goroutine with a known creator: its set of siblings (packed), its entry function, its id."""

    family: Ints
    entry: Ints
    goroutine_id: Ints
    snapshot: Coded
    creator: Coded
    entries: pd.Index

    @property
    def creator_bits(self) -> int:
        """How many bits the creator function takes."""
        return len(self.creator.names).bit_length()

    @property
    def snapshot_bits(self) -> int:
        """How many bits the snapshot takes."""
        return len(self.snapshot.names).bit_length()

    def unpack(self, family: Ints) -> pd.DataFrame:
        """Return the columns that a set of siblings stands for."""
        creator = family & ((1 << self.creator_bits) - 1)
        snapshot = (family >> self.creator_bits) & ((1 << self.snapshot_bits) - 1)
        creator_id = (family >> (self.creator_bits + self.snapshot_bits)) - 1
        return pd.DataFrame(
            {
                "snapshot_id": pd.Categorical.from_codes(snapshot, categories=self.snapshot.names),
                "created_by": pd.Categorical.from_codes(creator, categories=self.creator.names),
                "creator_id": pd.arrays.IntegerArray(creator_id, creator_id < 0),
            }
        )


@checked
def siblings(dataset: Dataset) -> pd.DataFrame:
    """Compare how many goroutines live of each function that one goroutine starts.

    A server that starts a reader, a writer and an ack loop for every client has equally many of each. If two
    or more functions agree and are started side by side, another one that has more has lost its siblings.

    Parameters
    ----------
    dataset : Dataset
        Forms without creators (debug=1, debug=0) give no rows.

    Returns
    -------
    DataFrame
        One row per (snapshot, creator function, creator goroutine, function started), of creators that have at least
        five living goroutines of at least two functions; the greatest excess first within a snapshot:
        `snapshot_id`, `created_by` (category), `creator_id` (Int64; NA before Go 1.21), `entry_function` (category:
        what `go` started, the outermost frame), `count` (int64, in any state), `expected` (Int64, goroutines: the most
        common count, 5 or more, that two or more functions share; NA if there is none), `excess` (Int64, count -
        expected), `role` (category: "in step", "in excess", "missing"), `near` (Float64, 0 to 1: the share that has a
        sibling with a neighbouring id; NA where nothing is expected). A function that is not started beside the others
        (a worker pool), or of which one goroutine lives, has no expected number.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> gs.siblings(gs.latest(dataset))[["entry_function", "count", "expected", "excess"]].head(3)
                  entry_function  count  expected  excess
    0    main.(*session).ackLoop    154        29     125
    1   main.(*session).readLoop     29        29       0
    2  main.(*session).writeLoop     29        29       0
    """
    births = _births(dataset, each_creator=True)
    return _compared(births, _counts(births))


@checked
def siblings_by_function(dataset: Dataset) -> pd.DataFrame:
    """Compare as `siblings` does, with all goroutines that one creator function ran in taken together.

    For servers that handle each client in a goroutine of its own, which then starts the reader and the writer:
    there every creator goroutine has one of each.

    Parameters
    ----------
    dataset : Dataset
        As for `siblings`.

    Returns
    -------
    DataFrame
        As `siblings`; `creator_id` is NA throughout.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> gs.siblings_by_function(gs.latest(dataset))[["entry_function", "count", "expected"]].head(3)
                  entry_function  count  expected
    0    main.(*session).ackLoop    154        29
    1   main.(*session).readLoop     29        29
    2  main.(*session).writeLoop     29        29
    """
    births = _births(dataset, each_creator=False)
    return _compared(births, _counts(births))


def entry_functions(stacks: pd.DataFrame) -> pd.Series:
    """Return the function that `go` started, for every stack.

    It is the outermost frame: trailing frames of the runtime and wrappers of the compiler are passed over, unless
    there is nothing else (a goroutine that has not run yet shows its wrapper alone).

    Parameters
    ----------
    stacks : DataFrame
        Needs `stack_id`, `frame_index`, `function` and `is_creator`.

    Returns
    -------
    Series
        Named `entry_function` (str), indexed by `stack_id` (str).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.
    """
    need_columns(stacks, ("stack_id", "frame_index", "function", "is_creator"), "the table of stacks")
    calls = stacks[~stacks["is_creator"].fillna(value=False).astype(bool)]
    function = calls["function"].astype("str")
    passed = function.isin(NOT_ENTRIES) | function.str.contains(WRAPPER, regex=True)
    table = pd.DataFrame(
        {
            "stack": calls["stack_id"].astype("str"),
            "entry": ~passed,
            "frame": calls["frame_index"],
            "function": function,
        }
    )
    outermost = table.sort_values(["stack", "entry", "frame"]).drop_duplicates("stack", keep="last")
    return outermost.set_index("stack")["function"].rename("entry_function").rename_axis("stack_id")


def _births(dataset: Dataset, *, each_creator: bool) -> Births:
    frame = goroutines_of(dataset, *SETS, "stack_id", "goroutine_id")
    creator, snapshot, stack = (
        coded(frame, "created_by"),
        coded(frame, "snapshot_id"),
        coded(frame, "stack_id"),
    )
    names, entry_of = _entry_codes(dataset.stacks, stack.names)
    entry = entry_of[stack.codes]
    rows = np.flatnonzero((creator.codes >= 0) & (entry >= 0) & (snapshot.codes >= 0))
    ids = frame["goroutine_id"].to_numpy(dtype=np.int64, na_value=-1)[rows]
    family = np.zeros(len(rows), dtype=np.int64)
    if each_creator:
        family = frame["creator_id"].to_numpy(dtype=np.int64, na_value=-1)[rows] + 1
    family = (family << len(snapshot.names).bit_length()) | snapshot.codes[rows]
    family = (family << len(creator.names).bit_length()) | creator.codes[rows]
    return Births(family, entry[rows], ids, snapshot, creator, names)


def _entry_codes(stacks: pd.DataFrame, stack_ids: pd.Index) -> tuple[pd.Index, Ints]:
    """Return the entry functions' names, sorted, and the code of each stack's; the last is NA's."""
    entries = entry_functions(stacks).reindex([*stack_ids.astype(object), None])
    codes, names = pd.factorize(entries, sort=True)
    return pd.Index(names, dtype="str"), codes.astype(np.int64)


def _counts(births: Births) -> pd.DataFrame:
    """Count per set and entry function; sets that are too small to tell anything are left out."""
    bits = len(births.entries).bit_length()
    packed, count = np.unique((births.family << bits) | births.entry, return_counts=True)
    family, entry = packed >> bits, packed & ((1 << bits) - 1)
    starts = np.flatnonzero(np.diff(family, prepend=-1))
    kinds = np.diff(starts, append=len(family))
    total = np.add.reduceat(count, starts) if len(starts) else kinds
    big = np.repeat((total >= LEAST_EQUAL) & (kinds > 1), kinds)
    return pd.DataFrame({"family": family[big], "entry": entry[big], "count": count[big]})


def _shared_counts(counts: pd.DataFrame) -> pd.Series:
    """Return for each set the most common count that two or more functions share, the smallest of equals."""
    ties = counts[counts["count"] >= LEAST_EQUAL].groupby(["family", "count"]).size().reset_index(name="shared")
    ties = ties[ties["shared"] > 1].sort_values(["family", "shared", "count"], ascending=[True, False, True])
    return ties.drop_duplicates("family").set_index("family")["count"]


def _compared(births: Births, counts: pd.DataFrame) -> pd.DataFrame:
    expected, near = np.full(len(counts), -1, dtype=np.int64), np.full(len(counts), np.nan)
    for rows, shared, shares in _confirmed(births, counts):
        member = (shares >= NEAR_SHARE) & (counts["count"].to_numpy()[rows] > 1)
        expected[rows] = np.where(member, shared, -1)
        near[rows] = shares
    table = births.unpack(counts["family"].to_numpy())
    table["entry_function"] = pd.Categorical.from_codes(counts["entry"], categories=births.entries)
    table["count"] = counts["count"]
    table["expected"] = pd.arrays.IntegerArray(expected, expected < 0)
    table["excess"] = table["count"] - table["expected"]
    role = np.select([expected < 0, table["count"] == expected, table["count"] > expected], [-1, 0, 1], 2)
    table["role"] = pd.Categorical.from_codes(role, categories=pd.Index(ROLES, dtype="str"))
    table["near"] = pd.arrays.FloatingArray(np.nan_to_num(near), np.isnan(near))
    return _greatest_excess_first(table, counts)


def _confirmed(births: Births, counts: pd.DataFrame) -> Iterator[tuple[Ints, int, NDArray[np.float64]]]:
    """Yield the rows of each set whose equal functions are started side by side, the shared count, each share near."""
    shared = _shared_counts(counts)
    used = pd.Series(births.family).isin(shared.index).to_numpy()
    people = pd.DataFrame({"family": births.family[used], "entry": births.entry[used], "id": births.goroutine_id[used]})
    ids = dict(iter(people[people["id"] >= 0].sort_values("id").groupby("family")))
    candidates = counts[counts["family"].isin(shared.index)]
    for family, table in candidates.groupby("family"):
        expected = int(shared[family])
        shares = _near_shares(ids.get(family, people.iloc[:0]), table, expected)
        if (shares[table["count"] == expected] >= NEAR_SHARE).sum() > 1:
            yield table.index.to_numpy(), expected, shares


def _near_shares(people: pd.DataFrame, table: pd.DataFrame, expected: int) -> NDArray[np.float64]:
    """Return for each function the share that has an equal sibling near; of a bigger one, of the siblings near it."""
    reach = min(len(table), REACH_LIMIT)
    ids = {entry: rows.to_numpy() for entry, rows in people.groupby("entry")["id"]}
    equal = [entry for entry in table["entry"][table["count"] == expected] if entry in ids]
    shares = []
    for entry, count in zip(table["entry"], table["count"], strict=True):
        own = ids.get(entry, np.zeros(0, dtype=np.int64))
        others = [ids[other] for other in equal if other != entry]
        rest = np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *others]))
        shares.append(near_share(rest, own, reach) if count > expected else near_share(own, rest, reach))
    return np.array(shares)


def near_share(ids: Ints, others: Ints, reach: int) -> float:
    """Return the share of `ids` that have one of `others` (sorted) at most `reach` away; 0 if there are none."""
    if not len(ids) or not len(others):
        return 0.0
    place = np.searchsorted(others, ids)
    after = np.abs(others[np.minimum(place, len(others) - 1)] - ids)
    before = np.abs(ids - others[np.maximum(place - 1, 0)])
    return float(np.mean(np.minimum(before, after) <= reach))


def _greatest_excess_first(table: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    excess = table["excess"].fillna(-1).groupby(counts["family"]).transform("max").to_numpy(dtype=np.int64)
    size = table["count"].groupby(counts["family"]).transform("sum").to_numpy()
    names = coded(table, "created_by")
    return ranked(
        table,
        table["snapshot_id"].cat.codes,
        -excess,
        -size,
        name_ranks(names)[names.codes],
        table["creator_id"].fillna(-1),
        -table["count"],
        counts["entry"],
    )
