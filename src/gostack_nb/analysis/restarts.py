"""Dataset -> table: where one process ended and another took its name."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.snapshots import countable_snapshots, in_order, minutes_since_first
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of

GOID_BATCH = 16
"""Ids are handed to a processor 16 at a time (runtime/proc.go, _GoidCacheBatch), so that in a living process a few
new goroutines may have a lower id than the highest so far; more than a batch of them means that counting began anew."""

LOW_IDS = 10_000
"""How many of the lowest ids of two snapshots are compared: a new process counts from 1 again."""

CLOCK_SLACK_MINUTES = 1
"""A wait must exceed the time between two dumps by this much to prove that the process is older than the first."""

IDENTITY = ("snapshot_id", "goroutine_id", "created_by", "creator_id", "wait_minutes")
"""The columns of `goroutines` that tell a restart."""


@dataclass(frozen=True, slots=True)
class Census:
    """Who was alive in one snapshot: ids, creators of the lowest ids, and the longest wait in minutes (-1: none)."""

    ids: Ints
    creators: pd.DataFrame
    longest_wait: int

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Self:
        """Take the census of one snapshot's goroutines."""
        ids = rows["goroutine_id"].to_numpy(dtype=np.int64, na_value=-1)
        known = ids if ids.min(initial=0) >= 0 else ids[ids >= 0]
        bound = np.partition(known, LOW_IDS)[LOW_IDS] if len(known) > LOW_IDS else np.inf
        lowest = np.flatnonzero((ids >= 0) & (ids < bound))
        creators = rows[["goroutine_id", "created_by", "creator_id"]].iloc[lowest]
        waits = rows["wait_minutes"].to_numpy(dtype=np.int64, na_value=-1)
        return cls(known, creators, int(waits.max(initial=-1)))


@checked
def restarts(dataset: Dataset) -> pd.DataFrame:
    r"""Find the snapshots that show another process than the one before, under the same service and instance.

    Two things prove it: an id that was started by someone else than before (ids are never used twice,
    runtime/proc.go), or a highest id that fell while more new ids appeared below it than a living process has left.
    A highest id that falls alone does not: a burst of goroutines may have ended. Dumps without ids show no restart.

    Parameters
    ----------
    dataset : Dataset
        Of each moment one snapshot is looked at, as `countable_snapshots` chooses.

    Returns
    -------
    DataFrame
        One row per restart: `service`, `instance`, `snapshot_id` (the first of the new process),
        `captured_at`, `previous_snapshot_id` (the last of the old one) and `reason` (str, a sentence).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> len(gs.restarts(dataset))
    0
    >>> dump = "goroutine 5 [select]:\nmain.b()\n\t/a.go:9 +0x1d\ncreated by main.{} in goroutine 1\n\t/a.go:3 +0x1d\n"
    >>> both = [dump.format(name).encode() for name in ("old", "new")]
    >>> gs.restarts(gs.read(both))["reason"].tolist()
    ['1 ids belong to goroutines with another creator']
    """
    snapshots = with_runs(dataset, in_order(countable_snapshots(dataset).snapshots))
    found = snapshots[snapshots["reason"].notna()]
    columns = ["service", "instance", "snapshot_id", "captured_at", "previous_snapshot_id", "reason"]
    return found[columns].reset_index(drop=True)


def with_runs(dataset: Dataset, snapshots: pd.DataFrame) -> pd.DataFrame:
    """Add to snapshots in order: `run` (int64, counts up at a restart), `reason`, `previous_snapshot_id`."""
    frame = goroutines_of(dataset, *IDENTITY)
    ids, processes = snapshots["snapshot_id"].tolist(), snapshots["process"].tolist()
    minutes = minutes_since_first(snapshots["captured_at"])
    seen: dict[int, tuple[int, Census]] = {}
    reasons: list[str | None] = []
    previous: list[str | None] = []
    for place, rows in enumerate(rows_by_snapshot(frame[list(IDENTITY)], snapshots["snapshot_id"])):
        census = Census.of(rows)
        last, earlier = seen.get(processes[place], (place, census))
        reason = restart_reason(earlier, census, minutes[place] - minutes[last])
        reasons.append(reason)
        previous.append(ids[last] if reason else None)
        if len(census.ids):
            seen[processes[place]] = (place, census)
    table = snapshots.assign(reason=pd.array(reasons, dtype="str"), previous_snapshot_id=pd.Categorical(previous))
    return table.assign(run=table["reason"].notna().groupby(table["process"]).cumsum())


def restart_reason(earlier: Census, later: Census, minutes: float) -> str | None:
    """Say why two censuses, `minutes` apart, cannot be of the same process; None if they can."""
    if not len(earlier.ids) or not len(later.ids):
        return None
    both = earlier.creators.merge(later.creators, on="goroutine_id", suffixes=("", "_later"))
    changed = _differs(both, "created_by") | _differs(both, "creator_id")
    if changed.any():
        return f"{int(changed.sum())} ids belong to goroutines with another creator"
    if later.ids.max() >= earlier.ids.max():
        return None
    if later.longest_wait > minutes + CLOCK_SLACK_MINUTES:
        return None
    newcomers = len(np.setdiff1d(later.ids, earlier.ids))
    if newcomers <= GOID_BATCH:
        return None
    return f"the highest id fell from {earlier.ids.max()} to {later.ids.max()} while {newcomers} new ids appeared"


def rows_by_snapshot(frame: pd.DataFrame, snapshot_ids: pd.Series) -> list[pd.DataFrame]:
    """Return the rows of each snapshot; views of the table where they stand together, as `read` leaves them."""
    codes = frame["snapshot_id"].cat.codes.to_numpy()
    if not (codes[1:] >= codes[:-1]).all():
        order = np.argsort(codes, kind="stable")
        frame, codes = frame.iloc[order], codes[order]
    wanted = frame["snapshot_id"].cat.categories.get_indexer(pd.Index(snapshot_ids.tolist(), dtype="str"))
    starts = np.searchsorted(codes, wanted, side="left")
    ends = np.where(wanted >= 0, np.searchsorted(codes, wanted, side="right"), starts)
    return [frame.iloc[start:end] for start, end in zip(starts, ends, strict=True)]


def _differs(both: pd.DataFrame, name: str) -> pd.Series:
    """Tell where a value is known on both sides and not the same."""
    before, after = both[name], both[f"{name}_later"]
    if before.dtype != after.dtype:  # the categories of two tables
        before, after = before.astype("str"), after.astype("str")
    return (before.notna() & after.notna() & (before != after)).fillna(value=False).astype(bool)
