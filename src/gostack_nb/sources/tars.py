"""The files of a tar archive, compressed or not.

It is read as a stream, twice: first the names and the sidecars, then the files.
"""

import io
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import IO, cast

from gostack_nb.errors import SourceError
from gostack_nb.sources.blob import Limits, Unread, make_unread
from gostack_nb.sources.captured_at import from_unix
from gostack_nb.sources.compressed import Stream, drain
from gostack_nb.sources.members import Allowance, MemberBytes, Small, natural_order, no_file
from gostack_nb.sources.packed import Packed, opened

SORTED_BYTES = 64 << 20
"""Files that are held in memory together to come in natural order; a longer tar keeps its own order."""

PIECE_BYTES = 1 << 12
"""Read at once: `tarfile` gives nothing of a piece that the end of the archive cuts."""

_COMMON = frozenset(tarfile.PAX_FIELDS) - {"path", "linkpath"}
"""What headers may tell about all files: no two have the same name."""

_DAMAGE = (tarfile.TarError, EOFError, OSError, ValueError, OverflowError, RecursionError)
"""The last one: `tarfile` calls itself for each header that only tells about the next one."""


def tar_members(packed: Packed, limits: Limits) -> Iterator[Packed | Unread]:
    """Yield the files of a tar, in natural order if it is small.

    Raises
    ------
    SourceError
        If no file comes out of it.
    """
    content, size = _content(packed, limits)
    members = _members(content, limits)
    return iter(sorted(members, key=_by_name)) if size <= SORTED_BYTES else members


def _by_name(member: Packed | Unread) -> tuple[object, ...]:
    return natural_order(member.source)


def _members(content: MemberBytes, limits: Limits) -> Iterator[Packed | Unread]:
    packed = content.packed
    allowance = Allowance(packed.source, limits)
    with opened(packed, limits) as stream:
        files = _Files(stream)
        for info, file in files:
            if refused := allowance.refuses(info.name, info.size):
                yield refused
                return
            if content.is_offered(info.name):
                yield _member(content, info, file, limits)
        broken = stream.cut or files.broken
    if not content.names:
        raise no_file(packed, broken)
    if broken:
        yield Unread(packed.source, broken)


class _Files:
    """The regular files of a tar, in its order; `broken` says in words why they end early."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.broken: str | None = None

    def __iter__(self) -> Iterator[tuple[tarfile.TarInfo, io.BufferedReader]]:
        try:
            archive = tarfile.open(fileobj=cast("IO[bytes]", self._stream), mode="r|")  # noqa: SIM115 - holds no file of its own
        except _DAMAGE as error:
            self._break_off(error)
            return
        while info := self._next(archive):
            archive.pax_headers = _of_use(archive.pax_headers)
            file = archive.extractfile(info) if info.isreg() else None
            if file:
                yield info, cast("io.BufferedReader", file)

    def _next(self, archive: tarfile.TarFile) -> tarfile.TarInfo | None:
        try:
            return archive.next()
        except (*_DAMAGE, SourceError) as error:
            self._break_off(error)
            return None

    def _break_off(self, error: Exception) -> None:
        reason = str(error).removeprefix(f"{self._stream.source}: ")
        self.broken = f"the tar archive ends early ({reason}): the files before are read"


def _of_use(headers: Mapping[str, str]) -> dict[str, str]:
    """Keep of what is told about all files in common what may be: `tarfile` copies the whole for each file."""
    return {key: value for key, value in headers.items() if key in _COMMON}


def _content(packed: Packed, limits: Limits) -> tuple[MemberBytes, int]:
    """Return what is in the archive, and the bytes of all files; where it breaks off the second reading says."""
    names: set[str] = set()
    small, size = Small(), 0
    with suppress(*_DAMAGE, SourceError), opened(packed, limits) as stream:
        for info, file in islice(_Files(stream), limits.members):
            names.add(info.name)
            size += info.size
            if small.wants(info.name, info.size):
                small.files[info.name] = file.read()
    return MemberBytes(packed, frozenset(names), small.files), size


def _member(content: MemberBytes, info: tarfile.TarInfo, file: io.BufferedReader, limits: Limits) -> Packed | Unread:
    source = content.source_of(info.name)
    if info.issparse():
        return Unread(source, "is stored with holes (a sparse file). Hint: unpack it and read the unpacked file")

    def read(size: int) -> bytes:
        return file.read1(min(size, PIECE_BYTES))

    try:
        data, damage = drain(read, limit=limits.file_bytes, source=source, damage=_DAMAGE)
    except SourceError as error:
        return make_unread(source, error)
    if damage and not data:
        return Unread(source, f"the archive ends before this file's {info.size:,} bytes")
    cut = f"the archive ends after {len(data):,} of this file's {info.size:,} bytes" if damage else None
    return content.member(info.name, data, file_time=from_unix(info.mtime), cut=cut)
