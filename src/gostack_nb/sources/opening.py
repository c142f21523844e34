"""From what the user passed to the bytes of each dump, one at a time.

A source is a path (str or PathLike, `~` expanded), a glob, a folder, an archive, an http(s) address, bytes,
or an open file. `"-"` is a file of that name: for standard input pass `sys.stdin.buffer`, as the command line
does.
"""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Protocol, runtime_checkable

from gostack_nb.errors import UnreachableError
from gostack_nb.sources.address import redacted, scheme_of
from gostack_nb.sources.archives import unpack
from gostack_nb.sources.blob import DEFAULT_LIMITS, Blob, Limits, Unread, printable
from gostack_nb.sources.captured_at import from_unix
from gostack_nb.sources.compressed import drain
from gostack_nb.sources.content import cannot_read
from gostack_nb.sources.files import open_path, shown_path, size_of_path
from gostack_nb.sources.packed import Packed


@runtime_checkable
class Readable(Protocol):
    """An open file, binary or text."""

    def read(self, size: int = -1, /) -> bytes | str:
        """Return up to `size` bytes or characters, none at the end."""


Source = str | os.PathLike[str] | bytes | bytearray | memoryview | Readable


def open_sources(*sources: Source, limits: Limits = DEFAULT_LIMITS, start: int = 1) -> Iterator[Blob | Unread]:
    """Yield the dumps of all sources, lazily, so that only one is in memory.

    Parameters
    ----------
    *sources : str, PathLike, bytes or open file
        See the head of this module. An open file is read to its end and left open.
    limits : Limits
        What counts as too big.
    start : int
        The number of the first source, in the names of those that have none.

    Yields
    ------
    Blob or Unread
        A dump, or why something within a folder, glob or archive could not be read.

    Raises
    ------
    SourceError
        When its turn comes, if a source that the caller named cannot be read.
    TypeError
        If a source is none of these types.
    """
    for position, source in enumerate(sources, start=start):
        yield from _open(source, position, limits)


def name_of_source(source: Source, position: int = 1) -> str:
    """Return the name under which a source appears in tables and errors: without credentials or content.

    Examples
    --------
    >>> name_of_source("http://me:pw@10.0.0.7:6060"), name_of_source(b"goroutine 1 [running]:", 2)
    ('http://10.0.0.7:6060', '<bytes 2>')
    """
    match source:
        case bytes() | bytearray() | memoryview():
            return f"<bytes {position}>"
        case str() | os.PathLike():
            text = os.fsdecode(source)
            return redacted(text) if scheme_of(text) else shown_path(text)
    name = getattr(source, "name", None)
    return printable(name) if isinstance(name, str) else f"<file {position}>"


def stored_bytes(*sources: Source) -> int | None:
    """Measure the sources as they are stored, for a progress display; None if one of them cannot be measured.

    Examples
    --------
    >>> stored_bytes(b"goroutine 1 [running]:", b"")
    22
    """
    sizes = [_stored_bytes(source) for source in sources]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _stored_bytes(source: Source) -> int | None:
    match source:
        case bytes() | bytearray() | memoryview():
            return len(source)
        case str() | os.PathLike():
            text = os.fsdecode(source)
            return None if scheme_of(text) else size_of_path(text)
    return None


def _open(source: Source, position: int, limits: Limits) -> Iterator[Blob | Unread]:
    match source:
        case bytes() | bytearray() | memoryview():
            return unpack(_in_memory(name_of_source(source, position), bytes(source)), limits)
        case str() if scheme := scheme_of(source):
            return _open_address(source, scheme, limits)
        case str() | os.PathLike():
            return open_path(os.fsdecode(source), limits)
        case Readable():
            return unpack(_from_file(source, position, limits), limits)
    msg = f"cannot read from {type(source).__name__}: pass paths, addresses, bytes or open files one by one"
    raise TypeError(msg)


def _open_address(address: str, scheme: str, limits: Limits) -> Iterator[Blob | Unread]:
    if scheme not in {"http", "https"}:
        msg = f"{redacted(address)}: {scheme}:// is not read here. Hint: pass it as an open file (fsspec.open)"
        raise UnreachableError(msg)
    from gostack_nb.sources.http import download  # noqa: PLC0415 - a file needs no requests, which takes 50 ms

    return unpack(download(address, limits=limits), limits)


def _in_memory(source: str, data: bytes) -> Packed:
    return Packed(source=source, parts=(), open=lambda: io.BytesIO(data))


def _from_file(file: Readable, position: int, limits: Limits) -> Packed:
    source = name_of_source(file, position)
    data, _ = drain(lambda size: _read(file, size, source), limit=limits.file_bytes, source=source)
    return Packed(source=source, parts=(source,), open=lambda: io.BytesIO(data), file_time=_time_of(file))


def _read(file: Readable, size: int, source: str) -> bytes:
    try:
        piece = file.read(size)
    except UnicodeError as error:
        msg = f"{source}: open as text, but holds other bytes. Hint: open it with mode 'rb' (sys.stdin.buffer)"
        raise UnreachableError(msg) from error
    except OSError as error:
        raise cannot_read(source, error) from error
    except ValueError as error:
        msg = f"{source}: cannot be read ({error}). Hint: pass an open file"
        raise UnreachableError(msg) from error
    return piece.encode("utf-8", "surrogatepass") if isinstance(piece, str) else piece or b""


def _time_of(file: Readable) -> datetime | None:
    """Return the modification time of a regular file; a pipe has none."""
    number = getattr(file, "fileno", None)
    with suppress(OSError, ValueError):
        status = os.fstat(number()) if callable(number) else None
        return from_unix(status.st_mtime) if status and stat.S_ISREG(status.st_mode) else None
    return None
