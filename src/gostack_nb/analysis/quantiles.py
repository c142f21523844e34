"""Numbers of many groups -> quantiles of each group, by one sort."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.keys import Groups, Ints


@dataclass(frozen=True, slots=True)
class GroupValues:
    """Known values, sorted within each group: group `g` is `values[start[g]:start[g] + known[g]]`."""

    values: Ints
    start: Ints
    known: Ints

    def quantile(self, share: float) -> NDArray[np.float64]:
        """Return a quantile of each group, linear between neighbours; NaN where no value is known."""
        if not len(self.values):
            return np.full(len(self.known), np.nan)
        place = self.start + share * np.maximum(self.known - 1, 0)
        below = np.minimum(np.floor(place).astype(np.int64), len(self.values) - 1)
        above = np.minimum(np.ceil(place).astype(np.int64), len(self.values) - 1)
        value = self.values[below] + (place - below) * (self.values[above] - self.values[below])
        return np.where(self.known > 0, value, np.nan)

    def fraction(self, share: float) -> pd.arrays.FloatingArray:
        """Return a quantile of each group as Float64."""
        return pd.arrays.FloatingArray(np.nan_to_num(self.quantile(share)), self.known == 0)

    def whole(self, share: float) -> pd.arrays.IntegerArray:
        """Return the least (0) or greatest (1) value of each group as Int64."""
        return pd.arrays.IntegerArray(np.nan_to_num(self.quantile(share)).astype(np.int64), self.known == 0)


def group_values(column: pd.Series, groups: Groups) -> GroupValues:
    """Sort the known values of a column of whole numbers, 0 or greater, within each group."""
    values = column.to_numpy(dtype=np.int64, na_value=-1)
    rows = np.flatnonzero(values >= 0)
    number, values = groups.number[rows], values[rows]
    width = int(values.max(initial=0)) + 1
    known = np.bincount(number, minlength=groups.size)
    return GroupValues(np.sort(number * width + values) % width, np.cumsum(known) - known, known)
