"""Files, archives and addresses into a recording: the dumps and pages of metrics among them, one by one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from gostack_nb.errors import FormatError, SourceError
from gostack_nb.reading.datasets import WEAK_TIMES, capture_of
from gostack_nb.recording.evidence_tables import Item, holds_something, part_of_evidence, part_of_unkept
from gostack_nb.recording.keeping import commit
from gostack_nb.recording.layout import UNDATED, kind_in
from gostack_nb.recording.parts import Part, is_committed
from gostack_nb.recording.raw_files import Raw, Stored, normalized, raw_of, stored_of, write_raw
from gostack_nb.sources.blob import Blob, Unread, make_unread
from gostack_nb.sources.content import OnDisk
from gostack_nb.sources.evidence import Evidence
from gostack_nb.sources.opening import Source, name_of_source, open_sources

PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Told:
    """What the caller said about the dumps."""

    service: str | None
    instance: str | None
    captured_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Draft:
    """Evidence that was parsed and is not kept yet."""

    about: Evidence
    blob: Blob
    stored: Stored
    raw: Raw
    part: Part


def add_sources(root: Path, sources: Sequence[Source], told: Told) -> list[str]:
    """Keep what is a dump or a page of metrics in what the user named; return the names of the evidence.

    Raises
    ------
    FormatError, SourceError, RecordingError
        As `Recording.add` says.
    """
    keys: list[str] = []
    unread: list[Unread] = []
    for position, source in enumerate(sources, start=1):
        try:
            for kept in _added(root, open_sources(source, start=position), told):
                if isinstance(kept, Unread):
                    unread.append(kept)
                else:
                    keys.append(kept)
        except SourceError as error:
            if len(sources) == 1:
                raise
            unread.append(make_unread(name_of_source(source, position), error))
    if not keys:
        raise FormatError(_nothing_kept(unread))
    _note_unkept(root, unread)
    return keys


def _added(root: Path, items: Iterable[Item], told: Told) -> Iterator[str | Unread]:
    """Keep one capture after the other: its files stand beside each other, and one may tell the time of all."""
    for _, capture in groupby(items, key=lambda item: capture_of(item.source)):
        drafts = [item if isinstance(item, Unread) else _draft(root, item, told) for item in capture]
        taken = next(filter(None, (_own_time(draft) for draft in drafts if isinstance(draft, _Draft))), None)
        for draft in drafts:
            yield draft if isinstance(draft, Unread) else _keep(_dated(draft, taken) if taken else draft)


def _draft(root: Path, blob: Blob, told: Told) -> _Draft:
    about = normalized(_evidence(blob, told))
    pieces = blob.content.pieces(0, blob.size_bytes, PIECE_BYTES) if isinstance(blob.content, OnDisk) else [blob.data]
    stored = stored_of(pieces)
    return _parsed(root, about, blob, stored)


def _parsed(root: Path, about: Evidence, blob: Blob, stored: Stored) -> _Draft:
    raw = raw_of(root, about, stored.sha256)
    item = replace(
        blob,
        source=raw.name,
        captured_at=about.captured_at,
        captured_at_from=about.captured_at_from,
        service=about.service,
        instance=about.instance,
    )
    return _Draft(about, blob, stored, raw, part_of_evidence(raw, about, [item]))


def _own_time(draft: _Draft) -> datetime | None:
    """Return the time that a profile tells of itself, where nobody told a better one."""
    origins = draft.part.rows["captured_at_from"].to_pylist()
    times = draft.part.rows["captured_at"].to_pylist()
    return next(
        (at.to_pydatetime(warn=False) for at, origin in zip(times, origins, strict=True) if origin == "profile"), None
    )


def _dated(draft: _Draft, taken: datetime) -> _Draft:
    """Give a file of the same capture the profile's time, if its own is only that of the file or in its name."""
    if draft.about.captured_at_from not in WEAK_TIMES or _own_time(draft):
        return draft
    about = replace(draft.about, captured_at=taken, captured_at_from="sidecar")
    return _parsed(draft.raw.root, about, draft.blob, draft.stored)


def _keep(draft: _Draft) -> str | Unread:
    """Keep evidence if there is something in it; else say what it is."""
    if not holds_something(draft.part):
        return Unread(draft.about.source, _reason(draft.part))
    write_raw(draft.raw, draft.about, draft.stored)
    if not is_committed(draft.raw.root, draft.raw.key):
        commit(draft.part)
    return draft.raw.key


def _reason(part: Part) -> str:
    reasons = part.made["issues"]["reason"].to_pylist()
    return str(reasons[0]) if reasons else "not a goroutine dump"


def _evidence(blob: Blob, told: Told) -> Evidence:
    """Make evidence of a file, with what the caller knows better; its bytes stay where they are."""
    evidence = Evidence(
        body=b"",
        kind=kind_in(blob.source),
        source=blob.source,
        captured_at=blob.captured_at,
        captured_at_from=blob.captured_at_from,
        service=told.service or blob.service,
        instance=told.instance or blob.instance,
        truncated=blob.truncated,
        note=blob.note,
    )
    if told.captured_at is None:
        return evidence
    aware = told.captured_at if told.captured_at.tzinfo else told.captured_at.replace(tzinfo=UTC)
    return replace(evidence, captured_at=aware, captured_at_from="caller")


def _note_unkept(root: Path, unread: Sequence[Unread]) -> None:
    """Write what was not kept to the issues, once."""
    if not unread:
        return
    told = "\n".join(f"{item.source}\t{item.reason}" for item in unread)
    key = f"{UNDATED}-{sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}-unkept"
    if not is_committed(root, key):
        commit(part_of_unkept(root, key, unread))


def _nothing_kept(unread: Sequence[Unread]) -> str:
    if not unread:
        return "no goroutine dump in what was given. Hint: pass a file, a folder or the address of a service."
    more = f" (and {len(unread) - 1} more are none either)" if len(unread) > 1 else ""
    return f"{unread[0].source}{more}: {unread[0].reason}"
