"""The Parquet files of a recording: a part is one file per table; its file in `snapshots/`, written last, commits it.

A part holds the tables of one piece of evidence, or of many after `compact`. Its files are never changed: a part is
replaced by another one with another name. `snapshots/<day>/<name>.<hash>.parquet` names the part and its own hash;
in its metadata stand the hashes of the part's other files. So whatever is read was checked.
"""

import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gostack_nb.model.arrow_tables import fitted, text_columns
from gostack_nb.recording.durable import NewFile, cannot_write, files_below, write_durably
from gostack_nb.recording.layout import TABLES, day_of, written_by
from gostack_nb.recording.stored import SCHEMA_VERSION, STORED

SUFFIX = ".parquet"
COMMIT = "snapshots"
MERGED = "merged"
"""How the names of parts of many pieces of evidence begin."""

_HASHES = b"hashes"
_DIGITS = 12


class DamagedError(Exception):
    """A Parquet file is absent, or does not hold what was written; the text says which of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """A committed part, or tables that exist in memory only.

    Attributes
    ----------
    root : Path
        The recording.
    day, name : str
        Its folder and the beginning of its files' names.
    rows : Table
        Its rows of `snapshots`.
    hashes : mapping of str to str
        SHA-256 of its other files, by table; a table without rows has no file.
    made : mapping of str to Table
        Tables that exist in memory only.
    """

    root: Path
    day: str
    name: str
    rows: pa.Table
    hashes: Mapping[str, str] = field(default_factory=dict)
    made: Mapping[str, pa.Table] = field(default_factory=dict)

    @property
    def is_merged(self) -> bool:
        """Whether it was made of many."""
        return self.name.startswith(MERGED)

    def read(self, table: str) -> pa.Table:
        """Return one of its tables, with the columns of today.

        Raises
        ------
        DamagedError
            If the file is absent or not as it was written.
        """
        if table in self.made:
            return self.made[table]
        if table not in self.hashes:
            return _empty(table)
        path = part_file(self.root, table, self.day, self.name)
        data = _checked(path, self.hashes[table])
        return _parsed(path, data, table)


def part_file(root: Path, table: str, day: str, name: str) -> Path:
    """Return the file of one table of a part; that in `snapshots` has its hash in its name besides."""
    return root / TABLES / table / day / f"{name}{SUFFIX}"


def new_name(key: str) -> str:
    """Name a new part of some evidence: a later one sorts behind, and no two writers choose the same."""
    return f"{key}.{time.time_ns():016x}{secrets.token_hex(4)}"


def key_in(name: str) -> str:
    """Return the evidence that a part of one piece was made of.

    Examples
    --------
    >>> key_in("20261123T085343.265000Z-1f0c2a3b4c5d-00ff00ff.0018a1b2c3d4e5f60a0b0c0d")
    '20261123T085343.265000Z-1f0c2a3b4c5d-00ff00ff'
    """
    return name.rpartition(".")[0]


def token_in(name: str) -> str:
    """Return what tells the parts of one piece of evidence apart; a later one is greater."""
    return name.rpartition(".")[2]


def name_of_commit_file(path: Path) -> str:
    """Return the part that a file commits."""
    return key_in(path.name.removesuffix(SUFFIX))


def write_part(root: Path, day: str, name: str, tables: Mapping[str, pa.Table]) -> Part:
    """Write a part: its tables first, the file that commits it last.

    Raises
    ------
    RecordingError
        If the operating system refuses; then there is no such part.
    """
    encoded = {table: _encoded(rows, {}) for table, rows in tables.items() if table != COMMIT and len(rows)}
    hashes = {table: hashlib.sha256(data).hexdigest() for table, data in encoded.items()}
    if encoded:
        write_durably([NewFile(part_file(root, table, day, name), data) for table, data in encoded.items()])
    commit = _encoded(tables[COMMIT], {_HASHES: json.dumps(hashes).encode()})
    digest = hashlib.sha256(commit).hexdigest()[:_DIGITS]
    write_durably([NewFile(part_file(root, COMMIT, day, f"{name}.{digest}"), commit)])
    return Part(root, day, name, tables[COMMIT], hashes)


def commit_files(root: Path) -> list[Path]:
    """List the files that commit parts, sorted by name."""
    return sorted(_tables_in(root, COMMIT))


def table_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield every Parquet file that is no commit file, with its table."""
    for table in STORED:
        if table != COMMIT:
            yield from ((table, path) for path in _tables_in(root, table))


def read_part(root: Path, path: Path) -> Part:
    """Read the file that commits a part.

    Raises
    ------
    DamagedError
        If it is gone by now, or not as it was written.
    """
    name, _, digest = path.name.removesuffix(SUFFIX).rpartition(".")
    data = _checked(path, digest)
    hashes = json.loads((pq.read_schema(pa.BufferReader(data)).metadata or {}).get(_HASHES, b"{}"))
    return Part(root, path.parent.name, name, _parsed(path, data, COMMIT), hashes)


