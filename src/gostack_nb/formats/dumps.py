"""The goroutines of a text to dumps: where one ends, which repetitions go, what form it is."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gostack_nb.formats.columns import Columns, Form, Issue, Mark, Stack
from gostack_nb.formats.grammar import HTTP_LIMIT_BYTES, SMALLEST_BUFFER_BYTES
from gostack_nb.formats.header import Status
from gostack_nb.formats.records import Event, Happening, Records

CUT_BY_HTTP = "cut at 64 MiB: net/http/pprof prints no more of debug=2; debug=1 tells how many goroutines there are"
CUT_BY_BUFFER = "cut at {size:,} bytes: the buffer given to runtime.Stack was full"
NO_GOROUTINES = "a crash message without goroutines: the program ran with GOTRACEBACK=none, or its traceback is missing"

_FORMS = {Event.SIGNAL: Form.SIGNAL, Event.PANIC: Form.PANIC, Event.FATAL: Form.FATAL}
_TEXT_MARKS = Mark.LEAKED | Mark.DURABLE | Mark.LOCKED
T = TypeVar("T")

_LEAK_WRITER = "runtime/pprof.writeGoroutineLeak"


@dataclass(frozen=True, slots=True)
class _Span:
    """One dump: its goroutines are rows `first` to `end`, without those that `drop` marks."""

    first: int
    end: int


def split_dumps(records: Records, text: bytes) -> list[Columns]:
    """Return one `Columns` per dump of the text."""
    ids = np.array(records.goroutine_id, dtype=np.int64)
    spans = _spans(records, ids)
    crashed = any(happening.event in _FORMS for happening in records.happenings)
    if not spans and not crashed:
        return []
    spans = spans or [_Span(0, 0)]
    size_issue = _size_issue(text, cut=records.cut)
    return [
        _columns(records, ids, span, is_first=span is spans[0], is_last=span is spans[-1], size_issue=size_issue)
        for span in spans
    ]


def _spans(records: Records, ids: NDArray[np.int64]) -> list[_Span]:
    """Find where each dump begins: at a crash message, after other text, or where ids come again."""
    if not len(ids):
        return []
    starts = {0} | _starts_by_message(records, len(ids))
    starts |= _starts_by_repetition(records, ids, sorted(starts))
    ordered = [*sorted(starts), len(ids)]
    return [_Span(first, end) for first, end in pairwise(ordered)]


def _starts_by_message(records: Records, count: int) -> set[int]:
    """Begin a dump at a crash message, unless `-----` says that it is about one more thread of the same crash.

    Other text does so too if a running goroutine follows: services log `debug.Stack()` again and again.
    """
    starts = set()
    threads = False
    for happening in records.happenings:
        if happening.event is Event.THREADS:
            threads = True
        elif happening.event is Event.OTHER_TEXT:
            starts |= {happening.before} if _is_running(records, happening.before) and not threads else set()
        elif not threads or happening.event is not Event.SIGNAL:
            threads = False
            starts.add(happening.before)
    return {start for start in starts if start < count}


def _is_running(records: Records, row: int) -> bool:
    return row < len(records.status) and records.statuses[records.status[row]].state == "running"


def _starts_by_repetition(records: Records, ids: NDArray[np.int64], known: list[int]) -> set[int]:
    """Begin a dump where an id comes again, at the running goroutine that stands at its head."""
    if len(np.unique(ids)) == len(ids):
        return set()
    threads = _thread_rows(records, len(ids))
    starts: set[int] = set()
    seen: set[int] = set()
    boundaries = set(known)
    begin = 0
    for row, goroutine_id in enumerate(ids.tolist()):
        if row in boundaries:
            begin, seen = row, set()
        if goroutine_id in seen and not threads[row]:
            begin = _head(records, begin, row)
            starts.add(begin)
            seen = set(ids[begin:row].tolist())
        if goroutine_id:
            seen.add(goroutine_id)
    return starts


def _head(records: Records, begin: int, row: int) -> int:
    """Find the dump's first goroutine: the running one that prints it may have a new id, its neighbour has not."""
    before = row - 1
    return before if before > begin and _is_running(records, before) and not _is_running(records, row) else row


def _thread_rows(records: Records, count: int) -> NDArray[np.bool_]:
    """Mark the rows that stand in the thread-by-thread part of a crash."""
    rows = np.zeros(count, dtype=np.bool_)
    inside = False
    last = 0
    for happening in records.happenings:
        rows[last : happening.before] = inside
        last = happening.before
        if happening.event is Event.THREADS:
            inside = True
        elif happening.event in (Event.PANIC, Event.FATAL):
            inside = False
    rows[last:] = inside
    return rows


