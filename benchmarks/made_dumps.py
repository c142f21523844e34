"""Parsed dumps of any number of goroutines without their text: the columns of a small one, drawn again and again."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from benchmarks.generate import SEED
from benchmarks.random_numbers import Numbers
from benchmarks.traceback_text import TracebackText
from gostack_nb.formats.columns import Columns
from gostack_nb.formats.registry import parse_dumps
from gostack_nb.model.tables import Snapshot

_SAMPLE_BYTES = 3_000_000
_SURVIVING = 10  # one of so many goroutines is replaced from one dump to the next
_START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_APART = timedelta(minutes=5)


def make_snapshots(goroutines: int, snapshots: int) -> list[Snapshot]:
    """Return the dumps of one process, five minutes apart: most goroutines stay, the others are new ones."""
    sample, numbers = sample_columns(), Numbers(SEED)
    drawn = _drawn(sample, numbers, goroutines)
    made = []
    for step in range(snapshots):
        made.append(_snapshot(drawn, step))
        drawn = _later(drawn, _drawn(sample, numbers, goroutines))
    return made


def sample_columns() -> Columns:
    """Return the columns of one small generated dump."""
    text = io.BytesIO()
    TracebackText(SEED).write(text, _SAMPLE_BYTES)
    [columns] = parse_dumps(text.getvalue())
    return columns


def _drawn(sample: Columns, numbers: Numbers, size: int) -> Columns:
    """Draw rows of the sample and give them fresh ids."""
    rows = numbers.below(len(sample.goroutine_id), size)
    return replace(
        sample,
        goroutine_id=np.cumsum(1 + numbers.below(100, size)),
        **{name: getattr(sample, name)[rows] for name in _ROW_COLUMNS},
    )


_ROW_COLUMNS = ("state", "wait_minutes", "marks", "bubble", "labels", "stack", "creator_id")


def _later(now: Columns, fresh: Columns) -> Columns:
    """Replace a share of the goroutines by new ones with higher ids."""
    kept = np.arange(len(now.goroutine_id)) % _SURVIVING != 0
    arrived = fresh.goroutine_id + now.goroutine_id.max()
    rows = {name: np.where(kept, getattr(now, name), getattr(fresh, name)) for name in _ROW_COLUMNS}
    return replace(now, goroutine_id=np.where(kept, now.goroutine_id, arrived), **rows)


def _snapshot(columns: Columns, step: int) -> Snapshot:
    return Snapshot(
        columns=columns,
        source=f"{step:02d}.txt",
        sha256=f"{step:064x}",
        size_bytes=_SAMPLE_BYTES,
        captured_at=_START + step * _APART,
        captured_at_from="caller",
        service="made",
        instance="made-0",
    )
