"""Paths to dumps: a file, a folder, a glob.

A folder is walked in natural order (2 before 10). File links in it are followed, folder links are not. A pipe is read
where the caller names it; in a folder, or matched by a pattern, it is not.
"""

import re
import stat
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from gostack_nb.errors import SourceError, UnreachableError
from gostack_nb.sources.archives import unpack, unpack_found
from gostack_nb.sources.blob import Blob, Limits, Unread, make_unread, natural_key, printable
from gostack_nb.sources.captured_at import from_unix
from gostack_nb.sources.content import cannot_read
from gostack_nb.sources.packed import Packed
from gostack_nb.sources.pipes import read_pipe
from gostack_nb.sources.presence import is_folder, is_there
from gostack_nb.sources.sidecar import MAX_SIDECAR_BYTES, Sidecars
from gostack_nb.sources.skipped import is_hidden, is_offered

T = TypeVar("T")

Found: TypeAlias = tuple[Path, Sidecars]
"""A file, and what tells about those of its folder."""

_SPECIAL_FILES = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_SPECIAL = _SPECIAL_FILES | {stat.S_IFDIR: "a folder"}
_WILDCARDS = frozenset("*?[")
_SERVICE = re.compile(r"[\w.-]+:\d+(/.*)?|https?:/.*")
_SHOWN_CHARACTERS = 200


def open_path(text: str, limits: Limits) -> Iterator[Blob | Unread]:
    """Yield what a path leads to: a file, everything in a folder, or what a pattern matches.

    A file that exists under the very name is read even if the name holds `*`, `?` or `[`.

    Raises
    ------
    SourceError
        If the path itself cannot be read. What fails within a folder or a pattern is an `Unread`.
    """
    path = expanded(text)
    if not text:
        msg = "'': the path is empty. Hint: the current folder is '.'"
        raise UnreachableError(msg)
    mode = _mode_of(text, path)
    if not mode:
        yield from _open_all(_matched_files(path, text, _never), limits, _nothing(path, text))
    elif stat.S_ISDIR(mode):
        yield from _open_all(_walked(path, _never), limits, _nothing(path, text))
    else:
        yield from _open_named(path, limits)


def open_stored(path: Path, limits: Limits) -> Iterator[Blob | Unread]:
    """Yield what one file of a folder of ours holds; a pipe in its place is not waited for.

    Raises
    ------
    SourceError
        If it is no file, or cannot be read.
    """
    yield from unpack(_packed(path, _sidecars_in(path.parent)), limits)


def list_files(text: str, is_whole: Callable[[Path], bool]) -> Iterator[Path | Unread]:
    """Yield the files that a path leads to, as `open_path` finds them, without opening them.

    Parameters
    ----------
    text : str
        A file, a folder or a pattern.
    is_whole : callable
        Tells the folders that are yielded themselves, and not looked into.

    Raises
    ------
    SourceError
        If the path itself cannot be read, or leads to nothing.
    """
    path = expanded(text)
    mode = _mode_of(text, path)
    if stat.S_ISREG(mode):
        yield path
        return
    if special := _SPECIAL_FILES.get(stat.S_IFMT(mode)):
        msg = f"{_shown(path)}: is {special}, not a file. Hint: save what comes out of it to a file"
        raise UnreachableError(msg)
    found = _walked(path, is_whole) if mode else _matched_files(path, text, is_whole)
    yield from _not_empty((item[0] if isinstance(item, tuple) else item for item in found), _nothing(path, text))


def shown_path(text: str) -> str:
    """Return a path as shown in tables and errors; what is too long for one is a dump passed by mistake."""
    return printable(text[:_SHOWN_CHARACTERS]) + ("..." if len(text) > _SHOWN_CHARACTERS else "")


def size_of_path(text: str) -> int | None:
    """Measure a file, or all files of a folder; None for a pattern and what cannot be measured."""
    path = expanded(text)
    try:
        if path.is_dir():
            return sum(below.stat().st_size for below in path.rglob("*") if below.is_file())
        return path.stat().st_size if path.is_file() else None
    except (OSError, ValueError):
        return None


