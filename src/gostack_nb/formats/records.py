"""The goroutines of a text while it is being read: growing columns and the dictionaries of what was seen.

No dataclass here, nor in what else the parser imports: `dataclasses` alone takes a process that reads a part of a file
a quarter of its start.
"""

from array import array
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from struct import pack
from typing import NamedTuple

from gostack_nb.formats.frames import MAX_ISSUE_TEXT, UNKNOWN_INDEX, Frame, Stack
from gostack_nb.formats.header import Attributes, Word
from gostack_nb.formats.numbering import Numbering

Place = tuple[int, int, int]
"""A frame: the numbers of its function and file, and the line."""

NO_LINE = b"0"
"""Stands where a stack has no leaf or no creator; so does UNKNOWN_INDEX for their functions and files."""

MAX_ODD_BYTES = 192 << 10
"""More text that is not plainly goroutines is not kept: then nobody can say that no log is wrapped around the dump."""


_NOWHERE: Place = (UNKNOWN_INDEX, UNKNOWN_INDEX, 0)


class Event(Enum):
    """Something between two goroutines that tells where a dump begins, or why it was printed."""

    SIGNAL = auto()
    PANIC = auto()
    FATAL = auto()
    THREADS = auto()  # `-----`: the threads one by one, behind the full dump of GOTRACEBACK=crash
    OTHER_TEXT = auto()  # a line that is not part of any traceback


class Happening(NamedTuple):
    """An event, the number of goroutines read before it, and where its line begins."""

    event: Event
    before: int
    offset: int


class Finding(NamedTuple):
    """An issue, the number of goroutines read before it, and where its line begins in the text."""

    reason: str
    before: int
    offset: int
    text: str


class Rows:
    """One entry per goroutine and column; the codes are those of the `Records` around them.

    The ids stay text, several goroutines to an entry with a blank between two, until all are there: numpy reads it
    three times as fast as `int` does.
    """

    __slots__ = ("attributes", "creator_id_text", "goroutine_id_text", "labels", "stack", "word")

    def __init__(self) -> None:
        self.goroutine_id_text: list[bytes] = []
        self.word, self.attributes, self.labels, self.stack = array("i"), array("i"), array("i"), array("i")
        self.creator_id_text: list[bytes] = []

    def __len__(self) -> int:
        return len(self.stack)

    def extend(
        self,
        goroutine_id: Iterable[bytes],
        word: Sequence[int],
        attributes: Sequence[int],
        labels: Sequence[int],
        stack: Sequence[int],
        creator_id: Iterable[bytes],
    ) -> None:
        """Append goroutines, each argument a column."""
        self.goroutine_id_text.append(b" ".join(goroutine_id))
        self.word.frombytes(_packed(word))
        self.attributes.frombytes(_packed(attributes))
        self.labels.frombytes(_packed(labels))
        self.stack.frombytes(_packed(stack))
        self.creator_id_text.append(b" ".join(creator_id))


class StackParts(NamedTuple):
    """What makes a stack: leaf, what stands below it with the function of the creator, and the creator's place."""

    function: int
    file: int
    line_text: bytes
    rest: int
    creator_file: int
    creator_line_text: bytes


class StackColumns:
    """One entry per stack and column, the stacks as they were met: equal ones may have several entries.

    Lines stay text for the same reason as ids. The number of a stack counts from those before these columns, `first`.
    """

    __slots__ = ("creator_file", "creator_line_text", "file", "first", "function", "line_text", "rest")

    def __init__(self, first: int = 0) -> None:
        self.first = first
        self.function, self.file, self.rest, self.creator_file = array("i"), array("i"), array("i"), array("i")
        self.line_text: list[bytes] = []
        self.creator_line_text: list[bytes] = []

    def __len__(self) -> int:
        return self.first + len(self.rest)

    def append(self, stack: StackParts) -> int:
        """Append one stack; return its number."""
        self.function.append(stack.function)
        self.file.append(stack.file)
        self.line_text.append(stack.line_text)
        self.rest.append(stack.rest)
        self.creator_file.append(stack.creator_file)
        self.creator_line_text.append(stack.creator_line_text)
        return len(self) - 1

    def extend(
        self,
        function: Sequence[int],
        file: Sequence[int],
        line_text: Iterable[bytes],
        rest: Sequence[int],
        creator_file: Sequence[int],
        creator_line_text: Iterable[bytes],
    ) -> range:
        """Append stacks, each argument a column; return their numbers."""
        before = len(self)
        self.function.frombytes(_packed(function))
        self.file.frombytes(_packed(file))
        self.line_text.append(b" ".join(line_text))
        self.rest.frombytes(_packed(rest))
        self.creator_file.frombytes(_packed(creator_file))
        self.creator_line_text.append(b" ".join(creator_line_text))
        return range(before, len(self))


