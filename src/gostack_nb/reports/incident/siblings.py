"""Which goroutines that are started together are missing."""

import re

import pandas as pd

from gostack_nb.analysis.siblings import entry_functions, siblings
from gostack_nb.analysis.snapshots import latest
from gostack_nb.formats.columns import Form
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.words import listed, role_of

WITHOUT_CREATORS = frozenset({Form.DEBUG0, Form.DEBUG1, Form.LEAK0, Form.LEAK1})
"""Forms that never tell who started a goroutine."""

_NO_OWNER = re.compile(r"^(?:go|process|promhttp|scrape)_|_(?:total|bucket|count|sum|info|seconds|bytes|fds)$")
"""Metrics of the runtime, and those that count something else than what lives: counters, sums, sizes."""

_SHOWN = ["created_by", "creator_id", "entry_function", "count", "expected", "excess", "role"]


@checked
def missing_siblings(dataset: Dataset) -> Answer:
    """Say which goroutines that are started together are not alive in equal numbers.

    Returns
    -------
    Answer
        Its table is that of `siblings`, of the latest snapshot, without the columns `snapshot_id` and `near`.

    Examples
    --------
    >>> gs.incident.missing_siblings(dataset).sentences[1]
    '29 of each are due.'
    """
    last = latest(dataset)
    table = siblings(last)
    known = table[table["expected"].notna()]
    if not len(known):
        return Answer((_no_siblings(last),), table[_SHOWN])
    uneven = known[known["excess"] != 0]
    chosen = known[known["created_by"] == (uneven if len(uneven) else known).iloc[0]["created_by"]]
    sentences = (*_sibling_sentences(chosen), *_counted_sentences(dataset, chosen), *_owner_sentences(dataset, chosen))
    return Answer(sentences, known[_SHOWN])


def _no_siblings(dataset: Dataset) -> str:
    if dataset.snapshots["form"].isin(WITHOUT_CREATORS).all():
        return "This form of dump does not tell who started a goroutine: take debug=2."
    return "No function starts several kinds of goroutines in equal numbers here, so that none can be missed."


def _sibling_sentences(rows: pd.DataFrame) -> tuple[str, ...]:
    by_count = rows.astype({"entry_function": "str"}).sort_values(["count", "entry_function"])
    started = [count_words(int(row["count"]), role_of(row["entry_function"])) for _, row in by_count.iterrows()]
    creator = rows.iloc[0]["created_by"]
    excess = rows[rows["excess"] > 0]
    if (rows["role"] == "missing").any():
        return _short_of(rows, creator, started)
    if not len(excess):
        return (f"None: {creator} keeps {listed(started)} alive, in equal numbers.",)
    worst = excess.iloc[0]
    others = [role_of(name) for name in by_count[by_count["excess"] == 0]["entry_function"]] or ["siblings"]
    return (
        (
            f"{creator} keeps {listed(started)} alive: {worst['excess']:,} {role_of(worst['entry_function'])}s "
            f"have lost "
            f"their {listed(others)}."
        ),
        f"{worst['expected']:,} of each are due.",
    )


def _short_of(rows: pd.DataFrame, creator: str, started: list[str]) -> tuple[str, ...]:
    row = rows[rows["role"] == "missing"].iloc[0]
    missing = count_words(-int(row["excess"]), role_of(row["entry_function"]))
    return (
        f"{creator} keeps {listed(started)} alive: {missing} are missing.",
        f"{row['expected']:,} of each are due.",
    )


def _counted_sentences(dataset: Dataset, rows: pd.DataFrame) -> tuple[str, ...]:
    """Say that debug=1, which costs the service far less, counts the same, where it was captured at the end too."""
    counted = dataset.snapshots[dataset.snapshots["form"] == Form.DEBUG1]
    if not len(counted) or not (rows["excess"] > 0).any():
        return ()
    stack_ids = dataset.goroutines.loc[dataset.goroutines["snapshot_id"] == counted["snapshot_id"].iloc[-1], "stack_id"]
    entries = stack_ids.astype("str").map(entry_functions(dataset.stacks))
    same = [(entries == row["entry_function"]).sum() == row["count"] for _, row in rows.iterrows()]
    return ("The last debug=1, which is counts alone, says the same.",) if all(same) else ()


def _owner_sentences(dataset: Dataset, rows: pd.DataFrame) -> tuple[str, ...]:
    """Name a gauge of the service that equals the number of sets: what there may be one set for."""
    metrics = dataset.metrics
    if not len(metrics) or len(metrics["instance"].drop_duplicates()) > 1:
        return ()
    newest = metrics[metrics["captured_at"] == metrics["captured_at"].max()]
    names = newest.loc[newest["value"] == float(rows.iloc[0]["expected"]), "name"].astype("str")
    gauges = sorted((name for name in names if not _NO_OWNER.search(name)), key=len)
    if not gauges:
        return ()
    noun = gauges[0].rpartition("_")[2]
    return (f"The service itself counts {rows.iloc[0]['expected']:,} {noun} ({gauges[0]}): as many as there are sets.",)
