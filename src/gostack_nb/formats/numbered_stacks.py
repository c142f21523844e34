"""Records of stacks to arrays: leaves and creators become numbers of frames, all of them at once."""

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from gostack_nb.formats.frames import UNKNOWN_INDEX
from gostack_nb.formats.records import Records
from gostack_nb.formats.stacks import Codes, Frames, Ints, Runs, Stacks


def stacks_of(records: Records) -> Stacks:
    """Return the stacks of a text, with one number for equal frames."""
    columns = records.stacks
    below, started_by = _table(records.rests, 2)
    rest = array_of(columns.rest)
    function, file, line = _table(records.frames, 3)
    functions = np.concatenate([function, array_of(columns.function), started_by[rest]])
    files = np.concatenate([file, array_of(columns.file), array_of(columns.creator_file)])
    lines = np.concatenate([line, numbers_of(columns.line_text), numbers_of(columns.creator_line_text)])
    frames, codes = _numbered(records, functions, files, lines.astype(np.int32))
    calls, leaves, creators = np.split(codes, [len(function), len(function) + len(rest)])
    runs = Runs.of(records.below)
    return Stacks(frames, leaves, below[rest], creators, Runs(calls[runs.calls], runs.bounds))


def numbers_of(texts: Sequence[bytes]) -> Ints:
    """Read numbers with a blank between two, several to an entry."""
    return np.fromstring(b" ".join(texts), dtype=np.int64, sep=" ")


def array_of(column: "array[int]") -> Codes:
    """Return the same numbers, not copied."""
    return np.frombuffer(column, dtype=np.int32)


def _numbered(records: Records, functions: Codes, files: Codes, lines: Codes) -> tuple[Frames, Codes]:
    """Return the distinct frames, and which of them each row is; UNKNOWN_INDEX where it names no function."""
    told = functions != UNKNOWN_INDEX
    columns = functions[told], files[told], lines[told], np.zeros(np.count_nonzero(told), dtype=np.bool_)
    frames, which = Frames(tuple(records.functions), tuple(records.files), *columns).distinct()
    codes = np.full(len(told), UNKNOWN_INDEX, dtype=np.int32)
    codes[told] = which
    return frames, codes


def _table(rows: Iterable[tuple[int, ...]], width: int) -> NDArray[np.int32]:
    """Return the columns of some rows."""
    return np.array(list(rows), dtype=np.int32).reshape(-1, width).T
