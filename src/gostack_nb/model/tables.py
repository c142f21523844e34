"""Parsed dumps with their provenance to the tables of a Dataset."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from gostack_nb.formats.columns import Columns, Issue
from gostack_nb.model.categories import text_column
from gostack_nb.model.dataset import Dataset
from gostack_nb.model.frame_facts import Ints
from gostack_nb.model.goroutines import goroutines_table, row_count
from gostack_nb.model.naming import go_version_in
from gostack_nb.model.schema import ISSUES, METRICS, SNAPSHOTS, Column
from gostack_nb.model.stack_facts import StackFacts, stack_facts
from gostack_nb.model.stacks import stacks_table


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One parsed dump with its provenance."""

    columns: Columns
    source: str
    sha256: str
    size_bytes: int
    captured_at: datetime | None = None
    captured_at_from: str | None = None
    service: str | None = None
    instance: str | None = None
    go_version: str | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class SourceIssue:
    """Something that could not be read and belongs to no snapshot, or to the source as a whole."""

    source: str
    issue: Issue
    snapshot_id: str | None = None


@dataclass(frozen=True, slots=True)
class MetricSample:
    """One value of one metric."""

    captured_at: datetime | None
    service: str | None
    instance: str | None
    name: str
    value: float


def build_dataset(
    snapshots: Sequence[Snapshot],
    source_issues: Iterable[SourceIssue] = (),
    samples: Iterable[MetricSample] = (),
) -> Dataset:
    """Put parsed dumps together, in order of capture.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        Those without a time come last, in the order given.
    source_issues : iterable of SourceIssue
        Rows of `issues` beside those of the snapshots.
    samples : iterable of MetricSample
        Rows of `metrics`.

    Returns
    -------
    Dataset
        With the columns and dtypes of `gostack_nb.model.schema`.
    """
    ordered = sorted(snapshots, key=_time_of)
    names = _snapshot_ids(ordered)
    dumps = [snapshot.columns for snapshot in ordered]
    facts, which = stack_facts([dump.stacks for dump in dumps])
    own = np.split(which, np.cumsum([len(dump.stacks) for dump in dumps]))[:-1]
    versions = [_go_version(snapshot, facts, stacks) for snapshot, stacks in zip(ordered, own, strict=True)]
    issues = _issue_rows(ordered, names, source_issues)
    return Dataset(
        goroutines=goroutines_table(dumps, names, facts, own),
        stacks=stacks_table(facts),
        snapshots=_snapshots(ordered, names, versions, issues),
        issues=issues,
        metrics=_metrics(samples),
    )


def _time_of(snapshot: Snapshot) -> tuple[bool, float]:
    return (False, snapshot.captured_at.timestamp()) if snapshot.captured_at else (True, 0.0)


def _snapshot_ids(snapshots: Sequence[Snapshot]) -> list[str]:
    return snapshot_ids((snapshot.captured_at, snapshot.sha256) for snapshot in snapshots)


def snapshot_ids(taken: Iterable[tuple[datetime | None, str]]) -> list[str]:
    """Name snapshots by time and content, `20261123T085343Z-1f0c2a`; a number tells equal ones apart.

    Parameters
    ----------
    taken : iterable of (datetime or None, str)
        When each was captured, and the SHA-256 of its bytes, in the order of the snapshots.
    """
    seen: dict[str, int] = {}
    names = []
    for captured_at, sha256 in taken:
        time = captured_at.strftime("%Y%m%dT%H%M%SZ") if captured_at else "undated"
        name = f"{time}-{sha256[:6]}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return names


def _issue_rows(snapshots: Sequence[Snapshot], names: list[str], source_issues: Iterable[SourceIssue]) -> pd.DataFrame:
    rows = [
        SourceIssue(snapshot.source, issue, name)
        for snapshot, name in zip(snapshots, names, strict=True)
        for issue in snapshot.columns.issues
    ]
    rows += source_issues
    values: dict[str, list[Any]] = {
        "snapshot_id": [row.snapshot_id for row in rows],
        "source": [row.source for row in rows],
        "line_number": [row.issue.line_number for row in rows],
        "byte_offset": [row.issue.byte_offset for row in rows],
        "reason": [row.issue.reason for row in rows],
        "text": [row.issue.text for row in rows],
    }
    return _frame(values, ISSUES)


def _snapshots(
    snapshots: Sequence[Snapshot], names: list[str], versions: list[str | None], issues: pd.DataFrame
) -> pd.DataFrame:
    issue_count = issues["snapshot_id"].value_counts()
    values: dict[str, list[Any]] = {
        "snapshot_id": names,
        "captured_at": [snapshot.captured_at for snapshot in snapshots],
        "captured_at_from": [snapshot.captured_at_from for snapshot in snapshots],
        "service": [snapshot.service for snapshot in snapshots],
        "instance": [snapshot.instance or snapshot.columns.stream for snapshot in snapshots],
        "source": [snapshot.source for snapshot in snapshots],
        "form": [snapshot.columns.form.value for snapshot in snapshots],
        "go_version": versions,
        "goroutine_count": [row_count(snapshot.columns) for snapshot in snapshots],
        "truncated": [snapshot.truncated or snapshot.columns.truncated for snapshot in snapshots],
        "issue_count": [int(issue_count.get(name, 0)) for name in names],
        "size_bytes": [snapshot.size_bytes for snapshot in snapshots],
        "sha256": [snapshot.sha256 for snapshot in snapshots],
    }
    return _frame(values, SNAPSHOTS)


def _go_version(snapshot: Snapshot, facts: StackFacts, stacks: Ints) -> str | None:
    """Return the version that the dump, its neighbours or the paths of the standard library name."""
    known = snapshot.go_version or snapshot.columns.go_version
    frames = facts.versioned[stacks]
    telling = np.flatnonzero(frames >= 0)[:1]
    return known or next((go_version_in(facts.stacks.frames[frame].file) for frame in frames[telling]), None)


def _metrics(samples: Iterable[MetricSample]) -> pd.DataFrame:
    rows = list(samples)
    values: dict[str, list[Any]] = {
        "captured_at": [row.captured_at for row in rows],
        "service": [row.service for row in rows],
        "instance": [row.instance for row in rows],
        "name": [row.name for row in rows],
        "value": [row.value for row in rows],
    }
    return _frame(values, METRICS)


def _frame(values: dict[str, list[Any]], schema: tuple[Column, ...]) -> pd.DataFrame:
    """Build a small table column by column, each with its dtype of the schema."""
    if not values[schema[0].name]:
        return _empty_frame(schema).copy()
    return pd.DataFrame({column.name: _array(values[column.name], column.dtype) for column in schema})


@cache
def _empty_frame(schema: tuple[Column, ...]) -> pd.DataFrame:
    """Build a table without rows, once: most readings have no issues and no metrics, and each takes a millisecond."""
    return pd.DataFrame({column.name: _array([], column.dtype) for column in schema})


def _array(values: Sequence[Any], dtype: str) -> Any:
    if dtype == "category":
        return text_column(values)
    if dtype.startswith("datetime64"):
        times = pd.Series(pd.to_datetime(pd.Series(values, dtype="object"), utc=True))
        return times.dt.as_unit("ns")
    return pd.Series(values, dtype=dtype).array
