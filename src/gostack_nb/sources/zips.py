"""The files of a zip archive."""

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from gostack_nb.errors import SourceError
from gostack_nb.sources.blob import Limits, Unread, make_unread
from gostack_nb.sources.captured_at import from_unix
from gostack_nb.sources.compressed import Stream, bomb, drain
from gostack_nb.sources.members import Allowance, MemberBytes, Small, natural_order, no_file
from gostack_nb.sources.packed import Packed, opened

_ENCRYPTED = 0x1  # general purpose bit 0, APPNOTE.TXT 4.4.4
_EXTENDED_TIME = 0x5455  # "UT": Unix seconds of the modification, written by Info-ZIP
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, struct.error, ValueError)


def zip_members(packed: Packed, limits: Limits) -> Iterator[Packed | Unread]:
    """Yield the files of a zip in natural order, one at a time.

    Raises
    ------
    SourceError
        If it is cut or damaged so that its list of files cannot be read, or holds none.
    """
    with opened(packed, limits) as stream, _open(stream, packed) as archive:
        infos = sorted(filter(_is_file, archive.infolist()), key=lambda info: natural_order(info.filename))
        content = _content(packed, archive, infos)
        allowance = Allowance(packed.source, limits)
        places: set[int] = set()
        for info in infos:
            if refused := allowance.refuses(info.filename, info.file_size):
                yield refused
                return
            if info.header_offset in places:
                yield Unread(
                    content.source_of(info.filename), "is listed where another file was read: those bytes are read once"
                )
            elif content.is_offered(info.filename):
                yield _member(content, archive, info, limits)
                places.add(info.header_offset)
    if not infos:
        raise no_file(packed)


def _open(stream: Stream, packed: Packed) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream.seekable())
    except (*_DAMAGE, NotImplementedError) as error:
        msg = f"{packed.source}: the zip archive cannot be read ({error}); it may be cut. Hint: copy it again"
        raise SourceError(msg) from error


def _is_file(info: zipfile.ZipInfo) -> bool:
    mode = info.external_attr >> 16
    return not info.is_dir() and (stat.S_IFMT(mode) == 0 or stat.S_ISREG(mode))


def _content(packed: Packed, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> MemberBytes:
    small = Small()
    for info in infos:
        if small.wants(info.filename, info.file_size):
            with suppress(*_DAMAGE, NotImplementedError, RuntimeError):
                small.files[info.filename] = archive.read(info)
    return MemberBytes(packed, frozenset(info.filename for info in infos), small.files)


def _member(content: MemberBytes, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> Packed | Unread:
    source = content.source_of(info.filename)
    try:
        data, damage = _read(archive, info, source, limits)
    except SourceError as error:
        return make_unread(source, error)
    cut = f"the file is damaged in the archive after {len(data):,} bytes: what came before is read" if damage else None
    return content.member(info.filename, data, file_time=_time_of(info), cut=cut)


def _read(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: str, limits: Limits
) -> tuple[bytes, Exception | None]:
    if info.flag_bits & _ENCRYPTED:
        msg = f"{source}: is encrypted. Hint: unpack it with its password and read the unpacked file"
        raise SourceError(msg)
    packed_size = min(info.compress_size, archive.start_dir)  # all files stand before the list of them
    if limits.is_bomb(packed_size, info.file_size):
        raise bomb(source, packed_size, info.file_size)
    try:
        with archive.open(info) as file:
            data, damage = drain(file.read, limit=limits.file_bytes, source=source, damage=_DAMAGE)
    except (*_DAMAGE, NotImplementedError, RuntimeError) as error:
        msg = f"{source}: cannot be unpacked ({error}). Hint: unpack it with another program and read the file"
        raise SourceError(msg) from error
    if damage and not data:
        msg = f"{source}: is damaged in the archive, nothing of it can be read ({damage}). Hint: copy it again"
        raise SourceError(msg) from damage
    return data, damage


def _time_of(info: zipfile.ZipInfo) -> datetime | None:
    """Return the UTC time in the extra field, else the local one, for which UTC is assumed."""
    extra = info.extra
    while len(extra) >= struct.calcsize("<HHBi"):
        kind, size, flags, seconds = struct.unpack_from("<HHBi", extra)
        if kind == _EXTENDED_TIME and flags & 1:
            return from_unix(seconds)
        extra = extra[4 + size :]
    try:
        return from_unix(datetime(*info.date_time, tzinfo=UTC).timestamp())
    except ValueError:
        return None
