"""Parsed dumps to the tables of a Dataset: small tables per distinct stack, then one `take` per column."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.formats.columns import Columns, Issue
from gostack_nb.formats.frames import Frame, Mark, Stack
from gostack_nb.model.dataset import Dataset
from gostack_nb.model.naming import go_version_in, is_std, package_of
from gostack_nb.model.schema import ISSUES, METRICS, SNAPSHOTS, Column
from gostack_nb.model.stack_facts import StackFacts, facts_of


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
    pool = _StackPool()
    codes = [pool.codes(snapshot.columns.stacks) for snapshot in ordered]
    issues = _issue_rows(ordered, names, source_issues)
    return Dataset(
        goroutines=_goroutines(ordered, names, pool, codes),
        stacks=_stacks(pool),
        snapshots=_snapshots(ordered, names, issues),
        issues=issues,
        metrics=_metrics(samples),
    )


def _time_of(snapshot: Snapshot) -> tuple[bool, float]:
    return (False, snapshot.captured_at.timestamp()) if snapshot.captured_at else (True, 0.0)


def _snapshot_ids(snapshots: Sequence[Snapshot]) -> list[str]:
    """Name each snapshot by time and content, `20261123T085343Z-1f0c2a`; a number tells equal ones apart."""
    seen: dict[str, int] = {}
    names = []
    for snapshot in snapshots:
        time = snapshot.captured_at.strftime("%Y%m%dT%H%M%SZ") if snapshot.captured_at else "undated"
        name = f"{time}-{snapshot.sha256[:6]}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return names


class _StackPool:
    """The distinct stacks of all snapshots: one code per `stack_id`."""

    def __init__(self) -> None:
        self.stacks: list[Stack] = []
        self.facts: list[StackFacts] = []
        self._codes: dict[Stack, int] = {}
        self._ids: dict[str, int] = {}

    def codes(self, stacks: Iterable[Stack]) -> NDArray[np.int32]:
        return np.array([self._code(stack) for stack in stacks], dtype=np.int32)

    def _code(self, stack: Stack) -> int:
        known = self._codes.get(stack)
        if known is None:
            facts = facts_of(stack)
            known = self._codes[stack] = self._ids.setdefault(facts.stack_id, len(self.stacks))
            if known == len(self.stacks):
                self.stacks.append(stack)
                self.facts.append(facts)
        return known


def _goroutines(
    snapshots: Sequence[Snapshot], names: list[str], pool: _StackPool, codes: list[NDArray[np.int32]]
) -> pd.DataFrame:
    dumps = [snapshot.columns for snapshot in snapshots]
    sizes = [_row_count(dump) for dump in dumps]
    stack = _joined([_pooled(dump.stack, local) for dump, local in zip(dumps, codes, strict=True)], dumps)
    marks = _joined([dump.marks for dump in dumps], dumps)
    told = np.repeat(np.array([int(dump.marks_told) for dump in dumps], dtype=np.uint8), sizes)
    return pd.DataFrame(
        {
            "snapshot_id": _categories(names, np.repeat(np.arange(len(names), dtype=np.int32), sizes)),
            "goroutine_id": _integers(_joined([dump.goroutine_id for dump in dumps], dumps)),
            "state": _unified([(dump.states, dump.state) for dump in dumps], dumps),
            "wait_minutes": _integers(_joined([dump.wait_minutes for dump in dumps], dumps)),
            "leaked": _flag(marks, told, Mark.LEAKED),
            "durable": _flag(marks, told, Mark.DURABLE),
            "locked": _flag(marks, told, Mark.LOCKED),
            "bubble": _integers(_joined([dump.bubble for dump in dumps], dumps)),
            "labels": _unified([(dump.label_sets, dump.labels) for dump in dumps], dumps),
            **_stack_columns(pool.facts, stack),
            "creator_id": _integers(_joined([dump.creator_id for dump in dumps], dumps)),
        }
    )


def _pooled(stack: NDArray[np.int32], codes: NDArray[np.int32]) -> NDArray[np.int32]:
    return codes[stack] if len(codes) else stack


def _stack_columns(facts: list[StackFacts], stack: NDArray[np.int32]) -> dict[str, Any]:
    """Spread what each distinct stack says over the goroutines."""

    def words(value: Callable[[StackFacts], str]) -> pd.Categorical:
        return _spread([value(fact) for fact in facts], stack)

    def lines(frames: list[Frame | None]) -> pd.api.extensions.ExtensionArray:
        numbers = np.array([frame.line if frame else 0 for frame in frames], dtype=np.int32)
        taken = numbers[stack] if len(numbers) else np.empty(0, np.int32)
        return pd.arrays.IntegerArray(taken, taken == 0)

    top, user = [fact.top for fact in facts], [fact.user for fact in facts]
    return {
        "stack_id": words(lambda fact: fact.stack_id),
        "signature": words(lambda fact: fact.signature),
        "top_function": _spread([frame.function if frame else "" for frame in top], stack),
        "top_file": _spread([frame.file if frame else "" for frame in top], stack),
        "top_line": lines(top),
        "user_function": _spread([frame.function if frame else "" for frame in user], stack),
        "user_file": _spread([frame.file if frame else "" for frame in user], stack),
        "user_line": lines(user),
        "top_frames": words(lambda fact: fact.top_frames),
        "created_by": words(lambda fact: fact.created_by),
    }


def _row_count(dump: Columns) -> int:
    return len(dump.goroutine_id) if dump.count is None else int(dump.count.sum())


def _joined(parts: Sequence[NDArray[Any]], dumps: Sequence[Columns]) -> NDArray[Any]:
    """Put the columns of all dumps behind each other, counted records as often as they count."""
    expanded = [
        part if dump.count is None else np.repeat(part, dump.count) for part, dump in zip(parts, dumps, strict=True)
    ]
    return np.concatenate(expanded) if expanded else np.empty(0, dtype=np.int32)


def _integers(values: NDArray[Any]) -> pd.api.extensions.ExtensionArray:
    """Int64 with NA where the parser saw nothing (UNKNOWN_NUMBER)."""
    return pd.arrays.IntegerArray(values.astype(np.int64, copy=False), values < 0)


def _flag(marks: NDArray[np.uint8], told: NDArray[np.uint8], mark: Mark) -> pd.api.extensions.ExtensionArray:
    return pd.arrays.BooleanArray((marks & mark).astype(np.bool_), (told & mark) == 0)


def _categories(values: Iterable[str], codes: NDArray[Any]) -> pd.Categorical:
    index = pd.Index(list(values), dtype="str")
    return pd.Categorical.from_codes(codes, categories=index)


def _spread(values: Sequence[str], codes: NDArray[np.int32]) -> pd.Categorical:
    """Take one value per code; empty text is NA. Only values that occur are categories, sorted by name."""
    distinct = sorted({value for value in values if value})
    place = {value: number for number, value in enumerate(distinct)}
    numbers = np.array([place.get(value, -1) for value in values], dtype=np.int32)
    return _categories(distinct, numbers[codes] if len(numbers) else np.empty(0, np.int32))


def _unified(parts: Sequence[tuple[tuple[str, ...], NDArray[np.int32]]], dumps: Sequence[Columns]) -> pd.Categorical:
    """Join categorical columns whose codes count in each dump's own values."""
    distinct = sorted({value for values, _ in parts for value in values})
    place = {value: number for number, value in enumerate(distinct)}
    renumbered = [np.array([*(place[value] for value in values), -1], dtype=np.int32)[codes] for values, codes in parts]
    return _categories(distinct, _joined(renumbered, dumps))


