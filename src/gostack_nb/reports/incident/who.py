"""Who leaks: the group with the strongest evidence, and the big ones that are innocent."""

import pandas as pd

from gostack_nb.analysis.snapshots import primary_snapshots
from gostack_nb.analysis.states import BLOCKED_STATES, LOCK_STATES
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.incident.suspect import courses, first_suspect, instance_of, name_of, place_of, ranked
from gostack_nb.reports.words import listed

LEADS = {
    "proven": "Proven leak",
    "strong": "Strong suspect",
    "weak": "Weak suspect",
    "undecided": "Undecided",
}
"""Each verdict as the beginning of a sentence."""

ADVICE = {
    "proven": "The runtime itself has proved it for those that it marks.",
    "strong": "Take it for a leak: the evidence does not rest on size.",
    "weak": "Look at it, but conclude nothing yet: the evidence is thin.",
    "undecided": "Whether it leaks cannot be told yet; the reasons say which dump decides.",
}
"""What each verdict means for the reader."""

STUCK = "Take it for stuck: find out who holds the lock, and what the holder waits for."
"""The same for a strong verdict on goroutines that wait for a lock: an end of the wait would free all of them."""

_GROUP_COLUMNS = {
    "verdict": "verdict",
    "instance": "instance",
    "user_function": "function",
    "state": "state",
    "first": "first",
    "last": "last",
    "change": "change",
    "rate_per_hour": "per hour",
    "arrivals": "arrived",
    "exits": "ended",
}
_ONE_MOMENT = {
    "verdict": "verdict",
    "instance": "instance",
    "user_function": "function",
    "state": "state",
    "last": "count",
}
_SHOWN_GROUPS = 8
_SHOWN_OTHERS = 3


@checked
def who(dataset: Dataset, suspects: pd.DataFrame | None = None) -> Answer:
    """Say which group of goroutines leaks, how sure that is and why, and which big groups do not.

    Parameters
    ----------
    dataset : Dataset
        As `read` returns it.
    suspects : DataFrame, optional
        As `gostack_nb.suspects` returns it; without it they are ranked here.

    Returns
    -------
    Answer
        Its points are the reasons, and what else to look at; its table lists the groups, suspects first, then the
        biggest of the others.

    Examples
    --------
    >>> gs.incident.who(dataset).sentences[0]
    'Proven leak: main.(*session).ackLoop, 29 -> 154 goroutines, blocked in chan receive.'
    """
    found = ranked(dataset, suspects)
    grown = courses(dataset)
    table = _table(grown, found)
    first = first_suspect(found)
    if first is None:
        return Answer((_nobody(dataset), *_explained(found), *_biggest(grown)), table)
    points = (*first["reasons"], *_not_fooled(grown, found, first), *_other_suspects(found, first))
    return Answer(_suspect_sentences(first, grown), table, points=points)


