"""What there is to look at: dumps, their forms, what could not be read."""

import pandas as pd

from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.words import clock, listed

_SHOWN_ISSUES = 3


@checked
def what_was_captured(dataset: Dataset) -> Answer:
    """Say which dumps were read, over which time, and what could not be read.

    Parameters
    ----------
    dataset : Dataset
        As `read` returns it.

    Returns
    -------
    Answer
        Its table has one row per form of dump: how many, from when to when, goroutines in the first and the last.

    Examples
    --------
    >>> gs.incident.what_was_captured(dataset).sentences[0]
    '40 dumps of go1.27.3, 2026-11-23 08:53:43 to 08:59:14 UTC.'
    """
    snapshots = dataset.snapshots
    forms = snapshots.groupby("form", observed=True, sort=False)
    table = pd.DataFrame(
        {
            "dumps": forms.size(),
            "from (UTC)": _clock(forms["captured_at"].min()),
            "to (UTC)": _clock(forms["captured_at"].max()),
            "first": forms["goroutine_count"].first(),
            "last": forms["goroutine_count"].last(),
        }
    ).reset_index()
    return Answer((_dumps(snapshots), *_cut(snapshots), *_unread(dataset.issues)), table)


def _clock(times: pd.Series) -> pd.Series:
    words: pd.Series = times.dt.strftime("%Y-%m-%d %H:%M:%S")
    return words


def _dumps(snapshots: pd.DataFrame) -> str:
    versions = listed(sorted(snapshots["go_version"].dropna().astype(str).unique()))
    times = snapshots["captured_at"].dropna()
    of = f" of {versions}" if versions else ""
    when = f", {clock(times.min(), times.max())}" if len(times) else ", at an unknown time"
    undated = len(snapshots) - len(times)
    rest = f"; when {undated:,} of them were taken is not known" if undated and len(times) else ""
    return f"{count_words(len(snapshots), 'dump')}{of}{when}{rest}."


def _cut(snapshots: pd.DataFrame) -> tuple[str, ...]:
    cut = int(snapshots["truncated"].fillna(value=False).sum())
    return (f"{count_words(cut, 'dump')} cut short: counts are too low there.",) if cut else ()


def _times(count: int) -> str:
    return f" ({count:,} times)" if count > 1 else ""


def _unread(issues: pd.DataFrame) -> tuple[str, ...]:
    if not len(issues):
        return ("All of it was read.",)
    kinds = issues.groupby(["source", "reason"], observed=True, sort=False).size().reset_index(name="times")
    shown = kinds.head(_SHOWN_ISSUES)
    named = [
        f"{row['source']}: {row['reason'].removesuffix('.')}{_times(row['times'])}." for row in shown.to_dict("records")
    ]
    more = len(issues) - int(shown["times"].sum())
    rest = [f"And {more:,} more, see dataset.issues."] if more else []
    return (f"Not read: {count_words(len(issues), 'thing')}.", *named, *rest)
