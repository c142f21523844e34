"""Builders of small tables: rows are given by hand, everything else has a default."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
import pytest

from gostack_nb.model import schema
from gostack_nb.model.dataset import Dataset

Row = Mapping[str, Any]

START = pd.Timestamp("2026-01-01T00:00:00Z")


def _table(rows: Iterable[Row], columns: tuple[schema.Column, ...]) -> pd.DataFrame:
    rows = list(rows)
    data = {}
    for column in columns:
        values = [row.get(column.name) for row in rows]
        if column.dtype == "category":
            data[column.name] = pd.Series(pd.Categorical(pd.array(values, dtype="str")))
        elif column.dtype.startswith("datetime64"):
            data[column.name] = pd.Series(pd.to_datetime(values, utc=True).as_unit("ns"))
        else:
            data[column.name] = pd.Series(pd.array(values, dtype=column.dtype))
    return pd.DataFrame(data)


def _goroutine(row: Row) -> dict[str, Any]:
    function, line = row.get("function", "main.work"), row.get("line", 10)
    return {
        "snapshot_id": "s0",
        "state": "chan receive",
        "leaked": False,
        "stack_id": f"{function}:{line}",
        "signature": function,
        "top_function": function,
        "top_file": "/app/main.go",
        "top_line": line,
        "user_function": function,
        "user_file": "/app/main.go",
        "user_line": line,
        "top_frames": function,
        "created_by": "main.main",
        "creator_id": 1,
        **{name: value for name, value in row.items() if name not in {"function", "line"}},
    }


def make_goroutines(rows: Iterable[Row]) -> pd.DataFrame:
    """Build a goroutines table; `function` and `line` stand for all the columns that name a stack."""
    return _table([_goroutine(row) for row in rows], schema.GOROUTINES)


def make_dataset(
    rows: Iterable[Row],
    *,
    snapshots: Iterable[Row] | None = None,
    metrics: Iterable[Row] = (),
) -> Dataset:
    """Build a dataset; a snapshot's `at` is its time in seconds. Without any, every id is 10 minutes after the last."""
    goroutines = make_goroutines(rows)
    stacks = goroutines.drop_duplicates("stack_id")
    frames = [
        frame
        for row in stacks.itertuples()
        for frame in (
            {"stack_id": row.stack_id, "frame_index": 0, "function": row.top_function, "is_creator": False},
            {"stack_id": row.stack_id, "frame_index": 1, "function": "runtime.goexit", "is_creator": False},
            {"stack_id": row.stack_id, "frame_index": 2, "function": row.created_by, "is_creator": True},
        )
    ]
    if snapshots is None:
        ids = goroutines["snapshot_id"].cat.categories
        snapshots = [{"snapshot_id": name, "at": 600 * place} for place, name in enumerate(ids)]
    defaults = {"form": "debug=2", "truncated": False, "service": "push", "instance": "a"}
    return Dataset(
        goroutines=goroutines,
        stacks=_table(frames, schema.STACKS),
        snapshots=_table([_timed({**defaults, **row}) for row in snapshots], schema.SNAPSHOTS),
        issues=_table([], schema.ISSUES),
        metrics=_table([_timed({"service": "push", "instance": "a", **row}) for row in metrics], schema.METRICS),
    )


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    at = row.pop("at", None)
    return {**row, "captured_at": None if at is None else START + pd.Timedelta(seconds=at)}


@pytest.fixture(scope="session")
def goroutines() -> Callable[[Iterable[Row]], pd.DataFrame]:
    return make_goroutines


@pytest.fixture(scope="session")
def dataset() -> Callable[..., Dataset]:
    return make_dataset


@pytest.fixture(scope="session")
def incident() -> Dataset:
    """Rebuild the reference incident small: 4 clients turn over twice, their ack loops stay."""
    pool = [{"function": "main.worker", "goroutine_id": 2 + n} for n in range(6)]
    rows: list[dict[str, Any]] = []
    for moment, live in enumerate((range(5), range(5, 10), range(10, 15))):
        here = {"snapshot_id": f"s{moment}"}
        rows += [{**here, "function": "main.main", "goroutine_id": 1, "created_by": None, "creator_id": None}]
        rows += [{**here, **worker} for worker in pool]
        for client in live:
            born = {**here, "created_by": "main.accept", "goroutine_id": 10 + 3 * client}
            rows.append({**born, "function": "main.read", "state": "IO wait"})
            rows.append({**born, "function": "main.write", "state": "select", "goroutine_id": 11 + 3 * client})
        rows += [
            {
                **here,
                "function": "main.ack",
                "created_by": "main.accept",
                "goroutine_id": 12 + 3 * client,
                "wait_minutes": 10 * (moment - client // 5) or None,
            }
            for client in range(live.stop)
        ]
    return make_dataset(rows)
