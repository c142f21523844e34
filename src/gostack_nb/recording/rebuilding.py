"""Tables made again from the raw files, and what stopped writers left behind removed."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gostack_nb.recording.contents import PartCache
from gostack_nb.recording.durable import TEMPORARY, cannot_write
from gostack_nb.recording.evidence_tables import part_of_raw
from gostack_nb.recording.keeping import commit
from gostack_nb.recording.parts import (
    DamagedError,
    Part,
    commit_files,
    key_in,
    name_of_commit_file,
    read_part,
    remove_part,
    table_files,
    token_in,
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
    merged = [part for part in _known_parts(root) if part.is_merged]
    rebuilt: set[str] = set()
    held = {key for part in _known_parts(root) for key in part.rows["evidence"].to_pylist()}
    for raw in sorted(raw_files(root), key=lambda raw: raw.name):
        if raw.key in held and not is_whole(raw):
            continue
        made = commit(part_of_raw(raw))
        rebuilt.add(raw.key)
        _remove_older(made)
    for part in merged:
        if rebuilt.issuperset(part.rows["evidence"].to_pylist()):
            remove_part(part)
    remove_leftovers(root)
    return len(rebuilt)


def remove_leftovers(root: Path) -> None:
    """Remove what stopped writers left: temporary files, and tables that were never committed.

    Raises
    ------
    RecordingError
        If the operating system refuses.
    """
    before = time.time() - LEFTOVER_SECONDS
    for path in [*temporary_files(root), *uncommitted_files(root)]:
        try:
            if path.stat().st_mtime < before:
                path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise cannot_write(path, error) from error


def temporary_files(root: Path) -> Iterator[Path]:
    """Yield files that a writer has not finished."""
    yield from sorted(root.rglob(f"{TEMPORARY}*"))


def uncommitted_files(root: Path) -> Iterator[Path]:
    """Yield the tables of parts that are not committed: of a writer at work, or of one that was stopped."""
    found = list(table_files(root))  # before the commits are listed: one that comes between is seen
    committed = {(path.parent.name, name_of_commit_file(path)) for path in commit_files(root)}
    yield from (path for _, path in found if (path.parent.name, path.stem) not in committed)


def _known_parts(root: Path) -> list[Part]:
    with suppress(DamagedError):
        return PartCache().parts(root)[0]
    return _known_parts(root)


def _remove_older(made: Part) -> None:
    """Remove the parts of the same evidence that were written before; whoever rebuilt it last stays."""
    folder = [path for path in commit_files(made.root) if path.parent.name == made.day]
    for path in folder:
        name = name_of_commit_file(path)
        if key_in(name) == key_in(made.name) and token_in(name) < token_in(made.name):
            _remove_committed(made.root, path)


def _remove_committed(root: Path, path: Path) -> None:
    try:
        remove_part(read_part(root, path))
    except DamagedError:  # its other files are leftovers from now on
        path.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
