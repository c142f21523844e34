"""Who leaks: the group with the strongest evidence, and the big ones that are innocent."""

import pandas as pd

from gostack_nb.analysis.candidates import leak_candidates
from gostack_nb.analysis.snapshots import primary_snapshots
from gostack_nb.analysis.states import BLOCKED_STATES
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.incident.suspect import NO_SIGN, instance_of, name_of, place_of
from gostack_nb.reports.words import listed

_GROUP_COLUMNS = {
    "user_function": "function",
    "state": "state",
    "first": "first",
    "last": "last",
    "change": "change",
    "rate_per_hour": "per hour",
    "arrivals": "arrived",
    "exits": "ended",
    "sign": "sign of a leak",
}
_SHOWN_GROUPS = 8


def who(dataset: Dataset) -> Answer:
    """Say which group of goroutines leaks, and which big groups in the same state do not.

    Returns
    -------
    Answer
        Its table lists the groups with their evidence, the strongest first.
    """
    candidates = leak_candidates(dataset)
    table = _table(candidates.head(_SHOWN_GROUPS))
    suspects = candidates[candidates["sign"] != NO_SIGN]
    if not len(suspects):
        return Answer((_nobody(dataset), *_biggest(candidates)), table)
    first = suspects.iloc[0]
    return Answer((*_suspect_sentences(first), *_other_suspects(suspects), *_not_fooled(candidates, first)), table)


def _table(candidates: pd.DataFrame) -> pd.DataFrame:
    """Shorten the table of candidates to what fits on a page."""
    named = candidates.assign(
        user_function=[name_of(row) for _, row in candidates.iterrows()],
        rate_per_hour=candidates["rate_per_hour"].round().astype("Int64"),
    )
    return named[list(_GROUP_COLUMNS)].rename(columns=_GROUP_COLUMNS)


def _nobody(dataset: Dataset) -> str:
    if len(primary_snapshots(dataset).snapshots) > 1:
        return (
            "No group shows a sign of a leak: none arrives without leaving, outnumbers its siblings or keeps growing."
        )
    return (
        "One dump shows no sign of a leak. Take another some minutes later: goroutines that stay tell themselves apart."
    )


def _biggest(candidates: pd.DataFrame) -> tuple[str, ...]:
    if not len(candidates):
        return ()
    row = candidates.sort_values("last", ascending=False, kind="stable").iloc[0]
    return (f"The biggest group is {row['last']:,} {name_of(row)}, {_in_state(row)}; size alone proves nothing.",)


def _suspect_sentences(row: pd.Series) -> tuple[str, ...]:
    name, count = name_of(row), int(row["last"])
    grown = (
        f"{int(row['first']):,} -> {count:,} goroutines" if row["snapshots"] > 1 else count_words(count, "goroutine")
    )
    sentences = [f"{name}{instance_of(row)}: {grown}, {_in_state(row)}."]
    if pd.notna(row["arrivals"]) and row["arrivals"] > 0:
        intervals = f"in {row['arrival_intervals']} of {row['id_intervals']} intervals"
        sentences.append(
            f"{count_words(int(row['arrivals']), 'goroutine')} arrived {intervals}, and {_left(row['exits'])}."
        )
    if pd.notna(row["excess"]) and row["excess"] > 0:
        sentences.append(f"{row['expected']:,} are due by its siblings: {row['excess']:,} leaked.")
    if pd.notna(row["marked"]) and row["marked"] > 0:
        sentences.append(f"Go's own leak profile marks {row['marked']:,} of them.")
    return tuple(sentences)


def _left(exits: int) -> str:
    return "none of them has ended" if exits == 0 else f"{exits:,} have ended"


def _in_state(row: pd.Series) -> str:
    if pd.isna(row["state"]):
        return "in a state that this form of dump does not tell"
    return f"blocked in {row['state']}" if row["state"] in BLOCKED_STATES else f"in state {row['state']}"


def _other_suspects(suspects: pd.DataFrame) -> tuple[str, ...]:
    others = [
        f"{name_of(row)}{instance_of(row)} at {place_of(row)} ({row['first']:,} -> {row['last']:,})"
        for _, row in suspects.iloc[1:4].iterrows()
    ]
    return (f"Look also at {listed(others)}.",) if others else ()


def _not_fooled(candidates: pd.DataFrame, suspect: pd.Series) -> tuple[str, ...]:
    """Name the biggest group in the same state that shows no sign: counting states alone would blame it too."""
    calm = candidates[(candidates["sign"] == NO_SIGN) & (candidates["state"] == suspect["state"])]
    calm = calm[calm["signature"] != suspect["signature"]]  # in another process it may be well
    if not len(calm) or calm.iloc[0]["last"] <= 1 or pd.isna(suspect["state"]):
        return ()
    row = calm.sort_values("last", ascending=False, kind="stable").iloc[0]
    return (f"Not this: {row['last']:,} {name_of(row)} are in {row['state']} too, but {_calm(row)}.",)


def _calm(row: pd.Series) -> str:
    if pd.isna(row["arrivals"]):
        return "nothing in this dump speaks against them"
    if row["arrivals"] == 0 and row["exits"] == 0:
        return "none of them arrived or left meanwhile: they wait for work, as they should"
    return "they do not pile up"
