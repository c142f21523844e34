"""Population -> how the number of goroutines of each group went, where nothing but counts is needed."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.growth import LEAST_HOURS
from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.suspects.population import Floats, Population


def courses(people: Population) -> pd.DataFrame:
    """Follow the counts of each group, summed over the processes. Dumps that are cut do not count.

    Where a dump is cut, a higher count may only mean that more of the group stands before the cut.

    Returns
    -------
    DataFrame
        One row per group: `first`, `last` (int64, goroutines; of processes with a whole dump), `rises` (int64,
        intervals in which a process had more than before, the most of any), `never_fell` (bool: two or more dumps, and
        none had fewer than the one before), `rate_per_hour` (float64, least-squares slope; NaN if all times
        lie within a second).
    """
    width = len(people.snapshots)
    cells = people.group * width + people.place
    counts = np.bincount(cells, minlength=people.size * width).reshape(people.size, width)
    cut = people.snapshots["truncated"].fillna(value=False).to_numpy(dtype=np.bool_)
    table = pd.DataFrame(
        {
            "first": np.zeros(people.size, dtype=np.int64),
            "last": 0,
            "rises": 0,
            "never_fell": True,
            "rate_per_hour": np.nan,
        }
    )
    followed = np.zeros(people.size, dtype=np.bool_)
    for process in np.unique(people.process):
        columns = np.flatnonzero((people.process == process) & ~cut)
        if len(columns):
            hours = people.snapshots["minute"].to_numpy(dtype=np.float64)[columns] / 60
            _add(table, counts[:, columns], hours)
            followed |= counts[:, columns].any(axis=1) if len(columns) > 1 else False
    return table.assign(never_fell=table["never_fell"].to_numpy(dtype=np.bool_) & followed)


def _add(table: pd.DataFrame, counts: Ints, hours: Floats) -> None:
    """Add the course of one process to those of the others."""
    change = np.diff(counts, axis=1)
    table["first"] += counts[:, 0]
    table["last"] += counts[:, -1]
    table["rises"] = np.maximum(table["rises"], (change > 0).sum(axis=1))
    table["never_fell"] &= (change >= 0).min(axis=1, initial=True)
    rates = slopes(counts, hours)
    known = table["rate_per_hour"].to_numpy()
    table["rate_per_hour"] = np.where(np.isnan(rates), known, np.nan_to_num(known) + np.nan_to_num(rates))


def slopes(counts: Ints, hours: Floats) -> Floats:
    """Return the least-squares slope of each row of counts; NaN if all times lie within a second."""
    timed = np.isfinite(hours)
    if not timed.any() or np.ptp(hours[timed]) < LEAST_HOURS:
        return np.full(len(counts), np.nan)
    apart = hours[timed] - hours[timed].mean()
    rates: Floats = counts[:, timed] @ apart / (apart @ apart)
    return rates
