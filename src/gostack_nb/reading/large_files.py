"""A large file to dumps: piece by piece, in several processes where there are processors for them."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

from gostack_nb.formats.chunks import SEPARATOR
from gostack_nb.formats.columns import Columns
from gostack_nb.formats.joining import join_records
from gostack_nb.formats.plain_pieces import begins_plainly, plain_dumps
from gostack_nb.formats.records import Records
from gostack_nb.formats.tracebacks import PIECE_BYTES
from gostack_nb.reading.part_reader import Part, PartReader, read_part
from gostack_nb.sources.content import OnDisk

PART_BYTES = 32 << 20
"""Less is not worth a process: two of them read the largest dump that Go sends over HTTP, 64 MiB, 1.5 times as fast."""

MAX_PROCESSES = 4
"""With this one; behind four the hashing, which cannot be divided, takes longest."""

# What balances the parts. Hashing costs a seventh of reading a byte; while a process starts another one reads 14 MB.
_HASHING = 0.15
_START_BYTES = 14 << 20

_SEARCHED_BYTES = 8 << 20  # so far a border is looked for behind the place where it should be

Advance = Callable[[float], None]


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
    if not begins_plainly(next(content.pieces(0, content.size_bytes, PIECE_BYTES))):
        return None
    digest = hashlib.sha256()

    def hashed(start: int, end: int, weight: float) -> Iterator[bytes]:
        for piece in content.pieces(start, end, PIECE_BYTES):
            digest.update(piece)
            yield piece
            advance(weight * len(piece))

    records = _read(content, hashed)
    dumps = plain_dumps(records, lambda: content.pieces(0, content.size_bytes, PIECE_BYTES))
    if not dumps:
        advance(-content.size_bytes)
        return None
    return Parsed(dumps, digest.hexdigest())


def _read(content: OnDisk, hashed: Callable[[int, int, float], Iterator[bytes]]) -> Records:
    """Read the first part here and the others beside it; what comes behind the first is only hashed here.

    While the first part is read the others get on as fast: its bytes count for theirs too.
    """
    size = content.size_bytes
    first, *others = _parts(content, _process_count(size))
    weight = min(1 + len(others), size / first.end)
    rest = size - first.end
    with ExitStack() as running:
        readers = [running.enter_context(PartReader(content, part)) for part in others]
        records = [read_part(hashed(first.start, first.end, weight), first)]
        for _ in hashed(first.end, size, (size - weight * first.end) / max(rest, 1)):
            pass
        records += [reader.records() for reader in readers]
    return join_records(records)


def _process_count(size_bytes: int) -> int:
    return max(1, min(MAX_PROCESSES, _processors(), size_bytes // PART_BYTES))


def _processors() -> int:
    """Count the processors that this process may use: `taskset` or a cpuset may leave it one of many."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _parts(content: OnDisk, processes: int) -> list[Part]:
    """Divide a file so that all are done at the same time: the first process has the hashing, the others must start."""
    size, others = content.size_bytes, processes - 1
    if not others:
        return [Part(0, size, is_last=True)]
    own = (_START_BYTES + size / others - _HASHING * size) / (1 + 1 / others)
    wanted = [int(max(own, 0) + number * (size - max(own, 0)) / others) for number in range(others)]
    borders = [border for border in (_border(content, place) for place in wanted) if border is not None]
    starts = [0, *(border + 2 for border in sorted(set(borders)))]
    ends = [*sorted(set(borders)), size]
    return [Part(start, end, is_last=end == size) for start, end in zip(starts, ends, strict=True)]


def _border(content: OnDisk, place: int) -> int | None:
    """Find the next blank line before a header; None if there is none near."""
    end = min(place + _SEARCHED_BYTES, content.size_bytes)
    text = b""
    for piece in content.pieces(place, end, PIECE_BYTES):
        text += piece
        found = text.find(SEPARATOR)
        if found >= 0:
            return place + found
    return None
