"""Chosen rows of a recording to a Dataset, equal to what `gs.read` makes of the same raw files."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from gostack_nb.model.arrow_tables import arrow_schema, arrow_table, codes_of, frame_of
from gostack_nb.model.categories import smallest_integer, text_column
from gostack_nb.model.dataset import Dataset
from gostack_nb.model.schema import GOROUTINES, ISSUES, METRICS, SNAPSHOTS, STACKS, Column
from gostack_nb.recording.contents import PART, PUBLIC_ID, Contents, place_of
from gostack_nb.recording.parts import DamagedError, Part
from gostack_nb.recording.stored import GROUPS, STORED
from gostack_nb.sources.blob import printable

THREADS = 4
"""Unpacking Parquet leaves Python's lock alone."""


class DamagedPartError(Exception):
    """The tables of a part cannot be read; `part` says of which, the text why."""

    def __init__(self, part: Part, reason: str) -> None:
        super().__init__(reason)
        self.part = part


def dataset_of(root: Path, contents: Contents, chosen: pd.DataFrame) -> Dataset:
    """Read the tables of some rows; only the files that hold them are opened.

    Parameters
    ----------
    root : Path
        The recording, as it is named in the column `source`.
    contents : Contents
        What is in it.
    chosen : DataFrame
        Some of the rows of `contents`, in their order.

    Raises
    ------
    DamagedPartError
        If a file is gone or damaged.
    """
    dumps = chosen[chosen["snapshot_id"].notna()]
    pieces = _pieces(contents, dumps, "goroutines")
    return Dataset(
        goroutines=_with_ids(pieces, dumps, GOROUTINES),
        stacks=_stacks(contents, dumps, pieces),
        snapshots=snapshots_of(root, dumps),
        issues=_issues(root, contents, chosen),
        metrics=_metrics(contents, chosen),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """What a recording tells about its dumps without their goroutines.

    Attributes
    ----------
    groups : DataFrame
        As `Recording.groups` returns it.
    stacks : DataFrame
        The frames of their stacks, as in a Dataset.
    snapshots : DataFrame
        As `Recording.snapshots`.
    """

    groups: pd.DataFrame
    stacks: pd.DataFrame
    snapshots: pd.DataFrame


def counted(root: Path, contents: Contents, chosen: pd.DataFrame) -> Counted:
    """Read how many goroutines each stack of some rows has; those with goroutines are not opened."""
    dumps = chosen[chosen["snapshot_id"].notna()]
    pieces = _pieces(contents, dumps, "groups")
    return Counted(
        groups=_with_ids(pieces, dumps, GROUPS),
        stacks=_stacks(contents, dumps, pieces),
        snapshots=listed(root, dumps),
    )


def groups_table(contents: Contents, chosen: pd.DataFrame) -> pd.DataFrame:
    """Read the groups of some rows."""
    dumps = chosen[chosen["snapshot_id"].notna()]
    return _with_ids(_pieces(contents, dumps, "groups"), dumps, GROUPS)


def snapshots_of(root: Path, dumps: pd.DataFrame) -> pd.DataFrame:
    """Make the table `snapshots` of rows that have a dump."""
    named = dumps.assign(snapshot_id=dumps[PUBLIC_ID].astype("category"), source=_sources(root, dumps["source"]))
    return _without_unused(named, SNAPSHOTS)


def listed(root: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """Make the table of a recording's snapshots: that of a Dataset, and where each one lies and comes from."""
    dumps = rows[rows["snapshot_id"].notna()]
    more = tuple(column for column in STORED["snapshots"] if column.name in {"raw", "kind", "origin", "labels"})
    return pd.concat([snapshots_of(root, dumps), _without_unused(dumps.reset_index(drop=True), more)], axis=1)


def _read_all(contents: Contents, parts: Iterable[int], table: str) -> dict[int, pa.Table]:
    """Read one table of several parts."""
    wanted = list(parts)
    with ThreadPoolExecutor(THREADS) as pool:
        return dict(zip(wanted, pool.map(lambda part: _read(contents.parts[part], table), wanted), strict=True))


def _read(part: Part, table: str) -> pa.Table:
    try:
        return part.read(table)
    except DamagedError as error:
        raise DamagedPartError(part, str(error)) from error


def _pieces(contents: Contents, dumps: pd.DataFrame, table: str) -> list[pa.Table]:
    """Return the rows of each dump: they stand together in the table of its part."""
    tables = _read_all(contents, dumps[PART].unique(), table)
    runs = {part: dict(_runs(rows)) for part, rows in tables.items()}
    return [
        tables[part].slice(*runs[part].get(name, (0, 0)))
        for part, name in zip(dumps[PART], dumps["snapshot_id"], strict=True)
    ]


def _runs(table: pa.Table) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield where the rows of each dump begin, and how many there are."""
    texts, codes = codes_of(table["snapshot_id"])
    borders = [*np.flatnonzero(np.diff(codes, prepend=-2)).tolist(), len(codes)]
    for start, end in pairwise(borders):
        yield texts[codes[start]], (start, end - start)


def _with_ids(pieces: list[pa.Table], dumps: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Put the rows of all dumps behind each other, under the names that the snapshots have in a Dataset."""
    others = [column for column in columns if column.name != "snapshot_id"]
    names = [column.name for column in others]
    frame = frame_of([piece.select(names) for piece in pieces], others)
    sizes = np.array([len(piece) for piece in pieces], dtype=np.int64)
    return pd.concat([pd.DataFrame({"snapshot_id": _id_column(dumps, sizes)}), frame], axis=1)


def _id_column(dumps: pd.DataFrame, sizes: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pd.Categorical:
    names = pd.Index(dumps[PUBLIC_ID].tolist(), dtype="str")
    codes = np.repeat(np.arange(len(names), dtype=smallest_integer(len(names))), sizes)
    return pd.Categorical.from_codes(codes, categories=names, validate=False)


def _stacks(contents: Contents, dumps: pd.DataFrame, pieces: list[pa.Table]) -> pd.DataFrame:
    """Return each stack once, as the first dump that has it tells it; other files are not opened."""
    seen: set[str] = set()
    found: list[pa.Table] = []
    read: dict[int, pa.Table] = {}
    for place, piece in zip(dumps[PART], pieces, strict=True):
        texts, codes = codes_of(piece["stack_id"])
        used = np.bincount(codes[codes >= 0], minlength=len(texts)) > 0
        fresh = {text for text, is_used in zip(texts, used, strict=True) if is_used} - seen
        if fresh:
            if place not in read:
                read[place] = _read(contents.parts[place], "stacks")
            found.append(_stacks_named(read[place], fresh))
            seen |= fresh
    return frame_of(found, STACKS)


def _stacks_named(stacks: pa.Table, names: set[str]) -> pa.Table:
    return stacks.filter(pc.is_in(stacks["stack_id"].cast(pa.utf8()), pa.array(sorted(names), pa.utf8())))


def _issues(root: Path, contents: Contents, chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the issues of the dumps in their order, then those of files that are none, by their places."""
    frame = _evidence_rows(contents, chosen, "issues")
    public = dict(zip(chosen["snapshot_id"], chosen[PUBLIC_ID], strict=True))
    of_dump = frame["snapshot_id"].notna()
    frame = frame[~of_dump | frame["snapshot_id"].isin(chosen["snapshot_id"].dropna())]
    order = {name: place for place, name in enumerate(chosen["snapshot_id"].dropna())}
    places = [order.get(name, len(order)) for name in frame["snapshot_id"].astype("object")]
    frame = frame.iloc[np.argsort(places, kind="stable")]
    ids = [None if pd.isna(name) else public[name] for name in frame["snapshot_id"]]
    kept = frame["evidence"].isin(chosen.loc[chosen["raw"].notna(), "evidence"])
    sources = [
        source if pd.isna(source) or not is_kept else _full(root, source)
        for source, is_kept in zip(frame["source"].astype("object"), kept, strict=True)
    ]
    named = frame.assign(snapshot_id=text_column(ids), source=text_column(sources))
    return _with_lost(_without_unused(named, ISSUES), contents)


def _with_lost(issues: pd.DataFrame, contents: Contents) -> pd.DataFrame:
    """Add what is missing because its tables are damaged and its raw file is gone."""
    if not contents.lost:
        return issues
    rows = [
        {"source": printable(path), "reason": f"tables are damaged and there is no raw file to make them of ({why})"}
        for path, why in contents.lost.items()
    ]
    more = pa.Table.from_pylist([{**row, "text": ""} for row in rows], schema=arrow_schema(ISSUES))
    return frame_of([arrow_table(issues, ISSUES), more], ISSUES)


def _metrics(contents: Contents, chosen: pd.DataFrame) -> pd.DataFrame:
    return _without_unused(_evidence_rows(contents, chosen, "metrics"), METRICS)


def _evidence_rows(contents: Contents, chosen: pd.DataFrame, table: str) -> pd.DataFrame:
    """Read the rows of the chosen evidence, in the order of the raw files."""
    parts = [part for part in chosen[PART].unique() if _has(contents.parts[part], table)]
    tables = _read_all(contents, parts, table)
    frame = frame_of(list(tables.values()), STORED[table])
    owner = np.repeat(np.array(parts, dtype=np.int64), [len(rows) for rows in tables.values()])
    first = chosen.drop_duplicates("evidence")
    part_of = dict(zip(first["evidence"], first[PART], strict=True))
    order = {name: place for place, name in enumerate(_walked(first))}
    evidence = frame["evidence"].astype("object").tolist()
    rows = [row for row, name in enumerate(evidence) if part_of.get(name, -1) == owner[row]]
    rows.sort(key=lambda row: order[evidence[row]])
    return frame.iloc[rows].reset_index(drop=True)


def _walked(first: pd.DataFrame) -> list[str]:
    """Sort evidence as a folder is walked; what was not kept comes last."""
    raws = zip(first["raw"].isna(), first["raw"].astype("object"), first["evidence"], strict=True)
    keyed = [((unkept, place_of(str(name if unkept else raw))), name) for unkept, raw, name in raws]
    return [name for _, name in sorted(keyed)]


def _has(part: Part, table: str) -> bool:
    return table in part.hashes or len(part.made.get(table, ())) > 0


def _sources(root: Path, column: pd.Series) -> pd.Series:
    return column.cat.rename_categories(lambda source: _full(root, source))


def _full(root: Path, source: str) -> str:
    return source if root == Path() else f"{printable(str(root))}/{source}"


def _without_unused(frame: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Keep the columns of a table of a Dataset, and the categories that occur."""
    kept = {column.name: _tidy(frame[column.name], column) for column in columns}
    return pd.DataFrame(kept)


def _tidy(values: pd.Series, column: Column) -> Any:
    if column.dtype != "category":
        return values.array
    return text_column(values.astype("object").where(values.notna(), None))
