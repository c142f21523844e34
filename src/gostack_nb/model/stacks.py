"""Distinct stacks to the stacks table: one row per frame, and one for the `go` statement that started it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gostack_nb.model.categories import Numbers, sorted_names
from gostack_nb.model.frame_facts import Ints
from gostack_nb.model.stack_facts import StackFacts


def stacks_table(facts: StackFacts) -> pd.DataFrame:
    """Return the frames of every stack, leaf first and the creator last, in the order of the stacks."""
    stacks, frames = facts.stacks, facts.frames
    created = stacks.creators >= 0
    size = np.diff(stacks.bounds) + created
    frame = np.insert(stacks.calls, stacks.bounds[1:][created], stacks.creators[created])
    line, told = frames.line[frame], np.zeros(len(frame), dtype=np.bool_)
    is_creator = told.copy()
    is_creator[np.cumsum(size)[created] - 1] = True
    return pd.DataFrame(
        {
            "stack_id": facts.stack_id.column(np.repeat(facts.stack_id.codes[:-1], size)),
            "frame_index": pd.arrays.IntegerArray(_places(size), told),
            "function": _texts(frames.functions, frames.function[frame]),
            "package": _texts(frames.packages, frames.package[frame]),
            "file": _texts(frames.files, frames.file[frame]),
            "line": pd.arrays.IntegerArray(line, line == 0),
            "is_std": pd.arrays.BooleanArray(frames.is_std[frame], told.copy()),
            "inlined": pd.arrays.BooleanArray(frames.inlined[frame], told.copy()),
            "is_creator": pd.arrays.BooleanArray(is_creator, told.copy()),
        },
        copy=False,
    )


def _texts(texts: Sequence[str], numbers: Numbers) -> pd.Categorical:
    names = sorted_names(texts)
    return names.column(np.take(names.codes, numbers))


def _places(size: Ints) -> Numbers:
    """Count from 0 within each stack."""
    start = np.cumsum(size) - size
    return (np.arange(size.sum()) - np.repeat(start, size)).astype(np.int32)
