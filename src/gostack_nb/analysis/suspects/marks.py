"""Dataset and population -> how many goroutines of each group Go's own leak profile marks.

`goroutineleak` (Go 1.27; 1.26 as an experiment) finds goroutines blocked on something that nothing runnable can reach.
What it marks is proven; what it does not mark may still leak: a map, a global or a timer can reach it.
"""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.snapshots import PROCESS, SAME_MOMENT_MINUTES
from gostack_nb.analysis.suspects.earlier import group_signatures
from gostack_nb.analysis.suspects.population import Population
from gostack_nb.formats.columns import Form
from gostack_nb.model.dataset import Dataset

LEAK_FORMS = (Form.LEAK0, Form.LEAK1, Form.LEAK2)
"""The forms of /debug/pprof/goroutineleak."""


def marks(dataset: Dataset, people: Population) -> pd.DataFrame:
    """Count the marks of each group in the newest leak profile of each process's last run.

    Marks of a snapshot that is not followed itself (the profile's debug=0 and 1 hold leaked goroutines alone) are
    found by signature: those forms have no creators, and therefore another `stack_id`. What is marked never ends: a
    process whose later whole dump has fewer goroutines of the group than were marked tells nothing about it.

    Returns
    -------
    DataFrame
        One row per group: `marked` (int64, goroutines; no more than there are) and `marks_told` (bool: a leak profile
        of the last run was taken).
    """
    leaked = dataset.goroutines["leaked"].fillna(value=False).to_numpy(dtype=np.bool_)
    marked = dataset.goroutines[leaked]
    newest = _newest_profiles(dataset.snapshots, marked, people)
    counts = np.zeros(people.size, dtype=np.int64)
    for profile in newest.itertuples():
        here = people.count(people.now[people.process[people.place[people.now]] == profile.process])
        there = _by_stack_or_signature(marked[marked["snapshot_id"] == profile.snapshot_id], people)
        left = (here < there) & bool(profile.outdated)
        counts += np.where(left, 0, np.minimum(here, there))
    return pd.DataFrame({"marked": counts, "marks_told": np.full(people.size, len(newest) > 0)})


def _newest_profiles(snapshots: pd.DataFrame, marked: pd.DataFrame, people: Population) -> pd.DataFrame:
    """Return the newest profile of each process: `process`, `snapshot_id`, `outdated` (a later whole dump exists).

    Marks in an ordinary dump are those of an earlier profile: one that was asked for at the same moment is newer.
    """
    shows = snapshots["form"].isin(LEAK_FORMS) | snapshots["snapshot_id"].isin(marked["snapshot_id"].unique())
    profiles = snapshots[shows][["snapshot_id", "captured_at", *PROCESS]].astype({"snapshot_id": "str"})
    profiles = profiles.assign(asked=snapshots["form"].isin(LEAK_FORMS))
    runs = profiles.merge(_last_runs(people), on=PROCESS).assign(place=lambda table: _places(table, people))
    slack = pd.Timedelta(minutes=SAME_MOMENT_MINUTES)
    in_time = (runs["captured_at"] >= runs["begun"] - slack).where(runs["captured_at"].notna(), runs["run"] == 0)
    kept = runs[(runs["place"] >= 0) | in_time].sort_values(["captured_at", "asked"], kind="stable", na_position="last")
    later = (kept["ended"] > kept["captured_at"]) | ((kept["place"] >= 0) & (kept["place"] < kept["end"]))
    return kept.assign(outdated=later & ~kept["cut"]).drop_duplicates("process", keep="last")


def _last_runs(people: Population) -> pd.DataFrame:
    """Say of each process when its last run was first and last seen, where that is, and whether the dump is cut."""
    begun = people.snapshots.groupby("process")["captured_at"].transform("min")
    cut = people.snapshots["truncated"].fillna(value=False).astype("bool")
    last = people.snapshots.assign(begun=begun, cut=cut, end=np.arange(len(begun)))[people.is_last]
    return last.rename(columns={"captured_at": "ended"})[[*PROCESS, "process", "run", "begun", "ended", "end", "cut"]]


def _places(profiles: pd.DataFrame, people: Population) -> Ints:
    """Return the place of each profile among the followed snapshots; -1 beside them."""
    return pd.Index(people.snapshots["snapshot_id"].astype("str")).get_indexer(pd.Index(profiles["snapshot_id"]))


def _by_stack_or_signature(marked: pd.DataFrame, people: Population) -> Ints:
    """Count by stack; a signature that no stack of which was found gives its count to its first group."""
    stack_ids = people.groups.keys["stack_id"].astype("str")
    by_stack = stack_ids.map(marked["stack_id"].value_counts()).fillna(0).to_numpy(dtype=np.int64)
    signatures = group_signatures(people)
    found = set(signatures[by_stack > 0])
    counts = marked["signature"].value_counts()
    rest = signatures.map(counts).fillna(0).to_numpy(dtype=np.int64)
    lone = ~signatures.duplicated().to_numpy() & ~signatures.isin(found).to_numpy()
    return np.where(lone, rest, by_stack)
