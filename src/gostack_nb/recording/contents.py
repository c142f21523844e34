"""What a recording holds at one moment: the committed parts, and the raw files whose tables nobody has written yet."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from gostack_nb.model.arrow_tables import frame_of
from gostack_nb.model.tables import snapshot_ids
from gostack_nb.recording.evidence_tables import part_of_raw
from gostack_nb.recording.go_versions import go_versions
from gostack_nb.recording.parts import (
    COMMIT,
    DamagedError,
    Part,
    commit_files,
    key_in,
    name_of_commit_file,
    part_file,
    read_part,
    token_in,
)
from gostack_nb.recording.raw_files import Raw, raw_files
from gostack_nb.recording.stored import STORED_SNAPSHOTS
from gostack_nb.sources.blob import natural_key

PART = "part"
"""Column of the rows: which part holds the tables of this evidence."""

MOST_PARSED = 100
"""Raw files whose tables are held in memory; more wait for `rebuild`."""

PUBLIC_ID = "public_id"
"""Column of the rows: the name that the snapshot has in a Dataset."""


@dataclass(slots=True)
class PartCache:
    """The rows of parts that were read before, which never change, and the tables of raw files that have no part."""

    known: dict[str, Part] = field(default_factory=dict)
    parsed: dict[str, tuple[tuple[int, int], Part]] = field(default_factory=dict)

    def parts(self, root: Path) -> tuple[list[Part], dict[str, str]]:
        """Return the parts that are committed now, and what is wrong with the files of those that cannot be read."""
        files = {str(path): path for path in commit_files(root)}
        damaged: dict[str, str] = {}
        fresh: dict[str, Part] = {}
        for name, path in files.items():
            try:
                fresh[name] = self.known.get(name) or read_part(root, path)
            except DamagedError as error:
                if os.path.lexists(path):  # else what replaced it was written before, but is not listed
                    damaged[name] = str(error)
                else:
                    raise
        self.known = fresh
        return list(fresh.values()), damaged

    def parse(self, raws: Iterable[Raw]) -> list[Part]:
        """Return the tables of raw files that have none, parsed in memory; some are remembered."""
        parsed: dict[str, tuple[tuple[int, int], Part]] = {}
        parts: list[Part] = []
        for raw in raws:
            with suppress(FileNotFoundError):  # removed meanwhile
                status = raw.path.lstat()  # a link may lead nowhere
                seen = (status.st_mtime_ns, status.st_size)
                before = self.parsed.get(raw.name)
                part = before[1] if before and before[0] == seen else part_of_raw(raw)
                parts.append(part)
                if len(parsed) < MOST_PARSED:
                    parsed[raw.name] = (seen, part)
        self.parsed = parsed
        return parts


@dataclass(frozen=True, slots=True)
class Contents:
    """The parts of a recording, and one row per dump (and per evidence without one) in the order of a Dataset.

    Attributes
    ----------
    parts : list of Part
        Those that hold something that no other one holds.
    rows : DataFrame
        The columns of `STORED_SNAPSHOTS`, `part` (place in `parts`) and `public_id`.
    lost : mapping of str to str
        Files that cannot be read, and why: what they held and no raw file holds is missing.
    """

    parts: list[Part]
    rows: pd.DataFrame
    lost: Mapping[str, str] = field(default_factory=dict)


def contents_of(root: Path, cache: PartCache, *, without: Mapping[str, str]) -> Contents:
    """Look what is there now.

    Parameters
    ----------
    root : Path
        The recording.
    cache : PartCache
        What is known from before.
    without : mapping of str to str
        Names of parts that are not to be used, and why: their files are damaged. Their evidence is parsed again.

    Raises
    ------
    DamagedError
        If a file vanished while it was read: another process replaced it. Look again.
    """
    raws = {raw.key: raw for raw in raw_files(root)}  # first: of what comes after it nothing is missed
    parts, damaged = cache.parts(root)
    if raws.keys() - _held(parts):
        # A listing may show neither a part nor the one that took its place meanwhile; the next one shows the latter.
        parts, damaged = cache.parts(root)
    used = sorted((part for part in parts if part.name not in without), key=_preference)
    held = _held(used)
    used += cache.parse(_in_order(raws, raws.keys() - held))
    there = _held(used)
    lost = {path: why for path, why in damaged.items() if key_in(name_of_commit_file(Path(path))) not in there}
    return Contents(used, _ordered(_rows(used)), {**lost, **_lost(parts, without, there)})


def committed_contents(root: Path, cache: PartCache, *, day: str, without: Iterable[str]) -> Contents:
    """Look at the committed parts of one day alone.

    Raises
    ------
    DamagedError
        As `contents_of` does.
    """
    passed_over = frozenset(without)
    parts, _ = cache.parts(root)
    chosen = sorted((part for part in parts if part.day == day and part.name not in passed_over), key=_preference)
    return Contents(chosen, _ordered(_rows(chosen)))


def _preference(part: Part) -> tuple[bool, str]:
    """Sort so that the last part that holds some evidence is the one to read: the newest of it alone."""
    return not part.is_merged, token_in(part.name)


def _held(parts: Iterable[Part]) -> set[str]:
    return {key for part in parts for key in part.rows["evidence"].unique().to_pylist()}


def _in_order(raws: Mapping[str, Raw], keys: Iterable[str]) -> list[Raw]:
    return sorted((raws[key] for key in keys), key=lambda raw: place_of(raw.name))


def _lost(parts: Iterable[Part], without: Mapping[str, str], there: set[str]) -> dict[str, str]:
    """Tell of damaged parts which ones hold evidence that has no raw file any more."""
    return {
        str(part_file(part.root, COMMIT, part.day, part.name)): without[part.name]
        for part in parts
        if part.name in without and not _held([part]) <= there
    }


def _rows(parts: list[Part]) -> pd.DataFrame:
    """Put the rows of all parts together; evidence that two of them hold counts once."""
    rows = frame_of([part.rows for part in parts], STORED_SNAPSHOTS)
    sizes = [len(part.rows) for part in parts]
    rows[PART] = pd.Series(range(len(parts)), dtype="int64").repeat(sizes).to_numpy()
    chosen = rows.groupby("evidence", observed=True)[PART].transform("max")
    return rows[rows[PART] == chosen]


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort as a Dataset is sorted: by time, those without one last, equal ones by place; then name the snapshots."""
    times = rows["captured_at"].astype("int64").where(rows["captured_at"].notna())
    places = [place_of(name) if isinstance(name, str) else () for name in rows["raw"]]
    numbers = rows["dump_number"].fillna(-1)
    keys = zip(times.isna(), times.fillna(0), places, numbers, range(len(rows)), strict=True)
    ordered = rows.iloc[[key[-1] for key in sorted(keys, key=lambda key: key[:-1])]].reset_index(drop=True)
    return ordered.assign(**{PUBLIC_ID: _public_ids(ordered), "go_version": go_versions(ordered)})


def _public_ids(rows: pd.DataFrame) -> pd.Series:
    dumps = rows["snapshot_id"].notna()
    names = snapshot_ids(times_and_hashes(rows[dumps]))
    return pd.Series(names, index=rows.index[dumps], dtype="str").reindex(rows.index)


def times_and_hashes(dumps: pd.DataFrame) -> Iterator[tuple[datetime | None, str]]:
    """Yield what names each dump."""
    for at, sha256 in zip(dumps["captured_at"], dumps["sha256"], strict=True):
        yield None if pd.isna(at) else at.to_pydatetime(warn=False), str(sha256)


def place_of(name: str) -> tuple[Any, ...]:
    """Return the key that sorts raw files as a folder is walked."""
    return tuple(natural_key(part) for part in name.split("/"))
