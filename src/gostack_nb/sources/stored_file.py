"""A file on disk, as another process finds it again; nothing here takes long to import."""

import os
from collections.abc import Iterator
from io import FileIO
from typing import NamedTuple


class StoredFile(NamedTuple):
    """A file by its name, and by device and number: another one may take the name while it is read."""

    path: str
    device: int
    number: int

    def pieces(self, start: int, end: int, piece_bytes: int) -> Iterator[bytes]:
        """Yield a range of the file piece by piece.

        Raises
        ------
        OSError
            If the operating system refuses.
        EOFError
            If the file became shorter, or if it is another one by now: a log was rotated.
        """
        with FileIO(self.path) as file:
            status = os.fstat(file.fileno())
            if (status.st_dev, status.st_ino) != (self.device, self.number):
                raise EOFError
            file.seek(start)
            yield from _pieces(file, end - start, piece_bytes)


def _pieces(file: FileIO, size: int, piece_bytes: int) -> Iterator[bytes]:
    while size > 0:
        piece = file.read(min(piece_bytes, size))
        if not piece:
            raise EOFError
        size -= len(piece)
        yield piece
