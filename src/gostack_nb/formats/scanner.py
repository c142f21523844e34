"""Tracebacks line by line: the slow, forgiving path for text that is not plainly one goroutine.

A region is cut into sections, each beginning at a line that Go prints at the start of something: a goroutine header, a
crash message, a thread's own stack. What is lost on the way becomes a finding.
"""

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from itertools import accumulate, chain
from typing import NamedTuple

from gostack_nb.formats.body import Body, is_call, is_location, read_body
from gostack_nb.formats.grammar import BROKEN_HEADER, HEADER_BEGUN, NOTABLE, PREAMBLE, SYSTEM_STACK, THREADS
from gostack_nb.formats.header import Header, parse_header
from gostack_nb.formats.records import Event, Records

FORGED = "a goroutine printed inside a panic message: text of the message, not a goroutine"
LOST_HEADER = "a goroutine header that cannot be read: this goroutine is lost"
LOST_HEAD = "a stack without its goroutine header: this goroutine is lost"
CUT_HEADER = "the dump ends inside a goroutine header: this goroutine is lost"
CUT_BODY = "the dump ends inside this goroutine: its stack is incomplete"
JUNK_INSIDE = "a line inside a stack that is no stack line: passed over"
NO_LOCATION = "a call without its source line: file and line are unknown"
BROKEN_LABELS = "labels that cannot be read: the goroutine is kept without them"

STRETCH_BYTES = 64 << 10
"""Of text that is not like a traceback so much is looked at behind the last notable line and before the next one.

The stack of a header is in it even if its lines lost their TABs: 100 frames have some 30 KB.
"""

# What the first goroutine begins with, and every goroutine where runtime frames are shown.
_FIRST_CALL = re.compile(r"^main\.main$|^runtime\.(?:goexit|main)$|\.init(?:\.\d+)?$")


class Region(NamedTuple):
    """A piece of the text: where it begins, and whether the text ends with it."""

    text: bytes
    offset: int
    is_last: bool


class _Kind(Enum):
    JUNK = auto()  # before the first header, or behind a thread's stack
    GOROUTINE = auto()
    BROKEN = auto()
    SYSTEM = auto()


class _Section(NamedTuple):
    """The lines from one beginning to the next, and where each stands in the text."""

    kind: _Kind
    header: Header | None
    lines: list[bytes]
    offsets: list[int]
    ends_text: bool


def scan_region(records: Records, region: Region) -> None:
    """Read a region and append its goroutines, happenings and findings to the records."""
    for section in _sections(region):
        if section.header is not None:
            _read_goroutine(records, section, section.header)
        else:
            _READERS[section.kind](records, section)


def _sections(region: Region) -> Iterator[_Section]:
    lines, offsets = _lines(region)
    begun = list(_beginnings(lines, is_last=region.is_last))
    ends = [*(first for first, _, _ in begun[1:]), len(lines)]
    for (first, kind, header), end in zip(begun, ends, strict=True):
        ends_text = region.is_last and end == len(lines)
        if end > first:
            yield _Section(kind, header, lines[first:end], offsets[first:end], ends_text)


def _lines(region: Region) -> tuple[list[bytes], list[int]]:
    """Return the lines and where each begins in the text; of a long stretch of other text only its ends."""
    lines: list[bytes] = []
    offsets: list[int] = []
    for start, end in _kept(region.text):
        found = region.text[start:end].split(b"\n")
        lines += found
        offsets += accumulate((len(line) + 1 for line in found[:-1]), initial=region.offset + start)
    return lines, offsets


def has_long_stretch(text: bytes) -> bool:
    """Whether a text has so much other text in one place that the scanner may pass some over."""
    starts = range(0, len(text) - STRETCH_BYTES + 1, STRETCH_BYTES)
    return any(NOTABLE.search(text, start, start + STRETCH_BYTES) is None for start in starts)


