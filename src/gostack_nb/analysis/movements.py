"""Ids -> counts: who arrived, left and moved between neighbouring snapshots."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.keys import Ints

_USABLE_BITS = 62
_NOBODY = (-(1 << _USABLE_BITS), (1 << _USABLE_BITS + 1) - 1)
"""Integers that no goroutine has, nor one next to it: smaller than all and greater than all."""

_ROWS_AT_ONCE = 1 << 17
"""What is worked out of so many goroutines fits into the processor's cache; of millions it would fill memory anew."""


@dataclass(frozen=True, slots=True)
class Movements:
    """Goroutines that moved, one array of (group, snapshot) for each way.

    `arrivals` came into being since the snapshot before, `exits` are gone in the snapshot after; `moved_in` came
    from another group since the snapshot before, `moved_out` are in another group in the snapshot after;
    `stayed` were in the same group in the snapshot before.
    """

    arrivals: Ints
    exits: Ints
    moved_in: Ints
    moved_out: Ints
    stayed: Ints


def count_movements(
    ids: Ints, place: Ints, number: Ints, *, size: int, linked: NDArray[np.bool_], step: Ints
) -> Movements:
    """Follow every id from snapshot to snapshot.

    Parameters
    ----------
    ids, place, number : array of int64
        Of each goroutine: its id (-1 unknown), its snapshot (0, 1, ... in order), its group.
    size : int
        How many groups there are.
    linked : array of bool
        Whether a snapshot and the next one show the same process and both tell ids.
    step : array of int64
        The column of the result that belongs to each snapshot.
    """
    known = ids >= 0
    if not known.all():
        ids, place, number = ids[known], place[known], number[known]
    lives = _sorted_lives(ids, place, number, len(linked), size)
    width = int(step.max(initial=0)) + 1
    counts = np.zeros((len(fields(Movements)), size * width), dtype=np.int64)
    rows_at_once = max(_ROWS_AT_ONCE, size * width)
    for start in range(0, len(ids), rows_at_once):
        piece = lives.piece(start, min(start + rows_at_once, len(ids)))
        for way, cells in enumerate(_cells(piece, linked, step, width)):
            counts[way] += np.bincount(cells, minlength=size * width)
    return Movements(*counts.reshape(len(counts), size, width))


@dataclass(frozen=True, slots=True)
class _Lives:
    """Goroutines by id and snapshot, between two that are none, so that each has neighbours.

    `when` is id and snapshot as one integer: that of the same id in the next snapshot is the next integer, because one
    bit of the snapshot is always left free.
    """

    when: Ints
    at: Ints  # the snapshot, of all but the first and the last
    group: Ints


@dataclass(frozen=True, slots=True)
class _PackedLives:
    """Id, snapshot and group of each goroutine in one integer, sorted: a plain sort, faster than an argsort."""

    packed: Ints  # with one more at both ends
    for_place: int  # bits
    for_group: int

    def piece(self, start: int, end: int) -> _Lives:
        """Unpack some of them."""
        packed = self.packed[start : end + 2]
        when = packed >> self.for_group
        return _Lives(when, when[1:-1] & ((1 << self.for_place) - 1), packed & ((1 << self.for_group) - 1))


def _cells(lives: _Lives, linked: NDArray[np.bool_], step: Ints, width: int) -> Iterator[Ints]:
    """Yield the cells of `Movements` to which one is added, field by field."""
    from_before = np.concatenate([[False], linked[:-1]])[lives.at]
    into_next = linked[lives.at]
    same, changed = np.diff(lives.when) == 1, np.diff(lives.group) != 0
    continues, continued = same[:-1] & from_before, same[1:] & into_next
    cell = lives.group[1:-1] * width + step[lives.at]
    yield cell[from_before & ~continues]
    yield cell[into_next & ~continued]
    yield cell[continues & changed[:-1]]
    yield cell[continued & changed[1:]]
    yield cell[continues & ~changed[:-1]]


def _sorted_lives(ids: Ints, place: Ints, number: Ints, places: int, size: int) -> _PackedLives:
    for_place, for_group = _bits(places), _bits(size)
    if int(ids.max(initial=0)).bit_length() + for_place + for_group > _USABLE_BITS:
        ids = pd.factorize(ids)[0].astype(np.int64)
    packed = np.empty(len(ids) + 2, dtype=np.int64)
    packed[0], packed[-1] = _NOBODY
    inner = packed[1:-1]
    np.left_shift(ids, for_place, out=inner)  # all in place: millions of rows fill memory before they fill time
    inner |= place
    inner <<= for_group
    inner |= number
    inner.sort()
    return _PackedLives(packed, for_place, for_group)


def _bits(count: int) -> int:
    return int(count).bit_length()
