"""Bytes of unknown form to dumps: each parser is asked in turn, each answers "not mine" or reads."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from gostack_nb.errors import FormatError
from gostack_nb.formats.columns import Columns, Issue
from gostack_nb.formats.debug1 import parse_debug1
from gostack_nb.formats.debug2 import parse_debug2
from gostack_nb.formats.grammar import COUNTED
from gostack_nb.formats.lines import line_starts, numbered
from gostack_nb.formats.profile_proto import looks_like_profile, parse_profile
from gostack_nb.formats.unwrap import PlainText, unwrap

MAX_GOROUTINES = 20_000_000
"""In one counted dump: each becomes a row. Their stacks alone, 2 KiB each at least, would fill 40 GB."""

MAX_TOGETHER = 100_000_000
"""In all counted dumps of one file: as rows they take 6 GB."""

_HINT = "Hint: fetch /debug/pprof/goroutine?debug=2, or pass the file as curl saved it."

# What people pass by mistake: how it begins, and what it is. Tried in order.
_NOT_DUMPS = (
    (rb"\s*\Z", "it is empty"),
    (rb"\s*(?i:<!doctype html|<html|<head|<body)", "it is an HTML page, perhaps of a login or a proxy"),
    (rb"heap profile: ", "it is a heap profile in text form"),
    (rb"--- (?:mutex|contention):", "it is a mutex or block profile in text form"),
    (rb"threadcreate profile: ", "it is a threadcreate profile"),
    (rb"go 1\.\d+ trace", "it is an execution trace"),
    (rb"Unknown profile", "the service answered that it does not know this profile"),
    (rb"(?:404 page not found|Forbidden|Unauthorized|Bad Gateway)", "it is an error page of the service"),
    (rb"# HELP |# TYPE ", "it is a metrics page without go_goroutines"),
    (rb"\x7fELF|MZ|\xcf\xfa\xed\xfe", "it is a program"),
    (rb"\x1f\x8b|PK\x03\x04|\xfd7zXZ|BZh", "it is an archive inside an archive"),
    (rb"SQLite format 3|PAR1", "it is a database or table file"),
)
# Plain, as UTF-16, and as the numbers that journald writes for bytes that are not printable.
_WORDS = (
    b"goroutine",
    b"panic: ",
    b"fatal error: ",
    b"SIG",
    b"g\0o\0r\0o\0",
    b"103,111,114,111",
    b"103, 111, 114, 111",
)
_LIKE_HEADER = re.compile(rb"^goroutine \d+ [\[g]", re.MULTILINE)


def parse_dumps(data: bytes) -> list[Columns]:
    """Read every dump in the bytes of one file, whatever its form and whatever logs it stands in.

    Parameters
    ----------
    data : bytes
        The file's content, decompressed.

    Returns
    -------
    list of Columns
        At least one; line numbers and offsets of their issues count in `data`.

    Raises
    ------
    FormatError
        If there is no dump in it; the message says what the bytes look like. It does not name the source.
    """
    if looks_like_profile(data):
        dumps = [parse_profile(data)]
    elif _may_hold_a_dump(data):
        stored = _Lines(data)
        dumps = [dump for plain in unwrap(data) for dump in _parse_text(plain, stored)]
    else:
        dumps = []
    if not dumps:
        raise FormatError(_not_a_dump(data))
    _check_counts(dumps)
    return dumps


def _may_hold_a_dump(data: bytes) -> bool:
    """Look for a word that every dump has before 25 layers are tried: gigabytes of anything else are soon refused."""
    return any(word in data for word in _WORDS)


def _check_counts(dumps: list[Columns]) -> None:
    """Refuse counts that nobody's program reached: a few bytes can claim any number of goroutines."""
    counts = [int(dump.count.sum()) for dump in dumps if dump.count is not None]
    claimed, together = max(counts, default=0), sum(counts)
    if claimed > MAX_GOROUTINES:
        msg = f"it claims {claimed:,} goroutines, more than the {MAX_GOROUTINES:,} that are believed. {_HINT}"
        raise FormatError(msg)
    if together > MAX_TOGETHER:
        seen = f"its dumps claim {together:,} goroutines, more than the {MAX_TOGETHER:,} that one file may hold"
        msg = f"{seen}. Hint: cut it into several files"
        raise FormatError(msg)


class _Lines:
    """Where the lines of a text begin: counted once for all its dumps, and only if an issue asks."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The place of each line."""
        return line_starts(self._text)


def _parse_text(plain: PlainText, stored: _Lines) -> list[Columns]:
    """Read the dumps of one log stream, and say where in the file as stored their issues lie."""
    dumps: list[Columns] = []
    lines = stored if plain.origin is None else _Lines(plain.text)
    for start, end in _segments(plain.text):
        text = plain.text[start:end]
        parsed = [parse_debug1(text)] if COUNTED.match(text) else parse_debug2(text)
        dumps += [_moved(dump, start) for dump in parsed]
    dumps = [_located(dump, lines, plain.origin, stored) if dump.issues else dump for dump in dumps]
    return [replace(dump, stream=plain.stream) for dump in dumps] if plain.stream else dumps


def _segments(text: bytes) -> list[tuple[int, int]]:
    """Cut a text where a counted profile begins, and where tracebacks begin behind one."""
    counted = [place for place in _lines_with(text, b"goroutine") if COUNTED.match(text, place)]
    if not counted:
        return [(0, len(text))]
    cuts = {0, *counted}
    for place, following in pairwise([*counted, len(text)]):
        begun = _lines_with(text, b"goroutine ", place, following)
        cuts.update(islice((header for header in begun if _LIKE_HEADER.match(text, header)), 1))
    ordered = [*sorted(cuts), len(text)]
    return [(start, end) for start, end in pairwise(ordered) if end > start]


def _lines_with(text: bytes, beginning: bytes, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Yield the places of the lines that begin so: `find` looks through megabytes ten times as fast as a pattern."""
    if text.startswith(beginning, start, end):
        yield start
    place = text.find(b"\n" + beginning, start, end)
    while place >= 0:
        yield place + 1
        place = text.find(b"\n" + beginning, place + 1, end)


def _moved(dump: Columns, start: int) -> Columns:
    """Count the offsets of a segment's issues from the start of the text."""
    if start == 0 or not dump.issues:
        return dump
    issues = (
        issue if issue.byte_offset is None else replace(issue, byte_offset=issue.byte_offset + start)
        for issue in dump.issues
    )
    return replace(dump, issues=tuple(issues))


def _located(dump: Columns, lines: _Lines, origin: NDArray[np.int64] | None, stored: _Lines) -> Columns:
    """Give the issues of a dump their line numbers, in the file as stored."""
    issues = numbered(dump.issues, lines.starts)
    if origin is not None:
        issues = tuple(_at_origin(issue, origin, stored.starts) for issue in issues)
    return replace(dump, issues=issues)


def _at_origin(issue: Issue, origin: NDArray[np.int64], stored: NDArray[np.int64]) -> Issue:
    """Point an issue of unwrapped text at the stored line that it came from."""
    if issue.line_number is None or not len(origin):
        return issue
    line_number = int(origin[min(issue.line_number, len(origin)) - 1])
    return replace(issue, line_number=line_number, byte_offset=int(stored[min(line_number, len(stored)) - 1]))


def _not_a_dump(data: bytes) -> str:
    known = (what for pattern, what in _NOT_DUMPS if re.match(pattern, data))
    return f"not a goroutine dump: {next(known, f'it begins with {data[:40]!r}')}. {_HINT}"
