"""Distinct stacks to the stacks table: one row per frame, and one for the `go` statement that started it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.formats.stacks import CALLS_AT_ONCE, Stacks, bounds_of, pieces_of
from gostack_nb.model.categories import Numbers, sorted_names
from gostack_nb.model.frame_facts import Flags, Ints
from gostack_nb.model.stack_facts import StackFacts


def stacks_table(facts: StackFacts) -> pd.DataFrame:
    """Return the frames of every stack, leaf first and the creator last, in the order of the stacks."""
    stacks, frames = facts.stacks, facts.frames
    created = stacks.creators >= 0
    size = stacks.size() + created
    bounds = bounds_of(size)
    functions, packages, files = (sorted_names(names) for names in (frames.functions, frames.packages, frames.files))
    of_frame = (
        functions.codes[frames.function],
        packages.codes[frames.package],
        files.codes[frames.file],
        frames.line,
        frames.is_std,
        frames.inlined,
    )
    function, package, file, line, is_std, inlined = _spread(stacks, bounds, of_frame)
    is_creator = _nowhere(bounds)
    is_creator[bounds[1:][created] - 1] = True
    return pd.DataFrame(
        {
            "stack_id": facts.stack_id.column(np.repeat(facts.stack_id.codes[:-1], size)),
            "frame_index": pd.arrays.IntegerArray(_places(bounds), _nowhere(bounds)),
            "function": functions.column(function),
            "package": packages.column(package),
            "file": files.column(file),
            "line": pd.arrays.IntegerArray(line, line == 0),
            "is_std": pd.arrays.BooleanArray(is_std, _nowhere(bounds)),
            "inlined": pd.arrays.BooleanArray(inlined, _nowhere(bounds)),
            "is_creator": pd.arrays.BooleanArray(is_creator, _nowhere(bounds)),
        },
        copy=False,
    )


def _spread(stacks: Stacks, bounds: Ints, of_frame: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Write what is known of the frames for each row, some stacks at a time."""
    columns = [np.empty(bounds[-1], dtype=table.dtype) for table in of_frame]
    for start, end in pieces_of(bounds, CALLS_AT_ONCE):
        frame = stacks.only(slice(start, end)).calls_and_creators().calls.astype(np.intp)
        for column, table in zip(columns, of_frame, strict=True):
            column[bounds[start] : bounds[end]] = table[frame]
    return columns


def _nowhere(bounds: Ints) -> Flags:
    """Mark no row; memory that nobody writes to costs nothing."""
    return np.zeros(bounds[-1], dtype=np.bool_)


def _places(bounds: Ints) -> Numbers:
    """Count from 0 within each stack, some stacks at a time."""
    places = np.empty(bounds[-1], dtype=np.int32)
    for start, end in pieces_of(bounds, CALLS_AT_ONCE):
        own = bounds[start : end + 1]
        places[own[0] : own[-1]] = np.arange(own[0], own[-1]) - np.repeat(own[:-1], np.diff(own))
    return places
