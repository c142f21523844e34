"""Population -> how old the oldest goroutines of each group are, at least."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.suspects.population import Population


def ages(people: Population) -> pd.DataFrame:
    """Bound the age of each group's oldest goroutine from below: by its wait, and by when the group was first seen.

    Returns
    -------
    DataFrame
        One row per group: `oldest_minutes` (float64; NaN where neither waits nor times tell) and `has_ids` (bool).
    """
    minute = people.snapshots["minute"].to_numpy(dtype=np.float64)
    last = minute[np.flatnonzero(people.is_last)][_places(people)]
    seen = last - minute[people.place]
    waited = np.where(people.waits >= 0, seen + people.waits, np.nan)
    oldest = np.full(people.size, -1.0)
    for known in (seen, waited):
        np.maximum.at(oldest, people.group, np.nan_to_num(known, nan=-1.0))
    told = np.bincount(people.group[people.ids >= 0], minlength=people.size) > 0
    return pd.DataFrame({"oldest_minutes": np.where(oldest > 0, oldest, np.nan), "has_ids": told})


def _places(people: Population) -> np.ndarray:
    """Return for each row the number of its process among those with a last snapshot."""
    _, number = np.unique(people.process, return_inverse=True)
    places: np.ndarray = number[people.place]
    return places
