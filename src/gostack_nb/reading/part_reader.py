"""The parts of a large file of tracebacks, and the process that reads some of them: each takes the next one when free.

The process imports only what it needs, so that it starts in a few milliseconds, and never `__main__`: a script that
calls `read` need not protect its top level, as it must for `multiprocessing`.
"""

import gc
import os
import pickle
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from gostack_nb.formats.chunks import SEPARATOR
from gostack_nb.formats.records import Records
from gostack_nb.formats.tracebacks import PIECE_BYTES, TracebackReader
from gostack_nb.sources.stored_file import StoredFile

_SEARCHED_AT_ONCE = 1 << 14  # a header is near: no more is read than is likely to be needed


class Pieces(Protocol):
    """A file, read piece by piece."""

    def __call__(self, start: int, end: int, piece_bytes: int) -> Iterator[bytes]:
        """Yield a range of it."""


class Part(NamedTuple):
    """A range of a file; it begins at a header and ends before a blank line and a header, or with the file."""

    start: int
    end: int


class Division(NamedTuple):
    """A file divided into ranges, each a little shorter than the one before: in the end all have little left to do.

    A part begins at the first header in its range. Where a range has none, there is no such part, and the one before
    goes on. So every process finds the same parts.
    """

    size_bytes: int
    range_count: int

    def parts(self, numbers: Iterable[int], pieces: Pieces) -> Iterator[tuple[int, Part]]:
        """Yield the parts of those numbers that there are."""
        for number in numbers:
            start = self._border(number, pieces) if number else -2
            if start is not None:
                yield number, Part(start + 2, self._end(number, pieces))

    def _end(self, number: int, pieces: Pieces) -> int:
        later = (self._border(behind, pieces) for behind in range(number + 1, self.range_count))
        return next((border for border in later if border is not None), self.size_bytes)

    def _place(self, number: int) -> int:
        """Return where a range begins: what is left behind falls with the square."""
        left = self.range_count - number
        return self.size_bytes - self.size_bytes * left**2 // self.range_count**2

    def _border(self, number: int, pieces: Pieces) -> int | None:
        """Find the first blank line before a header that begins in a range."""
        start, end = self._place(number), self._place(number + 1)
        kept = b""
        for piece in pieces(start, min(end + len(SEPARATOR) - 1, self.size_bytes), _SEARCHED_AT_ONCE):
            text = kept + piece
            found = text.find(SEPARATOR)
            if found >= 0:
                return start + found
            kept = text[-len(SEPARATOR) + 1 :]
            start += len(text) - len(kept)
        return None


class PartReader:
    """Reads part after part; remembers what it has read."""

    def __init__(self, division: Division) -> None:
        self._reader = TracebackReader()
        self._size_bytes = division.size_bytes

    def read(self, part: Part, pieces: Iterable[bytes]) -> Records:
        """Return the records of a part; of what has a number they hold what is new, as `join_records` needs it."""
        known = self._reader.records.counts()
        records = self._reader.read(pieces, offset=part.start, ends_text=part.end == self._size_bytes)
        return records.since(known)


def main() -> None:
    """Read the parts whose numbers come from standard input, and write their records to standard output."""
    gc.disable()
    bytes(16 << 20)  # having freed so much, glibc keeps the memory of each piece for the next one
    path, *numbers = sys.argv[1:6]
    device, file_number, size_bytes, range_count = map(int, numbers)
    pieces = StoredFile(path, device, file_number).pieces
    division = Division(size_bytes, range_count)
    reader = PartReader(division)
    for number, part in division.parts(numbers_from(sys.stdin.fileno()), pieces):
        records = reader.read(part, pieces(part.start, part.end, PIECE_BYTES))
        pickle.dump((number, records), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.flush()
    os._exit(0)  # what it has in memory need not be freed piece by piece


def numbers_from(queue: int) -> Iterator[int]:
    """Take numbers, one byte each, from a pipe: whoever comes first."""
    while taken := os.read(queue, 1):
        yield taken[0]
