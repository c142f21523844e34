"""Step of drawing: which snapshots a chart shows, in rows and in words."""

from dataclasses import dataclass

import pandas as pd

from gostack_nb.analysis.snapshots import latest, process_numbers
from gostack_nb.model.dataset import Dataset, goroutines_of

ALL_TOGETHER = "latest"


@dataclass(frozen=True, slots=True)
class Moment:
    """The goroutines that a chart of one moment shows, under one snapshot_id, and what to call the moment."""

    goroutines: pd.DataFrame
    when: str

    @property
    def headline(self) -> str:
        """Say how many goroutines, and when."""
        return " ".join(filter(None, [count_words(len(self.goroutines)), self.when]))


def latest_moment(source: Dataset | pd.DataFrame) -> Moment:
    """Take the latest snapshot of each process of a dataset, added up, or the last snapshot of a table."""
    if isinstance(source, Dataset):
        kept = latest(source)
        return Moment(_as_one(goroutines_of(kept, "snapshot_id")), _when(kept.snapshots))
    snapshot = goroutines_of(source, "snapshot_id")["snapshot_id"].astype("category")
    return Moment(_as_one(source[snapshot.cat.codes == snapshot.cat.codes.max()]), "")


def count_words(count: int, what: str = "goroutine") -> str:
    """Say a number with its noun.

    >>> count_words(1), count_words(1288)
    ('1 goroutine', '1,288 goroutines')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def share_words(count: int, total: int) -> str:
    """Say a number with its share.

    >>> share_words(154, 288), share_words(1, 288)
    ('154 (53 %)', '1 (<1 %)')
    """
    share = count / total
    return f"{count:,} (<1 %)" if share < 0.005 else f"{count:,} ({share * 100:.0f} %)"


def clock(time: pd.Timestamp) -> str:
    """Write a time of day as UTC."""
    return f"{time:%H:%M} UTC"


def _as_one(goroutines: pd.DataFrame) -> pd.DataFrame:
    ids = pd.Categorical([ALL_TOGETHER] * len(goroutines), categories=[ALL_TOGETHER])
    return goroutines.assign(snapshot_id=ids)


def _when(snapshots: pd.DataFrame) -> str:
    times = snapshots["captured_at"].dropna()
    processes = process_numbers(snapshots).nunique()
    where = f"in {processes} processes " if processes > 1 else ""
    if times.empty:
        return f"{where}(time not known)"
    earliest, last = times.min(), times.max()
    if clock(earliest) == clock(last) and earliest.date() == last.date():
        return f"{where}at {last:%Y-%m-%d %H:%M} UTC"
    until = clock(last) if earliest.date() == last.date() else f"{last:%Y-%m-%d %H:%M} UTC"
    return f"{where}from {earliest:%Y-%m-%d %H:%M} to {until}"