def _kept(text: bytes) -> Iterator[tuple[int, int]]:
    """Yield the ranges of whole lines that are looked at: a service may log gigabytes between two goroutines."""
    begin = place = 0
    for notable in chain((found.start() for found in NOTABLE.finditer(text)), (len(text),)):
        if notable - place > 2 * STRETCH_BYTES:
            first = text.find(b"\n", place + STRETCH_BYTES, notable)
            last = text.rfind(b"\n", place, notable - STRETCH_BYTES)
            if 0 <= first < last:
                yield begin, first
                begin = last + 1
        place = notable
    yield begin, len(text)


def _beginnings(lines: list[bytes], *, is_last: bool) -> Iterator[tuple[int, _Kind, Header | None]]:
    """Yield the lines that begin a section; the first line always does."""
    message_end = 0
    paragraph = _NO_PARAGRAPH
    last = _last(lines, 0, lambda line: line.startswith(b"goroutine ")) if is_last else len(lines)
    for index, line in enumerate(lines):
        kind, header = _begins(line) if index >= message_end else (None, None)
        if line.startswith(b"panic: "):
            paragraph = paragraph if index < paragraph.end else _paragraph_at(lines, index)
            message_end = paragraph.end if paragraph.forges(index) and last >= paragraph.end else index
        if kind is not None or index == 0:
            yield index, kind or _Kind.JUNK, header


class _Paragraph(NamedTuple):
    """Lines up to a blank one: where they end, the last header among them, the last line of code that recovers.

    It is looked at once, however many panics are printed in it.
    """

    end: int
    header: int
    recovering: int

    def forges(self, panic: int) -> bool:
        """Tell whether the message of the panic in this line holds a goroutine of its own.

        Up to go1.22 a message is printed raw, so that it can hold a header and a stack (go1.23 indents them). Go
        prints a blank line before the real first goroutine; recovering code that logs `debug.Stack()` does not.
        """
        return self.header > panic >= self.recovering


_NO_PARAGRAPH = _Paragraph(0, -1, -1)


def _paragraph_at(lines: list[bytes], start: int) -> _Paragraph:
    end = next((index for index in range(start, len(lines)) if not lines[index].strip()), len(lines))
    message = lines[start:end]
    return _Paragraph(
        end,
        _last(message, start, lambda line: _begins(line)[0] is _Kind.GOROUTINE),
        _last(message, start, lambda line: line.startswith((b"created by ", b"runtime/debug.Stack("))),
    )


def _last(lines: list[bytes], first: int, is_meant: Callable[[bytes], bool]) -> int:
    """Return the place of the last line that is meant, counted from `first`; -1 if none is."""
    return next((first + index for index in range(len(lines) - 1, -1, -1) if is_meant(lines[index])), -1)


def _begins(line: bytes) -> tuple[_Kind | None, Header | None]:
    """Tell what a line begins, if anything."""
    if line.startswith(b"goroutine "):
        header = parse_header(line)
        if header is not None:
            return _Kind.GOROUTINE, header
        return (_Kind.BROKEN if BROKEN_HEADER.match(line) else None), None
    if line.startswith(SYSTEM_STACK):
        return _Kind.SYSTEM, None
    if line.rstrip() == THREADS or PREAMBLE.match(line):
        return _Kind.JUNK, None
    return None, None


def _read_goroutine(records: Records, section: _Section, header: Header) -> None:
    body = read_body(section.lines[1:])
    _append(records, section, header, body)
    cut = section.ends_text and _is_cut(body, section.lines[1:])
    if cut:
        records.cut = True
        records.find(CUT_BODY, section.offsets[0], section.lines[0])
    _report(records, section, body, cut=cut)
    for index in body.junk_behind:
        _note_text(records, section.lines[index + 1], section.offsets[index + 1])
    if section.ends_text and not cut and HEADER_BEGUN.match(section.lines[-1]):
        records.cut = True
        records.find(CUT_HEADER, section.offsets[-1], section.lines[-1])


