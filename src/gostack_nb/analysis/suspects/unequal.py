"""Population -> by how many goroutines each group exceeds its siblings: 29 readers, 29 writers, 154 ack loops."""

from dataclasses import replace

import pandas as pd

from gostack_nb.analysis.siblings import entry_functions, siblings, siblings_by_function
from gostack_nb.analysis.suspects.population import Population, first_rows
from gostack_nb.model.dataset import Dataset

KEY = ["created_by", "entry_function"]


def unequal(dataset: Dataset, people: Population) -> pd.DataFrame:
    """Compare each group with the siblings of its entry function, in the last snapshots.

    Returns
    -------
    DataFrame
        One row per group: `expected` (float64, goroutines due by the siblings; NaN if there are none to compare with),
        `excess` (float64, goroutines above that; at most the group's size).
    """
    last = replace(dataset, goroutines=people.frame.iloc[people.now])
    one, several = _sums(siblings(last)), _sums(siblings_by_function(last))
    several = several[several["excess"] > 0]  # whole clients that leak are in step, too
    sums = one.combine_first(several)
    keys = _keys(people)
    found = sums.reindex(pd.MultiIndex.from_frame(keys)).reset_index(drop=True)
    count = pd.Series(people.count(people.now), dtype="float64")
    biggest = count == count.groupby([keys[name] for name in KEY], dropna=False).transform("max")
    excess = found["excess"].clip(upper=count).where(biggest)
    return pd.DataFrame({"expected": found["expected"], "excess": excess})


def _sums(table: pd.DataFrame) -> pd.DataFrame:
    """Add up expected and excess over snapshots and creator goroutines."""
    known = table[table["expected"].notna()].astype(dict.fromkeys(KEY, "str"))
    sums: pd.DataFrame = known.groupby(KEY)[["expected", "excess"]].sum().astype("float64")
    return sums


def _keys(people: Population) -> pd.DataFrame:
    """Return creator function and entry function of each group."""
    creators = people.frame["created_by"].iloc[first_rows(people.groups)].astype("str").reset_index(drop=True)
    entries = people.groups.keys["stack_id"].astype("str").map(entry_functions(people.stacks))
    return pd.DataFrame({"created_by": creators, "entry_function": entries})
