"""Stacks -> numbered frames: the functions that every form prints, ready for patterns."""

import re
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.catalogue.functions import comparable_function
from gostack_nb.model.naming import PARKING, is_runtime_internal, is_wrapper
from gostack_nb.model.needed import need_columns

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEEDED = ("stack_id", "frame_index", "function", "file", "line", "is_creator")

_LITERAL_START = re.compile(r"(?:[\w/%-]|\\[^\w\s])*")
_CLOSURE = re.compile(r"\.func\d+(?:\.\d+)*$")
_NONE: Ints = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Names:
    """Distinct function names and the rows that hold each: a pattern is tried once per name, not once per frame."""

    names: list[str]  # sorted
    order: Ints  # rows, by name
    start: Ints  # of each name in `order`, and its end

    def rows(self, pattern: re.Pattern[str]) -> Ints:
        """Return the rows whose name the pattern fits as a whole, in order."""
        first, last = self._range(literal_start(pattern.pattern))
        fits = [place for place in range(first, last) if pattern.fullmatch(self.names[place])]
        parts = [self.order[self.start[place] : self.start[place + 1]] for place in fits]
        return np.sort(np.concatenate(parts)) if parts else _NONE

    def _range(self, start: str) -> tuple[int, int]:
        """Return where the names that begin like this stand."""
        if not start:
            return 0, len(self.names)
        return bisect_left(self.names, start), bisect_left(self.names, start + "\U0010ffff")


@dataclass(frozen=True, slots=True)
class StackFrames:
    """The frames of all stacks behind each other, leaf first; stack number `n` has `first[n] : first[n + 1]`."""

    ids: pd.Index
    stack: Ints  # of each frame
    frame_index: Ints  # of each frame, as in the table
    first: Ints
    functions: Names
    creators: Names  # rows are stacks
    creator_known: Flags

    @property
    def count(self) -> int:
        """How many stacks there are."""
        return len(self.ids)


def literal_start(pattern: str) -> str:
    r"""Return the text that every name must begin with to fit the pattern.

    >>> literal_start(r"net/http\.\(\*persistConn\)\.(readLoop|writeLoop)"), literal_start("a?b"), literal_start("a|b")
    ('net/http.(*persistConn).', '', '')
    """
    found = _LITERAL_START.match(pattern)
    text = found[0] if found else ""
    rest = pattern[len(text) :]
    if "|" in re.sub(r"\((?:[^()\\]|\\.)*\)", "", re.sub(r"\\.", "", rest)):
        return ""
    if rest[:1] in {"?", "*", "{"}:
        text = re.sub(r"(?:\\)?.$", "", text)
    return re.sub(r"\\(.)", r"\1", text)


def make_frames(stacks: pd.DataFrame) -> StackFrames:
    """Give each stack a number and its frames in order, those that every form prints.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.
    """
    _check(stacks)
    stack, ids = _stack_numbers(stacks)
    names = stacks["function"].astype("category")
    function, categories = names.cat.codes.to_numpy().astype(np.int64), list(names.cat.categories)
    is_creator = stacks["is_creator"].to_numpy(dtype=np.bool_, na_value=False)
    index = stacks["frame_index"].to_numpy(dtype=np.int64, na_value=0)
    order = np.lexsort((index, stack))
    order = order[~is_creator[order] & (function[order] >= 0)]
    rows = order[_shown(stack[order], function[order], categories)]
    started = is_creator & (function >= 0)
    rows = rows[~_is_old_wrapper(stacks, stack, rows, started)]
    return StackFrames(
        ids=ids,
        stack=stack[rows],
        frame_index=index[rows],
        first=np.searchsorted(stack[rows], np.arange(len(ids) + 1)),
        functions=_names(function[rows], np.arange(len(rows)), categories),
        creators=_names(function[started], stack[started], categories),
        creator_known=np.bincount(stack[started], minlength=len(ids)) > 0,
    )


def _check(stacks: pd.DataFrame) -> None:
    need_columns(stacks, NEEDED, "the table of stacks")


def _stack_numbers(stacks: pd.DataFrame) -> tuple[Ints, pd.Index]:
    codes, ids = pd.factorize(stacks["stack_id"])
    return codes.astype(np.int64), pd.Index(ids)


def _shown(stack: Ints, function: Ints, categories: list[str]) -> Flags:
    """Tell the frames to keep: below the runtime's own on top, none of those that the compiler or `go` puts in.

    A goroutine of the runtime itself has no others: there all but those of parking are kept.
    """
    internal = np.array([is_runtime_internal(name) for name in categories], dtype=np.bool_)[function]
    parking = np.array([name in PARKING for name in categories], dtype=np.bool_)[function]
    wrapper = np.array([is_wrapper(name) for name in categories], dtype=np.bool_)[function]
    own = np.zeros(int(stack.max(initial=-1)) + 1, dtype=np.bool_)
    own[stack[~internal]] = True
    begun = _seen_before(stack, ~internal) & (~internal | ~parking)
    return np.where(own[stack], begun & ~wrapper, ~parking)


def _is_old_wrapper(stacks: pd.DataFrame, stack: Ints, rows: Ints, started: Flags) -> Flags:
    """Tell the outermost frames that Go up to 1.21 made for `go f(x)`: named like a closure, in the line of the `go`.

    Later versions call them gowrap. A frame that is alone is kept: it may be a real closure in one line.
    """
    place = stacks["file"].astype("category").cat.codes.to_numpy().astype(np.int64) << 32
    place += stacks["line"].to_numpy(dtype=np.int64, na_value=0)
    created_at = np.full(int(stack.max(initial=-1)) + 1, -1, dtype=np.int64)
    created_at[stack[started]] = place[started]
    last = np.diff(stack[rows], append=-1) != 0
    first = np.diff(stack[rows], prepend=-1) != 0
    found: Flags = last & ~first & (place[rows] == created_at[stack[rows]])
    names = stacks["function"].iloc[rows[found]]
    found[found] = [_CLOSURE.search(name) is not None for name in names]
    return found


def _seen_before(stack: Ints, flag: Flags) -> Flags:
    """Tell the frames at or below the first flagged one of their stack."""
    total = np.cumsum(flag)
    starts = np.flatnonzero(np.diff(stack, prepend=-1))
    before = np.zeros(len(stack), dtype=np.int64)
    if len(starts):
        base: Ints = total[starts] - flag[starts]
        before = np.repeat(base, np.diff(np.append(starts, len(stack))))
    seen: Flags = total > before
    return seen


def _names(function: Ints, rows: Ints, categories: list[str]) -> Names:
    """Group rows by comparable name."""
    names = [comparable_function(name) for name in categories]
    distinct = sorted(set(names))
    place = {name: number for number, name in enumerate(distinct)}
    number = np.array([place[name] for name in names], dtype=np.int64)[function]
    order = np.argsort(number, kind="stable")
    return Names(distinct, rows[order], np.searchsorted(number[order], np.arange(len(distinct) + 1)))
