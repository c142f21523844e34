"""Tables made again from the raw files, and what stopped writers left behind removed."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gostack_nb.recording.contents import PartCache
from gostack_nb.recording.durable import TEMPORARY, cannot_write, files_below
from gostack_nb.recording.evidence_tables import part_of_raw
from gostack_nb.recording.keeping import commit
from gostack_nb.recording.parts import (
    MERGED,
    DamagedError,
    Part,
    commit_files,
    evidence_in,
    key_in,
    name_of_commit_file,
    read_part,
    remove_part,
    table_files,
)
from gostack_nb.recording.raw_files import is_whole, raw_files

LEFTOVER_SECONDS = 3600.0
"""What nobody committed by then belongs to no writer at work: the largest dump takes seconds."""


def rebuild_tables(root: Path) -> int:
    """Parse every raw file again; its new tables take the place of the old ones, one piece of evidence at a time.

    A raw file that was damaged keeps the tables that were made of it when it was whole.

    Returns
    -------
    int
        How many raw files were parsed.

    Raises
    ------
    RecordingError
        If the tables cannot be written; those not reached yet stay as they are.
    """
    old = _old_parts(root)
    names = {raw.key: raw for raw in raw_files(root)}
    rebuilt: set[str] = set()
    for key, raw in sorted(names.items(), key=lambda item: item[1].name):
        if key in old.held and not is_whole(raw):
            continue
        commit(part_of_raw(raw))
        rebuilt.add(key)
        for path in old.alone.get(key, ()):
            _remove_committed(root, path)
    for part in old.merged:
        if rebuilt.issuperset(part.rows["evidence"].to_pylist()):
            remove_part(part)
    if old.held <= names.keys():  # no raw file was removed: what damaged files held was made again
        for path in old.damaged:
            path.unlink(missing_ok=True)
    remove_leftovers(root)
    return len(rebuilt)


@dataclass(frozen=True, slots=True)
class _OldParts:
    """The parts that were there before.

    Attributes
    ----------
    alone : mapping of str to list of Path
        The commit files of parts of one piece of evidence, by that.
    merged : list of Part
        Parts of many.
    damaged : list of Path
        The commit files of merged parts that cannot be read.
    held : set of str
        The evidence of all that can be read and has, or had, a raw file.
    """

    alone: Mapping[str, list[Path]]
    merged: list[Part]
    damaged: list[Path]
    held: set[str]


def _old_parts(root: Path) -> _OldParts:
    parts, damaged = _known_parts(root)
    alone: dict[str, list[Path]] = {}
    for path in commit_files(root):
        alone.setdefault(key_in(name_of_commit_file(path)), []).append(path)
    return _OldParts(
        alone=alone,
        merged=[part for part in parts if part.is_merged],
        damaged=[Path(path) for path in damaged if Path(path).name.startswith(MERGED)],
        held={key for part in parts for key, _ in evidence_in(part)},
    )


def remove_leftovers(root: Path) -> None:
    """Remove what stopped writers left: temporary files, and tables that were never committed.

    Raises
    ------
    RecordingError
        If the operating system refuses.
    """
    for path in [*temporary_files(root), *uncommitted_files(root)]:
        try:
            if is_leftover(path):
                path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise cannot_write(path, error) from error


def is_leftover(path: Path) -> bool:
    """Tell whether a file is too old to be of a process at work; one that is gone is none."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < time.time() - LEFTOVER_SECONDS
    return False


def temporary_files(root: Path) -> Iterator[Path]:
    """Yield files that a writer has not finished."""
    yield from (path for path in files_below(root) if path.name.startswith(TEMPORARY))


def uncommitted_files(root: Path) -> Iterator[Path]:
    """Yield the tables of parts that are not committed: of a writer at work, or of one that was stopped."""
    found = list(table_files(root))  # before the commits are listed: one that comes between is seen
    committed = {(path.parent.name, name_of_commit_file(path)) for path in commit_files(root)}
    yield from (path for _, path in found if (path.parent.name, path.stem) not in committed)


def _known_parts(root: Path) -> tuple[list[Part], dict[str, str]]:
    while True:
        with suppress(DamagedError):  # a file was replaced meanwhile
            return PartCache().parts(root)


def _remove_committed(root: Path, path: Path) -> None:
    try:
        remove_part(read_part(root, path))
    except DamagedError:  # its other files are leftovers from now on
        path.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
