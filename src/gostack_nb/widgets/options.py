"""A dataset -> what its controls offer."""

import json
from typing import TypedDict

import pandas as pd

from gostack_nb.analysis.filters import UNKNOWN, Relation, Term
from gostack_nb.analysis.snapshots import primary_snapshots
from gostack_nb.analysis.states import normalized_state
from gostack_nb.analysis.suspects.weighing import VERDICTS
from gostack_nb.model.dataset import Dataset

MOST_OPTIONS = 200
"""Longer lists are no help and cost bytes; anything can be typed."""

_GROUP_WORDS = {
    "group": "functions, state, creator",
    "stack": "stack with its lines",
    "signature": "functions",
    "line": "your line",
    "creator": "creator",
    "state": "state",
    "goroutine": "nothing: single goroutines",
}


class Option(TypedDict):
    """A choice: its value and what is shown."""

    value: str
    text: str


class Options(TypedDict):
    """What each control offers."""

    state: list[Option]
    package: list[Option]
    label: list[Option]
    snapshot: list[Option]
    verdict: list[Option]
    group_by: list[Option]
    side: list[Option]


def options_of(dataset: Dataset, judged: pd.DataFrame) -> Options:
    """List the states, packages, labels, snapshots and verdicts that occur, the frequent ones first."""
    states = normalized_state(dataset).value_counts()
    found = set(judged["verdict"].astype("str"))
    snapshots = [_snapshot(row) for _, row in dataset.snapshots.iterrows()][-MOST_OPTIONS:]
    primary = set(primary_snapshots(dataset).snapshots["snapshot_id"])
    ends = [_option("latest", "the latest"), _option("first", "the first")]
    return {
        "state": [*map(_option, states.index[states > 0]), _option(UNKNOWN)],
        "package": [*map(_option, _packages(dataset))],
        "label": [*map(_option, _labels(dataset))],
        "snapshot": [*ends, *snapshots],
        "verdict": [*(_option(word) for word in VERDICTS if word in found), _option(UNKNOWN, "(none)")],
        "group_by": [*(_option(word, text) for word, text in _GROUP_WORDS.items()), *_label_keys(dataset)],
        "side": [option for option in snapshots if option["value"] in primary],
    }


def _option(value: object, text: str | None = None) -> Option:
    return {"value": str(value), "text": str(value if text is None else text)}


def _snapshot(row: pd.Series) -> Option:
    time = "" if pd.isna(row["captured_at"]) else f"{row['captured_at']:%Y-%m-%d %H:%M:%S}"
    process = " ".join(str(row[name]) for name in ("service", "instance") if not pd.isna(row[name]))
    words = (
        time,
        process,
        str(row["form"]),
        f"{row['goroutine_count']:,}" if not pd.isna(row["goroutine_count"]) else "",
    )
    return _option(row["snapshot_id"], ", ".join(filter(None, words)))


def _packages(dataset: Dataset) -> list[str]:
    """Your packages before those of the standard library, each by name."""
    frames = dataset.stacks[["package", "is_std"]].dropna(subset=["package"]).drop_duplicates("package")
    names = frames.assign(package=frames["package"].astype("str")).sort_values(["is_std", "package"])["package"]
    return [str(name) for name in names.head(MOST_OPTIONS)]


def _label_sets(dataset: Dataset) -> pd.Series:
    return dataset.goroutines["labels"].value_counts().head(MOST_OPTIONS)


def _labels(dataset: Dataset) -> list[str]:
    pairs = (
        Term("label", Relation.IS, str(value), key).control
        for text, count in _label_sets(dataset).items()
        for key, value in json.loads(str(text)).items()
        if count
    )
    return list(dict.fromkeys(pairs))[:MOST_OPTIONS]


def _label_keys(dataset: Dataset) -> list[Option]:
    keys = sorted({key for text in _label_sets(dataset).index for key in json.loads(str(text))})
    return [_option(f"label:{key}", f"label {key}") for key in keys[:MOST_OPTIONS]]
