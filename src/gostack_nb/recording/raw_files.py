"""Evidence to its raw file and sidecar, and back: the bytes as they came, and how they came."""

import gzip
import hashlib
import json
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from gostack_nb.errors import RecordingError, UnreachableError
from gostack_nb.recording.durable import NewFile, files_below, read_small, write_durably
from gostack_nb.recording.layout import RAW, SIDECAR, evidence_key, named_hash, raw_path, written_by
from gostack_nb.sources.address import host_and_port, redacted, scheme_of
from gostack_nb.sources.blob import DEFAULT_LIMITS, Blob, Unread, encodable, printable
from gostack_nb.sources.compressed import CODECS
from gostack_nb.sources.evidence import Evidence
from gostack_nb.sources.files import open_stored
from gostack_nb.sources.sidecar import SERIES_NAME
from gostack_nb.sources.skipped import is_offered

SIDECAR_VERSION = 1
CHECKSUM = "checksum"
AS_RECEIVED = "as received"

_GZIP_LEVEL = 6  # a third smaller than 1, for 0.2 s of 34 MB
_GZIP = CODECS[0].magic
_SECRET_HEADER = re.compile(r"auth|cookie|token|secret|key|session|password", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw file of a recording.

    Attributes
    ----------
    root : Path
        The recording.
    name : str
        Its path below that, with `/`.
    """

    root: Path
    name: str

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.root / self.name

    @property
    def sidecar(self) -> Path:
        """Where its sidecar is, or would be."""
        return self.path.with_name(self.path.name + SIDECAR)

    @property
    def key(self) -> str:
        """What its tables are named after."""
        return evidence_key(self.name)


@dataclass(frozen=True, slots=True)
class Stored:
    """The bytes of a raw file.

    Attributes
    ----------
    data : bytes
        As they are stored.
    sha256, size_bytes : str, int
        Of the body, without compression.
    packing : {"gzip", "as received"}
        What was done to the body; `as received` if it was gzip when it came.
    """

    data: bytes
    sha256: str
    size_bytes: int
    packing: str


class Packer(Protocol):
    """What compresses piece by piece."""

    def compress(self, data: bytes, /) -> bytes:
        """Take some bytes, return some packed ones."""

    def flush(self) -> bytes:
        """Return the last packed bytes."""


class _Unpacked:
    """Leaves bytes as they are."""

    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def normalized(evidence: Evidence) -> Evidence:
    """Leave out what no file may hold, and tell the process of an address as `read` does."""
    address = scheme_of(evidence.source) is not None
    source = redacted(evidence.source) if address else printable(evidence.source)
    service, instance, note = (
        text and encodable(text) for text in (evidence.service, evidence.instance, evidence.note)
    )
    if not instance and address:
        with suppress(UnreachableError):
            instance = host_and_port(source)
    taken = evidence.captured_at
    aware = taken.replace(tzinfo=UTC) if taken and taken.tzinfo is None else taken
    return replace(
        evidence,
        source=source,
        service=service or None,
        instance=instance or None,
        note=note,
        captured_at=aware.astimezone(UTC) if aware else None,
        captured_at_from=(evidence.captured_at_from or "caller") if aware else None,
        headers={name: value for name, value in evidence.headers.items() if not _SECRET_HEADER.search(name)},
    )


def stored_of(pieces: Iterable[bytes]) -> Stored:
    """Pack bytes that come piece by piece; what is gzip already stays as it came, so that `go tool pprof` reads it."""
    digest = hashlib.sha256()
    packer: Packer = zlib.compressobj(_GZIP_LEVEL, wbits=31)
    packed: list[bytes] = []
    size = 0
    for piece in pieces:
        if not size and piece.startswith(_GZIP):
            packer = _Unpacked()
        digest.update(piece)
        size += len(piece)
        packed.append(packer.compress(piece))
    packed.append(packer.flush())
    packing = AS_RECEIVED if isinstance(packer, _Unpacked) else "gzip"
    return Stored(b"".join(packed), digest.hexdigest(), size, packing)


def raw_of(root: Path, evidence: Evidence, sha256: str) -> Raw:
    """Name the file that keeps some evidence."""
    name = raw_path(evidence.service, evidence.instance, evidence.captured_at, sha256, evidence.kind)
    return Raw(root, str(name))


def write_raw(raw: Raw, evidence: Evidence, stored: Stored) -> None:
    """Keep the bytes and their sidecar; what is there already and whole stays as it is.

    The sidecar comes first: a raw file that is there has one, and a sidecar alone is not yet evidence.

    Raises
    ------
    RecordingError
        If the operating system refuses; then neither appears, or at most the sidecar.
    """
    if raw.path.exists() and is_whole(raw):
        return
    if not _is_below_raw(raw.path.parent, raw.root):
        where = f"{printable(str(raw.path))}: its folder is a link that leads out of the recording"
        msg = f"{where}, where nobody would find it again. Hint: make it a folder; only {RAW}/ as a whole may be a link"
        raise RecordingError(msg)
    told = with_checksum(_told(evidence, stored))
    write_durably([NewFile(raw.sidecar, told), NewFile(raw.path, stored.data)])


def with_checksum(told: Mapping[str, object]) -> bytes:
    """Write a JSON object, the hash of all the rest as its last entry."""
    body = {name: value for name, value in told.items() if name != CHECKSUM}
    return _json({**body, CHECKSUM: _hash(_json(body))})


def raw_files(root: Path) -> list[Raw]:
    """List the raw files, in no order."""
    return [Raw(root, path.relative_to(root).as_posix()) for path in files_below(root / RAW) if is_raw(path)]


def is_raw(path: Path) -> bool:
    """Tell whether a file below `raw/` holds evidence: not a sidecar, nothing that is obviously something else."""
    if path.name == SERIES_NAME or not is_offered([path.name]):
        return False
    return not (path.name.endswith(SIDECAR) and is_sidecar_name(path))


def is_sidecar_name(path: Path) -> bool:
    """Tell whether a name is that of a sidecar of this recording, or of a file beside it."""
    told = path.with_name(path.name.removesuffix(SIDECAR))
    return told.suffix == ".gz" or told.exists()


def read_sidecar(raw: Raw) -> Mapping[str, object] | None:
    """Return what the sidecar tells; None if it is absent or no JSON object."""
    try:
        told = json.loads(read_small(raw.sidecar))
    except (OSError, ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def leads_out(raw: Raw) -> bool:
    """Tell whether a raw file is a link out of the recording; its folder `raw` as a whole may be one."""
    return raw.path.is_symlink() and not _is_below_raw(raw.path, raw.root)


def _is_below_raw(path: Path, root: Path) -> bool:
    """Tell where a path really leads; unlike Path.resolve, realpath stands links that go round."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root / RAW))


def raw_problem(raw: Raw) -> str | None:
    """Compare a raw file with the hashes in its sidecar and its name; None if nothing is wrong."""
    if leads_out(raw):
        return "is a link that leads out of the recording: it is not followed"
    if raw.path.exists() and not raw.path.is_file():
        return "is no file"  # a FIFO would be waited for
    try:
        stored = raw.path.read_bytes()
    except FileNotFoundError:
        return "the raw file is missing"
    except OSError as error:
        return f"the raw file cannot be read ({(error.strerror or str(error)).lower()})"
    told = read_sidecar(raw) or {}
    named = named_hash(raw.path.name)
    expected = told.get("stored_sha256")
    if expected == _hash(stored) or (expected is None and named is None):
        return None
    body_is_whole = named is not None and any(_hash(body).startswith(named) for body in _bodies(stored))
    if body_is_whole and sidecar_problem(raw) is not None:
        return None
    return "the file was changed" + ("; the dump in it is whole" if body_is_whole else ": it does not have its hash")


def sidecar_problem(raw: Raw) -> str | None:
    """Compare a sidecar with its own checksum; None if nothing is wrong, or if a file put there by hand has none."""
    try:
        data = read_small(raw.sidecar)
    except FileNotFoundError:
        return "the sidecar is missing" if named_hash(raw.path.name) else None
    except OSError as error:
        return f"the sidecar cannot be read ({(error.strerror or str(error)).lower()})"
    told = read_sidecar(raw)
    if told is None:
        return "the sidecar is no JSON object"
    written_here = named_hash(raw.path.name) is not None or CHECKSUM in told
    return "the file was changed: its checksum does not fit" if written_here and data != with_checksum(told) else None


def is_whole(raw: Raw) -> bool:
    """Tell whether a raw file and its sidecar are as they were written."""
    return raw_problem(raw) is None and sidecar_problem(raw) is None


def raw_blobs(raw: Raw) -> Iterator[Blob | Unread]:
    """Open a raw file as `gs.read` does."""
    return open_stored(raw.path, DEFAULT_LIMITS)


def _told(evidence: Evidence, stored: Stored) -> dict[str, object]:
    return {
        "sidecar_version": SIDECAR_VERSION,
        "captured_at": _text(evidence.captured_at),
        "captured_at_from": evidence.captured_at_from,
        "service": evidence.service,
        "instance": evidence.instance,
        "labels": dict(evidence.labels),
        "kind": evidence.kind,
        "source": evidence.source,
        "started_at": _text(evidence.started_at),
        "finished_at": _text(evidence.finished_at),
        "status": evidence.status,
        "headers": dict(evidence.headers),
        "truncated": evidence.truncated,
        "note": evidence.note,
        "size_bytes": stored.size_bytes,
        "sha256": stored.sha256,
        "packing": stored.packing,
        "stored_size_bytes": len(stored.data),
        "stored_sha256": _hash(stored.data),
        "written_by": written_by(),
    }


def _text(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()


def _bodies(stored: bytes) -> Iterator[bytes]:
    """Yield what may be the body: the bytes as stored, if they were packed when they came, or unpacked."""
    yield stored
    with suppress(OSError, EOFError, zlib.error):
        yield gzip.decompress(stored)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def relative(root: Path, source: str) -> str:
    """Return a source below the recording without the recording's own path."""
    return source.removeprefix(f"{printable(str(root))}/")
