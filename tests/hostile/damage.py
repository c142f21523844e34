"""A small recording, ways to damage its files, and what is then found and still read."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gostack_nb import GostackError, Recording
from tests.unit.recording.samples import DEBUG1, METRICS, debug2, evidence

SNAPSHOTS = 3


def make_recording(path: Path) -> Recording:
    """Keep three dumps of two forms and a page of metrics; merge nothing."""
    made = Recording.open(path, create=True, title="push leaks")
    made.keep(evidence(debug2(1, 2)))
    made.keep(evidence(METRICS, kind="metrics.txt"))
    made.keep(evidence(debug2(3), after=60, instance="b"))
    made.keep(evidence(DEBUG1, kind="goroutine.debug1.txt", after=120))
    return made


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a damaged recording gives: the files that `verify` names, the dumps that are read, what is said of them."""

    named: frozenset[str]
    snapshots: int
    issues: int
    refused: str | None = None


def outcome_of(folder: Path) -> Outcome:
    """Verify and read; every other error than our own is raised."""
    try:
        recording = Recording.open(folder)
        found = recording.verify().dropna()
        dataset = recording.read()
    except GostackError as error:
        return Outcome(frozenset(), 0, 0, str(error))
    return Outcome(frozenset(found["file"]), len(dataset.snapshots), len(dataset.issues))


def flipped(path: Path, offsets: Iterator[int], mask: int) -> Iterator[tuple[int, Outcome]]:
    """Flip a byte at each of the places, one after the other, and tell what comes of it."""
    whole = path.read_bytes()
    root = next(parent for parent in path.parents if (parent / "recording.json").exists())
    for offset in offsets:
        path.write_bytes(whole[:offset] + bytes([whole[offset] ^ mask]) + whole[offset + 1 :])
        yield offset, outcome_of(root)
    path.write_bytes(whole)


def truncated(path: Path, lengths: Iterator[int]) -> Iterator[tuple[int, Outcome]]:
    """Cut a file to each of the lengths, and tell what comes of it."""
    whole = path.read_bytes()
    root = next(parent for parent in path.parents if (parent / "recording.json").exists())
    for length in lengths:
        path.write_bytes(whole[:length])
        yield length, outcome_of(root)
    path.write_bytes(whole)


def copied(recording: Path, to: Path) -> Path:
    shutil.copytree(recording, to)
    return to
