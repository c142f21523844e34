"""Tracebacks as Go prints them, debug=2 and after a SIGQUIT, of any size: real stacks, fresh numbers.

Each stack is one template, filled for every goroutine with one `%`; nothing is made per line.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpus_stacks import SIGNALS, TEXTS, Frame, Shape, take_shapes, weight_of
from benchmarks.label_sets import LABEL_SETS, in_header, label_sets
from benchmarks.random_numbers import Numbers, values_like

STACKS = 400
"""Distinct stacks of a dump, unless told otherwise."""

MOST_MINUTES = 1500
LABELLED_OF_6 = 2

_BATCH = 4096
_VALUES = 1 << 16
_WAITED_OF_6 = 3
_LARGEST_GAP = 120
_LEAF_LINES = 3000
_STACK_BASE = b"\x06"  # stands for the upper digits of a goroutine's stack until it is printed
_ADDRESSES = re.compile(rb" fp=0x[0-9a-f]+?([0-9a-f]{3}) sp=0x[0-9a-f]+?([0-9a-f]{3}) (pc=0x[0-9a-f]+)")
_VALUE = re.compile(rb"0x[0-9a-f]+")
_SEPARATOR = b"\n\ngoroutine "
_SIGNAL_HEAD = b"SIGQUIT: quit\nPC=0x40da4e m=0 sigcode=0\n\n"
_REGISTERS = ("rax", "rbx", "rcx", "rdx", "rdi", "rsi", "rbp", "rsp", "r8", "r9", "rip", "rflags", "cs", "fs", "gs")


@dataclass(frozen=True, slots=True)
class Written:
    """What a dump holds: what a reader must find in it."""

    size_bytes: int
    goroutines: int
    stacks: int
    frames: int
    labelled: int
    waited: int

    @property
    def frames_per_goroutine(self) -> float:
        """The average, without the creator."""
        return self.frames / self.goroutines


@dataclass(frozen=True, slots=True)
class _Template:
    """A stack's text with a `%s` for everything that differs between goroutines."""

    text: bytes
    before_line: int  # values in front of the leaf's line number
    values: int
    creator: bool
    statuses: tuple[bytes, ...]  # `state, N minutes` at index N


class TracebackText:
    """Prints goroutines without end, batch by batch.

    Parameters
    ----------
    seed : int
        The same seed prints the same bytes.
    stacks : int or None
        Distinct stacks; None makes every goroutine's stack distinct, by the line numbers of its leaf and its creator.
    labelled : int
        How many of six goroutines have labels.
    signal : bool
        With what a SIGQUIT prints beside: `gp=`, `m=`, `fp= sp= pc=`.
    """

    def __init__(
        self, seed: int, *, stacks: int | None = STACKS, labelled: int = LABELLED_OF_6, signal: bool = False
    ) -> None:
        self._numbers = Numbers(seed)
        self._signal, self._distinct, self._labelled = signal, stacks is None, labelled
        shapes = take_shapes(STACKS if stacks is None else stacks, SIGNALS if signal else TEXTS)
        self._templates = [_template(shape, own_lines=self._distinct, signal=signal) for shape in shapes]
        self._weights = np.array([weight_of(shape, rank) for rank, shape in enumerate(shapes)], dtype=np.int64)
        self._depths = np.array([len(shape.frames) for shape in shapes], dtype=np.int64)
        self._blocked = np.array([shape.blocked for shape in shapes])
        arguments = [frame.arguments for shape in shapes for frame in shape.frames]
        self._values = values_like(arguments, self._numbers, _VALUES)
        self._labels = [b"", *(f" {in_header(labels)}".encode() for labels in label_sets())]
        self._last_id = 0

    def write(self, file: BinaryIO, size_bytes: int) -> Written:
        """Write a dump of about that size: it ends behind the goroutine that reaches it."""
        start = _SIGNAL_HEAD if self._signal else b""
        position, tallies, used = file.write(start), np.zeros(4, np.int64), np.zeros(len(self._templates), np.bool_)
        while position < size_bytes:
            drawn = self._draw()
            text = b"\n".join(self._print(drawn))
            kept = _BATCH
            if position + len(text) >= size_bytes:
                text, kept = _cut(text, size_bytes - position)
            position += file.write(text if position == len(start) else b"\n" + text)
            tallies += drawn.tally(kept, self._depths)
            used[drawn.stack[:kept]] = True
        position += file.write(_registers()) if self._signal else 0
        goroutines, frames, labelled, waited = map(int, tallies)
        return Written(
            position, goroutines, goroutines if self._distinct else int(used.sum()), frames, labelled, waited
        )

    def _draw(self) -> "_Drawn":
        """Draw everything that tells the goroutines of one batch apart."""
        numbers, size = self._numbers, _BATCH
        stack = numbers.weighted(self._weights, size)
        ids = self._last_id + np.cumsum(1 + numbers.below(_LARGEST_GAP, size))
        minutes = 1 + numbers.below(MOST_MINUTES, size)
        minutes[(numbers.below(6, size) >= _WAITED_OF_6) | ~self._blocked[stack]] = 0
        labels = 1 + numbers.below(LABEL_SETS, size)
        labels[numbers.below(6, size) >= self._labelled] = 0
        offsets = numbers.below(_VALUES - 512, size)
        creators = np.maximum(ids - 1 - numbers.below(4000, size), 1)
        creators[numbers.below(2, size) == 0] %= 997  # half were started by one of the long-lived ones
        self._last_id = int(ids[-1])
        return _Drawn(stack, ids, minutes, labels, offsets, creators + (creators == 0))

    def _print(self, drawn: "_Drawn") -> list[bytes]:
        columns = (drawn.stack, drawn.ids, drawn.minutes, drawn.labels, drawn.offsets, drawn.creators)
        fill = self._fill_distinct if self._distinct else self._fill
        rows = zip(*(column.tolist() for column in columns), strict=True)
        blocks = [fill(*row) for row in rows]
        if not self._signal:
            return blocks
        bases = [b"%07x" % (offset * 4099) for offset in drawn.offsets.tolist()]
        return [block.replace(_STACK_BASE, base) for block, base in zip(blocks, bases, strict=True)]

    def _fill(self, stack: int, ident: int, minutes: int, labels: int, offset: int, creator: int) -> bytes:
        template = self._templates[stack]
        values = self._values[offset : offset + template.values]
        head = (ident, template.statuses[minutes], self._labels[labels])
        return template.text % ((*head, *values, creator) if template.creator else (*head, *values))

    def _fill_distinct(self, stack: int, ident: int, minutes: int, labels: int, offset: int, creator: int) -> bytes:
        """Fill in line numbers too: with the id in mixed radix no two goroutines share both."""
        template = self._templates[stack]
        values = self._values[offset : offset + template.values]
        head = (ident, template.statuses[minutes], self._labels[labels])
        high, low = divmod(ident, _LEAF_LINES)
        leaf = low + 1 if template.creator else ident
        started = (creator, high + 1) if template.creator else ()
        cut = template.before_line
        return template.text % (*head, *values[:cut], leaf, *values[cut:], *started)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One batch of goroutines, before it is printed."""

    stack: NDArray[np.int64]
    ids: NDArray[np.int64]
    minutes: NDArray[np.int64]
    labels: NDArray[np.int64]
    offsets: NDArray[np.int64]
    creators: NDArray[np.int64]

    def tally(self, kept: int, depths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count goroutines, frames, those with labels and those with minutes among the first ones."""
        frames = depths[self.stack[:kept]].sum()
        return np.array([kept, frames, np.count_nonzero(self.labels[:kept]), np.count_nonzero(self.minutes[:kept])])


