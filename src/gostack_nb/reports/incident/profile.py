"""What Go's own leak profile says."""

import pandas as pd

from gostack_nb.analysis.grouping import group
from gostack_nb.analysis.snapshots import only
from gostack_nb.analysis.suspects.marks import LEAK_FORMS
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.incident.suspect import name_of


@checked
def leak_profile(dataset: Dataset) -> Answer:
    """Say what Go's own leak profile marks, if it was captured.

    Returns
    -------
    Answer
        Its table counts the marked goroutines by function and line.

    Examples
    --------
    >>> gs.incident.leak_profile(dataset).sentences[0]
    "Go's own leak profile marks 125 goroutines as leaked, all of them in main.(*session).ackLoop."
    """
    snapshots = dataset.snapshots
    profiles = snapshots[snapshots["form"].isin(LEAK_FORMS)]
    marked = dataset.goroutines[dataset.goroutines["leaked"].fillna(value=False).to_numpy(dtype=bool)]
    if not len(profiles) and not len(marked):
        return Answer(
            (
                "No leak profile was captured.",
                (
                    "Go 1.27 has one at /debug/pprof/goroutineleak (Go 1.26 with "
                    "GOEXPERIMENT=goroutineleakprofile): take it last, "
                    "because it erases wait minutes."
                ),
            )
        )
    if not len(marked):
        return Answer(
            (
                "Go's leak profile was captured and marks 0 goroutines.",
                (
                    "It sees only what the garbage collector can prove: goroutines on channels that something "
                    "still refers to "
                    "may leak all the same."
                ),
            )
        )
    newest = only(dataset, _newest(snapshots[snapshots["snapshot_id"].isin(marked["snapshot_id"].unique())]))
    groups = group(newest, by=("signature", "created_by"))
    groups = groups[groups["leaked"].fillna(0) > 0].sort_values("leaked", ascending=False, kind="stable")
    return Answer(
        _marked_sentences(groups), groups[["leaked", "count", "user_function", "user_location", "created_by"]]
    )


def _newest(snapshots: pd.DataFrame) -> str:
    """Return the newest snapshot with marks; those of an ordinary dump are older than a profile of the same moment."""
    order = snapshots.assign(asked=snapshots["form"].isin(LEAK_FORMS))
    order = order.sort_values(["captured_at", "asked"], kind="stable", na_position="first")
    return str(order["snapshot_id"].iloc[-1])


def _marked_sentences(groups: pd.DataFrame) -> tuple[str, ...]:
    total = int(groups["leaked"].sum())
    top = groups.iloc[0]
    share = "all" if top["leaked"] == total else f"{top['leaked']:,}"
    return (
        f"Go's own leak profile marks {count_words(total, 'goroutine')} as leaked, {share} of them in {name_of(top)}.",
        "The garbage collector has proved that nothing alive can wake them.",
    )