def _append(records: Records, section: _Section, header: Header, body: Body) -> None:
    records.level2 = records.level2 or b" gp=0x" in section.lines[0]
    records.rows.extend(
        (b"%d" % header.goroutine_id,),
        (records.words[header.word],),
        (records.attributes[header.attributes],),
        (records.labels_code(header.labels),),
        (records.stack_code(body.stack()),),
        (b"%d" % body.creator_id,),
    )
    if header.labels_broken:
        records.find(BROKEN_LABELS, section.offsets[0], section.lines[0])


def _is_cut(body: Body, lines: list[bytes]) -> bool:
    """Whether the text ends inside a stack: a call without its source line, half a line, or a stack without its end."""
    if body.cut:
        return True
    if not lines or not lines[-1]:
        return False
    if body.junk_behind[-1:] == [len(lines) - 1]:
        return all(line.strip() for line in lines)
    return _is_unfinished(body, lines[-1])


def _is_unfinished(body: Body, last_line: bytes) -> bool:
    """Whether a last line without line end is no end of a stack, though it reads as a whole one.

    A stack ends with its creator or, without one, with the first call of its goroutine. Neither is ever inlined: the
    offset follows its line number, which may have lost digits otherwise.
    """
    if b" +0x" not in last_line:
        return bool(body.creator or body.frames)
    return body.creator is None and body.frames[-1:] != [] and not _FIRST_CALL.search(body.frames[-1].function)


def _report(records: Records, section: _Section, body: Body, *, cut: bool) -> None:
    """Note what of a goroutine's lines could not be read."""
    unlocated = body.without_location[:-1] if cut else body.without_location
    stray = [] if body.stray is None else [body.stray]
    for reason, indices in ((JUNK_INSIDE, body.junk_inside), (NO_LOCATION, unlocated), (LOST_HEAD, stray)):
        for index in indices:
            records.find(reason, section.offsets[index + 1], section.lines[index + 1])


def _read_broken(records: Records, section: _Section) -> None:
    cut = section.ends_text and len(section.lines) == 1
    records.cut = records.cut or cut
    records.find(CUT_HEADER if cut else LOST_HEADER, section.offsets[0], section.lines[0])


def _read_junk(records: Records, section: _Section) -> None:
    """Read text outside of goroutines: crash messages, logs, and stacks whose header is lost.

    Since go1.23 each line of a panic message but the first begins with a TAB, the empty ones too.
    """
    in_message = PREAMBLE.match(section.lines[0]) is not None
    in_stack = False
    for index, (line, offset) in enumerate(zip(section.lines, section.offsets, strict=True)):
        if not line.strip():
            in_stack, in_message = False, in_message and line.startswith(b"\t")
        elif in_message and parse_header(line) is not None:
            records.find(FORGED, offset, line)
        elif not in_stack and not in_message and _looks_like_stack(section.lines, index):
            in_stack = True
            records.find(LOST_HEAD, offset, line)
        else:
            _note_text(records, line, offset)


def _looks_like_stack(lines: list[bytes], index: int) -> bool:
    below = lines[index + 1] if index + 1 < len(lines) else b""
    return is_location(lines[index]) or (is_call(lines[index]) and is_location(below))


def _read_system(records: Records, section: _Section) -> None:
    """Pass over a thread's own stack: it is no goroutine."""


def _note_text(records: Records, line: bytes, offset: int) -> None:
    """Note what a line outside of stacks tells."""
    found = PREAMBLE.match(line)
    if line.rstrip() == THREADS:
        records.happen(Event.THREADS, offset)
    elif found is None:
        records.happen(Event.OTHER_TEXT, offset)
    elif found["panic"]:
        records.happen(Event.PANIC, offset)
    else:
        records.happen(Event.FATAL if found["fatal"] else Event.SIGNAL, offset)


_READERS = {
    _Kind.BROKEN: _read_broken,
    _Kind.JUNK: _read_junk,
    _Kind.SYSTEM: _read_system,
}