def _table(grown: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Put the verdicts beside the courses, and shorten that to what fits on a page."""
    told = found[["stack_id", "rank", "verdict"]].astype({"stack_id": "str", "verdict": "str"})
    joined = grown.astype({"stack_id": "str"}).merge(told, on="stack_id", how="left")
    joined = joined.sort_values(["rank", "last"], ascending=[True, False], kind="stable").head(_SHOWN_GROUPS)
    named = joined.assign(
        user_function=[name_of(row) for _, row in joined.iterrows()],
        rate_per_hour=joined["rate_per_hour"].round().astype("Int64"),
    )
    columns = _GROUP_COLUMNS if (grown["snapshots"] > 1).any() else _ONE_MOMENT
    return named[list(columns)].rename(columns=columns).dropna(axis="columns", how="all")


def _nobody(dataset: Dataset) -> str:
    if len(primary_snapshots(dataset).snapshots) > 1:
        return (
            "No group shows a sign of a leak: none arrives without leaving, outnumbers its siblings or keeps growing."
        )
    return (
        "One dump shows no sign of a leak. Take another some minutes later: goroutines that stay tell themselves apart."
    )


def _explained(found: pd.DataFrame) -> tuple[str, ...]:
    known = [f"{row['count']:,} {name_of(row)} ({row['pattern']})" for _, row in found.head(_SHOWN_OTHERS).iterrows()]
    return (f"Known, and no more than expected: {listed(known)}.",) if known else ()


def _biggest(grown: pd.DataFrame) -> tuple[str, ...]:
    if not len(grown):
        return ()
    row = grown.sort_values("last", ascending=False, kind="stable").iloc[0]
    return (f"The biggest group is {row['last']:,} {name_of(row)}, {_in_state(row)}; size alone proves nothing.",)


def _suspect_sentences(row: pd.Series, grown: pd.DataFrame) -> tuple[str, ...]:
    own = grown[grown["stack_id"] == row["stack_id"]]
    verdict = row["verdict"]
    head = f"{LEADS[verdict]}: {name_of(row)}{_only_instance(own)}, {_course(row, own)}, {_in_state(row)}."
    advice = STUCK if verdict == "strong" and row["state"] in LOCK_STATES else ADVICE[verdict]
    return (head, *_worst_process(own), advice)


def _only_instance(own: pd.DataFrame) -> str:
    return instance_of(own.iloc[0]) if len(own) == 1 else ""


def _course(row: pd.Series, own: pd.DataFrame) -> str:
    followed = own["snapshots"].max() > 1
    course = f"{own['first'].sum():,} -> {own['last'].sum():,} goroutines" if followed else count_words(row["count"])
    return course if len(own) <= 1 else f"{course} in {len(own)} processes"


def _worst_process(own: pd.DataFrame) -> tuple[str, ...]:
    """Name the process that gained most, where there are several."""
    if len(own) <= 1:
        return ()
    row = own.iloc[0]
    return (f"The most are gained{instance_of(row)}: {row['first']:,} -> {row['last']:,}.",) if row["change"] else ()


def _in_state(row: pd.Series) -> str:
    if pd.isna(row["state"]):
        return "in a state that this form of dump does not tell"
    return f"blocked in {row['state']}" if row["state"] in BLOCKED_STATES else f"in state {row['state']}"


def _other_suspects(found: pd.DataFrame, first: pd.Series) -> tuple[str, ...]:
    rest = found[(found["rank"] > first["rank"]) & (found["verdict"] != "explained")]
    others = [
        f"{name_of(row)} at {place_of(row)} ({row['verdict']}, {row['count']:,})"
        for _, row in rest.head(_SHOWN_OTHERS).iterrows()
    ]
    more = len(rest) - len(others)
    if not others:
        return ()
    return (f"Look also at {listed([*others, *([f'{more:,} more of the suspects'] if more else [])])}.",)


def _not_fooled(grown: pd.DataFrame, found: pd.DataFrame, suspect: pd.Series) -> tuple[str, ...]:
    """Name the biggest group in the same state that is no suspect: counting states alone would blame it too."""
    suspected = found.loc[found["verdict"] != "explained", "signature"].astype("str")
    calm = grown[(grown["state"] == suspect["state"]) & ~grown["signature"].astype("str").isin(suspected)]
    if not len(calm) or pd.isna(suspect["state"]):
        return ()
    row = calm.sort_values("last", ascending=False, kind="stable").iloc[0]
    if row["last"] <= 1:
        return ()
    where = instance_of(row)
    return (f"Not this: {row['last']:,} {name_of(row)}{where} are in {row['state']} too, but {_calm(row)}.",)


def _calm(row: pd.Series) -> str:
    if pd.isna(row["arrivals"]):
        return "nothing in this dump speaks against them"
    if row["arrivals"] == 0 and row["exits"] == 0:
        return "none of them arrived or left meanwhile: they wait for work, as they should"
    return "they do not pile up"