class Counts(NamedTuple):
    """How many words, attributes ... of the `Records` have a number."""

    words: int
    attributes: int
    label_sets: int
    functions: int
    files: int
    frames: int
    below: int
    rests: int


class Records:
    """What was read of a text so far."""

    def __init__(self) -> None:
        self.rows = Rows()
        self.words = Numbering[Word]()
        self.attributes = Numbering[Attributes]()
        self.label_sets = Numbering[str]()
        self.functions = Numbering[str]()
        self.files = Numbering[str]()
        self.frames = Numbering[Place]()  # those below leaves
        self.below = Numbering[tuple[int, ...]]()  # frames: many stacks differ in the leaf only
        self.rests = Numbering[tuple[int, int]]()  # below, creator's function
        self.stacks = StackColumns()

        self.happenings: list[Happening] = []
        self.findings: list[Finding] = []
        self.odd = bytearray()  # the first of the text that is not plainly goroutines
        self.size = 0  # bytes of the text
        self.ends_with_line = True  # the last byte ends a line
        self.cut = False  # the text ends inside a goroutine
        self.level2 = False  # headers with gp=0x..: runtime frames are shown

    def labels_code(self, labels: str | None) -> int:
        """Return the code of a set of labels; UNKNOWN_INDEX for none."""
        return UNKNOWN_INDEX if labels is None else self.label_sets[labels]

    def stack_code(self, stack: Stack) -> int:
        """Append a stack and return its code."""
        leaf, creator = next(iter(stack.frames), None), stack.creator
        below = self.below[tuple([self.frames[self._place(frame)] for frame in stack.frames[1:]])]
        function, file, line = _NOWHERE if leaf is None else self._place(leaf)
        started_by, creator_file, creator_line = _NOWHERE if creator is None else self._place(creator)
        rest = self.rests[below, started_by]
        return self.stacks.append(StackParts(function, file, b"%d" % line, rest, creator_file, b"%d" % creator_line))

    def _place(self, frame: Frame) -> Place:
        return self.functions[frame.function], self.files[frame.file], frame.line

    def happen(self, event: Event, offset: int) -> None:
        """Note an event at the current place; of line after line of other text the first is enough."""
        last = self.happenings[-1] if self.happenings else None
        if last is None or (event, len(self.rows)) != (last.event, last.before) or event is not Event.OTHER_TEXT:
            self.happenings.append(Happening(event, len(self.rows), offset))

    def find(self, reason: str, offset: int, line: bytes) -> None:
        """Note something that could not be read."""
        text = line[:MAX_ISSUE_TEXT].decode("utf-8", "backslashreplace")[:MAX_ISSUE_TEXT]
        self.findings.append(Finding(reason, len(self.rows), offset, text))

    def keep_odd(self, text: bytes) -> None:
        """Keep text that is not plainly goroutines, as long as there is little of it."""
        if len(self.odd) > MAX_ODD_BYTES:
            return
        self.odd += b"\n" + text[:MAX_ODD_BYTES]

    def begun_anew(self) -> "Records":
        """Return records of no goroutine that go on with the numbers of these."""
        new = Records()
        new.words, new.attributes, new.label_sets = self.words, self.attributes, self.label_sets
        new.functions, new.files, new.frames = self.functions, self.files, self.frames
        new.below, new.rests, new.stacks = self.below, self.rests, StackColumns(first=len(self.stacks))
        return new

    def counts(self) -> Counts:
        """Return how many things have numbers."""
        return Counts(
            words=len(self.words),
            attributes=len(self.attributes),
            label_sets=len(self.label_sets),
            functions=len(self.functions),
            files=len(self.files),
            frames=len(self.frames),
            below=len(self.below),
            rests=len(self.rests),
        )

    def since(self, known: Counts) -> "Records":
        """Return the same without what had a number at an earlier time."""
        new = Records()
        vars(new).update(vars(self))
        new.words = self.words.since(known.words)
        new.attributes = self.attributes.since(known.attributes)
        new.label_sets = self.label_sets.since(known.label_sets)
        new.functions = self.functions.since(known.functions)
        new.files = self.files.since(known.files)
        new.frames = self.frames.since(known.frames)
        new.below = self.below.since(known.below)
        new.rests = self.rests.since(known.rests)
        return new


def _packed(codes: Sequence[int]) -> bytes:
    """Write numbers as an array has them: it takes 7 ns for each, the array itself would take 20."""
    return pack(f"{len(codes)}i", *codes)
