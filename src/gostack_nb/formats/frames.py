"""What a dump says of one goroutine: its frames and marks, and what stands where nothing is printed.

Frames and stacks are tuples: they are made, hashed and compared by the hundred thousand where all stacks are distinct.
Nothing here needs numpy: the processes that read parts of a large file start in a few milliseconds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import NamedTuple, Self, overload

from gostack_nb.formats.numbering import Numbering

UNKNOWN_INDEX = -1
"""In an index column: not known (the form does not tell)."""

UNKNOWN_NUMBER = -1
"""In `goroutine_id`, `wait_minutes`, `bubble` and `creator_id`: not printed."""

MAX_ISSUE_TEXT = 200
"""Of a line, this much is kept in an issue."""


class Mark(IntFlag):
    """Flags that a goroutine header may carry."""

    LEAKED = 1
    DURABLE = 2
    LOCKED = 4


class Frame(NamedTuple):
    """One call: `line` is 0 and `file` empty where the dump does not tell."""

    function: str
    file: str = ""
    line: int = 0
    inlined: bool = False


class Stack(NamedTuple):
    """The frames of one distinct stack, leaf first, and the `go` statement that started it."""

    frames: tuple[Frame, ...]
    creator: Frame | None = None


@dataclass(frozen=True, slots=True)
class Stacks(Sequence[Stack]):
    """The distinct stacks of a dump as numbers of their frames; read as a sequence of `Stack`.

    Attributes
    ----------
    frames : tuple of Frame
        The distinct frames.
    calls : tuple of tuples of int
        Of each stack the numbers of its frames, leaf first.
    creators : tuple of int
        Of each stack the number of the frame whose `go` statement started it; UNKNOWN_INDEX where none is told.

    Examples
    --------
    >>> stacks = Stacks.of([Stack((Frame("main.f"), Frame("main.g"))), Stack((Frame("main.g"),), Frame("main.main"))])
    >>> stacks.calls, stacks.creators
    (((0, 1), (1,)), (-1, 2))
    >>> stacks[1].creator
    Frame(function='main.main', file='', line=0, inlined=False)
    """

    frames: tuple[Frame, ...]
    calls: tuple[tuple[int, ...], ...]
    creators: tuple[int, ...]

    @classmethod
    def of(cls, stacks: Iterable[Stack]) -> Self:
        """Give every distinct frame a number."""
        numbers = Numbering[Frame]()
        given = list(stacks)
        calls = tuple([tuple([numbers[frame] for frame in stack.frames]) for stack in given])
        creators = tuple([UNKNOWN_INDEX if stack.creator is None else numbers[stack.creator] for stack in given])
        return cls(tuple(numbers), calls, creators)

    def __len__(self) -> int:
        return len(self.calls)

    def __iter__(self) -> Iterator[Stack]:
        return map(self._stack, range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Stack: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Stack]: ...
    def __getitem__(self, index: int | slice) -> Stack | Sequence[Stack]:
        if isinstance(index, slice):
            return [self._stack(place) for place in range(*index.indices(len(self)))]
        return self._stack(index)

    def only(self, wanted: Iterable[int]) -> Self:
        """Keep some of the stacks, in the order named; the frames stay."""
        kept = list(wanted)
        return type(self)(
            self.frames, tuple([self.calls[place] for place in kept]), tuple([self.creators[place] for place in kept])
        )

    def _stack(self, index: int) -> Stack:
        creator = self.creators[index]
        frames = tuple([self.frames[number] for number in self.calls[index]])
        return Stack(frames, None if creator == UNKNOWN_INDEX else self.frames[creator])
