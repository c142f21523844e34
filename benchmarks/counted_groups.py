"""The goroutines of a process as its profile counts them: groups of equal stack and labels, for debug=1 and debug=0."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from benchmarks.corpus_stacks import Frame, Shape, take_shapes, weight_of
from benchmarks.label_sets import LABEL_SETS, Labels, label_sets
from benchmarks.random_numbers import Numbers

STACKS = 3000
"""Distinct stacks of a big process: some thousands."""

_TEXT_START, _BYTES_PER_LOCATION = 0x401000, 0x47
_LABELLED_GROUPS = 4
_UPPER = {
    b"chan receive": (("runtime.chanrecv", "chan.go", 667), ("runtime.chanrecv1", "chan.go", 509)),
    b"chan send": (("runtime.chansend", "chan.go", 283), ("runtime.chansend1", "chan.go", 161)),
    b"select": (("runtime.selectgo", "select.go", 351),),
    b"IO wait": (("runtime.netpollblock", "netpoll.go", 575),),
    b"semacquire": (("runtime.goparkunlock", "proc.go", 480), ("runtime.semacquire1", "sema.go", 188)),
    b"sleep": (("time.Sleep", "time.go", 363),),
}
"""What stands between runtime.gopark and the user's frames, by wait reason: a profile holds it, debug=2 does not."""


@dataclass(frozen=True, slots=True)
class Line:
    """One source line of a location."""

    function: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Location:
    """One address; innermost line first, more than one where calls were inlined."""

    address: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`count` goroutines with one stack, leaf first, and one label set."""

    count: int
    locations: tuple[Location, ...]
    labels: Labels


def make_groups(seed: int, goroutines: int, stacks: int = STACKS) -> list[Group]:
    """Spread goroutines over groups, biggest group first, as Go prints them.

    Every third stack comes with several label sets too, as where requests are labelled.
    """
    numbers = Numbers(seed)
    program = _Program()
    kinds: list[tuple[tuple[Location, ...], Labels]] = []
    shares: list[int] = []
    for index, shape in enumerate(take_shapes(stacks)):
        locations = program.locations(shape)
        kinds.append((locations, ()))
        if index % 3 == 0:
            kinds += [(locations, label_sets()[(index + step) % LABEL_SETS]) for step in range(_LABELLED_GROUPS)]
        shares += [weight_of(shape, rank) for rank in range(len(shares), len(kinds))]
    more = max(goroutines - len(kinds), 0)
    counts = 1 + np.bincount(numbers.weighted(np.array(shares, dtype=np.int64), more), minlength=len(kinds))
    groups = [Group(count, *kind) for count, kind in zip(counts.tolist(), kinds, strict=True)]
    return sorted(islice(groups, goroutines), key=lambda group: -group.count)


class _Program:
    """Gives every distinct location its address."""

    def __init__(self) -> None:
        self._known: dict[tuple[Line, ...], Location] = {}

    def locations(self, shape: Shape) -> tuple[Location, ...]:
        upper = [(line,) for line in _upper_lines(shape)]
        return tuple(self._at(lines) for lines in (*upper, *_inlined_together(shape.frames)))

    def _at(self, lines: tuple[Line, ...]) -> Location:
        if lines not in self._known:
            self._known[lines] = Location(_TEXT_START + _BYTES_PER_LOCATION * len(self._known), lines)
        return self._known[lines]


def _upper_lines(shape: Shape) -> list[Line]:
    if not shape.blocked or shape.state.startswith(b"syscall"):
        return []
    reason = shape.state.partition(b" (")[0].partition(b",")[0]
    calls: Iterable[tuple[str, str, int]] = (("runtime.gopark", "proc.go", 474), *_UPPER.get(reason, ()))
    return [Line(function, f"/usr/local/go/src/runtime/{file}", line) for function, file, line in calls]


def _inlined_together(frames: Sequence[Frame]) -> list[tuple[Line, ...]]:
    """Join inlined calls with the call that holds them: they have one address."""
    joined, waiting = [], []
    for frame in frames:
        waiting.append(Line(_text(frame.function), _text(frame.file), frame.line))
        if not frame.inlined:
            joined.append(tuple(waiting))
            waiting = []
    return joined + ([tuple(waiting)] if waiting else [])


def _text(raw: bytes) -> str:
    return raw.decode("utf-8")
