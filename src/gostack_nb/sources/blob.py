"""What this step hands on: the bytes of one dump with their provenance, or a sentence why there are none."""

import re
from dataclasses import dataclass
from datetime import datetime

from gostack_nb.errors import SourceError
from gostack_nb.sources.captured_at import Origin, Stamp
from gostack_nb.sources.content import Content

GIB = 1 << 30

MAX_FILE_BYTES = 4 * GIB
"""One dump. A SIGQUIT log of 1 GB is real; more than this cannot be held in memory beside its tables."""

MAX_RESPONSE_BYTES = 1 * GIB
"""One HTTP answer. Go itself stops debug=2 at 64 MiB; the rest is room for logs kept on a web server."""

MAX_ARCHIVE_BYTES = 64 * GIB
"""All files of one archive together: a thousand dumps of 64 MiB."""

MAX_MEMBERS = 100_000
"""Files in one archive: one dump per second for a day fits."""

MAX_RATIO = 500
"""Growth by unpacking. Dumps shrink 10 to 200 times; a gzip bomb grows 1032 times, one of bzip2 far more."""

RATIO_FREE_BYTES = 1 * GIB
"""Below this any ratio is harmless: a dump of equal goroutines compresses without limit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read before a source counts as too big; the defaults are explained at the constants."""

    file_bytes: int = MAX_FILE_BYTES
    response_bytes: int = MAX_RESPONSE_BYTES
    archive_bytes: int = MAX_ARCHIVE_BYTES
    members: int = MAX_MEMBERS
    ratio: int = MAX_RATIO
    ratio_free_bytes: int = RATIO_FREE_BYTES

    def is_bomb(self, packed: int, unpacked: int) -> bool:
        """Tell whether that many packed bytes should not become that many unpacked ones."""
        return unpacked > self.ratio_free_bytes and unpacked > self.ratio * packed


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes of one file, archive member, answer or object, after decompression.

    Attributes
    ----------
    content : Content
        The dump, or whatever else the source holds: nothing here looks inside.
    source : str
        Path, address without credentials, or `incident.tar.gz!goroutine/0.txt`. Printable characters only.
    captured_at : datetime or None
        Aware, UTC: the best of caller, sidecar, file name and file time. A profile's own time ranks
        above the last two.
    captured_at_from : {"caller", "sidecar", "file name", "file time"} or None
        Where that time comes from.
    service, instance : str or None
        From a sidecar, or `host:port` of a live address.
    truncated : bool
        The bytes end before their end; `note` says how.
    note : str or None
        What is missing from the bytes or odd about them.
    """

    content: Content
    source: str
    captured_at: datetime | None
    captured_at_from: Origin | None
    service: str | None
    instance: str | None
    truncated: bool = False
    note: str | None = None

    @property
    def data(self) -> bytes:
        """The bytes."""
        return self.content.read()

    @property
    def size_bytes(self) -> int:
        """How many bytes there are."""
        return self.content.size_bytes


@dataclass(frozen=True, slots=True)
class Unread:
    """One thing that could not be read: a row of `issues`."""

    source: str
    reason: str


def make_blob(
    content: Content,
    source: str,
    stamp: Stamp | None,
    *,
    service: str | None = None,
    instance: str | None = None,
    truncated: bool = False,
    note: str | None = None,
) -> Blob:
    """Put the provenance of some bytes beside them."""
    return Blob(
        content=content,
        source=source,
        captured_at=stamp.at if stamp else None,
        captured_at_from=stamp.origin if stamp else None,
        service=service,
        instance=instance,
        truncated=truncated,
        note=note,
    )


def make_unread(source: str, error: SourceError) -> Unread:
    """Turn an error into a row: the source stands in its own column."""
    return Unread(source, str(error).removeprefix(f"{source}: "))


def printable(text: str) -> str:
    r"""Escape what a terminal, a table or a Parquet file cannot hold: control characters, undecodable bytes.

    Examples
    --------
    >>> print(printable("a\nb\udcff.txt"))
    a\nb\udcff.txt
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def encodable(text: str) -> str:
    r"""Escape undecodable bytes alone: names keep all else, but no Parquet file and no pandas column holds these.

    Examples
    --------
    >>> print(encodable("a b\udcff"))
    a b\udcff
    """
    return text.encode("utf-8", "backslashreplace").decode()


def natural_key(name: str) -> tuple[tuple[tuple[int, str], ...], str]:
    """Return the key that sorts numbers in names by value.

    Examples
    --------
    >>> sorted(["t10.txt", "t2.txt", "t02.txt"], key=natural_key)
    ['t02.txt', 't2.txt', 't10.txt']
    """
    pieces = (piece.lstrip("0") if index % 2 else piece for index, piece in enumerate(re.split(r"(\d+)", name.lower())))
    return tuple((len(piece) if index % 2 else 0, piece) for index, piece in enumerate(pieces)), name
