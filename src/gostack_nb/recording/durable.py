"""Files that are there whole or not at all: a temporary name, fsync, rename, fsync of the folder."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from gostack_nb.errors import RecordingError
from gostack_nb.sources.blob import printable
from gostack_nb.sources.sidecar import MAX_SIDECAR_BYTES
from gostack_nb.sources.skipped import is_offered

TEMPORARY = ".tmp-"
"""How temporary names begin: readers pass hidden files over, and so do pyarrow and gs.read."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


class NewFile(NamedTuple):
    """A file to be written."""

    path: Path
    data: bytes


def write_durably(files: Sequence[NewFile]) -> None:
    """Write files; they appear in the order given, each as a whole, and are on disk when this returns.

    Raises
    ------
    RecordingError
        If the operating system refuses; then no temporary file is left, and those files that are not there yet never
        appear.
    """
    waiting: list[tuple[Path, Path]] = []
    try:
        for file in files:
            waiting.append((_temporary_name(file.path), file.path))
            _write(waiting[-1][0], file.data)
        for temporary, path in waiting:
            os.replace(temporary, path)  # noqa: PTH105 - one place for all calls that a full disk can fail
        for folder in dict.fromkeys(file.path.parent for file in files):
            sync_folder(folder)
    except OSError as error:
        raise cannot_write(files[0].path, error) from error
    finally:
        for temporary, _ in waiting:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def write_new(path: Path, data: bytes) -> None:
    """Write a file unless there is one: a link, unlike a rename, takes nobody's place.

    Raises
    ------
    RecordingError
        If the operating system refuses.
    """
    temporary = _temporary_name(path)
    write_durably([NewFile(temporary, data)])
    try:
        os.link(temporary, path)
        sync_folder(path.parent)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        write_durably([NewFile(path, data)])
    finally:
        temporary.unlink(missing_ok=True)


def read_small(path: Path) -> bytes:
    """Return the bytes of a sidecar or a description.

    Raises
    ------
    OSError
        If the operating system refuses, if it is a FIFO, which would be waited for, or a device, or far too big.
    """
    status = path.stat()
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        msg = "is no file"
        raise OSError(msg)
    if status.st_size > MAX_SIDECAR_BYTES:
        msg = f"has more than {MAX_SIDECAR_BYTES:,} bytes"
        raise OSError(msg)
    return path.read_bytes()


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make a folder and those above it, each on disk before one is made in it.

    Raises
    ------
    RecordingError
        If the operating system refuses.
    """
    try:
        _make_folder(folder, mode)
    except OSError as error:
        raise cannot_write(folder, error) from error


def files_below(folder: Path) -> Iterator[Path]:
    """Walk a folder, its hidden folders apart; what another process removes meanwhile is passed over.

    Raises
    ------
    RecordingError
        If the operating system refuses: nothing is missing silently.
    """
    for place, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if is_offered([name, ""]))
        yield from (Path(place) / name for name in sorted(names))


def _refuse(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise cannot_read(Path(error.filename), error) from error


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk."""
    try:
        number = os.open(folder, os.O_RDONLY)
    except PermissionError:  # a folder above that may be passed and not listed; every folder of Windows
        return
    try:
        os.fsync(number)
    finally:
        os.close(number)


def cannot_write(path: Path, error: OSError) -> RecordingError:
    """Say why a file of a recording could not be written, and what to do."""
    seen = (error.strerror or str(error) or type(error).__name__).lower()
    return RecordingError(f"{printable(str(path))}: cannot be written ({seen}). Hint: {_hint(error)}")


def cannot_read(path: Path, error: OSError) -> RecordingError:
    """Say why a file or folder of a recording cannot be read."""
    seen = (error.strerror or str(error) or type(error).__name__).lower()
    hint = "Hint: ask its owner for read access, or copy the recording as its owner"
    return RecordingError(f"{printable(str(path))}: cannot be read ({seen}). {hint}")


def _hint(error: OSError) -> str:
    if error.errno in _FULL:
        return "free some space and call again: all that was kept before is there and can be read"
    if error.errno in _FORBIDDEN:
        return "ask its owner for write access, or copy the recording; reading needs none"
    return "check the disk and call again: all that was kept before is there"


def _temporary_name(path: Path) -> Path:
    return path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")


def _write(path: Path, data: bytes) -> None:
    make_folder(path.parent)
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(number, rest) :]
        os.fsync(number)
    finally:
        os.close(number)


def _make_folder(folder: Path, mode: int) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent, 0o777)
    with suppress(FileExistsError):  # another writer was quicker
        os.mkdir(folder, mode)  # noqa: PTH102 - see above
    sync_folder(folder.parent)
