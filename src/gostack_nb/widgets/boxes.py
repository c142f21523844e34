"""A dataset -> the boxes of its flame graph, as the browser draws them."""

from typing import TypedDict

import pandas as pd

from gostack_nb.analysis.call_tree import call_tree
from gostack_nb.model.dataset import Dataset

MOST_BOXES = 2000
MOST_LEVELS = 120
NAMES_LENGTH = 200


class Boxes(TypedDict):
    """Calls as columns: box i is `names[name[i]]`, from goroutine `start[i]` on, `count[i]` wide."""

    names: list[str]
    name: list[int]
    depth: list[int]
    start: list[int]
    count: list[int]
    self: list[int]
    yours: list[int]
    total: int
    left_out: int


def boxes_of(dataset: Dataset) -> Boxes:
    """Return the biggest calls of the latest snapshots of a dataset."""
    tree = call_tree(dataset)
    total = int(tree.loc[tree["depth"] == 0, "count"].sum())
    shown = tree[tree["depth"] < MOST_LEVELS]
    if len(shown) > MOST_BOXES:
        shown = shown.sort_values(["count", "depth"], ascending=[False, True], kind="stable").head(MOST_BOXES)
        shown = shown.sort_values(["depth", "start"], kind="stable")
    number, names = pd.factorize(shown["function"].astype("str"))
    return {
        "names": [str(name)[:NAMES_LENGTH] for name in names],
        "name": number.tolist(),
        "depth": shown["depth"].tolist(),
        "start": shown["start"].tolist(),
        "count": shown["count"].tolist(),
        "self": shown["self_count"].tolist(),
        "yours": [int(not std) for std in shown["is_std"].fillna(value=False)],
        "total": total,
        "left_out": len(tree) - len(shown),
    }
