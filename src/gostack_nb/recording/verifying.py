"""Every file of a recording against what was written: hashes, checksums, and what belongs together."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from gostack_nb.recording.description import FILE, description_problem
from gostack_nb.recording.layout import RAW, SIDECAR
from gostack_nb.recording.parts import (
    DamagedError,
    Part,
    commit_files,
    commit_files_of,
    evidence_in,
    part_file,
    read_part,
)
from gostack_nb.recording.raw_files import Raw, is_sidecar_name, raw_files, raw_problem, sidecar_problem
from gostack_nb.recording.rebuilding import temporary_files, uncommitted_files
from gostack_nb.sources.blob import printable

Finding = tuple[str, str | None]
"""A file, and what is wrong with it."""

_NO_TABLES = "has no tables yet: rebuild() makes them, until then it is parsed at each read"
_NO_RAW = "the raw file is missing; its tables are still there"
_LONE_SIDECAR = "the raw file of this sidecar is missing: its writer was stopped before it was acknowledged"
_LOST = "the raw file of this sidecar is missing: it was removed, for its tables are there"
_UNCOMMITTED = "was never committed: a writer is at work, or was stopped; rebuild() removes it after an hour"
_TEMPORARY = "is unfinished: a writer is at work, or was stopped; rebuild() removes it after an hour"


def verify_files(root: Path) -> pd.DataFrame:
    """Check every file.

    Returns
    -------
    DataFrame
        One row per file: `file` (str, below the recording), `problem` (str; NA where nothing is wrong).
    """
    raws = sorted(raw_files(root), key=lambda raw: raw.name)
    parts, commits = _committed(root)
    held = {key: name for part in parts for key, name in evidence_in(part)}
    findings: list[Finding] = [(FILE, description_problem(root))]
    findings += [finding for raw in raws for finding in _of_raw(raw, held)]
    findings += _sidecars_alone(root, held)
    findings += _raws_missing({raw.name for raw in raws}, held.values())
    findings += commits
    findings += [finding for part in parts for finding in _of_part(part)]
    findings += [(str(path.relative_to(root)), _UNCOMMITTED) for path in uncommitted_files(root)]
    findings += [(str(path.relative_to(root)), _TEMPORARY) for path in temporary_files(root)]
    return pd.DataFrame(
        {
            "file": pd.array([printable(file) for file, _ in findings], dtype="str"),
            "problem": pd.array([problem for _, problem in findings], dtype="str"),
        }
    )


def _committed(root: Path) -> tuple[list[Part], list[Finding]]:
    """Read what commits the parts; a file that another process replaces meanwhile is not looked at."""
    parts: list[Part] = []
    findings: list[Finding] = []
    for path in commit_files(root):
        name = str(path.relative_to(root))
        try:
            parts.append(read_part(root, path))
            findings.append((name, None))
        except DamagedError as error:
            if os.path.lexists(path):
                findings.append((name, str(error).partition(": ")[2]))
    return parts, findings


def _of_raw(raw: Raw, held: dict[str, str]) -> Iterator[Finding]:
    yield raw.name, raw_problem(raw) or (None if raw.key in held else _NO_TABLES)
    problem = sidecar_problem(raw)
    if raw.sidecar.exists() or problem:
        yield raw.name + SIDECAR, problem


def _sidecars_alone(root: Path, held: dict[str, str]) -> Iterator[Finding]:
    for path in sorted((root / RAW).rglob(f"*.gz{SIDECAR}")):
        raw = Raw(root, path.relative_to(root).as_posix().removesuffix(SIDECAR))
        if is_sidecar_name(path) and not raw.path.exists():
            yield raw.name + SIDECAR, _LOST if raw.key in held else _LONE_SIDECAR


def _raws_missing(there: set[str], wanted: Iterable[str]) -> Iterator[Finding]:
    return ((name, _NO_RAW) for name in sorted(set(wanted) - there))


def _of_part(part: Part) -> Iterator[Finding]:
    for table in part.hashes:
        path = part_file(part.root, table, part.day, part.name)
        name = str(path.relative_to(part.root))
        try:
            part.read(table)
            yield name, None
        except DamagedError as error:
            if commit_files_of(part):
                yield name, str(error).partition(": ")[2]