def is_committed(root: Path, key: str) -> bool:
    """Tell whether the tables of some evidence are there, alone or merged with others."""
    names = _commit_names(root, day_of(key))
    if any(_key_committed(name) == key for name in names):
        return True
    folder = root / TABLES / COMMIT / day_of(key)
    return any(_holds(root, folder / name, key) for name in names if name.startswith(MERGED))


def may_have_equals(root: Path, key: str) -> bool:
    """Tell whether there may be other evidence of the same second and beginning of the hash."""
    names = _commit_names(root, day_of(key))
    looks = _look(key)
    return any(name.startswith(MERGED) or (_look(name) == looks and _key_committed(name) != key) for name in names)


def evidence_in(part: Part) -> Iterator[tuple[str, str]]:
    """Yield the evidence of a part that has, or had, a raw file, with that file's name."""
    for key, name in zip(part.rows["evidence"].to_pylist(), part.rows["raw"].to_pylist(), strict=True):
        if name is not None:
            yield key, name


def remove_part(part: Part) -> None:
    """Remove a part: first what commits it, so that nobody begins to read it."""
    for path in commit_files_of(part):
        _remove(path)
    for table in part.hashes:
        _remove(part_file(part.root, table, part.day, part.name))


def stored_bytes(part: Part) -> int:
    """Measure the files of a part; one that is gone counts nothing."""
    files = [part_file(part.root, table, part.day, part.name) for table in part.hashes]
    return sum(_size(path) for path in [*files, *commit_files_of(part)])


def commit_files_of(part: Part) -> list[Path]:
    """Find the file that commits a part; none if it was removed meanwhile."""
    folder = part.root / TABLES / COMMIT / part.day
    return [path for path in folder.glob(f"{part.name}.*{SUFFIX}") if not path.name.startswith(".")]


def empty_tables() -> dict[str, pa.Table]:
    """Return every table without rows."""
    return {table: _empty(table) for table in STORED}


def _tables_in(root: Path, table: str) -> Iterator[Path]:
    found = files_below(root / TABLES / table)
    return (path for path in found if path.suffix == SUFFIX and not path.name.startswith("."))


def _empty(table: str) -> pa.Table:
    return fitted(pa.table({}), STORED[table])


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)  # another process may be quicker
    except OSError as error:
        raise cannot_write(path, error) from error


def _encoded(rows: pa.Table, told: Mapping[bytes, bytes]) -> bytes:
    metadata = {b"schema_version": f"{SCHEMA_VERSION}".encode(), b"written_by": written_by().encode(), **told}
    sink = pa.BufferOutputStream()
    pq.write_table(rows.unify_dictionaries().replace_schema_metadata(metadata), sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _checked(path: Path, digest: str) -> bytes:
    if not path.is_file() and path.exists():  # a FIFO would be waited for
        msg = f"{path.name}: is no file"
        raise DamagedError(msg)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        msg = f"{path.name}: the file is missing"
        raise DamagedError(msg) from error
    except OSError as error:
        msg = f"{path.name}: cannot be read ({(error.strerror or str(error)).lower()})"
        raise DamagedError(msg) from error
    if not hashlib.sha256(data).hexdigest().startswith(digest):
        msg = f"{path.name}: the file was changed: it does not have its hash"
        raise DamagedError(msg)
    return data


def _parsed(path: Path, data: bytes, table: str) -> pa.Table:
    columns = STORED[table]
    try:
        schema = pq.read_schema(pa.BufferReader(data))
        known = [column.name for column in columns if column.name in schema.names]
        texts = [name for name in text_columns(columns) if name in known]
        found = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts).read(columns=known, use_threads=False)
        return fitted(found, columns)
    except (pa.ArrowException, OSError, ValueError) as error:
        msg = f"{path.name}: cannot be read as a table ({error})"
        raise DamagedError(msg) from error


def _commit_names(root: Path, day: str) -> list[str]:
    try:
        names = os.listdir(root / TABLES / COMMIT / day)  # noqa: PTH208 - of thousands
    except FileNotFoundError:
        return []
    return [name for name in names if name.endswith(SUFFIX) and not name.startswith(".")]


def _key_committed(name: str) -> str:
    """Return the evidence of a commit file's name: behind it stand the token and the hash."""
    return key_in(key_in(name.removesuffix(SUFFIX)))


def _look(key: str) -> tuple[str, str]:
    """Return what the snapshot's name is made of: the second, and the beginning of the hash."""
    time, _, rest = key.partition("-")
    return time.partition(".")[0].rstrip("Z"), rest[:6]


def _holds(root: Path, path: Path, key: str) -> bool:
    with suppress(DamagedError):
        return key in set(read_part(root, path).rows["evidence"].to_pylist())
    return False


def merged_rows(tables: Iterable[pa.Table], table: str) -> pa.Table:
    """Put the rows of one table of several parts behind each other."""
    return pa.concat_tables([_empty(table), *tables]).unify_dictionaries()
