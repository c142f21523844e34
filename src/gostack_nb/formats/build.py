"""From lists to columns, for the counted forms: distinct values get numbers, unknown columns are filled."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gostack_nb.formats.columns import Columns, Form, Issue
from gostack_nb.formats.frames import UNKNOWN_INDEX, UNKNOWN_NUMBER, Frame, Mark
from gostack_nb.formats.stacks import Frames, Stacks

MAX_GOROUTINES = 100_000_000
"""More in one dump are not believed: their stacks alone (2 KiB each at least) would fill 190 GiB."""


class Entry(NamedTuple):
    """`goroutine_count` equal goroutines of a counted form, as indices."""

    goroutine_count: int
    stack: int
    state: int = UNKNOWN_INDEX
    labels: int = UNKNOWN_INDEX


def build_stacks(stacks: Iterable[tuple[int, ...]], frames: Iterable[Frame]) -> Stacks:
    """Put stacks of frame numbers, leaf first, and their frames together; no counted form tells of creators."""
    calls = tuple(stacks)
    return Stacks.of_calls(Frames.of(frames), calls, (UNKNOWN_INDEX,) * len(calls))


def build_counted(
    form: Form,
    entries: Sequence[Entry],
    *,
    stacks: Stacks,
    label_sets: Iterable[str],
    issues: Iterable[Issue],
    states: Iterable[str] = (),
    truncated: bool = False,
    captured_at_ns: int | None = None,
    total: int | None = None,
) -> Columns:
    """Return the columns of a counted form; what such a form never tells is unknown.

    All goroutines of a leak profile are leaked (runtime/pprof/pprof.go, go1.27: writeGoroutineLeak);
    no counted form tells of the other marks.
    """
    size = len(entries)
    leaked = Mark.LEAKED if form in {Form.LEAK0, Form.LEAK1} else Mark(0)
    unknown: NDArray[np.int64] = np.full(size, UNKNOWN_NUMBER, np.int64)
    return Columns(
        form=form,
        goroutine_id=unknown,
        state=np.fromiter((entry.state for entry in entries), np.int32, size),
        wait_minutes=unknown,
        marks=np.full(size, leaked, np.uint8),
        bubble=unknown,
        labels=np.fromiter((entry.labels for entry in entries), np.int32, size),
        stack=np.fromiter((entry.stack for entry in entries), np.int32, size),
        creator_id=unknown,
        states=tuple(states),
        label_sets=tuple(label_sets),
        stacks=stacks,
        marks_told=leaked,
        count=np.fromiter((entry.goroutine_count for entry in entries), np.int64, size),
        issues=tuple(issues),
        truncated=truncated,
        captured_at_ns=captured_at_ns,
        total=total,
    )
