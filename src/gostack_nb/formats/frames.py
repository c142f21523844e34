"""What a dump says of one goroutine: its frames and marks, and what stands where nothing is printed.

Frames and stacks are tuples: they are made, hashed and compared by the hundred thousand where all stacks are distinct.
Nothing here needs numpy: the processes that read parts of a large file start in a few milliseconds.
"""

from enum import IntFlag
from typing import NamedTuple

UNKNOWN_INDEX = -1
"""In an index column: not known (the form does not tell)."""

UNKNOWN_NUMBER = -1
"""In `goroutine_id`, `wait_minutes`, `bubble` and `creator_id`: not printed."""

MAX_ISSUE_TEXT = 200
"""Of a line, this much is kept in an issue."""


class Mark(IntFlag):
    """Flags that a goroutine header may carry."""

    LEAKED = 1
    DURABLE = 2
    LOCKED = 4


class Frame(NamedTuple):
    """One call: `line` is 0 and `file` empty where the dump does not tell."""

    function: str
    file: str = ""
    line: int = 0
    inlined: bool = False


class Stack(NamedTuple):
    """The frames of one distinct stack, leaf first, and the `go` statement that started it."""

    frames: tuple[Frame, ...]
    creator: Frame | None = None
