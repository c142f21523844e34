"""The group with the strongest sign of a leak, and what to call it."""

import pandas as pd

from gostack_nb.analysis.candidates import SIGNS, leak_candidates
from gostack_nb.model.dataset import Dataset

NO_SIGN = SIGNS[-1]


def suspect_of(dataset: Dataset) -> pd.Series | None:
    """Return the row of `leak_candidates` with the strongest sign of a leak."""
    candidates = leak_candidates(dataset)
    suspects = candidates[candidates["sign"] != NO_SIGN]
    return suspects.iloc[0] if len(suspects) else None


def name_of(row: pd.Series) -> str:
    """Return the user's function, else the function at the leaf."""
    return str(row["top_function"] if pd.isna(row["user_function"]) else row["user_function"])


def place_of(row: pd.Series) -> str:
    """Return `file:line` of the user's frame, else of the leaf."""
    return str(row["top_location"] if pd.isna(row["user_location"]) else row["user_location"])
