"""What the suspects wait for, and since when."""

from collections.abc import Iterable

import pandas as pd

from gostack_nb.analysis.grouping import group
from gostack_nb.analysis.snapshots import latest, only, primary_snapshots
from gostack_nb.model.dataset import Dataset
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.incident.suspect import suspect_of


def waiting_on(dataset: Dataset) -> Answer:
    """Say in which state the suspects are, and how long they have been in it.

    Returns
    -------
    Answer
        Its table has the suspects' groups of one snapshot, as `group` gives them: the latest one that still prints wait
        minutes, because a leak profile erases them.
    """
    suspect = suspect_of(dataset)
    if suspect is None:
        return Answer(("There is no suspect to look at.",))
    looked_at = _before_leak_profile(dataset)
    groups = group(looked_at, by=("signature", "state", "created_by"))
    own = groups[groups["signature"] == suspect["signature"]]
    columns = ["state", "count", "wait_known", "wait_min", "wait_median", "wait_max", "top_function", "top_location"]
    return Answer(_waiting_sentences(own), own[columns])


def _waiting_sentences(groups: pd.DataFrame) -> tuple[str, ...]:
    if not len(groups) or groups["state"].isna().all():
        return ("This form of dump does not tell what goroutines wait for: take debug=2.",)
    main = groups.iloc[0]
    count, known = int(main["count"]), int(main["wait_known"])
    sentences = [
        f"{count:,} of them are blocked in {main['state']}, at {main['top_function']} ({main['top_location']})."
    ]
    if known:
        age = f"{main['wait_min']} to {main['wait_max']} minutes" if known > 1 else f"{main['wait_max']} minutes"
        sentences.append(f"{known:,} print how long: {age}, half of them {main['wait_median']:.0f} or more.")
    if known < count:
        sentences.append(
            f"{count - known:,} print no wait: under a minute, or no garbage collection has seen them waiting yet. "
            "That is unknown, not zero."
        )
    return tuple(sentences)


def _before_leak_profile(dataset: Dataset) -> Dataset:
    """Keep the latest snapshot in which no goroutine is marked: marked ones print no wait."""
    primary = primary_snapshots(dataset)
    marked = primary.goroutines[primary.goroutines["leaked"].fillna(value=False).to_numpy(dtype=bool)]
    clean = _unmarked(primary.snapshots["snapshot_id"], marked["snapshot_id"].unique())
    return only(primary, clean[-1]) if clean else latest(dataset)


def _unmarked(names: Iterable[str], marked: Iterable[str]) -> list[str]:
    known = set(marked)
    return [str(name) for name in names if name not in known]
