"""The distinct stacks of a dump as arrays: numbers of frames, never an object per stack or frame.

Stacks are many where they differ in their leaf, their creator or little else: what stands below the leaf is kept once
for all stacks that share it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from gostack_nb.formats.frames import UNKNOWN_INDEX, Frame, Stack
from gostack_nb.formats.numbering import Numbering

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]

CALLS_AT_ONCE = 1 << 16
"""What is worked out of so many stays in the processor's cache."""

_MOST = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True, eq=False)
class Frames(Sequence[Frame]):
    """Frames as columns; `function` and `file` are numbers of the names beside them."""

    functions: tuple[str, ...]
    files: tuple[str, ...]
    function: Codes
    file: Codes
    line: Codes
    inlined: Flags

    @classmethod
    def of(cls, frames: Iterable[Frame]) -> Self:
        """Give every distinct name a number."""
        functions, files = Numbering[str](), Numbering[str]()
        called, written, lines, inlined = tuple(zip(*frames, strict=True)) or ((), (), (), ())
        function, file = _codes(functions.of_all(called)), _codes(files.of_all(written))
        return cls(tuple(functions), tuple(files), function, file, _codes(lines), np.array(inlined, dtype=np.bool_))

    def __len__(self) -> int:
        return len(self.function)

    @overload
    def __getitem__(self, index: int) -> Frame: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Frame]: ...
    def __getitem__(self, index: int | slice) -> Frame | Sequence[Frame]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        function, file = self.functions[self.function[index]], self.files[self.file[index]]
        return Frame(function, file, int(self.line[index]), bool(self.inlined[index]))

    def only(self, wanted: Ints) -> Self:
        """Keep some of the frames, in the order named; the names stay."""
        columns = self.function[wanted], self.file[wanted], self.line[wanted], self.inlined[wanted]
        return type(self)(self.functions, self.files, *columns)

    def distinct(self) -> tuple[Self, Codes]:
        """Return each frame once, and for all of them which one it is."""
        columns = (self.function, self.file, self.line, self.inlined)
        _, which = np.unique(as_one(columns), return_inverse=True)
        places = np.zeros(int(which.max(initial=-1)) + 1, dtype=np.int64)
        places[which] = np.arange(len(which))
        return self.only(places), which.astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Frames one behind the other: run i has the calls, numbers of frames, from `bounds[i]` to `bounds[i + 1]`."""

    calls: Codes
    bounds: Ints

    @classmethod
    def of(cls, runs: Collection[Sequence[int]]) -> Self:
        """Put the numbers of the frames of each run behind each other."""
        bounds = bounds_of(np.fromiter(map(len, runs), np.int64, len(runs)))
        return cls(np.fromiter(chain.from_iterable(runs), np.int32, int(bounds[-1])), bounds)

    @property
    def size(self) -> Ints:
        """How many calls each run has."""
        size: Ints = np.diff(self.bounds)
        return size

    def only(self, wanted: Ints) -> Self:
        """Keep some of the runs, in the order named."""
        first, size = self.bounds[wanted], self.size[wanted]
        bounds = bounds_of(size)
        return type(self)(self.calls[np.arange(bounds[-1]) + np.repeat(first - bounds[:-1], size)], bounds)


@dataclass(frozen=True, slots=True, eq=False)
class Stacks(Sequence[Stack]):
    """The stacks of a dump as numbers of their frames; read as a sequence of `Stack`.

    Attributes
    ----------
    frames : Frames
        The distinct frames.
    leaves : array of int32
        Of each stack the number of its first frame; UNKNOWN_INDEX where it has none.
    below : array of int32
        Of each stack the run of the frames below the leaf.
    creators : array of int32
        Of each stack the number of the frame whose `go` statement started it; UNKNOWN_INDEX where none is told.
    runs : Runs
        What stands below leaves.

    Examples
    --------
    >>> stacks = Stacks.of([Stack((Frame("main.f"), Frame("main.g"))), Stack((Frame("main.g"),), Frame("main.main"))])
    >>> stacks.leaves.tolist(), stacks.below.tolist(), stacks.creators.tolist(), stacks.runs.calls.tolist()
    ([0, 1], [0, 1], [-1, 2], [1])
    >>> stacks[1].creator
    Frame(function='main.main', file='', line=0, inlined=False)
    """

    frames: Frames
    leaves: Codes
    below: Codes
    creators: Codes
    runs: Runs

    @classmethod
    def of(cls, stacks: Iterable[Stack]) -> Self:
        """Give every distinct frame a number."""
        numbers = Numbering[Frame]()
        given = list(stacks)
        calls = [tuple([numbers[frame] for frame in stack.frames]) for stack in given]
        creators = [UNKNOWN_INDEX if stack.creator is None else numbers[stack.creator] for stack in given]
        return cls.of_calls(Frames.of(numbers), calls, creators)

    @classmethod
    def of_calls(cls, frames: Frames, calls: Iterable[tuple[int, ...]], creators: Sequence[int]) -> Self:
        """Take the numbers of the frames of each stack."""
        below = Numbering[tuple[int, ...]]()
        parts = [(stack[0] if stack else UNKNOWN_INDEX, below[stack[1:]]) for stack in calls]
        leaves, which = np.array(parts, dtype=np.int32).reshape(-1, 2).T
        return cls(frames, leaves, which, _codes(creators), Runs.of(below))

    def __len__(self) -> int:
        return len(self.creators)

    def __iter__(self) -> Iterator[Stack]:
        return map(self._stack, range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Stack: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Stack]: ...
    def __getitem__(self, index: int | slice) -> Stack | Sequence[Stack]:
        if isinstance(index, slice):
            return [self._stack(place) for place in range(*index.indices(len(self)))]
        return self._stack(range(len(self))[index])

    def only(self, wanted: Ints | slice) -> Self:
        """Keep some of the stacks, in the order named; the frames stay."""
        return type(self)(self.frames, self.leaves[wanted], self.below[wanted], self.creators[wanted], self.runs)

    def distinct(self) -> tuple[Self, Codes]:
        """Return each stack once, in the order in which they are first met, and for all of them which one it is."""
        columns = (self.leaves + 1, self.below, self.creators + 1)
        values, which = np.unique(as_one(columns), return_inverse=True)
        first = np.empty(len(values), dtype=np.int64)
        first[which[::-1]] = np.arange(len(self))[::-1]
        is_first = np.zeros(len(self), dtype=np.bool_)
        is_first[first] = True
        number = (np.cumsum(is_first, dtype=np.int32) - 1)[first]
        return self.only(np.flatnonzero(is_first)), number[which]

    def size(self) -> Ints:
        """Return how many frames each stack has, without the creator."""
        bounds = self.runs.bounds  # not those of all runs: thousands of small dumps of one text may share them
        size: Ints = bounds[self.below + 1] - bounds[self.below] + (self.leaves != UNKNOWN_INDEX)
        return size

    def frame_at(self, place: Ints) -> Codes:
        """Return the frame at a place of each stack, 0 for the leaf; UNKNOWN_INDEX where the place is negative."""
        frames = np.where(place == 0, self.leaves, np.int32(UNKNOWN_INDEX))
        lower = np.flatnonzero(place > 0)
        frames[lower] = self.runs.calls[self.runs.bounds[self.below[lower]] + place[lower] - 1]
        return frames

    def calls(self) -> Runs:
        """Return the frames of each stack, leaf first."""
        return self._written_out(np.zeros(len(self), dtype=np.bool_))

    def calls_and_creators(self) -> Runs:
        """Return the frames of each stack, leaf first and the creator last."""
        return self._written_out(self.creators != UNKNOWN_INDEX)

    def roots(self) -> set[Frame]:
        """Return the outermost frames."""
        outermost = self.frame_at(self.size() - 1)
        return {self.frames[number] for number in np.unique(outermost[outermost != UNKNOWN_INDEX]).tolist()}

    def _written_out(self, created: Flags) -> Runs:
        """Put leaf, what is below it, and the creator of those marked behind each other."""
        filled = self.leaves != UNKNOWN_INDEX
        size = self.size() + created
        bounds = bounds_of(size)
        place = np.arange(bounds[-1])
        place += np.repeat(self.runs.bounds[self.below] - filled - bounds[:-1], size)
        known = self.runs.calls if len(self.runs.calls) else np.full(1, UNKNOWN_INDEX, dtype=np.int32)
        calls = known.take(place, mode="clip")  # those of leaves and creators lie beside the run
        calls[bounds[:-1][filled]] = self.leaves[filled]
        calls[bounds[1:][created] - 1] = self.creators[created]
        return Runs(calls, bounds)

    def _stack(self, index: int) -> Stack:
        leaf, below, creator = int(self.leaves[index]), int(self.below[index]), int(self.creators[index])
        calls = self.runs.calls[slice(*self.runs.bounds[below : below + 2].tolist())].tolist()
        frames = [self.frames[number] for number in (leaf, *calls) if number != UNKNOWN_INDEX]
        return Stack(tuple(frames), None if creator == UNKNOWN_INDEX else self.frames[creator])


def bounds_of(size: Ints) -> Ints:
    """Return where runs of so many entries begin, one behind the other, and where the last one ends."""
    bounds = np.zeros(len(size) + 1, dtype=np.int64)
    np.cumsum(size, out=bounds[1:])
    return bounds


def pieces_of(bounds: Ints, size: int) -> Iterator[tuple[int, int]]:
    """Cut runs into ranges that have about so many entries, or more where a single run has."""
    borders = np.searchsorted(bounds, np.arange(0, bounds[-1] + 1, size))
    return pairwise([*np.unique(borders).tolist(), len(bounds) - 1])


def as_one(columns: Iterable[NDArray[np.integer[Any] | np.bool_]]) -> Ints:
    """Return one number for each row of columns of numbers from 0 on: equal rows have equal ones."""
    one, reach = np.zeros(1, dtype=np.int64), 1
    for column in columns:
        base = int(column.max(initial=0)) + 1
        if reach * base > _MOST:
            one = np.unique(one, return_inverse=True)[1]
            reach = len(one)
        one, reach = one * base + column, reach * base
    return one


def _codes(values: Sequence[int]) -> Codes:
    return np.array(values, dtype=np.int32)
