"""What the files of any archive have in common: their sidecars, their times, the limits for all of them."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from gostack_nb.errors import SourceError
from gostack_nb.sources.blob import Limits, Unread, natural_key, printable
from gostack_nb.sources.captured_at import Stamp, best_stamp
from gostack_nb.sources.packed import Packed
from gostack_nb.sources.sidecar import MAX_SIDECAR_BYTES, Sidecars
from gostack_nb.sources.skipped import is_offered

LONGEST_NAME = 1_000
"""Characters of a name that are shown: an archive in an archive has its name before each of its files."""


@dataclass(frozen=True, slots=True)
class MemberBytes:
    """What is known of an archive before its files are read.

    Attributes
    ----------
    packed : Packed
        The archive.
    names : frozenset of str
        Of all regular files in it.
    small : mapping of str to bytes
        The files that may be sidecars.
    """

    packed: Packed
    names: frozenset[str]
    small: Mapping[str, bytes]
    _by_folder: dict[str, Sidecars] = field(default_factory=dict)

    def is_offered(self, name: str) -> bool:
        """Tell whether a file may be a dump: it is nothing else, and no sidecar."""
        parts = parts_of(name)
        return bool(parts) and is_offered(parts) and not self._sidecars(name).is_sidecar(parts[-1])

    def member(self, name: str, data: bytes, *, file_time: datetime | None, cut: str | None) -> Packed:
        """Put beside the bytes of one file what the archive tells about it."""
        parts = parts_of(name)
        return Packed(
            source=self.source_of(name),
            parts=parts,
            open=lambda: io.BytesIO(data),
            told=self._sidecars(name).tell(parts[-1]),
            file_time=file_time,
            outer=None if file_time else self._outer(),
            cut=cut,
        )

    def source_of(self, name: str) -> str:
        """Return the name of a file as shown to people."""
        return f"{self.packed.source}!{printable(_shortened(name))}"

    def _sidecars(self, name: str) -> Sidecars:
        prefix = name[: name.rfind("/") + 1]
        if prefix not in self._by_folder:
            self._by_folder[prefix] = Sidecars(
                read=lambda other: self.small.get(prefix + other), has=lambda other: prefix + other in self.names
            )
        return self._by_folder[prefix]

    def _outer(self) -> Stamp | None:
        """Return the time of the archive itself if it holds one file: several were not taken at once."""
        if len(self.names) != 1:
            return None
        packed = self.packed
        return best_stamp(packed.told.stamp, packed.parts, packed.file_time) or packed.outer


class Small:
    """The files of an archive that may be sidecars, within a bound for all of them."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._left = 4 * MAX_SIDECAR_BYTES

    def wants(self, name: str, size: int) -> bool:
        """Tell whether this file is worth keeping, and count it if so."""
        wanted = name.endswith(".json") and size <= min(MAX_SIDECAR_BYTES, self._left)
        self._left -= size if wanted else 0
        return wanted


class Allowance:
    """Counts the files and bytes of one archive against the limits."""

    def __init__(self, source: str, limits: Limits) -> None:
        self._source, self._limits = source, limits
        self._files = self._bytes = 0

    def refuses(self, name: str, size: int) -> Unread | None:
        """Count one file; say so if from this one on nothing may be read."""
        self._files += 1
        self._bytes += size
        if self._files > self._limits.members:
            return Unread(self._source, f"holds more than {self._limits.members:,} files: the rest is not read")
        if self._bytes > self._limits.archive_bytes:
            rest = f"from {printable(name)} on nothing is read. Hint: unpack it and read the folder"
            return Unread(self._source, f"holds more than {self._limits.archive_bytes:,} bytes: {rest}")
        return None


def _shortened(name: str) -> str:
    """Leave out the middle of a long name: it ends with that of the file."""
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half]}...{name[-half:]}"


def parts_of(name: str) -> tuple[str, ...]:
    """Split a name in an archive; those from Windows may hold backslashes."""
    return PurePosixPath(name.replace("\\", "/")).parts


def natural_order(name: str) -> tuple[object, ...]:
    """Return the key that sorts the names of an archive like a folder."""
    return tuple(natural_key(part) for part in parts_of(name))


def no_file(packed: Packed, broken: str | None = None) -> SourceError:
    """Say that an archive gave nothing."""
    return SourceError(
        f"{packed.source}: {broken or 'the archive holds no file'}. Hint: look into it, or copy it again"
    )
