"""Parsed dumps to the goroutines table: small tables per distinct stack, then one `take` per column and dump."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from gostack_nb.formats.columns import Columns
from gostack_nb.formats.frames import Mark
from gostack_nb.model.categories import Names, Numbers, smallest_integer, sorted_names
from gostack_nb.model.frame_facts import Ints
from gostack_nb.model.stack_facts import StackFacts

Array = pd.api.extensions.ExtensionArray


def row_count(dump: Columns) -> int:
    """Count the goroutines of a dump."""
    return len(dump.goroutine_id) if dump.count is None else int(dump.count.sum())


def goroutines_table(
    dumps: Sequence[Columns], names: Sequence[str], facts: StackFacts, stacks: Sequence[Ints]
) -> pd.DataFrame:
    """Put the goroutines of several dumps into one table, column by column.

    Parameters
    ----------
    dumps : sequence of Columns
        In the order of the rows.
    names : sequence of str
        The `snapshot_id` of each dump.
    facts : StackFacts
        Of the distinct stacks of all dumps.
    stacks : sequence of array of int64
        For each dump: which of the distinct stacks each of its own stacks is.
    """
    rows = _Rows.of(dumps)
    columns = {
        "snapshot_id": _snapshot_ids(rows, names),
        "goroutine_id": _integers(rows, lambda dump: dump.goroutine_id),
        "state": _united(rows, lambda dump: dump.states, lambda dump: dump.state),
        "wait_minutes": _integers(rows, lambda dump: dump.wait_minutes),
        "leaked": _flags(rows, Mark.LEAKED),
        "durable": _flags(rows, Mark.DURABLE),
        "locked": _flags(rows, Mark.LOCKED),
        "bubble": _bubbles(rows),
        "labels": _united(rows, lambda dump: dump.label_sets, lambda dump: dump.labels),
        **_stack_columns(rows, facts, stacks),
        "creator_id": _integers(rows, lambda dump: dump.creator_id),
    }
    return pd.DataFrame(columns, copy=False)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Which rows of the table belong to which dump: `bounds[i]` to `bounds[i + 1]`."""

    dumps: Sequence[Columns]
    bounds: Sequence[int]

    @classmethod
    def of(cls, dumps: Sequence[Columns]) -> Self:
        ends = np.cumsum([row_count(dump) for dump in dumps], dtype=np.int64)
        return cls(dumps, [0, *ends.tolist()])

    def fill(self, dtype: DTypeLike, parts: Iterable[NDArray[Any]]) -> NDArray[Any]:
        """Put one array per dump behind each other, counted records as often as they count; a single one stays."""
        if len(self.dumps) == 1 and self.dumps[0].count is None:
            return next(iter(parts)).astype(dtype, copy=False)
        filled = np.empty(self.bounds[-1], dtype=dtype)
        for (start, end), dump, part in zip(pairwise(self.bounds), self.dumps, parts, strict=True):
            filled[start:end] = part if dump.count is None else np.repeat(part, dump.count)
        return filled


def _snapshot_ids(rows: _Rows, names: Sequence[str]) -> pd.Categorical:
    """Name the dump of each row; the categories keep the order of the dumps."""
    numbers = np.arange(len(names), dtype=smallest_integer(len(names)))
    return Names(pd.Index(list(names), dtype="str"), numbers).column(np.repeat(numbers, np.diff(rows.bounds)))


def _integers(rows: _Rows, values: Callable[[Columns], NDArray[np.int64]]) -> Array:
    """Int64 with NA where the parser saw nothing (UNKNOWN_NUMBER)."""
    filled = rows.fill(np.int64, (values(dump).copy() for dump in rows.dumps))
    return pd.arrays.IntegerArray(filled, filled < 0)


def _flags(rows: _Rows, mark: Mark) -> Array:
    """Whether the mark is set; NA where the form cannot tell."""
    marked = rows.fill(np.bool_, ((dump.marks & mark) > 0 for dump in rows.dumps))
    untold = np.array([not dump.marks_told & mark for dump in rows.dumps], dtype=np.bool_)
    return pd.arrays.BooleanArray(marked, np.repeat(untold, np.diff(rows.bounds)))


def _bubbles(rows: _Rows) -> pd.Categorical:
    """Name the synctest bubble of each goroutine by whole numbers: one byte a row where there are none."""
    known = [np.unique(dump.bubble[dump.bubble >= 0]) for dump in rows.dumps]
    bubbles = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *known]))
    code, none = smallest_integer(len(bubbles)), np.append(bubbles, -1)

    def codes(dump: Columns) -> Numbers:
        place = np.searchsorted(bubbles, dump.bubble).astype(code)
        return np.where(none[place] == dump.bubble, place, -1)

    every = map(codes, rows.dumps) if len(bubbles) else (np.full(len(dump.bubble), -1, code) for dump in rows.dumps)
    return pd.Categorical.from_codes(rows.fill(code, every), categories=pd.Index(bubbles), validate=False)


def _united(
    rows: _Rows, values: Callable[[Columns], Sequence[str]], codes: Callable[[Columns], Numbers]
) -> pd.Categorical:
    """Join categorical columns whose codes count in each dump's own values."""
    distinct = tuple({value: None for dump in rows.dumps for value in values(dump)})
    names = sorted_names(distinct)
    code_of = dict(zip(distinct, names.codes.tolist(), strict=False))
    tables = (np.array([*map(code_of.__getitem__, values(dump)), -1], dtype=names.codes.dtype) for dump in rows.dumps)
    taken = (np.take(table, codes(dump)) for table, dump in zip(tables, rows.dumps, strict=True))
    return names.column(rows.fill(names.codes.dtype, taken))


def _stack_columns(rows: _Rows, facts: StackFacts, stacks: Sequence[Ints]) -> dict[str, Any]:
    """Spread what each distinct stack says over the goroutines."""
    frames = facts.frames
    function, file, line = (np.append(of_frame, -1) for of_frame in (frames.function, frames.file, frames.line))

    def spread(table: NDArray[Any]) -> NDArray[Any]:
        """Take the entry of each goroutine's stack from a table of the distinct ones and, at its end, of NA."""
        tables = (table[np.append(own, -1)] for own in stacks)
        return rows.fill(table.dtype, (np.take(of, dump.stack) for of, dump in zip(tables, rows.dumps, strict=True)))

    def words(names: Names) -> pd.Categorical:
        return names.column(spread(names.codes))

    def lines(of_stack: Numbers) -> Array:
        taken = spread(np.append(np.maximum(line[of_stack], 0), 0).astype(np.int32))
        return pd.arrays.IntegerArray(taken, taken == 0)

    return {
        "stack_id": words(facts.stack_id),
        "signature": words(sorted_names(facts.signatures, facts.signature)),
        "top_function": words(sorted_names(frames.functions, function[facts.top])),
        "top_file": words(sorted_names(frames.files, file[facts.top])),
        "top_line": lines(facts.top),
        "user_function": words(sorted_names(frames.functions, function[facts.user])),
        "user_file": words(sorted_names(frames.files, file[facts.user])),
        "user_line": lines(facts.user),
        "top_frames": words(sorted_names(facts.top_texts, facts.top_frames)),
        "created_by": words(sorted_names(frames.functions, function[facts.stacks.creators])),
    }
