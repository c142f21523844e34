"""From a file as stored to the dumps in it: decompress, look into archives, nothing touches the disk.

Names in an archive are only names: `..` and absolute paths lead nowhere. Links, devices and FIFOs in it
are passed over. A tar is read as a stream, twice (first the sidecars), so its files come in its own
order; those of a zip come in natural order.
"""

import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import PurePosixPath
from typing import IO, BinaryIO, cast

from gostack_nb.errors import SourceError, TooBigError, UnreachableError
from gostack_nb.sources.blob import Blob, Limits, Unread, make_blob, make_unread, natural_key, printable
from gostack_nb.sources.captured_at import Stamp, best_stamp, from_unix
from gostack_nb.sources.compressed import Stream, bomb, drain
from gostack_nb.sources.sidecar import MAX_SIDECAR_BYTES, NOTHING_TOLD, SERIES_NAME, Sidecars, Told
from gostack_nb.sources.skipped import is_offered

MAX_NESTING = 2
"""Archives within each other: one per incident that holds one per host."""

_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257
_UNSUPPORTED = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "RAR"}
_ENCRYPTED = 0x1  # general purpose bit 0, APPNOTE.TXT 4.4.4
_EXTENDED_TIME = 0x5455  # "UT": Unix seconds of the modification, written by Info-ZIP
_ZIP_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, struct.error, ValueError)
_TAR_DAMAGE = (tarfile.TarError, EOFError, OSError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class Packed:
    """A source before unpacking.

    Attributes
    ----------
    source : str
        As shown to people.
    parts : tuple of str
        Folders and name, for the times in them.
    open : callable
        Opens the bytes as stored, seekable; called twice for a tar.
    told, file_time
        What is known about it from outside.
    outer : Stamp or None
        The time of the archive around it, if it is alone in there and has none itself.
    cut : str or None
        Why the stored bytes are known to be incomplete.
    """

    source: str
    parts: tuple[str, ...]
    open: Callable[[], BinaryIO]
    told: Told = NOTHING_TOLD
    file_time: datetime | None = None
    outer: Stamp | None = None
    cut: str | None = None


def unpack(packed: Packed, limits: Limits, *, nesting: int = 0) -> Iterator[Blob | Unread]:
    """Yield the dumps in one source, one at a time.

    Raises
    ------
    SourceError
        If nothing of the source itself can be read; what fails within an archive is an `Unread`.
    """
    with _opened(packed, limits) as stream:
        members = _reader_of(stream, packed)
        if members is None:
            yield _blob(packed, stream)
            return
        if nesting == MAX_NESTING:
            msg = f"{packed.source}: an archive in an archive in an archive. Hint: unpack the outer one"
            raise TooBigError(msg)
    yield from members(packed, limits, nesting)


def unpack_found(packed: Packed, limits: Limits, *, nesting: int = 0) -> Iterator[Blob | Unread]:
    """Do the same for a source that the caller did not name himself: an error becomes an `Unread`."""
    if packed.parts[-1:] == (SERIES_NAME,):
        yield Unread(packed.source, "is no JSON object with a list `snapshots`: its times are not used")
        return
    try:
        yield from unpack(packed, limits, nesting=nesting)
    except SourceError as error:
        yield make_unread(packed.source, error)


def unpack_one(packed: Packed, limits: Limits) -> Blob:
    """Undo the compression of a source that is no archive."""
    with _opened(packed, limits) as stream:
        return _blob(packed, stream)


def cannot_read(source: str, error: OSError) -> UnreachableError:
    """Say what the operating system has against reading a source."""
    if isinstance(error, PermissionError):
        return UnreachableError(
            f"{source}: no permission to read it. Hint: ask its owner for read access (chmod a+r)"
        )
    return UnreachableError(
        f"{source}: cannot be read ({(error.strerror or str(error) or type(error).__name__).lower()})"
    )


_Reader = Callable[[Packed, Limits, int], Iterator[Blob | Unread]]


@contextmanager
def _opened(packed: Packed, limits: Limits) -> Iterator[Stream]:
    try:
        with packed.open() as raw:
            yield Stream(raw, source=packed.source, limits=limits)
    except OSError as error:
        raise cannot_read(packed.source, error) from error


def _reader_of(stream: Stream, packed: Packed) -> _Reader | None:
    """Tell by its first bytes which archive this is; an old tar has no mark, only a name."""
    head = stream.head
    for magic, name in _UNSUPPORTED.items():
        if head.startswith(magic):
            msg = f"{packed.source}: {name} archives are not read. Hint: unpack it, or make it a .zip"
            raise SourceError(msg)
    if head.startswith(_ZIP_MAGICS):
        return _unpack_zip
    marked = head[_TAR_MARK_AT:].startswith(_TAR_MARK)
    return _unpack_tar if marked or _is_old_tar(head, packed.parts) else None


def _is_old_tar(head: bytes, parts: tuple[str, ...]) -> bool:
    if not parts or ".tar" not in PurePosixPath(parts[-1]).suffixes:
        return False
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return not head.strip(b"\0")  # an empty archive: zeros only
    return True


def _blob(packed: Packed, stream: Stream) -> Blob:
    data = stream.read_all()
    cut = packed.cut or stream.cut
    stamp = best_stamp(packed.told.stamp, packed.parts, stream.packed_at or packed.file_time)
    return make_blob(
        data,
        packed.source,
        stamp or packed.outer,
        service=packed.told.service,
        instance=packed.told.instance,
        truncated=cut is not None,
        note=cut or stream.leftover,
    )


@dataclass(frozen=True, slots=True)
class _Content:
    """What is known of an archive before its files are read."""

    packed: Packed
    names: frozenset[str]
    small: Mapping[str, bytes]  # the .json files that may be sidecars

    def sidecars(self, name: str) -> Sidecars:
        prefix = name[: name.rfind("/") + 1]
        return Sidecars(
            lambda other: self.small.get(prefix + other), lambda other: prefix + other in self.names
        )

    def is_offered(self, name: str) -> bool:
        parts = _parts(name)
        return bool(parts) and is_offered(parts) and not self.sidecars(name).is_sidecar(parts[-1])

    def member(self, name: str, data: bytes, file_time: datetime | None, cut: str | None) -> Packed:
        outer = (
            best_stamp(self.packed.told.stamp, self.packed.parts, self.packed.file_time) or self.packed.outer
        )
        return Packed(
            source=self.source_of(name),
            parts=_parts(name),
            open=lambda: io.BytesIO(data),
            told=self.sidecars(name).tell(_parts(name)[-1]),
            file_time=file_time,
            outer=None if file_time else self.outer(),
            cut=cut,
        )

    def source_of(self, name: str) -> str:
        return f"{self.packed.source}!{printable(name)}"


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name.replace("\\", "/")).parts