def _stacks(pool: _StackPool) -> pd.DataFrame:
    rows = [
        (fact.stack_id, index, frame, frame is stack.creator)
        for fact, stack in zip(pool.facts, pool.stacks, strict=True)
        for index, frame in enumerate((*stack.frames, *([stack.creator] if stack.creator else [])))
    ]
    frames = [frame for _, _, frame, _ in rows]
    lines = np.array([frame.line for frame in frames], dtype=np.int32)
    return pd.DataFrame(
        {
            "stack_id": _texts([row[0] for row in rows]),
            "frame_index": pd.array([row[1] for row in rows], dtype="Int32"),
            "function": _texts([frame.function for frame in frames]),
            "package": _texts([package_of(frame.function) for frame in frames]),
            "file": _texts([frame.file for frame in frames]),
            "line": pd.arrays.IntegerArray(lines, lines == 0),
            "is_std": pd.array([is_std(frame.function, frame.file) for frame in frames], dtype="boolean"),
            "inlined": pd.array([frame.inlined for frame in frames], dtype="boolean"),
            "is_creator": pd.array([row[3] for row in rows], dtype="boolean"),
        }
    )


def _texts(values: Sequence[str | None]) -> pd.Categorical:
    """Categorical text; None and empty are NA."""
    codes = np.arange(len(values), dtype=np.int32)
    return _spread([value or "" for value in values], codes)


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


def _snapshots(snapshots: Sequence[Snapshot], names: list[str], issues: pd.DataFrame) -> pd.DataFrame:
    issue_count = issues["snapshot_id"].value_counts()
    values: dict[str, list[Any]] = {
        "snapshot_id": names,
        "captured_at": [snapshot.captured_at for snapshot in snapshots],
        "captured_at_from": [snapshot.captured_at_from for snapshot in snapshots],
        "service": [snapshot.service for snapshot in snapshots],
        "instance": [snapshot.instance or snapshot.columns.stream for snapshot in snapshots],
        "source": [snapshot.source for snapshot in snapshots],
        "form": [snapshot.columns.form.value for snapshot in snapshots],
        "go_version": [_go_version(snapshot) for snapshot in snapshots],
        "goroutine_count": [_row_count(snapshot.columns) for snapshot in snapshots],
        "truncated": [snapshot.truncated or snapshot.columns.truncated for snapshot in snapshots],
        "issue_count": [int(issue_count.get(name, 0)) for name in names],
        "size_bytes": [snapshot.size_bytes for snapshot in snapshots],
        "sha256": [snapshot.sha256 for snapshot in snapshots],
    }
    return _frame(values, SNAPSHOTS)


def _go_version(snapshot: Snapshot) -> str | None:
    """Return the version that the dump, its neighbours or the paths of the standard library name."""
    known = snapshot.go_version or snapshot.columns.go_version
    if known:
        return known
    frames = (frame for stack in snapshot.columns.stacks for frame in stack.frames)
    paths = (frame.file for frame in frames if is_std(frame.function, frame.file))
    return next((version for path in paths if (version := go_version_in(path))), None)


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


def _frame(values: dict[str, list[Any]], schema: Sequence[Column]) -> pd.DataFrame:
    """Build a small table column by column, each with its dtype of the schema."""
    return pd.DataFrame({column.name: _array(values[column.name], column.dtype) for column in schema})


def _array(values: Sequence[Any], dtype: str) -> Any:
    if dtype == "category":
        return _texts(values)
    if dtype.startswith("datetime64"):
        times = pd.Series(pd.to_datetime(pd.Series(values, dtype="object"), utc=True))
        return times.dt.as_unit("ns")
    return pd.Series(values, dtype=dtype).array
