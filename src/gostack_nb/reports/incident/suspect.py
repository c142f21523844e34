"""The group with the strongest sign of a leak, and what to call it."""

import pandas as pd

from gostack_nb.analysis.candidates import SIGNS, leak_candidates
from gostack_nb.analysis.snapshots import PROCESS, only
from gostack_nb.model.dataset import Dataset

NO_SIGN = SIGNS[-1]


def suspect_of(dataset: Dataset) -> pd.Series | None:
    """Return the row of `leak_candidates` with the strongest sign of a leak."""
    candidates = leak_candidates(dataset)
    suspects = candidates[candidates["sign"] != NO_SIGN]
    return suspects.iloc[0] if len(suspects) else None


def process_of(dataset: Dataset, suspect: pd.Series) -> Dataset:
    """Keep the snapshots of the process that the suspect is in."""
    snapshots = dataset.snapshots
    same = pd.Series(data=True, index=snapshots.index)
    for name in PROCESS:
        wanted = suspect[name]
        same &= snapshots[name].isna() if pd.isna(wanted) else (snapshots[name] == wanted).fillna(value=False)
    return only(dataset, *snapshots.loc[same, "snapshot_id"].astype("str"))


def instance_of(row: pd.Series) -> str:
    """Return ` in pod-7` where the dumps name the process, else nothing."""
    names = [str(row[name]) for name in PROCESS if pd.notna(row[name])]
    return f" in {' '.join(names)}" if names else ""


def name_of(row: pd.Series) -> str:
    """Return the user's function, else the function at the leaf."""
    return str(row["top_function"] if pd.isna(row["user_function"]) else row["user_function"])


def place_of(row: pd.Series) -> str:
    """Return `file:line` of the user's frame, else of the leaf, else that the dump does not tell."""
    told = [row[name] for name in ("user_location", "top_location") if pd.notna(row[name])]
    return str(told[0]) if told else "a line that the dump does not tell"
