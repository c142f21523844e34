"""The bytes of one dump: in memory where they had to be unpacked or came over a line, else still on disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from gostack_nb.errors import UnreachableError
from gostack_nb.sources.stored_file import StoredFile


class Content(Protocol):
    """The bytes of one dump, decompressed."""

    @property
    def size_bytes(self) -> int:
        """How many there are."""

    def read(self) -> bytes:
        """Return all of them."""


@dataclass(frozen=True, slots=True)
class InMemory:
    """Bytes that are there already."""

    data: bytes

    @property
    def size_bytes(self) -> int:
        """How many there are."""
        return len(self.data)

    def read(self) -> bytes:
        """Return them."""
        return self.data


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file that is read when it is needed, from its first byte to the size that it had when it was found.

    Attributes
    ----------
    path : Path
        Where it is.
    source : str
        As shown to people.
    size_bytes : int
        What follows behind is not read: a log may grow.
    identity : tuple of int
        Device and number of the file: another one may take its name while it is read.
    """

    path: Path
    source: str
    size_bytes: int
    identity: tuple[int, int]

    @classmethod
    def of(cls, path: Path, source: str) -> Self:
        """Find a file."""
        status = path.stat()
        return cls(path, source, status.st_size, (status.st_dev, status.st_ino))

    @property
    def stored(self) -> StoredFile:
        """The file as another process finds it."""
        return StoredFile(str(self.path), *self.identity)

    def read(self) -> bytes:
        """Return the whole file."""
        return b"".join(self.pieces(0, self.size_bytes, self.size_bytes))

    def pieces(self, start: int, end: int, piece_bytes: int) -> Iterator[bytes]:
        """Yield a range of the file piece by piece.

        Raises
        ------
        UnreachableError
            If the operating system refuses, if the file became shorter, or if it is another one by now.
        """
        try:
            yield from self.stored.pieces(start, end, piece_bytes)
        except OSError as error:
            raise cannot_read(self.source, error) from error
        except EOFError as error:
            msg = f"{self.source}: was replaced or cut while it was read. Hint: read a copy of it"
            raise UnreachableError(msg) from error


def cannot_read(source: str, error: OSError) -> UnreachableError:
    """Say what the operating system has against reading a source."""
    if isinstance(error, PermissionError):
        return UnreachableError(f"{source}: no permission to read it. Hint: ask its owner for read access (chmod a+r)")
    return UnreachableError(
        f"{source}: cannot be read ({(error.strerror or str(error) or type(error).__name__).lower()})"
    )
