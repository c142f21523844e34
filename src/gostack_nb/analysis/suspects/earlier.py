"""Dataset and population -> what the runs before the last restart had of the same functions.

A redeploy moves lines, so that the same goroutine has another `stack_id` afterwards; its `signature` survives.
"""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import coded_column
from gostack_nb.analysis.suspects.population import Population, words
from gostack_nb.model.dataset import Dataset


def earlier_runs(dataset: Dataset, people: Population) -> pd.DataFrame:
    """Count the goroutines with each group's functions at the end of the run before the last, over all processes.

    Returns
    -------
    DataFrame
        One row per group: `before_restart` (float64, goroutines; NaN where no process was restarted).
    """
    history, run = people.history, people.history["run"]
    earlier = history[run == run.groupby(history["process"]).transform("max") - 1]
    ends = earlier.drop_duplicates("process", keep="last")["snapshot_id"]
    if not len(ends):
        return pd.DataFrame({"before_restart": np.full(people.size, np.nan)})
    gone = dataset.goroutines[dataset.goroutines["snapshot_id"].isin(ends)]
    counts = gone["signature"].astype("str").value_counts()
    return pd.DataFrame({"before_restart": group_signatures(people).map(counts).fillna(0).astype("float64")})


def group_signatures(people: Population) -> pd.Series:
    """Return the signature of each group."""
    signature = coded_column(people.frame["signature"])
    codes = np.full(people.size, -1, dtype=np.int64)
    codes[people.group] = signature.codes
    return words(signature.names, codes)
