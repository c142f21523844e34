"""Dataset -> table: of those blocked in a receive, how many are orphans and how many healthy workers."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.snapshots import only, process_numbers
from gostack_nb.analysis.states import RECEIVE_STATES
from gostack_nb.analysis.suspects.evidence import evidence
from gostack_nb.analysis.suspects.population import population
from gostack_nb.analysis.suspects.signs import Signs, read_signs
from gostack_nb.analysis.suspects.weighing import is_strong
from gostack_nb.model.addresses import address_table
from gostack_nb.model.dataset import Dataset

TOLD_BY = ("leak profile", "siblings", "neighbours", "ids over time", "whole group")
"""What tells orphans from workers, the surest first."""

KEY = ["snapshot_id", "signature", "state", "created_by"]


def count_orphans(dataset: Dataset) -> pd.DataFrame:
    """Count the orphans and the healthy workers among the goroutines that are blocked in a channel receive.

    Returns
    -------
    DataFrame
        One row per group in the last snapshot of each process: `snapshot_id`, `signature`, `state`, `created_by` (str),
        `orphans`, `workers` (Int64, goroutines of the stacks for which something tells; NA if nothing does), `told_by`
        (category, see `TOLD_BY`; the surest of what tells; NA).
    """
    stacks = pd.concat([_by_stack(one) for one in _processes(dataset)] or [_by_stack(dataset)])
    groups = stacks.groupby(KEY, dropna=False, sort=True)
    counts = groups[["orphans", "workers"]].sum(min_count=1)
    told = groups["told"].min().fillna(-1).astype("int64")
    words = pd.Categorical.from_codes(told, categories=pd.Index(TOLD_BY, dtype="str"))
    return counts.assign(told_by=words).reset_index()


def _processes(dataset: Dataset) -> Iterator[Dataset]:
    """Yield each process apart: what is normal in one says nothing about another."""
    for _, rows in dataset.snapshots.groupby(process_numbers(dataset.snapshots)):
        yield only(dataset, *rows["snapshot_id"].astype("str"))


def _by_stack(dataset: Dataset) -> pd.DataFrame:
    """Count for each full stack of one process; `told` is the place in `TOLD_BY`."""
    people = population(dataset)
    facts = evidence(dataset, people, address_table([]))
    orphans, told = _told(facts, read_signs(facts))
    unknown = orphans < 0
    last = people.snapshots["snapshot_id"].astype("str").tolist()[-1:]
    table = facts[["signature", "state", "created_by"]].assign(
        snapshot_id=pd.array((last or [""]) * len(facts), dtype="str"),
        orphans=pd.arrays.IntegerArray(np.maximum(orphans, 0), unknown),
        workers=pd.arrays.IntegerArray(facts["count"].to_numpy() - orphans, unknown),
        told=pd.arrays.IntegerArray(np.maximum(told, 0), unknown),
    )
    return table[table["state"].isin(RECEIVE_STATES) & (facts["count"] > 0)]


def _told(facts: pd.DataFrame, signs: Signs) -> tuple[Ints, Ints]:
    """Return how many of each group are orphans, -1 if nothing tells, and what tells it.

    Who is not marked may have leaked all the same: more than are due beside their siblings are no workers.
    """
    count = facts["count"].to_numpy()
    stays = signs.stays & ~signs.in_step
    healthy = signs.in_step | signs.pool
    holds = [signs.marked, signs.excess, signs.orphans, stays, is_strong(signs), healthy]
    excess = facts["excess"].fillna(0)
    numbers = [
        np.maximum(facts["marked"], np.where(signs.excess, excess, 0)),
        excess,
        facts["orphans"],
        np.minimum(facts["arrivals"], count),
        count,
        np.zeros(len(count)),
    ]
    told = np.select(holds, [0, 1, 2, 3, 4, 2], -1)
    return np.select(holds, numbers, -1).astype(np.int64), told
