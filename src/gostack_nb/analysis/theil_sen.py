"""Counts over time -> slopes: the Theil-Sen estimator of many groups at once.

The same numbers as `scipy.stats.theilslopes`, which takes one group at a time and half a second to import.
"""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from gostack_nb.analysis.keys import Ints

Floats = NDArray[np.float64]

_CELLS_AT_ONCE = 1 << 22  # 32 MiB of slopes


def theil_sen(counts: Ints, hours: Floats, *, confidence: float) -> Floats:
    """Estimate how fast each row of counts grows.

    Parameters
    ----------
    counts : array of int64
        One row per group, one column per time.
    hours : array of float64
        The times; at least two differ.
    confidence : float
        Of the interval, 0 to 1.

    Returns
    -------
    array of float64
        One row per group: the median of the slopes between all pairs of times, and the ends of its interval
        (Sen 1968, equation 2.6), per hour.
    """
    parts = -(-len(counts) * len(hours) ** 2 // _CELLS_AT_ONCE)
    pieces = [_slopes(part, hours, confidence) for part in np.array_split(counts, max(parts, 1))]
    return np.concatenate(pieces)


def _slopes(counts: Ints, hours: Floats, confidence: float) -> Floats:
    later, earlier = np.nonzero(hours[:, None] > hours)
    slopes = np.sort((counts[:, later] - counts[:, earlier]) / (hours[later] - hours[earlier]), axis=1)
    size, pairs = len(hours), len(later)
    variance = (size * (size - 1) * (2 * size + 5) - _ties(hours[None, :]) - _ties(counts)) / 18
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * np.sqrt(np.maximum(variance, 0))
    low = np.maximum(np.round((pairs - reach) / 2).astype(np.int64) - 1, 0)
    high = np.minimum(np.round((pairs + reach) / 2).astype(np.int64), pairs - 1)
    rows = np.arange(len(counts))
    ends = np.where(variance >= 0, [slopes[rows, low], slopes[rows, high]], np.nan)
    return np.column_stack([np.median(slopes, axis=1), *ends])


def _ties(values: NDArray[np.int64 | np.float64]) -> Ints:
    """Sum k (k - 1) (2k + 5) over the runs of k equal values in each row."""
    equal = (values[:, :, None] == values[:, None, :]).sum(axis=2)
    ties: Ints = ((equal - 1) * (2 * equal + 5)).sum(axis=1)
    return ties
