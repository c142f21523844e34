"""From a file as stored to the dumps in it: decompress, look into archives, nothing touches the disk.

Names in an archive are only names: `..` and absolute paths lead nowhere. Links, devices and FIFOs in it
are passed over.
"""

import io
import tarfile
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import PurePosixPath

from gostack_nb.errors import SourceError, TooBigError
from gostack_nb.sources.blob import Blob, Limits, Unread, make_blob, make_unread
from gostack_nb.sources.captured_at import best_stamp
from gostack_nb.sources.compressed import Stream, bomb
from gostack_nb.sources.content import Content, InMemory, OnDisk, cannot_read
from gostack_nb.sources.packed import Packed, opened
from gostack_nb.sources.sidecar import SERIES_NAME
from gostack_nb.sources.tars import tar_members
from gostack_nb.sources.zips import zip_members

MAX_NESTING = 2
"""Archives within each other: one per incident that holds one per host."""

LARGE_BYTES = 4 << 20
"""From here on a file is read piece by piece while it is parsed."""

_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257
_UNSUPPORTED = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "RAR"}

_Members = Callable[[Packed, Limits], Iterator[Packed | Unread]]


class Outermost:
    """The source that the caller named, and how much has come out of it, from archives in archives too.

    Each file of an archive may be harmless by itself, and all of them a bomb.
    """

    def __init__(self, packed: Packed, limits: Limits) -> None:
        self._packed, self._limits = packed, limits
        self._unpacked = 0

    def count(self, size: int) -> None:
        """Add what one file became."""
        self._unpacked += size

    def bomb(self) -> Unread | None:
        """Say so if it grew like no dumps."""
        if self._unpacked <= self._limits.ratio_free_bytes:
            return None
        if not self._limits.is_bomb(self._size, self._unpacked):
            return None
        return make_unread(self._packed.source, bomb(self._packed.source, self._size, self._unpacked))

    @cached_property
    def _size(self) -> int:
        try:
            with self._packed.open() as stored:
                return stored.seek(0, io.SEEK_END)
        except OSError as error:
            raise cannot_read(self._packed.source, error) from error


def unpack(
    packed: Packed, limits: Limits, *, nesting: int = 0, outermost: Outermost | None = None
) -> Iterator[Blob | Unread]:
    """Yield the dumps in one source, one at a time.

    Raises
    ------
    SourceError
        If nothing of the source itself can be read; what fails within an archive is an `Unread`.
    """
    with opened(packed, limits) as stream:
        members = _members_of(stream, packed)
        if members is None:
            blob = _blob(packed, stream)
            if outermost:
                outermost.count(blob.size_bytes)
            yield blob
            return
        if nesting == MAX_NESTING:
            msg = f"{packed.source}: an archive in an archive in an archive. Hint: unpack the outer one"
            raise TooBigError(msg)
    outermost = outermost or Outermost(packed, limits)
    for member in members(packed, limits):
        if isinstance(member, Unread):
            yield member
        else:
            yield from unpack_found(member, limits, nesting=nesting + 1, outermost=outermost)
        if found := outermost.bomb():
            if nesting == 0:
                yield found
            return


def unpack_found(
    packed: Packed, limits: Limits, *, nesting: int = 0, outermost: Outermost | None = None
) -> Iterator[Blob | Unread]:
    """Do the same for a source that the caller did not name himself: an error becomes an `Unread`."""
    if packed.parts[-1:] == (SERIES_NAME,):
        yield Unread(packed.source, "is no JSON object with a list `snapshots`: its times are not used")
        return
    try:
        yield from unpack(packed, limits, nesting=nesting, outermost=outermost)
    except SourceError as error:
        yield make_unread(packed.source, error)


def unpack_one(packed: Packed, limits: Limits) -> Blob:
    """Undo the compression of a source that is no archive."""
    with opened(packed, limits) as stream:
        return _blob(packed, stream)


def _members_of(stream: Stream, packed: Packed) -> _Members | None:
    """Tell by its first bytes which archive this is; an old tar has no mark, only a name."""
    head = stream.head
    for magic, name in _UNSUPPORTED.items():
        if head.startswith(magic):
            msg = f"{packed.source}: {name} archives are not read. Hint: unpack it, or make it a .zip"
            raise SourceError(msg)
    if head.startswith(_ZIP_MAGICS):
        return zip_members
    marked = head[_TAR_MARK_AT:].startswith(_TAR_MARK)
    return tar_members if marked or _is_old_tar(head, packed.parts) else None


def _is_old_tar(head: bytes, parts: tuple[str, ...]) -> bool:
    if not parts or ".tar" not in PurePosixPath(parts[-1]).suffixes:
        return False
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return not head.strip(b"\0")  # an empty archive: zeros only
    return True


def _blob(packed: Packed, stream: Stream) -> Blob:
    content = _content(packed, stream)
    cut = packed.cut or packed.told.cut or stream.cut
    stamp = best_stamp(packed.told.stamp, packed.parts, stream.packed_at or packed.file_time) or packed.outer
    return make_blob(
        content,
        packed.source,
        None if packed.told.undated else stamp,
        service=packed.told.service,
        instance=packed.told.instance,
        truncated=cut is not None,
        note=cut or packed.told.note or stream.leftover,
    )


def _content(packed: Packed, stream: Stream) -> Content:
    """Leave a large file on disk; what is small or must be unpacked is read now."""
    if packed.path and stream.is_plain and stream.stored_size() >= LARGE_BYTES:
        return OnDisk.of(packed.path, packed.source)
    return InMemory(stream.read_all())
