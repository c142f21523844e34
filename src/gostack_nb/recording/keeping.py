"""Evidence into a recording: its raw file, which is what counts, then its tables."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from gostack_nb.model.arrow_tables import frame_of
from gostack_nb.model.tables import snapshot_ids
from gostack_nb.recording.contents import times_and_hashes
from gostack_nb.recording.evidence_tables import Item, evidence_items, named_after, part_of_evidence
from gostack_nb.recording.parts import Part, is_committed, may_have_equals, write_part
from gostack_nb.recording.raw_files import AS_RECEIVED, Stored, normalized, raw_of, stored_of, write_raw
from gostack_nb.recording.stored import STORED_SNAPSHOTS
from gostack_nb.sources.blob import Blob
from gostack_nb.sources.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Kept:
    """Evidence that is on disk.

    Attributes
    ----------
    key : str
        Its name, which never changes.
    snapshot_ids : list of str or None
        Its snapshots; None where only a look at the whole recording can tell: it has equal ones, or it was there.
    """

    key: str
    snapshot_ids: list[str] | None = None


def keep_evidence(root: Path, evidence: Evidence) -> Kept:
    """Keep evidence, dump or not.

    Raises
    ------
    RecordingError
        If it cannot be written.
    """
    about = normalized(evidence)
    items = evidence_items(about)
    stored = _unpacked(stored_of([about.body]), items)
    raw = raw_of(root, about, stored.sha256)
    write_raw(raw, about, stored)
    if is_committed(root, raw.key):
        return Kept(raw.key)
    part = commit(part_of_evidence(raw, about, named_after(raw, items, about.source)))
    return Kept(raw.key, None if may_have_equals(root, raw.key) else _ids_of(part))


def commit(part: Part) -> Part:
    """Write the tables of a part that is in memory.

    Raises
    ------
    RecordingError
        If they cannot be written.
    """
    return write_part(part.root, part.day, part.name, part.made)


def _unpacked(stored: Stored, items: Sequence[Item]) -> Stored:
    """Give what came as gzip the hash of what is in it: so it has whoever adds it again, packed or not."""
    match items:
        case [Blob(truncated=False, note=None) as blob] if stored.packing == AS_RECEIVED:
            return replace(stored, sha256=sha256(blob.data).hexdigest(), size_bytes=blob.size_bytes)
    return stored


def _ids_of(part: Part) -> list[str]:
    """Name the snapshots of evidence that has no equals."""
    rows = frame_of([part.rows], STORED_SNAPSHOTS)
    return snapshot_ids(times_and_hashes(rows[rows["snapshot_id"].notna()]))
