"""Dataset -> table: who waits for which lock, who may hold it, and which locks wait for each other."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import coded
from gostack_nb.analysis.states import LOCK_STATES, normalized_state
from gostack_nb.model.addresses import address_table
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of

OBJECT_BYTES = 256
"""A lock lies in the object that methods get as a pointer: the first lock this near above a pointer is taken to be in
that object. A judgement; bigger objects are missed and small neighbours taken in, hence "may hold"."""

CONVOY = 10
"""Goroutines that wait for one lock at the same time. Short critical sections queue a few. A judgement."""

MOST_HOLDERS = 5
"""Goroutines that are named as possible holders."""

Lock: TypeAlias = int
Waiting: TypeAlias = Mapping[int, Lock]


@dataclass(frozen=True, slots=True)
class LockGraph:
    """One snapshot: the lock that each goroutine waits for, who may hold each, what those wait for, and the circles."""

    waiting: dict[int, Lock]
    holders: dict[Lock, list[int]]
    behind: dict[Lock, Lock]
    cycles: frozenset[Lock]


def lock_graph(waiting: Waiting, pointers: Mapping[int, Iterable[int]]) -> LockGraph:
    """Find the possible holders of each lock, the lock that those wait for, and pairs that wait for each other.

    Parameters
    ----------
    waiting : mapping of int to int
        Goroutine id to the address of the lock that it waits for.
    pointers : mapping of int to iterable of int
        Goroutine id to the addresses in its arguments, of waiting and other goroutines.

    Examples
    --------
    >>> graph = lock_graph({7: 0xA00, 8: 0xB00}, {7: {0xA00, 0xB00}, 8: {0xB00, 0xA00}, 9: {0xA10}})
    >>> graph.holders[0xA00], graph.behind[0xA00] == 0xB00, len(graph.cycles)
    ([8], True, 2)
    """
    locks = sorted(set(waiting.values()))
    holders: dict[Lock, list[int]] = {lock: [] for lock in locks}
    for goroutine, known in pointers.items():
        for lock in _locks_near(known, locks):
            if waiting.get(goroutine) != lock:
                holders[lock].append(goroutine)
    behind = {lock: sorted({waiting[one] for one in by if one in waiting}) for lock, by in holders.items()}
    cycles = frozenset(lock for lock, others in behind.items() if any(lock in behind[other] for other in others))
    return LockGraph(dict(waiting), holders, _preferred(behind), cycles)


def _preferred(behind: Mapping[Lock, list[Lock]]) -> dict[Lock, Lock]:
    """Choose of several locks one that waits back, else the first."""
    return {
        lock: next((other for other in others if lock in behind[other]), others[0])
        for lock, others in behind.items()
        if others
    }


def _locks_near(pointers: Iterable[int], locks: list[Lock]) -> set[Lock]:
    """Return the locks that lie in an object that one of the pointers may point to."""
    next_lock = ((pointer, bisect_left(locks, pointer)) for pointer in pointers)
    return {locks[at] for pointer, at in next_lock if at < len(locks) and locks[at] - pointer < OBJECT_BYTES}


def lock_graphs(addresses: pd.DataFrame) -> dict[str, LockGraph]:
    """Draw the graph of each snapshot from a table of `read_addresses`."""
    graphs = {}
    for name, rows in addresses.groupby("snapshot_id", observed=True):
        ids = rows["goroutine_id"].tolist()
        locked = ((rows["operation"] == "lock") & rows["address"].notna()).tolist()
        waiting = {one: int(lock) for one, lock, is_lock in zip(ids, rows["address"], locked, strict=True) if is_lock}
        if waiting:
            graphs[str(name)] = lock_graph(waiting, dict(zip(ids, rows["pointers"], strict=True)))
    return graphs


@checked
def lock_waits(dataset: Dataset, *, addresses: pd.DataFrame | None = None) -> pd.DataFrame:
    r"""List who waits for which lock.

    The address of a lock stands in the arguments of the dump's text, which the tables leave out: `read_addresses` reads
    it again. Without it, or where the lock was not printed, waiters are listed by the line that they wait at, and by
    their stack if that has no line of yours.

    Parameters
    ----------
    dataset : Dataset
        As `read` returns it.
    addresses : DataFrame, optional
        As `read_addresses` returns it: tells the locks.

    Returns
    -------
    DataFrame
        One row per (snapshot, lock), or (snapshot, line) where the lock is not known, or (snapshot, stack) where the
        line is not known either; most waiters first within a snapshot: `snapshot_id` (category), `lock` (str,
        hexadecimal; NA), `waiters` (int64, goroutines), `convoy` (bool: 10 or more; never where neither lock nor line
        is known), `states` (list of str), `wait_min`, `wait_max` (Int64, minutes), `user_function`, `user_location`
        (str, of the most frequent waiter), `lines` (int64, how many distinct lines wait), `holders` (list of int, at
        most 5 goroutines that do not wait for it and have its address or its object's in their arguments: they may hold
        it), `waits_for` (str, a lock that one of those waits for in turn; NA), `cycle` (bool: who may hold that one
        waits for this one, AB-BA).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> import gostack_nb as gs
    >>> locked = b"goroutine 7 [sync.Mutex.Lock, 3 minutes]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n"
    >>> dataset = gs.read(locked)
    >>> gs.lock_waits(dataset, addresses=gs.read_addresses(dataset))[["user_location", "waiters"]].values.tolist()
    [['/srv/main.go:9', 1]]
    """
    waiters = lock_waiters(dataset, address_table([]) if addresses is None else addresses)
    stack = waiters["stack_id"].astype("str")
    keys = waiters["lock"].fillna(waiters["user_location"]).fillna(stack)
    rows = [_row(group) for _, group in waiters.groupby(["snapshot_id", keys], observed=True, sort=True)]
    table = pd.DataFrame(rows, columns=_COLUMNS).astype(_DTYPES)
    table["snapshot_id"] = pd.Categorical(table["snapshot_id"], categories=waiters["snapshot_id"].cat.categories)
    order = ["snapshot_id", "waiters", "lock", "user_location"]
    return table.sort_values(order, ascending=[True, False, True, True], kind="stable", ignore_index=True)


def lock_waiters(dataset: Dataset, addresses: pd.DataFrame) -> pd.DataFrame:
    """List the goroutines that wait for a lock, each with the lock's address where it is known.

    Returns
    -------
    DataFrame
        One row per goroutine: `snapshot_id`, `goroutine_id`, `state` (normalized), `wait_minutes`, `user_function`,
        `user_location`, `stack_id`, `lock`, `waits_for` (str, hexadecimal; NA), `cycle` (bool), `holders` (tuple of
        int).
    """
    frame = goroutines_of(dataset, "snapshot_id", "goroutine_id", "wait_minutes", "stack_id")
    state = normalized_state(frame)
    rows = frame[state.isin(LOCK_STATES).to_numpy()]
    graphs = lock_graphs(addresses)
    found = [
        _found(graphs.get(str(name)), one) for name, one in zip(rows["snapshot_id"], rows["goroutine_id"], strict=True)
    ]
    location = coded(rows, "user_location")
    return pd.DataFrame(
        {
            **{name: rows[name].array for name in ("snapshot_id", "goroutine_id", "wait_minutes", "stack_id")},
            "state": state[rows.index].astype("str").array,
            "user_function": rows["user_function"].astype("str").array,
            "user_location": pd.Categorical.from_codes(location.codes, categories=location.names).astype("str"),
            "lock": pd.array([one.lock for one in found], dtype="str"),
            "waits_for": pd.array([one.waits_for for one in found], dtype="str"),
            "cycle": np.array([one.cycle for one in found], dtype=np.bool_),
            "holders": pd.Series([one.holders for one in found], dtype=object),
        }
    )


@dataclass(frozen=True, slots=True)
class _Wait:
    """What one goroutine waits for, in words."""

    lock: str | None = None
    waits_for: str | None = None
    cycle: bool = False
    holders: tuple[int, ...] = ()


def _found(graph: LockGraph | None, goroutine: int) -> _Wait:
    lock = graph.waiting.get(goroutine) if graph else None
    if graph is None or lock is None:
        return _Wait()
    other = graph.behind.get(lock)
    return _Wait(hex(lock), None if other is None else hex(other), lock in graph.cycles, tuple(graph.holders[lock]))


_COLUMNS = [
    "snapshot_id",
    "lock",
    "waiters",
    "convoy",
    "states",
    "wait_min",
    "wait_max",
    "user_function",
    "user_location",
    "lines",
    "holders",
    "waits_for",
    "cycle",
]

_DTYPES = {
    "lock": "str",
    "waiters": "int64",
    "convoy": "bool",
    "wait_min": "Int64",
    "wait_max": "Int64",
    "user_function": "str",
    "user_location": "str",
    "lines": "int64",
    "waits_for": "str",
    "cycle": "bool",
}


def _row(waiters: pd.DataFrame) -> tuple[object, ...]:
    """Describe the waiters of one lock."""
    first = waiters.iloc[0]
    places: dict[tuple[str, str], int] = defaultdict(int)
    for place in zip(waiters["user_function"], waiters["user_location"], strict=True):
        places[place] += 1
    function, location = max(sorted(places, key=str), key=lambda place: places[place])
    return (
        first["snapshot_id"],
        first["lock"],
        len(waiters),
        len(waiters) >= CONVOY and bool(pd.notna(first["lock"]) or pd.notna(location)),
        sorted(waiters["state"].unique()),
        waiters["wait_minutes"].min(),
        waiters["wait_minutes"].max(),
        function,
        location,
        len(places),
        list(first["holders"][:MOST_HOLDERS]),
        first["waits_for"],
        first["cycle"],
    )
