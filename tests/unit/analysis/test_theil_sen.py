"""The Theil-Sen slope: by hand, and against scipy's."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.stats import theilslopes

from gostack_nb.analysis import theil_sen as module
from gostack_nb.analysis.theil_sen import theil_sen


def test_by_hand() -> None:
    """Slopes between the pairs of 10, 20, 40 at 0 h, 1 h, 2 h: 10, 15, 20."""
    [[slope, low, high]] = theil_sen(np.array([[10, 20, 40]]), np.array([0.0, 1.0, 2.0]), confidence=0.95)
    assert (slope, low, high) == (15, 10, 20)


def test_each_row_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    counts, hours = np.array([[1, 2, 3, 4], [8, 6, 4, 2], [5, 5, 9, 5]]), np.arange(4.0)
    whole = theil_sen(counts, hours, confidence=0.95)
    assert whole[:, 0].tolist() == [1, -2, 0]
    monkeypatch.setattr(module, "_CELLS_AT_ONCE", 16)
    assert theil_sen(counts, hours, confidence=0.95).tolist() == whole.tolist()


def test_no_rows() -> None:
    assert theil_sen(np.zeros((0, 3), dtype=np.int64), np.arange(3.0), confidence=0.95).shape == (0, 3)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 6)), min_size=3, max_size=12), st.sampled_from([0.5, 0.95]))
def test_as_scipy_says(points: list[tuple[int, int]], confidence: float) -> None:
    counts, hours = np.array(points).T
    hours = hours / 4
    if len(np.unique(hours)) < 2:
        return
    with np.errstate(invalid="ignore"):  # so many ties that there is no interval
        wanted = theilslopes(counts, hours, alpha=confidence)
    [found] = theil_sen(counts[None, :], hours, confidence=confidence)
    np.testing.assert_array_equal(found, [wanted.slope, wanted.low_slope, wanted.high_slope])
