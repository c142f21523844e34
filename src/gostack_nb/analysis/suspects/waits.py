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

    Returns
    -------
    DataFrame
        One row per group: `wait_known` (int64, goroutines that print minutes), `wait_min`, `wait_max`, `wait_spread`
        (float64, minutes; NaN where none is printed).
    """
    rows = people.now
    values = group_values(people.frame["wait_minutes"].iloc[rows], Groups(people.group[rows], people.groups.keys))
    least, most = values.quantile(0), values.quantile(1)
    return pd.DataFrame(
        {"wait_known": values.known, "wait_min": least, "wait_max": most, "wait_spread": np.subtract(most, least)}
    )
