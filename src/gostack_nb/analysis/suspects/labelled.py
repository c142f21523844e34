"""Population -> the pprof label that concentrates in each group: the handler or tenant that it belongs to."""

import json

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints, coded_column
from gostack_nb.analysis.suspects.limits import FEW, MOST
from gostack_nb.analysis.suspects.population import Population, words

CONCENTRATION = 2.0
"""A label says something about a group if it is at least twice as frequent there as among all goroutines."""


def labelled(people: Population) -> pd.DataFrame:
    """Find the label that nearly all of a group carry and others rather do not, in the last snapshots.

    Returns
    -------
    DataFrame
        One row per group: `label` (str, `key=value`; NA if none concentrates) and `label_share` (float64, 0 to 1 of the
        group; NaN without).
    """
    rows = people.now
    labels = coded_column(people.frame["labels"])
    pairs = [_pairs(text) for text in labels.names]
    names = sorted({pair for of_one in pairs for pair in of_one})
    best, share = np.full(people.size, -1, dtype=np.int64), np.zeros(people.size)
    size = people.count(rows)
    for code, name in enumerate(names):
        carries = np.array([*(name in of_one for of_one in pairs), False], dtype=np.bool_)[labels.codes[rows]]
        own = people.count(rows[carries]) / np.maximum(size, 1)
        usual = carries.sum() / max(len(rows), 1)
        better = (own > share) & (own > MOST) & (own >= CONCENTRATION * usual) & (size >= FEW)
        best, share = np.where(better, code, best), np.where(better, own, share)
    return _table(names, best, share)


def _table(names: list[str], best: Ints, share: np.ndarray) -> pd.DataFrame:
    label = words(pd.Index(names, dtype="str"), best)
    return pd.DataFrame({"label": label, "label_share": np.where(best >= 0, share, np.nan)})


def _pairs(text: str) -> set[str]:
    return {f"{key}={value}" for key, value in json.loads(text).items()}
