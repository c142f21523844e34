"""The goroutines of a text while it is being read: growing columns and the dictionaries of what was seen."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from gostack_nb.formats.frames import MAX_ISSUE_TEXT, UNKNOWN_INDEX, Frame, Stack
from gostack_nb.formats.header import Attributes, Word
from gostack_nb.formats.numbering import Numbering

Parts = tuple[int, int, int]
"""A stack: the numbers of its leaf, of what stands below it and of its creator; UNKNOWN_INDEX where there is none."""

MAX_ODD_BYTES = 192 << 10
"""More text that is not plainly goroutines is not kept: then nobody can say that no log is wrapped around the dump."""


class Event(Enum):
    """Something between two goroutines that tells where a dump begins, or why it was printed."""

    SIGNAL = auto()
    PANIC = auto()
    FATAL = auto()
    THREADS = auto()  # `-----`: the threads one by one, behind the full dump of GOTRACEBACK=crash
    OTHER_TEXT = auto()  # a line that is not part of any traceback


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, the number of goroutines read before it, and where its line begins."""

    event: Event
    before: int
    offset: int


@dataclass(frozen=True, slots=True)
class Finding:
    """An issue, the number of goroutines read before it, and where its line begins in the text."""

    reason: str
    before: int
    offset: int
    text: str


@dataclass(slots=True)
class Rows:
    """One entry per goroutine and column; the codes are those of the `Records` around them.

    The ids stay text, several goroutines to an entry with a blank between two, until all are there: numpy reads it
    three times as fast as `int` does.
    """

    goroutine_id_text: list[bytes] = field(default_factory=list)
    word: "array[int]" = field(default_factory=lambda: array("i"))
    attributes: "array[int]" = field(default_factory=lambda: array("i"))
    labels: "array[int]" = field(default_factory=lambda: array("i"))
    stack: "array[int]" = field(default_factory=lambda: array("i"))
    creator_id_text: list[bytes] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.stack)

    def extend(
        self,
        goroutine_id: Iterable[bytes],
        word: Iterable[int],
        attributes: Iterable[int],
        labels: Iterable[int],
        stack: Iterable[int],
        creator_id: Iterable[bytes],
    ) -> None:
        """Append goroutines, each argument a column; an array reads a tuple faster than its `extend` does."""
        self.goroutine_id_text.append(b" ".join(goroutine_id))
        self.word += array("i", word)
        self.attributes += array("i", attributes)
        self.labels += array("i", labels)
        self.stack += array("i", stack)
        self.creator_id_text.append(b" ".join(creator_id))


@dataclass(slots=True)
class Records:
    """What was read of a text so far."""

    rows: Rows = field(default_factory=Rows)
    words: Numbering[Word] = field(default_factory=Numbering)
    attributes: Numbering[Attributes] = field(default_factory=Numbering)
    label_sets: Numbering[str] = field(default_factory=Numbering)
    frames: Numbering[Frame] = field(default_factory=Numbering)
    below: Numbering[tuple[int, ...]] = field(default_factory=Numbering)  # frames: many stacks differ in the leaf only
    stacks: Numbering[Parts] = field(default_factory=Numbering)

    happenings: list[Happening] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    odd: bytearray = field(default_factory=bytearray)  # the first of the text that is not plainly goroutines
    size: int = 0  # bytes of the text
    ends_with_line: bool = True  # the last byte ends a line
    cut: bool = False  # the text ends inside a goroutine
    level2: bool = False  # headers with gp=0x..: runtime frames are shown

    def labels_code(self, labels: str | None) -> int:
        """Return the code of a set of labels; UNKNOWN_INDEX for none."""
        return UNKNOWN_INDEX if labels is None else self.label_sets[labels]

    def stack_code(self, stack: Stack) -> int:
        """Return the code of a stack: equal stacks have one."""
        leaf, *below = [self.frames[frame] for frame in stack.frames] or [UNKNOWN_INDEX]
        creator = UNKNOWN_INDEX if stack.creator is None else self.frames[stack.creator]
        return self.stacks[leaf, self.below[tuple(below)], creator]

    def happen(self, event: Event, offset: int) -> None:
        """Note an event at the current place; of line after line of other text the first is enough."""
        last = self.happenings[-1] if self.happenings else None
        if last is None or (event, len(self.rows)) != (last.event, last.before) or event is not Event.OTHER_TEXT:
            self.happenings.append(Happening(event, len(self.rows), offset))

    def find(self, reason: str, offset: int, line: bytes) -> None:
        """Note something that could not be read."""
        text = line[:MAX_ISSUE_TEXT].decode("utf-8", "backslashreplace")
        self.findings.append(Finding(reason, len(self.rows), offset, text))

    def keep_odd(self, text: bytes) -> None:
        """Keep text that is not plainly goroutines, as long as there is little of it."""
        if len(self.odd) > MAX_ODD_BYTES:
            return
        self.odd += b"\n" + text[:MAX_ODD_BYTES]
