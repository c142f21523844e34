"""Goroutines to groups: the small table that answers nearly every question about courses."""

import pandas as pd

from gostack_nb.model.arrow_tables import frame_of
from gostack_nb.recording.stored import GROUPS

_KEY = ["snapshot_id", "stack_id", "state"]
_OF_STACK = ["signature", "top_function", "user_function", "user_file", "user_line", "created_by"]


def groups_of(goroutines: pd.DataFrame) -> pd.DataFrame:
    """Count the goroutines of each snapshot, stack and state, with the shortest, median and longest wait.

    Parameters
    ----------
    goroutines : DataFrame
        As in a Dataset.

    Returns
    -------
    DataFrame
        The columns of `gostack_nb.recording.stored.GROUPS`, in the order of first appearance.
    """
    if goroutines.empty:
        return frame_of([], GROUPS)
    grouped = goroutines.groupby(_KEY, observed=True, sort=False, dropna=False)
    waits = grouped["wait_minutes"].agg(["min", "median", "max"]).reset_index(drop=True)
    firsts = goroutines.loc[~goroutines.duplicated(_KEY), [*_KEY, *_OF_STACK]].reset_index(drop=True)
    made = firsts.assign(
        count=grouped.size().astype("Int64").to_numpy(),
        wait_minutes_min=waits["min"].astype("Int64"),
        wait_minutes_p50=waits["median"].astype("Float64"),
        wait_minutes_max=waits["max"].astype("Int64"),
        leaked=grouped["leaked"].sum(min_count=1).astype("Int64").to_numpy(),
    )
    made["count"] = made["count"].astype("Int64")
    return made[[column.name for column in GROUPS]]
