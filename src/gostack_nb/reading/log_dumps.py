"""Where the goroutine dumps lie in the lines of a log, and when each was printed."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gostack_nb.formats.plain_text import DUMP_WORDS, to_bytes
from gostack_nb.sources.loki import Line

SECOND_NS = 1_000_000_000

QUIET_NS = 5 * SECOND_NS
"""Without a header of a goroutine for so long, the next one begins another dump. Go prints thousands in a second."""

LINES_BEFORE = 200
"""Kept before the first header, not older than `QUIET_NS`: `panic: ...`, `SIGQUIT: quit`, what fatal errors say."""

_WORDS = re.compile(DUMP_WORDS.pattern.decode())


@dataclass(frozen=True, slots=True)
class FoundDump:
    """Lines with one dump or more, and the time of the first header."""

    at_ns: int
    lines: Sequence[Line]

    @property
    def text(self) -> bytes:
        """The lines as a log file has them."""
        return b"".join(to_bytes(line.text.removesuffix("\n")) + b"\n" for line in self.lines)

    @property
    def note(self) -> str | None:
        """Say what times tell about lines that may be missing.

        Loki keeps one of the lines of a stream that are equal at an equal time (pkg/chunkenc/unordered.go).
        """
        alike = sum(before.at_ns == after.at_ns for before, after in pairwise(self.lines))
        if not alike:
            return None
        return (
            f"{alike:,} of {len(self.lines):,} lines have the time of the line before: Loki keeps only one of equal"
            " lines at an equal time, so that the dump may be incomplete"
        )


def find_dumps(lines: Sequence[Line]) -> Iterator[FoundDump]:
    """Yield the dumps in the lines of one output of one process, which are in order of time."""
    heads = [place for place, line in enumerate(lines) if _WORDS.search(line.text)]
    starts = [place for before, place in pairwise([-1, *heads]) if before < 0 or _is_apart(lines, before, place)]
    for start, following in pairwise([*starts, len(lines)]):
        last = heads[bisect_left(heads, following) - 1]
        begin, end = _begin(lines, start), _end(lines, last, following)
        yield FoundDump(lines[start].at_ns, lines[begin:end])


def _is_apart(lines: Sequence[Line], before: int, place: int) -> bool:
    return lines[place].at_ns - lines[before].at_ns > QUIET_NS


def _begin(lines: Sequence[Line], start: int) -> int:
    begin = start
    while begin > max(0, start - LINES_BEFORE) and not _is_apart(lines, begin - 1, start):
        begin -= 1
    return begin


def _end(lines: Sequence[Line], last: int, following: int) -> int:
    """Return where the last goroutine ends at the latest: its frames are printed at once."""
    end = last + 1
    while end < following and not _is_apart(lines, last, end):
        end += 1
    return end
