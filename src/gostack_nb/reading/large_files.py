"""A large file to dumps: piece by piece, in several processes where there are processors for them."""

import hashlib
import os
from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple

from gostack_nb.formats.columns import Columns
from gostack_nb.formats.joining import join_records
from gostack_nb.formats.plain_pieces import begins_plainly, plain_dumps
from gostack_nb.formats.records import Records
from gostack_nb.formats.tracebacks import PIECE_BYTES, read_tracebacks
from gostack_nb.reading.part_processes import PartProcesses
from gostack_nb.reading.part_reader import Division, Part, PartReader
from gostack_nb.sources.content import OnDisk

PROCESS_BYTES = 32 << 20
"""For less a process is not worth its start: two read the largest dump that Go sends over HTTP, 64 MiB."""

MAX_PROCESSES = 4
"""With this one; behind four the hashing, which cannot be divided, takes longest."""

PARTS = 24
"""The first is a twelfth of the file, the last one 24 times shorter: so early or late a process may be done."""

Advance = Callable[[float], None]
Found = tuple[int, tuple[Hashable, Records]]
"""The number of a part, who read it, and what was read."""


class Parsed(NamedTuple):
    """The dumps of a file and the hash of its bytes."""

    dumps: list[Columns]
    sha256: str


def parse_large(content: OnDisk, advance: Advance) -> Parsed | None:
    """Read a large file of tracebacks without holding it in memory.

    Parameters
    ----------
    content : OnDisk
        The file.
    advance : callable
        Is told how many bytes are done since it was called last; all are taken back if the answer is None.

    Returns
    -------
    Parsed or None
        None if the file is something else, or a log is wrapped around the dump: it must be read as a whole.

    Raises
    ------
    UnreachableError
        If the file cannot be read.
    """
    hashing = _Hashing(content, advance)
    records = _read(content, hashing)
    if records is None:
        return None
    dumps = plain_dumps(records, lambda: content.pieces(0, content.size_bytes, PIECE_BYTES))
    if not dumps:
        advance(-content.size_bytes)
        return None
    return Parsed(dumps, hashing.sha256())


class _Hashing:
    """Takes the hash of a file while it is read: of every byte once, from the first to the last."""

    def __init__(self, content: OnDisk, advance: Advance) -> None:
        self._content, self._advance = content, advance
        self._digest = hashlib.sha256()
        self._end = 0

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """Yield a range of the file; what lies before it and others read is only hashed."""
        for _ in self._pieces_to(start):
            pass
        yield from self._pieces_to(end)

    def sha256(self) -> str:
        """Return the hash, after what is left of the file."""
        for _ in self._pieces_to(self._content.size_bytes):
            pass
        return self._digest.hexdigest()

    def _pieces_to(self, end: int) -> Iterator[bytes]:
        for piece in self._content.pieces(self._end, end, PIECE_BYTES):
            self._digest.update(piece)
            self._end += len(piece)
            yield piece
            self._advance(len(piece))


def _read(content: OnDisk, hashing: _Hashing) -> Records | None:
    """Return the records of a file, None if it does not begin as tracebacks: other processes start meanwhile."""
    size = content.size_bytes
    others = _process_count(size) - 1
    if not others:
        return read_tracebacks(hashing.pieces(0, size)) if _begins_plainly(content) else None
    with PartProcesses(content.stored, Division(size, PARTS), others) as processes:
        return join_records(_read_parts(content, hashing, processes)) if _begins_plainly(content) else None


def _begins_plainly(content: OnDisk) -> bool:
    return begins_plainly(next(content.pieces(0, content.size_bytes, PIECE_BYTES)))


def _read_parts(content: OnDisk, hashing: _Hashing, processes: PartProcesses) -> list[tuple[Hashable, Records]]:
    """Read parts here as long as there are any, then take those of the others; what they failed to read comes last."""
    division, found = processes.division, dict[int, tuple[Hashable, Records]]()
    here = PartReader(division)
    for number, part in division.parts(processes.numbers(), content.pieces):
        found[number] = "here", here.read(part, hashing.pieces(part.start, part.end))
    hashing.sha256()  # the others are at their last parts
    found.update(processes.records())
    missing = division.parts([number for number in range(division.range_count) if number not in found], content.pieces)
    found.update(_late(content, division, dict(missing)))
    return [found[number] for number in sorted(found)]


def _late(content: OnDisk, division: Division, parts: dict[int, Part]) -> Iterator[Found]:
    """Read parts that another process took and then failed to read."""
    reader = PartReader(division)
    for number, part in parts.items():
        yield number, ("late", reader.read(part, content.pieces(part.start, part.end, PIECE_BYTES)))


def _process_count(size_bytes: int) -> int:
    return max(1, min(MAX_PROCESSES, _processors(), size_bytes // PROCESS_BYTES))


def _processors() -> int:
    """Count the processors that this process may use: `taskset` or a cpuset may leave it one of many."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
