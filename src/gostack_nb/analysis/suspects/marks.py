"""Dataset and population -> how many goroutines of each group Go's own leak profile marks.

`goroutineleak` (Go 1.27; 1.26 as an experiment) finds goroutines blocked on something that nothing runnable can reach.
What it marks is proven; what it does not mark may still leak: a map, a global or a timer can reach it.
"""

import numpy as np
import pandas as pd

from gostack_nb.analysis.suspects.earlier import group_signatures
from gostack_nb.analysis.suspects.population import Population
from gostack_nb.formats.columns import Form
from gostack_nb.model.dataset import Dataset

LEAK_FORMS = (Form.LEAK0, Form.LEAK1, Form.LEAK2)
"""The forms of /debug/pprof/goroutineleak."""


def marks(dataset: Dataset, people: Population) -> pd.DataFrame:
    """Count the marks of each group in the newest snapshot that a leak profile has marked.

    Marks of a snapshot that is not followed itself (the profile's debug=0 and 1 hold leaked goroutines alone) are
    found by signature: those forms have no creators, and therefore another `stack_id`.

    Returns
    -------
    DataFrame
        One row per group: `marked` (int64, goroutines) and `marks_told` (bool: a leak profile was taken).
    """
    goroutines, snapshots = dataset.goroutines, dataset.snapshots
    marked = goroutines[goroutines["leaked"].fillna(value=False).to_numpy(dtype=bool)]
    profiles = snapshots[snapshots["form"].isin(LEAK_FORMS) | snapshots["snapshot_id"].isin(marked["snapshot_id"])]
    told = np.full(people.size, len(profiles) > 0)
    if not len(profiles):
        return pd.DataFrame({"marked": np.zeros(people.size, dtype=np.int64), "marks_told": told})
    newest = marked[marked["snapshot_id"] == profiles["snapshot_id"].iloc[-1]]
    return pd.DataFrame({"marked": _by_stack_or_signature(newest, people), "marks_told": told})


def _by_stack_or_signature(marked: pd.DataFrame, people: Population) -> np.ndarray:
    """Count by stack; a signature that no stack of which was found gives its count to its first group."""
    stack_ids = people.groups.keys["stack_id"].astype("str")
    by_stack = stack_ids.map(marked["stack_id"].value_counts()).fillna(0).to_numpy(dtype=np.int64)
    signatures = group_signatures(people)
    found = set(signatures[by_stack > 0])
    counts = marked["signature"].value_counts()
    rest = signatures.map(counts).fillna(0).to_numpy(dtype=np.int64)
    lone = ~signatures.duplicated().to_numpy() & ~signatures.isin(found).to_numpy()
    return np.where(lone, rest, by_stack)