def _columns(
    records: Records, ids: NDArray[np.int64], span: _Span, *, is_first: bool, is_last: bool, size_issue: Issue | None
) -> Columns:
    rows = _kept_rows(ids, span)
    status = np.array(records.status, dtype=np.int32)[rows]
    statuses = records.statuses
    states, state = _states(statuses, status)
    issues = _issues(records, span, is_first=is_first, is_last=is_last)
    if is_last and size_issue is not None:
        issues.append(size_issue)
    if span.first == span.end:
        issues.append(Issue(NO_GOROUTINES))
    stack = np.array(records.stack, dtype=np.int32)[rows]
    stacks, stack = _used(tuple(records.stacks), stack)
    label_sets, labels = _used(tuple(records.label_sets), np.array(records.labels, dtype=np.int32)[rows])
    return Columns(
        form=_form(records, span, stacks, stack),
        goroutine_id=ids[rows],
        state=state,
        wait_minutes=np.array([entry.wait_minutes for entry in statuses], dtype=np.int64)[status],
        marks=np.array([entry.marks for entry in statuses], dtype=np.uint8)[status],
        bubble=np.array([entry.bubble for entry in statuses], dtype=np.int64)[status],
        labels=labels,
        stack=stack,
        creator_id=np.array(records.creator_id, dtype=np.int64)[rows],
        states=states,
        label_sets=label_sets,
        stacks=stacks,
        marks_told=_TEXT_MARKS,
        issues=tuple(issues),
        truncated=is_last and (records.cut or size_issue is not None),
    )


def _kept_rows(ids: NDArray[np.int64], span: _Span) -> NDArray[np.intp]:
    """Leave out goroutine 0, a thread's scheduler stack, and all but the first occurrence of an id."""
    own = ids[span.first : span.end]
    _, first = np.unique(own, return_index=True)
    first.sort()
    kept: NDArray[np.intp] = first[own[first] != 0] + span.first
    return kept


def _states(statuses: list[Status], status: NDArray[np.int32]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the distinct states and, for each goroutine, which one it is in."""
    codes: dict[str, int] = {}
    of_status = [codes.setdefault(entry.state, len(codes)) for entry in statuses]
    return _used(tuple(codes), np.array(of_status, dtype=np.int32)[status])


def _used(values: tuple[T, ...], codes: NDArray[np.int32]) -> tuple[tuple[T, ...], NDArray[np.int32]]:
    """Keep the values that occur; a text of several dumps shares them."""
    occurring = np.unique(codes[codes >= 0])
    if len(occurring) == len(values):
        return values, codes
    renumbered = np.full(len(values) + 1, -1, dtype=np.int32)
    renumbered[occurring] = np.arange(len(occurring), dtype=np.int32)
    return tuple(values[index] for index in occurring), renumbered[codes]


def _form(records: Records, span: _Span, stacks: tuple[Stack, ...], stack: NDArray[np.int32]) -> Form:
    message = _message(records.happenings, span)
    if message is not None:
        return _FORMS[message.event]
    if len(stack) and _LEAK_WRITER in str(stacks[stack[0]]):
        return Form.LEAK2
    return Form.SIGNAL if records.level2 and _shows_goexit(stacks) else Form.DEBUG2


def _shows_goexit(stacks: tuple[Stack, ...]) -> bool:
    """Whether the dump shows runtime frames: one text may hold panics that a server logged, then its SIGQUIT."""
    return any(stack.frames[-1:] and stack.frames[-1].function == "runtime.goexit" for stack in stacks)


def _message(happenings: list[Happening], span: _Span) -> Happening | None:
    """Return the crash message before the first goroutine of a dump."""
    return next((h for h in happenings if h.event in _FORMS and h.before == span.first), None)


def _issues(records: Records, span: _Span, *, is_first: bool, is_last: bool) -> list[Issue]:
    low = 0 if is_first else span.first + 1
    high = len(records.goroutine_id) if is_last else span.end
    return [
        Issue(finding.reason, None, finding.offset, finding.text)
        for finding in records.findings
        if low <= finding.before <= high
    ]


def _size_issue(text: bytes, *, cut: bool) -> Issue | None:
    """Tell a text that fills a buffer to the last byte: nothing else marks the cut."""
    size = len(text)
    full = size >= SMALLEST_BUFFER_BYTES and size & (size - 1) == 0 and (cut or not text.endswith(b"\n"))
    if not full:
        return None
    reason = CUT_BY_HTTP if size == HTTP_LIMIT_BYTES else CUT_BY_BUFFER.format(size=size)
    return Issue(reason, None, size, "")
