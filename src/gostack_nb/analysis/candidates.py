"""Dataset -> table: the groups that a leak may be in, with the evidence for each side by side."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.growth import growth
from gostack_nb.analysis.receives import ARRIVAL_INTERVALS, LEAST_EXCESS
from gostack_nb.analysis.siblings import entry_functions, siblings
from gostack_nb.analysis.snapshots import LEAK_ONLY_FORMS, latest
from gostack_nb.formats.columns import Form
from gostack_nb.model.dataset import Dataset

KEY = ("signature", "created_by")
"""Without the state: a goroutine that runs for a moment is still one of its group."""

LEAK_FORMS = (Form.LEAK0, Form.LEAK1, Form.LEAK2)
"""The forms of /debug/pprof/goroutineleak."""

SIGNS = ("marked by the runtime", "arrive and never leave", "more than their siblings", "grow", "none")
"""The evidence for a leak, strongest first; the `sign` column has the first that holds."""


def leak_candidates(dataset: Dataset) -> pd.DataFrame:
    """List every group with what speaks for a leak, strongest evidence first.

    Parameters
    ----------
    dataset : Dataset
        One or many snapshots of a process.

    Returns
    -------
    DataFrame
        The columns of `growth` with `by=("signature", "created_by")`, and `sign` (category, see `SIGNS`), `marked`
        (Int64, goroutines that the runtime's leak profile marks; NA without one), `expected`, `excess` (Int64,
        goroutines, see `siblings`; NA where a function has no siblings).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Notes
    -----
    A goroutine counts as arrived for good if its group has arrivals by id in two or more intervals and no exit. Growth
    of the counts alone (the 95 % interval of the rate is above 0, and the group never fell) is weak: load does it too.
    """
    table = growth(_countable(dataset), by=KEY)
    table = table.merge(_marked(dataset), on="signature", how="left").merge(_unequal(dataset), on=list(KEY), how="left")
    table.insert(0, "sign", pd.Series(_sign(table), index=table.index))
    order = np.lexsort((-table["last"], -table["change"], table["sign"].cat.codes))
    return table.iloc[order].reset_index(drop=True)


def _countable(dataset: Dataset) -> Dataset:
    """Let leak profiles stand for dumps where there are no others: all that they hold is leaked."""
    forms = dataset.snapshots["form"]
    if not forms.isin(LEAK_ONLY_FORMS).all():
        return dataset
    return replace(dataset, snapshots=dataset.snapshots.assign(form=pd.Categorical([str(Form.DEBUG1)] * len(forms))))


def _marked(dataset: Dataset) -> pd.DataFrame:
    """Count the marks per signature in the newest snapshot that a leak profile has marked."""
    goroutines, snapshots = dataset.goroutines, dataset.snapshots
    marked = goroutines[goroutines["leaked"].fillna(value=False).to_numpy(dtype=bool)]
    profiles = snapshots[snapshots["form"].isin(LEAK_FORMS) | snapshots["snapshot_id"].isin(marked["snapshot_id"])]
    if not len(profiles):
        return pd.DataFrame({"signature": pd.Series(dtype="str"), "marked": pd.array([], dtype="Int64")})
    counts = marked[marked["snapshot_id"] == profiles["snapshot_id"].iloc[-1]]["signature"].value_counts()
    every = goroutines["signature"].cat.categories
    return pd.DataFrame({"signature": every, "marked": pd.array([int(counts.get(s, 0)) for s in every], dtype="Int64")})


def _unequal(dataset: Dataset) -> pd.DataFrame:
    """Return expected number and excess of each group's entry function, summed over the creator goroutines."""
    last = latest(dataset)
    started = siblings(last)
    started = started[started["expected"].notna()]
    sums = started.astype({"entry_function": "str", "created_by": "str"}).groupby(["created_by", "entry_function"])
    numbers = sums[["expected", "excess"]].sum(min_count=1).reset_index()
    entries = entry_functions(last.stacks)
    groups = last.goroutines[["stack_id", *KEY]].drop_duplicates().astype("str")
    groups["entry_function"] = groups["stack_id"].map(entries)
    joined = groups.merge(numbers, on=["created_by", "entry_function"])
    biggest = joined.drop_duplicates(["signature", "created_by"])
    return biggest[[*KEY, "expected", "excess"]]


def _sign(table: pd.DataFrame) -> "pd.Categorical[int]":
    stays = (table["arrival_intervals"] >= ARRIVAL_INTERVALS) & (table["exits"] == 0)
    grows = (table["rate_low"] > 0) & table["never_fell"]
    tests = [table["marked"] > 0, stays, table["excess"] >= LEAST_EXCESS, grows]
    holds = [test.fillna(value=False).to_numpy(dtype=bool) for test in tests]
    codes: NDArray[np.int64] = np.select(holds, range(len(holds)), default=len(holds))
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(pd.Index(SIGNS, dtype="str"), ordered=True))
