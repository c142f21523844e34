"""Files of the catalogue -> entries: the package's own, then a team's, then the user's."""

import os
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from gostack_nb.analysis.catalogue.checking import Place, Table, make_entry, read_entry
from gostack_nb.analysis.catalogue.entries import Catalogue
from gostack_nb.errors import CatalogueError

VARIABLE = "GOSTACK_NB_CATALOGUE"
"""Environment variable: more files, separated as in PATH; a team's shared file belongs here."""

BIGGEST_FILE = 4 << 20
"""Bytes of a file of the catalogue; the package's own ones hold a hundredth of that."""

STATES_FILE = "states.toml"


def load_catalogue(*extra: str | PathLike[str]) -> Catalogue:
    """Read the catalogue of known stacks.

    Parameters
    ----------
    *extra : path
        Files that are read last, after those of the package and of the environment variable `GOSTACK_NB_CATALOGUE`
        (separated as in PATH). An entry with a known id changes the keys that it names, others are new.

    Returns
    -------
    Catalogue
        All entries.

    Raises
    ------
    CatalogueError
        If a file cannot be read or is not as docs/reference/catalogue.md says; the message names file, entry and key.
    """
    paths = [name for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name]
    return _loaded(tuple(_stamped(Path(name).expanduser()) for name in (*paths, *extra)))


@cache
def state_meanings() -> Mapping[str, str]:
    """Return what each wait reason of the runtime means, by its name as printed."""
    table = _parsed(_package_file(STATES_FILE), STATES_FILE)
    return {state["name"]: " ".join(state["meaning"].split()) for state in table["state"]}


@lru_cache(maxsize=16)
def _loaded(paths: tuple[tuple[Path, int, int], ...]) -> Catalogue:
    """Read the files; their size and time of change are part of the key, so that a changed file is read again."""
    tables = dict(_package_tables())
    for path, _, _ in paths:
        _merge(tables, _parsed(_content(path), str(path)), str(path))
    return Catalogue(tuple(make_entry(table) for table in tables.values()))


@cache
def _package_tables() -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for name in sorted(file.name for file in files("gostack_nb").joinpath("catalogue").iterdir()):
        if name.endswith(".toml") and name != STATES_FILE:
            _merge(tables, _parsed(_package_file(name), name), name)
    return tables


def _merge(tables: dict[str, Table], document: Mapping[str, Any], file: str) -> None:
    """Put the entries of one file over those of the earlier ones."""
    here: set[str] = set()
    for table in _entry_tables(document, file):
        name, merged = read_entry(table, file, tables)
        if name in here:
            msg = "stands twice in this file"
            raise Place(file, name).error(msg, "give one of them another id")
        here.add(name)
        tables[name] = merged


def _entry_tables(document: Mapping[str, Any], file: str) -> Iterable[Table]:
    others = [key for key in document if key != "entry"]
    entries = document.get("entry", [])
    if others or not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        msg = f"unknown key {others[0]!r}" if others else "entry is not a list of tables"
        raise Place(file).error(msg, "write [[entry]] above the keys of each entry")
    return entries


def _stamped(path: Path) -> tuple[Path, int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return path, status.st_size, status.st_mtime_ns


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(BIGGEST_FILE + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(data) > BIGGEST_FILE:
        msg = f"more than {BIGGEST_FILE} bytes"
        raise Place(str(path)).error(msg, "a catalogue is a small TOML file")
    return data


def _unreadable(path: Path, error: OSError) -> CatalogueError:
    reason = (error.strerror or str(error)).lower()
    return Place(str(path)).error(f"cannot be read ({reason})", f"mend the path, or take it out of {VARIABLE}")


def _package_file(name: str) -> bytes:
    return files("gostack_nb").joinpath("catalogue", name).read_bytes()


def _parsed(data: bytes, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        msg = f"no TOML file ({error})"
        raise Place(file).error(msg, "docs/how-to/catalogue.md has an example") from error
