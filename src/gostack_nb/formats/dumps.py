"""The goroutines of a text to dumps: where one ends, which repetitions go, what form it is."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from gostack_nb.formats.columns import Columns, Form, Issue
from gostack_nb.formats.frames import UNKNOWN_INDEX, UNKNOWN_NUMBER, Mark
from gostack_nb.formats.grammar import HTTP_LIMIT_BYTES, SMALLEST_BUFFER_BYTES
from gostack_nb.formats.numbered_stacks import array_of, numbers_of, stacks_of
from gostack_nb.formats.numbering import Numbering
from gostack_nb.formats.records import Event, Finding, Happening, Records
from gostack_nb.formats.stacks import Stacks

CUT_BY_HTTP = "cut at 64 MiB: net/http/pprof prints no more of debug=2; debug=1 tells how many goroutines there are"
CUT_BY_BUFFER = "cut at {size:,} bytes: the buffer given to runtime.Stack was full"
NO_GOROUTINES = "a crash message without goroutines: the program ran with GOTRACEBACK=none, or its traceback is missing"

_FORMS = {Event.SIGNAL: Form.SIGNAL, Event.PANIC: Form.PANIC, Event.FATAL: Form.FATAL}
_TEXT_MARKS = Mark.LEAKED | Mark.DURABLE | Mark.LOCKED
T = TypeVar("T")
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]

_LEAK_WRITER = "runtime/pprof.writeGoroutineLeak"


@dataclass(frozen=True, slots=True)
class _Span:
    """One dump: its goroutines are rows `first` to `end`, without those that repeat."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of the records as arrays."""

    goroutine_id: Ints
    word: Codes
    attributes: Codes
    labels: Codes
    stack: Codes
    creator_id: Ints

    @classmethod
    def of(cls, records: Records) -> Self:
        rows = records.rows
        return cls(
            numbers_of(rows.goroutine_id_text),
            array_of(rows.word),
            array_of(rows.attributes),
            array_of(rows.labels),
            array_of(rows.stack),
            numbers_of(rows.creator_id_text),
        )


@dataclass(frozen=True, slots=True)
class _Meanings:
    """What the codes of the records stand for."""

    states: tuple[str, ...]
    state: Codes  # of the words
    word_marks: NDArray[np.uint8]
    minutes: Ints
    attribute_marks: NDArray[np.uint8]
    bubbles: Ints
    label_sets: tuple[str, ...]
    stacks: Stacks
    stack: Codes  # which of the stacks each one read is; the last entry for none

    @classmethod
    def of(cls, records: Records) -> Self:
        stacks, stack = stacks_of(records).distinct()
        states = Numbering[str]()
        state = states.of_all(word.state for word in records.words)
        return cls(
            states=tuple(states),
            state=np.array(state, dtype=np.int32),
            word_marks=np.array([word.marks for word in records.words], dtype=np.uint8),
            minutes=np.array([each.wait_minutes for each in records.attributes], dtype=np.int64),
            attribute_marks=np.array([each.marks for each in records.attributes], dtype=np.uint8),
            bubbles=np.array([each.bubble for each in records.attributes], dtype=np.int64),
            label_sets=tuple(records.label_sets),
            stacks=stacks,
            stack=np.append(stack, np.int32(UNKNOWN_INDEX)),
        )


def split_dumps(records: Records) -> list[Columns]:
    """Return one `Columns` per dump of the text."""
    rows, meanings = _Rows.of(records), _Meanings.of(records)
    running = np.array([state == "running" for state in meanings.states], dtype=np.bool_)
    spans = _spans(records, rows, running[meanings.state[rows.word]])
    crashed = any(happening.event in _FORMS for happening in records.happenings)
    if not spans and not crashed:
        return []
    spans = spans or [_Span(0, 0)]
    return [_columns(records, rows, meanings, span) for span in spans]