def _template(shape: Shape, *, own_lines: bool, signal: bool) -> _Template:
    leaf, *others = shape.frames
    head = b"goroutine %d" + (b" gp=0x3274" + _STACK_BASE + b"700 m=nil" if signal else b"") + b" [%b]%b:\n"
    first = _frame_text(leaf, line=b"%d" if own_lines else None)
    text = head + first + b"".join(_frame_text(frame) for frame in others)
    if shape.creator is not None:
        text += b"created by " + _escaped(shape.creator.function) + b" in goroutine %d\n"
        text += _place_text(shape.creator, line=b"%d" if own_lines else None)
    before, values = (sum(map(_value_count, frames)) for frames in ([leaf], shape.frames))
    return _Template(text, before, values, shape.creator is not None, _statuses(shape.state))


def _frame_text(frame: Frame, line: bytes | None = None) -> bytes:
    arguments = _VALUE.sub(b"%b", _escaped(frame.arguments))
    return _escaped(frame.function) + b"(" + arguments + b")\n" + _place_text(frame, line)


def _place_text(frame: Frame, line: bytes | None) -> bytes:
    behind = _ADDRESSES.sub(rb" fp=0x3274" + _STACK_BASE + rb"\1 sp=0x3274" + _STACK_BASE + rb"\2 \3", frame.behind)
    return b"\t" + _escaped(frame.file) + b":" + (line or b"%d" % frame.line) + behind + b"\n"


def _value_count(frame: Frame) -> int:
    return len(_VALUE.findall(frame.arguments))


def _escaped(text: bytes) -> bytes:
    return text.replace(b"%", b"%%")


@cache
def _statuses(state: bytes) -> tuple[bytes, ...]:
    """Print the inside of the brackets for every number of minutes; they stand behind the wait reason."""
    reason, comma, others = state.partition(b", ")
    minutes = (b", %d minutes" % number if number else b"" for number in range(MOST_MINUTES + 1))
    return tuple(reason + waited + comma + others for waited in minutes)


def _cut(text: bytes, needed: int) -> tuple[bytes, int]:
    """Cut a batch behind the goroutine that reaches a size; tell how many are left."""
    end = text.find(_SEPARATOR, needed)
    kept = text if end < 0 else text[: end + 1]
    return kept, kept.count(_SEPARATOR) + 1


def _registers() -> bytes:
    """Print what a signal handler prints last."""
    return b"\n" + b"".join(b"%-6b 0x%x\n" % (name.encode(), at * 16) for at, name in enumerate(_REGISTERS))
