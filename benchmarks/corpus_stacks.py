"""Real stacks of the corpus, taken apart, so that dumps of any size can be printed from them.

The corpus holds some 200 distinct stacks without ancestors. Where more are asked for, a stack is put on top of another,
leaf frames of the one above all frames of the other, as a library stands on its callers; when the pairs run out, line
numbers are changed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import count, islice
from math import isqrt
from pathlib import Path

ROOT = Path(__file__).parents[1]

TEXTS = ("tests/corpus/dumps/go1.2*/**/*.debug2.txt", "data/push-incident/**/*.debug2.txt")
"""The dumps with debug=2: user frames only."""

SIGNALS = ("tests/corpus/dumps/go1.27.3/**/sigquit*.txt",)
"""The dumps after a SIGQUIT: runtime frames and addresses too."""

MOST_FRAMES = 60
"""Deeper ones are runaway recursions, printed with 100 frames; a process full of them is another benchmark."""

_ROOTS = (b"runtime.goexit", b"runtime.main")
_BLOCK_END = re.compile(rb"\n\n(?=goroutine \d+ )")
_HEADER = re.compile(rb"goroutine \d+(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[([^\]{]*)\]")
_CALL = re.compile(rb"(?P<name>\S.*)\((?P<arguments>[^()]*)\)")
_LOCATION = re.compile(rb"\t(?P<file>.+):(?P<line>\d+)(?P<behind>(?: \+0x[0-9a-f]+)?(?: fp=.*)?)")
_CREATOR = re.compile(rb"created by (?P<name>.*?) in goroutine \d+")
_MINUTES = re.compile(rb", \d+ minutes| labels:.*")


@dataclass(frozen=True, slots=True)
class Frame:
    """Two printed lines, `function(arguments)` and `<TAB>file:line behind`."""

    function: bytes
    arguments: bytes
    file: bytes
    line: int
    behind: bytes

    @property
    def place(self) -> tuple[bytes, bytes, int]:
        """What tells the frame from others."""
        return self.function, self.file, self.line

    @property
    def inlined(self) -> bool:
        """Whether the compiler put the call into its caller: then Go prints no arguments and no offset."""
        return self.arguments == b"..."


@dataclass(frozen=True, slots=True)
class Shape:
    """One distinct stack, leaf first: all goroutines that stand there print the same, but for numbers."""

    state: bytes
    frames: tuple[Frame, ...]
    creator: Frame | None

    @property
    def places(self) -> tuple[tuple[bytes, bytes, int], ...]:
        """What tells the stack from others."""
        return tuple(frame.place for frame in (*self.frames, *([self.creator] if self.creator else [])))

    @property
    def blocked(self) -> bool:
        """Whether the goroutine waits, so that Go may print for how long."""
        return not self.state.startswith((b"running", b"runnable", b"idle", b"dead", b"???"))


def take_shapes(wanted: int, patterns: Sequence[str] = TEXTS) -> tuple[Shape, ...]:
    """Return that many distinct stacks: real ones first, then real ones combined."""
    return tuple(islice(_shapes(real_shapes(tuple(patterns))), wanted))


def weight_of(shape: Shape, rank: int) -> int:
    """Say how often a stack occurs beside others: few stacks are frequent.

    A corpus is full of idle helpers with one frame, a server under load of deep stacks that wait, and few run. The
    exponent 1.5 gives the eleven frames on average that a real server had. Integers: the same on every machine.
    """
    return isqrt(len(shape.frames) ** 3 * 10**12) // (rank + 10) // (1 if shape.blocked else 30)


@cache
def real_shapes(patterns: tuple[str, ...]) -> tuple[Shape, ...]:
    """Read the distinct stacks of the corpus, in the order of the files' names."""
    paths = sorted({path for pattern in patterns for path in ROOT.glob(pattern)})
    found: dict[object, Shape] = {}
    for path in paths:
        for block in _BLOCK_END.split(path.read_bytes()):
            shape = read_block(block)
            if shape is not None:
                found.setdefault(shape.places, shape)
    return tuple(found.values())


def read_block(block: bytes) -> Shape | None:
    """Take one printed goroutine apart; None if it holds more than calls with places and a creator with an id.

    Bubbles of synctest are left out too: they live in tests, not in a service.
    """
    start = block.find(b"goroutine ")
    header, _, body = block[max(start, 0) :].partition(b"\n")
    found = _HEADER.match(header)
    lines = [line for line in body.split(b"\n") if line]
    frames = [_frame(call, place) for call, place in zip(lines[::2], lines[1::2], strict=False)]
    if (
        found is None
        or b"synctest" in found[1]
        or len(lines) % 2
        or not frames
        or not all(frames)
        or len(frames) > MOST_FRAMES
    ):
        return None
    whole = [frame for frame in frames if frame is not None]
    creator = whole.pop() if lines[-2].startswith(b"created by ") else None
    return Shape(_MINUTES.sub(b"", found[1]), tuple(whole), creator) if whole else None


def _frame(call: bytes, place: bytes) -> Frame | None:
    found, at = _CREATOR.fullmatch(call) or _CALL.fullmatch(call), _LOCATION.fullmatch(place)
    if found is None or at is None or (call.startswith(b"created by ") and found.re is _CALL):
        return None
    return Frame(found["name"], found.groupdict().get("arguments", b""), at["file"], int(at["line"]), at["behind"])


def _shapes(real: Sequence[Shape]) -> Iterator[Shape]:
    """Yield distinct stacks without end."""
    seen: set[object] = set()
    for shape in _candidates(real):
        if shape.places not in seen:
            seen.add(shape.places)
            yield shape


def _candidates(real: Sequence[Shape]) -> Iterator[Shape]:
    yield from real
    deep = [shape for shape in real if len(shape.frames) > 2 and shape.blocked]
    for shift in count():
        for step in range(1, len(deep)):
            for at, upper in enumerate(deep):
                yield _moved(_stacked(upper, deep[(at + step) % len(deep)]), shift)


def _stacked(upper: Shape, lower: Shape) -> Shape:
    """Put one stack on top of another: it was called from there."""
    above = tuple(frame for frame in upper.frames if frame.function not in _ROOTS)
    return Shape(upper.state, above + lower.frames, lower.creator)


def _moved(shape: Shape, lines: int) -> Shape:
    leaf = shape.frames[0]
    return replace(shape, frames=(replace(leaf, line=leaf.line + lines), *shape.frames[1:]))