def _spans(records: Records, rows: _Rows, is_running: Flags) -> list[_Span]:
    """Find where each dump begins: at a crash message, after other text, or where ids come again."""
    count = len(rows.goroutine_id)
    if not count:
        return []
    starts = {0} | _starts_by_message(records.happenings, is_running)
    starts |= _starts_by_repetition(records.happenings, rows.goroutine_id, is_running, sorted(starts))
    ordered = [*sorted(starts), count]
    return [_Span(first, end) for first, end in pairwise(ordered)]


def _starts_by_message(happenings: list[Happening], is_running: Flags) -> set[int]:
    """Begin a dump at a crash message, unless `-----` says that it is about one more thread of the same crash.

    Other text does so too if a running goroutine follows: services log `debug.Stack()` again and again.
    """
    starts = set()
    threads = False
    for happening in happenings:
        if happening.event is Event.THREADS:
            threads = True
        elif happening.event is Event.OTHER_TEXT:
            starts |= {happening.before} if is_running[happening.before :][:1].any() and not threads else set()
        elif not threads or happening.event is not Event.SIGNAL:
            threads = False
            starts.add(happening.before)
    return {start for start in starts if start < len(is_running)}


def _starts_by_repetition(happenings: list[Happening], ids: Ints, is_running: Flags, known: list[int]) -> set[int]:
    """Begin a dump where an id comes again, at the running goroutine that stands at its head."""
    if not _has_repetition(ids):
        return set()
    threads = _thread_rows(happenings, len(ids))
    starts: set[int] = set()
    seen: set[int] = set()
    boundaries = set(known)
    begin = 0
    for row, goroutine_id in enumerate(ids.tolist()):
        if row in boundaries:
            begin, seen = row, set()
        if goroutine_id in seen and not threads[row]:
            begin = _head(is_running, begin, row)
            starts.add(begin)
            seen = set(ids[begin:row].tolist())
        if goroutine_id:
            seen.add(goroutine_id)
    return starts


def _has_repetition(ids: Ints) -> bool:
    ordered = np.sort(ids)
    return bool((ordered[1:] == ordered[:-1]).any())


def _head(is_running: Flags, begin: int, row: int) -> int:
    """Find the dump's first goroutine: the running one that prints it may have a new id, its neighbour has not."""
    before = row - 1
    return before if before > begin and is_running[before] and not is_running[row] else row


def _thread_rows(happenings: list[Happening], count: int) -> Flags:
    """Mark the rows that stand in the thread-by-thread part of a crash."""
    rows = np.zeros(count, dtype=np.bool_)
    inside = False
    last = 0
    for happening in happenings:
        rows[last : happening.before] = inside
        last = happening.before
        if happening.event is Event.THREADS:
            inside = True
        elif happening.event in (Event.PANIC, Event.FATAL):
            inside = False
    rows[last:] = inside
    return rows


def _columns(records: Records, rows: _Rows, meanings: _Meanings, span: _Span) -> Columns:
    is_last = span.end == len(records.rows)
    size_issue = _size_issue(records) if is_last else None
    kept = _kept_rows(rows.goroutine_id, span)
    word, attributes = rows.word[kept], rows.attributes[kept]
    states, state = _used(meanings.states, meanings.state[word])
    stacks, stack = _used_stacks(meanings.stacks, meanings.stack[rows.stack[kept]])
    label_sets, labels = _used(meanings.label_sets, rows.labels[kept])
    return Columns(
        form=_form(records, span, stacks, stack),
        goroutine_id=rows.goroutine_id[kept],
        state=state,
        wait_minutes=meanings.minutes[attributes],
        marks=meanings.word_marks[word] | meanings.attribute_marks[attributes],
        bubble=meanings.bubbles[attributes],
        labels=labels,
        stack=stack,
        creator_id=_parents(rows.creator_id[kept]),
        states=states,
        label_sets=label_sets,
        stacks=stacks,
        marks_told=_TEXT_MARKS,
        issues=_issues(records, span, size_issue),
        truncated=is_last and (records.cut or size_issue is not None),
    )


