"""Distinct stacks to the stacks table: one row per frame, and one for the `go` statement that started it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gostack_nb.formats.stacks import Runs
from gostack_nb.model.categories import Numbers, sorted_names
from gostack_nb.model.frame_facts import Flags, Ints
from gostack_nb.model.stack_facts import StackFacts


def stacks_table(facts: StackFacts) -> pd.DataFrame:
    """Return the frames of every stack, leaf first and the creator last, in the order of the stacks."""
    frames, printed = facts.frames, facts.stacks.calls_and_creators()
    frame, size = printed.calls.astype(np.intp), printed.size
    created = facts.stacks.creators >= 0
    is_creator = _nowhere(frame)
    is_creator[printed.bounds[1:][created] - 1] = True
    line = frames.line[frame]
    return pd.DataFrame(
        {
            "stack_id": facts.stack_id.column(np.repeat(facts.stack_id.codes[:-1], size)),
            "frame_index": pd.arrays.IntegerArray(_places(printed), _nowhere(frame)),
            "function": _texts(frames.functions, frames.function[frame]),
            "package": _texts(frames.packages, frames.package[frame]),
            "file": _texts(frames.files, frames.file[frame]),
            "line": pd.arrays.IntegerArray(line, line == 0),
            "is_std": pd.arrays.BooleanArray(frames.is_std[frame], _nowhere(frame)),
            "inlined": pd.arrays.BooleanArray(frames.inlined[frame], _nowhere(frame)),
            "is_creator": pd.arrays.BooleanArray(is_creator, _nowhere(frame)),
        },
        copy=False,
    )


def _texts(texts: Sequence[str], numbers: Numbers) -> pd.Categorical:
    names = sorted_names(texts)
    return names.column(np.take(names.codes, numbers))


def _nowhere(frame: Ints) -> Flags:
    """Mark no row; memory that nobody writes to costs nothing."""
    return np.zeros(len(frame), dtype=np.bool_)


def _places(printed: Runs) -> Numbers:
    """Count from 0 within each stack."""
    place = np.arange(printed.bounds[-1], dtype=np.int32)
    place -= np.repeat(printed.bounds[:-1].astype(np.int32), printed.size)
    return place
