"""What is known of many dumps: how many goroutines each stack has in each of them. Counts combine to Counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from gostack_nb.model.arrow_tables import arrow_schema, codes_of, frame_of
from gostack_nb.model.categories import sorted_names
from gostack_nb.model.schema import GOROUTINES, SNAPSHOTS, STACKS, Column

DUMPS = (
    *(column for column in SNAPSHOTS if column.name not in {"issue_count", "sha256"}),
    Column("labels", "category", "what is known of the instance, zone, build ..., as canonical JSON text"),
)
"""One row per dump. `snapshot_id` is made of content, instance and time: the same dump has the same id anywhere."""

CELLS = (
    Column("snapshot_id", "category", "which dump"),
    Column("stack_id", "category", "which stack"),
    Column("state", "category", "the normalized state; NA where the form does not tell"),
    Column("count", "Int32", "goroutines"),
    Column("leaked", "Int32", "how many of them the runtime marked leaked; NA where the form does not tell"),
    Column("wait_minutes_max", "Int32", "the longest wait that is printed; NA where none is"),
)
"""One row per dump, stack and state."""

_OF_STACK = (
    "stack_id",
    "signature",
    "top_function",
    "user_function",
    "user_file",
    "user_line",
    "created_by",
)
PLACES = tuple(column for name in _OF_STACK for column in GOROUTINES if column.name == name)
"""One row per stack: where it is blocked, and whose line that is."""

PROBLEMS = (
    Column("source", "category", "path or address of what could not be read, or not wholly"),
    Column("service", "category", "name of the service, where it is known"),
    Column("instance", "category", "which process, where it is known"),
    Column("reason", "category", "what is wrong with it, in words"),
)
"""One row per file, service or dump of which something is missing."""


def _empty(columns: Sequence[Column]) -> pa.Table:
    return arrow_schema(columns).empty_table()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many goroutines each stack has in each dump: what a fleet's questions are answered from.

    Some 24 bytes for each stack of each dump, whatever the number of goroutines. The tables are Arrow's, so that they
    are small on the wire; the methods return them as DataFrames, their columns are explained in
    `gostack_nb.fleet.counts`.

    Examples
    --------
    >>> ranking.counts.dumps()["instance"].nunique()
    14
    """

    dump_table: pa.Table = field(default_factory=lambda: _empty(DUMPS), repr=False)
    cell_table: pa.Table = field(default_factory=lambda: _empty(CELLS), repr=False)
    place_table: pa.Table = field(default_factory=lambda: _empty(PLACES), repr=False)
    stack_table: pa.Table = field(default_factory=lambda: _empty(STACKS), repr=False)
    problem_table: pa.Table = field(default_factory=lambda: _empty(PROBLEMS), repr=False)

    def __sizeof__(self) -> int:
        """Count the bytes of the tables: a worker moves to disk what it knows to be large."""
        return object.__sizeof__(self) + sum(int(getattr(self, one.name).nbytes) for one in fields(self))

    def dumps(self) -> pd.DataFrame:
        """Return one row per dump, the columns of `DUMPS`."""
        return frame_of([self.dump_table], DUMPS)

    def cells(self) -> pd.DataFrame:
        """Return one row per dump, stack and state, the columns of `CELLS`."""
        return frame_of([self.cell_table], CELLS)

    def places(self) -> pd.DataFrame:
        """Return one row per stack, the columns of `PLACES`."""
        return frame_of([self.place_table], PLACES)

    def stacks(self) -> pd.DataFrame:
        """Return one row per frame of each stack, as in a Dataset."""
        return frame_of([self.stack_table], STACKS)

    def problems(self) -> pd.DataFrame:
        """Return one row per source of which something is missing, the columns of `PROBLEMS`."""
        return frame_of([self.problem_table], PROBLEMS)

    @classmethod
    def of_problems(cls, rows: Iterable[dict[str, str | None]]) -> Self:
        """Make counts that hold problems alone."""
        return cls(problem_table=pa.Table.from_pylist(list(rows), schema=arrow_schema(PROBLEMS)))


def combine(parts: Iterable[Counts]) -> Counts:
    r"""Put counts together: of files, of batches, of sweeps.

    The result does not depend on the order of the parts, nor on how they were put together before; what several of
    them hold is there once.

    Parameters
    ----------
    parts : iterable of Counts
        None of them is changed.

    Returns
    -------
    Counts
        Its rows are sorted.

    Examples
    --------
    >>> from gostack_nb.fleet import combine, count_file
    >>> counts = count_file(b"goroutine 7 [chan receive]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n")
    >>> combine([counts, counts]).dumps()["goroutine_count"].tolist()
    [1]
    """
    held = list(parts)
    tables = {one.name: pa.concat_tables([getattr(part, one.name) for part in held]) for one in fields(Counts) if held}
    return Counts(**{name: _distinct(table, _KEYS[name]) for name, table in tables.items()})


_KEYS = {
    "dump_table": ("snapshot_id",),
    "cell_table": ("snapshot_id", "stack_id", "state"),
    "place_table": ("stack_id",),
    "stack_table": ("stack_id", "frame_index"),
    "problem_table": ("source", "instance", "reason", "service"),
}


def _distinct(table: pa.Table, keys: tuple[str, ...]) -> pa.Table:
    """Sort rows by their keys and keep one of equal ones, with one dictionary for each column.

    Equal keys with unequal facts are there too: of one stack, a profile tells what was inlined and a text does not.
    The greatest row is kept, so that no order of the parts matters; what is unknown is least.
    """
    if not len(table):
        return table
    unified = pa.Table.from_arrays([_one_dictionary(column) for column in table.columns], schema=table.schema)
    codes = [_sort_codes(unified[name].chunk(0)) for name in keys]
    order = np.lexsort(codes[::-1])
    fresh = _fresh(codes, order)
    if not fresh.all():
        others = [_sort_codes(unified[name].chunk(0)) for name in table.column_names if name not in keys]
        order = np.lexsort([*(-column for column in others[::-1]), *codes[::-1]])
        fresh = _fresh(codes, order)
    return unified.take(order[fresh]).combine_chunks()


def _fresh(codes: Sequence[NDArray[np.int64]], order: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell the rows, in this order, whose keys are not those of the row before."""
    fresh = np.zeros(len(order), dtype=np.bool_)
    fresh[0] = True
    for column in codes:
        fresh[1:] |= np.diff(column[order]) != 0
    return fresh


def _one_dictionary(column: pa.ChunkedArray) -> pa.Array:
    """Give a column of texts one sorted dictionary of those that occur; other columns one piece."""
    if not pa.types.is_dictionary(column.type):
        return column.combine_chunks()
    texts, codes = codes_of(column)
    names = sorted_names(texts, codes)
    places = names.codes[:-1].astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=places < 0), pa.array(names.categories, pa.utf8()))


def _sort_codes(column: pa.Array) -> NDArray[np.int64]:
    numbers = column.indices if pa.types.is_dictionary(column.type) else column
    codes: NDArray[np.int64] = numbers.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return codes
