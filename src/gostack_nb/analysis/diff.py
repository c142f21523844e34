"""Two tables -> table: what changed from one dump to another."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.growth import TOLD_BY_SOME_FORMS
from gostack_nb.analysis.keys import (
    DEFAULT_KEY,
    DESCRIPTION,
    By,
    Coded,
    Groups,
    Ints,
    coded,
    columns_for,
    describe,
    key_names,
    number_groups,
    ranked,
    sort_places,
)
from gostack_nb.analysis.movements import count_movements
from gostack_nb.analysis.restarts import IDENTITY, Census, restart_reason
from gostack_nb.analysis.snapshots import PROCESS, latest, minutes_since_first
from gostack_nb.errors import ArgumentError
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its goroutines, and its snapshots if they are known."""

    frame: pd.DataFrame
    snapshots: pd.DataFrame | None


@checked
def compare(before: Dataset | pd.DataFrame, after: Dataset | pd.DataFrame, *, by: By = DEFAULT_KEY) -> pd.DataFrame:
    """Compare two dumps group by group: of one process at two times, or of two builds.

    Parameters
    ----------
    before, after : Dataset or DataFrame
        Of a Dataset the latest primary snapshot of every process is compared, added up over the processes
        (`only(dataset, snapshot_id)` picks another); a table of goroutines must be of one snapshot.
    by : str or sequence of str
        The key, as for `group`. The default holds no line numbers and normalized states, so that moved lines and a
        newer Go are no change. A part that one side cannot tell (debug=1 has no states) is NA on both.

    Returns
    -------
    DataFrame
        One row per group on either side, the greatest change first: key columns outside the description; `before`,
        `after`, `change` (int64, goroutines); `arrived` (born since), `left` (gone since), `stayed` (in this group on
        both sides) (Int64, goroutines by id; NA if a side has no ids or is truncated, or the processes are not the
        same); the columns that describe the group (category; of `after` if the group is there).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.
    ArgumentError
        If a table of goroutines holds several snapshots.

    Examples
    --------
    >>> changes = gs.compare(gs.first(dataset), gs.latest(dataset))
    >>> changes[["user_function", "before", "after", "arrived", "left"]].head(1)
                 user_function  before  after  arrived  left
    0  main.(*session).ackLoop      29    154      125     0
    """
    sides = [_side(before, by), _side(after, by)]
    groups = _groups_of(sides, by)
    keys, maps = _united([one.keys for one in groups])
    numbers = [of[one.number] for of, one in zip(maps, groups, strict=True)]
    counts = [np.bincount(number, minlength=len(keys)) for number in numbers]
    words = _words(sides, groups, maps)
    table = words[[name for name in words if name not in DESCRIPTION]].assign(
        before=counts[0], after=counts[1], change=counts[1] - counts[0]
    )
    table = pd.concat([table, _movements(sides, numbers, len(keys)), words[list(DESCRIPTION)]], axis=1)
    return ranked(table, -table["change"].abs(), -table["after"], *sort_places(keys))


def _side(source: Dataset | pd.DataFrame, by: By) -> Side:
    if isinstance(source, Dataset):
        source = latest(source)
        return Side(goroutines_of(source, *columns_for(by), *IDENTITY), source.snapshots)
    frame = goroutines_of(source, *columns_for(by), *IDENTITY)
    several = frame["snapshot_id"].dropna().drop_duplicates().tolist()
    if len(several) > 1:
        msg = f"the table holds {len(several)} snapshots ({', '.join(several[:5])}); pass the rows of one, or a Dataset"
        raise ArgumentError(msg)
    return Side(frame, None)


def _groups_of(sides: list[Side], by: By) -> list[Groups]:
    columns = [{name: coded(side.frame, name) for name in key_names(by)} for side in sides]
    for name in key_names(by):
        untold = any(len(of[name].codes) and (of[name].codes < 0).all() for of in columns)
        if untold and name in TOLD_BY_SOME_FORMS:
            for of in columns:
                of[name] = Coded(np.full_like(of[name].codes, -1), of[name].names)
    return [number_groups(of) for of in columns]


