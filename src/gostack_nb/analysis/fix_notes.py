"""Both sides of a fix -> what to keep in mind about their dumps, in sentences."""

from collections.abc import Iterator

import pandas as pd

from gostack_nb.analysis.fix_courses import Side
from gostack_nb.analysis.fix_verdicts import Load
from gostack_nb.analysis.fix_words import counted


def notes(sides: tuple[Side, Side], load: Load) -> tuple[str, ...]:
    """Say what is odd about the dumps of the two sides."""
    before, after = sides
    return (*_same(before, after), *_swapped(before, after), *_left_out(sides), *_load(sides, load))


def _same(before: Side, after: Side) -> Iterator[str]:
    both = len(_identity(before) & _identity(after))
    if both:
        yield f"Careful: {counted(both, 'dump')} {'is' if both == 1 else 'are'} on both sides."


def _identity(side: Side) -> set[tuple[object, ...]]:
    table = side.dataset.snapshots[["snapshot_id", "captured_at", "instance"]].astype(object)
    return set(table.where(table.notna(), None).itertuples(index=False, name=None))


def _swapped(before: Side, after: Side) -> Iterator[str]:
    then, now = (side.dataset.snapshots["captured_at"] for side in (before, after))
    last = now.max()
    if pd.notna(last) and last < then.min():
        yield "Careful: the dumps after are older than those before. Are the sides swapped?"


def _left_out(sides: tuple[Side, Side]) -> Iterator[str]:
    for side, name in zip(sides, ("before", "after"), strict=True):
        if side.restarted:
            yield f"It was restarted {name}: only the last run counts."
        if side.cut:
            yield f"{counted(side.cut, 'dump')} {name} cut short: not used for the groups."
        if side.untimed:
            yield f"{counted(side.untimed, 'dump')} {name} without a time: not used."


def _load(sides: tuple[Side, Side], load: Load) -> Iterator[str]:
    if not load.known and all(len(side.dataset.snapshots) > 1 for side in sides):
        yield "Whether the load was the same, these dumps cannot tell: see to it."
