"""Who arrives, leaves and moves: by hand, and piece by piece as in one go."""

from dataclasses import astuple

import numpy as np
import pytest

from gostack_nb.analysis import movements
from gostack_nb.analysis.movements import Movements, count_movements

IDS = np.array([1, 2, 3, 1, 2, 4, -1, 1, 5])
PLACE = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2])
GROUP = np.array([0, 0, 1, 0, 1, 1, 0, 0, 0])


def moves() -> Movements:
    linked, step = np.array([True, True, False]), np.arange(3)
    return count_movements(IDS, PLACE, GROUP, size=2, linked=linked, step=step)


def test_by_hand() -> None:
    found = moves()
    assert found.arrivals.tolist() == [[0, 0, 1], [0, 1, 0]]  # 5 in group 0, 4 in group 1
    assert found.exits.tolist() == [[0, 0, 0], [1, 2, 0]]  # 3 after the first, 2 and 4 after the second
    assert found.moved_in.tolist() == [[0, 0, 0], [0, 1, 0]]  # 2
    assert found.moved_out.tolist() == [[1, 0, 0], [0, 0, 0]]
    assert found.stayed.tolist() == [[0, 1, 1], [0, 0, 0]]  # 1, twice


@pytest.mark.parametrize("rows", [7, 50, 999])
def test_pieces_of_any_size_count_the_same(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(rows)
    ids, place = np.divmod(random.permutation(2400)[:2000], 4)
    given = (ids, place, random.integers(0, 2, len(ids)))
    linked, step = np.array([True, False, True, False]), np.array([0, 1, 0, 1])
    whole = count_movements(*given, size=2, linked=linked, step=step)
    monkeypatch.setattr(movements, "_ROWS_AT_ONCE", rows)
    pieces = count_movements(*given, size=2, linked=linked, step=step)
    assert all(np.array_equal(one, other) for one, other in zip(astuple(pieces), astuple(whole), strict=True))
    assert whole.arrivals.sum() > 0 < whole.moved_in.sum()


def test_nobody() -> None:
    none = np.zeros(0, dtype=np.int64)
    found = count_movements(none, none, none, size=0, linked=np.zeros(0, dtype=np.bool_), step=none)
    assert found.arrivals.shape == (0, 1)
