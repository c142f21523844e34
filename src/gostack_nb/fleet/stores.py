"""File systems of fsspec: found by an address, asked with every kind of refusal put into words."""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from gostack_nb.errors import UnreachableError
from gostack_nb.fleet.addresses import shown_address
from gostack_nb.sources.address import is_secret_name, scheme_of, without_secret_pairs
from gostack_nb.sources.blob import printable
from gostack_nb.sources.captured_at import from_iso, from_unix

T = TypeVar("T")

_TIMES = ("LastModified", "last_modified", "mtime", "updated", "modified")
"""What the time of an object is called by s3fs, adlfs, local files and sftp, gcsfs, others."""

_OWN_EXTRAS = {"s3fs": "gostack-nb[s3]"}
_HIDDEN = "***"
_SHORTEST_SECRET = 3
_MOST_CHARACTERS = 300
_LOGIN = re.compile(r"(?<=//)[^/\s@]+@")


@dataclass(frozen=True, slots=True)
class Store:
    """A file system, and a path on it.

    Attributes
    ----------
    system : AbstractFileSystem
        Of fsspec; it serves all addresses with the same options in this process.
    path : str
        As this file system names it.
    source : str
        The address as shown to people.
    options : mapping
        What the caller gave to open it.
    """

    system: Any
    path: str
    source: str
    options: Mapping[str, object]

    @classmethod
    def of(cls, address: str, options: Mapping[str, object]) -> Self:
        """Find the file system of an address. `::` has no meaning here: a name in a bucket may hold it.

        Raises
        ------
        UnreachableError
            If there is none, a package is missing, or the options are not as it takes them.
        """
        source = shown_address(address)
        kind = _kind(address, source)
        try:
            system = kind(**{**kind._get_kwargs_from_urls(address), **options})
            return cls(system, str(kind._strip_protocol(address)), source, options)
        except ImportError as error:
            raise _missing(source, error) from error
        except Exception as error:  # each file system has errors of its own
            raise _refused(source, error, options) from error

    def ask(self, call: Callable[..., T], *arguments: object, **more: object) -> T:
        """Call a method of the file system or of an open file.

        Raises
        ------
        UnreachableError
            Whatever is raised; none of the options is in its text.
        """
        try:
            return call(*arguments, **more)
        except Exception as error:  # as above
            raise _refused(self.source, error, self.options) from error

    def open(self) -> "OpenObject":
        """Open the object at the path."""
        return OpenObject(self, self.ask(self.system.open, self.path, "rb"))

    def modified_at(self) -> datetime | None:
        """Return when the object was written; None if its file system does not tell."""
        info = self.ask(self.system.info, self.path)
        told = next((info[name] for name in _TIMES if info.get(name)), None)
        if told is None:
            with suppress(Exception):  # many do not know it, and say so in many ways
                told = self.system.modified(self.path)
        return _time(told)


class OpenObject(io.RawIOBase):
    """An open object whose errors are in words, and which never ends early without one."""

    def __init__(self, store: Store, file: Any) -> None:
        super().__init__()
        self._store, self._file = store, file
        self._end = store.ask(file.seek, 0, io.SEEK_END)
        store.ask(file.seek, 0)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place in the object."""
        return int(self._store.ask(self._file.seek, offset, whence))

    def tell(self) -> int:
        """Return the place in the object."""
        return int(self._store.ask(self._file.tell))

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes, or all that are left.

        Raises
        ------
        UnreachableError
            If fewer come: the line broke, or the object was replaced by a shorter one.
        """
        left = max(0, self._end - self.tell())
        wanted = left if size is None or size < 0 else min(size, left)
        data = self._store.ask(self._file.read, wanted) if wanted else b""
        if len(data) < wanted:
            end = self._end - left + len(data)
            msg = f"{self._store.source}: ended after {end:,} of {self._end:,} bytes. Hint: sweep again"
            raise UnreachableError(msg)
        return bytes(data)

    def close(self) -> None:
        """Close it; what a store has against that changes nothing of what was read."""
        if not self.closed:
            with suppress(Exception):
                self._file.close()
        super().close()


def _kind(address: str, source: str) -> Any:
    try:
        import fsspec  # noqa: PLC0415 - comes with an extra
    except ImportError as error:
        raise _missing(source, error) from error
    try:
        return fsspec.get_filesystem_class(scheme_of(address))
    except ImportError as error:
        raise _missing(source, error) from error
    except ValueError as error:
        msg = f"{source}: {scheme_of(address)}:// is not known to fsspec. Hint: s3://, gs://, abfs://, file:// ..."
        raise UnreachableError(msg) from error


def _missing(source: str, error: ImportError) -> UnreachableError:
    name = _package_of(scheme_of(source) or "") or error.name or "fsspec"
    package = _OWN_EXTRAS.get(name, name)
    needs = f'{scheme_of(source)}:// needs the package {name} here and on every worker. Hint: pip install "{package}"'
    return UnreachableError(f"{source}: {needs}")


def _package_of(scheme: str) -> str | None:
    """Return the package that brings a file system; None if that is fsspec itself."""
    try:
        from fsspec.registry import known_implementations  # noqa: PLC0415 - comes with an extra
    except ImportError:
        return "s3fs" if scheme in {"s3", "s3a"} else None
    package = str(known_implementations.get(scheme, {}).get("class", "")).partition(".")[0]
    return package if package and package != "fsspec" else None


def _refused(source: str, error: Exception, options: Mapping[str, object]) -> UnreachableError:
    if isinstance(error, UnreachableError):
        return error
    said = _without_secrets(str(error), options)
    if isinstance(error, FileNotFoundError):
        hint = "Hint: check the spelling; what the keys may not list looks the same"
        return UnreachableError(f"{source}: no such bucket, folder or object. {hint}")
    if isinstance(error, PermissionError):
        hint = "Hint: check the keys in storage_options; without them each worker uses those of its own machine"
        return UnreachableError(f"{source}: access is refused ({said}). {hint}")
    kind = "" if type(error) is OSError else f"{type(error).__name__}: "
    return UnreachableError(f"{source}: cannot be read ({kind}{said}). Hint: check address and storage_options")


def _without_secrets(text: str, options: Mapping[str, object]) -> str:
    """Take out of what a store says the first lines, and everything that the caller gave as a secret."""
    for secret in sorted(_secrets(options), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    line = " ".join(_LOGIN.sub("", without_secret_pairs(text)).split())
    return printable(line[:_MOST_CHARACTERS]) or "no reason is given"


def _secrets(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _secrets(one, f"{name}.{key}")
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _secrets(one, name)
    elif isinstance(value, str) and len(value) >= _SHORTEST_SECRET and is_secret_name(name):
        yield value


def _time(told: object) -> datetime | None:
    if isinstance(told, datetime):
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
    if isinstance(told, str):
        return from_iso(told)
    return from_unix(told) if isinstance(told, int | float) else None
