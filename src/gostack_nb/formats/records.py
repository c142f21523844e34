"""The goroutines of a text while it is being read: growing columns and the dictionaries of what was seen."""

from array import array
from dataclasses import dataclass, field
from enum import Enum, auto

from gostack_nb.formats.columns import MAX_ISSUE_TEXT, UNKNOWN_INDEX, Stack
from gostack_nb.formats.header import Status, parse_status


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
class Records:
    """One entry per goroutine in each array; the codes index `statuses`, `label_sets` and `stacks`."""

    goroutine_id: "array[int]" = field(default_factory=lambda: array("q"))
    status: "array[int]" = field(default_factory=lambda: array("i"))
    labels: "array[int]" = field(default_factory=lambda: array("i"))
    stack: "array[int]" = field(default_factory=lambda: array("i"))
    creator_id: "array[int]" = field(default_factory=lambda: array("q"))

    statuses: list[Status] = field(default_factory=list)
    label_sets: list[str] = field(default_factory=list)
    stacks: list[Stack] = field(default_factory=list)

    status_codes: dict[bytes, int] = field(default_factory=dict)  # by the text in the brackets
    label_codes: dict[bytes, int] = field(default_factory=lambda: {b"": UNKNOWN_INDEX})  # by the text behind them
    body_codes: dict[bytes | tuple[bytes, bytes], int] = field(default_factory=dict)  # by the body without ids

    happenings: list[Happening] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    cut: bool = False  # the text ends inside a goroutine
    level2: bool = False  # headers with gp=0x..: runtime frames are shown

    _stack_codes: dict[Stack, int] = field(default_factory=dict)
    _statuses_seen: dict[Status, int] = field(default_factory=dict)
    _labels_seen: dict[str, int] = field(default_factory=dict)

    def learn_status(self, bracket: bytes) -> None:
        """Remember what the text in a header's brackets means."""
        self.status_codes[bracket] = self.status_code(parse_status(bracket))

    def learn_labels(self, printed: bytes, labels: str) -> None:
        """Remember what the text behind a header's brackets means."""
        self.label_codes[printed] = self.labels_code(labels)

    def status_code(self, status: Status) -> int:
        """Return the code of a status: equal ones have one."""
        code = self._statuses_seen.setdefault(status, len(self.statuses))
        if code == len(self.statuses):
            self.statuses.append(status)
        return code

    def labels_code(self, labels: str | None) -> int:
        """Return the code of a set of labels; UNKNOWN_INDEX for none."""
        if labels is None:
            return UNKNOWN_INDEX
        code = self._labels_seen.setdefault(labels, len(self.label_sets))
        if code == len(self.label_sets):
            self.label_sets.append(labels)
        return code

    def stack_code(self, stack: Stack) -> int:
        """Return the code of a stack: equal stacks have one."""
        code = self._stack_codes.setdefault(stack, len(self.stacks))
        if code == len(self.stacks):
            self.stacks.append(stack)
        return code

    def happen(self, event: Event, offset: int) -> None:
        """Note an event at the current place."""
        self.happenings.append(Happening(event, len(self.goroutine_id), offset))

    def find(self, reason: str, offset: int, line: bytes) -> None:
        """Note something that could not be read."""
        text = line[:MAX_ISSUE_TEXT].decode("utf-8", "backslashreplace")
        self.findings.append(Finding(reason, len(self.goroutine_id), offset, text))
