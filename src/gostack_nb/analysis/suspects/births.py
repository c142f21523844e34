"""Population -> when in the life of the process the goroutines of each group were started, told by their ids."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Groups, Ints
from gostack_nb.analysis.quantiles import group_values
from gostack_nb.analysis.suspects.limits import POOL_ID_GAP
from gostack_nb.analysis.suspects.population import Population

PARTS = 1_000_000
"""An id as a part of the highest id of its process, in millionths: so that processes of any age compare."""


def births(people: Population) -> pd.DataFrame:
    """Measure how far apart the goroutines of each group were started.

    Returns
    -------
    DataFrame
        One row per group, of the last snapshots: `id_spread` (float64, 0 to 1: the life of the process between the
        10 % and the 90 % quantile; NaN without ids), `id_gap` (float64, ids per goroutine from the first to the last
        of the group, the least of any process) and `in_one_go` (bool: two or more, next to each other by id).
    """
    rows = people.now[people.ids[people.now] >= 0]
    process = people.process[people.place[rows]]
    highest = np.zeros(int(process.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(highest, process, people.ids[rows])
    parts = pd.Series(people.ids[rows] * PARTS // np.maximum(highest[process], 1))
    values = group_values(parts, Groups(people.group[rows], people.groups.keys))
    gap = _gaps(people, rows, process)
    return pd.DataFrame(
        {
            "id_spread": (values.quantile(0.9) - values.quantile(0.1)) / PARTS,
            "id_gap": gap,
            "in_one_go": (gap < POOL_ID_GAP) & (values.known > 1),
        }
    )


def _gaps(people: Population, rows: Ints, process: Ints) -> np.ndarray:
    """Return for each group the ids from its first to its last goroutine, per goroutine; the least of any process."""
    width = int(process.max(initial=-1)) + 1
    cells = people.group[rows] * width + process
    count = np.bincount(cells, minlength=people.size * width)
    low = np.full(len(count), np.iinfo(np.int64).max)
    high = np.full(len(count), -1)
    np.minimum.at(low, cells, people.ids[rows])
    np.maximum.at(high, cells, people.ids[rows])
    gaps = np.where(count > 1, (high - low) / np.maximum(count - 1, 1), np.inf)
    least: np.ndarray = gaps.reshape(people.size, width).min(axis=1, initial=np.inf)
    return least