def _before(noted: Happening | Finding) -> int:
    return noted.before


def _parents(creator_id: Ints) -> Ints:
    """Leave out nobody's id, 0."""
    return np.where(creator_id > 0, creator_id, UNKNOWN_NUMBER)


def _kept_rows(ids: Ints, span: _Span) -> slice | Ints:
    """Leave out goroutine 0, a thread's scheduler stack, and all but the first occurrence of an id."""
    own = ids[span.first : span.end]
    if own.all() and not _has_repetition(own):
        return slice(span.first, span.end)
    _, first = np.unique(own, return_index=True)
    first.sort()
    kept: Ints = first[own[first] != 0] + span.first
    return kept


def _used(values: tuple[T, ...], codes: Codes) -> tuple[tuple[T, ...], Codes]:
    """Keep the values that occur; a text of several dumps shares them."""
    occurring = _occurring(len(values), codes)
    if len(occurring) == len(values):
        return values, codes
    return tuple([values[code] for code in occurring.tolist()]), _renumbered(codes, occurring)


def _used_stacks(stacks: Stacks, codes: Codes) -> tuple[Stacks, Codes]:
    """Do the same for stacks."""
    occurring = _occurring(len(stacks), codes)
    if len(occurring) == len(stacks):
        return stacks, codes
    return stacks.only(occurring), _renumbered(codes, occurring)


def _occurring(size: int, codes: Codes) -> Ints:
    """Return the codes that occur; no work on all `size` of them for each of thousands of small dumps in one text."""
    known = codes[codes >= 0]
    return np.unique(known) if len(known) < size else np.flatnonzero(np.bincount(known, minlength=size))


def _renumbered(codes: Codes, occurring: Ints) -> Codes:
    numbers = np.searchsorted(occurring, codes).astype(np.int32)
    return np.where(codes < 0, np.int32(UNKNOWN_INDEX), numbers)


def _form(records: Records, span: _Span, stacks: Stacks, stack: Codes) -> Form:
    message = _message(records.happenings, span)
    if message is not None:
        return _FORMS[message.event]
    if len(stack) and any(_LEAK_WRITER in frame.function for frame in stacks[int(stack[0])].frames):
        return Form.LEAK2
    return Form.SIGNAL if records.level2 and _shows_goexit(stacks) else Form.DEBUG2


def _shows_goexit(stacks: Stacks) -> bool:
    """Whether the dump shows runtime frames: one text may hold panics that a server logged, then its SIGQUIT."""
    return any(frame.function == "runtime.goexit" for frame in stacks.roots())


def _message(happenings: list[Happening], span: _Span) -> Happening | None:
    """Return the crash message before the first goroutine of a dump."""
    low, high = (side(happenings, span.first, key=_before) for side in (bisect_left, bisect_right))
    return next((happening for happening in happenings[low:high] if happening.event in _FORMS), None)


def _issues(records: Records, span: _Span, size_issue: Issue | None) -> tuple[Issue, ...]:
    low = bisect_left(records.findings, span.first + 1 if span.first else 0, key=_before)
    high = bisect_right(records.findings, span.end, key=_before)
    found = [Issue(each.reason, None, each.offset, each.text) for each in records.findings[low:high]]
    if size_issue is not None:
        found.append(size_issue)
    if span.first == span.end:
        found.append(Issue(NO_GOROUTINES))
    return tuple(found)


def _size_issue(records: Records) -> Issue | None:
    """Tell a text that fills a buffer to the last byte: nothing else marks the cut."""
    size = records.size
    full = size >= SMALLEST_BUFFER_BYTES and size & (size - 1) == 0 and (records.cut or not records.ends_with_line)
    if not full:
        return None
    reason = CUT_BY_HTTP if size == HTTP_LIMIT_BYTES else CUT_BY_BUFFER.format(size=size)
    return Issue(reason, None, size, "")
