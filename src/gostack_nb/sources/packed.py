"""A source before it is unpacked: how to open it, and what its surroundings tell about it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from gostack_nb.sources.blob import Limits
from gostack_nb.sources.captured_at import Stamp
from gostack_nb.sources.compressed import Stream
from gostack_nb.sources.content import cannot_read
from gostack_nb.sources.sidecar import NOTHING_TOLD, Told


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
    path : Path or None
        Where the bytes as stored can be read again, if that is a file of its own.
    """

    source: str
    parts: tuple[str, ...]
    open: Callable[[], BinaryIO]
    told: Told = NOTHING_TOLD
    file_time: datetime | None = None
    outer: Stamp | None = None
    cut: str | None = None
    path: Path | None = None


@contextmanager
def opened(packed: Packed, limits: Limits) -> Iterator[Stream]:
    """Open the bytes of a source, without their compression.

    Raises
    ------
    UnreachableError
        If the operating system refuses.
    """
    try:
        with packed.open() as raw:
            yield Stream(raw, source=packed.source, limits=limits)
    except OSError as error:
        raise cannot_read(packed.source, error) from error
