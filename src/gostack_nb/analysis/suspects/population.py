"""Dataset -> rows that can be followed: the goroutines of each process's last run, numbered by stack.

Every kind of evidence starts from a `Population` and answers with one row per group.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.keys import Coded, Codes, Groups, Ints, coded_column, dense, number_groups, row_of_each
from gostack_nb.analysis.restarts import with_runs
from gostack_nb.analysis.snapshots import LEAK_ONLY_FORMS, in_order, minutes_since_first, primary_snapshots
from gostack_nb.analysis.states import normalized_state
from gostack_nb.formats.columns import Form
from gostack_nb.model.dataset import Dataset, goroutines_of

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

PACKED_ID = 1 << 40
"""Ids below this are packed with their snapshot as they are: 8,000,000 snapshots fit. Others get dense codes first."""

COUNTED_FORMS = frozenset({Form.DEBUG0, Form.DEBUG1, Form.LEAK0, Form.LEAK1})
"""Forms without ids and creators: equal stacks of another form have another `stack_id` there."""

NEEDED = (
    "snapshot_id",
    "goroutine_id",
    "state",
    "wait_minutes",
    "leaked",
    "labels",
    "stack_id",
    "signature",
    "top_function",
    "top_file",
    "top_line",
    "user_function",
    "user_file",
    "user_line",
    "top_frames",
    "created_by",
    "creator_id",
)


@dataclass(frozen=True, slots=True)
class Cells:
    """Pairs of a group and a process that some rows are in: `number` is the cell of a row, `group` the group of a cell.

    Minutes and ids of two processes have nothing to do with each other: what compares them is measured per cell first.
    """

    number: Ints
    group: Ints
    groups: int

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.group)

    @property
    def count(self) -> Ints:
        """Count the rows of each cell."""
        return np.bincount(self.number, minlength=self.size)

    def most(self, values: Floats) -> Floats:
        """Return for each group the greatest value of its cells; NaN where none is known."""
        result = np.full(self.groups, np.nan)
        np.fmax.at(result, self.group, values)
        return result

    def least(self, values: Floats) -> Floats:
        """Return for each group the least value of its cells; NaN where none is known."""
        return -self.most(-values)


@dataclass(frozen=True, slots=True)
class Population:
    """The goroutines of the last run of each process, in the snapshots of the form that tells most.

    `frame` has their rows; `place` is the row of `snapshots` and `group` the number of the stack that each belongs to.
    `snapshots` are in order, with `process`, `run`, `minute` (since the first) and `usable` (ids, and not cut);
    `history` has those of the earlier runs, too.
    """

    frame: pd.DataFrame
    stacks: pd.DataFrame
    snapshots: pd.DataFrame
    history: pd.DataFrame
    place: Ints
    groups: Groups
    state: Coded
    ids: Ints
    creators: Ints
    waits: Ints

    @property
    def size(self) -> int:
        """How many groups there are."""
        return self.groups.size

    @property
    def group(self) -> Ints:
        """Return the group of each row."""
        return self.groups.number

    @property
    def process(self) -> Ints:
        """Return the process of each snapshot."""
        return self.snapshots["process"].to_numpy(dtype=np.int64)

    @property
    def step(self) -> Ints:
        """Number the snapshots of each process from 0."""
        return np.asarray(self.snapshots.groupby("process").cumcount(), dtype=np.int64)

    @property
    def is_last(self) -> Flags:
        """Tell which snapshots are the last of their process."""
        process = self.process
        return np.append(process[1:] != process[:-1], [True])[: len(process)]

    @property
    def now(self) -> Ints:
        """Return the rows of each process's last snapshot."""
        return np.flatnonzero(self.is_last[self.place])

    @property
    def linked(self) -> Flags:
        """Tell which snapshots can be compared by id with the next one: the same process, ids, neither cut."""
        usable, process = self.snapshots["usable"].to_numpy(dtype=np.bool_), self.process
        linked = np.zeros(len(process), dtype=np.bool_)
        linked[:-1] = usable[:-1] & usable[1:] & (process[:-1] == process[1:])
        return linked

    def cells(self, rows: Ints) -> Cells:
        """Give numbers to the pairs of group and process among some rows."""
        process = self.process
        width = int(process.max(initial=-1)) + 1
        pairs, number = dense(self.group[rows] * width + process[self.place[rows]], self.size * width)
        return Cells(number, pairs // max(width, 1), self.size)

    def count(self, rows: Ints) -> Ints:
        """Count some of the rows in each group."""
        return np.bincount(self.group[rows], minlength=self.size)

    def share(self, rows: Ints, holds: Flags) -> Floats:
        """Return for each group the share of some rows for which something holds; NaN without rows."""
        of, held = self.count(rows), self.count(rows[holds])
        return np.where(of > 0, held / np.maximum(of, 1), np.nan)

    def identities(self, numbers: Ints) -> Ints:
        """Pack a goroutine's number with its snapshot, so that the same number elsewhere is another; -1 is unknown."""
        codes = numbers
        if max(self.ids.max(initial=-1), self.creators.max(initial=-1)) >= PACKED_ID:
            codes = np.searchsorted(np.unique(np.concatenate([self.ids, self.creators])), numbers)
        return np.where(numbers < 0, -1, codes * len(self.snapshots) + self.place)


def population(dataset: Dataset) -> Population:
    """Choose the snapshots to follow and number their goroutines by stack.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.
    """
    goroutines_of(dataset, *NEEDED)
    chosen = _chosen(dataset)
    history = _one_kind(with_runs(chosen, in_order(chosen.snapshots)))
    snapshots = _last_runs(history)
    frame, place = _rows(chosen.goroutines, snapshots)
    told = np.bincount(place[frame["goroutine_id"].notna().to_numpy()], minlength=len(snapshots)) > 0
    cut = snapshots["truncated"].fillna(value=False).to_numpy(dtype=np.bool_)
    return Population(
        frame=frame,
        stacks=chosen.stacks,
        snapshots=snapshots.assign(usable=told & ~cut, minute=minutes_since_first(snapshots["captured_at"])),
        history=history,
        place=place,
        groups=number_groups({"stack_id": coded_column(frame["stack_id"])}),
        state=coded_column(normalized_state(frame)),
        ids=frame["goroutine_id"].to_numpy(dtype=np.int64, na_value=-1),
        creators=frame["creator_id"].to_numpy(dtype=np.int64, na_value=-1),
        waits=frame["wait_minutes"].to_numpy(dtype=np.int64, na_value=-1),
    )


def followed_snapshots(dataset: Dataset) -> pd.DataFrame:
    """Return the rows of `snapshots` that a population is taken from."""
    chosen = _chosen(dataset)
    return _last_runs(_one_kind(with_runs(chosen, in_order(chosen.snapshots))))


def _chosen(dataset: Dataset) -> Dataset:
    return primary_snapshots(dataset) if _has_others(dataset) else dataset


def _last_runs(history: pd.DataFrame) -> pd.DataFrame:
    last = history["run"] == history.groupby("process")["run"].transform("max")
    return history[last].reset_index(drop=True)


def _has_others(dataset: Dataset) -> bool:
    """Tell whether there are dumps beside profiles that hold leaked goroutines alone."""
    return not dataset.snapshots["form"].isin(LEAK_ONLY_FORMS).all()


def _one_kind(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Leave out the counted forms of a process that also has tracebacks: their stacks have no creator."""
    counted = snapshots["form"].isin(COUNTED_FORMS)
    alone = counted.groupby(snapshots["process"]).transform("all")
    return snapshots[~counted | alone]


def _rows(goroutines: pd.DataFrame, snapshots: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """Return the goroutines of some snapshots, and the place of each row's snapshot among them."""
    known = goroutines["snapshot_id"].cat.categories
    wanted = known.get_indexer(pd.Index(snapshots["snapshot_id"].tolist(), dtype="str"))
    place_of = np.full(len(known) + 1, -1, dtype=np.int64)
    place_of[wanted[wanted >= 0]] = np.flatnonzero(wanted >= 0)
    place = place_of[goroutines["snapshot_id"].cat.codes.to_numpy()]
    used = place >= 0
    if used.all():
        return goroutines, place
    return goroutines[used], place[used]


def most_frequent(groups: Groups, codes: Codes, radix: int, rows: Ints) -> Ints:
    """Return for each group the most frequent code among some rows, the least of equals; -1 without rows."""
    pairs, number = dense(groups.number[rows] * (radix + 1) + codes[rows] + 1, groups.size * (radix + 1))
    count = np.bincount(number, minlength=len(pairs))
    group, code = pairs // (radix + 1), pairs % (radix + 1) - 1
    order = np.lexsort((-code, count, group))
    result = np.full(groups.size, -1, dtype=np.int64)
    result[group[order]] = code[order]
    return result


def first_rows(groups: Groups) -> Ints:
    """Return for each group the position of one of its rows: what the stack says is the same in all."""
    return row_of_each(groups.number, groups.size)


def words(names: pd.Index, codes: Codes) -> pd.Series:
    """Return the name of each code as text; -1 is NA."""
    return pd.Series(pd.Categorical.from_codes(codes, categories=names)).astype("str")
