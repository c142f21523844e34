"""A dataset -> the boxes of its flame graph, as the browser draws them."""

from typing import TypedDict

import pandas as pd

from gostack_nb.analysis.call_tree import call_tree
from gostack_nb.model.dataset import Dataset
from gostack_nb.widgets.messages import BOXES_BYTES, fitted, readable
from gostack_nb.widgets.pages import short_text

MOST_LEVELS = 120
SIZES = ((1500, 200), (1500, 100), (1000, 100), (600, 60), (300, 40), (150, 12))
"""How many calls are sent, and how many characters of their names: the first that weighs little enough."""


class Boxes(TypedDict):
    """Calls as columns: box i is `names[name[i]]`, from goroutine `start[i]` on, `count[i]` wide.

    `selected` are the goroutines that the filter keeps, of which `total`, those of the latest snapshots, are drawn;
    `left_out` calls are too small, `shortened` names too long.
    """

    names: list[str]
    name: list[int]
    depth: list[int]
    start: list[int]
    count: list[int]
    self: list[int]
    yours: list[int]
    total: int
    selected: int
    left_out: int
    shortened: int


def calls_of(dataset: Dataset) -> pd.DataFrame:
    """Return the calls of the latest snapshots of a dataset, as `call_tree` does, the biggest first."""
    tree = call_tree(dataset)
    return tree.sort_values(["count", "depth"], ascending=[False, True], kind="stable")


def boxes_of(calls: pd.DataFrame, selected: int) -> Boxes:
    """Return the biggest calls, as many as one message holds."""
    shown = _drawn(calls)
    return fitted(lambda size: _boxes(calls, shown.head(size[0]), selected, size[1]), BOXES_BYTES, SIZES)


def name_of_box(calls: pd.DataFrame, box: int) -> str:
    """Return the whole name of a call that is drawn."""
    return str(_drawn(calls)["function"].iloc[box])


def _drawn(calls: pd.DataFrame) -> pd.DataFrame:
    return calls[calls["depth"] < MOST_LEVELS]


def _boxes(calls: pd.DataFrame, shown: pd.DataFrame, selected: int, longest: int) -> Boxes:
    number, names = pd.factorize(shown["function"].astype("str"))
    whole = [readable(str(name)) for name in names]
    sent = [name if len(name) <= longest else short_text(name, "function", longest) for name in whole]
    return {
        "names": sent,
        "name": number.tolist(),
        "depth": shown["depth"].tolist(),
        "start": shown["start"].tolist(),
        "count": shown["count"].tolist(),
        "self": shown["self_count"].tolist(),
        "yours": [int(not std) for std in shown["is_std"].fillna(value=False)],
        "total": int(calls.loc[calls["depth"] == 0, "count"].sum()),
        "selected": selected,
        "left_out": len(calls) - len(shown),
        "shortened": sum(name != text for name, text in zip(whole, sent, strict=True)),
    }
