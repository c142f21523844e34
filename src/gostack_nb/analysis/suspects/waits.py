"""Population -> how long the goroutines of each group have been waiting, in the last snapshots.

A minute that is not printed is unknown: under one minute, not yet stamped by a collection, or replaced by `(leaked)`.
"""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Groups
from gostack_nb.analysis.quantiles import group_values
from gostack_nb.analysis.suspects.population import Population


def waits(people: Population) -> pd.DataFrame:
    """Measure the waits of each group.

    Two processes that were started at different times have waited for different times: only within one process does a
    difference say that waits began apart.

    Returns
    -------
    DataFrame
        One row per group: `wait_known` (int64, goroutines that print minutes), `wait_min`, `wait_max` (float64, minutes
        over all processes), `wait_spread` (float64, minutes between the two within one process, the most of any),
        `spread_from`, `spread_to` (float64, minutes: the least and the greatest wait in that process); NaN where none
        is printed.
    """
    rows = people.now
    cells = people.cells(rows)
    values = group_values(
        people.frame["wait_minutes"].iloc[rows], Groups(cells.number, pd.DataFrame(index=cells.group))
    )
    least, most = values.quantile(0), values.quantile(1)
    spread = cells.most(most - least)
    widest = np.where(most - least == spread[cells.group], most, np.nan)
    return pd.DataFrame(
        {
            "wait_known": people.count(rows[people.waits[rows] >= 0]),
            "wait_min": cells.least(least),
            "wait_max": cells.most(most),
            "wait_spread": spread,
            "spread_from": cells.most(widest) - spread,
            "spread_to": cells.most(widest),
        }
    )