def _unpack_zip(packed: Packed, limits: Limits, nesting: int) -> Iterator[Blob | Unread]:
    with _opened(packed, limits) as stream, _open_zip(stream, packed) as archive:
        infos = sorted((info for info in archive.infolist() if _is_zip_file(info)), key=_zip_key)
        content = _zip_content(packed, archive, infos)
        allowance = _Allowance(content, limits)
        for info in infos:
            if refused := allowance.refuses(info.filename, info.file_size):
                yield refused
                return
            if content.is_offered(info.filename):
                yield from _unpack_zip_member(content, archive, info, limits, nesting)
    if not infos:
        raise _no_file(packed)


def _open_zip(stream: Stream, packed: Packed) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream.seekable())
    except (*_ZIP_DAMAGE, NotImplementedError) as error:
        msg = f"{packed.source}: the zip archive cannot be read ({error}); it may be cut. Hint: copy it again"
        raise SourceError(msg) from error


def _is_zip_file(info: zipfile.ZipInfo) -> bool:
    mode = info.external_attr >> 16
    return not info.is_dir() and (stat.S_IFMT(mode) == 0 or stat.S_ISREG(mode))


def _zip_key(info: zipfile.ZipInfo) -> tuple[object, ...]:
    return tuple(natural_key(part) for part in _parts(info.filename))


def _zip_content(packed: Packed, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> _Content:
    small = _Small()
    for info in infos:
        if small.wants(info.filename, info.file_size):
            with suppress(*_ZIP_DAMAGE, NotImplementedError, RuntimeError):
                small.files[info.filename] = archive.read(info)
    return _Content(packed, frozenset(info.filename for info in infos), small.files)


def _unpack_zip_member(
    content: _Content, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits, nesting: int
) -> Iterator[Blob | Unread]:
    source = content.source_of(info.filename)
    try:
        data, damage = _read_zip_member(archive, info, source, limits)
    except SourceError as error:
        yield make_unread(source, error)
        return
    cut = (
        f"the file is damaged in the archive after {len(data):,} bytes: what came before is read"
        if damage
        else None
    )
    member = content.member(info.filename, data, _zip_time(info), cut)
    yield from unpack_found(member, limits, nesting=nesting + 1)


def _read_zip_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: str, limits: Limits
) -> tuple[bytes, Exception | None]:
    if info.flag_bits & _ENCRYPTED:
        msg = f"{source}: is encrypted. Hint: unpack it with its password and read the unpacked file"
        raise SourceError(msg)
    if limits.is_bomb(info.compress_size, info.file_size):
        raise bomb(source, info.compress_size, info.file_size)
    try:
        with archive.open(info) as file:
            data, damage = drain(file.read, limit=limits.file_bytes, source=source, damage=_ZIP_DAMAGE)
    except (*_ZIP_DAMAGE, NotImplementedError, RuntimeError) as error:
        msg = (
            f"{source}: cannot be unpacked ({error}). Hint: unpack it with another program and read the file"
        )
        raise SourceError(msg) from error
    if damage and not data:
        msg = (
            f"{source}: is damaged in the archive, nothing of it can be read ({damage}). Hint: copy it again"
        )
        raise SourceError(msg) from damage
    return data, damage


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
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


