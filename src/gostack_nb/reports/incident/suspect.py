"""The group that leaks most surely, what to call it, and which process to look at."""

from dataclasses import replace

import pandas as pd

from gostack_nb.analysis.growth import growth
from gostack_nb.analysis.snapshots import LEAK_ONLY_FORMS, PROCESS, only, process_numbers
from gostack_nb.analysis.suspects.population import followed_snapshots
from gostack_nb.formats.columns import Form
from gostack_nb.model.dataset import Dataset
from gostack_nb.reports.verdicts import find_suspects

NO_SUSPECT = "There is no suspect to look at."


def ranked(dataset: Dataset, suspects: pd.DataFrame | None) -> pd.DataFrame:
    """Return the suspects as given, else rank them."""
    return find_suspects(dataset) if suspects is None else suspects


def first_suspect(suspects: pd.DataFrame) -> pd.Series | None:
    """Return the first row that is not explained by the catalogue."""
    open_rows = suspects[suspects["verdict"] != "explained"]
    return open_rows.iloc[0] if len(open_rows) else None


def courses(dataset: Dataset) -> pd.DataFrame:
    """Follow every stack in the dumps that `suspects` follows: one row per process and stack, as `growth` gives it."""
    return growth(followed(dataset), by="stack_id")


def followed(dataset: Dataset) -> Dataset:
    """Keep the snapshots that `suspects` follows."""
    return _countable(only(dataset, *followed_snapshots(dataset)["snapshot_id"].astype("str")))


def _countable(dataset: Dataset) -> Dataset:
    """Let leak profiles stand for dumps where there are no others: all that they hold is leaked."""
    forms = dataset.snapshots["form"]
    if not forms.isin(LEAK_ONLY_FORMS).all():
        return dataset
    return replace(dataset, snapshots=dataset.snapshots.assign(form=pd.Categorical([str(Form.DEBUG1)] * len(forms))))


def process_of(dataset: Dataset, suspect: pd.Series) -> Dataset:
    """Keep the dumps of the process in which the suspect gained most, of those that `suspects` follows."""
    kept = followed(dataset)
    if process_numbers(kept.snapshots).max() < 1:
        return kept
    grown = courses(kept)
    first = grown[grown["stack_id"] == suspect["stack_id"]].iloc[0]
    same = pd.Series(data=True, index=kept.snapshots.index)
    for name in PROCESS:
        column = kept.snapshots[name]
        same &= column.isna() if pd.isna(first[name]) else (column == first[name]).fillna(value=False)
    return only(kept, *kept.snapshots.loc[same, "snapshot_id"].astype("str"))


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
