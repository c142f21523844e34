"""A dataset -> what its controls offer."""

import json
from collections.abc import Sequence
from typing import TypedDict

import pandas as pd

from gostack_nb.analysis.filters import UNKNOWN, Relation, Term
from gostack_nb.analysis.snapshots import primary_snapshots
from gostack_nb.analysis.states import normalized_state
from gostack_nb.analysis.suspects.weighing import VERDICTS
from gostack_nb.model.dataset import Dataset
from gostack_nb.widgets.messages import cut, first_of, fitted, readable, size_of, spread

MOST_SNAPSHOTS = 64
"""Of a longer recording the first, the last, and some evenly between are offered."""

MOST_SETS = 200
"""So many sets of labels, the frequent ones, are looked at for pairs to offer."""

LONGEST_OPTION = 200
"""Bytes of a choice: a longer one is left out, for what it would set is the whole text."""

LONGEST_PROCESS = 60
"""Characters of the name of a process beside its snapshots."""

LIMITS = {"state": 3_000, "package": 5_000, "label": 5_000, "snapshot": 5_000, "group_by": 2_000}
"""Bytes of each list: longer lists are no help, and anything can be typed."""

_GROUP_WORDS = {
    "group": "functions, state, creator",
    "stack": "stack with its lines",
    "signature": "functions",
    "line": "your line",
    "creator": "creator",
    "state": "state",
    "goroutine": "nothing: single goroutines",
}


Option = str | tuple[str, str]
"""A choice: its value, and what is shown where that is something else."""


class Options(TypedDict):
    """What each control offers; `left_out` counts what was left out, `side` are the snapshots that compare well."""

    state: list[Option]
    package: list[Option]
    label: list[Option]
    snapshot: list[Option]
    verdict: list[Option]
    group_by: list[Option]
    side: list[str]
    left_out: dict[str, int]


def options_of(dataset: Dataset, judged: pd.DataFrame) -> Options:
    """List the states, packages, labels, snapshots and verdicts that occur, the frequent ones first."""
    states = normalized_state(dataset).value_counts()
    found = set(judged["verdict"].astype("str"))
    lists = {
        "state": states.index[states > 0].tolist(),
        "package": _packages(dataset),
        "label": _labels(dataset),
        "group_by": _label_keys(dataset),
    }
    offered = {name: _offered(options, LIMITS[name]) for name, options in lists.items()}
    side, snapshots = _snapshots(dataset)
    left_out = {name: len(lists[name]) - len(offered[name]) for name in lists}
    return {
        "state": [*offered["state"], UNKNOWN],
        "package": offered["package"],
        "label": offered["label"],
        "snapshot": [("latest", "the latest"), ("first", "the first"), *snapshots],
        "verdict": [*(word for word in VERDICTS if word in found), (UNKNOWN, "(none)")],
        "group_by": [*_GROUP_WORDS.items(), *offered["group_by"]],
        "side": side,
        "left_out": {**left_out, "snapshot": len(dataset.snapshots) - len(snapshots)},
    }


def _offered(values: Sequence[str], limit: int) -> list[Option]:
    """Leave out what is too long, and then what is too much."""
    options = (_option(value) for value in values if len(value) <= LONGEST_OPTION)
    return first_of((option for option in options if size_of(option) <= LONGEST_OPTION), limit)


def _option(value: str) -> Option:
    shown = readable(value)
    return value if shown == value else (value, shown)


def _snapshots(dataset: Dataset) -> tuple[list[str], list[Option]]:
    """Return the primary snapshots, and what is offered of all, in order; a long list is thinned out evenly."""
    names = dataset.snapshots["snapshot_id"].astype("str").tolist()
    primary = set(primary_snapshots(dataset).snapshots["snapshot_id"])
    best = [place for place, name in enumerate(names) if name in primary]
    others = [place for place, name in enumerate(names) if name not in primary]

    def listed(most: int) -> tuple[list[str], list[Option]]:
        kept = spread(best, most)
        rows = sorted({*kept, *spread(others, most)})
        options = [_snapshot(dataset.snapshots.iloc[place]) for place in rows]
        return [names[place] for place in kept], options

    return fitted(listed, LIMITS["snapshot"], (MOST_SNAPSHOTS, 32, 16, 8, 4, 2))


def _snapshot(row: pd.Series) -> Option:
    time = "" if pd.isna(row["captured_at"]) else f"{row['captured_at']:%Y-%m-%d %H:%M:%S}"
    process = " ".join(str(row[name]) for name in ("service", "instance") if not pd.isna(row[name]))
    goroutines = "" if pd.isna(row["goroutine_count"]) else f"{row['goroutine_count']:,}"
    words = (time, cut(readable(process), LONGEST_PROCESS), str(row["form"]), goroutines)
    return str(row["snapshot_id"]), ", ".join(filter(None, words))


def _packages(dataset: Dataset) -> list[str]:
    """Your packages before those of the standard library, each by name."""
    frames = dataset.stacks[["package", "is_std"]].dropna(subset=["package"]).drop_duplicates("package")
    names = frames.assign(package=frames["package"].astype("str")).sort_values(["is_std", "package"])["package"]
    return names.tolist()


def _label_sets(dataset: Dataset) -> pd.Series:
    counts = dataset.goroutines["labels"].value_counts()
    return counts[counts > 0].head(MOST_SETS)


def _labels(dataset: Dataset) -> list[str]:
    pairs = (
        Term("label", Relation.IS, str(value), key).control
        for text in _label_sets(dataset).index
        for key, value in json.loads(str(text)).items()
    )
    return list(dict.fromkeys(pairs))


def _label_keys(dataset: Dataset) -> list[str]:
    keys = sorted({key for text in _label_sets(dataset).index for key in json.loads(str(text))})
    return [f"label:{key}" for key in keys]
