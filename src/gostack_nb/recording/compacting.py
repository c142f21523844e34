"""Many small Parquet files of a day to few large ones."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from gostack_nb.recording.contents import PART, Contents, PartCache, committed_contents
from gostack_nb.recording.layout import UNDATED
from gostack_nb.recording.parts import (
    COMMIT,
    MERGED,
    DamagedError,
    Part,
    commit_files,
    commit_files_of,
    merged_rows,
    new_name,
    remove_part,
    stored_bytes,
    write_part,
)
from gostack_nb.recording.rebuilding import is_leftover, remove_leftovers
from gostack_nb.recording.stored import STORED

MOST_BYTES = 16 << 20
"""Of the files that become one: who reads one snapshot of it unpacks all, some 3 million goroutines."""

MAX_ATTEMPTS = 20


class _Member(NamedTuple):
    """A part, and the rows of it that no better part holds."""

    part: Part
    rows: pd.DataFrame


def compact_tables(root: Path, *, now: datetime | None = None) -> int:
    """Merge the parts of each day that is over.

    The merged part is committed before those that it replaces are removed, and readers take evidence that two parts
    hold from one of them: at every moment everything is there once.

    Returns
    -------
    int
        How many parts were replaced.

    Raises
    ------
    RecordingError
        If the tables cannot be written or removed.
    """
    today = f"{now or datetime.now(UTC):%Y-%m-%d}"
    days = sorted({path.parent.name for path in commit_files(root)})
    replaced = sum(_compact_day(root, day) for day in days if day < today or day == UNDATED)
    remove_leftovers(root)
    return replaced


def _compact_day(root: Path, day: str) -> int:
    """Merge; where another process replaced a part meanwhile, look again. A damaged part stays alone."""
    damaged: set[str] = set()
    replaced = 0
    for _ in range(MAX_ATTEMPTS):
        try:
            contents = committed_contents(root, PartCache(), day=day, without=damaged)
            for members in _chunks(contents):
                merged = _merge(root, day, members, damaged)
                replaced += len(merged)
        except DamagedError:
            continue
        return replaced + _remove_superseded(contents)
    return replaced


def _chunks(contents: Contents) -> Iterator[list[_Member]]:
    """Yield parts that together are not too large, in order of time; one alone has nothing to be merged with."""
    chunk: list[_Member] = []
    size = 0
    for place in contents.rows[PART].unique():
        member = _Member(contents.parts[place], contents.rows[contents.rows[PART] == place])
        own = stored_bytes(member.part)
        if chunk and size + own > MOST_BYTES:
            yield from [chunk] if len(chunk) > 1 else []
            chunk, size = [], 0
        chunk.append(member)
        size += own
    yield from [chunk] if len(chunk) > 1 else []


def _merge(root: Path, day: str, members: Sequence[_Member], damaged: set[str]) -> list[Part]:
    """Write one part for many, then remove these.

    Raises
    ------
    DamagedError
        If one of them cannot be read; it is among the `damaged` then, unless another process replaced it.
    """
    tables = {table: merged_rows(_parts_of(members, table, damaged), table) for table in STORED}
    write_part(root, day, new_name(f"{MERGED}-{day}"), tables)
    for member in members:
        remove_part(member.part)
    return [member.part for member in members]


def _parts_of(members: Sequence[_Member], table: str, damaged: set[str]) -> Iterator[pa.Table]:
    seen: set[str] = set()
    for member in members:
        rows = _read(member.part, table, damaged)
        if table == "stacks":
            rows = fresh_stacks(rows, seen)
        elif len(member.rows) < len(member.part.rows):
            rows = _own_rows(rows, member, "snapshot_id" if table in {"goroutines", "groups"} else "evidence")
        yield rows


def fresh_stacks(stacks: pa.Table, seen: set[str]) -> pa.Table:
    """Return the stacks that were not seen yet, and note them as seen."""
    names = stacks["stack_id"].cast(pa.utf8())
    fresh = set(names.unique().to_pylist()) - seen
    seen |= fresh
    return stacks.filter(pc.is_in(names, pa.array(sorted(fresh), pa.utf8())))


def _own_rows(rows: pa.Table, member: _Member, column: str) -> pa.Table:
    wanted = pa.array(member.rows[column].dropna().unique().tolist(), pa.utf8())
    return rows.filter(pc.is_in(rows[column].cast(pa.utf8()), wanted))


def _read(part: Part, table: str, damaged: set[str]) -> pa.Table:
    try:
        return part.rows if table == COMMIT else part.read(table)
    except DamagedError:
        if commit_files_of(part):
            damaged.add(part.name)
        raise


def _remove_superseded(contents: Contents) -> int:
    """Remove parts all of whose evidence a better one holds.

    A merged one only when it is old: another process may just be removing those that it was made of, and these count
    as better.
    """
    used = set(contents.rows[PART])
    unused = [part for place, part in enumerate(contents.parts) if place not in used]
    superseded = [part for part in unused if not part.is_merged or all(map(is_leftover, commit_files_of(part)))]
    for part in superseded:
        remove_part(part)
    return len(superseded)
