"""Datasets -> the same, their sources named from the folder that they have in common."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from gostack_nb.model.dataset import Dataset

_TABLES = ("snapshots", "issues")
_SEPARATOR = re.compile(r"[/\\\\]")


def from_shared_folder(datasets: Sequence[Dataset]) -> tuple[Dataset, ...]:
    """Take the folders above the dumps out of their sources: they tell about a machine, and nothing about the dumps.

    Addresses stay whole; among them paths stay whole, too.

    Parameters
    ----------
    datasets : sequence of Dataset
        Those of one report.

    Returns
    -------
    tuple of Dataset
        In the same order.
    """
    names = {
        name
        for dataset in datasets
        for table in _TABLES
        for name in getattr(dataset, table)["source"].dropna().astype("str").unique()
    }
    above = _shared(names)
    return tuple(_without(dataset, above) for dataset in datasets) if above else tuple(datasets)


def _shared(names: Iterable[str]) -> int:
    """Return how many characters the folders have that all names begin with; 0 if one is an address.

    >>> _shared(["/srv/dumps/leak/1.txt", "/srv/dumps/fixed/1.txt"]), _shared(["http://a/b", "http://a/c"])
    (11, 0)
    """
    told = list(names)
    if not told or any("://" in name for name in told):
        return 0
    ends = [[match.end() for match in _SEPARATOR.finditer(name.partition("!")[0])] for name in told]
    same = [end for end in ends[0] if all(end in other for other in ends[1:])]
    return max((end for end in same if len({name[:end] for name in told}) == 1), default=0)


def _without(dataset: Dataset, above: int) -> Dataset:
    snapshots = dataset.snapshots.assign(source=_cut(dataset.snapshots["source"], above))
    issues = dataset.issues.assign(source=_cut(dataset.issues["source"], above))
    return replace(dataset, snapshots=snapshots, issues=issues)


def _cut(column: pd.Series, above: int) -> pd.Series:
    return column.cat.rename_categories(lambda name: name[above:])
