"""Population -> the pprof label that concentrates in each group: the handler or tenant that it belongs to."""

import json

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import coded_column
from gostack_nb.analysis.suspects.limits import FEW, MOST
from gostack_nb.analysis.suspects.population import Population

CONCENTRATION = 2.0
"""A label says something about a group if it is at least twice as frequent there as among all goroutines."""


def labelled(people: Population) -> pd.DataFrame:
    """Find the label that nearly all of a group carry and others rather do not, in the last snapshots.

    Returns
    -------
    DataFrame
        One row per group: `label` (str, `key=value`; NA if none concentrates; the first by name of equally frequent
        ones) and `label_share` (float64, 0 to 1 of the group; NaN without).
    """
    rows = people.now
    size = people.count(rows)
    labels = coded_column(people.frame["labels"])
    carried = pd.DataFrame({"group": people.group[rows], "labels": labels.codes[rows]})
    carried = carried[carried["labels"] >= 0].value_counts().rename("carriers").reset_index()
    told = carried.merge(_frequent_pairs(labels.names, carried), on="labels")
    told = told.groupby(["group", "pair"], as_index=False).agg({"carriers": "sum", "everywhere": "first"})
    told["share"] = told["carriers"] / size[told["group"].to_numpy(dtype=np.int64)]
    usual = told["everywhere"] / max(len(rows), 1)
    told = told[(told["share"] > MOST) & (told["share"] >= CONCENTRATION * usual) & (told["carriers"] >= FEW)]
    told = told.sort_values(["group", "share", "pair"], ascending=[True, False, True])
    best = told.drop_duplicates("group").set_index("group").reindex(range(people.size)).reset_index(drop=True)
    return pd.DataFrame({"label": best["pair"].astype("str"), "label_share": best["share"].astype("float64")})


def _frequent_pairs(names: pd.Index, carried: pd.DataFrame) -> pd.DataFrame:
    """List the pairs of each distinct set of labels: `labels`, `pair`, and how many carry it `everywhere`.

    Pairs of fewer than `FEW` goroutines, such as the id of a request, are left out: they concentrate in no group.
    """
    carriers = carried.groupby("labels")["carriers"].sum()
    sets = [_pairs_of(text) for text in names[carriers.index]]
    lengths = [len(pairs) for pairs in sets]
    pair, known = pd.factorize(np.array([pair for pairs in sets for pair in pairs], dtype=object))
    everywhere = np.bincount(pair, np.repeat(carriers.to_numpy(), lengths), len(known))[pair]
    often = everywhere >= FEW
    columns = {"labels": np.repeat(carriers.index.to_numpy(), lengths), "everywhere": everywhere}
    table = pd.DataFrame(columns)[often]
    return table.assign(pair=pd.array(known[pair[often]], dtype="str"))


def _pairs_of(text: str) -> set[str]:
    return {f"{key}={value}" for key, value in json.loads(text).items()}
