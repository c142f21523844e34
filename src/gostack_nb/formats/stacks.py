"""The distinct stacks of a dump as arrays: numbers of frames, never an object per stack."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray

from gostack_nb.formats.frames import UNKNOWN_INDEX, Frame, Stack
from gostack_nb.formats.numbering import Numbering

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Stacks(Sequence[Stack]):
    """The distinct stacks of a dump as numbers of their frames; read as a sequence of `Stack`.

    Attributes
    ----------
    frames : tuple of Frame
        The distinct frames.
    calls : array of int32
        Numbers of frames, leaf first, one stack behind the other.
    bounds : array of int64
        Stack i has the calls from `bounds[i]` to `bounds[i + 1]`.
    creators : array of int32
        Of each stack the number of the frame whose `go` statement started it; UNKNOWN_INDEX where none is told.

    Examples
    --------
    >>> stacks = Stacks.of([Stack((Frame("main.f"), Frame("main.g"))), Stack((Frame("main.g"),), Frame("main.main"))])
    >>> stacks.calls.tolist(), stacks.bounds.tolist(), stacks.creators.tolist()
    ([0, 1, 1], [0, 2, 3], [-1, 2])
    >>> stacks[1].creator
    Frame(function='main.main', file='', line=0, inlined=False)
    """

    frames: tuple[Frame, ...]
    calls: Codes
    bounds: Ints
    creators: Codes

    @classmethod
    def of(cls, stacks: Iterable[Stack]) -> Self:
        """Give every distinct frame a number."""
        numbers = Numbering[Frame]()
        given = list(stacks)
        calls = [tuple([numbers[frame] for frame in stack.frames]) for stack in given]
        creators = [UNKNOWN_INDEX if stack.creator is None else numbers[stack.creator] for stack in given]
        return cls.of_calls(tuple(numbers), calls, creators)

    @classmethod
    def of_calls(cls, frames: tuple[Frame, ...], calls: Sequence[tuple[int, ...]], creators: Sequence[int]) -> Self:
        """Take the numbers of the frames of each stack."""
        bounds = _bounds(np.fromiter(map(len, calls), np.int64, len(calls)))
        flat = np.fromiter(chain.from_iterable(calls), np.int32, int(bounds[-1]))
        return cls(frames, flat, bounds, np.array(creators, dtype=np.int32))

    @classmethod
    def of_parts(
        cls, frames: tuple[Frame, ...], below: Iterable[tuple[int, ...]], parts: Collection[tuple[int, int, int]]
    ) -> Self:
        """Put stacks together from the number of the leaf, which frames stand below it, and the creator's number."""
        leaf, which, creators = np.fromiter(chain.from_iterable(parts), np.int32, 3 * len(parts)).reshape(-1, 3).T
        texts = [array("i", (UNKNOWN_INDEX, *calls)).tobytes() for calls in below]
        size = np.fromiter(map(len, texts), np.int64, len(texts))[which] // array("i").itemsize
        calls = np.frombuffer(bytearray().join(map(texts.__getitem__, which.tolist())), np.int32)
        calls[np.cumsum(size) - size] = leaf
        return cls(frames, calls[calls != UNKNOWN_INDEX], _bounds(size - (leaf == UNKNOWN_INDEX)), creators.copy())

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

    def only(self, wanted: Ints) -> Self:
        """Keep some of the stacks, in the order named; the frames stay."""
        first = self.bounds[wanted]
        bounds = _bounds(self.bounds[wanted + 1] - first)
        places = np.arange(bounds[-1]) + np.repeat(first - bounds[:-1], np.diff(bounds))
        return type(self)(self.frames, self.calls[places], bounds, self.creators[wanted])

    def roots(self) -> set[Frame]:
        """Return the outermost frames."""
        filled = np.flatnonzero(np.diff(self.bounds))
        return {self.frames[number] for number in np.unique(self.calls[self.bounds[filled + 1] - 1]).tolist()}

    def _stack(self, index: int) -> Stack:
        start, end = self.bounds[index : index + 2].tolist()
        creator = int(self.creators[index])
        frames = tuple([self.frames[number] for number in self.calls[start:end].tolist()])
        return Stack(frames, None if creator == UNKNOWN_INDEX else self.frames[creator])


def _bounds(size: Ints) -> Ints:
    bounds = np.zeros(len(size) + 1, dtype=np.int64)
    np.cumsum(size, out=bounds[1:])
    return bounds
