"""Goroutine headers: from the line to id, state, wait and marks."""

from dataclasses import dataclass

from gostack_nb.formats.columns import UNKNOWN_NUMBER, Mark
from gostack_nb.formats.grammar import BUBBLE, HEADER, LOCKED, MINUTES
from gostack_nb.formats.labels import parse_header_labels

# " (scan)" comes while the garbage collector scans the stack; (synctest) is go1.24's word for (durable).
_MARKS = {b" (leaked)": Mark.LEAKED, b" (scan)": Mark(0), b" (durable)": Mark.DURABLE, b" (synctest)": Mark.DURABLE}

MAX_MINUTES_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Status:
    """What stands in the brackets of a header, without labels."""

    state: str
    wait_minutes: int
    marks: Mark
    bubble: int


@dataclass(frozen=True, slots=True)
class Header:
    """One goroutine header."""

    goroutine_id: int
    status: Status
    labels: str | None
    labels_broken: bool


def parse_header(line: bytes) -> Header | None:
    """Read `goroutine 8 [chan receive, 2 minutes] {role: ack}:`; None if the line is no header."""
    found = HEADER.match(line)
    if found is None:
        return None
    printed = found["labels26"] or found["labels27"]
    labels = parse_header_labels(printed) if printed else None
    return Header(int(found["id"]), parse_status(found["bracket"]), labels, bool(printed) and labels is None)


def parse_status(bracket: bytes) -> Status:
    """Read `chan receive (leaked), 2 minutes, locked to thread`; what is not known is passed over."""
    word, *attributes = bracket.split(b", ")
    state, marks = _without_marks(word)
    minutes = bubble = UNKNOWN_NUMBER
    for attribute in attributes:
        if attribute == LOCKED:
            marks |= Mark.LOCKED
        elif (found := MINUTES.match(attribute)) and len(found[1]) <= MAX_MINUTES_DIGITS:
            minutes = int(found[1])
        elif (found := BUBBLE.match(attribute)) and len(found[1]) <= MAX_MINUTES_DIGITS:
            bubble = int(found[1])
    return Status(state.decode("utf-8", "backslashreplace"), minutes, marks, bubble)


def _without_marks(word: bytes) -> tuple[bytes, Mark]:
    """Split `chan receive (durable) (leaked)` into `chan receive` and its marks."""
    marks = Mark(0)
    while True:
        ending = next((mark for mark in _MARKS if word.endswith(mark)), None)
        if ending is None:
            return word, marks
        word = word.removesuffix(ending)
        marks |= _MARKS[ending]
