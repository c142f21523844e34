"""What the suspects wait for, and since when."""

import pandas as pd

from gostack_nb.analysis.grouping import group
from gostack_nb.analysis.snapshots import latest, with_waits
from gostack_nb.analysis.states import BLOCKED_STATES
from gostack_nb.formats.columns import Form
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.incident.suspect import NO_SUSPECT, first_suspect, place_of, process_of, ranked

WITHOUT_WAITS = frozenset({Form.DEBUG0, Form.DEBUG1, Form.LEAK0, Form.LEAK1})
"""Forms that never print how long a goroutine has been waiting."""

_SHOWN = {
    "state": "state",
    "count": "count",
    "wait_known": "with minutes",
    "wait_min": "shortest (min)",
    "wait_median": "median (min)",
    "wait_max": "longest (min)",
    "top_function": "blocked in",
    "top_location": "at",
}
"""Columns of `group`, and what they are called in the answer: `wait_min` may be read as minutes."""


@checked
def waiting_on(dataset: Dataset, suspects: pd.DataFrame | None = None) -> Answer:
    """Say in which state the suspects are, and how long they have been in it.

    Parameters
    ----------
    dataset : Dataset
        As `read` returns it.
    suspects : DataFrame, optional
        As `gostack_nb.suspects` returns it; without it they are ranked here.

    Returns
    -------
    Answer
        Its table has the suspects' groups of one snapshot, with the shortest, median and longest wait in minutes: the
        latest snapshot that still prints wait minutes, because a leak profile erases them.

    Examples
    --------
    >>> gs.incident.waiting_on(dataset).sentences[0]
    '154 of them are blocked in chan receive, at main.(*session).ackLoop (/srv/app/main.go:233).'
    """
    suspect = first_suspect(ranked(dataset, suspects))
    if suspect is None:
        return Answer((NO_SUSPECT,))
    looked_at = latest(with_waits(process_of(dataset, suspect)))
    groups = group(looked_at, by=("stack_id", "state"))
    own = groups[groups["stack_id"] == suspect["stack_id"]]
    if not len(own):
        return Answer(("The latest dump has none of them any more.",))
    sentences = (*_state(own.iloc[0]), *_waits(own.iloc[0], looked_at.snapshots["form"].iloc[-1]))
    return Answer(sentences, own[list(_SHOWN)].rename(columns=_SHOWN))


def _state(row: pd.Series) -> tuple[str, ...]:
    if pd.isna(row["state"]):
        return ("This form of dump does not tell what goroutines wait for: take debug=2.",)
    verb = "are" if row["count"] > 1 else "is"
    blocked = (
        f"{verb} blocked in {row['state']}" if row["state"] in BLOCKED_STATES else f"{verb} in state {row['state']}"
    )
    return (f"{row['count']:,} of them {blocked}, at {row['top_function']} ({place_of(row)}).",)


def _waits(row: pd.Series, form: str) -> tuple[str, ...]:
    """Say how long those wait that print it, and why the others do not."""
    if form in WITHOUT_WAITS:
        return ("How long is not told by this form: take debug=2.",)
    count, known, leaked = int(row["count"]), int(row["wait_known"]), int(row["leaked"] or 0)
    sentences = [_ages(row)] if known else []
    if leaked:
        marked = "is marked" if leaked == 1 else "are marked"
        sentences.append(f"{leaked:,} {marked} leaked, and such a mark takes the place of the minutes.")
    if silent := count - known - leaked:
        sentences.append(
            f"{silent:,} print no wait: under a minute, or no garbage collection has seen them waiting yet. "
            "That is unknown, not zero."
        )
    return tuple(sentences)


def _ages(row: pd.Series) -> str:
    low, high = row["wait_min"], row["wait_max"]
    ages = (
        f"{high} minutes" if low == high else f"{low} to {high} minutes, half of them {row['wait_median']:.0f} or more"
    )
    return f"{row['wait_known']:,} print how long: {ages}."
