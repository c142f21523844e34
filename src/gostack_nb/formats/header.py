"""Goroutine headers: from the line to id, state, wait and marks."""

from typing import NamedTuple

from gostack_nb.formats.frames import UNKNOWN_NUMBER, Mark
from gostack_nb.formats.grammar import BUBBLE, HEADER, LOCKED, MINUTES
from gostack_nb.formats.labels import parse_header_labels

# " (scan)" comes while the garbage collector scans the stack; (synctest) is go1.24's word for (durable).
_MARKS = {b" (leaked)": Mark.LEAKED, b" (scan)": Mark(0), b" (durable)": Mark.DURABLE, b" (synctest)": Mark.DURABLE}

MAX_DIGITS = 15


class Word(NamedTuple):
    """What stands first in the brackets of a header: the state, and the marks behind it."""

    state: str
    marks: Mark


class Attributes(NamedTuple):
    """What follows the word, behind commas."""

    wait_minutes: int
    marks: Mark
    bubble: int


class Header(NamedTuple):
    """One goroutine header."""

    goroutine_id: int
    word: Word
    attributes: Attributes
    labels: str | None
    labels_broken: bool


def parse_header(line: bytes) -> Header | None:
    """Read `goroutine 8 [chan receive, 2 minutes] {role: ack}:`; None if the line is no header."""
    found = HEADER.match(line)
    if found is None:
        return None
    printed = found["labels26"] or found["labels27"]
    labels = parse_header_labels(printed) if printed else None
    word, _, attributes = found["bracket"].partition(b", ")
    return Header(
        int(found["id"]),
        parse_word(word),
        parse_attributes(attributes),
        labels,
        labels_broken=bool(printed) and labels is None,
    )


def parse_word(word: bytes) -> Word:
    """Split `chan receive (durable) (leaked)` into `chan receive` and its marks."""
    marks = Mark(0)
    while True:
        ending = next((mark for mark in _MARKS if word.endswith(mark)), None)
        if ending is None:
            return Word(word.decode("utf-8", "backslashreplace"), marks)
        word = word.removesuffix(ending)
        marks |= _MARKS[ending]


def parse_attributes(printed: bytes) -> Attributes:
    """Read `2 minutes, locked to thread, synctest bubble 1`; what is not known is passed over."""
    marks = Mark(0)
    minutes = bubble = UNKNOWN_NUMBER
    for attribute in printed.split(b", "):
        if attribute == LOCKED:
            marks = Mark.LOCKED
        elif (found := MINUTES.match(attribute)) and len(found[1]) <= MAX_DIGITS:
            minutes = int(found[1])
        elif (found := BUBBLE.match(attribute)) and len(found[1]) <= MAX_DIGITS:
            bubble = int(found[1])
    return Attributes(minutes, marks, bubble)
