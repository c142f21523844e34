"""What every parser returns: one dump as columns, each distinct stack once.

A parser fills arrays, never an object per goroutine. Index columns point into short tuples: `state` into `states`,
`labels` into `label_sets`, `stack` into `stacks`.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gostack_nb.formats.frames import Mark
from gostack_nb.formats.stacks import Stacks


class Form(StrEnum):
    """How a dump was printed; the value is the `form` column of `snapshots`."""

    DEBUG2 = "debug=2"  # also runtime.Stack and debug.Stack: they print the same text
    DEBUG1 = "debug=1"
    DEBUG0 = "debug=0"
    LEAK2 = "goroutineleak debug=2"
    LEAK1 = "goroutineleak debug=1"
    LEAK0 = "goroutineleak debug=0"
    SIGNAL = "signal"  # SIGQUIT, SIGABRT, SIGSEGV ... from outside: level 2, runtime frames shown
    PANIC = "panic"
    FATAL = "fatal error"


@dataclass(frozen=True, slots=True)
class Issue:
    """Something in the input that could not be read.

    `line_number` counts from 1 and `byte_offset` from 0, both in the file as stored (after decompression);
    None where the form has no lines or the place is not known. `text` is the line as printed, at most 200 characters.
    """

    reason: str
    line_number: int | None = None
    byte_offset: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """One parsed dump. The arrays have equal length: one entry per record of the dump.

    A record is a goroutine (text forms: `count` is None) or `count[i]` equal goroutines (counted forms).
    """

    form: Form
    goroutine_id: NDArray[np.int64]
    state: NDArray[np.int32]
    wait_minutes: NDArray[np.int64]
    marks: NDArray[np.uint8]
    bubble: NDArray[np.int64]
    labels: NDArray[np.int32]
    stack: NDArray[np.int32]
    creator_id: NDArray[np.int64]
    states: tuple[str, ...]
    label_sets: tuple[str, ...]  # canonical JSON: keys sorted, no spaces, not ASCII-escaped
    stacks: Stacks
    marks_told: Mark  # the flags that this form can tell; the others are unknown
    count: NDArray[np.int64] | None = None
    issues: tuple[Issue, ...] = ()
    truncated: bool = False
    captured_at_ns: int | None = None  # the dump's own time, nanoseconds since 1970 (protobuf only)
    go_version: str | None = None
    total: int | None = None  # goroutines that the dump itself claims (first line of debug=1)
    stream: str | None = None  # the log stream it came from: a pod, a container, a process