def _mode_of(text: str, path: Path) -> int:
    """Tell what stands under a name; 0 for a pattern under whose name nothing does."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError) as error:
        if _WILDCARDS.isdisjoint(text) or not isinstance(error, FileNotFoundError):
            raise _not_there(text, path, error) from error
        return 0


def expanded(text: str) -> Path:
    """Return the path that a text names, `~` written out."""
    try:
        return Path(text).expanduser()
    except RuntimeError:  # no such user: then ~ is a letter
        return Path(text)


def _open_named(path: Path, limits: Limits) -> Iterator[Blob | Unread]:
    sidecars = _sidecars_in(path.parent)
    if sidecars.is_sidecar(path.name):
        yield Unread(_shown(path), "is a sidecar: it tells about the dumps beside it and holds none")
        return
    packed = read_pipe(path, _shown(path), limits) if path.is_fifo() else _packed(path, sidecars)
    yield from unpack(packed, limits)


def _open_all(found: Iterator[Found | Unread], limits: Limits, nothing: str) -> Iterator[Blob | Unread]:
    for item in _not_empty(found, nothing):
        packed = item if isinstance(item, Unread) else _packed_or_unread(*item)
        if isinstance(packed, Unread):
            yield packed
        else:
            yield from unpack_found(packed, limits)


def _not_empty(found: Iterator[T], nothing: str) -> Iterator[T]:
    empty = True
    for item in found:
        empty = False
        yield item
    if empty:
        msg = f"{nothing} (seen from {Path.cwd()}). Hint: hidden files, pictures and code are passed over"
        raise UnreachableError(msg)


def _nothing(path: Path, text: str) -> str:
    if path.is_dir():
        return f"{_shown(path)}: the folder holds no file that may be a dump"
    return f"{printable(text)}: no file matches this pattern"


def _never(_folder: Path) -> bool:
    return False


def _walked(folder: Path, is_whole: Callable[[Path], bool]) -> Iterator[Found | Unread]:
    sidecars = _sidecars_in(folder)
    if is_whole(folder):
        yield folder, sidecars
        return
    try:
        paths = sorted(folder.iterdir(), key=_key)
    except OSError as error:
        raise cannot_read(_shown(folder), error) from error
    for path in paths:
        if is_folder(path):
            if not path.is_symlink() and is_offered([path.name, ""]):
                yield from _walked_found(path, is_whole)
        elif is_offered([path.name]) and not sidecars.is_sidecar(path.name):
            yield path, sidecars


def _walked_found(folder: Path, is_whole: Callable[[Path], bool]) -> Iterator[Found | Unread]:
    try:
        yield from _walked(folder, is_whole)
    except SourceError as error:
        yield make_unread(_shown(folder), error)


def _matched_files(pattern: Path, text: str, is_whole: Callable[[Path], bool]) -> Iterator[Found | Unread]:
    """Yield each file once, even where the pattern matches a folder and also what is in it."""
    seen: set[str] = set()
    sidecars_in = lru_cache(maxsize=4)(_sidecars_in)  # files of one folder stand together: they are read once for all
    for path in _globbed(pattern, text):
        for item in _walked_found(path, is_whole) if is_folder(path) else _matched(path, sidecars_in(path.parent)):
            name = item.source if isinstance(item, Unread) else str(item[0])
            if name not in seen:
                seen.add(name)
                yield item


def _globbed(pattern: Path, text: str) -> list[Path]:
    first = next(index for index, part in enumerate(pattern.parts) if not _WILDCARDS.isdisjoint(part))
    base = Path(*pattern.parts[:first])
    try:
        paths = list(base.glob(str(Path(*pattern.parts[first:]))))
    except ValueError as error:
        msg = f"{printable(text)}: not a pattern ({error}). Hint: write dumps/**/*.txt"
        raise UnreachableError(msg) from error
    return sorted((path for path in paths if not any(map(is_hidden, path.parts[first:]))), key=_key)


def _matched(path: Path, sidecars: Sidecars) -> Iterator[Found]:
    if is_offered([path.name]) and not sidecars.is_sidecar(path.name):
        yield path, sidecars


def _key(path: Path) -> tuple[object, ...]:
    return tuple(natural_key(part) for part in path.parts)


def _shown(path: Path) -> str:
    return printable(str(path))


def _packed_or_unread(path: Path, sidecars: Sidecars) -> Packed | Unread:
    try:
        return _packed(path, sidecars)
    except SourceError as error:
        return make_unread(_shown(path), error)


def _packed(path: Path, sidecars: Sidecars) -> Packed:
    try:
        status = path.stat()
    except OSError as error:
        raise _not_there(str(path), path, error) from error
    if special := _SPECIAL.get(stat.S_IFMT(status.st_mode)):
        msg = f"{_shown(path)}: is {special}, not a file. Hint: open it yourself and pass the open file"
        raise UnreachableError(msg)
    return Packed(
        source=_shown(path),
        parts=path.absolute().parts,
        open=lambda: path.open("rb"),
        told=sidecars.tell(path.name),
        file_time=from_unix(status.st_mtime),
        path=path,
    )


def _sidecars_in(folder: Path) -> Sidecars:
    return Sidecars(read=partial(_read_small, folder), has=lambda name: is_there(folder / name))


def _read_small(folder: Path, name: str) -> bytes | None:
    try:
        status = (folder / name).stat()
        readable = stat.S_ISREG(status.st_mode) and status.st_size <= MAX_SIDECAR_BYTES
        return (folder / name).read_bytes() if readable else None
    except OSError:
        return None


def _not_there(text: str, path: Path, error: OSError | ValueError) -> UnreachableError:
    source = shown_path(text)
    if "\n" in text:
        return UnreachableError(f"{source}: is text, not a path. Hint: pass a dump itself as bytes: text.encode()")
    if isinstance(error, ValueError):
        return UnreachableError(f"{source}: is no path ({error})")
    if not isinstance(error, FileNotFoundError):
        return cannot_read(source, error)
    if path.is_symlink():
        return UnreachableError(f"{source}: is a link to {_shown(_link_target(path))}, which does not exist")
    return UnreachableError(f"{source}: no such file or folder (seen from {Path.cwd()}). Hint: {_hint(text)}")


def _link_target(path: Path) -> Path:
    try:
        return path.readlink()
    except OSError:  # such as /proc/2/exe, that of a process without a program
        return Path("nothing")


def _hint(text: str) -> str:
    if text == "-":
        return "for standard input pass sys.stdin.buffer"
    if _SERVICE.fullmatch(text):
        return "for a service pass its address as a str that begins with http://"
    return "check the spelling, and where the notebook or shell runs"
