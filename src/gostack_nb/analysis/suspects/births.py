"""Population -> when in the life of the process the goroutines of each group were started, told by their ids."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Groups, Ints
from gostack_nb.analysis.quantiles import group_values
from gostack_nb.analysis.suspects.limits import POOL_ID_GAP
from gostack_nb.analysis.suspects.population import Cells, Floats, Population

PARTS = 1_000_000
"""An id as a part of the highest id of its process, in millionths: so that processes of any age compare."""


def births(people: Population) -> pd.DataFrame:
    """Measure how far apart the goroutines of each group were started, in each process by its own ids.

    Returns
    -------
    DataFrame
        One row per group, of the last snapshots: `id_spread` (float64, 0 to 1: the life of the process between the
        10 % and the 90 % quantile, the most of any process; NaN without ids), `id_gap` (float64, ids per goroutine from
        the first to the last of the group, the most of any process that has two or more; infinite without) and
        `in_one_go` (bool: in every such process next to each other by id).
    """
    rows = people.now[people.ids[people.now] >= 0]
    cells = people.cells(rows)
    values = group_values(_parts(people, rows), Groups(cells.number, pd.DataFrame(index=cells.group)))
    gap = np.nan_to_num(cells.most(_gaps(cells, people.ids[rows])), nan=np.inf)
    return pd.DataFrame(
        {
            "id_spread": cells.most((values.quantile(0.9) - values.quantile(0.1)) / PARTS),
            "id_gap": gap,
            "in_one_go": gap < POOL_ID_GAP,
        }
    )


def _parts(people: Population, rows: Ints) -> pd.Series:
    """Return each id as a part of the highest of its process; divided as float64, since ids need up to 63 bits."""
    process = people.process[people.place[rows]]
    highest = np.zeros(int(process.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(highest, process, people.ids[rows])
    return pd.Series((people.ids[rows] / np.maximum(highest[process], 1) * PARTS).astype(np.int64))


def _gaps(cells: Cells, ids: Ints) -> Floats:
    """Return for each cell the ids from its first to its last goroutine, per goroutine; NaN for a single one."""
    low = np.full(cells.size, np.iinfo(np.int64).max)
    high = np.full(cells.size, -1)
    np.minimum.at(low, cells.number, ids)
    np.maximum.at(high, cells.number, ids)
    return np.where(cells.count > 1, (high - low) / np.maximum(cells.count - 1, 1), np.nan)