def _unpack_tar(packed: Packed, limits: Limits, nesting: int) -> Iterator[Blob | Unread]:
    content = _tar_content(packed, limits)
    allowance = _Allowance(content, limits)
    with _opened(packed, limits) as stream:
        files = _TarFiles(stream)
        for info, file in files:
            if refused := allowance.refuses(info.name, info.size):
                yield refused
                return
            if content.is_offered(info.name):
                yield from _unpack_tar_member(content, info, file, limits, nesting)
        broken = stream.cut or files.broken
    if not content.names:
        raise _no_file(packed, broken)
    if broken:
        yield Unread(packed.source, broken)


class _TarFiles:
    """The regular files of a tar, in its order; `broken` says in words why they end early."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.broken: str | None = None

    def __iter__(self) -> Iterator[tuple[tarfile.TarInfo, io.BufferedReader]]:
        try:
            archive = tarfile.open(fileobj=cast("IO[bytes]", self._stream), mode="r|")  # noqa: SIM115 - holds no file of its own
        except _TAR_DAMAGE as error:
            self._break_off(error)
            return
        while info := self._next(archive):
            file = archive.extractfile(info) if info.isreg() else None
            if file:
                yield info, cast("io.BufferedReader", file)

    def _next(self, archive: tarfile.TarFile) -> tarfile.TarInfo | None:
        try:
            return archive.next()
        except (*_TAR_DAMAGE, SourceError) as error:
            self._break_off(error)
            return None

    def _break_off(self, error: Exception) -> None:
        reason = str(error).removeprefix(f"{self._stream.source}: ")
        self.broken = f"the tar archive ends early ({reason}): the files before are read"


def _tar_content(packed: Packed, limits: Limits) -> _Content:
    names: set[str] = set()
    small = _Small()
    with suppress(*_TAR_DAMAGE, SourceError), _opened(packed, limits) as stream:
        for info, file in islice(_TarFiles(stream), limits.members):
            names.add(info.name)
            if small.wants(info.name, info.size):
                small.files[info.name] = file.read()
    return _Content(packed, frozenset(names), small.files)


def _unpack_tar_member(
    content: _Content, info: tarfile.TarInfo, file: io.BufferedReader, limits: Limits, nesting: int
) -> Iterator[Blob | Unread]:
    source = content.source_of(info.name)
    if info.issparse():
        yield Unread(
            source, "is stored with holes (a sparse file). Hint: unpack it and read the unpacked file"
        )
        return
    try:
        data, damage = drain(file.read1, limit=limits.file_bytes, source=source, damage=_TAR_DAMAGE)
    except SourceError as error:
        yield make_unread(source, error)
        return
    cut = f"the archive ends after {len(data):,} of this file's {info.size:,} bytes" if damage else None
    member = content.member(info.name, data, from_unix(info.mtime), cut)
    yield from unpack_found(member, limits, nesting=nesting + 1)


class _Small:
    """The files of an archive that may be sidecars, within a bound for all of them."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._left = 4 * MAX_SIDECAR_BYTES

    def wants(self, name: str, size: int) -> bool:
        wanted = name.endswith(".json") and size <= min(MAX_SIDECAR_BYTES, self._left)
        self._left -= size if wanted else 0
        return wanted


class _Allowance:
    """Counts the files and bytes of one archive against the limits."""

    def __init__(self, content: _Content, limits: Limits) -> None:
        self._content, self._limits = content, limits
        self._files = self._bytes = 0

    def refuses(self, name: str, size: int) -> Unread | None:
        self._files += 1
        self._bytes += size
        source = self._content.packed.source
        if self._files > self._limits.members:
            return Unread(source, f"holds more than {self._limits.members:,} files: the rest is not read")
        if self._bytes > self._limits.archive_bytes:
            rest = f"from {printable(name)} on nothing is read. Hint: unpack it and read the folder"
            return Unread(source, f"holds more than {self._limits.archive_bytes:,} bytes: {rest}")
        return None


def _no_file(packed: Packed, broken: str | None = None) -> SourceError:
    return SourceError(
        f"{packed.source}: {broken or 'the archive holds no file'}. Hint: look into it, or copy it again"
    )