def _united(keys: list[pd.DataFrame]) -> tuple[pd.DataFrame, list[Ints]]:
    """Return the distinct keys of both sides, and for each side the place of its groups among them."""
    both = pd.concat([one.astype(object) for one in keys], ignore_index=True)
    number = np.asarray(both.groupby(list(both), dropna=False, sort=False).ngroup(), dtype=np.int64)
    distinct = both[~pd.Series(number).duplicated()].reset_index(drop=True)
    return distinct, [number[: len(keys[0])], number[len(keys[0]) :]]


def _words(sides: list[Side], groups: list[Groups], maps: list[Ints]) -> pd.DataFrame:
    """Say in words what each group is, as the later side has it."""
    parts = []
    for side, one, of in zip(sides, groups, maps, strict=True):
        extra = one.keys[[name for name in one.keys if name not in DESCRIPTION]]
        parts.append(pd.concat([extra, describe(side.frame, one)], axis=1).astype(object).set_index(of))
    both = pd.concat([parts[1], parts[0]])
    return both[~both.index.duplicated()].sort_index().astype("category")


def _movements(sides: list[Side], numbers: list[Ints], size: int) -> pd.DataFrame:
    """Count by id who arrived, left and stayed in each group; NA if the sides cannot be compared by id."""
    names = _processes(sides)
    ids = [side.frame["goroutine_id"].to_numpy(dtype=np.int64, na_value=-1) for side in sides]
    if not _comparable(sides, names):
        unknown = pd.array([pd.NA] * size, dtype="Int64")
        return pd.DataFrame(dict.fromkeys(("arrived", "left", "stayed"), unknown))
    distinct = pd.Index(pd.unique(names[0]))
    places = [distinct.get_indexer(pd.Index(names[side])) * 2 + side for side in (0, 1)]
    moves = count_movements(
        np.concatenate(ids),
        np.concatenate(places),
        np.concatenate(numbers),
        size=size,
        linked=np.tile([True, False], len(distinct)),
        step=np.tile([0, 1], len(distinct)),
    )
    parts = {"arrived": moves.arrivals, "left": moves.exits, "stayed": moves.stayed}
    return pd.DataFrame({name: pd.array(part.sum(axis=1), dtype="Int64") for name, part in parts.items()})


def _processes(sides: list[Side]) -> list[NDArray[np.object_]]:
    """Return the process of each goroutine, as text; of a bare table it is not known and the same for all."""
    return [_process_of(side) for side in sides]


def _process_of(side: Side) -> NDArray[np.object_]:
    rows = side.frame["snapshot_id"]
    if side.snapshots is None:
        return np.full(len(rows), "", dtype=object)
    parts = side.snapshots[PROCESS].astype(object).fillna("")
    names = ["\n".join(pair) for pair in parts.itertuples(index=False)]
    ids = rows.cat.categories.get_indexer(pd.Index(side.snapshots["snapshot_id"].tolist(), dtype="str"))
    of = np.full(len(rows.cat.categories) + 1, "", dtype=object)
    of[ids] = names
    return of[rows.cat.codes.to_numpy()]


def _comparable(sides: list[Side], names: list[NDArray[np.object_]]) -> bool:
    """Tell whether both sides show the same processes, whole and with ids."""
    processes = set(names[0])
    if processes != set(names[1]) or not processes:
        return False
    cut = [side.snapshots is not None and bool(side.snapshots["truncated"].fillna(value=False).any()) for side in sides]
    told = all(side.frame["goroutine_id"].notna().all() for side in sides)
    return told and not any(cut) and all(_same_process(sides, names, name) for name in processes)


def _same_process(sides: list[Side], names: list[NDArray[np.object_]], name: str) -> bool:
    rows = [side.frame[of == name] for side, of in zip(sides, names, strict=True)]
    minutes = _minutes_between(sides, [one["snapshot_id"].iloc[0] for one in rows])
    return restart_reason(Census.of(rows[0]), Census.of(rows[1]), minutes) is None


def _minutes_between(sides: list[Side], snapshot_ids: list[str]) -> float:
    """Return how far apart two dumps are; NaN if a time is not known."""
    known = [
        side.snapshots.loc[side.snapshots["snapshot_id"] == name, "captured_at"]
        for side, name in zip(sides, snapshot_ids, strict=True)
        if side.snapshots is not None
    ]
    times = pd.concat(known) if known else pd.Series(dtype="datetime64[ns, UTC]")
    return float(np.ptp(minutes_since_first(times))) if len(times) == len(sides) else np.nan
