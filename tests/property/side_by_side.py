"""What the product makes of a dump, in the words of the reference parser, so that the two can be compared."""

from gostack_nb.formats.columns import Columns
from gostack_nb.formats.frames import Frame, Mark
from tests.property.reference_debug2 import Goroutine, canonical

Row = tuple[
    int,
    str,
    int | None,
    frozenset[str],
    int | None,
    str | None,
    tuple[tuple[str, str, int], ...],
    tuple[str, str, int] | None,
    int | None,
]


def rows_of_reference(goroutines: list[Goroutine]) -> list[Row]:
    """Return one comparable row per goroutine of the reference parser."""
    return [
        (
            goroutine.number,
            goroutine.state,
            goroutine.minutes,
            frozenset(goroutine.flags),
            goroutine.bubble,
            canonical(goroutine.labels),
            tuple(goroutine.frames),
            goroutine.creator,
            goroutine.creator_number,
        )
        for goroutine in goroutines
    ]


def rows_of_columns(dump: Columns) -> list[Row]:
    """Return the same of a parsed dump."""
    frames = [tuple(map(_frame, stack.frames)) for stack in dump.stacks]
    creators = [_frame(stack.creator) if stack.creator else None for stack in dump.stacks]
    return [
        (
            int(dump.goroutine_id[row]),
            dump.states[dump.state[row]],
            _known(dump.wait_minutes[row]),
            frozenset(str(mark.name).lower() for mark in Mark if dump.marks[row] & mark),
            _known(dump.bubble[row]),
            dump.label_sets[dump.labels[row]] if dump.labels[row] >= 0 else None,
            frames[dump.stack[row]],
            creators[dump.stack[row]],
            _known(dump.creator_id[row]),
        )
        for row in range(len(dump.goroutine_id))
    ]


def _known(number: int) -> int | None:
    return None if number < 0 else int(number)


def _frame(frame: Frame) -> tuple[str, str, int]:
    return frame.function, frame.file, frame.line
