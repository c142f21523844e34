"""A small recording, ways to damage its files, and what is then found and still read.

The tests try a part of all places; `python -m tests.hostile.damage` tries each byte of each file: it took 49 minutes.
"""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from gostack_nb import GostackError, Recording
from tests.unit.recording.samples import DEBUG1, METRICS, debug2, evidence

SNAPSHOTS = 3

FLIP = 0x10
"""The bit that is turned over in a byte."""

READ_EACH = 8
"""Of so many damaged bytes one is read too, which takes six times as long as to verify."""

Seen = TypeVar("Seen")


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


def named_by_verify(folder: Path) -> frozenset[str]:
    """Return the files that `verify` names."""
    return frozenset(Recording.open(folder).verify().dropna()["file"])


def flipped(
    path: Path, offsets: Iterator[int], mask: int, *, look: Callable[[Path], Seen] = outcome_of
) -> Iterator[tuple[int, Seen]]:
    """Flip a byte at each of the places, one after the other, and tell what comes of it."""
    whole = path.read_bytes()
    root = next(parent for parent in path.parents if (parent / "recording.json").exists())
    for offset in offsets:
        path.write_bytes(whole[:offset] + bytes([whole[offset] ^ mask]) + whole[offset + 1 :])
        yield offset, look(root)
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


def flipped_everywhere(recording: Path, name: str) -> str:
    """Flip each byte of a file of a copy; return a line that counts what went wrong."""
    with TemporaryDirectory() as folder:
        root = copied(recording, Path(folder) / "recording")
        path = root / name
        size = path.stat().st_size
        unnamed = sum(name not in named for _, named in flipped(path, iter(range(size)), FLIP, look=named_by_verify))
        outcomes = [outcome for _, outcome in flipped(path, iter(range(0, size, READ_EACH)), FLIP)]
    lost = sum(outcome.refused is not None or outcome.snapshots != SNAPSHOTS for outcome in outcomes)
    return f"{size} bytes: {unnamed} not found by verify; {len(outcomes)} times read: {lost} times dumps lost: {name}"


def main() -> None:
    """Print a line for each file of the recording."""
    with TemporaryDirectory() as folder, ProcessPoolExecutor() as pool:
        root = make_recording(Path(folder) / "whole").path
        names = [str(path.relative_to(root)) for path in files_of(root)]
        for line in pool.map(flipped_everywhere, repeat(root), names):
            print(line, flush=True)  # noqa: T201 - it is what this prints


if __name__ == "__main__":
    main()
